"""The whole check of a GGUF, as a generator of events: structure and types, hashes, rows, behaviour, verdict."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from converter import adapter, plan
from converter import certificate as certificates
from converter.certificate import Behaviour, Certificate, CheckReport
from converter.checkpoint import Checkpoint
from converter.errors import JsonBroken, SourceUnreadable, TargetUnwritable
from converter.events import Checked, ConversionProgress, Event, Stage, Stopped
from converter.pace import Pace
from converter.proof import adapters, hashes, rows, structure
from converter.proof import behaviour as behaviours
from converter.proof.forward import StopAsked
from converter.proof.header import Header, parse, read
from converter.proof.rows import Compared
from converter.proof.verdict import Finding, judge
from converter.stopping import Stop, never

MOST_FINDINGS = 10
"""Of one kind in a report."""

_ANOTHER_MODEL = frozenset({Finding.TENSOR_MISSING, Finding.TENSOR_UNEXPECTED, Finding.TENSOR_SHAPE})


def check(
    target: Path,
    *,
    against: Path | None = None,
    base: Path | None = None,
    stop: Stop = never,
    tokens: int = behaviours.TOKENS,
) -> Iterator[Event]:
    """Check a GGUF: progress, then ``Checked``, or ``Stopped`` when ``stop`` said so.

    ``against``: the folder of the checkpoint, or of the adapter, it was made from; without it there is no comparison of
    rows and behaviour. ``base``: the folder of an adapter's base model, where no config.json lies beside the adapter.
    ``tokens``: how much of the text the behaviour is compared on.
    The certificate beside the file, where there is one, is compared and given the result. Raises GgufBroken for what is
    no sound GGUF, SourceError for a checkpoint that cannot be read, QuantizerMissing.
    """
    try:
        yield from _Check(target, against, base, stop, tokens).events()
    except StopAsked:
        yield Stopped(target, 0, 0)


class _Check:
    """One run. Collects findings as it goes."""

    def __init__(self, target: Path, against: Path | None, base: Path | None, stop: Stop, tokens: int) -> None:
        self._target = target
        self._against = against
        self._base = base
        self._stop = stop
        self._tokens = tokens
        self._findings: list[tuple[str, str]] = []
        self._rows = [0, 0]
        self._behaviour: Behaviour | None = None

    def events(self) -> Iterator[Event]:
        header = read(self._target)
        certificate = self._certificate()
        self._findings += structure.by_itself(header)
        if self._against is not None:
            yield from self._source(header, self._against)
        if certificate is not None:
            self._note(structure.against_certificate(header, certificate))
            yield from self._hashes(certificate)
        report = self._report(structure.is_adapter(header), certificate is not None)
        yield Checked(self._kept(report, certificate))

    def _certificate(self) -> Certificate | None:
        path = certificates.beside(self._target)
        if not path.exists():
            return None
        try:
            return certificates.read(path)
        except (JsonBroken, SourceUnreadable) as error:
            self._findings.append((Finding.CERTIFICATE_BROKEN, error.detail))
            return None

    def _source(self, header: Header, source: Path) -> Iterator[Event]:
        if structure.is_adapter(header) and adapter.is_adapter(source):
            yield from self._adapter(header, source)
            return
        with Checkpoint.open(source) as checkpoint:
            yield from self._model(header, checkpoint)

    def _adapter(self, header: Header, source: Path) -> Iterator[Event]:
        pace, done, total = Pace(Stage.STRUCTURE), 0, len(header.tensors)
        for event in adapters.compare(header, source, base=self._base, stop=self._stop):
            if not isinstance(event, Compared):
                self._findings.append(event)
                continue
            self._add(event)
            done += 1
            if done == total or pace.is_due():
                yield self._progress(pace, header, event.name, done, total)

    def _model(self, header: Header, checkpoint: Checkpoint) -> Iterator[Event]:
        kind = structure.file_type(header)
        if kind is not None:
            asked = plan.make(
                checkpoint.folder, checkpoint.config, checkpoint.architecture, checkpoint.expected, kind=kind
            )
            expected = parse(self._target, asked.layout.header, file_size=asked.layout.size)
            self._note(structure.against_source(header, expected))
        yield from self._compare_rows(header, checkpoint, kind is not None and kind.name == "F16")
        if _ANOTHER_MODEL.isdisjoint(code for code, _ in self._findings):
            yield from self._compare_behaviour(header, checkpoint, kind.name if kind else "")

    def _compare_rows(self, header: Header, checkpoint: Checkpoint, keeps_halves: bool) -> Iterator[Event]:
        pace, total = Pace(Stage.STRUCTURE), len(header.tensors)
        for done, compared in enumerate(rows.compare(header, checkpoint, keeps_halves=keeps_halves), start=1):
            if self._stop():
                raise StopAsked
            self._add(compared)
            if done == total or pace.is_due():
                yield self._progress(pace, header, compared.name, done, total)

    def _add(self, compared: Compared) -> None:
        self._rows[0] += compared.rows
        self._rows[1] += compared.equal
        if compared.finding is not None:
            self._findings.append((compared.finding, compared.name))

    def _progress(self, pace: Pace, header: Header, name: str, done: int, total: int) -> ConversionProgress:
        size = header.file_size
        return pace.event(name, done=done, total=total, bytes_done=size * done // total, bytes_total=size)

    def _compare_behaviour(self, header: Header, checkpoint: Checkpoint, kind: str) -> Iterator[Event]:
        pace, before = Pace(Stage.MODEL_PASS), 0
        right = all(code != Finding.ROWS_DIFFER for code, _ in self._findings)
        steps = behaviours.compare(header, checkpoint, kind=kind, right=right, stop=self._stop, tokens=self._tokens)
        for step in steps:
            if isinstance(step, behaviours.Outcome):
                self._findings += step.findings
                self._behaviour = step.behaviour
                return
            if step.done < before:
                pace = Pace(step.stage)
            before = step.done
            if step.done == step.total or pace.is_due():
                yield pace.event(
                    "", done=step.done, total=step.total, bytes_done=step.bytes_done, bytes_total=step.bytes_total
                )

    def _hashes(self, certificate: Certificate) -> Iterator[ConversionProgress]:
        for event in hashes.compare(self._target, certificate, self._against, stop=self._stop):
            if isinstance(event, ConversionProgress):
                yield event
            else:
                self._findings.append(event)

    def _note(self, findings: structure.Findings) -> None:
        """Add findings that are not there yet: certificate and source may say the same."""
        known = set(self._findings)
        self._findings += [finding for finding in findings if finding not in known]

    def _report(self, is_adapter: bool, has_certificate: bool) -> CheckReport:
        codes = {code for code, _ in self._findings}
        return CheckReport(
            verdict=judge(self._findings),
            structure=codes.isdisjoint(_STRUCTURE),
            hashes=codes.isdisjoint(_HASHES) if has_certificate else None,
            types=None if is_adapter else codes.isdisjoint(_TYPES),
            rows_compared=self._rows[0],
            rows_equal=self._rows[1],
            behaviour=self._behaviour,
            findings=structure.shortened(self._findings, most=MOST_FINDINGS),
            when=datetime.now(UTC).isoformat(timespec="seconds"),
        )

    def _kept(self, report: CheckReport, certificate: Certificate | None) -> CheckReport:
        """Put the report into the certificate; where that fails, the report says so."""
        if certificate is None:
            return report
        try:
            certificates.write(certificates.beside(self._target), replace(certificate, check=report))
        except TargetUnwritable as error:
            finding = (Finding.CERTIFICATE_NOT_WRITTEN, error.detail)
            return replace(report, findings=(*report.findings, finding))
        return report


_HASHES = frozenset({Finding.FILE_HASH, Finding.SOURCE_HASH, Finding.SOURCE_MISSING})
_TYPES = frozenset({Finding.FILE_TYPE, Finding.TENSOR_TYPE})
_STRUCTURE = _ANOTHER_MODEL | {
    Finding.TRAILING_BYTES,
    Finding.KEY_MISSING,
    Finding.KEY_DIFFERS,
    Finding.KEY_UNEXPECTED,
    Finding.VOCABULARY_LARGER,
}

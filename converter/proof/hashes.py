"""SHA-256 of a GGUF and of the files it was made from, against what the certificate says."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from converter.certificate import Certificate
from converter.errors import GgufBroken, SourceUnreadable
from converter.events import ConversionProgress, Stage
from converter.pace import Pace
from converter.proof.forward import StopAsked
from converter.proof.verdict import Finding
from converter.stopping import Stop

PIECE = 4 << 20
"""Bytes between looks at ``stop``."""


@dataclass(frozen=True, slots=True)
class _Job:
    path: Path
    name: str
    expected: str
    finding: Finding


def compare(
    target: Path, certificate: Certificate, source: Path | None, *, stop: Stop
) -> Iterator[ConversionProgress | tuple[str, str]]:
    """Yield progress and findings. Raises StopAsked, GgufBroken, SourceUnreadable."""
    jobs = [_Job(target, target.name, certificate.sha256, Finding.FILE_HASH)]
    if source is not None:
        for file in certificate.source_files:
            path = _inside(source, file.name)
            if path is None or not path.is_file():
                yield Finding.SOURCE_MISSING, file.name
            elif path.stat().st_size != file.size:
                yield Finding.SOURCE_HASH, file.name
            else:
                jobs.append(_Job(path, file.name, file.sha256, Finding.SOURCE_HASH))
    total, done = sum(job.path.stat().st_size for job in jobs), 0
    pace = Pace(Stage.HASHING)
    for number, job in enumerate(jobs, start=1):
        digest = hashlib.sha256()
        for piece in _pieces(job):
            if stop():
                raise StopAsked
            digest.update(piece)
            done += len(piece)
            if pace.is_due():
                yield pace.event(job.name, done=number - 1, total=len(jobs), bytes_done=done, bytes_total=total)
        if digest.hexdigest() != job.expected:
            yield job.finding, job.name
        yield pace.event(job.name, done=number, total=len(jobs), bytes_done=done, bytes_total=total)


def _inside(folder: Path, name: str) -> Path | None:
    """The file of that name in the folder; None for a name that leads out of it, which no certificate of ours has."""
    path = folder / name
    return path if path.parent == folder and name not in ("", ".", "..") else None


def _pieces(job: _Job) -> Iterator[bytes]:
    try:
        with job.path.open("rb", buffering=0) as file:
            while piece := file.read(PIECE):
                yield piece
    except OSError as error:
        reason = error.strerror or "cannot be read"
        if job.finding is Finding.FILE_HASH:
            raise GgufBroken(job.path, reason) from error
        raise SourceUnreadable(job.path, reason) from error

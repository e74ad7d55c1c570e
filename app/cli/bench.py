"""``offlite bench``: how fast a model is on this computer, and what of the wait for the first word is saved."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from app import language_models
from app.cli import arguments, bases
from app.cli.interruption import INTERRUPTED, stopping
from app.cli.progress import ProgressLine
from app.cli.terminal import Terminal, flat
from app.errors import ModelNeeded, PictureNotSvg, PictureUnwritable
from app.wording import Wording

if TYPE_CHECKING:
    from app.bench.report import Quantization, Report, Wait, Way
    from app.language_models import Chosen

COMPARATOR = "OFFLITE_BENCH_COMPARATOR"
"""Names the program that our speed is held against (``app.bench.comparator``); without it nothing is."""

NAMES = 24
"""Columns for the names of figures."""


def add_to(subparsers: arguments.Subparsers, wording: Wording) -> None:
    """Describe the command."""
    parser = arguments.command(subparsers, "bench", wording, key="bench")
    parser.add_argument("--model", metavar=wording.say("metavar.model"), help=wording.say("help.option.model"))
    parser.add_argument("--question", metavar=wording.say("metavar.question"), help=wording.say("help.bench.question"))
    parser.add_argument("--scene-cache", action="store_true", help=wording.say("help.bench.scene_cache"))
    parser.add_argument("--picture", type=Path, metavar="FILE.svg", help=wording.say("help.bench.picture"))
    arguments.add_base(parser, wording)
    arguments.add_json(parser, wording)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, terminal: Terminal) -> int:
    """Measure, write the table, draw the picture; return 0, or 130 after Ctrl+C."""
    picture = options.picture.expanduser() if options.picture else None
    if picture is not None and picture.suffix.lower() != ".svg":
        raise PictureNotSvg(picture)
    chosen = language_models.choose(options.model)
    if chosen is None:
        raise ModelNeeded(terminal.say("bench.task"))
    report = _measured(options, terminal, chosen)
    if report is None:
        terminal.note(terminal.say("bench.stopped"))
        return INTERRUPTED
    if options.json:
        terminal.json(to_json(report))
    else:
        _show(terminal, report)
    if picture is not None:
        _draw(terminal, report, picture)
    return 0


def _measured(options: argparse.Namespace, terminal: Terminal, chosen: Chosen) -> Report | None:
    from app.bench import waiting
    from app.bench.report import Measured
    from app.bench.run import measure

    comparator = os.environ.get(COMPARATOR)
    choice = bases.readable(options, terminal)
    with (
        bases.opened(options, terminal, choice) as base,
        stopping(lambda: terminal.note(terminal.say("stopping"))) as stop,
        ProgressLine(terminal) as progress,
    ):
        for event in measure(
            chosen,
            base=base,
            question=options.question or waiting.question_for(base),
            scene_cache=options.scene_cache,
            comparator=Path(comparator).absolute() if comparator else None,
            stop=stop,
        ):
            if isinstance(event, Measured):
                return event.report
            done = "" if event.done is None else f" · {terminal.wording.percent(event.done)}"
            progress.show(terminal.say(f"bench.stage.{event.stage.value}", name=flat(event.name)) + done)
    return None


def _show(terminal: Terminal, report: Report) -> None:
    say = terminal.say
    terminal.line(terminal.bold(say("bench.title", model=flat(report.model), type=report.file_type)))
    for name, shown in _figures(report, terminal.wording):
        terminal.line(f"  {name:{NAMES}}{shown}")
    terminal.line()
    if not report.waits:
        terminal.line(terminal.wrap(say("bench.no_passages", question=flat(report.question))))
    else:
        terminal.line(terminal.bold(say("bench.waits", question=flat(report.question))))
        _show_waits(terminal, report)
    if report.shift is not None:
        shift = report.shift
        facts = {"mean": f"{shift.mean_kl:.2g}", "highest": f"{shift.highest_kl:.2g}"}
        same = round(shift.same * shift.positions)
        terminal.line(terminal.wrap(say("bench.shift", **facts, same=same, positions=shift.positions)))
    if report.quantizations:
        terminal.line()
        terminal.line(terminal.bold(say("bench.quantizations")))
        for one in report.quantizations:
            terminal.line("  " + _quantization(one, terminal.wording))
        terminal.line(say("bench.recommended", name=flat(report.recommended or "")))


def _figures(report: Report, wording: Wording) -> Iterator[tuple[str, str]]:
    """Yield the names of figures and what is written behind them."""
    say, pace, speeds = wording.say, report.pace, report.speeds
    yield say("bench.weights"), wording.size(report.facts.weights_bytes)
    yield say("bench.memory"), wording.size(report.resident_bytes)
    first = say("bench.load_first", time=wording.duration(report.first_load_seconds))
    yield say("bench.load"), f"{wording.duration(report.load_seconds)} ({first})"
    key = "bench.threads_of" if report.remembered else "bench.threads_lost"
    yield say("bench.threads"), say(key, threads=speeds.threads, reading=speeds.reading_threads)
    ratio = wording.decimal(report.prefill_operations / report.machine.peak, digits=2)
    parts = [say("bench.rate", number=wording.decimal(pace.prefill)), say("bench.of_peak", ratio=ratio)]
    yield say("bench.prefill"), ", ".join(parts + _against_c(pace.prefill_vs_c, wording))
    if pace.decode is not None and report.decode_bandwidth is not None:
        share = wording.percent(report.decode_bandwidth / report.machine.bandwidth)
        parts = [say("bench.rate", number=wording.decimal(pace.decode)), say("bench.of_bandwidth", share=share)]
        yield say("bench.decode"), ", ".join(parts + _against_c(pace.decode_vs_c, wording))
    yield say("bench.pipe"), wording.percent(max(0.0, pace.overhead))
    bandwidth, peak = (wording.decimal(value) for value in (report.machine.bandwidth, report.machine.peak))
    yield say("bench.machine"), say("bench.machine_of", bandwidth=bandwidth, peak=peak)


def _against_c(ratio: float | None, wording: Wording) -> list[str]:
    return [] if ratio is None else [wording.say("bench.vs_c", ratio=wording.decimal(ratio, digits=2))]


def _show_waits(terminal: Terminal, report: Report) -> None:
    wording = terminal.wording
    width = max(len(terminal.say(f"bench.way.{way.value}")) for way in report.waits)
    for way, wait in report.waits.items():
        tokens = terminal.say(
            "bench.wait_of", prompt=wording.count("token", wait.prompt_tokens), reused=wait.reused_tokens
        )
        ratio = _ratio(report, wait)
        shown = "" if ratio is None else terminal.say("bench.wait_ratio", ratio=wording.decimal(ratio, digits=3))
        name = terminal.say(f"bench.way.{way.value}")
        terminal.line(f"  {name:{width}}  {_seconds(wait, wording):>9}  {shown:>8}  {terminal.dim(tokens)}")


def _ratio(report: Report, wait: Wait) -> float | None:
    """Return the share of the naive wait, which there is none of where the passages are longer than the context."""
    from app.bench.report import Way

    naive = report.waits.get(Way.NAIVE)
    return wait.seconds / naive.seconds if naive else None


def _seconds(wait: Wait, wording: Wording) -> str:
    return wording.say("bench.seconds", number=wording.decimal(wait.seconds, digits=2))


def _quantization(one: Quantization, wording: Wording) -> str:
    parts = [
        wording.say(
            "bench.quantization_of",
            type=one.file_type,
            size=wording.size(one.weights_bytes),
            prefill=wording.decimal(one.speeds.prefill_tokens_per_second),
            decode=wording.decimal(one.speeds.decode_tokens_per_second),
        )
    ]
    if one.perplexity is not None:
        parts.append(wording.say("bench.perplexity", perplexity=wording.decimal(one.perplexity, digits=2)))
    if one.mean_kl is not None:
        parts.append(wording.say("bench.kl", kl=f"{one.mean_kl:.2g}"))
    if not one.fits:
        parts.append(wording.say("bench.too_large"))
    return ", ".join(parts)


def _draw(terminal: Terminal, report: Report, path: Path) -> None:
    from app.bench.picture import Bar, Group, svg
    from app.bench.report import Way

    wording, say = terminal.wording, terminal.say
    waits = [
        Bar(say(f"bench.way.{way.value}"), wait.seconds, _seconds(wait, wording), strong=way is not Way.NAIVE)
        for way, wait in report.waits.items()
    ]
    groups = [Group(say("bench.picture_waits"), waits)] if waits else []
    done, most = report.prefill_operations, report.machine.peak
    bars = [
        Bar(say("bench.prefill"), done, say("bench.gigaflops", number=round(done)), strong=True),
        Bar(say("bench.product"), most, say("bench.gigaflops", number=round(most))),
    ]
    groups.append(Group(say("bench.picture_prefill"), bars))
    if report.decode_bandwidth is not None:
        done, most = report.decode_bandwidth, report.machine.bandwidth
        bars = [
            Bar(say("bench.decode"), done, say("bench.gigabytes", number=wording.decimal(done)), strong=True),
            Bar(say("bench.reading_memory"), most, say("bench.gigabytes", number=wording.decimal(most))),
        ]
        groups.append(Group(say("bench.picture_decode"), bars))
    title = say("bench.title", model=flat(report.model), type=report.file_type)
    bandwidth, peak = (wording.decimal(value) for value in (report.machine.bandwidth, report.machine.peak))
    drawn = svg(title, say("bench.machine_of", bandwidth=bandwidth, peak=peak), groups)
    try:
        path.write_text(drawn, encoding="utf-8")
    except OSError as error:
        raise PictureUnwritable(path, error.strerror or type(error).__name__) from error
    terminal.note(say("bench.drawn", path=flat(str(path))))


def to_json(report: Report) -> dict[str, object]:
    """Return a report as the command line prints it: times in ms where the name says so, else seconds; bytes."""
    pace, speeds = report.pace, report.speeds
    return {
        "model": report.model,
        "path": str(report.path),
        "type": report.file_type,
        "weights_bytes": report.facts.weights_bytes,
        "resident_bytes": report.resident_bytes,
        "context": report.facts.context,
        "load_s": report.load_seconds,
        "first_load_s": report.first_load_seconds,
        "threads": speeds.threads,
        "reading_threads": speeds.reading_threads,
        "remembered": report.remembered,
        "prefill_tokens_per_s": pace.prefill,
        "decode_tokens_per_s": pace.decode,
        "prefill_vs_c": pace.prefill_vs_c,
        "decode_vs_c": pace.decode_vs_c,
        "pipe_overhead": pace.overhead,
        "memory_bandwidth_gb_s": report.machine.bandwidth,
        "arithmetic_peak_gflops": report.machine.peak,
        "decode_gb_s": report.decode_bandwidth,
        "prefill_gflops": report.prefill_operations,
        "question": report.question,
        "passages": report.passages,
        "first_word_ms": {way.value: _milliseconds(report, way) for way in _ways()},
        "first_word": {way.value: asdict(wait) for way, wait in report.waits.items()},
        "scene_cache": asdict(report.shift) if report.shift else None,
        "quantizations": [_quantization_json(one) for one in report.quantizations],
        "recommended": report.recommended,
    }


def _ways() -> tuple[Way, ...]:
    from app.bench.report import Way

    return tuple(Way)


def _milliseconds(report: Report, way: Way) -> float | None:
    wait = report.waits.get(way)
    return None if wait is None else 1000 * wait.seconds


def _quantization_json(one: Quantization) -> dict[str, object]:
    return {
        "model": one.name,
        "type": one.file_type,
        "weights_bytes": one.weights_bytes,
        "resident_bytes": one.resident_bytes,
        "threads": one.speeds.threads,
        "prefill_tokens_per_s": one.speeds.prefill_tokens_per_second,
        "decode_tokens_per_s": one.speeds.decode_tokens_per_second,
        "fits": one.fits,
        "perplexity": one.perplexity,
        "mean_kl": one.mean_kl,
    }

"""How fast a language model runs (``make bench-model``): the figures of ``offlite bench`` against their targets.

    python tests/bench/model.py [--layers 28] [--type Q4_K_M] [--rounds 4] [--reference FOLDER] [--scene-cache]

Takes a model of T-lite's shape with random weights (``tlite``), made once in the cache folder, and asks the question of
the demonstration documents. A plain C loop on the same libllama (``c_loop.c``) is compiled against llama.cpp's headers
and takes turns with ours: ``--reference`` names a folder with llama.cpp's source of the installed version, otherwise
llama-cpp-python's source distribution is downloaded; ``--no-comparison`` goes without. Times of cancelling are the
worst of three; everything else the best of its rounds. On a busy machine times mean little, ratios somewhat more.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(Path(__file__).parent), str(ROOT)]

import c_program  # noqa: E402
import cancelling  # noqa: E402
import reference  # noqa: E402
import tlite  # noqa: E402

from app import demo_base, language_models  # noqa: E402
from app.bench import waiting  # noqa: E402
from app.bench.report import Measured, Report, Way  # noqa: E402
from app.bench.run import Extent, measure  # noqa: E402
from app.cli.bench import to_json  # noqa: E402
from app.language_models import Chosen  # noqa: E402
from kb.base import KnowledgeBase  # noqa: E402
from models.runtime.client import Model  # noqa: E402
from models.stopping import never  # noqa: E402


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured value and its target; ``most`` tells on which side of it is good. ``None``: not measured."""

    name: str
    value: float | None
    target: float
    most: bool = True

    @property
    def met(self) -> bool:
        return self.value is None or (self.value <= self.target if self.most else self.value >= self.target)


def measured(chosen: Chosen, *, comparator: Path | None, rounds: int, scene_cache: bool) -> Report:
    """Measure as ``offlite bench`` does, with more rounds."""
    if not demo_base.file().exists():
        for _ in demo_base.build(demo_base.file(), stop=never):
            pass
    shown = ""
    with KnowledgeBase.open(demo_base.file()) as base:
        for event in measure(
            chosen,
            base=base,
            question=waiting.question_for(base),
            scene_cache=scene_cache,
            comparator=comparator,
            extent=Extent(paces=rounds),
            stop=never,
        ):
            if isinstance(event, Measured):
                return event.report
            if event.stage != shown:
                shown = event.stage
                sys.stderr.write(f"{shown}…\n")
    raise SystemExit("The measurement did not come to its end.")


def cancelled(chosen: Chosen) -> dict[str, float]:
    """Return the seconds of cancelling."""
    with Model(language_models.load_options(chosen)) as model:
        reading, read = cancelling.in_prefill(model)
        writing, written = cancelling.in_generation(model)
    return {"prefill": reading, "prefill, free": read, "generation": writing, "generation, free": written}


def figures(report: Report, cancels: dict[str, float]) -> list[Figure]:
    """Return what was promised, with what was found."""
    naive = report.waits[Way.NAIVE].seconds
    return [
        Figure("reading against the C loop", report.pace.prefill_vs_c, 0.97, most=False),
        Figure("writing against the C loop", report.pace.decode_vs_c, 0.97, most=False),
        Figure("overhead of process and pipe", report.pace.overhead, 0.02),
        Figure("first word, default / naive", report.waits[Way.DEFAULT].seconds / naive, 0.29),
        Figure("first word, typed / naive", report.waits[Way.TYPED].seconds / naive, 0.07),
        Figure("memory beyond the weights, GB", (report.resident_bytes - report.facts.weights_bytes) / 1e9, 0.6),
        Figure("load, warm, s", report.load_seconds, 5.0),
        Figure("cancel in prefill, s", cancels["prefill"], 0.5),
        Figure("… until the model is free, s", cancels["prefill, free"], 0.5),
        Figure("cancel in generation, s", cancels["generation"], 0.3),
        Figure("… until the model is free, s", cancels["generation, free"], 0.3),
    ]


def show(report: Report, found: Sequence[Figure]) -> None:
    """Print the tables."""
    pace, speeds = report.pace, report.speeds
    lines = [
        f"{report.model}: {report.facts.weights_bytes / 1e9:.2f} GB of weights, {report.facts.library}",
        f"load {report.load_seconds:.1f} s, threads {speeds.threads} writing, {speeds.reading_threads} reading",
        f"reading {pace.prefill:.1f} tokens/s (C loop {_or_dash(pace.c_prefill)}), {report.prefill_operations:.0f} "
        f"GFLOP/s; a float32 matrix product {report.machine.peak:.0f} GFLOP/s",
        f"writing {_or_dash(pace.decode)} tokens/s (C loop {_or_dash(pace.c_decode)}), "
        f"{_or_dash(report.decode_bandwidth)} GB/s; memory alone {report.machine.bandwidth:.1f} GB/s",
    ]
    for way, wait in report.waits.items():
        lines.append(
            f"first word, {way}: {wait.seconds:.2f} s, {wait.prompt_tokens} tokens, {wait.reused_tokens} known before"
        )
    if report.shift is not None:
        shift = report.shift
        lines.append(
            f"scene cache: KL {shift.mean_kl:.2g} mean, {shift.highest_kl:.2g} highest, same word {shift.same:.2f}"
        )
    lines += ["", f"{'':34}{'measured':>10}{'target':>9}"]
    for one in found:
        value = "—" if one.value is None else f"{one.value:.3f}"
        sign = "≤" if one.most else "≥"
        lines.append(f"{one.name:34}{value:>10}{sign:>3}{one.target:6}{'' if one.met else '   missed'}")
    sys.stdout.write("\n".join(lines) + "\n")


def _or_dash(value: float | None) -> str:
    return "—" if value is None else f"{value:.2f}"


def main() -> int:
    """Make what is missing, measure, print, write the JSON. Status 1 if a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--layers", type=int, default=tlite.LAYERS, help="a slice of the model")
    parser.add_argument("--type", choices=tlite.FILE_TYPES, default="Q4_K_M")
    parser.add_argument("--rounds", type=int, default=4, help="of reading and writing")
    parser.add_argument("--scene-cache", action="store_true")
    parser.add_argument("--no-comparison", action="store_true", help="without the C loop")
    parser.add_argument("--reference", type=Path, help="llama.cpp, or a source distribution of llama-cpp-python")
    parser.add_argument("--cache", type=Path, default=tlite.default_cache(), help="folder for gigabytes")
    parser.add_argument("--output", type=Path, default=ROOT / "eval-results" / "bench-model.json")
    options = parser.parse_args()
    if not tlite.VOCABULARY.is_file():
        sys.stderr.write(f"The measurements need the shared data: {tlite.VOCABULARY}.\n")
        return 1
    path = tlite.made(options.cache, layers=options.layers, kind=options.type)
    with tempfile.TemporaryDirectory() as home:
        os.environ["OFFLITE_HOME"] = home
        comparator = None
        if not options.no_comparison:
            script = reference.converter(options.reference, options.cache)
            comparator = c_program.compiled(script.parent, Path(home))
        chosen = Chosen(path.stem, path, None)
        report = measured(chosen, comparator=comparator, rounds=options.rounds, scene_cache=options.scene_cache)
        cancels = cancelled(chosen)
    found = figures(report, cancels)
    load = os.getloadavg() if hasattr(os, "getloadavg") else ()
    show(report, found)
    sys.stdout.write(f"load of the machine at the end: {' '.join(f'{value:.1f}' for value in load)}\n")
    options.output.parent.mkdir(parents=True, exist_ok=True)
    content = {**to_json(report), "cancel_s": cancels, "load_average": load}
    options.output.write_text(json.dumps(content, ensure_ascii=False, indent=2), encoding="utf-8")
    return 0 if all(one.met for one in found) else 1


if __name__ == "__main__":
    sys.exit(main())

"""A whole conversion against llama.cpp's two steps (``make bench-convert``): time, memory, bytes, the same file or not.

    python tests/bench/convert.py [--layers N] [--cache FOLDER] [--reference FOLDER] [--reference-python PYTHON]

Takes a checkpoint of T-lite's true shape with random weights (``made_checkpoint``), made once in the cache folder
(``OFFLITE_BENCH_CACHE``, else the user's). In one run, one after the other: convert_hf_to_gguf.py to bf16 and
llama_model_quantize; then ``offlite convert`` with the lanes and without; then the same for Q8_0. Before every command
that reads the checkpoint the system's file cache of it is dropped, and everything is written back. Costs are of all
processes of a command (``process_tree``). Intermediate files go as soon as they are not needed: 41 GB of disk at the
peak, the checkpoint included.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import platformdirs

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(Path(__file__).parent), str(ROOT)]

import made_checkpoint  # noqa: E402
import reference  # noqa: E402
from process_tree import Cost, forget, run  # noqa: E402

from converter import lanes  # noqa: E402

VOCABULARY = ROOT.parent / "shared" / "data" / "tokenizer" / "ggml-vocab-qwen2.gguf"
WITHOUT_LANES = ("Q4_K_M",)
TARGETS = {"wall": 0.35, "peak": 300e6, "written": 1.02}
"""Share of the two steps' time, bytes of memory, written bytes to those of the result."""


@dataclass(frozen=True, slots=True)
class Row:
    """One way to one file."""

    name: str
    type: str
    cost: Cost
    size: int
    sha256: str


def measure(checkpoint: Path, work: Path, script: Path, interpreter: Path, kinds: list[str]) -> Iterator[Row]:
    """Yield the reference and ours in turn. ``work`` holds only what is being compared."""
    middle = work / "bf16.gguf"
    forget(checkpoint)
    first = run(reference.to_bf16(script, interpreter, checkpoint, middle))
    for place, kind in enumerate(kinds):
        target = work / f"reference-{kind}.gguf"
        second = run(reference.quantize(middle, target, kind))
        if place == len(kinds) - 1:
            middle.unlink()
        yield _row("two steps", kind, first + second, target)
        for name, switch in (("one pass", ""), ("one pass, library only", "off")):
            if switch and kind not in WITHOUT_LANES:
                continue
            forget(checkpoint)
            target = work / f"ours-{kind}.gguf"
            environment = {lanes.SWITCH: switch, "OFFLITE_HOME": str(work / "home")}
            command = [sys.executable, "-m", "app", "convert", checkpoint, target, "--type", kind]
            yield _row(name, kind, run(command, environment=environment), target)


def _row(name: str, kind: str, cost: Cost, target: Path) -> Row:
    row = Row(name, kind, cost, target.stat().st_size, _sha256(target))
    for path in target.parent.glob(target.name + "*"):  # the certificate too
        path.unlink()
    return row


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def show(rows: list[Row]) -> None:
    """Print the table."""
    heading = f"{'':32}{'wall s':>9}{'CPU s':>9}{'peak MB':>10}{'written GB':>12}{'ratio':>8}  SHA-256"
    sys.stdout.write(f"\n{heading}\n")
    for row in rows:
        base = next(other for other in rows if other.type == row.type)
        same = "" if row is base else "equal" if row.sha256 == base.sha256 else "DIFFERENT"
        cost = row.cost
        sys.stdout.write(
            f"{row.type + ', ' + row.name:32}{cost.wall:9.1f}{cost.cpu:9.1f}{cost.peak / 1e6:10,.0f}"
            f"{cost.written / 1e9:12.2f}{cost.wall / base.cost.wall:8.2f}  {same or row.sha256[:16] + '…'}\n"
        )


def failures(rows: list[Row]) -> list[str]:
    """Return which targets our rows with lanes miss."""
    missed = []
    for row in rows:
        base = next(other for other in rows if other.type == row.type)
        if row is base:
            continue
        if row.sha256 != base.sha256:
            missed.append(f"{row.type}, {row.name}: another file")
        figures = {
            "wall": row.cost.wall / base.cost.wall,
            "peak": row.cost.peak,
            "written": row.cost.written / row.size,
        }
        if row.name == "one pass":
            missed += [
                f"{row.type}: {name} {figures[name]:.2f}" for name, most in TARGETS.items() if figures[name] > most
            ]
    return missed


def main() -> int:
    """Make what is missing, measure, print, write the JSON. Status 1 if a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--layers", type=int, default=made_checkpoint.LAYERS, help="a slice of the model")
    parser.add_argument("--types", default="Q4_K_M,Q8_0")
    parser.add_argument(
        "--cache", type=Path, default=os.environ.get("OFFLITE_BENCH_CACHE"), help="folder for gigabytes"
    )
    parser.add_argument("--reference", type=Path, help="llama.cpp, or a source distribution of llama-cpp-python")
    parser.add_argument("--reference-python", type=Path, help="a Python with torch and transformers")
    parser.add_argument("--output", type=Path, default=ROOT / "eval-results" / "bench-convert.json")
    options = parser.parse_args()
    if not VOCABULARY.is_file():
        sys.stderr.write(f"The measurements need the shared data: {VOCABULARY}.\n")
        return 1
    cache = Path(options.cache or platformdirs.user_cache_path("offlite-bench"))
    cache.mkdir(parents=True, exist_ok=True)
    checkpoint = cache / f"t-lite-shape-{options.layers}"
    if not _room(cache, checkpoint, options.layers):
        return 1
    script = reference.converter(options.reference, cache)
    interpreter = reference.python(options.reference_python, cache)
    made_checkpoint.make(checkpoint, layers=options.layers, vocabulary=VOCABULARY)
    work = cache / "work"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    rows: list[Row] = []
    try:
        for row in measure(checkpoint, work, script, interpreter, options.types.split(",")):
            rows.append(row)
            sys.stderr.write(f"{row.type}, {row.name}: {row.cost.wall:.1f} s\n")
    finally:
        shutil.rmtree(work, ignore_errors=True)
    show(rows)
    sys.stdout.write(f"lanes: {', '.join(f'{kind} {lanes.status(kind)}' for kind in lanes.BLOCKS)}\n")
    missed = failures(rows)
    sys.stdout.write("".join(f"missed: {line}\n" for line in missed) or "every target is met\n")
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps([asdict(row) for row in rows], indent=2), encoding="utf-8")
    return 1 if missed else 0


def _room(cache: Path, checkpoint: Path, layers: int) -> bool:
    """Return whether the disk can hold the checkpoint (unless it is there), its bf16 GGUF and two results."""
    size = made_checkpoint.size(layers)
    needed = int(size * (1.7 if checkpoint.is_dir() else 2.7))
    free = shutil.disk_usage(cache).free
    if free < needed:
        sys.stderr.write(
            f"{cache} has {free / 1e9:.0f} GB free; {needed / 1e9:.0f} GB are needed (--cache, --layers).\n"
        )
    return free >= needed


if __name__ == "__main__":
    sys.exit(main())

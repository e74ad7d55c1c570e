"""Train the model: read documents first, then answer from passages. One command, for a GPU or a processor.

``python -m models.nano.train SHELF OUT --course gpu``: SHELF is the folder that ``stocking`` wrote. OUT receives the
weights in parts (``checkpoint``) and ``log.jsonl``; ``--state`` is a folder for everything that going on needs. Without
it a training that was cut short begins anew. ``--slice`` ends a run early, to be continued with the same ``--state``.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import fields, replace
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer

from models.nano import checkpoint
from models.nano.checkpoint import Facts
from models.nano.course import COURSES, Course, Stage
from models.nano.supply import Batch, Batches, Feeding, Supply
from models.nano.training import Training

TOLD = 15.0
"""Seconds between two lines about how it goes."""

HELD_OUT = 2
"""Batches that are held out to measure on."""

SAMPLES = 3
SAMPLE_LIMIT = 48

Say = Callable[[str], object]


class Run:
    """One run of a course, or of a slice of it."""

    def __init__(
        self,
        training: Training,
        feed: Feeding,
        *,
        kinds: Any,
        out: Path,
        state: Path | None,
        tokenizer: Tokenizer,
        fence: Sequence[int] = (),
    ) -> None:
        self._training, self._feed, self._kinds = training, feed, kinds
        self._out, self._state, self._tokenizer = out, state, tokenizer
        self._fence = fence
        out.mkdir(parents=True, exist_ok=True)

    def until(self, deadline: float) -> bool:
        """Train until the course ends or the moment ``deadline`` (``time.monotonic``) comes; return whether it ended.

        What was learned is kept every now and then, and at the end.
        """
        held_out = self._held_out()
        position, course = self._training.position, self._training.course
        kept = time.monotonic()
        while not course.is_over(position.seconds) and time.monotonic() < deadline:
            stage = course.stage_at(course.progress(position.seconds))
            for _ in self._phase(stage, deadline=deadline):
                if time.monotonic() - kept > 60 * course.keeping and not course.is_over(position.seconds):
                    self._keep(held_out)
                    kept = time.monotonic()
        self._keep(held_out)
        return course.is_over(position.seconds)

    def _phase(self, stage: Stage, *, deadline: float) -> Iterator[None]:
        """Train on one stage as long as it is its turn; yield after what is told."""
        position, course = self._training.position, self._training.course
        kind, batches = self._kinds(stage.kind), Batches(reading=course.reading, fence=self._fence)
        start = position.taken.get(stage.kind, 0)
        supply = Supply(self._feed, kind, start=start, batches=batches, device=self._training.device)
        with closing(supply):
            waiting = iter(supply)
            self._step(waiting, stage)  # whatever is compiled, is compiled now
            _settled(self._training.device)
            while course.stage_at(course.progress(position.seconds)) is stage:
                if course.is_over(position.seconds) or time.monotonic() >= deadline:
                    return
                self._stretch(waiting, stage, deadline=deadline)
                yield

    def _stretch(self, batches: Iterator[Batch], stage: Stage, *, deadline: float) -> None:
        """Train for a while and tell how it went."""
        position, course = self._training.position, self._training.course
        began, before, tokens = time.monotonic(), position.seconds, position.tokens
        until, going = min(began + TOLD, deadline), True
        while going:
            for _ in range(_steps_at_once(stage.tokens * course.accumulated)):
                loss = self._step(batches, stage)
            shown = float(loss)  # waits for the device
            position.seconds = before + time.monotonic() - began
            progress = course.progress(position.seconds)
            going = time.monotonic() < until and progress < 1 and course.stage_at(progress) is stage
        self._tell(
            kind=stage.kind,
            step=position.steps,
            tokens=position.tokens,
            progress=round(course.progress(position.seconds), 4),
            loss=round(shown, 4),
            rate=course.rate_at(course.progress(position.seconds)),
            tokens_per_second=round((position.tokens - tokens) / (position.seconds - before)),
        )

    def _step(self, batches: Iterator[Batch], stage: Stage) -> torch.Tensor:
        position, course = self._training.position, self._training.course
        taken = list(islice(batches, course.accumulated))
        position.taken[stage.kind] = position.taken.get(stage.kind, 0) + len(taken)
        return self._training.step(taken, rate=course.rate_at(course.progress(position.seconds)))

    def _held_out(self) -> list[Batch]:
        device, make = self._training.device, Batches(fence=self._fence)
        rows = [self._feed.rows(self._kinds.VALIDATION, number) for number in range(HELD_OUT)]
        return [make.made(one, seed=0).to(device) for one in rows]

    def _keep(self, held_out: list[Batch]) -> None:
        """Measure, tell and keep everything."""
        training = self._training
        losses = training.measured(held_out)
        self._tell(step=training.position.steps, **{name: round(value, 4) for name, value in losses.items()})
        if training.course.progress(training.position.seconds) > training.course.stages[0].until:
            self._tell_samples(held_out[0])
        facts = Facts(
            shape=training.course.shape,
            seed=training.course.seed,
            tokens=training.position.tokens,
            steps=training.position.steps,
            seconds=round(training.position.seconds, 1),
            device=_name_of(training.device),
            losses=losses,
        )
        checkpoint.write(self._out, training.weights(), facts)
        if self._state is not None:
            training.keep(self._state / "state.pt")

    def _tell_samples(self, batch: Batch) -> None:
        """Show what is written for the first held-out examples, beside what should be."""
        for prompt, wanted in islice(_examples(batch), SAMPLES):
            written = self._training.model.continued(prompt, limit=SAMPLE_LIMIT, end=wanted[-1])
            self._tell(
                prompt=self._tokenizer.decode(prompt)[-160:],
                wanted=self._tokenizer.decode(wanted),
                written=self._tokenizer.decode(written),
            )

    def _tell(self, **facts: object) -> None:
        line = json.dumps(facts, ensure_ascii=False)
        sys.stderr.write(line + "\n")
        sys.stderr.flush()
        with (self._out / "log.jsonl").open("a", encoding="utf-8") as log:
            log.write(line + "\n")


def _examples(batch: Batch) -> Iterator[tuple[list[int], list[int]]]:
    """Yield the first example of every row: its prompt and its answer, the end of the turn included."""
    counts = torch.zeros(batch.tokens.numel(), device=batch.counts.device)
    counts[batch.places] = batch.counts
    for row, documents, answers in zip(
        batch.tokens.tolist(), batch.documents.tolist(), counts.view_as(batch.tokens).tolist(), strict=True
    ):
        length = documents.count(documents[0])
        predicted = [at + 1 for at in range(length - 1) if answers[at] >= 1]
        if predicted and predicted[0] > 1:
            yield row[: predicted[0]], row[predicted[0] : predicted[-1] + 1]


def _steps_at_once(tokens: int) -> int:
    """Return how many steps of so many tokens are made before somebody waits: about two seconds on a GPU."""
    return max(1, 2**21 // tokens) if torch.cuda.is_available() else 1


def _settled(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize()


def _name_of(device: torch.device) -> str:
    return torch.cuda.get_device_name() if device.type == "cuda" else f"CPU, {torch.get_num_threads()} threads"


def course_of(options: argparse.Namespace) -> Course:
    """Return the named course with what the command line changes."""
    changed = {one.name: getattr(options, one.name, None) for one in fields(Course)}
    course = replace(COURSES[options.course], **{name: value for name, value in changed.items() if value is not None})
    stages = [
        replace(stage, rows=options.rows or stage.rows, length=options.length or stage.length)
        for stage in course.stages
        if not options.only or stage.kind in options.only
    ]
    return replace(course, stages=tuple(stages))


def plan_of(course: Course, kinds: Any, plan: Any) -> Any:
    """Return the plan of a feed for ``course``: what is held out is as large as the last stage."""
    last = course.stages[-1]
    own = {kinds(stage.kind): (stage.rows, stage.length) for stage in course.stages}
    return plan(rows=last.rows, length=last.length, seed=course.seed, own=own)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shelf", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--course", choices=COURSES, default="gpu")
    parser.add_argument("--state", type=Path, help="folder for what going on needs")
    parser.add_argument("--slice", type=float, default=1e9, metavar="MINUTES", help="end this run after so long")
    parser.add_argument("--begin-from", type=Path, metavar="FOLDER", help="parts of weights to begin from")
    parser.add_argument("--attention", choices=("flex", "dense", "causal"), help="default: flex on a GPU, else dense")
    parser.add_argument("--no-compile", action="store_true")
    parser.add_argument("--workers", type=int, default=2, help="processes that make examples")
    for one in fields(Course):
        kind = {"str": str, "int": int, "float": float}.get(str(one.type))
        if kind is not None:
            parser.add_argument(f"--{one.name}", type=kind, help="of the course")
    parser.add_argument("--rows", type=int, help="of every stage")
    parser.add_argument("--length", type=int, help="of the rows of every stage")
    parser.add_argument("--only", action="append", metavar="KIND", help="of the stages those of this kind alone")
    parser.add_argument("--beginning", action=argparse.BooleanOptionalAction, default=None)
    parser.add_argument("--muon", action=argparse.BooleanOptionalAction, default=None)
    return parser


def main() -> int:
    """Train; return 0 when the course is over, 3 when a slice of it is."""
    options = _parser().parse_args()
    began = time.monotonic()
    course = course_of(options)
    from models.nano.feed import Feed, Kind, Plan

    with Feed(
        options.shelf, plan_of(course, Kind, Plan), workers=options.workers
    ) as feed:  # forks: before anything touches the GPU
        device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        attention = options.attention or ("flex" if device.type == "cuda" else "dense")
        training = Training(course, device=device, attention=attention, compiled=not options.no_compile)
        if options.state and (options.state / "state.pt").is_file():
            training.take_up(options.state / "state.pt")
        elif options.begin_from:
            content, _ = checkpoint.read(options.begin_from)
            training.begin_from(checkpoint.tensors(content))
        tokenizer = Tokenizer.from_file(str(options.shelf / "tokenizer.json"))
        fence = tokenizer.encode(feed.fence, add_special_tokens=False).ids
        run = Run(training, feed, kinds=Kind, out=options.out, state=options.state, tokenizer=tokenizer, fence=fence)
        over = run.until(began + 60 * options.slice)
    return 0 if over else 3


if __name__ == "__main__":
    sys.exit(main())

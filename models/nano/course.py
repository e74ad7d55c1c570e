"""The course of a training: how long, how large the steps, how fast at which moment. No PyTorch.

Time is the measure, not steps: a machine is rented by the minute, and a course that ends with its rate at nothing has
used all of it, however fast the machine turned out to be.
"""

from __future__ import annotations

from dataclasses import dataclass

from models.nano.shape import SHAPES, Shape


@dataclass(frozen=True, slots=True)
class Stage:
    """A part of a course: what is read, in which rows, and up to which share of the time."""

    kind: str
    """One of ``models.nano.feed.Kind``."""
    until: float
    rows: int
    """Rows that are computed at once."""
    length: int

    @property
    def tokens(self) -> int:
        """Of a batch."""
        return self.rows * self.length


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """One training from beginning to end; it may be cut into slices on the way."""

    size: str = "nano"
    minutes: float = 20.0
    stages: tuple[Stage, ...] = ()
    """In the order of their ends."""
    accumulated: int = 2
    """Batches of one step."""
    beginning: bool = True
    """Begin with heads that copy (``models.nano.beginning``) instead of with chance alone."""
    rate: float = 5e-3
    """Of both optimizers: Muon's steps are made as large as AdamW's (arXiv 2502.16982). AdamW alone wants 2e-3."""
    words: float = 0.75
    """What the embedding and the vectors get of the rate."""
    muon: bool = True
    """Move the matrices of the layers by Muon: after 45 steps of 3,072 tokens at their best rates the smallest shape
    predicted documents at a loss of 6.27 with it and 7.38 without."""
    decay: float = 0.1
    reading: float = 0.1
    """Share of the tokens of prompts that are predicted, too: a model that reads better finds better."""
    pointing: float = 1.0
    """What it counts where a head looks when an answer begins (``models.nano.pointing``)."""
    warmup: float = 0.01
    cooldown: float = 0.5
    """Share of the time, at the end, in which the rate falls to nothing, straight."""
    keeping: float = 2.0
    """Minutes between two times that everything is kept and samples are written, which takes seconds."""
    seed: int = 6

    @property
    def shape(self) -> Shape:
        """The model's."""
        return SHAPES[self.size]

    def progress(self, seconds: float) -> float:
        """Return how much of the course is behind after so many seconds of training, from 0 to 1."""
        return min(seconds / (60 * self.minutes), 1.0)

    def is_over(self, seconds: float) -> bool:
        """Whether so many seconds of training are all of it."""
        return self.progress(seconds) >= 1

    def rate_at(self, progress: float) -> float:
        """Return the rate at that moment."""
        rising = min(progress / self.warmup, 1.0) if self.warmup else 1.0
        falling = min((1 - progress) / self.cooldown, 1.0) if self.cooldown else 1.0
        return self.rate * max(min(rising, falling), 1e-3)

    def stage_at(self, progress: float) -> Stage:
        """Return the stage of that moment."""
        return next((stage for stage in self.stages if progress < stage.until), self.stages[-1])


COURSES = {
    # Whole documents first, for the language; then few sentences with many questions; at last passages as they come.
    "gpu": Course(
        stages=(
            Stage("documents", 0.15, 64, 2048),
            Stage("short", 0.40, 64, 2048),
            Stage("quizzes", 0.85, 64, 2048),
            Stage("tasks", 1.0, 64, 2048),
        ),
    ),
    # Two processors. Short rows are cheap: looking back costs as much as everything else from 700 tokens on.
    "cpu": Course(
        size="small",
        minutes=140,
        stages=(Stage("documents", 0.04, 8, 512), Stage("short", 0.45, 11, 768), Stage("quizzes", 1.0, 6, 1536)),
        accumulated=1,
        rate=5e-3,
        reading=0.03,
        cooldown=0.6,
        keeping=10,
    ),
    "trial": Course(
        size="tiny",
        minutes=2,
        stages=(Stage("documents", 0.1, 8, 512), Stage("short", 0.5, 8, 512), Stage("tasks", 1.0, 8, 512)),
        accumulated=1,
        rate=2e-2,
        beginning=False,
        reading=0.3,
    ),
}

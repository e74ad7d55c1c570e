"""The course of a training: how long, how large the steps, how fast at which moment. No PyTorch.

Time is the measure, not steps: a machine is rented by the minute, and a course that ends with its rate at nothing has
used all of it, however fast the machine turned out to be.
"""

from __future__ import annotations

from dataclasses import dataclass

from models.nano.shape import SHAPES, Shape


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """One training from beginning to end; it may be cut into slices on the way."""

    size: str = "nano"
    minutes: float = 20.0
    rows: int = 64
    """Rows that are computed at once."""
    length: int = 2048
    accumulated: int = 2
    """Batches of one step."""
    rate: float = 5e-3
    """Of both optimizers: Muon's steps are made as large as AdamW's (arXiv 2502.16982). AdamW alone wants 2e-3."""
    muon: bool = True
    """Move the matrices of the layers by Muon: after 45 steps of 3,072 tokens at their best rates the smallest shape
    predicted documents at a loss of 6.27 with it and 7.38 without."""
    decay: float = 0.1
    documents: float = 0.15
    """Share of the time in which whole documents are read, before the tasks."""
    reading: float = 0.1
    """Share of the tokens of prompts that are predicted, too: a model that reads better finds better."""
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

    @property
    def tokens(self) -> int:
        """Tokens of a step."""
        return self.rows * self.length * self.accumulated

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

    def reads_documents(self, progress: float) -> bool:
        """Whether documents are read, not tasks solved."""
        return progress < self.documents


COURSES = {
    "gpu": Course(),
    # Two processors: rows as short as prompts of three whole paragraphs let them be.
    "cpu": Course(size="small", minutes=145, rows=5, length=1536, accumulated=4, rate=1e-2, keeping=15),
    "trial": Course(size="tiny", minutes=2, rows=8, length=512, accumulated=1, rate=2e-2, documents=0.1, reading=0.3),
}

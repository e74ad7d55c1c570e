"""A language model that says what a test tells it to: a script of answers, events as the real one has them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from app.language_models import Running
from models.errors import ModelDied, ModelsError
from models.runtime.events import Event, Finished, Loading, ModelFacts, Reading, Speeds, Text
from models.runtime.options import Request

DEATH = ModelDied(Path("/модели/малютка.gguf"), "its process was killed")


class FakeModel:
    """Answers requests with ``answers`` in turn, the last one again and again; keeps what it was asked.

    An answer is a text, an error to raise at once, or a text and an error to raise behind it. ``limit_reached`` ends
    answers as if they were cut.
    """

    def __init__(self, *answers: str | ModelsError | tuple[str, ModelsError], limit_reached: bool = False) -> None:
        self._answers = list(answers)
        self._reason = "limit" if limit_reached else "end"
        self.requests: list[Request] = []
        self.prefilled: list[Request] = []
        self.cancelled = 0
        self.pid: int | None = 1

    def load(self, *, stop: Callable[[], bool] = lambda: False) -> Iterator[Loading]:  # noqa: ARG002
        yield Loading(done=1.0)

    def facts(self, *, stop: Callable[[], bool] = lambda: False) -> ModelFacts:  # noqa: ARG002
        raise DEATH

    def count(self, texts: Sequence[str], *, stop: Callable[[], bool] = lambda: False) -> list[int]:  # noqa: ARG002
        return [len(text.split()) for text in texts]

    def generate(self, request: Request, *, stop: Callable[[], bool] = lambda: False) -> Iterator[Event]:
        self.requests.append(request)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, ModelsError):
            raise answer
        text, error = answer if isinstance(answer, tuple) else (answer, None)
        total = sum(self.count([message.text for message in request.messages]))
        yield Reading(done=total // 2, total=total, reused=0)
        yield Reading(done=total, total=total, reused=0)
        written = 0
        for delta in re.findall(r"\s*\S{1,4}", text):
            if stop():
                yield self._finished("cancelled", total, written)
                return
            written += 1
            yield Text(delta=delta)
        if error is not None:
            raise error
        yield self._finished(self._reason, total, written)

    def prefill(self, request: Request, *, stop: Callable[[], bool] = lambda: False) -> Iterator[Event]:
        self.prefilled.append(request)
        total = sum(self.count([message.text for message in request.messages]))
        if stop():
            self.cancelled += 1
        yield Reading(done=total, total=total, reused=0)
        yield self._finished("end", total, 0)

    @staticmethod
    def _finished(reason: str, prompt: int, written: int) -> Finished:
        return Finished(
            reason=reason,  # type: ignore[arg-type]
            prompt_tokens=prompt,
            reused_tokens=0,
            generated_tokens=written,
            first_token_ms=5.0 if written else None,
            total_ms=9.0,
        )


def running(
    *answers: str | ModelsError | tuple[str, ModelsError], speeds: Speeds | None = None, limit_reached: bool = False
) -> Running:
    """Return a model named «Малютка» that answers so."""
    return Running("Малютка", FakeModel(*answers, limit_reached=limit_reached), speeds)

"""Which of the user's categories a request belongs to: the model chooses, a schema leaves it no other words."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from app import prompts
from app.errors import CategoriesTooFew, EmptyQuestion
from app.events import Loading, Reading, Timings
from app.language_models import Running
from app.prompt import escaped
from kb.stopping import never
from models.runtime import events as running
from models.runtime.options import Message, Request, Sampling

FEWEST = 2

LIMIT = 64
"""Tokens of the JSON object: the longest category, quoted, with its key."""


@dataclass(frozen=True, slots=True)
class Classified:
    """The end of the stream. ``category`` is one of those that were given; None where the model named none in time."""

    text: str
    category: str | None
    model: str
    timings: Timings


Event: TypeAlias = Loading | Reading | Classified


def categories(written: str) -> tuple[str, ...]:
    """Return the categories of a list with commas.

    Raises:
        CategoriesTooFew: there is nothing to choose.
    """
    found = tuple(dict.fromkeys(" ".join(one.split()) for one in written.split(",") if one.strip()))
    if len(found) < FEWEST:
        raise CategoriesTooFew
    return found


def classify(text: str, among: Sequence[str], *, model: Running, stop: Callable[[], bool] = never) -> Iterator[Event]:
    """Yield how far the model has come, at last ``Classified``; nothing after ``stop`` returns true.

    Raises:
        EmptyQuestion: there is nothing but space in ``text``.
        ModelsError: the model failed.
    """
    if not text.strip():
        raise EmptyQuestion
    began = time.perf_counter()
    written, first_token_ms = "", 0
    for event in model.model.generate(_request(text, among, model), stop=stop):
        match event:
            case running.Loading(done=done):
                yield Loading(done)
            case running.Reading(done=done, total=total, reused=reused):
                yield Reading(done, total, reused)
            case running.Text(delta=delta):
                first_token_ms = first_token_ms or _elapsed(began)
                written += delta
            case running.Finished() if event.reason != "cancelled":
                timings = Timings(
                    search_ms=0,
                    total_ms=_elapsed(began),
                    first_token_ms=first_token_ms,
                    prompt_tokens=event.prompt_tokens,
                    reused_tokens=event.reused_tokens,
                    generated_tokens=event.generated_tokens,
                )
                yield Classified(text.strip(), _category(written, among), model.name, timings)


def _request(text: str, among: Sequence[str], model: Running) -> Request:
    schema = {
        "type": "object",
        "properties": {"category": {"enum": list(among)}},
        "required": ["category"],
        "additionalProperties": False,
    }
    asked = prompts.CLASSIFY.format(categories="; ".join(map(escaped, among)), text=escaped(text.strip()))
    return Request(
        messages=(Message(role="system", text=prompts.CLASSIFIER), Message(role="user", text=asked)),
        sampling=Sampling(temperature=0.0, repetition_penalty=1.0),
        limit=max(LIMIT, 8 + max(len(one) for one in among)),
        schema=json.dumps(schema, ensure_ascii=False),
        adapter=model.adapter,
        keep="classifying",
    )


def _category(written: str, among: Sequence[str]) -> str | None:
    """Return the category in the JSON; the schema allows no other, but white space may have used up the tokens."""
    try:
        chosen = json.loads(written)["category"]
    except (ValueError, KeyError, TypeError):
        chosen = next((one for one in among if one in written), None)
    return str(chosen) if chosen in among else None


def _elapsed(began: float) -> int:
    return round((time.perf_counter() - began) * 1000)

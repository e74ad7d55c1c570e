"""The bank that examples are made from: passages of documents with the questions that their sentences answer.

A file of lines, gzipped, one passage each; ``material`` writes it, ``tokenizer`` and ``stocking`` read it.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Question:
    """A question that sentence ``sentence`` of its passage answers; ``start:end`` of it are the very answer."""

    text: str
    sentence: int
    kind: str
    """``rule``, ``title``, ``human``, ``list`` (the sentence and those after it answer) or ``qa``."""
    start: int = 0
    end: int = 0
    """0 and 0: the whole sentence."""
    answer: str = ""
    """A short natural answer, where there is one."""


@dataclass(frozen=True, slots=True)
class Passage:
    """One passage of a document, its sentences as ``kb.segmentation`` cuts them."""

    document: int
    origin: str
    title: str
    heading: tuple[str, ...]
    sentences: tuple[str, ...]
    lines: frozenset[int]
    """Indexes of sentences that begin a new line."""
    questions: tuple[Question, ...]
    unanswerable: tuple[str, ...]
    """On the topic, and answered nowhere in the document."""


def passages(path: Path) -> Iterator[Passage]:
    """Yield the passages of a bank in order."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield _passage(json.loads(line))


def _passage(entry: dict[str, Any]) -> Passage:
    short = entry.get("a", {})
    return Passage(
        document=entry["d"],
        origin=entry["o"],
        title=entry["t"],
        heading=tuple(entry["h"]),
        sentences=tuple(entry["s"]),
        lines=frozenset(entry["n"]),
        questions=tuple(
            Question(text, at, kind, start, end, short.get(str(number), ""))
            for number, (at, text, kind, start, end) in enumerate(entry["q"])
        ),
        unanswerable=tuple(entry.get("u", ())),
    )

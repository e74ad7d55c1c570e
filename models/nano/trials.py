"""What a model is tried on: questions of XQuAD-ru with their paragraph among others, and with it withheld.

Nothing here is ever trained on. The other paragraphs are what makes it hard: the one that the product's own search
likes best after the right one, and one of another article; where the right one is withheld, the two best and one of
another.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from kb.base import KnowledgeBase
from kb.blocks import Sentence
from kb.events import Finished
from kb.places import Line
from kb.results import Piece
from kb.sentences import spans

SEARCHED = 20
"""Passages that are looked through for paragraphs near a question."""


@dataclass(frozen=True, slots=True)
class Trial:
    """A question, the passages it is asked over, and which of them answers; ``gold`` None: none does."""

    question: str
    answers: tuple[str, ...]
    pieces: tuple[Piece, ...]
    gold: int | None


@dataclass(frozen=True, slots=True)
class _Paragraph:
    name: str
    article: int
    text: str


@dataclass(frozen=True, slots=True)
class _Asked:
    text: str
    answers: tuple[str, ...]
    paragraph: _Paragraph


def piece(number: int, title: str, text: str) -> Piece:
    """Return a whole text as a passage to read."""
    sentences = tuple(Sentence(start, end, Line(1)) for start, end in spans(text))
    return Piece(number, number, f"{number}.txt", title, Line(1), (), text, sentences, 1.0)


def xquad(path: Path, *, limit: int | None = None, seed: int = 6) -> tuple[list[Trial], list[Trial]]:
    """Return trials with the right paragraph and without, from so many questions as ``limit`` says, drawn at random."""
    paragraphs, questions = _read(path)
    chance = random.Random(seed)
    if limit is not None and limit < len(questions):
        questions = chance.sample(questions, limit)
    present, absent = [], []
    with TemporaryDirectory() as folder, _indexed(paragraphs, Path(folder)) as base:
        for asked in questions:
            near = list(_near(base, asked, paragraphs))
            far = chance.choice([one for one in paragraphs if one.article != asked.paragraph.article])
            present.append(_trial(asked, [asked.paragraph, *near[:1], far], chance))
            absent.append(_trial(asked, [*near[:2], far], chance))
    return present, absent


def _trial(asked: _Asked, paragraphs: Sequence[_Paragraph], chance: random.Random) -> Trial:
    order = chance.sample(paragraphs, len(paragraphs))
    pieces = tuple(piece(number, f"Статья {one.article + 1}", one.text) for number, one in enumerate(order, start=1))
    gold = order.index(asked.paragraph) + 1 if asked.paragraph in order else None
    return Trial(asked.text, asked.answers, pieces, gold)


def _near(base: KnowledgeBase, asked: _Asked, paragraphs: Sequence[_Paragraph]) -> Iterator[_Paragraph]:
    """Yield the paragraphs that a search finds and that do not hold the answer, best first."""
    by_name = {one.name: one for one in paragraphs}
    found = (Path(passage.document).name for passage in base.search(asked.text, limit=SEARCHED).passages)
    for name in dict.fromkeys(found):
        other = by_name[name]
        if other != asked.paragraph and not any(answer in other.text for answer in asked.answers):
            yield other


def _indexed(paragraphs: Sequence[_Paragraph], folder: Path) -> KnowledgeBase:
    texts = folder / "texts"
    texts.mkdir()
    for one in paragraphs:
        (texts / one.name).write_text(one.text, encoding="utf-8")
    base = KnowledgeBase.create(folder / "trials.offlite")
    for event in base.add([texts]):
        if isinstance(event, Finished) and event.failed:
            raise RuntimeError(f"{event.failed} paragraphs could not be indexed")
    return base


def _read(path: Path) -> tuple[list[_Paragraph], list[_Asked]]:
    paragraphs, questions = [], []
    for article, entry in enumerate(json.loads(path.read_text("utf-8"))["data"]):
        for number, given in enumerate(entry["paragraphs"]):
            one = _Paragraph(f"a{article:02d}-{number}.txt", article, given["context"])
            paragraphs.append(one)
            questions += [
                _Asked(asked["question"], tuple(answer["text"] for answer in asked["answers"]), one)
                for asked in given["qas"]
            ]
    return paragraphs, questions

"""Quizzes: the same passages asked about again and again, since reading them is what costs.

The passages come from an example of ``Composer``. Beside its question they are asked others: what their own sentences
answer, and what they do not answer although a search would bring them. Standard library and numpy only.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.nano import answers
from models.nano.examples import FAR, KINDS, MISSING, NOTHING, REFUSED, Composer, Place, altered, is_usable
from models.nano.hurry import varied
from models.nano.shelf import Asked, Shelved
from models.nano.turns import Shown

LOOSE = "loose"
"""The kind of a question that does not name its subject: any document of its sort may answer it."""

MADE = "facts"
"""The origin of documents that have loose questions."""

RARELY = 0.3
"""Share of the questions for more than a sentence that are taken."""

TRIES = 60
"""To find questions for the same passages."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A question and its answer, as units."""

    question: tuple[str, ...]
    answer: tuple[str, ...]
    number: int


@dataclass(frozen=True, slots=True)
class Quiz:
    """Passages as units, and the questions about them: some dozens, each made when it is asked for."""

    passages: tuple[str, ...]
    asked: Iterator[Answered]


class Quizzes:
    """Makes quizzes; what it makes depends on nothing but the shelf and the chance it is given."""

    def __init__(self, composer: Composer) -> None:
        self._composer = composer
        self._brought = _Brought.of(composer.passages, composer.kept)

    def quiz(self, chance: random.Random) -> Quiz:
        """Return passages with questions."""
        composer = self._composer
        scene, place = composer.scene(chance)
        first = Answered(composer.fences.question(scene.question, scene.style), scene.answer, scene.number)
        return Quiz(composer.fences.passages(scene.shown), self._questions(first, place, scene.shown, chance))

    def _questions(
        self, first: Answered, place: Place, shown: tuple[Shown, ...], chance: random.Random
    ) -> Iterator[Answered]:
        yield first
        used = {place}
        for _ in range(TRIES):
            find = self._silent if chance.random() < REFUSED else self._spoken
            found = find(shown, used, chance)
            if found:
                yield found

    def _spoken(self, shown: tuple[Shown, ...], used: set[Place], chance: random.Random) -> Answered | None:
        """Return a question that a sentence of ``shown`` answers."""
        number = chance.randrange(len(shown)) + 1
        one = shown[number - 1]
        passage = self._composer.passages[one.passage]
        if not passage.questions or passage.held_out != self._composer.held_out:
            return None
        place = Place(one.passage, chance.randrange(len(passage.questions)))
        asked = passage.questions[place.question]
        if place in used or asked.sentence not in one.places or not self._is_clear(asked, one, shown, chance):
            return None
        used.add(place)
        form, words = self._composer.style(chance)
        sentences, form = answers.chosen(one, one.places.index(asked.sentence), asked, form, chance)
        return self._written(asked.text, words, answers.units(sentences, number, form, chance), number, chance)

    def _is_clear(self, asked: Asked, one: Shown, shown: tuple[Shown, ...], chance: random.Random) -> bool:
        """Whether a question is answered by one of the passages alone."""
        passages = self._composer.passages
        passage = passages[one.passage]
        if asked.kind == NOTHING or not is_usable(passage, asked):
            return False
        if asked.kind in KINDS and chance.random() >= RARELY:
            return False
        others = [other for other in shown if other is not one]
        if asked.kind == LOOSE and any(passages[other.passage].origin == MADE for other in others):
            return False
        said = passage.sentences[asked.sentence]
        return not any(said in other.sentences for other in others)

    def _silent(self, shown: tuple[Shown, ...], used: set[Place], chance: random.Random) -> Answered | None:
        """Return a question that ``shown`` does not answer."""
        one = chance.choice(shown)
        reason = chance.choices(list(MISSING), list(MISSING.values()))[0]
        place = self._place(reason, one, chance)
        if place is None or place in used:
            return None
        asked = self._composer.passages[place.passage].questions[place.question]
        text = asked.text
        if reason == "altered":
            other = self._brought.of_passage(one.passage, chance) or place
            changed = altered(text, self._composer.passages[other.passage].questions[other.question].text, chance)
            if not changed:
                return None
            text = changed
        elif not self._is_silent(reason, asked, place, shown):
            return None
        used.add(place)
        _, words = self._composer.style(chance)
        return self._written(text, words, (self._composer.texts.refusal,), 0, chance)

    def _place(self, reason: str, one: Shown, chance: random.Random) -> Place | None:
        if reason == "withheld":
            return self._brought.of_passage(one.passage, chance)
        passage = self._composer.passages[one.passage]
        if not passage.questions or passage.held_out != self._composer.held_out:
            return None
        return Place(one.passage, chance.randrange(len(passage.questions)))

    def _is_silent(self, reason: str, asked: Asked, place: Place, shown: tuple[Shown, ...]) -> bool:
        passages = self._composer.passages
        if reason == "none":
            return asked.kind == NOTHING
        if asked.kind == NOTHING or asked.sentence < 0:
            return False
        said = passages[place.passage].sentences[asked.sentence]
        if any(said in other.sentences for other in shown):
            return False
        if reason == "cut":
            return asked.silent
        documents = {passages[other.passage].document for other in shown}
        made = any(passages[other.passage].origin == MADE for other in shown)
        return passages[place.passage].document not in documents and not (asked.kind == LOOSE and made)

    def _written(self, text: str, style: str, answer: tuple[str, ...], number: int, chance: random.Random) -> Answered:
        question = varied(text, chance).strip() or text
        return Answered(self._composer.fences.question(question, style), answer, number)


@dataclass(frozen=True, slots=True)
class _Brought:
    """Which questions a passage is brought for without answering them: rivals, the other way round."""

    passages: NDArray[np.int32]
    questions: NDArray[np.int32]
    ends: NDArray[np.int64]
    """Where the questions of each passage end, and the next one's begin."""

    @classmethod
    def of(cls, passages: list[Shelved], kept: list[int]) -> _Brought:
        found = [
            (rival, at, number)
            for at in kept
            for number, asked in enumerate(passages[at].questions)
            if asked.kind != NOTHING
            for rival, _, share in asked.rivals
            if share < FAR
        ]
        rows = np.array(sorted(found), np.int32).reshape(-1, 3)
        counts = np.bincount(rows[:, 0], minlength=len(passages))
        return cls(rows[:, 1].copy(), rows[:, 2].copy(), np.cumsum(counts))

    def of_passage(self, at: int, chance: random.Random) -> Place | None:
        """Return one of the questions that passage ``at`` is brought for."""
        begin, end = int(self.ends[at - 1]) if at else 0, int(self.ends[at])
        if begin == end:
            return None
        row = chance.randrange(begin, end)
        return Place(int(self.passages[row]), int(self.questions[row]))

"""Examples: passages, a question and the answer to be learned, composed anew each time from what is on the shelf.

The right passage stands among rivals that a search would bring, whole or in the sentences that the product would read.
Some examples have no answer: the right passage is missing, or only its sentence, or something else is asked about it.
Standard library only.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate, pairwise
from typing import TypeVar

from models.nano import answers
from models.nano.attacks import attack
from models.nano.hurry import varied
from models.nano.prompt_texts import PromptTexts
from models.nano.shelf import Asked, Shelved
from models.nano.turns import GAP, Fences, Shown, Turn

ORIGINS = {"docs": 0.50, "facts": 0.48, "qa": 0.02}
KINDS = {"title": 0.18, "list": 0.10}
"""How often an example is about a question of this origin and kind, where there are such."""

OTHER_KINDS = 0.72
"""Likewise for questions that a single sentence answers, all kinds of them together."""

REFUSED = 0.23
"""Share of examples without an answer."""

MISSING = {"withheld": 0.42, "cut": 0.30, "none": 0.18, "altered": 0.10}
"""Why there is none: the passage is not shown, or shown without its sentence; the document says nothing of it; or
another thing is asked about."""

STYLES = {"short": 0.72, "sentence": 0.09, "steps": 0.07, "letter": 0.06, "own": 0.06}
FOLLOWED = 0.05
"""Share of examples that are conversations of two turns."""

FIRST = 0.4
"""Share in which the right passage comes first, as a search would have it; else it stands anywhere."""

STRANGER = 0.15
"""Share of the other passages that have nothing to do with the question."""

ATTACKED = 0.03
NOTHING = "none"
"""The kind of a question that its document does not answer."""

FAR = 55
"""Hundredths of a question's words; a passage with more of them may answer after all, and is shown only where another
one answers better."""

TRIES = 12
"""To find passages that may stand beside the right one."""

_Name = TypeVar("_Name", str, int)

_PART = re.compile(r"\d+|\b[A-Z][A-Za-z0-9.+-]{2,}|(?<=[а-я] )[А-ЯЁ][а-яё]{3,}")


SIGNS_PER_TOKEN = 3.2
"""Characters, at least, on an average of passages: tables and code have fewer than prose, which has 4 to 5."""

FRAMES = 180
"""Tokens of an example that are none of a passage's text: the system's message, the fences, question and answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mix:
    """How much is put before the model."""

    whole: float
    """Share of examples whose passages are shown whole; the others in some sentences, as ``kb.context`` does."""
    beside: dict[int, float]
    """Passages beside the right one."""
    neighbours: float
    """Chance of each sentence around the right one to be shown with it, where a passage is not shown whole."""
    longest: int
    """Characters of all passages together."""
    longest_passage: int

    def within(self, tokens: int) -> Mix:
        """Return the mix for examples that have to fit into a row of ``tokens``."""
        room = max(int((tokens - FRAMES) * SIGNS_PER_TOKEN), 200)
        return replace(self, longest=min(self.longest, room), longest_passage=min(self.longest_passage, room * 2 // 3))


FULL = Mix(
    whole=0.7,
    beside={0: 0.04, 1: 0.12, 2: 0.40, 3: 0.20, 4: 0.14, 5: 0.10},
    neighbours=0.5,
    longest=5_200,
    longest_passage=2_000,
)
"""As the product asks, at all its budgets, and as whole passages for the evaluation."""

SHORT = Mix(whole=0.3, beside={0: 0.05, 1: 0.40, 2: 0.40, 3: 0.15}, neighbours=0.5, longest=1_300, longest_passage=600)
"""For the beginning, when the model has to find out what an answer is: few sentences are read for each of them."""


@dataclass(frozen=True, slots=True)
class Example:
    """A conversation: one turn, seldom two."""

    turns: tuple[Turn, ...]


@dataclass(frozen=True, slots=True)
class Scene:
    """Passages as they are shown, and a question about them."""

    shown: tuple[Shown, ...]
    question: str
    style: str
    answer: tuple[str, ...]
    number: int
    """Of the passage that answers; 0: none does."""


@dataclass(frozen=True, slots=True)
class Place:
    """A question on the shelf."""

    passage: int
    question: int


@dataclass(slots=True)
class _Pool:
    """Questions of one origin and kind, and how often one of them is drawn."""

    weight: float
    places: list[Place] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Drawing:
    """Pools, and their weights added up."""

    pools: list[_Pool]
    weights: list[float]

    @classmethod
    def of(cls, pools: list[_Pool]) -> _Drawing:
        return cls(pools, list(accumulate(pool.weight for pool in pools)))


class Composer:
    """Makes examples; what it makes depends on nothing but the shelf and the chance it is given."""

    def __init__(
        self, passages: Sequence[Shelved], texts: PromptTexts, *, mix: Mix = FULL, held_out: bool = False
    ) -> None:
        """``held_out``: make them of the documents that are kept for validation, and only of these."""
        self.passages = list(passages)
        self.texts = texts
        self.held_out = held_out
        self._mix = mix
        self.fences = Fences(texts)
        pools: dict[tuple[str, str], _Pool] = {}
        self.kept = [at for at, one in enumerate(passages) if one.held_out == held_out and one.sentences]
        for at in self.kept:
            one = passages[at]
            for number, question in enumerate(one.questions):
                if is_usable(one, question):
                    kind = question.kind if question.kind in (*KINDS, NOTHING) else ""
                    weight = ORIGINS.get(one.origin, 0.1) * KINDS.get(kind, OTHER_KINDS)
                    pools.setdefault((one.origin, kind), _Pool(weight)).places.append(Place(at, number))
        self._answered = _Drawing.of([pool for (_, kind), pool in pools.items() if kind != NOTHING])
        self._unanswered = _Drawing.of([pool for (_, kind), pool in pools.items() if kind == NOTHING])
        if not self._answered.pools:
            raise ValueError("there is no question on the shelf")

    def example(self, chance: random.Random) -> Example:
        """Return an example."""
        scene, place = self.scene(chance)
        first = self._told(scene)
        if chance.random() >= FOLLOWED:
            return Example((first,))
        document = self.passages[place.passage].document
        near = range(max(0, place.passage - 3), min(len(self.passages), place.passage + 4))
        others = [
            Place(at, number)
            for at in near
            if self.passages[at].document == document
            for number, question in enumerate(self.passages[at].questions)
            if question.kind != NOTHING and (at, number) != (place.passage, place.question)
        ]
        if not others:
            return Example((first,))
        again, _ = self.scene(chance, place=chance.choice(others))
        return Example((first, self._told(again)))

    def _told(self, scene: Scene) -> Turn:
        return Turn(self.fences.units(scene.shown, scene.question, scene.style), scene.answer, scene.number)

    def document(self, chance: random.Random) -> Iterator[str]:
        """Yield the units of a document as plain text, from a passage of it on."""
        at = chance.choice(self.kept)
        document = self.passages[at].document
        heading, last = "", ""
        yield self.passages[at].title + "\n"
        while at < len(self.passages) and self.passages[at].document == document:
            one = self.passages[at]
            if one.heading != heading:
                heading = one.heading
                yield f"\n{heading}\n"
            for place, (joint, sentence) in enumerate(zip(one.joints, one.sentences, strict=True)):
                if place or sentence != last:  # neighbours overlap by one sentence
                    yield f"{joint if place else ''}{sentence}"
            yield "\n"
            last = one.sentences[-1]
            at += 1

    def scene(self, chance: random.Random, *, place: Place | None = None) -> tuple[Scene, Place]:
        """Return passages with a question, about ``place`` of the shelf if it is given, and its place."""
        refused = chance.random() < REFUSED
        reason = _drawn(MISSING, chance) if refused else ""
        if place is None:
            nothing = reason == "none" and bool(self._unanswered.pools)
            place = _of(self._unanswered if nothing else self._answered, chance)
        asked = self.passages[place.passage].questions[place.question]
        if asked.kind == NOTHING:
            reason = "none"
        elif reason == "none" or (reason == "cut" and not asked.silent):
            reason = "withheld"
        question = asked.text
        if reason == "altered":
            other = _of(self._answered, chance)
            changed = altered(question, self.passages[other.passage].questions[other.question].text, chance)
            question, reason = (changed, reason) if changed else (question, "withheld")
        return self._composed(place, asked, question, reason, chance), place

    def _composed(self, place: Place, asked: Asked, question: str, reason: str, chance: random.Random) -> Scene:
        whole = chance.random() < self._mix.whole
        rivals = [(at, best) for at, best, share in asked.rivals if share < FAR or not reason]
        shown = self._others(place, asked, rivals, whole=whole, chance=chance, least=1 if reason == "withheld" else 0)
        if reason == "withheld" and not shown:
            reason = ""  # the shelf holds nothing else
        form, words = self.style(chance)
        number = 0
        answer: tuple[str, ...] = (self.texts.refusal,)
        if reason != "withheld":
            place_of_right = 1 if chance.random() < FIRST else chance.randrange(len(shown) + 1) + 1
            key = None if reason == "none" else asked.sentence
            without = asked.sentence if reason == "cut" else None
            right, at = self._shown(place.passage, key, whole=whole, chance=chance, without=without)
            shown.insert(place_of_right - 1, right)
            if not reason:
                number = place_of_right
                sentences, form = answers.chosen(right, at, asked, form, chance)
                answer = answers.units(sentences, number, form, chance)
        if chance.random() < ATTACKED:
            self._attack(shown, chance)
        question = varied(question, chance).strip() or question
        return Scene(tuple(shown), question, words, answer, number)

    def _others(
        self,
        place: Place,
        asked: Asked,
        rivals: list[tuple[int, int]],
        *,
        whole: bool,
        chance: random.Random,
        least: int,
    ) -> list[Shown]:
        """Return the passages beside the right one, at least ``least`` of them."""
        chance.shuffle(rivals)
        right = self.passages[place.passage]
        said = right.sentences[asked.sentence] if asked.sentence >= 0 else ""
        wanted = max(least, _drawn(self._mix.beside, chance))
        room = self._mix.longest - self._mix.longest_passage
        taken = {place.passage}
        shown: list[Shown] = []
        for _ in range(TRIES):
            if len(shown) >= wanted:
                break
            is_rival = bool(rivals) and chance.random() >= STRANGER
            at, best = rivals.pop() if is_rival else (chance.randrange(len(self.passages)), 0)
            other = self.passages[at]
            if at in taken or said in other.sentences or (other.document == right.document and not is_rival):
                continue
            one, _ = self._shown(at, best, whole=whole, chance=chance)
            room -= len(one.text)
            if room < 0 and len(shown) >= least:
                break
            taken.add(at)
            shown.append(one)
        return shown

    def _shown(
        self, at: int, key: int | None, *, whole: bool, chance: random.Random, without: int | None = None
    ) -> tuple[Shown, int]:
        """Return a passage as it is shown, and where in it sentence ``key`` stands (0 where it does not)."""
        one = self.passages[at]
        middle = key if key is not None else chance.randrange(len(one.sentences))
        window = _window(one.sentences, middle, self._mix.longest_passage)
        chosen = window if whole else _selected(window, middle, self._mix.neighbours, chance)
        chosen = [index for index in chosen if index != without] or [0 if without != 0 else len(one.sentences) - 1]
        joints = [""]
        for before, index in pairwise(chosen):
            near = index == before + 1 or (whole and before + 1 == without)
            joints.append(one.joints[index] if near else GAP)
        sentences = tuple(one.sentences[index] for index in chosen)
        place = chosen.index(key) if key in chosen else 0
        return Shown(one.title, sentences, tuple(joints), at, tuple(chosen)), place

    def style(self, chance: random.Random) -> tuple[str, str]:
        """Return the form of an answer and the words that ask for it."""
        style = _drawn(STYLES, chance)
        if style == "own":
            words = chance.choice(tuple(answers.OWN_STYLES))
            return answers.OWN_STYLES[words], words
        return answers.FORMS[style], self.texts.styles[style]

    def _attack(self, shown: list[Shown], chance: random.Random) -> None:
        """Put a command into one of the passages."""
        at = chance.randrange(len(shown))
        one = shown[at]
        place = chance.randrange(len(one.sentences) + 1)
        sentences = (*one.sentences[:place], attack(chance), *one.sentences[place:])
        joints = ("", *one.joints[1:place], " ", *one.joints[max(place, 1) :])
        places = (*one.places[:place], -1, *one.places[place:])
        shown[at] = Shown(one.title, sentences, joints, one.passage, places)


def is_usable(passage: Shelved, question: Asked) -> bool:
    """Whether an answer can be made: a sentence that only leads up to a list says nothing by itself."""
    leads = question.sentence >= 0 and passage.sentences[question.sentence].endswith(":")
    return not leads or question.kind == "list"


def _of(drawing: _Drawing, chance: random.Random) -> Place:
    """Return a question: its pool by weight, then any of it."""
    [pool] = chance.choices(drawing.pools, cum_weights=drawing.weights)
    return chance.choice(pool.places)


def _drawn(weights: dict[_Name, float], chance: random.Random) -> _Name:
    return chance.choices(list(weights), list(weights.values()))[0]


def _window(sentences: Sequence[str], middle: int, room: int) -> range:
    """Return the indexes around ``middle`` whose sentences have room: mostly all."""
    first = last = middle
    room -= len(sentences[middle])
    while first > 0 and (room := room - len(sentences[first - 1])) > 0:
        first -= 1
    while last + 1 < len(sentences) and (room := room - len(sentences[last + 1])) > 0:
        last += 1
    return range(first, last + 1)


def _selected(window: range, middle: int, neighbours: float, chance: random.Random) -> list[int]:
    """Return indexes of sentences that ``kb.context`` may have taken beside ``middle``: neighbours, and some more."""
    chosen = {middle}
    chosen |= {at for at in (middle - 1, middle + 1, middle + 2) if at in window and chance.random() < neighbours}
    while chance.random() < 0.6 * neighbours:
        chosen.add(chance.choice(window))
    return sorted(chosen)


def altered(question: str, other: str, chance: random.Random) -> str | None:
    """Return ``question`` with a number or a name that it does not have; None where it has none to change."""
    places = [match for match in _PART.finditer(question) if match.start()]
    if not places:
        return None
    place = chance.choice(places)
    if place[0].isdigit():
        number = int(place[0])
        new = str(chance.choice((number + 1, number + 3, number * 2 + 1, max(number - 2, 0), number + 10)))
    else:
        latin = place[0].isascii()
        names = [match[0] for match in _PART.finditer(other) if match.start() and not match[0].isdigit()]
        names = [name for name in names if name.isascii() == latin and name not in question]
        if not names:
            return None
        new = chance.choice(names)
    return question[: place.start()] + new + question[place.end() :]

"""A user's turn and its answer as lists of units: texts that the tokenizer may cut apart without changing a token.

Qwen2's pattern never joins a space with what stands before it, and a line's end only with the mark before it. So a unit
begins with its one space, or stands behind a line's end. The same sentence is a unit of thousands of examples, and is
tokenised once.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from models.nano.prompt_texts import PromptTexts

GAP = " … "
"""Stands where ``kb.context`` left sentences out."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A passage as the model sees it: sentences, and what stands before each (nothing, " ", a line's end, the gap)."""

    title: str
    sentences: tuple[str, ...]
    joints: tuple[str, ...]
    passage: int = -1
    """Its place on the shelf; -1: it is none of the shelf's."""
    places: tuple[int, ...] = ()
    """Where each sentence stands in that passage; -1: it is none of its."""

    @property
    def text(self) -> str:
        """The passage as one text."""
        return "".join(joint + sentence for joint, sentence in zip(self.joints, self.sentences, strict=True))

    def following(self, at: int, *, most: int) -> tuple[str, ...]:
        """Return up to ``most`` sentences that stand right behind sentence ``at``."""
        end = at + 1
        while end < len(self.sentences) and end - at <= most and self.joints[end] != GAP:
            end += 1
        return self.sentences[at + 1 : end]


@dataclass(frozen=True, slots=True)
class Turn:
    """What is asked and what is to be answered."""

    asked: tuple[str, ...]
    answer: tuple[str, ...]
    number: int
    """Of the passage that answers; 0: none does."""


class Fences:
    """Passages and a question as units, from the assistant's own texts."""

    def __init__(self, texts: PromptTexts) -> None:
        before_number, before_title, before_text, after_text = re.split(r"\{\w+\}", texts.passage)
        before_question, before_style, behind = re.split(r"\{\w+\}", texts.question)
        if not before_title.endswith(" ") or not before_text.endswith("\n") or behind:
            raise ValueError("the assistant's texts are no longer cut as units")
        if not after_text.startswith("\n") or not before_question.endswith(" ") or before_style != "\n":
            raise ValueError("the assistant's texts are no longer cut as units")
        self._opening = (before_number, before_title[:-1])
        self._under_title = before_text
        self._closing = after_text[1:]
        self._asking = before_question[:-1]

    def units(self, shown: Sequence[Shown], question: str, style: str) -> tuple[str, ...]:
        """Return a user's turn; joined it is what ``PromptTexts.turn`` says."""
        return (*self.passages(shown), *self.question(question, style))

    def passages(self, shown: Sequence[Shown]) -> tuple[str, ...]:
        """Return the first part of a turn: all passages."""
        units: list[str] = []
        for number, one in enumerate(shown, start=1):
            units.append(f"{self._opening[0]}{number}{self._opening[1]}")
            units.append(f" {one.title}{self._under_title}")
            units += _sentence_units(one)
            units.append(self._closing)
        return tuple(units)

    def question(self, question: str, style: str) -> tuple[str, ...]:
        """Return the rest of a turn: what is asked, and in which style."""
        return (self._asking, f" {question}\n", style.rstrip())


def _sentence_units(shown: Shown) -> list[str]:
    """Return a passage's sentences with the spaces before them and the line's ends behind them."""
    units: list[str] = []
    ends = [*shown.joints[1:], "\n"]
    for joint, sentence, end in zip(shown.joints, shown.sentences, ends, strict=True):
        if joint == GAP:
            units.append(GAP[:-1])
        lead = " " if joint in (" ", GAP) else ""
        units.append(f"{lead}{sentence}\n" if end == "\n" else lead + sentence)
    return units

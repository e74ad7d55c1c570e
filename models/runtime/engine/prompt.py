"""A conversation as the tokens a model reads, with the places where reading may be cut and taken up again.

Markup and texts are tokenised apart, so that ``<|im_start|>`` in a document is six ordinary tokens and no turn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from models.runtime.engine.templates import ChatTemplate, Markup
from models.runtime.engine.vocabulary import Vocabulary
from models.runtime.options import Message


@dataclass(frozen=True, slots=True)
class Prompt:
    """Tokens, and positions in them."""

    tokens: list[int]
    system_end: int
    """Where what depends on the system's message alone ends; 0 without one."""
    turn: int
    """Where the last message's text begins."""
    settled: tuple[int, ...]
    """Where its settled beginnings end."""
    text_end: int
    """Where it ends: what follows is markup that closes the turn."""
    alone: bool = False
    """Whether it is the only message: nothing but markup stands before it."""

    @property
    def shared(self) -> frozenset[int]:
        """Positions that other prompts may come back to."""
        return frozenset({self.system_end, *self.settled} - {0})

    @property
    def cuts(self) -> frozenset[int]:
        """Positions that no step of reading crosses, whether anything is reused or not (``steps``)."""
        return self.shared if self.alone else self.shared | {self.turn}


def build(
    messages: Sequence[Message], template: ChatTemplate, vocabulary: Vocabulary, *, settled: Sequence[int] = ()
) -> Prompt:
    """Write a conversation down in tokens, up to where the model goes on.

    ``settled``: lengths in characters of beginnings of the last message that other requests may share. Raises
    ``TemplateRefused``.
    """
    tokens: list[int] = []
    system_end = turn = text_end = 0
    marks: list[int] = []
    if vocabulary.adds_begin:
        tokens.append(vocabulary.begin)
    for part in template.parts(messages, generation=True):
        if isinstance(part, Markup):
            _append_markup(tokens, vocabulary.markup(part.text), vocabulary)
            continue
        turn = len(tokens)
        written = vocabulary.text(part.text)
        tokens += written
        text_end = len(tokens)
        if part.message == 1 and messages[0].role == "system":
            system_end = turn
        if part.merged:
            system_end = turn + _shared(part.text[: part.merged], written, vocabulary)
        if part.message == len(messages) - 1:
            marks = [turn + _shared(part.text[: part.merged + mark], written, vocabulary) for mark in settled if mark]
    tokens = tokens or [max(vocabulary.begin, 0)]  # something has to be read before anything is written
    return Prompt(tokens, system_end, turn, tuple(marks), text_end, alone=len(messages) == 1)


def _append_markup(tokens: list[int], markup: list[int], vocabulary: Vocabulary) -> None:
    """Append, but not a second beginning of the document: most templates write their own."""
    repeated = vocabulary.adds_begin and tokens == [vocabulary.begin] == markup[:1]
    tokens += markup[1:] if repeated else markup


def _shared(beginning: str, whole: Sequence[int], vocabulary: Vocabulary) -> int:
    """Return how many tokens of ``whole`` depend on ``beginning`` alone: the last of it may join what follows."""
    return common(vocabulary.text(beginning), whole)


def common(first: Sequence[int], second: Sequence[int]) -> int:
    """Return how many tokens two sequences have in common at their beginning."""
    for i, (a, b) in enumerate(zip(first, second, strict=False)):
        if a != b:
            return i
    return min(len(first), len(second))

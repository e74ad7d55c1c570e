"""A conversation as the tokens a model reads, with the places where reading may be cut and taken up again.

Markup and texts are tokenised apart, so that ``<|im_start|>`` in a document is six ordinary tokens and no turn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from models.runtime.engine.templates import ChatTemplate, Content, Markup
from models.runtime.engine.vocabulary import Vocabulary
from models.runtime.options import Message


@dataclass(frozen=True, slots=True)
class Prompt:
    """Tokens, and positions in them."""

    tokens: list[int]
    system_end: int
    """Where what depends on the system's message alone ends; 0 without one."""
    settled_end: int
    """Where the settled beginning of the last message ends; 0 if it has none."""
    text_end: int
    """Where the last message's text ends: what follows is markup that closes the turn."""

    @property
    def cuts(self) -> tuple[int, ...]:
        """Positions at which no step of reading crosses, whether anything is reused or not.

        A sum over a batch of another width rounds differently; steps of the same widths make a reused state the same
        to the bit as one read afresh.
        """
        return tuple(sorted({self.system_end, self.settled_end} - {0}))


def build(messages: Sequence[Message], template: ChatTemplate, vocabulary: Vocabulary, *, settled: int = 0) -> Prompt:
    """Write a conversation down in tokens, up to where the model goes on.

    ``settled``: how many characters of the last message later requests may share. Raises ``TemplateRefused``.
    """
    tokens: list[int] = []
    system_end = settled_end = text_end = 0
    if vocabulary.adds_begin:
        tokens.append(vocabulary.begin)
    parts = template.parts(messages, generation=True)
    last = max(part.message for part in parts if isinstance(part, Content))
    for part in parts:
        if isinstance(part, Markup):
            _append_markup(tokens, vocabulary.markup(part.text), vocabulary)
            continue
        start = len(tokens)
        written = vocabulary.text(part.text)
        tokens += written
        text_end = len(tokens)
        if part.message == 1 and messages[0].role == "system":
            system_end = start
        if part.merged:
            system_end = start + _shared(part.text[: part.merged], written, vocabulary)
        if settled and part.message == last:
            settled_end = start + _shared(part.text[: part.merged + settled], written, vocabulary)
    return Prompt(tokens, system_end, settled_end, text_end)


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

"""An answer while a model writes it: words are shown as they come, and every finished sentence is held against the
passages.

Citations of the model are held back until their sentence ends, and then stand corrected behind it. They are numbered in
the order of their first use, so that what was shown need not change: one number for each place that supports something.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from app.answer_text import first_complete, plain, settled
from app.events import Sentence, Text
from app.grounding import Grounding, Support
from app.prompt import unescaped
from kb.results import Citation, Piece


class LiveAnswer:
    """Takes what a model writes; afterwards ``text``, ``citations`` and ``unsupported`` are the answer."""

    def __init__(self, pieces: Sequence[Piece], *, question: str) -> None:
        self._pieces = {piece.number: piece for piece in pieces}
        self._grounding = Grounding(pieces, question=question)
        self._pending = ""
        self._shown = 0
        self._parts: list[str] = []
        self._numbers: dict[tuple[int, str], int] = {}
        self._citations: list[Citation] = []
        self._gap = ""
        self._in_table = False
        self.written = ""
        """What the model wrote, to the letter."""
        self.unsupported: list[str] = []
        self.supported = 0
        """Sentences that the passages support."""
        self.refused = False
        """Whether a sentence said that there is no answer."""

    @property
    def text(self) -> str:
        """All that was shown."""
        return "".join(self._parts)

    @property
    def citations(self) -> tuple[Citation, ...]:
        """The places that support the answer, in the order of their numbers."""
        return tuple(self._citations)

    def take(self, delta: str) -> Iterator[Text | Sentence]:
        """Take the next piece of what the model writes."""
        self.written += delta
        self._pending += unescaped(delta)
        self._skip()
        while (end := first_complete(self._pending)) is not None:
            yield from self._finish(self._pending[:end])
            self._pending = self._pending[end:]
            self._gap = ""
            self._skip()
        self._skip()
        yield from self._show(settled(self._pending))

    def end(self) -> Iterator[Text | Sentence]:
        """Take the end of the answer."""
        if self._pending.strip():
            yield from self._finish(self._pending)
        self._pending = ""

    def _skip(self) -> None:
        """Take white space off what is to come; it is shown with the first words behind it."""
        rest = self._pending.lstrip()
        self._gap += self._pending[: len(self._pending) - len(rest)]
        self._pending = rest

    def _separator(self) -> str:
        """Return what stands between two sentences: a space, or the ends of lines with the indent behind them."""
        lines, newline, indent = self._gap.rpartition("\n")
        return "\n" * min(lines.count("\n") + 1, 2) + indent if newline else " "

    def _show(self, text: str) -> Iterator[Text]:
        """Show what of ``text``, the beginning of the current sentence, was not shown yet."""
        if len(text) > self._shown:
            delta = (self._separator() if not self._shown and self._parts else "") + text[self._shown :]
            self._shown = len(text)
            self._parts.append(delta)
            yield Text(delta)

    def _finish(self, sentence: str) -> Iterator[Text | Sentence]:
        text = plain(sentence).strip()
        if not text:
            return
        yield from self._show(text)
        self._shown = 0
        checked = self._grounding.check(sentence)
        heads = text.startswith("|") and not self._in_table  # the names of columns cite nothing: their rows do
        self._in_table = text.startswith("|")
        numbers = () if heads else tuple(dict.fromkeys(self._number(support) for support in checked.supports))
        marks = "".join(f" [{number}]" for number in numbers)
        if marks:
            self._parts.append(marks)
            yield Text(marks)
        if not checked.supported:
            self.unsupported.append(text)
        self.supported += bool(checked.supports)
        self.refused = self.refused or checked.refusal
        yield Sentence(text, checked.supported, numbers, checked.missing)

    def _number(self, support: Support) -> int:
        piece = self._pieces[support.number]
        key = (support.number, support.quote)
        if key not in self._numbers:
            self._numbers[key] = len(self._numbers) + 1
            self._citations.append(
                Citation(
                    number=self._numbers[key],
                    document=piece.document,
                    title=piece.title,
                    place=support.place,
                    heading=piece.heading,
                    quote=support.quote,
                    score=piece.score,
                )
            )
        return self._numbers[key]

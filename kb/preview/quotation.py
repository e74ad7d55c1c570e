"""Where a quotation stands in a text that is the same but for spaces, hyphens, punctuation and the case of letters.

A quotation was cleaned by a reader: lines joined, hyphenated words mended. What the document shows was not. So both are
compared by their letters and digits alone, and the span found is one of the text as it is shown.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

FEWEST = 12
"""Letters and digits. A part of a quotation that is shorter stands in many places."""


@dataclass(frozen=True, slots=True)
class Span:
    """``texts[block][start:end]``."""

    block: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Folded:
    """Letters and digits of several texts, and where each of them stands: text number and offset."""

    signs: str
    blocks: tuple[int, ...]
    offsets: tuple[int, ...]

    @classmethod
    def of(cls, texts: Sequence[str]) -> Folded:
        signs: list[str] = []
        blocks: list[int] = []
        offsets: list[int] = []
        for number, text in enumerate(texts):
            for offset, sign in enumerate(text):
                folded = _folded(sign)
                signs.append(folded)
                blocks.extend([number] * len(folded))
                offsets.extend([offset] * len(folded))
        return cls("".join(signs), tuple(blocks), tuple(offsets))

    def spans(self, start: int, end: int) -> tuple[Span, ...]:
        """Return the spans of the texts that ``signs[start:end]`` covers, one for each text."""
        found = []
        while start < end:
            block = self.blocks[start]
            last = min(end, bisect_right(self.blocks, block, start)) - 1
            found.append(Span(block, self.offsets[start], self.offsets[last] + 1))
            start = last + 1
        return tuple(found)


def locate(quotation: str, texts: Sequence[str], *, near: int = 0) -> tuple[Span, ...]:
    """Return where ``quotation`` stands in ``texts``, the place closest to ``texts[near]``; nothing where it does not.

    It may run over several texts; there is then a span for each.
    """
    wanted = Folded.of([quotation]).signs
    folded = Folded.of(texts)
    best: tuple[int, int] | None = None
    at = folded.signs.find(wanted) if wanted else -1
    while at >= 0:
        distance = abs(folded.blocks[at] - near)
        if best is None or distance < best[0]:
            best = (distance, at)
        at = folded.signs.find(wanted, at + 1)
    if best is None:
        return ()
    return _with_punctuation(quotation.strip(), texts, folded.spans(best[1], best[1] + len(wanted)))


def locate_part(quotation: str, text: str, *, beginning: bool) -> tuple[Span, ...]:
    """Return where the longest beginning (or end) of ``quotation`` stands in ``text``: of one that runs over pages."""
    wanted = Folded.of([quotation]).signs
    folded = Folded.of([text])

    def part(length: int) -> str:
        return wanted[:length] if beginning else wanted[-length:]

    low, high = 0, len(wanted)  # what holds a part holds every shorter one
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if part(middle) in folded.signs else (low, middle - 1)
    if low < min(FEWEST, len(wanted)) or not low:
        return ()
    at = folded.signs.rfind(part(low)) if beginning else folded.signs.find(part(low))
    return folded.spans(at, at + low)


def _with_punctuation(quotation: str, texts: Sequence[str], spans: tuple[Span, ...]) -> tuple[Span, ...]:
    """Take in what stands around the letters in the quotation and in the text alike: quotation marks, a full stop."""
    head = quotation[: next(at for at, sign in enumerate(quotation) if _folded(sign))]
    tail = quotation[max(at for at, sign in enumerate(quotation) if _folded(sign)) + 1 :]
    first, last = spans[0], spans[-1]
    start, end = first.start, last.end
    while head and start and texts[first.block][start - 1] == head[-1]:
        head, start = head[:-1], start - 1
    while tail and texts[last.block][end : end + 1] == tail[0]:
        tail, end = tail[1:], end + 1
    spans = (replace(first, start=start), *spans[1:])
    return (*spans[:-1], replace(spans[-1], end=end))


@lru_cache(maxsize=4096)
def _folded(sign: str) -> str:
    """Return the letters and digits of a sign, without case, accents and ligatures."""
    return "".join(one for one in unicodedata.normalize("NFKD", sign).casefold() if one.isalnum())

"""Ranked passages as a caller sees them: copies shown once, neighbours of one document merged."""

from __future__ import annotations

from dataclasses import replace

from kb.blocks import Sentence
from kb.language.words import stems
from kb.results import FoundPassage
from kb.search.engine import Hits
from kb.search.ranking import Ranked

SAME = 0.85
"""From this share of common stems on, two passages are one text shown once. Of 36,846 pairs that support-kb-ru's
articles make in the first twenty of 195 searches, 0.2 % lie above it: the same text under another title. Between .6 and
.8 stand translations of one text, which differ in what they say."""

LOOKED_AT = 4
"""How many times ``limit`` passages are looked through for copies and neighbours."""

LONGEST_MERGED = 3
"""Passages that are merged into one at the most: about a page."""


def found_passages(hits: Hits, *, limit: int) -> tuple[FoundPassage, ...]:
    """Return the first ``limit`` passages of ``hits``, without copies, neighbours of one document as one passage."""
    shown: list[_Shown] = []
    pairs = zip(hits.ranked, hits.probabilities, strict=True)
    for one, probability in list(pairs)[: limit * LOOKED_AT]:
        neighbour = next((other for other in shown if other.touches(one)), None)
        if neighbour is None and len(shown) == limit:
            continue
        mine = frozenset(stems(one.passage.text))
        if any(_share(mine, other.stems) >= SAME for other in shown):
            continue
        if neighbour is not None:
            neighbour.parts.append(one)
        else:
            shown.append(_Shown(one, probability, mine))
    return tuple(one.merged() for one in shown)


class _Shown:
    """A passage that is shown, with the neighbours that were found after it."""

    def __init__(self, first: Ranked, probability: float, stems_: frozenset[str]) -> None:
        self.first = first
        self.probability = probability
        self.stems = stems_
        self.parts = [first]

    def touches(self, other: Ranked) -> bool:
        """Whether ``other`` stands next to this in its document and there is room for it."""
        if other.passage.document_id != self.first.passage.document_id or len(self.parts) == LONGEST_MERGED:
            return False
        return any(abs(other.passage.position - part.passage.position) == 1 for part in self.parts)

    def merged(self) -> FoundPassage:
        """Return the parts in reading order as one passage; sentences that overlap stand once."""
        merged: FoundPassage | None = None
        for part in sorted(self.parts, key=lambda part: part.passage.position):
            passage = found_passage(part, self.probability)
            merged = passage if merged is None else _joined(merged, passage, part.passage.overlap, part is self.first)
        assert merged is not None
        return merged


def found_passage(one: Ranked, probability: float) -> FoundPassage:
    """Return a ranked passage as a caller sees it."""
    passage = one.passage
    return FoundPassage(
        passage_id=passage.id,
        document_id=passage.document_id,
        document=passage.document,
        title=passage.title,
        place=passage.place,
        heading=passage.heading,
        text=passage.text,
        sentences=passage.sentences,
        best=one.best,
        score=probability,
    )


def _joined(before: FoundPassage, after: FoundPassage, overlap: int, best_behind: bool) -> FoundPassage:
    """Return two neighbours as one; the first ``overlap`` sentences of ``after`` stand in ``before`` already."""
    fresh = after.sentences[overlap:]
    if not fresh:
        return before
    start = len(before.text) + 1
    text = f"{before.text}\n{after.text[fresh[0].start :]}"
    moved = tuple(Sentence(s.start - fresh[0].start + start, s.end - fresh[0].start + start, s.place) for s in fresh)
    best = before.best
    if best_behind:
        best = len(before.sentences) - overlap + after.best  # an overlapping one is at the end of ``before``
    heading = before.heading if before.heading == after.heading else _common(before.heading, after.heading)
    return replace(
        before,
        text=text,
        sentences=before.sentences + moved,
        best=best,
        heading=heading,
    )


def _common(a: tuple[str, ...], b: tuple[str, ...]) -> tuple[str, ...]:
    """Return the common beginning of two heading paths."""
    kept = []
    for x, y in zip(a, b, strict=False):
        if x != y:
            break
        kept.append(x)
    return tuple(kept)


def _share(a: frozenset[str], b: frozenset[str]) -> float:
    """Return the Jaccard similarity of two sets; two empty ones are alike."""
    either = len(a | b)
    return len(a & b) / either if either else 1.0

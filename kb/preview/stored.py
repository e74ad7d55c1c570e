"""A document as a base keeps it, for when its file is gone: headings and passages put together again, in order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kb.blocks import Block, BlockKind
from kb.places import Place
from kb.preview.facts import Excerpt
from kb.preview.texts import around
from kb.store.records import DocumentRecord, StoredPassage


def stored_excerpt(
    record: DocumentRecord,
    passages: Iterable[StoredPassage],
    place: Place | None = None,
    quotation: str = "",
    *,
    at: int | None = None,
) -> Excerpt:
    """Return the blocks around ``place``, or around block ``at``, as ``kb.preview.texts.excerpt`` does."""
    return around(record.title, record.format, tuple(_blocks(passages)), place, quotation, at=at)


def _blocks(passages: Iterable[StoredPassage]) -> Iterator[Block]:
    above: tuple[str, ...] = ()
    for passage in passages:
        for level, heading in enumerate(passage.heading, 1):
            if passage.heading[:level] != above[:level]:
                yield Block(BlockKind.HEADING, heading, passage.place, level=level)
        above = passage.heading
        yield from _lines(passage)


def _lines(passage: StoredPassage) -> Iterator[Block]:
    """Divide a passage at its line breaks, without the sentences that repeat the end of the passage before."""
    sentences = passage.sentences[passage.overlap :]
    start = sentences[0].start if sentences else 0
    for line in passage.text[start:].splitlines(keepends=True):
        end = start + len(line)
        if text := line.strip():
            place = next((one.place for one in sentences if start <= one.start < end), passage.place)
            yield Block(BlockKind.PARAGRAPH, text, place)
        start = end

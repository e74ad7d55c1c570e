"""What a reader makes of a file: a title and a row of structural blocks, each with its exact place.

Blocks are the border between the readers (one per format) and segmentation (one for all formats).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kb.places import Place


class BlockKind(StrEnum):
    """The structural role of a block."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST_ITEM = "list_item"
    TABLE_ROW = "table_row"
    CODE = "code"
    TURN = "turn"


@dataclass(frozen=True, slots=True)
class Block:
    """One structural unit of a document.

    ``text`` is plain text without markup, NFC-normalised, whitespace collapsed (newlines kept in code only). A table
    row repeats its header: ``Отдел: Бухгалтерия; Телефон: 12-34``. ``level`` is the depth of a heading (1 is
    the top), 0 elsewhere. ``speaker``, ``start`` and ``stop`` (seconds) belong to turns of speech. ``marks`` tell
    where inside the text the place changes (a paragraph over several lines): ``(offset, place)``, ascending; what
    stands before the first mark is at ``place``.
    """

    kind: BlockKind
    text: str
    place: Place
    level: int = 0
    speaker: str = ""
    start: float | None = None
    stop: float | None = None
    marks: tuple[tuple[int, Place], ...] = ()


@dataclass(frozen=True, slots=True)
class ReadDocument:
    """A document as read: ``title`` is never empty (the file's stem when the document names none).

    ``unread_pages`` are pages (from 1) that hold a picture of text which nothing here could recognise.
    """

    title: str
    format: str
    blocks: tuple[Block, ...]
    unread_pages: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence inside a segment's text: ``text[start:end]``, and where it stands in the document."""

    start: int
    end: int
    place: Place


@dataclass(frozen=True, slots=True)
class Segment:
    """A passage not yet stored: about 200 tokens of text under one heading path.

    ``sentences`` cover the text in order, whole sentences only. The first ``overlap`` of them repeat the
    end of the segment before.
    """

    text: str
    heading: tuple[str, ...]
    place: Place
    sentences: tuple[Sentence, ...]
    overlap: int = 0

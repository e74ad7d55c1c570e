"""PPTX, through python-pptx: slide titles as headings, texts, tables, speaker's notes; places are slides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pptx
from pptx.enum.shapes import MSO_SHAPE_TYPE
from pptx.exc import PackageNotFoundError

from kb.blocks import Block, BlockKind, ReadDocument
from kb.errors import Broken
from kb.places import Slide
from kb.readers.archive import check_zip
from kb.readers.tables import rows_as_text
from kb.readers.tidy import clean

_LONGEST_TITLE = 12
"""Words. On a slide without a title a first line up to this stands for one."""


def read(path: Path) -> ReadDocument:
    """Read a PPTX.

    Raises:
        Encrypted, TooLarge, Broken: as ``kb.readers.archive.check_zip`` tells, or no presentation inside.
    """
    check_zip(path)
    try:
        presentation = pptx.Presentation(str(path))
    except (PackageNotFoundError, KeyError, ValueError) as error:
        raise Broken(path, f"{type(error).__name__}: {error}") from error
    blocks = [
        block for number, slide in enumerate(presentation.slides, 1) for block in _slide(slide, number, path.stem)
    ]
    title = next((block.text for block in blocks if block.kind is BlockKind.HEADING), "")
    return ReadDocument(title, "pptx", tuple(blocks))


def _slide(slide: Any, number: int, fallback: str) -> Iterator[Block]:
    place = Slide(number)
    title = slide.shapes.title
    heading = clean(title.text_frame.text) if title is not None and title.has_text_frame else ""
    texts = list(_texts(shape for shape in slide.shapes if title is None or shape.shape_id != title.shape_id))
    if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
        texts.extend(_frame(slide.notes_slide.notes_text_frame, BlockKind.PARAGRAPH))
    if not heading and texts and len(texts[0][1].split()) <= _LONGEST_TITLE and texts[0][0] is BlockKind.PARAGRAPH:
        heading = texts.pop(0)[1]
    if heading or texts:
        yield Block(BlockKind.HEADING, heading or fallback, place, level=1)
    for kind, text in texts:
        yield Block(kind, text, place)


def _texts(shapes: Iterable[Any]) -> Iterator[tuple[BlockKind, str]]:
    for shape in shapes:
        if shape.shape_type == MSO_SHAPE_TYPE.GROUP:
            yield from _texts(shape.shapes)
        elif shape.has_text_frame:
            body = shape.is_placeholder and len(shape.text_frame.paragraphs) > 1
            yield from _frame(shape.text_frame, BlockKind.LIST_ITEM if body else BlockKind.PARAGRAPH)
        elif getattr(shape, "has_table", False):
            grid = [[cell.text_frame.text for cell in row.cells] for row in shape.table.rows]
            for _, text in rows_as_text(grid, marked=shape.table.first_row):
                yield BlockKind.TABLE_ROW, text


def _frame(frame: Any, kind: BlockKind) -> Iterator[tuple[BlockKind, str]]:
    for paragraph in frame.paragraphs:
        if text := clean(paragraph.text.replace("\v", " ")):
            yield kind, text

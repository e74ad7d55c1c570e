"""A page of a PDF as a picture, the quotation on it as rectangles.

White margins to the left and right are cut off: beside a conversation every pixel of width counts.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from kb.errors import Broken, NoText
from kb.preview.facts import MOST_PIXELS, Area, PageImage
from kb.preview.quotation import Span, locate, locate_part
from kb.readers.pdf import opened, title_of

MARGIN = 0.03
"""Of the width of the page, left beside what is printed."""

_LOOK = 200
"""Pixels of width of the small picture in which margins are looked for."""

_WHITE = 250
"""Brightness (0 to 255) from which on a pixel is paper."""

_MOST_SIGNS = 100_000
"""Characters of a page that are looked at; a page of a dictionary has ten thousand."""

_LINE_END = {0: "", 2: "", 0xFFFE: "", 13: ""}
"""What pdfium says where a word is hyphenated, and the first half of a line's end."""


def page_image(
    path: Path, number: int, quotation: str, *, width: int, first: int | None = None, trim: bool = True
) -> PageImage:
    """Render a page, ``width`` pixels wide. ``first`` is the page on which the quotation begins.

    Raises:
        Encrypted, Broken: as ``kb.readers.pdf.opened`` says, or a page that cannot be drawn. NoText: no page at all.
    """
    with opened(path) as document:
        pages = len(document)
        if not pages:
            raise NoText(path)
        number = max(1, min(number, pages))
        try:
            page = document[number - 1]
            crop = _margins(page) if trim else (0.0, 0.0)
            bitmap = _rendered(page, crop, width)
            text, starts = _text(page)
            spans = _spans(quotation, text, number, first or number)
            marks = tuple(area for span in spans for area in _areas(page, bitmap, starts, span))
        except pdfium.PdfiumError as error:
            raise Broken(path, str(error)) from error
        exact = bool(marks) or not quotation or number != (first or number)
        title = title_of(document) or path.stem
        return PageImage(title, number, pages, bitmap.width, bitmap.height, _pixels(bitmap), marks, text.strip(), exact)


def _spans(quotation: str, text: str, number: int, first: int) -> tuple[Span, ...]:
    if not quotation or number not in (first, first + 1):
        return ()
    whole = locate(quotation, [text]) if number == first else ()
    return whole or locate_part(quotation, text, beginning=number == first)


def _margins(page: pdfium.PdfPage) -> tuple[float, float]:
    """Return how much white there is to the left and to the right, in points."""
    width, height = page.get_size()
    if not width or not height or height > 20 * width:
        return 0.0, 0.0
    small = page.render(scale=_LOOK / width, grayscale=True)
    grey = bytes(small.buffer)
    columns = [column for column in range(small.width) if min(grey[column :: small.stride]) < _WHITE]
    small.close()
    if not columns:
        return 0.0, 0.0
    point = width / _LOOK
    keep = MARGIN * width
    left = max(0.0, columns[0] * point - keep)
    right = max(0.0, width - (columns[-1] + 1) * point - keep)
    return left, right


def _rendered(page: pdfium.PdfPage, crop: tuple[float, float], width: int) -> pdfium.PdfBitmap:
    across, down = page.get_size()
    shown = max(1.0, across - sum(crop))
    scale = width / shown
    scale = min(scale, (MOST_PIXELS / max(shown * down, 1.0)) ** 0.5 * 0.99)
    return page.render(scale=scale, crop=(crop[0], 0, crop[1], 0), force_bitmap_format=pdfium_c.FPDFBitmap_BGRx)


def _pixels(bitmap: pdfium.PdfBitmap) -> bytes:
    octets, row = bytes(bitmap.buffer), 4 * bitmap.width
    if bitmap.stride == row:
        return octets
    return b"".join(octets[at : at + row] for at in range(0, bitmap.stride * bitmap.height, bitmap.stride))


def _text(page: pdfium.PdfPage) -> tuple[str, list[int]]:
    """Return what the page says, and for each sign of it which of pdfium's characters it is."""
    text_page = page.get_textpage()
    signs: list[str] = []
    starts: list[int] = []
    for at in range(min(text_page.count_chars(), _MOST_SIGNS)):
        code = pdfium_c.FPDFText_GetUnicode(text_page, at)
        sign = _LINE_END.get(code)
        if sign is None:
            sign = chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else "\ufffd"
        if sign:
            signs.append(sign)
            starts.append(at)
    return "".join(signs), starts


def _areas(page: pdfium.PdfPage, bitmap: pdfium.PdfBitmap, starts: list[int], span: Span) -> list[Area]:
    """Return the rectangles of a span, one for each line."""
    text_page = page.get_textpage()
    position: Any = bitmap.get_posconv(page)
    first, last = starts[span.start], starts[span.end - 1]
    areas = []
    for index in range(text_page.count_rects(first, last - first + 1)):
        left, bottom, right, top = text_page.get_rect(index)
        x0, y0 = position.to_bitmap(left, top)
        x1, y1 = position.to_bitmap(right, bottom)
        areas.append(
            Area(
                min(x0, x1) / bitmap.width,
                min(y0, y1) / bitmap.height,
                max(x0, x1) / bitmap.width,
                max(y0, y1) / bitmap.height,
            )
        )
    return areas

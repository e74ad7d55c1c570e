"""PDF, through pdfium: paragraphs put together from lines, headings told by the size of their letters; places are
pages.

A PDF knows glyphs and positions, no paragraphs. Lines are joined by their geometry; words hyphenated at line ends are
mended; what stands at the head or foot of most pages is left out; a paragraph flows over the page's end. A page that
has a picture and no text is a scan: Tesseract reads it where it is installed with Russian.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from kb.blocks import Block, ReadDocument
from kb.errors import Broken, Encrypted, NeedsOcr
from kb.places import Page
from kb.readers import nothing
from kb.readers import ocr as recognition
from kb.readers.lines import TextLine, blocks_of_pages
from kb.readers.tidy import clean

FEWEST_SIGNS = 16
"""Visible characters. A page with fewer and a picture is a scan (a stamped page number is not its text)."""

_POINTS_PER_INCH = 72
_JUNK_TITLE = re.compile(
    r"^(?:microsoft (?:office )?(?:word|excel|powerpoint)\b.*|untitled\b.*|без имени.*|\(?anonymous\)?|[\W\d_]*|"
    r".*\.(?:docx?|rtf|odt|xlsx?|pptx?|indd|qxd|pdf|tmp|cdr|dwg)|"
    r"(?:документ|document|презентация|presentation|слайд) ?(?:powerpoint|\d*))$",
    re.IGNORECASE,
)


def read(path: Path, *, ocr: bool = True, alive: Callable[[], None] = nothing) -> ReadDocument:
    """Read a PDF. ``alive`` is called after every page that was recognised, which takes seconds each.

    Raises:
        Encrypted: it opens with a password only.
        Broken: no PDF, or one damaged past repair.
        NeedsOcr: nothing but scanned pages, and no Tesseract with ``rus`` (or ``ocr`` is off).
    """
    with opened(path) as document:
        return _read(path, document, ocr=ocr, alive=alive)


def opened(path: Path) -> pdfium.PdfDocument:
    """Open a PDF, to be used as a context manager.

    Raises:
        Encrypted, Broken: as ``read`` says.
    """
    try:
        return pdfium.PdfDocument(path)
    except pdfium.PdfiumError as error:
        if "password" in str(error).lower():
            raise Encrypted(path) from error
        raise Broken(path, str(error)) from error


def title_of(document: pdfium.PdfDocument) -> str:
    """Return the title that a PDF names; nothing where it names none, or what a program put there."""
    title = clean(document.get_metadata_dict().get("Title", ""))
    return "" if _JUNK_TITLE.match(title) or "\ufffd" in title else title


def _read(path: Path, document: pdfium.PdfDocument, *, ocr: bool, alive: Callable[[], None]) -> ReadDocument:
    pages: list[list[TextLine]] = []
    recognised: dict[int, tuple[Block, ...]] = {}
    unread: list[int] = []
    for number in range(1, len(document) + 1):
        page = document[number - 1]
        lines = _lines(page, number)
        if sum(len(line.text) for line in lines) < FEWEST_SIGNS and _has_picture(page):
            lines = []
            if ocr and recognition.available():
                recognised[number] = recognition.blocks(_image(page), Page(number))
                alive()
            else:
                unread.append(number)
        pages.append(lines)
        page.close()
    blocks = _with_recognised(blocks_of_pages(pages), recognised)
    if unread and not blocks:
        raise NeedsOcr(path, ranges(unread))
    return ReadDocument(title_of(document), "pdf", tuple(blocks), tuple(unread))


def ranges(pages: Sequence[int]) -> str:
    """Return ascending page numbers as a person writes them: ``1-3,7``."""
    runs: list[list[int]] = []
    for page in pages:
        if runs and page == runs[-1][-1] + 1:
            runs[-1].append(page)
        else:
            runs.append([page])
    return ",".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)


def _with_recognised(blocks: Sequence[Block], recognised: dict[int, tuple[Block, ...]]) -> list[Block]:
    """Put the blocks of recognised pages among those of the others, in the order of the pages."""
    everything = [*blocks, *(block for page in recognised.values() for block in page)]
    return sorted(everything, key=lambda block: block.place.page if isinstance(block.place, Page) else 0)


def _has_picture(page: pdfium.PdfPage) -> bool:
    return next(iter(page.get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_IMAGE], max_depth=3)), None) is not None


def _image(page: pdfium.PdfPage) -> bytes:
    """Render a page for recognition, as a grey PNM picture."""
    width, height = page.get_size()
    scale = min(recognition.RESOLUTION / _POINTS_PER_INCH, (recognition.MOST_PIXELS / max(width * height, 1)) ** 0.5)
    bitmap = page.render(scale=scale, grayscale=True)
    rows = memoryview(bitmap.buffer).cast("B")
    picture = b"".join(bytes(rows[y * bitmap.stride : y * bitmap.stride + bitmap.width]) for y in range(bitmap.height))
    header = f"P5\n{bitmap.width} {bitmap.height}\n255\n".encode()
    bitmap.close()
    return header + picture


def _lines(page: pdfium.PdfPage, number: int) -> list[TextLine]:
    """Return the lines of a page with their geometry, in pdfium's reading order."""
    text_page = page.get_textpage()
    text = text_page.get_text_range()
    exact = len(text) == text_page.count_chars()
    lines = []
    offset = 0
    for raw in re.split(r"(\r\n|\n|\r)", text):
        start = offset + len(raw) - len(raw.lstrip())
        end = offset + len(raw.rstrip())
        offset += len(raw)
        if start >= end:
            continue
        lines.append(
            _measured(text_page, raw.strip(), start, end - 1, number) if exact else TextLine(raw.strip(), number)
        )
    text_page.close()
    return lines


def _measured(text_page: pdfium.PdfTextPage, text: str, first: int, last: int, number: int) -> TextLine:
    left, bottom, _, top = text_page.get_charbox(first, loose=True)
    _, _, right, _ = text_page.get_charbox(last, loose=True)
    sizes = [pdfium_c.FPDFText_GetFontSize(text_page, at) for at in (first, (first + last) // 2, last)]
    size = median(sizes)
    if size <= 1:  # the size is in the matrix instead
        size = top - bottom
    return TextLine(text, number, left=left, right=right, top=top, bottom=bottom, size=round(size, 1))

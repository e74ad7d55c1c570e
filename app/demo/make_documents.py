"""Writes the demonstration documents that are binary: docx, pdf and xlsx. A developer's script.

    python -m app.demo.make_documents [--font FILE.ttf] [--output FOLDER]

The product does not import it. The text of each document stands in ``sources/NAME.FORMAT.md``, in plain Markdown:
headings, paragraphs, lists, tables, and ``---`` for a new page. In a workbook every second-level heading is a sheet
and the table under it is what it holds. The other documents (md, html, srt) are written by hand in ``documents/`` and
are left alone.

A rerun writes the same bytes: dates are fixed, archives are packed again with fixed times, and reportlab runs in its
invariant mode. Bytes do differ between versions of the libraries and of the font.

PDF needs a TrueType font with Cyrillic letters. Debian and Ubuntu have one in ``fonts-dejavu-core``
(``apt-get install fonts-dejavu-core``); any other is given with ``--font``, its bold face being looked for beside it
as ``NAME-Bold.ttf``. Only the glyphs that are used get embedded. The script needs the extra ``dev``.
"""

from __future__ import annotations

import argparse
import io
import re
import sys
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from xml.sax.saxutils import escape

import docx
import openpyxl  # type: ignore[import-untyped]
from docx.enum.text import WD_BREAK
from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode
from openpyxl.styles import Alignment, Font  # type: ignore[import-untyped]
from reportlab.lib import colors  # type: ignore[import-untyped]
from reportlab.lib.pagesizes import A4  # type: ignore[import-untyped]
from reportlab.lib.styles import ParagraphStyle  # type: ignore[import-untyped]
from reportlab.lib.units import mm  # type: ignore[import-untyped]
from reportlab.pdfbase import pdfmetrics  # type: ignore[import-untyped]
from reportlab.pdfbase.ttfonts import TTFont  # type: ignore[import-untyped]
from reportlab.platypus import PageBreak as PdfPageBreak  # type: ignore[import-untyped]
from reportlab.platypus import Paragraph as PdfParagraph
from reportlab.platypus import SimpleDocTemplate, Spacer
from reportlab.platypus import Table as PdfTable

SOURCES = Path(__file__).with_name("sources")
DOCUMENTS = Path(__file__).with_name("documents")
FONT = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")
"""Where Debian's and Ubuntu's ``fonts-dejavu-core`` puts the font."""

WRITTEN = datetime(2025, 11, 3, 9, 0)
"""The date that the documents bear."""

COMPANY = "ООО «Вектор»"
WIDEST_COLUMN = 48
"""Characters; wider cells of a workbook are wrapped."""

MARGIN = 20 * mm
FRAME_PADDING = 12.0
"""Points: reportlab keeps 6 free on either side of a page's text."""
CELL_PADDING = 13.0
"""Points. reportlab's 6 on either side, and one so that nothing wraps for a rounding error."""

_INTEGER = re.compile(r"\d+")
_DATE = re.compile(r"\d{2}\.\d{2}\.\d{4}")
_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*")


@dataclass(frozen=True, slots=True)
class Heading:
    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    text: str


@dataclass(frozen=True, slots=True)
class Listing:
    ordered: bool
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells, the header row first."""

    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class PageBreak:
    pass


Block = Heading | Paragraph | Listing | Table | PageBreak


def parse(text: str) -> list[Block]:
    """Return the blocks of a source.

    Raises:
        ValueError: it holds Markdown that the documents are not made of.
    """
    tree = SyntaxTreeNode(MarkdownIt("commonmark").enable("table").parse(text))
    return [_block(node) for node in tree.children]


def _block(node: SyntaxTreeNode) -> Block:
    match node.type:
        case "heading":
            return Heading(int(node.tag[1:]), _text(node))
        case "paragraph":
            return Paragraph(_text(node))
        case "bullet_list" | "ordered_list":
            return Listing(node.type == "ordered_list", tuple(_text(item) for item in node.children))
        case "table":
            return Table(
                tuple(tuple(_text(cell) for cell in row.children) for part in node.children for row in part.children)
            )
        case "hr":
            return PageBreak()
    raise ValueError(f"no place for {node.type} in a demonstration document")


def _text(node: SyntaxTreeNode) -> str:
    return " ".join(child.content for child in node.walk() if child.type == "inline").strip()


def title_of(blocks: Sequence[Block]) -> str:
    """Return the first-level heading.

    Raises:
        ValueError: the source does not open with one.
    """
    if blocks and isinstance(blocks[0], Heading) and blocks[0].level == 1:
        return blocks[0].text
    raise ValueError("a source opens with its title")


def write_docx(blocks: Sequence[Block], path: Path) -> None:
    """Write a Word document with real headings, lists and tables."""
    document = docx.Document()
    properties = document.core_properties
    properties.title, properties.author, properties.last_modified_by = title_of(blocks), COMPANY, COMPANY
    properties.comments, properties.language = "", "ru-RU"
    properties.created = properties.modified = WRITTEN
    for block in blocks:
        match block:
            case Heading(level, text):
                document.add_heading(text, level)
            case Paragraph(text):
                document.add_paragraph(text)
            case Listing(ordered, items):
                for item in items:
                    document.add_paragraph(item, style="List Number" if ordered else "List Bullet")
            case Table(rows):
                table = document.add_table(len(rows), len(rows[0]), style="Table Grid")
                for row, cells in zip(table.rows, rows, strict=True):
                    for cell, value in zip(row.cells, cells, strict=True):
                        cell.text = value
                document.add_paragraph()
            case PageBreak():
                document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)
    buffer = io.BytesIO()
    document.save(buffer)
    _repack(buffer, path)


def write_xlsx(blocks: Sequence[Block], path: Path) -> None:
    """Write a workbook: a sheet for each second-level heading, whole numbers and dates as such."""
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    workbook.properties.title, workbook.properties.creator = title_of(blocks), COMPANY
    workbook.properties.created = WRITTEN
    for name, rows in _sheets(blocks):
        sheet = workbook.create_sheet(name)
        sheet.freeze_panes = "A2"
        for row in rows:
            sheet.append([_value(cell) for cell in row])
        for header in sheet[1]:
            header.font = Font(bold=True)
        for column in sheet.columns:
            width = min(max(len(str(cell.value)) for cell in column), WIDEST_COLUMN)
            sheet.column_dimensions[column[0].column_letter].width = width + 2
            for cell in column:
                cell.alignment = Alignment(wrap_text=True, vertical="top")
                if cell.is_date:
                    cell.number_format = "DD.MM.YYYY"
    buffer = io.BytesIO()
    workbook.save(buffer)
    _repack(buffer, path)


def _sheets(blocks: Sequence[Block]) -> Iterator[tuple[str, tuple[tuple[str, ...], ...]]]:
    name = ""
    for block in blocks:
        if isinstance(block, Heading):
            name = block.text
        elif isinstance(block, Table):
            yield name, block.rows


def _value(cell: str) -> str | int | datetime:
    if _INTEGER.fullmatch(cell):
        return int(cell)
    if _DATE.fullmatch(cell):
        return datetime.strptime(cell, "%d.%m.%Y")
    return cell


def _repack(archive: io.BytesIO, path: Path) -> None:
    """Write the archive with the fixed date on its members and inside its properties."""
    time = WRITTEN.timetuple()[:6]
    modified = f"{WRITTEN.isoformat()}Z".encode()
    with zipfile.ZipFile(archive) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "docProps/core.xml":
                content = _MODIFIED.sub(rb"\g<1>" + modified, content)
            member = zipfile.ZipInfo(name, date_time=time)
            member.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(member, content)


def write_pdf(blocks: Sequence[Block], path: Path, *, font: Path = FONT) -> None:
    """Write a PDF with a text layer and page numbers.

    Raises:
        FileNotFoundError: no font there.
    """
    regular, bold = _fonts(font)
    body = ParagraphStyle("body", fontName=regular, fontSize=10.5, leading=15, spaceAfter=6)
    item = ParagraphStyle("item", parent=body, leftIndent=16, bulletIndent=2, spaceAfter=3)
    cell = ParagraphStyle("cell", parent=body, fontSize=9.5, leading=12.5, spaceAfter=0)
    headings = {
        1: ParagraphStyle("h1", parent=body, fontName=bold, fontSize=17, leading=22, spaceAfter=10),
        2: ParagraphStyle("h2", parent=body, fontName=bold, fontSize=13, leading=17, spaceBefore=8, keepWithNext=1),
    }
    story: list[object] = []
    for block in blocks:
        match block:
            case Heading(level, text):
                story.append(PdfParagraph(escape(text), headings[level]))
            case Paragraph(text):
                story.append(PdfParagraph(escape(text), body))
            case Listing(ordered, items):
                for number, text in enumerate(items, start=1):
                    mark = f"{number}." if ordered else "•"
                    story.append(PdfParagraph(escape(text), item, bulletText=mark))
            case Table(rows):
                story += [_pdf_table(rows, cell, bold), Spacer(1, 8)]
            case PageBreak():
                story.append(PdfPageBreak())
    pages = _NumberedPages(
        str(path),
        pagesize=A4,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=MARGIN,
        bottomMargin=MARGIN,
        title=title_of(blocks),
        author=COMPANY,
        lang="ru-RU",
        invariant=1,
    )
    pages.number_font = regular
    pages.build(story)


def _fonts(font: Path) -> tuple[str, str]:
    """Register the font and, if it is there, its bold face; return their names."""
    if not font.is_file():
        raise FileNotFoundError(f"no font at {font}: install fonts-dejavu-core or name one with --font")
    pdfmetrics.registerFont(TTFont("Demo", str(font)))
    bold = font.with_name(f"{font.stem}-Bold{font.suffix}")
    if not bold.is_file():
        return "Demo", "Demo"
    pdfmetrics.registerFont(TTFont("Demo-Bold", str(bold)))
    return "Demo", "Demo-Bold"


def _pdf_table(rows: tuple[tuple[str, ...], ...], style: ParagraphStyle, bold: str) -> PdfTable:
    header = ParagraphStyle("header", parent=style, fontName=bold)
    cells = [
        [PdfParagraph(escape(text), style if number else header) for text in row] for number, row in enumerate(rows)
    ]
    columns = [
        max(_width(row[place], bold, style.fontSize) for row in rows) + CELL_PADDING for place in range(len(rows[0]))
    ]
    excess = sum(columns) - (A4[0] - 2 * MARGIN - FRAME_PADDING)
    if excess > 0:
        columns[columns.index(max(columns))] -= excess  # only the widest column wraps
    grid = [("GRID", (0, 0), (-1, -1), 0.5, colors.grey), ("VALIGN", (0, 0), (-1, -1), "TOP")]
    return PdfTable(cells, colWidths=columns, style=grid, repeatRows=1)


def _width(text: str, font: str, size: float) -> float:
    return float(pdfmetrics.stringWidth(text, font, size))


class _NumberedPages(SimpleDocTemplate):  # type: ignore[misc]
    """Numbers the pages, after their text: that is the order in which readers find it."""

    number_font: str

    def afterPage(self) -> None:  # noqa: N802 - reportlab's name
        self.canv.setFont(self.number_font, 8)
        self.canv.drawCentredString(A4[0] / 2, 12 * mm, f"{COMPANY}, стр. {self.page}")


def make(output: Path, *, font: Path = FONT) -> list[Path]:
    """Write every binary document into ``output`` and return their paths, sorted.

    Raises:
        FileNotFoundError: no font for the PDFs.
        ValueError: a source that no document can be made of.
    """
    written = []
    for source in sorted(SOURCES.glob("*.md")):
        blocks = parse(source.read_text(encoding="utf-8"))
        path = output / source.stem
        match path.suffix:
            case ".docx":
                write_docx(blocks, path)
            case ".xlsx":
                write_xlsx(blocks, path)
            case ".pdf":
                write_pdf(blocks, path, font=font)
            case suffix:
                raise ValueError(f"no way to make {suffix} of {source.name}")
        written.append(path)
    return written


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the script; return its exit status."""
    parser = argparse.ArgumentParser(prog="python -m app.demo.make_documents", description="Make the binary documents.")
    parser.add_argument("--font", type=Path, default=FONT, help="a TrueType font with Cyrillic letters")
    parser.add_argument("--output", type=Path, default=DOCUMENTS, help="folder to write to")
    options = parser.parse_args(arguments)
    try:
        written = make(options.output, font=options.font)
    except (OSError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.writelines(f"{path.name}\n" for path in written)
    return 0


if __name__ == "__main__":
    sys.exit(main())

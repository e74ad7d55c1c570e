"""Documents for the tests of the source panel and of previews."""

from __future__ import annotations

from pathlib import Path

from reportlab.pdfgen.canvas import Canvas

from app.exchange import Source
from kb.places import Place


def pdf(path: Path, *pages: list[str]) -> Path:
    """Write a PDF with the lines of each page, in Latin: the letters that every PDF has."""
    canvas = Canvas(str(path), pagesize=(595, 842))
    for lines in pages:
        canvas.setFont("Helvetica", 12)
        for index, line in enumerate(lines):
            canvas.drawString(72, 760 - 16 * index, line)
        canvas.showPage()
    canvas.save()
    return path


def source(path: Path, place: Place, quote: str = "", *, number: int = 1, passage: str = "", title: str = "") -> Source:
    """Return the place of a quotation in a document."""
    return Source(number, str(path), title or path.stem, place, (), quote, 0.9, passage or quote)

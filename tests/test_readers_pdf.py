"""PDF: paragraphs, pages, headings, running titles, scans, protection."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from kb.blocks import BlockKind, ReadDocument
from kb.errors import Broken, Encrypted, NeedsOcr
from kb.places import Page
from kb.readers import ocr, read
from kb.readers.lines import TextLine, blocks_of_pages
from kb.readers.pdf import ranges

DEMO = Path(__file__).resolve().parents[1] / "app" / "demo" / "documents"


def printed(path: Path, *pages: list[str | tuple[str, int]], title: str = "") -> Path:
    """Make a PDF; a line is a text, or a text and the size of its letters; an empty text is a gap."""
    canvas = Canvas(str(path))
    canvas.setTitle(title)
    for page in pages:
        top = 780.0
        for line in page:
            text, size = line if isinstance(line, tuple) else (line, 11)
            canvas.setFont("Helvetica", size)
            canvas.drawString(72, top, text)
            top -= 1.3 * size
        canvas.showPage()
    canvas.save()
    return path


def seen(found: ReadDocument) -> list[tuple[str, str, int]]:
    return [(str(block.kind), block.text, block.place.page) for block in found.blocks if isinstance(block.place, Page)]


LONG = "This line is as long as the others and therefore it reaches the right margin"


def test_paragraphs_headings_and_pages(tmp_path: Path) -> None:
    path = printed(
        tmp_path / "a.pdf",
        [("Router manual", 20), "", LONG, "of the page and ends here.", "", "Another paragraph."],
        [("Reset", 16), LONG, "hold it for ten seconds.", "1. First item.", "2. Second item."],
    )

    assert seen(read(path)) == [
        ("heading", "Router manual", 1),
        ("paragraph", f"{LONG} of the page and ends here.", 1),
        ("paragraph", "Another paragraph.", 1),
        ("heading", "Reset", 2),
        ("paragraph", f"{LONG} hold it for ten seconds.", 2),
        ("list_item", "1. First item.", 2),
        ("list_item", "2. Second item.", 2),
    ]
    assert read(path).title == "Router manual"


def test_a_word_divided_at_the_end_of_a_line_is_whole_again(tmp_path: Path) -> None:
    path = printed(tmp_path / "a.pdf", [LONG + " and is hyphen-", "ated here as printers do with such words, see."])

    assert [block.text for block in read(path).blocks] == [
        f"{LONG} and is hyphenated here as printers do with such words, see."
    ]


def test_a_paragraph_over_two_pages_keeps_both_places(tmp_path: Path) -> None:
    path = printed(tmp_path / "a.pdf", ["One.", "Two.", LONG], ["and it goes on here on the next page.", "", "Next."])

    first = read(path).blocks[2]

    assert first.text == f"{LONG} and it goes on here on the next page."
    assert first.place == Page(1)
    assert first.marks == ((len(LONG) + 1, Page(2)),)


def test_running_titles_and_page_numbers_are_left_out(tmp_path: Path) -> None:
    pages = [
        ["ACME internal rules", "", f"Text of page number {word}.", "", f"page {number}"]
        for number, word in enumerate(("one", "two", "three", "four"), 1)
    ]
    path = printed(tmp_path / "a.pdf", *pages)

    assert [block.text for block in read(path).blocks] == [
        f"Text of page number {word}." for word in ("one", "two", "three", "four")
    ]


@pytest.mark.parametrize(
    ("title", "expected"),
    [("Quarterly report", "Quarterly report"), ("Microsoft Word - draft7.doc", "a"), ("untitled", "a"), ("", "a")],
)
def test_only_a_real_title_counts(tmp_path: Path, title: str, expected: str) -> None:
    assert read(printed(tmp_path / "a.pdf", ["Plain text of one page."], title=title)).title == expected


def test_a_russian_document() -> None:
    path = DEMO / "incidents.pdf"
    if not path.exists():
        pytest.skip("the demonstration documents are not there")

    found = read(path)

    assert found.title == "Инциденты: приоритеты и порядок действий"
    assert ("heading", "Разбор", 2) in seen(found)
    assert any("из-за которого люди не могут работать, или угроза данным." in block.text for block in found.blocks)


def test_protected(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    canvas = Canvas(str(path), encrypt=StandardEncryption("secret"))
    canvas.drawString(72, 700, "Nobody reads this")
    canvas.save()

    with pytest.raises(Encrypted):
        read(path)


def test_damaged(tmp_path: Path) -> None:
    path = printed(tmp_path / "a.pdf", ["Some text."])
    path.write_bytes(path.read_bytes()[:300])

    with pytest.raises(Broken):
        read(path)


def scanned(path: Path, *pages: str) -> Path:
    """Make a PDF whose pages are pictures of a text, or the text itself where it begins with ``=``."""
    canvas = Canvas(str(path))
    for number, page in enumerate(pages):
        if page.startswith("="):
            canvas.drawString(72, 700, page[1:])
        else:
            picture = Image.new("L", (1240, 1754), 255)
            ImageDraw.Draw(picture).text((100, 300), page, fill=0, font_size=48)
            name = path.with_name(f"{number}.png")
            picture.save(name)
            canvas.drawImage(str(name), 0, 0, 595, 842)
        canvas.showPage()
    canvas.save()
    return path


def test_a_scan_without_recognition_is_reported(tmp_path: Path) -> None:
    with pytest.raises(NeedsOcr) as raised:
        read(scanned(tmp_path / "a.pdf", "one", "two"), ocr=False)

    assert raised.value.pages == "1-2"


def test_scanned_pages_among_others_are_named(tmp_path: Path) -> None:
    path = scanned(tmp_path / "a.pdf", "one", "=This page has a text of its own.", "three")

    found = read(path, ocr=False)

    assert found.unread_pages == (1, 3)
    assert seen(found) == [("paragraph", "This page has a text of its own.", 2)]


def test_scanned_pages_are_recognised_in_their_order(tmp_path: Path) -> None:
    if not ocr.available():
        pytest.skip("Tesseract with `rus` is not installed")
    path = scanned(tmp_path / "a.pdf", "Hold the button for ten seconds.", "=This page has a text of its own.")
    beats: list[None] = []

    found = read(path, alive=lambda: beats.append(None))

    assert seen(found) == [
        ("paragraph", "Hold the button for ten seconds.", 1),
        ("paragraph", "This page has a text of its own.", 2),
    ]
    assert found.unread_pages == ()
    assert len(beats) == 1


def test_recognised_lines_are_mended() -> None:
    lines = ["Договоры хранятся пять лет после окон-", "", "чания срока.", "", "Новый абзац", "продолжается.", ""]

    assert ocr.mended(lines) == [
        "Договоры хранятся пять лет после окончания",
        "срока.",
        "",
        "Новый абзац",
        "продолжается.",
    ]


@pytest.mark.parametrize(("pages", "shown"), [([1], "1"), ([1, 2, 3, 7], "1-3,7"), ([2, 4, 5], "2,4-5"), ([], "")])
def test_ranges(pages: list[int], shown: str) -> None:
    assert ranges(pages) == shown


def test_lines_without_geometry_are_joined_by_their_text() -> None:
    pages = [[TextLine("Первая строка абзаца", 1), TextLine("и вторая.", 1), TextLine("Новый абзац", 1)]]

    assert [block.text for block in blocks_of_pages(pages)] == ["Первая строка абзаца и вторая.", "Новый абзац"]


@pytest.mark.parametrize(
    ("before", "after", "whole"),
    [
        ("делают из-", "за него.", "делают из-за него."),
        ("кто-", "нибудь из нас.", "кто-нибудь из нас."),
        ("окон-", "чание.", "окончание."),
    ],
)
def test_hyphens_that_belong_to_the_word_stay(before: str, after: str, whole: str) -> None:
    lines = [
        TextLine(before, 1, left=72, right=500, top=710, bottom=700, size=10),
        TextLine(after, 1, left=72, right=400, top=697, bottom=687, size=10),
    ]

    assert [(block.kind, block.text) for block in blocks_of_pages([lines])] == [(BlockKind.PARAGRAPH, whole)]

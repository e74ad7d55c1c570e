"""The bundled documents: enough of them, every format opens, the binary ones say what their sources say."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import docx
import openpyxl
import pypdfium2
import pysubs2
import pytest
from selectolax.lexbor import LexborHTMLParser

from app.demo import DOCUMENTS, QUESTION, QUESTIONS, make_documents
from app.demo.make_documents import FONT, SOURCES, Heading, Listing, PageBreak, Paragraph, Table, parse, title_of

FEWEST = {".md": 20, ".docx": 5, ".pdf": 5, ".xlsx": 4, ".html": 4, ".srt": 3}
LARGEST_FILE = 200_000
LARGEST_FOLDER = 2_000_000


def documents(suffix: str) -> list[Path]:
    return sorted(DOCUMENTS.glob(f"*{suffix}"))


def squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def fragments(source: Path) -> Iterator[str]:
    """Yield every piece of text of a source, in order; a row of a table is one."""
    for block in parse(source.read_text(encoding="utf-8")):
        match block:
            case Heading(_, text) | Paragraph(text):
                yield text
            case Listing(_, items):
                yield from items
            case Table(rows):
                yield from (" ".join(row) for row in rows)


def test_there_are_enough_documents_of_every_format() -> None:
    found = Counter(path.suffix for path in DOCUMENTS.iterdir())
    assert found.total() >= 44
    assert set(found) == set(FEWEST)
    for suffix, fewest in FEWEST.items():
        assert found[suffix] >= fewest, suffix


def test_some_names_are_cyrillic() -> None:
    assert sum(1 for path in DOCUMENTS.iterdir() if not path.name.isascii() and " " in path.name) >= 2


def test_they_are_small() -> None:
    sizes = {path.name: path.stat().st_size for path in DOCUMENTS.iterdir()}
    assert max(sizes.values()) <= LARGEST_FILE
    assert sum(sizes.values()) <= LARGEST_FOLDER


def test_the_router_article_answers_in_one_sentence() -> None:
    article = (DOCUMENTS / "router-password.md").read_text(encoding="utf-8")
    assert "Чтобы сбросить пароль роутера, нажмите и удерживайте кнопку Reset 10 секунд" in article


def test_sample_questions_name_documents_that_exist() -> None:
    assert QUESTIONS[0][0] == QUESTION
    assert len({question for question, _ in QUESTIONS}) == len(QUESTIONS) >= 8
    for question, name in QUESTIONS:
        assert (DOCUMENTS / name).is_file(), question


@pytest.mark.parametrize("path", documents(".md"), ids=lambda path: path.name)
def test_articles_open_with_a_title_and_are_short(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert re.search(r"^# \S", text, re.MULTILINE)
    assert 80 <= len(re.findall(r"\w+", text)) <= 320
    assert "!" not in text


@pytest.mark.parametrize("path", documents(".html"), ids=lambda path: path.name)
def test_pages_parse_and_have_one_main_heading(path: Path) -> None:
    page = LexborHTMLParser(path.read_text(encoding="utf-8"))
    headings = page.css("h1")
    assert len(headings) == 1
    title = page.css_first("title")
    assert title is not None
    assert title.text() == headings[0].text()


@pytest.mark.parametrize("path", documents(".srt"), ids=lambda path: path.name)
def test_recordings_have_speakers_in_order(path: Path) -> None:
    cues = pysubs2.load(str(path), encoding="utf-8")
    assert 20 <= len(cues) <= 40
    assert all(re.match(r"[А-ЯЁ][а-яё]+: \S", cue.text) for cue in cues)
    assert all(before.end <= after.start for before, after in itertools.pairwise(cues))


def test_one_recording_pauses_where_its_topic_changes() -> None:
    cues = pysubs2.load(str(DOCUMENTS / "planning-meeting.srt"), encoding="utf-8")
    pauses = {after.text: after.start - before.end for before, after in itertools.pairwise(cues)}
    longest = max(pauses, key=lambda text: pauses[text])
    assert "Вторая тема" in longest
    assert pauses[longest] >= 5_000


def test_every_source_has_its_document_and_every_binary_its_source() -> None:
    made = {path.stem for path in SOURCES.glob("*.md")}
    assert made == {path.name for suffix in (".docx", ".pdf", ".xlsx") for path in documents(suffix)}


@pytest.mark.parametrize("path", documents(".docx"), ids=lambda path: path.name)
def test_word_documents_say_what_their_sources_say(path: Path) -> None:
    document = docx.Document(str(path))
    blocks = parse((SOURCES / f"{path.name}.md").read_text(encoding="utf-8"))
    assert document.core_properties.title == title_of(blocks)
    paragraphs = [(paragraph.text, paragraph.style.name) for paragraph in document.paragraphs if paragraph.text]
    assert [text for text, style in paragraphs if style.startswith("Heading")] == [
        block.text for block in blocks if isinstance(block, Heading)
    ]
    assert [text for text, style in paragraphs if style.startswith("List")] == [
        item for block in blocks if isinstance(block, Listing) for item in block.items
    ]
    tables = [tuple(tuple(cell.text for cell in row.cells) for row in table.rows) for table in document.tables]
    assert tables == [block.rows for block in blocks if isinstance(block, Table)]
    assert tables
    body = {text for text, _ in paragraphs}
    assert {block.text for block in blocks if isinstance(block, Paragraph)} <= body


@pytest.mark.parametrize("path", documents(".pdf"), ids=lambda path: path.name)
def test_pdfs_have_a_text_layer_that_says_what_their_sources_say(path: Path) -> None:
    source = SOURCES / f"{path.name}.md"
    breaks = [block for block in parse(source.read_text(encoding="utf-8")) if isinstance(block, PageBreak)]
    with pypdfium2.PdfDocument(path) as pdf:
        pages = [page.get_textpage().get_text_range() for page in pdf]
    assert len(pages) == len(breaks) + 1
    text = squeezed(" ".join(pages))
    missing = [fragment for fragment in fragments(source) if squeezed(fragment) not in text]
    assert missing == []


@pytest.mark.parametrize("path", documents(".xlsx"), ids=lambda path: path.name)
def test_workbooks_say_what_their_sources_say(path: Path) -> None:
    workbook = openpyxl.load_workbook(path)
    blocks = parse((SOURCES / f"{path.name}.md").read_text(encoding="utf-8"))
    assert workbook.properties.title == title_of(blocks)
    assert workbook.sheetnames == [block.text for block in blocks if isinstance(block, Heading) and block.level == 2]

    def shown(value: object) -> str:
        return value.strftime("%d.%m.%Y") if isinstance(value, datetime) else str(value)

    sheets = [
        tuple(tuple(shown(value) for value in row) for row in sheet.iter_rows(values_only=True)) for sheet in workbook
    ]
    assert sheets == [block.rows for block in blocks if isinstance(block, Table)]
    workbook.close()


def test_making_them_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    if not FONT.is_file():
        pytest.skip("fonts-dejavu-core is not installed")
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        folder.mkdir()
        assert len(make_documents.make(folder)) >= 14
    for path in first.iterdir():
        assert path.read_bytes() == (second / path.name).read_bytes(), path.name


def test_a_missing_font_is_said_and_not_raised(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert make_documents.main(["--font", str(tmp_path / "none.ttf"), "--output", str(tmp_path)]) == 1
    assert "fonts-dejavu-core" in capsys.readouterr().err


def test_a_source_with_something_else_is_refused() -> None:
    with pytest.raises(ValueError, match="no place for blockquote"):
        parse("# Название\n\n> цитата")
    with pytest.raises(ValueError, match="opens with its title"):
        title_of(parse("Просто абзац."))

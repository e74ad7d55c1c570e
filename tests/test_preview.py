"""Documents shown around a place: quotations found again, pages drawn, rows of sheets, all of it in a child process."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import docx
import openpyxl
import pytest
from gui_source_material import pdf
from reportlab.pdfgen.canvas import Canvas

from app.demo import DOCUMENTS
from kb import extraction_child
from kb.blocks import BlockKind
from kb.errors import Broken, Encrypted, ReaderCrashed, TooLarge, TooSlow, Unreadable, UnsupportedFormat
from kb.extraction import Limits
from kb.places import Cell, Line, Moment, Paragraph, Slide
from kb.preview.facts import MOST_PIXELS, page_from_json
from kb.preview.process import Previewer, Stopped
from kb.preview.quotation import Span, locate, locate_part
from kb.readers import read

MISBEHAVING = """
import os, time
import kb.extraction_worker as worker
import kb.preview.child as child
real = child.preview
def preview(path, request, alive):
    match path.stem:
        case "crash": os._exit(3)
        case "hang":
            while True: time.sleep(60)
        case "nonsense": return {"title": 5}
        case "huge": return {"title": "", "page": 1, "pages": 1, "width": 10**6, "height": 10**6, "pixels": ""}
    return real(path, request, alive)
child.preview = preview
worker.main()
"""


@pytest.fixture(scope="module")
def previewer() -> Iterator[Previewer]:
    with Previewer() as previewer:
        yield previewer


@pytest.fixture
def misbehaving(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        extraction_child, "command", lambda megabytes: [sys.executable, "-P", "-c", MISBEHAVING, str(megabytes)]
    )


@pytest.mark.parametrize(
    ("quotation", "texts", "found"),
    [
        ("Нажмите кнопку Reset.", ["Сначала  нажмите\nкнопку reset — и ждите"], [(0, 9, 29)]),
        ("перезагрузка", ["пере-\nзагрузка"], [(0, 0, 14)]),
        ("Первый. Второй.", ["Первый.", "Второй."], [(0, 0, 6), (1, 0, 7)]),
        ("«Так и есть».", ["Пишут: «Так и есть». Дальше"], [(0, 7, 20)]),
        ("й", ["и\u0306"], [(0, 0, 1)]),
        ("чего нет", ["здесь"], []),
        ("…", ["здесь…"], []),
    ],
)
def test_a_quotation_is_found_by_its_letters(
    quotation: str, texts: list[str], found: list[tuple[int, int, int]]
) -> None:
    assert locate(quotation, texts) == tuple(Span(*one) for one in found)


def test_of_several_places_the_nearest_is_meant() -> None:
    texts = ["То же самое."] * 5
    assert locate("то же самое", texts, near=3)[0].block == 3


def test_a_part_of_a_quotation_on_the_next_page() -> None:
    quotation = "Предложение, которое начинается здесь и кончается там."
    assert locate_part(quotation, "Текст. Предложение, которое начинается", beginning=True) == (Span(0, 7, 38),)
    assert locate_part(quotation, "здесь и кончается там. Другое.", beginning=False) == (Span(0, 0, 21),)
    assert locate_part(quotation, "Совсем о другом", beginning=True) == ()


@pytest.mark.parametrize("name", ["onboarding.docx", "backup-policy.md", "courier-mail.html", "onec-webinar.srt"])
def test_every_sentence_of_a_document_is_found_where_it_stands(previewer: Previewer, name: str) -> None:
    path = DOCUMENTS / name
    for number, block in enumerate(read(path).blocks):
        made = previewer.text(path, block.place, block.text)
        assert made.exact
        assert number in {mark.block + made.first for mark in made.marks}
        texts = [made.blocks[mark.block].text[mark.start : mark.end] for mark in made.marks]
        assert texts and all(text in block.text for text in texts)


def test_a_document_without_a_place_is_shown_from_its_beginning(previewer: Previewer) -> None:
    made = previewer.text(DOCUMENTS / "onboarding.docx")
    assert (made.at, made.first, made.exact, made.marks) == (0, 0, True, ())
    assert made.blocks[0].kind is BlockKind.HEADING


def test_a_quotation_that_is_gone_leaves_the_place(previewer: Previewer, tmp_path: Path) -> None:
    path = tmp_path / "правила.txt"
    path.write_text("\n\n".join(f"Правило номер {number}." for number in range(1, 50)), "utf-8")
    made = previewer.text(path, Line(41), "Такого здесь больше не написано.")
    assert not made.exact
    assert made.marks == ()
    assert made.blocks[made.at - made.first].place == Line(41)


def test_a_quotation_that_moved_is_found(previewer: Previewer, tmp_path: Path) -> None:
    path = tmp_path / "правила.txt"
    path.write_text("\n\n".join(f"Правило номер {number}." for number in range(1, 1500)), "utf-8")
    made = previewer.text(path, Line(1), "Правило номер 1450.")
    assert made.exact
    assert made.at == 1449


def test_a_long_text_opens_soon_at_the_exact_line(previewer: Previewer, tmp_path: Path) -> None:
    path = tmp_path / "журнал.log"
    line = "2026-03-05 12:00:00 INFO заявка {} принята и передана в отдел сопровождения\n"
    path.write_text("".join(line.format(number) for number in range(1, 250_001)), "utf-8")
    assert path.stat().st_size > 25_000_000
    began = time.monotonic()
    made = previewer.text(path, Line(200_000), "заявка 200000 принята")
    assert time.monotonic() - began < 5
    assert (made.at, made.exact, made.total) == (199_999, True, 250_001)
    assert sum(len(block.text) for block in made.blocks) < 40_000
    later = previewer.text(path, Line(200_000), "заявка 200000 принята", at=made.first + len(made.blocks))
    assert later.at == made.first + len(made.blocks)
    assert later.exact


def test_a_huge_paragraph_is_shown_around_the_quotation(previewer: Previewer, tmp_path: Path) -> None:
    path = tmp_path / "поток.md"
    path.write_text("Слово за словом. " * 20_000 + "Главное здесь. " + "И дальше слова. " * 20_000, "utf-8")
    made = previewer.text(path, Line(1), "Главное здесь.")
    (mark,) = made.marks
    text = made.blocks[mark.block].text
    assert text[mark.start : mark.end] == "Главное здесь."
    assert len(text) < 5000
    assert text.startswith("… ") and text.endswith(" …")


def test_subtitles_and_slides(previewer: Previewer) -> None:
    made = previewer.text(DOCUMENTS / "onec-webinar.srt", Moment("00:00:29"), "Лучше запускать после шести вечера.")
    assert made.exact
    assert made.blocks[made.at - made.first].speaker == "Юрьев"


def test_a_page_is_drawn_with_the_quotation_marked(previewer: Previewer, tmp_path: Path) -> None:
    path = pdf(tmp_path / "памятка.pdf", ["First page."], ["Reset the pass-", "word with the button.", "More."])
    made = previewer.page(path, 2, "Reset the password with the button.", width=700)
    assert (made.page, made.pages, made.width) == (2, 2, pytest.approx(700, abs=2))
    assert len(made.pixels) == 4 * made.width * made.height
    assert made.exact
    first, second = made.marks
    assert first.top < first.bottom <= second.top + 0.01
    assert 0 <= first.left < first.right <= 1
    row = made.pixels[4 * made.width * round((first.top + first.bottom) / 2 * made.height) :][: 4 * made.width]
    assert min(row) < 128, "there is ink inside the mark"
    assert "More." in made.text


def test_a_quotation_over_two_pages_is_marked_on_both(previewer: Previewer, tmp_path: Path) -> None:
    path = pdf(tmp_path / "д.pdf", ["The beginning of a sentence that"], ["goes on upon the next page."])
    quotation = "The beginning of a sentence that goes on upon the next page."
    first = previewer.page(path, 1, quotation, width=500)
    second = previewer.page(path, 2, quotation, width=500, first=1)
    assert len(first.marks) == len(second.marks) == 1
    assert first.exact and second.exact


def test_a_page_without_the_quotation_says_so(previewer: Previewer, tmp_path: Path) -> None:
    path = pdf(tmp_path / "д.pdf", ["Something else."])
    made = previewer.page(path, 7, "Сбросьте пароль кнопкой.", width=500)
    assert (made.page, made.exact, made.marks) == (1, False, ())


def test_a_sheet_is_shown_around_the_row(previewer: Previewer, tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.title = "Модели"
    sheet.append(["Модель", "Кнопка", "Цена"])
    for number in range(1, 200):
        sheet.append([f"RX-{number}", "нет", number * 10])
    workbook.create_sheet("Пусто").append(["ничего"])
    path = tmp_path / "routers.xlsx"
    workbook.save(path)

    made = previewer.grid(path, Cell("Модели", "A101:C101"), "Модель: RX-100; Кнопка: нет; Цена: 1000")

    assert (made.sheet, made.sheets, made.total) == ("Модели", ("Модели", "Пусто"), 200)
    assert (made.header, made.header_row) == (("Модель", "Кнопка", "Цена"), 1)
    assert (made.marked_rows, made.marked_columns) == ((101, 101), (0, 2))
    assert made.rows[101 - made.first] == ("RX-100", "нет", "1000")
    assert made.exact
    assert not previewer.grid(path, Cell("Модели", "A101:C101"), "Модель: RX-7; Кнопка: есть").exact
    assert previewer.grid(path, Cell("Модели", "A101:C101"), "", sheet="Пусто").rows == (("ничего",),)
    assert not previewer.grid(path, Cell("Нет такого", "A1"), "что-то").exact
    assert previewer.grid(path, Cell("Модели", "B2"), "нет", at=150).first == 125


def test_rows_of_delimited_text(previewer: Previewer, tmp_path: Path) -> None:
    path = tmp_path / "телефоны.csv"
    path.write_text("Отдел;Телефон\nБухгалтерия;12-34\nСклад;55-66\n", "utf-8")
    made = previewer.grid(path, Cell("телефоны", "A3:B3"), "Отдел: Склад; Телефон: 55-66")
    assert made.exact
    assert made.rows[2] == ("Склад", "55-66")


def test_what_is_wrong_with_a_document_is_said(previewer: Previewer, tmp_path: Path) -> None:
    (tmp_path / "обман.pdf").write_text("не pdf", "utf-8")
    (tmp_path / "программа.exe").write_text("MZ", "utf-8")
    with pytest.raises(Broken):
        previewer.page(tmp_path / "обман.pdf", 1, width=100)
    with pytest.raises(UnsupportedFormat):
        previewer.text(tmp_path / "программа.exe")
    with pytest.raises(Unreadable):
        previewer.text(tmp_path / "нет.txt")
    with Previewer(limits=Limits(file_bytes=10)) as small, pytest.raises(TooLarge):
        small.text(DOCUMENTS / "onboarding.docx")


def test_an_encrypted_pdf(previewer: Previewer, tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "тайна.pdf"), encrypt="пароль")
    canvas.drawString(72, 700, "secret")
    canvas.save()
    with pytest.raises(Encrypted):
        previewer.page(tmp_path / "тайна.pdf", 1, width=100)


@pytest.mark.usefixtures("misbehaving")
def test_a_child_that_dies_hangs_or_lies_harms_nobody(tmp_path: Path) -> None:
    for name in ("crash", "hang", "nonsense", "huge", "good"):
        (tmp_path / f"{name}.md").write_text("Текст.", "utf-8")
    with Previewer(limits=Limits(seconds=1)) as previewer:
        with pytest.raises(ReaderCrashed):
            previewer.text(tmp_path / "crash.md")
        with pytest.raises(TooSlow):
            previewer.text(tmp_path / "hang.md")
        with pytest.raises(ReaderCrashed):
            previewer.text(tmp_path / "nonsense.md")
        with pytest.raises(ReaderCrashed):
            previewer.page(tmp_path / "huge.md", 1, width=100)
        assert previewer.text(tmp_path / "good.md").blocks[0].text == "Текст."


@pytest.mark.usefixtures("misbehaving")
def test_who_gives_up_does_not_wait(tmp_path: Path) -> None:
    (tmp_path / "hang.md").write_text("Текст.", "utf-8")
    (tmp_path / "good.md").write_text("Текст.", "utf-8")
    with Previewer() as previewer:
        began = time.monotonic()
        with pytest.raises(Stopped):
            previewer.text(tmp_path / "hang.md", stop=lambda: time.monotonic() - began > 0.2)
        assert time.monotonic() - began < 2
        assert previewer.text(tmp_path / "good.md").total == 1


def test_a_picture_of_another_size_than_announced_is_refused() -> None:
    message = {"title": "", "page": 1, "pages": 1, "pixels": "", "marks": [], "text": "", "exact": True}
    with pytest.raises(ValueError):
        page_from_json({**message, "width": 10, "height": 10})
    with pytest.raises(ValueError):
        page_from_json({**message, "width": MOST_PIXELS, "height": 2})


def test_paragraphs_count_from_the_first(previewer: Previewer, tmp_path: Path) -> None:
    document = docx.Document()
    for number in range(1, 30):
        document.add_paragraph(f"Абзац {number} этого документа.")
    path = tmp_path / "абзацы.docx"
    document.save(str(path))
    assert previewer.text(path, Paragraph(14), "").at == 13
    assert previewer.text(path, Slide(1), "Абзац 20 этого документа.").at == 19

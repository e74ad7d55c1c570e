"""Presentations, OpenDocument and RTF."""

from __future__ import annotations

from pathlib import Path

import pptx
import pytest
from odf import opendocument
from odf.draw import Frame, TextBox
from odf.draw import Page as DrawPage
from odf.style import MasterPage, PageLayout
from odf.table import Table, TableCell, TableRow
from odf.text import H, List, ListItem, P
from pptx.util import Inches

from kb.blocks import ReadDocument
from kb.errors import Broken, Encrypted
from kb.places import Paragraph, Place, Slide
from kb.readers import read


def seen(found: ReadDocument) -> list[tuple[str, str, Place]]:
    return [(str(block.kind), block.text, block.place) for block in found.blocks]


def test_slides(tmp_path: Path) -> None:
    presentation = pptx.Presentation()
    first = presentation.slides.add_slide(presentation.slide_layouts[1])
    first.shapes.title.text = "Итоги года"
    first.placeholders[1].text = "Выросли\nНаняли"
    first.notes_slide.notes_text_frame.text = "Сказать о планах."
    second = presentation.slides.add_slide(presentation.slide_layouts[6])
    table = second.shapes.add_table(2, 2, 0, 0, Inches(4), Inches(1)).table
    for (row, column), text in {(0, 0): "Отдел", (0, 1): "План", (1, 0): "ИТ", (1, 1): "7"}.items():
        table.cell(row, column).text = text
    group = presentation.slides.add_slide(presentation.slide_layouts[6]).shapes.add_group_shape()
    group.shapes.add_textbox(0, 0, Inches(1), Inches(1)).text_frame.text = "Спасибо"
    path = tmp_path / "отчёт.pptx"
    presentation.save(str(path))

    found = read(path)

    assert found.title == "Итоги года"
    assert seen(found) == [
        ("heading", "Итоги года", Slide(1)),
        ("list_item", "Выросли", Slide(1)),
        ("list_item", "Наняли", Slide(1)),
        ("paragraph", "Сказать о планах.", Slide(1)),
        ("heading", "отчёт", Slide(2)),
        ("table_row", "Отдел: ИТ; План: 7", Slide(2)),
        ("heading", "Спасибо", Slide(3)),
    ]


def test_an_opendocument_text(tmp_path: Path) -> None:
    document = opendocument.OpenDocumentText()
    document.text.addElement(H(outlinelevel=1, text="Порядок"))
    document.text.addElement(P(text="Первый  абзац."))
    items = List()
    item = ListItem()
    item.addElement(P(text="Пункт."))
    items.addElement(item)
    document.text.addElement(items)
    table = Table()
    for cells in (("Имя", "Код", "Этаж"), ("Анна", "1", "2"), ("Борис", "3", "4")):
        row = TableRow()
        for text in cells:
            cell = TableCell()
            cell.addElement(P(text=text))
            row.addElement(cell)
        table.addElement(row)
    document.text.addElement(table)
    path = tmp_path / "порядок.odt"
    document.save(str(path))

    assert seen(read(path)) == [
        ("heading", "Порядок", Paragraph(1)),
        ("paragraph", "Первый абзац.", Paragraph(2)),
        ("list_item", "Пункт.", Paragraph(3)),
        ("table_row", "Имя: Анна; Код: 1; Этаж: 2", Paragraph(4)),
        ("table_row", "Имя: Борис; Код: 3; Этаж: 4", Paragraph(5)),
    ]


def test_an_opendocument_presentation(tmp_path: Path) -> None:
    document = opendocument.OpenDocumentPresentation()
    layout = PageLayout(name="l")
    document.automaticstyles.addElement(layout)
    master = MasterPage(name="m", pagelayoutname=layout)
    document.masterstyles.addElement(master)
    for texts in (("Первый", "Содержание первого слайда."), ("Второй", "Содержание второго слайда.")):
        page = DrawPage(masterpagename=master)
        for text in texts:
            frame = Frame()
            box = TextBox()
            box.addElement(P(text=text))
            frame.addElement(box)
            page.addElement(frame)
        document.presentation.addElement(page)
    path = tmp_path / "слайды.odp"
    document.save(str(path))

    assert seen(read(path)) == [
        ("heading", "Первый", Slide(1)),
        ("paragraph", "Содержание первого слайда.", Slide(1)),
        ("heading", "Второй", Slide(2)),
        ("paragraph", "Содержание второго слайда.", Slide(2)),
    ]


def test_a_protected_opendocument(tmp_path: Path) -> None:
    import zipfile

    path = tmp_path / "тайна.odt"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        archive.writestr("META-INF/manifest.xml", "<manifest><file-entry><encryption-data/></file-entry></manifest>")

    with pytest.raises(Encrypted):
        read(path)


RTF = (
    r"{\rtf1\ansi\ansicpg1251{\fonttbl{\f0\fcharset204 Arial;}}\f0 "
    r"\'cf\'f0\'e8\'ea\'e0\'e7 \u8470? 5.\par "
    r"\trowd\cellx1\cellx2\cellx3 \'c8\'ec\'ff\cell \'ca\'ee\'e4\cell \'dd\'f2\'e0\'e6\cell\row"
    r"\trowd\cellx1\cellx2\cellx3 \'c0\'ed\'ed\'e0\cell 7\cell 2\cell\row \pard \'ca\'ee\'ed\'e5\'f6.\par}"
)


def test_rtf_with_a_russian_code_page(tmp_path: Path) -> None:
    path = tmp_path / "приказ.rtf"
    path.write_bytes(RTF.encode("ascii"))

    assert [text for _, text, _ in seen(read(path))] == ["Приказ № 5.", "Имя: Анна; Код: 7; Этаж: 2", "Конец."]
    assert [place for _, _, place in seen(read(path))] == [Paragraph(1), Paragraph(2), Paragraph(3)]


def test_a_text_under_the_name_of_rtf(tmp_path: Path) -> None:
    path = tmp_path / "обман.rtf"
    path.write_text("просто текст", encoding="utf-8")

    with pytest.raises(Broken):
        read(path)

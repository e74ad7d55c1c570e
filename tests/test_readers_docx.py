"""DOCX."""

from __future__ import annotations

from pathlib import Path

import docx
import pytest
from docx.document import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn

from kb.blocks import ReadDocument
from kb.errors import Broken, Encrypted
from kb.places import Paragraph
from kb.readers import read


def saved(folder: Path, document: Document) -> ReadDocument:
    path = folder / "приказ.docx"
    document.save(str(path))
    return read(path)


def seen(found: ReadDocument) -> list[tuple[str, str, int]]:
    return [(str(block.kind), block.text, block.level) for block in found.blocks]


def filled(document: Document, rows: list[list[str]]) -> None:
    table = document.add_table(len(rows), len(rows[0]))
    for line, cells in enumerate(rows):
        for column, text in enumerate(cells):
            table.cell(line, column).text = text


def test_paragraphs_and_tables_in_the_order_of_the_body(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_heading("Заявка", 0)
    document.add_heading("Порядок", 1)
    document.add_paragraph("Первый  абзац.")
    filled(document, [["Сумма", "Кто согласует", "Срок"], ["до 50", "отдел", "1 день"], ["больше", "директор", ""]])
    document.add_paragraph("Пункт.", style="List Bullet")
    document.add_paragraph("")
    document.add_heading("Глубже", 2)

    found = saved(tmp_path, document)

    assert found.title == "Заявка"
    assert seen(found) == [
        ("heading", "Заявка", 1),
        ("heading", "Порядок", 1),
        ("paragraph", "Первый абзац.", 0),
        ("table_row", "Сумма: до 50; Кто согласует: отдел; Срок: 1 день", 0),
        ("table_row", "Сумма: больше; Кто согласует: директор", 0),
        ("list_item", "Пункт.", 0),
        ("heading", "Глубже", 2),
    ]
    assert [block.place for block in found.blocks] == [Paragraph(number) for number in range(1, 8)]


def test_headings_by_russian_name_base_style_and_outline_level(tmp_path: Path) -> None:
    document = docx.Document()
    styles = document.styles
    styles.add_style("Заголовок 2", WD_STYLE_TYPE.PARAGRAPH)
    styles.add_style("Фирменный", WD_STYLE_TYPE.PARAGRAPH).base_style = styles["Heading 3"]
    document.add_paragraph("По имени", style="Заголовок 2")
    document.add_paragraph("По основе", style="Фирменный")
    outlined = document.add_paragraph("По уровню")
    outlined._p.get_or_add_pPr().append(parse_xml(f'<w:outlineLvl {nsdecls("w")} w:val="3"/>'))
    lowered = document.add_paragraph("Снова текст", style="Heading 1")
    lowered._p.get_or_add_pPr().append(parse_xml(f'<w:outlineLvl {nsdecls("w")} w:val="9"/>'))

    assert seen(saved(tmp_path, document)) == [
        ("heading", "По имени", 2),
        ("heading", "По основе", 3),
        ("heading", "По уровню", 4),
        ("paragraph", "Снова текст", 0),
    ]


def test_styles_based_on_each_other_end(tmp_path: Path) -> None:
    document = docx.Document()
    one = document.styles.add_style("Один", WD_STYLE_TYPE.PARAGRAPH)
    two = document.styles.add_style("Два", WD_STYLE_TYPE.PARAGRAPH)
    one.base_style, two.base_style = two, one
    document.add_paragraph("Текст.", style="Один")

    assert seen(saved(tmp_path, document)) == [("paragraph", "Текст.", 0)]


def test_merged_and_nested_cells(tmp_path: Path) -> None:
    document = docx.Document()
    table = document.add_table(3, 3)
    for column, name in enumerate(("Отдел", "Имя", "Телефон")):
        table.cell(0, column).text = name
    table.cell(1, 0).merge(table.cell(2, 0)).text = "ИТ"
    table.cell(1, 1).text = "Анна"
    table.cell(1, 2).text = "12"
    table.cell(2, 1).text = "Борис"
    inner = table.cell(2, 2).add_table(1, 2)
    inner.cell(0, 0).text = "дом"
    inner.cell(0, 1).text = "13"

    assert [text for _, text, _ in seen(saved(tmp_path, document))] == [
        "Отдел: ИТ; Имя: Анна; Телефон: 12",
        "Отдел: ИТ; Имя: Борис; Телефон: дом; 13",
    ]


def test_a_form_and_a_frame_are_no_lists_under_a_header(tmp_path: Path) -> None:
    document = docx.Document()
    filled(document, [["ФИО:", "Иванов Иван"], ["Телефон:", "12-34"]])
    filled(document, [["Только рамка."]])

    assert seen(saved(tmp_path, document)) == [
        ("table_row", "ФИО: Иванов Иван", 0),
        ("table_row", "Телефон: 12-34", 0),
        ("paragraph", "Только рамка.", 0),
    ]


def test_revisions_text_boxes_and_contents(tmp_path: Path) -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("Было ")
    paragraph._p.append(parse_xml(f"<w:del {nsdecls('w')}><w:r><w:delText>старое</w:delText></w:r></w:del>"))
    paragraph._p.append(parse_xml(f"<w:ins {nsdecls('w')}><w:r><w:t>новое</w:t></w:r></w:ins>"))
    box = f"<w:txbxContent {nsdecls('w')}><w:p><w:r><w:t>В рамке</w:t></w:r></w:p></w:txbxContent>"
    alternate = "http://schemas.openxmlformats.org/markup-compatibility/2006"
    paragraph._p.append(
        parse_xml(
            f'<w:r {nsdecls("w")}><mc:AlternateContent xmlns:mc="{alternate}">'
            f'<mc:Choice Requires="wps">{box}</mc:Choice>'
            f"<mc:Fallback>{box}</mc:Fallback></mc:AlternateContent></w:r>"
        )
    )
    document.styles.add_style("toc 1", WD_STYLE_TYPE.PARAGRAPH)
    document.add_paragraph("Порядок 3", style="toc 1")

    assert seen(saved(tmp_path, document)) == [("paragraph", "Было новое", 0), ("paragraph", "В рамке", 0)]


def test_content_controls_are_opened(tmp_path: Path) -> None:
    document = docx.Document()
    control = parse_xml(
        f"<w:sdt {nsdecls('w')}><w:sdtContent><w:p><w:r><w:t>Внутри</w:t></w:r></w:p></w:sdtContent></w:sdt>"
    )
    document.element.body.insert(0, control)
    assert document.element.body[0].tag == qn("w:sdt")

    assert seen(saved(tmp_path, document)) == [("paragraph", "Внутри", 0)]


@pytest.mark.parametrize(
    ("title", "expected"),
    [("Положение об отпусках", "Положение об отпусках"), ("Word Document", "приказ"), ("", "приказ")],
)
def test_title_from_the_properties(tmp_path: Path, title: str, expected: str) -> None:
    document = docx.Document()
    document.core_properties.title = title
    document.add_paragraph("Текст.")

    assert saved(tmp_path, document).title == expected


def test_a_protected_document(tmp_path: Path) -> None:
    path = tmp_path / "тайна.docx"
    path.write_bytes(
        bytes.fromhex("D0CF11E0A1B11AE1") + bytes(504) + "EncryptedPackage".encode("utf-16-le") + bytes(600)
    )

    with pytest.raises(Encrypted):
        read(path)


def test_a_text_file_under_the_name_of_a_document(tmp_path: Path) -> None:
    path = tmp_path / "обман.docx"
    path.write_text("просто текст", encoding="utf-8")

    with pytest.raises(Broken):
        read(path)

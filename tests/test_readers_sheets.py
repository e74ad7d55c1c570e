"""Spreadsheets and delimited text."""

from __future__ import annotations

import datetime
from pathlib import Path

import openpyxl
import pytest
import xlwt

from kb.blocks import ReadDocument
from kb.errors import Broken, Encrypted, NoText
from kb.places import Cell
from kb.readers import read
from kb.readers.sheets import column_name, shown


def seen(found: ReadDocument) -> list[tuple[str, str]]:
    return [(block.text, block.place.cell) for block in found.blocks if isinstance(block.place, Cell)]


def saved(folder: Path, workbook: openpyxl.Workbook) -> ReadDocument:
    path = folder / "книга.xlsx"
    workbook.save(path)
    return read(path)


def test_rows_repeat_the_header_and_name_their_range(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.title = "Дежурства"
    sheet.append(["График на год"])
    sheet.append([])
    sheet.append(["Дата", "Дежурный", "Часы", "Ставка"])
    sheet.append([datetime.datetime(2026, 3, 5), "Анна", 12, 1234.5])
    sheet.append([datetime.datetime(2026, 3, 6, 8, 30), "Борис", None, True])
    workbook.create_sheet("Пустой")

    found = saved(tmp_path, workbook)

    assert found.title == "книга"
    assert seen(found) == [
        ("Дежурства", "A1"),
        ("График на год", "A1"),
        ("Дата: 05.03.2026; Дежурный: Анна; Часы: 12; Ставка: 1234,5", "A4:D4"),
        ("Дата: 06.03.2026 08:30; Дежурный: Борис; Ставка: да", "A5:D5"),
    ]
    assert {block.place.sheet for block in found.blocks if isinstance(block.place, Cell)} == {"Дежурства"}


def test_a_table_that_does_not_begin_in_the_corner(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    for column, name in enumerate(("Отдел", "Телефон"), 3):
        sheet.cell(4, column, name)
    for column, value in enumerate(("ИТ", 1100), 3):
        sheet.cell(5, column, value)

    assert seen(saved(tmp_path, workbook)) == [("Отдел: ИТ; Телефон: 1100", "C5:D5")]


def test_a_second_table_after_a_gap_has_its_own_header(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    for row in (["Товар", "Цена"], ["Мышь", 500], [], ["Город", "Склад"], ["Казань", 7], [], ["Итого", "нет"]):
        sheet.append(row)

    assert seen(saved(tmp_path, workbook)) == [
        ("Товар: Мышь; Цена: 500", "A2:B2"),
        ("Город: Казань; Склад: 7", "A5:B5"),
        ("Город: Итого; Склад: нет", "A7:B7"),
    ]


def test_cells_merged_downwards_count_in_each_row(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    for row in (["Отдел", "Имя", "Код"], ["ИТ", "Анна", 1], [None, "Борис", 2], ["АХО", "Вера", 3]):
        sheet.append(row)
    sheet.merge_cells("A2:A3")

    assert [text for text, _ in seen(saved(tmp_path, workbook))] == [
        "Отдел: ИТ; Имя: Анна; Код: 1",
        "Отдел: ИТ; Имя: Борис; Код: 2",
        "Отдел: АХО; Имя: Вера; Код: 3",
    ]


def test_a_group_name_across_the_table_stands_alone(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    for row in (["Услуга", "Цена", "Срок"], ["Ремонт"], ["Замена ролика", 500, 2]):
        workbook.active.append(row)

    assert [text for text, _ in seen(saved(tmp_path, workbook))] == [
        "Ремонт",
        "Услуга: Замена ролика; Цена: 500; Срок: 2",
    ]


def test_a_table_of_a_header_alone_is_not_lost(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    workbook.active.append(["Отдел", "Телефон"])

    assert [text for text, _ in seen(saved(tmp_path, workbook))] == ["Отдел; Телефон"]


def test_far_apart_rows(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    workbook.active["A1"] = "начало"
    workbook.active["B200000"] = "конец"

    assert seen(saved(tmp_path, workbook)) == [("начало", "A1"), ("конец", "B200000")]


def test_a_workbook_without_text(tmp_path: Path) -> None:
    with pytest.raises(NoText):
        saved(tmp_path, openpyxl.Workbook())


def test_a_protected_workbook(tmp_path: Path) -> None:
    path = tmp_path / "тайна.xlsx"
    path.write_bytes(
        bytes.fromhex("D0CF11E0A1B11AE1") + bytes(504) + "EncryptedPackage".encode("utf-16-le") + bytes(600)
    )

    with pytest.raises(Encrypted):
        read(path)


def test_an_old_workbook(tmp_path: Path) -> None:
    workbook = xlwt.Workbook()
    sheet = workbook.add_sheet("Склад")
    for column, name in enumerate(("Товар", "Дата", "Цена")):
        sheet.write(0, column, name)
    sheet.write(1, 0, "Кабель")
    sheet.write(1, 1, datetime.date(2026, 3, 5), xlwt.easyxf(num_format_str="DD.MM.YYYY"))
    sheet.write(1, 2, 12.5)
    path = tmp_path / "старая.xls"
    workbook.save(str(path))

    found = read(path)

    assert found.format == "xls"
    assert seen(found)[1:] == [("Товар: Кабель; Дата: 05.03.2026; Цена: 12,5", "A2:C2")]


def test_an_old_workbook_that_is_none(tmp_path: Path) -> None:
    path = tmp_path / "старая.xls"
    path.write_bytes(bytes.fromhex("D0CF11E0A1B11AE1") + bytes(2000))

    with pytest.raises(Broken):
        read(path)


@pytest.mark.parametrize("codec", ["utf-8-sig", "cp1251", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_delimited_text(tmp_path: Path, codec: str, delimiter: str) -> None:
    path = tmp_path / "список.csv"
    rows = [["Отдел", "Телефон"], ["Бухгалтерия", "12-34"], ['"ИТ\nи связь"', "56-78"]]
    path.write_bytes("\r\n".join(delimiter.join(row) for row in rows).encode(codec))

    found = read(path)

    assert seen(found) == [
        ("Отдел: Бухгалтерия; Телефон: 12-34", "A2:B2"),
        ("Отдел: ИТ и связь; Телефон: 56-78", "A3:B3"),
    ]


def test_numbers_of_delimited_text_stay_as_written(tmp_path: Path) -> None:
    path = tmp_path / "цены.csv"
    path.write_text("sep=;\nТовар;Цена\nКабель;1 234,50\n\nМышь;007\n", encoding="utf-8")

    assert [text for text, _ in seen(read(path))] == ["Товар: Кабель; Цена: 1 234,50", "Товар: Мышь; Цена: 007"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1234.5, "1234,5"),
        (0.1 + 0.2, "0,3"),
        (5.0, "5"),
        (7, "7"),
        (False, "нет"),
        (None, ""),
        (datetime.date(2026, 3, 5), "05.03.2026"),
        (datetime.datetime(2026, 3, 5), "05.03.2026"),
        (datetime.time(9, 30), "09:30"),
    ],
)
def test_values_as_a_russian_reads_them(value: object, text: str) -> None:
    assert shown(value) == text


@pytest.mark.parametrize(("index", "name"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA")])
def test_column_names(index: int, name: str) -> None:
    assert column_name(index) == name

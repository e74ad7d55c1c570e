"""Plain text, logs and transcripts."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb.blocks import Block, BlockKind, ReadDocument
from kb.errors import Broken
from kb.places import Line, Moment
from kb.readers import read


def document(folder: Path, text: str, name: str = "записка.txt") -> ReadDocument:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return read(path)


def texts(blocks: tuple[Block, ...]) -> list[str]:
    return [block.text for block in blocks]


def test_wrapped_lines_flow_together_and_keep_their_lines(tmp_path: Path) -> None:
    found = document(
        tmp_path,
        "Настоящие правила определяют порядок приёма и рассмотрения\n"
        "заявок от сотрудников. Заявка подаётся\nчерез портал.\n",
    )

    assert texts(found.blocks) == [
        "Настоящие правила определяют порядок приёма и рассмотрения заявок от сотрудников. "
        "Заявка подаётся через портал."
    ]
    assert found.blocks[0].place == Line(1)
    assert [place for _, place in found.blocks[0].marks] == [Line(2), Line(3)]
    offset = found.blocks[0].marks[0][0]
    assert found.blocks[0].text[offset:].startswith("заявок")


def test_headings_items_and_title(tmp_path: Path) -> None:
    found = document(
        tmp_path,
        "Правила приёма\n\nПервый абзац.\n\nОБЩИЕ ПОЛОЖЕНИЯ\n\n1. Первый пункт.\n2. Второй пункт, который\n"
        "продолжается.\n- третий\n\nРаздел\n------\nТекст раздела.\n",
    )

    assert found.title == "Правила приёма"
    assert [(block.kind, block.text, block.place) for block in found.blocks] == [
        (BlockKind.HEADING, "Правила приёма", Line(1)),
        (BlockKind.PARAGRAPH, "Первый абзац.", Line(3)),
        (BlockKind.HEADING, "ОБЩИЕ ПОЛОЖЕНИЯ", Line(5)),
        (BlockKind.LIST_ITEM, "1. Первый пункт.", Line(7)),
        (BlockKind.LIST_ITEM, "2. Второй пункт, который продолжается.", Line(8)),
        (BlockKind.LIST_ITEM, "третий", Line(10)),
        (BlockKind.HEADING, "Раздел", Line(12)),
        (BlockKind.PARAGRAPH, "Текст раздела.", Line(14)),
    ]


def test_an_untitled_text_is_called_by_its_file(tmp_path: Path) -> None:
    assert document(tmp_path, "Просто предложение.\n").title == "записка"


def test_invisible_characters_go_and_letters_are_composed(tmp_path: Path) -> None:
    found = document(tmp_path, "\ufeffКра\u00adткии\u0306\u00a0\u200bтекст.\n")

    assert texts(found.blocks) == ["Краткий текст."]


def test_every_line_of_a_log_stands_alone(tmp_path: Path) -> None:
    found = document(tmp_path, "12:00:01 INFO старт\n\n12:00:02 ERROR сбой диска\n", "служба.log")

    assert [(block.text, block.place) for block in found.blocks] == [
        ("12:00:01 INFO старт", Line(1)),
        ("12:00:02 ERROR сбой диска", Line(3)),
    ]


def test_binary_data_under_the_name_of_a_text_is_broken(tmp_path: Path) -> None:
    path = tmp_path / "данные.txt"
    path.write_bytes(bytes(4000))

    with pytest.raises(Broken):
        read(path)


TALK = """Совещание отдела

[00:00:01] Анна: Добрый день.
[00:00:09] Борис Петров: Здравствуйте! Как дела?
Ещё одна строка.
[00:12:31] Анна: Хорошо.
[01:13:00] Борис Петров: До свидания.
"""


def test_a_talk_with_time_codes_becomes_turns(tmp_path: Path) -> None:
    turns = [block for block in document(tmp_path, TALK).blocks if block.kind is BlockKind.TURN]

    assert [(turn.speaker, turn.text, turn.place) for turn in turns] == [
        ("Анна", "Добрый день.", Moment("00:00:01")),
        ("Борис Петров", "Здравствуйте! Как дела? Ещё одна строка.", Moment("00:00:09")),
        ("Анна", "Хорошо.", Moment("00:12:31")),
        ("Борис Петров", "До свидания.", Moment("01:13:00")),
    ]


def test_a_talk_without_time_codes_is_placed_by_lines(tmp_path: Path) -> None:
    found = document(tmp_path, "Анна: Когда срок?\nБорис: В пятницу.\nАнна: Успеем?\nБорис: Да.\n")

    assert [(block.speaker, block.place) for block in found.blocks] == [
        ("Анна", Line(1)),
        ("Борис", Line(2)),
        ("Анна", Line(3)),
        ("Борис", Line(4)),
    ]


def test_names_on_lines_of_their_own_with_a_clock(tmp_path: Path) -> None:
    found = document(
        tmp_path,
        "Анна Иванова 00:01\nДобрый день.\n\nБорис 00:05\nЗдравствуйте.\n\n"
        "Анна Иванова 00:09\nТак.\n\nБорис 00:12\nДа.\n",
    )

    assert [(block.speaker, block.text, block.place) for block in found.blocks][:2] == [
        ("Анна Иванова", "Добрый день.", Moment("00:00:01")),
        ("Борис", "Здравствуйте.", Moment("00:00:05")),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Имя: Анна\nФамилия: Иванова\nОтдел: ИТ\nТелефон: 12-34\nКабинет: 408\n",
        "12:31:05 служба запущена\n12:31:07 порт открыт\n12:31:09 клиент вошёл\n12:31:12 клиент вышел\n",
        "http://a.ru\nhttp://b.ru\nhttp://a.ru\nhttp://b.ru\n",
    ],
)
def test_forms_and_logs_are_no_talk(tmp_path: Path, text: str) -> None:
    assert all(block.kind is not BlockKind.TURN for block in document(tmp_path, text).blocks)

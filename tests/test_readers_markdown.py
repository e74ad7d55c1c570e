"""Markdown."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb.blocks import BlockKind, ReadDocument
from kb.places import Line
from kb.readers import read


def document(folder: Path, text: str) -> ReadDocument:
    path = folder / "статья.md"
    path.write_text(text, encoding="utf-8")
    return read(path)


def seen(found: ReadDocument) -> list[tuple[str, str, int]]:
    return [(str(block.kind), block.text, block.place.line) for block in found.blocks if isinstance(block.place, Line)]


ARTICLE = """---
title: "Сброс \\"пароля\\""
author: x
---
# <a name="reset"></a>Сброс пароля роутера

Держите **Reset** [десять
секунд](http://example.com/x), затем <b>отпустите</b> ![кнопка](a.png).

1. Первый шаг
   ```
   ipconfig /all
     /renew
   ```
2. Второй шаг

| Модель | Пароль |
|--------|--------|
| A-1    | `admin` |
| B-2    |        |
"""


def test_an_article_with_all_its_parts(tmp_path: Path) -> None:
    found = document(tmp_path, ARTICLE)

    assert found.title == 'Сброс "пароля"'
    assert seen(found) == [
        ("heading", "Сброс пароля роутера", 5),
        ("paragraph", "Держите Reset десять секунд, затем отпустите кнопка.", 7),
        ("list_item", "Первый шаг", 10),
        ("code", "ipconfig /all\n  /renew", 12),
        ("list_item", "Второй шаг", 15),
        ("table_row", "Модель: A-1; Пароль: admin", 19),
        ("table_row", "Модель: B-2", 20),
    ]
    assert found.blocks[1].marks == ((len("Держите Reset десять "), Line(8)),)
    assert found.blocks[3].marks == ((len("ipconfig /all\n"), Line(13)),)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("---\ntitle: Из шапки\n---\n# Из заголовка\n", "Из шапки"),
        ("---\ntitle: 'Из ''шапки'''\n---\nТекст\n", "Из 'шапки'"),
        ("---\ntitle: >\n  Длинное\n  название\n---\nТекст\n", "Длинное название"),
        ("---\nauthor: x\n---\n# Из заголовка\n## Ещё\n", "Из заголовка"),
        ("## Неделя 1\nа\n## Неделя 2\nб\n", "статья"),
        ("Просто текст.\n", "статья"),
    ],
)
def test_title(tmp_path: Path, text: str, title: str) -> None:
    assert document(tmp_path, text).title == title


def test_front_matter_that_is_never_closed(tmp_path: Path) -> None:
    found = document(tmp_path, "---\ntitle: Забыли закрыть\nms.custom:\n- '1'\n\nСам текст.\n")

    assert found.title == "Забыли закрыть"
    assert seen(found) == [("paragraph", "Сам текст.", 6)]


def test_placeholders_stay_and_tags_and_comments_go(tmp_path: Path) -> None:
    found = document(tmp_path, "Откройте https://<tenant>.example.ru<br/>и <span>ждите</span><!-- нет -->.\n")

    assert [block.text for block in found.blocks] == ["Откройте https://<tenant>.example.ru и ждите."]


def test_callouts_and_unclosed_emphasis_leave_no_marks(tmp_path: Path) -> None:
    found = document(tmp_path, "> [!NOTE]\n> Важно.\n\nВыберите **Параметры ** и маску *.pdf.\n")

    assert [block.text for block in found.blocks] == ["Важно.", "Выберите Параметры и маску *.pdf."]


def test_html_inside_markdown_is_read(tmp_path: Path) -> None:
    found = document(
        tmp_path, "До.\n\n<table><tr><th>Ключ</th><th>Дверь</th></tr>\n<tr><td>5</td><td>архив</td></tr></table>\n"
    )

    assert seen(found) == [("paragraph", "До.", 1), ("table_row", "Ключ: 5; Дверь: архив", 3)]


def test_a_table_of_a_header_alone_is_not_lost(tmp_path: Path) -> None:
    assert [block.text for block in document(tmp_path, "| Отдел | Телефон |\n|--|--|\n").blocks] == ["Отдел; Телефон"]


def test_the_real_articles_are_all_read(shared_data: Path) -> None:
    articles = sorted((shared_data / "support-kb-ru").rglob("*.md"))[::20]

    documents = [read(path) for path in articles]

    assert len(documents) > 100
    leftovers = ("<a name", "](http", "ms.author")
    assert not [
        block.text
        for found in documents
        for block in found.blocks
        if block.kind is not BlockKind.CODE and any(sign in block.text for sign in leftovers)
    ]

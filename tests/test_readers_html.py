"""HTML."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb.blocks import BlockKind, ReadDocument
from kb.places import Paragraph
from kb.readers import read


def document(folder: Path, markup: str | bytes) -> ReadDocument:
    path = folder / "страница.html"
    path.write_bytes(markup if isinstance(markup, bytes) else markup.encode())
    return read(path)


def seen(found: ReadDocument) -> list[tuple[str, str]]:
    return [(str(block.kind), block.text) for block in found.blocks]


def test_a_page_with_all_its_parts(tmp_path: Path) -> None:
    found = document(
        tmp_path,
        """<html><head><title>Сброс &amp; пароль</title><style>x{}</style></head><body><nav><a>Меню</a></nav>
        <h1>Роутер</h1><p>Удерживайте кнопку <b>Re</b>set<br>10 секунд.<ul><li>Раз<li>Два <p>абзац</p>
        <ul><li>вложенный</ul></ul><pre>
 code
   x
</pre><script>alert(1)</script><div style="display: none">скрыто</div>
<dl><dt>Термин<dd>Значение</dl>хвост</body></html>""",
    )

    assert found.title == "Сброс & пароль"
    assert seen(found) == [
        ("heading", "Роутер"),
        ("paragraph", "Удерживайте кнопку Reset 10 секунд."),
        ("list_item", "Раз"),
        ("list_item", "Два"),
        ("list_item", "абзац"),
        ("list_item", "вложенный"),
        ("code", " code\n   x"),
        ("paragraph", "Термин"),
        ("paragraph", "Значение"),
        ("paragraph", "хвост"),
    ]
    assert [block.place for block in found.blocks] == [Paragraph(number) for number in range(1, 11)]


@pytest.mark.parametrize(
    ("table", "rows"),
    [
        (
            "<tr><th>Отдел<th>Телефон<tr><td rowspan=2>ИТ<td>12<tr><td>13",
            ["Отдел: ИТ; Телефон: 12", "Отдел: ИТ; Телефон: 13"],
        ),
        ("<tr><th>ИНН</th><td>77</td></tr><tr><th>КПП</th><td>78</td></tr>", ["ИНН: 77", "КПП: 78"]),
        (
            "<tr><td>Имя<td>Возраст<tr><td>Анна<td>30<tr><td>Борис<td>40",
            ["Имя: Анна; Возраст: 30", "Имя: Борис; Возраст: 40"],
        ),
        ("<caption>Список</caption><tr><td>1<td>2", ["Список", "1; 2"]),
        ("<tr><td colspan=2>Группа<td>x<tr><td>1<td>2<td>3", ["Группа; x", "1; 2; 3"]),
    ],
)
def test_tables_of_data(tmp_path: Path, table: str, rows: list[str]) -> None:
    found = document(tmp_path, f"<table>{table}</table>")

    assert [block.text for block in found.blocks] == rows
    assert {block.kind for block in found.blocks} == {BlockKind.TABLE_ROW}


def test_a_table_of_layout_is_only_text(tmp_path: Path) -> None:
    found = document(tmp_path, "<table><tr><td><h2>Заголовок</h2><p>Абзац.<table><tr><td>Ещё.</table></table>")

    assert seen(found) == [("heading", "Заголовок"), ("paragraph", "Абзац."), ("paragraph", "Ещё.")]


@pytest.mark.parametrize(
    "markup",
    [
        '<meta charset="windows-1251"><p>Привет'.encode("cp1251"),
        '<meta http-equiv="Content-Type" content="text/html; charset=koi8-r"><p>Привет'.encode("koi8-r"),
        '<meta charset="utf-8"><p>Привет'.encode("cp1251"),  # it lies
        '<meta charset="no-such"><p>Привет'.encode(),
        "\ufeff<p>Привет".encode("utf-16"),
    ],
)
def test_the_encoding_is_found(tmp_path: Path, markup: bytes) -> None:
    assert [block.text for block in document(tmp_path, markup).blocks] == ["Привет"]


def test_depth_costs_no_recursion(tmp_path: Path) -> None:
    assert [block.text for block in document(tmp_path, "<b>" * 20_000 + "глубоко").blocks] == ["глубоко"]

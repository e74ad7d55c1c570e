"""Markdown of models becomes blocks: chips, doubts, lists, tables, code, and nothing that would load or lead away."""

from __future__ import annotations

import time

import pytest

from app.gui.transcript.markdown import Block, Kind, Run, blocks


def words(block: Block) -> str:
    return "".join(f"[{run.source}]" if run.source else run.text for run in block.runs)


def only(text: str, **options: object) -> Block:
    (block,) = blocks(text, **options)  # type: ignore[arg-type]
    return block


def test_a_citation_is_a_run_of_its_own_and_takes_the_space_before_it() -> None:
    assert only("Держите кнопку [1] [2]. Дальше").runs == (
        Run("Держите кнопку"),
        Run("1", source=1),
        Run("2", source=2),
        Run(". Дальше"),
    )


def test_a_number_that_is_no_source_stays_text() -> None:
    assert words(only("массив[7] и [1]", sources={1})) == "массив[7] и[1]"
    assert [run.source for run in only("массив[7] и [1]", sources={1}).runs] == [0, 1]


@pytest.mark.parametrize(
    ("text", "runs"),
    [
        ("**жирно** и *косо*", (Run("жирно", bold=True), Run(" и "), Run("косо", italic=True))),
        ("__так__ и _так_", (Run("так", bold=True), Run(" и "), Run("так", italic=True))),
        ("***оба***", (Run("оба", bold=True, italic=True),)),
        ("`code **x**`", (Run("code **x**", code=True),)),
        ("``a ` b``", (Run("a ` b", code=True),)),
        ("5 * 3 * 2", (Run("5 * 3 * 2"),)),
        ("имя_файла_тут", (Run("имя_файла_тут"),)),
        ("*не закрыто", (Run("*не закрыто"),)),
        ("**ещё пишется", (Run("ещё пишется", bold=True),)),
        (r"\*звёзды\*", (Run("*звёзды*"),)),
        ("[слова](http://example.org/x) и ![рисунок](file:///etc/passwd)", (Run("слова и рисунок"),)),
        ("<script>alert(1)</script>", (Run("<script>alert(1)</script>"),)),
        ("раз<br>два", (Run("раз\u2028два"),)),
    ],
)
def test_marks_of_a_line(text: str, runs: tuple[Run, ...]) -> None:
    assert only(text).runs == runs


def test_blocks_and_their_levels() -> None:
    text = "# Раз\n\nАбзац\nДругой\n- пункт\n  - глубже\n3) третий\n> цитата\n---\n"
    kinds = [(block.kind, block.level, block.marker) for block in blocks(text)]
    assert kinds == [
        (Kind.HEADING, 1, ""),
        (Kind.PARAGRAPH, 0, ""),
        (Kind.PARAGRAPH, 0, ""),
        (Kind.ITEM, 0, "•"),
        (Kind.ITEM, 1, "•"),
        (Kind.ITEM, 0, "3)"),
        (Kind.QUOTE, 0, ""),
        (Kind.RULE, 0, ""),
    ]


def test_a_table_keeps_citations_behind_its_rows_in_the_last_cell() -> None:
    table = only("| Модель | Кнопка |\n|---|:-:|\n| RX-21 | есть | [1]\n| RX-22 |\n")
    assert table.kind is Kind.TABLE
    assert table.header
    assert [[words(Block(Kind.PARAGRAPH, cell)) for cell in row] for row in table.rows] == [
        ["Модель", "Кнопка"],
        ["RX-21", "есть[1]"],
        ["RX-22", ""],
    ]


def test_code_is_to_the_letter_and_its_citations_stand_below() -> None:
    code, cited = blocks("```python\nif x:\n    go(a[0]) [1]\n``` [2]\n")
    assert (code.kind, code.language, code.code) == (Kind.CODE, "python", "if x:\n    go(a[0])")
    assert [run.source for run in cited.runs] == [1, 2]


def test_code_that_is_still_being_written_is_code_already() -> None:
    assert only("```\nls -l").code == "ls -l"


def test_a_doubtful_stretch_is_marked_through_the_marks_in_it() -> None:
    text = "Это верно. А **это** нет."
    begin = text.index("А **")
    runs = only(text, doubtful=((begin, len(text)),)).runs
    assert [(run.text, run.doubtful) for run in runs] == [
        ("Это верно. ", False),
        ("А ", True),
        ("это", True),
        (" нет.", True),
    ]


def test_doubt_reaches_items_cells_and_code() -> None:
    text = "- первое\n- второе\n| a | b |\n|---|---|\n| c | d |\n```\nrm\n```"
    first, second, table, code = blocks(text, doubtful=((text.index("второе"), len(text)),))
    assert not first.runs[0].doubtful
    assert second.runs[0].doubtful
    assert table.rows[1][1][0].doubtful
    assert code.doubtful


@pytest.mark.parametrize("text", ["*" * 5000, "[" * 5000, "`" * 5000, "|" * 3000 + "\n|-|\n" + "|" * 3000, "_a" * 4000])
def test_hostile_text_takes_no_longer_than_any_other(text: str) -> None:
    began = time.perf_counter()
    blocks(text)
    assert time.perf_counter() - began < 2


def test_every_beginning_of_an_answer_can_be_read() -> None:
    text = "## Модели\n| a | b |\n|---|---|\n| **c** | `d` | [1]\n```sh\nls\n```\n1. *раз* [2]\n"
    for end in range(len(text)):
        blocks(text[:end])

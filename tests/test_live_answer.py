"""What a model writes is shown with its lines, paragraphs and indents, however it comes in pieces."""

from __future__ import annotations

import pytest
from fake_base import piece

from app.events import Sentence, Text
from app.live_answer import LiveAnswer

WRITTEN = "Вот так.\n\n\nПорядок:\n- первое\n  - вложенное\n```python\nif ready:\n    go()\n```\nВот и всё. Конец."
SHOWN = "Вот так.\n\nПорядок:\n- первое\n  - вложенное\n```python\nif ready:\n    go()\n```\nВот и всё. Конец."


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_lines_and_indents_stay_and_many_empty_lines_become_one(size: int) -> None:
    live = LiveAnswer((), question="Как?")
    shown = []
    for at in range(0, len(WRITTEN), size):
        shown += [one.delta for one in live.take(WRITTEN[at : at + size]) if isinstance(one, Text)]
    shown += [one.delta for one in live.end() if isinstance(one, Text)]
    assert "".join(shown) == live.text == SHOWN


def test_the_names_of_columns_cite_nothing_but_their_rows_do() -> None:
    copies = piece("Копия: Ежедневная; Хранится: 30 дней. Копия: Годовая; Хранится: 5 лет.")
    live = LiveAnswer((copies,), question="Сколько дней хранят копии?")
    written = "| Копия | Хранится |\n|---|---|\n| Ежедневная | 30 дней |\n| Годовая | 7 лет |\n"
    said = [one for one in (*live.take(written), *live.end()) if isinstance(one, Sentence)]
    assert live.text == "| Копия | Хранится |\n|---|---|\n| Ежедневная | 30 дней | [1]\n| Годовая | 7 лет |"
    assert [one.supported for one in said if one.text.startswith("| ")] == [True, True, False]

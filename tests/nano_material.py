"""A little bank of invented documents, as ``models.nano.material`` writes it, and what is made of it."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

from models.nano import bank, prompt_texts, shelf, stocking, tokenizer

Entry = dict[str, Any]

_TOWNS = ("Верхнем Логе", "Каменке", "Заречье", "Ольховке", "Сосновом Бору", "Белых Ключах", "Дальнем", "Ясной Поляне")


def entries() -> list[Entry]:
    """Return the lines of the bank: passages with questions of every kind, and documents to hold out."""
    made = [
        _entry(
            1,
            "Роутер",
            ["Сброс"],
            ["Сбой питания портит настройки роутера.", "Удерживайте кнопку Reset 10 секунд.", "Он мигнёт <дважды>."],
            [
                [1, "Сколько секунд держать кнопку Reset?", "rule", 24, 34],
                [2, "Что сделает роутер после сброса?", "human", 0, 0],
                [0, "Сброс роутера", "title", 0, 0],
            ],
            u=["Сколько стоит роутер?"],
        ),
        _entry(
            1,
            "Роутер",
            ["Пароль"],
            [
                "Чтобы сменить пароль роутера:",
                "Откройте страницу 192.168.0.1.",
                "Выберите «Безопасность».",
                "Введите пароль.",
            ],
            [[1, "Как сменить пароль роутера?", "list", 0, 0]],
            n=[1, 2, 3],
        ),
        _entry(2, "", [], ["Я только продаю лодки."], [[0, "что ты продаешь?", "qa", 0, 0]], o="qa", a={"0": "Лодки."}),
    ]
    for number, town in enumerate(_TOWNS, start=3):
        sentences = [
            f"Станция в {town} открыта в {1900 + number} году.",
            f"Дежурит на ней Пётр Ильин, его телефон 2-{number}5-40.",
            "Зимой станция работает до 17:00, летом до 20:00, а в праздники закрыта вовсе.",
        ]
        questions = [
            [0, f"В каком году открыта станция в {town}?", "rule", len(sentences[0]) - 10, len(sentences[0]) - 1],
            [1, f"Какой телефон у дежурного в {town}?", "human", 0, 0],
        ]
        made.append(_entry(number, f"Станция {number}", ["О станции"], sentences, questions, o="facts"))
    held_out = {**made[3], "d": shelf.HELD_OUT, "t": "Отложенная станция"}
    return [*made, held_out]


def write_bank(path: Path) -> Path:
    """Write the bank."""
    with gzip.open(path, "wt", encoding="utf-8") as lines:
        lines.writelines(json.dumps(entry, ensure_ascii=False) + "\n" for entry in entries())
    return path


def write_shelf(folder: Path) -> Path:
    """Write all that examples are made from into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    path = write_bank(folder / "bank.jsonl.gz")
    trained = tokenizer.trained(tokenizer.texts_of(path), size=600)
    tokenizer.write(trained, folder)
    stocking.assistants_texts().write(folder)
    shelf.write(folder / shelf.NAME, stocking.stocked(list(bank.passages(path))))
    assert (folder / prompt_texts.NAME).is_file()
    return folder


def _entry(
    document: int, title: str, heading: list[str], sentences: list[str], questions: list[Any], **more: Any
) -> Entry:
    line = {"d": document, "o": "docs", "t": title, "h": heading, "s": sentences, "n": [], "q": questions}
    return {**line, **more}

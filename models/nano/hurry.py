"""A question as somebody in a hurry types it: small letters, no mark, a typo, a polite word before it.

Standard library only: examples are composed where nothing of Offlite is installed.
"""

from __future__ import annotations

import random
import re

_LETTERS = "йцукенгшщзхъ\0фывапролджэ\0ячсмитьбю"
_POLITE = (
    "Подскажите, ", "Скажите, пожалуйста, ", "Подскажите, пожалуйста, ", "А ", "Добрый день! ", "Здравствуйте, ",
    "Интересно, ", "Можете сказать, ", "Хочу узнать, ", "Не могу найти: ", "Напомни, ", "Уточните, ",
)  # fmt: skip


def varied(question: str, chance: random.Random) -> str:
    """Return a question the way it is typed, which is mostly as it is."""
    if chance.random() < 0.08:
        polite = chance.choice(_POLITE)
        question = polite + (question if polite.endswith("! ") else _small(question))
    if chance.random() < 0.15:
        question = question.rstrip("?")
    if chance.random() < 0.15:
        question = _small(question)
    if chance.random() < 0.10:
        question = _mistyped(question, chance)
    if chance.random() < 0.03:
        question = question.lower()
    if chance.random() < 0.3:
        question = question.replace("ё", "е")
    return question


def _small(text: str) -> str:
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def _mistyped(text: str, chance: random.Random) -> str:
    """Return ``text`` with a letter of a longer word left out, doubled, swapped, or changed for its neighbour's key."""
    places = [at for match in re.finditer(r"[а-яё]{5,}", text) for at in range(match.start() + 1, match.end() - 1)]
    if not places:
        return text
    at = chance.choice(places)
    key = _LETTERS.find(text[at])
    beside = [_LETTERS[one] for one in (key - 1, key + 1) if 0 <= one < len(_LETTERS) and _LETTERS[one] != "\0"]
    wrong = ["", text[at] * 2, text[at + 1] + text[at], *(beside if key >= 0 else ())]
    chosen = chance.choice(wrong)
    return text[:at] + chosen + text[at + (2 if len(chosen) == 2 and chosen[0] != chosen[1] else 1) :]

"""Questions as hasty people type them: one typo in the longest word, or the wrong keyboard layout. Seeded."""

from __future__ import annotations

import random
import re

from kb.language.layout import other_layout

_ROWS = ("йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю", "qwertyuiop", "asdfghjkl", "zxcvbnm")


def with_typo(text: str, *, seed: int) -> str:
    """Return ``text`` with one letter of its longest word lost, doubled, swapped with the next, or hit beside."""
    chance = random.Random(f"{seed} {text}")
    found = max(re.finditer(r"[^\W\d_]+", text), key=lambda match: len(match.group()), default=None)
    if found is None or len(found.group()) < 4:
        return text
    word = found.group()
    for _ in range(20):
        at = chance.randrange(1, len(word) - 1)
        kind = chance.choice(("lost", "doubled", "swapped", "beside"))
        if kind == "lost":
            wrong = word[:at] + word[at + 1 :]
        elif kind == "doubled":
            wrong = word[:at] + word[at] + word[at:]
        elif kind == "swapped":
            wrong = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        else:
            wrong = word[:at] + _beside(word[at], chance) + word[at + 1 :]
        if wrong != word:
            return text[: found.start()] + wrong + text[found.end() :]
    return text


def _beside(letter: str, chance: random.Random) -> str:
    for row in _ROWS:
        at = row.find(letter.lower())
        if at >= 0:
            near = [row[place] for place in (at - 1, at + 1) if 0 <= place < len(row)]
            return chance.choice(near)
    return letter


def in_wrong_layout(text: str) -> str:
    """Return ``text`` as a typist gets it who forgot to switch from English."""
    return "".join(other_layout(chunk) if _is_russian(chunk) else chunk for chunk in re.split(r"(\s+)", text))


def _is_russian(chunk: str) -> bool:
    return bool(re.search(r"[а-яё]", chunk, re.IGNORECASE)) or not re.search(r"[a-z]", chunk, re.IGNORECASE)

"""Text typed in the wrong keyboard layout: QWERTY for ЙЦУКЕН and back."""

from __future__ import annotations

_LATIN = "`qwertyuiop[]asdfghjkl;'zxcvbnm,./" + '~QWERTYUIOP{}ASDFGHJKL:"ZXCVBNM<>?'
_CYRILLIC = "ёйцукенгшщзхъфывапролджэячсмитьбю." + "ЁЙЦУКЕНГШЩЗХЪФЫВАПРОЛДЖЭЯЧСМИТЬБЮ,"

_TO_CYRILLIC = str.maketrans(_LATIN, _CYRILLIC)
_TO_LATIN = str.maketrans(_CYRILLIC, _LATIN)


def other_layout(text: str) -> str:
    """Return ``text`` as the other layout would have given it.

    The direction follows the letters: any Cyrillic letter means that Latin was wanted. Must be called before the
    text is tokenised, because б ю ж э х ъ are punctuation keys.
    """
    cyrillic = any("а" <= letter <= "я" or letter == "ё" for letter in text.lower())
    return text.translate(_TO_LATIN if cyrillic else _TO_CYRILLIC)

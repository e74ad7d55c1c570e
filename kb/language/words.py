"""Text into words: normal form, tokens, identifiers, stems.

The same functions prepare documents for the index and questions for search, so that both meet. Whatever changes
what they return must raise ``VERSION``: a base remembers the version that filled it.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import Stemmer

from kb.language.stopwords import STOP_WORDS

VERSION = 1

LONGEST_WORD = 64
"""Characters. Longer runs are base64 or garbage; the longest word of Russian prose has 38."""

_FOLD = str.maketrans(
    {
        "ё": "е",
        "Ё": "е",
        "\u00ad": None,  # soft hyphen
        "\u200b": None,  # zero-width space
        "\u200c": None,
        "\u200d": None,
        "\u2060": None,
        "\ufeff": None,
        "\u0301": None,  # stress mark
        "\u00a0": " ",
        "\u202f": " ",
        "\u2009": " ",
        "\u2010": "-",
        "\u2011": "-",
        "\u2012": "-",
        "\u2212": "-",
    }
)

_FOLDED = re.compile("[" + "".join(map(chr, _FOLD)) + "]")

# A run of letters and digits, joined by single marks that stand inside identifiers: 34.11-2018, user@host.ru, Wi-Fi.
_TOKEN = re.compile(r"[^\W_]+(?:[-._/@:\\]+[^\W_]+)*(?:\+\+|#(?!\w))?")
_PART = re.compile(r"[^\W_]+")
_CYRILLIC = re.compile(r"[а-я]+")
_LATIN = re.compile(r"[a-z]+")
_PLAIN_COMPOUND = re.compile(r"[а-я]+(?:[-._/:\\]+[а-я]+)*")

_russian = Stemmer.Stemmer("russian", 0)
_english = Stemmer.Stemmer("english", 0)


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text: ``form`` as written (folded to lower case, ё to е) and the ``stem`` it is indexed under."""

    form: str
    stem: str


def fold(text: str) -> str:
    """Return ``text`` in the form in which texts are compared: NFC, lower case, ё as е, no soft hyphens or accents."""
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFC", text)
    return (text.translate(_FOLD) if _FOLDED.search(text) else text).lower()


@lru_cache(maxsize=200_000)
def stem(form: str) -> str:
    """Return the stem of a folded word: Snowball for plain Russian and English words, anything else as it is."""
    if _CYRILLIC.fullmatch(form):
        return str(_russian.stemWord(form))
    if _LATIN.fullmatch(form):
        return str(_english.stemWord(form))
    return form


@lru_cache(maxsize=200_000)
def _forms(token: str) -> tuple[str, ...]:
    """Return the word forms that one folded token stands for: itself, and the parts it is joined from."""
    parts = _PART.findall(token)
    if len(parts) == 1 and parts[0] == token:
        return (token,)
    if _PLAIN_COMPOUND.fullmatch(token):
        return tuple(parts)
    forms = [token, *parts]
    if all(_LATIN.fullmatch(part) for part in parts) and token.count("-") == len(parts) - 1 > 0:
        forms.append("".join(parts))  # Wi-Fi is also wifi
    return tuple(dict.fromkeys(forms))


def tokens(text: str) -> list[str]:
    """Return the folded tokens of ``text`` in order; an identifier is one token."""
    return [token for token in _TOKEN.findall(fold(text)) if len(token) <= LONGEST_WORD]


@lru_cache(maxsize=200_000)
def _words(token: str) -> tuple[Word, ...]:
    return tuple(Word(form, stem(form)) for form in _forms(token) if form not in STOP_WORDS)


def words(text: str) -> list[Word]:
    """Return the words of ``text`` worth indexing, in order: no stop words; identifiers whole and in parts."""
    return [word for token in tokens(text) for word in _words(token)]


def stems(text: str) -> list[str]:
    """Return the stems of ``words(text)``."""
    return [word.stem for token in tokens(text) for word in _words(token)]

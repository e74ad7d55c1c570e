"""Finding words in conversations: stems for the index, an index query for what was typed, a snippet with marks."""

from __future__ import annotations

import re

from kb.language.lemmas import other_forms
from kb.language.words import Word, fold, stem, tokens, words

BEGIN, END = "\x02", "\x03"
"""Stand around the words of a snippet that were searched: no text has them."""

SNIPPET = 90
"""Characters: two lines of the sidebar."""

_BEFORE = 12
_WORD = re.compile(r"[^\W_]+")
_MARKS = re.compile(r"\s*\[\d{1,3}\]|[*_`#|~]+|^\s*>\s?", re.MULTILINE)
"""Of Markdown and of citations: a snippet is plain words."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")


def indexed(*texts: str) -> str:
    """Return the stems of texts as the index keeps them."""
    return " ".join(word.stem for text in texts for word in words(text))


def conditions(query: str) -> list[str]:
    """Return an index query for each word of ``query``; the last word may still be being typed.

    Empty where ``query`` has only words that are in no index («как», «и»).
    """
    typed = tokens(query)
    found: dict[str, None] = {}
    for at, token in enumerate(typed):
        last = at == len(typed) - 1 and not query[-1:].isspace()
        for word in words(token):
            roots = " OR ".join(f'"{root}"*' if last else f'"{root}"' for root in _roots(word))
            found[f"({roots})"] = None
    return list(found)


def _roots(word: Word) -> list[str]:
    """Return the stems of all forms of a word, its own first: «настройка» and «настроек» have different ones."""
    return list(dict.fromkeys((word.stem, *(stem(form) for form in other_forms(word.form)))))


def snippet(text: str, query: str) -> str:
    """Return where ``text`` has words of ``query``, these between ``BEGIN`` and ``END``; nothing where it has none."""
    text = " ".join(_CONTROL.sub(" ", _MARKS.sub("", text)).split())
    typed = tokens(query)
    stems = {root for token in typed for word in words(token) for root in _roots(word)}
    ends = typed[-1:] if not query[-1:].isspace() else []
    beginnings = tuple(root for token in ends for word in words(token) for root in _roots(word))
    hits = []
    for match in _WORD.finditer(text):
        root = stem(fold(match[0]))
        if root in stems or (beginnings and root.startswith(beginnings)):
            hits.append(match.span())
        if hits and match.start() > hits[0][0] + SNIPPET:
            break
    if not hits:
        return ""
    start = _word_start(text, hits[0][0] - _BEFORE)
    end = min(len(text), start + SNIPPET)
    if end < len(text):
        end = max(hits[0][1], text.rfind(" ", start, end))
    parts, at = [], start
    for first, last in hits:
        if last <= end:
            parts += [text[at:first], BEGIN, text[first:last], END]
            at = last
    shown = "".join([*parts, text[at:end]]).strip()
    return ("…" if start > 0 else "") + shown + ("…" if end < len(text) else "")


def _word_start(text: str, at: int) -> int:
    """Return the beginning of a word at or behind ``at``."""
    if at <= 0:
        return 0
    space = text.find(" ", at)
    return at if space < 0 or space > at + _BEFORE else space + 1

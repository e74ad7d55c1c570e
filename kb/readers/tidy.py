"""Clean text for blocks: what every reader does to what its library gives it.

Knows nothing of formats. Everything that becomes a block passes through here, so that the text of any document is
NFC, free of invisible and control characters and of lone surrogates, with single spaces.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from kb.blocks import Block, BlockKind
from kb.places import Place

# C0 and C1 controls except the white space, soft hyphen, zero-width marks, directional marks, BOM, non-characters.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\uffff]"
)
_SURROGATE = re.compile("[\ud800-\udfff]")


def visible(text: str) -> str:
    """Return ``text`` as NFC without characters that show nothing; white space stays as it is."""
    if text.isascii() and text.isprintable():
        return text
    text = _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", _INVISIBLE.sub("", text))
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def clean(text: str) -> str:
    """Return ``text`` as one line: ``visible`` with every run of white space made one space, none outside."""
    return " ".join(visible(text).split())


def clean_code(text: str) -> str:
    """Return ``text`` with its lines and their indentation kept; blank lines at both ends go."""
    lines = [line.rstrip() for line in visible(text).expandtabs(4).splitlines()]
    while lines and not lines[0]:
        del lines[0]
    while lines and not lines[-1]:
        del lines[-1]
    return "\n".join(lines)


def flowing(kind: BlockKind, parts: Iterable[tuple[str, Place]], *, level: int = 0) -> Block | None:
    """Join pieces of one paragraph, each with its place, into a block; ``None`` where nothing visible is left.

    Pieces are joined by a space where the source had white space at the joint or the place changes.
    """
    text = ""
    first: Place | None = None
    latest: Place | None = None
    marks: list[tuple[int, Place]] = []
    gap = False
    for part, place in parts:
        piece = clean(part)
        gap = gap or part[:1].isspace() or (latest is not None and place != latest)
        if not piece:
            gap = gap or bool(part)
            continue
        if text and gap:
            text += " "
        if first is None:
            first = place
        elif place != latest:
            marks.append((len(text), place))
        latest = place
        text += piece
        gap = part[-1:].isspace()
    if first is None:
        return None
    return Block(kind, text, first, level=level, marks=tuple(marks))


def row(header: Iterable[str], cells: Iterable[str]) -> str:
    """Return a table row as text, each cell behind the name of its column: ``Отдел: Бухгалтерия; Телефон: 12-34``.

    Empty cells are left out; a cell without a column name, or equal to it, stands alone.
    """
    names = [clean(name).rstrip(":") for name in header]
    shown = []
    for index, cell in enumerate(cells):
        value = clean(cell)
        name = names[index] if index < len(names) else ""
        if value:
            shown.append(f"{name}: {value}" if name and name != value else value)
    return "; ".join(shown)

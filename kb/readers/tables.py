"""Tables without a marked header into rows of text: which row names the columns, and what each row says then."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import median

from kb.readers.tidy import clean, row

_WORDY = 8
"""Words. A column's name is not longer."""


def rows_as_text(rows: Sequence[Sequence[str]], *, marked: bool = False) -> Iterator[tuple[int, str]]:
    """Yield ``(index, text)`` for the rows that say something; the header is repeated with each, not yielded itself.

    ``marked``: the document itself declares the first row a header.
    """
    if len(rows) > 1 and (marked or _heads(rows)):
        header, first = [clean(cell) for cell in rows[0]], 1
    else:
        header, first = [], 0
    for index in range(first, len(rows)):
        cells = [clean(cell) for cell in rows[index]]
        filled = [cell for cell in cells if cell]
        if header:
            text = row(header, cells)
        elif len(filled) == 2 and len(rows) > 1:
            text = row(filled[:1], filled[1:])  # a form: what is asked, what is answered
        else:
            text = "; ".join(filled)
        if text:
            yield index, text


def _heads(rows: Sequence[Sequence[str]]) -> bool:
    """Return whether the first row reads like the names of the columns."""
    names = [clean(cell) for cell in rows[0]]
    filled = [name for name in names if name]
    if len(filled) < 2 or len(filled) < len(names) - 1 or len(set(filled)) < len(filled):
        return False
    if any(len(name.split()) > _WORDY or not any(map(str.isalpha, name)) or name[0].isdigit() for name in filled):
        return False
    return len(names) > 2 or not _is_form(rows)


def _is_form(rows: Sequence[Sequence[str]]) -> bool:
    """Return whether two columns are questions and answers from the first row on, rather than a list under a header."""
    if any(clean(line[0]).endswith(":") for line in rows if line):
        return True
    answers = [clean(line[1]) for line in rows[1:] if len(line) > 1]
    first = clean(rows[0][1])
    if not answers:
        return True
    with_digits = sum(any(map(str.isdigit, answer)) for answer in answers)
    if with_digits >= len(answers) / 2:
        return any(map(str.isdigit, first))
    return len(rows) < 3 or (len(first.split()) > 2 and median(len(answer.split()) for answer in answers) <= 4)

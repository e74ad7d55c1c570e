"""Rows of a sheet around a cell, with the names of the columns.

The sheet that was asked for last is kept: who looks at one row looks at the next ones too.
"""

from __future__ import annotations

import re
from pathlib import Path

from kb.errors import NoText
from kb.places import Cell
from kb.preview.facts import Grid
from kb.preview.quotation import locate
from kb.readers import suffix_of
from kb.readers.sheets import SheetRow, delimited_rows, header_of, opened, sheet_names, sheet_rows
from kb.readers.tidy import row as row_text

AROUND = 25
"""Rows shown before and behind the place."""

MOST_COLUMNS = 64

LONGEST_CELL = 600
"""Characters of a cell that are shown."""

_CELLS = re.compile(r"([A-Z]{1,4})(\d{1,8})(?::([A-Z]{1,4})(\d{1,8}))?$")

_Sheet = tuple[str, tuple[str, ...], list[SheetRow]]

_latest: list[tuple[tuple[Path, int, str], _Sheet]] = []


def grid(path: Path, cell: Cell | None, quotation: str, *, sheet: str = "", at: int | None = None) -> Grid:
    """Return the rows around ``cell``; around the row ``at`` where one is named, on ``sheet`` where that is another.

    Raises:
        ReadError: as ``kb.readers.sheets`` says; NoText where no sheet holds cells.
    """
    wanted = sheet or (cell.sheet if cell else "")
    name, names, rows = _rows(path, wanted)
    marked = _marked(cell) if cell is not None and cell.sheet == name else None
    (top, bottom), columns = marked or ((0, 0), (0, 0))
    centre = max(1, min(at or top or 1, len(rows)))
    first, last = max(1, centre - AROUND), min(len(rows), centre + AROUND)
    header_row, header = header_of(rows)
    shown = tuple(_cells(one[1]) for one in rows[first - 1 : last])
    exact = marked is None or _says(rows, top, bottom, header, quotation)
    if cell is not None and not sheet and name != cell.sheet:
        exact = False
    return Grid(name, names, first, len(rows), shown, _cells(header), header_row, (top, bottom), columns, exact)


def _says(rows: list[SheetRow], top: int, bottom: int, header: list[str], quotation: str) -> bool:
    """Return whether the rows still say what is quoted: as the reader tells a row, or cell by cell."""
    cells = [cell for _, row, _ in rows[top - 1 : bottom] for cell in row]
    filled = [cell for cell in cells if any(map(str.isalnum, cell))]
    if not quotation or not filled:
        return not quotation
    if locate(quotation, [row_text(header, cells)]) or locate(quotation, [" ".join(filled)]):
        return True
    return all(locate(cell, [quotation]) for cell in filled)


def _rows(path: Path, sheet: str) -> _Sheet:
    """Return the name of a sheet (the first where there is none of that name), the names of all, and its rows."""
    key = (path, path.stat().st_mtime_ns, sheet)
    if _latest and _latest[0][0] == key:
        return _latest[0][1]
    _latest.clear()  # before the next one takes memory
    if suffix_of(path) in (".csv", ".tsv"):
        made: _Sheet = (path.stem, (path.stem,), list(delimited_rows(path)))
    else:
        with opened(path) as workbook:
            names = sheet_names(workbook)
            if not names:
                raise NoText(path)
            name = sheet if sheet in names else names[0]
            made = (name, tuple(names), list(sheet_rows(workbook, name)))
    while made[2] and not any(made[2][-1][1]):
        made[2].pop()
    _latest.append((key, made))
    return made


def _cells(row: list[str]) -> tuple[str, ...]:
    return tuple(cell if len(cell) <= LONGEST_CELL else cell[: LONGEST_CELL - 1] + "…" for cell in row[:MOST_COLUMNS])


def _marked(cell: Cell) -> tuple[tuple[int, int], tuple[int, int]] | None:
    """Return the rows and the columns that a range in A1 notation covers."""
    match = _CELLS.match(cell.cell)
    if match is None:
        return None
    left, top, right, bottom = match.groups()
    first, last = _column(left), _column(right or left)
    return (int(top), int(bottom or top)), (min(first, last), max(first, last))


def _column(letters: str) -> int:
    """Return the number of a column, counted from 0."""
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - ord("A") + 1
    return number - 1

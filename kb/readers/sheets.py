"""Spreadsheets: XLSX, XLS and ODS through calamine, CSV and TSV through the standard library; places are cell ranges.

Each row becomes a block that repeats the header of its table. Values read as a Russian user sees them: dates as
05.03.2026, decimals with a comma; the text of CSV stays as written.
"""

from __future__ import annotations

import csv
import datetime
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import python_calamine as calamine

from kb.blocks import Block, BlockKind, ReadDocument
from kb.errors import Broken, Encrypted
from kb.places import Cell
from kb.readers.archive import check_zip
from kb.readers.encoding import decoded, looks_binary
from kb.readers.tidy import clean, row

DELIMITERS = ";,\t|"

_DEFAULT_NAME = re.compile(r"^(?:лист|sheet|таблица|table)\s*\d*$", re.IGNORECASE)
_SAMPLE = 50
"""Rows looked at to tell the delimiter and the width of a table."""

_LOOKED_FOR_HEADER = 25
"""Rows. A header further down is not looked for."""

_OLE = bytes.fromhex("D0CF11E0A1B11AE1")

SheetRow = tuple[int, list[str], bool]
"""The number of a row, counted from 1, its cells, and whether none of them is a number or a date."""

Value = str | int | float | bool | datetime.date | datetime.time | datetime.timedelta | None


@dataclass(frozen=True, slots=True)
class _Row:
    """A row that is not empty. ``number`` counts from 1, ``wordy``: no cell is a number or a date."""

    number: int
    cells: list[str]
    wordy: bool
    after_gap: bool

    @property
    def filled(self) -> list[int]:
        return [index for index, cell in enumerate(self.cells) if cell]


def read(path: Path) -> ReadDocument:
    """Read a workbook.

    Raises:
        Encrypted: it opens with a password only.
        TooLarge, Broken: as ``kb.readers.archive.check_zip`` tells, or no workbook inside.
    """
    with opened(path) as workbook:
        blocks = tuple(_workbook(workbook))
    return ReadDocument(path.stem, path.suffix.lower().removeprefix("."), blocks)


@contextmanager
def opened(path: Path) -> Iterator[calamine.CalamineWorkbook]:
    """Open a workbook. Raises what ``read`` says, also for what is read of it inside."""
    with path.open("rb") as file:
        legacy = file.read(len(_OLE)) == _OLE
    if not (legacy and path.suffix.lower() == ".xls"):
        check_zip(path)
    try:
        with calamine.CalamineWorkbook.from_path(str(path)) as workbook:
            yield workbook
    except calamine.PasswordError as error:
        raise Encrypted(path) from error
    except (calamine.CalamineError, calamine.XmlError, calamine.ZipError) as error:
        raise Broken(path, f"{type(error).__name__}: {error}") from error


def sheet_names(workbook: calamine.CalamineWorkbook) -> list[str]:
    """Return the names of the sheets that hold cells (others hold charts or macros)."""
    return [sheet.name for sheet in workbook.sheets_metadata if sheet.typ == calamine.SheetTypeEnum.WorkSheet]


def sheet_rows(workbook: calamine.CalamineWorkbook, name: str) -> Iterator[SheetRow]:
    """Yield all rows of a sheet, also empty ones; what is merged over rows stands in each of them."""
    sheet = workbook.get_sheet_by_name(name)
    _first_row, first_column = sheet.start or (0, 0)
    rows = (
        (number, [""] * first_column + [shown(value) for value in values], _is_wordy(values))
        for number, values in enumerate(sheet.iter_rows(), 1)
    )
    return _with_merged(rows, sheet.merged_cell_ranges or ())


def _workbook(workbook: calamine.CalamineWorkbook) -> Iterator[Block]:
    names = sheet_names(workbook)
    for name in names:
        blocks = _sheet(name, sheet_rows(workbook, name))
        first = next(blocks, None)
        if first is not None:
            if len(names) > 1 or not _DEFAULT_NAME.match(name):
                yield Block(BlockKind.HEADING, clean(name), first.place, level=1)
            yield first
            yield from blocks


def read_delimited(path: Path) -> ReadDocument:
    """Read a CSV or TSV file.

    Raises:
        Broken: the bytes are no text.
    """
    rows = delimited_rows(path)
    return ReadDocument(path.stem, path.suffix.lower().removeprefix("."), tuple(_sheet(path.stem, rows)))


def delimited_rows(path: Path) -> Iterator[SheetRow]:
    """Return all rows of a CSV or TSV file, also empty ones. Raises what ``read_delimited`` says."""
    text = decoded(path.read_bytes())
    if looks_binary(text):
        raise Broken(path, "binary data")
    csv.field_size_limit(1 << 24)
    lines = text.split("\n")
    delimiter = _delimiter(lines)
    if lines[0].lower().startswith("sep=") and len(lines[0]) == 5:  # a line for Excel
        delimiter, lines = lines[0][4], lines[1:]
    records = csv.reader((line + "\n" for line in lines), delimiter=delimiter)
    return (
        (number, [clean(cell) for cell in cells], not any(map(_numeric, cells)))
        for number, cells in enumerate(records, 1)
    )


def header_of(rows: Iterable[SheetRow]) -> tuple[int, list[str]]:
    """Return the number and the cells of the row that names the columns; 0 and nothing where none does."""
    head = list(islice(_filled(rows), _SAMPLE))
    index = _header_row(head, max((len(one.filled) for one in head), default=0))
    return (head[index].number, head[index].cells) if index >= 0 else (0, [])


def _delimiter(lines: Sequence[str]) -> str:
    """Return the delimiter by which most of the first rows have the same number of cells, more than one."""
    sample = [line for line in islice(lines, 4 * _SAMPLE) if line.strip()][:_SAMPLE]

    def regularity(delimiter: str) -> tuple[float, int]:
        widths = [len(cells) for cells in csv.reader(sample, delimiter=delimiter) if cells]
        usual = max(set(widths), key=widths.count, default=1)
        return (widths.count(usual) / len(widths), usual) if usual > 1 else (0.0, 1)

    return max(DELIMITERS, key=regularity)


def shown(value: Any) -> str:
    """Return a cell's value as a Russian user reads it."""
    match value:
        case bool():
            return "да" if value else "нет"
        case float():
            return f"{value:.15g}".replace(".", ",")
        case datetime.datetime():
            return f"{value:%d.%m.%Y}" if value.time() == datetime.time() else f"{value:%d.%m.%Y %H:%M}"
        case datetime.date():
            return f"{value:%d.%m.%Y}"
        case datetime.time():
            return f"{value:%H:%M:%S}" if value.second else f"{value:%H:%M}"
        case _:
            return clean(str(value)) if value is not None else ""


def _is_wordy(values: Sequence[Any]) -> bool:
    return all(isinstance(value, str) for value in values)


def _numeric(cell: str) -> bool:
    return bool(re.fullmatch(r"\s*[-+]?[\d\s.,:/%]*\d[\d\s.,:/%]*\s*", cell))


def _with_merged(
    rows: Iterable[SheetRow], merged: Sequence[tuple[tuple[int, int], tuple[int, int]]]
) -> Iterator[SheetRow]:
    """Repeat what stands in a cell merged over several rows in each of them."""
    tall = [(top, left, bottom) for (top, left), (bottom, _) in merged if bottom > top][:10_000]
    if not tall:
        yield from rows
        return
    begins: dict[int, list[tuple[int, int]]] = {}
    for top, left, bottom in tall:
        begins.setdefault(top, []).append((left, bottom))
    hanging: dict[int, tuple[int, str]] = {}
    for number, cells, wordy in rows:
        empty = not any(cells)
        for column, (bottom, text) in list(hanging.items()):
            if number - 1 > bottom:
                del hanging[column]
            elif not empty and column < len(cells) and not cells[column]:
                cells[column] = text
        for left, bottom in begins.get(number - 1, ()):
            if left < len(cells) and cells[left]:
                hanging[left] = (bottom, cells[left])
        yield number, cells, wordy


def _filled(rows: Iterable[SheetRow]) -> Iterator[_Row]:
    gap = False
    for number, cells, wordy in rows:
        if any(cells):
            yield _Row(number, cells, wordy, gap)
        gap = not any(cells)


def _sheet(name: str, rows: Iterable[SheetRow]) -> Iterator[Block]:
    """Turn the rows of one sheet into blocks."""
    source = _filled(rows)
    head = list(islice(source, _SAMPLE))
    width = max((len(one.filled) for one in head), default=0)
    header: list[str] = []
    header_row = _header_row(head, width)
    pending: _Row | None = None  # a row after a gap that may head a new table
    for index, one in enumerate(_chained(head, source)):
        if index == header_row:
            header = one.cells
            continue
        if pending is not None:
            if not one.wordy and len(one.filled) >= 2:
                header = pending.cells
            else:
                yield _block(name, header, pending)
            pending = None
        if header and one.after_gap and one.wordy and len(one.filled) >= 2 and index > header_row:
            pending = one
            continue
        yield _block(name, header, one)
    if pending is not None:
        yield _block(name, header, pending)
    if header and header_row == len(head) - 1 and not pending:  # a header and nothing under it
        yield _block(name, [], head[header_row])


def _chained(head: Sequence[_Row], rest: Iterator[_Row]) -> Iterator[_Row]:
    yield from head
    yield from rest


def _header_row(rows: Sequence[_Row], width: int) -> int:
    """Return the index of the first row that names most columns, -1 where none does."""
    for index, one in enumerate(rows[:_LOOKED_FOR_HEADER]):
        names = [one.cells[column] for column in one.filled]
        if len(names) >= max(2, 0.6 * width) and one.wordy and not any(map(_numeric, names)):
            return index
    return -1


def _block(sheet: str, header: Sequence[str], one: _Row) -> Block:
    filled = one.filled
    first, last = f"{column_name(filled[0])}{one.number}", f"{column_name(filled[-1])}{one.number}"
    kind = BlockKind.TABLE_ROW if len(filled) > 1 or header else BlockKind.PARAGRAPH
    alone = len(filled) == 1 and filled[0] == 0 and len(header) > 2  # a line across the table: a group's name
    text = row([] if alone else header, one.cells)
    return Block(kind, text, Cell(sheet, first if first == last else f"{first}:{last}"))


def column_name(index: int) -> str:
    """Return the letters of a column counted from 0: A, …, Z, AA."""
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(65 + rest) + name
    return name

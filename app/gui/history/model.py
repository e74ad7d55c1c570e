"""The list of conversations as Qt's views read it: rows from the history, headings of groups between them."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt, Signal

from app.gui.history.groups import HEADINGS, Heading, Row, grouped
from app.gui.words import Words
from app.history import ConversationSummary

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()

ROW = Qt.ItemDataRole.UserRole
"""The row itself: a ``Heading`` or a ``ConversationSummary``."""


class Conversations(QAbstractListModel):
    """``named`` carries an id and the title that was typed. ``more_wanted`` carries how many found ones are there.

    ``open`` is the id of the conversation that is shown beside the list.
    """

    named = Signal(int, str)
    more_wanted = Signal(int)

    def __init__(self, words: Words) -> None:
        super().__init__()
        self._words = words
        self._found: list[ConversationSummary] = []
        self._rows: list[Row] = []
        self._searching = False
        self._complete = True
        self._day = datetime.date.today()
        self.open: int | None = None
        words.changed.connect(self._said_anew)

    @property
    def conversations(self) -> list[ConversationSummary]:
        """What is listed, without headings."""
        return self._found

    def show(self, found: Sequence[ConversationSummary], *, searching: bool, complete: bool = True) -> bool:
        """List other conversations; return whether anything is different. What was found has no headings."""
        rows = self._laid_out(found, searching=searching)
        self._complete = complete
        if rows == self._rows and searching == self._searching:
            return False
        self.beginResetModel()
        self._found, self._rows, self._searching = list(found), rows, searching
        self.endResetModel()
        return True

    def add(self, found: Sequence[ConversationSummary], *, complete: bool) -> None:
        """List more of what was found behind the rest."""
        self._complete = complete
        known = {one.id for one in self._found}
        new = [one for one in found if one.id not in known]
        if new:
            self.beginInsertRows(_NOWHERE, len(self._rows), len(self._rows) + len(new) - 1)
            self._found += new
            self._rows += new
            self.endInsertRows()

    def regroup(self) -> None:
        """Group anew where the day became another."""
        if self._day != datetime.date.today() and not self._searching:
            self.show(self._found, searching=False, complete=self._complete)

    def mark(self, conversation_id: int | None) -> None:
        """Show another conversation as the open one."""
        self.open = conversation_id  # the view paints anew; ``dataChanged`` would make it lay out all rows

    def index_of(self, conversation_id: int | None) -> QModelIndex:
        """Return where a conversation stands; an index that is not valid where it is not listed."""
        for at, row in enumerate(self._rows):
            if isinstance(row, ConversationSummary) and row.id == conversation_id:
                return self.index(at)
        return QModelIndex()

    def first(self) -> QModelIndex:
        """Return the first conversation of the list."""
        return self.index_of(self._found[0].id) if self._found else QModelIndex()

    def title(self, row: ConversationSummary) -> str:
        """Return the title as it is shown."""
        return row.title or self._words.say("gui.history.untitled")

    def heading(self, row: Heading) -> str:
        """Return the words of a heading."""
        return self._words.say(HEADINGS[row.group])

    # What Qt asks

    def rowCount(self, parent: Index = _NOWHERE) -> int:  # noqa: N802
        """Return the number of rows, headings included."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the row itself, its words, or what a screen reader says of it."""
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        row = self._rows[index.row()]
        if role == ROW:
            return row
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._spoken(row)
        if isinstance(row, Heading):
            return self.heading(row) if role == Qt.ItemDataRole.DisplayRole else None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return self.title(row)
        return row.title if role == Qt.ItemDataRole.EditRole else None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:  # noqa: N802
        """Take a title that was typed; the list shows it when the history has it."""
        row = index.data(ROW)
        if role != Qt.ItemDataRole.EditRole or not isinstance(row, ConversationSummary):
            return False
        title = " ".join(str(value).split())
        if title != row.title:
            self.named.emit(row.id, title)
        return True

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Let only conversations be reached."""
        if not isinstance(index.data(ROW), ConversationSummary):
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEditable

    def canFetchMore(self, parent: Index = _NOWHERE) -> bool:  # noqa: N802
        """Say whether the history found more than is listed."""
        return not parent.isValid() and not self._complete

    def fetchMore(self, parent: Index = _NOWHERE) -> None:  # noqa: N802, ARG002
        """Ask for more; it comes by ``add``."""
        self._complete = True
        self.more_wanted.emit(len(self._found))

    def _laid_out(self, found: Sequence[ConversationSummary], *, searching: bool) -> list[Row]:
        self._day = datetime.date.today()
        return list(found) if searching else grouped(found, today=self._day)

    def _spoken(self, row: Row) -> str:
        if isinstance(row, Heading):
            return self.heading(row)
        parts = [self.title(row), row.snippet.replace("\x02", "").replace("\x03", "")]
        if row.pinned:
            parts.append(self._words.say("gui.history.is_pinned"))
        if row.id == self.open:
            parts.append(self._words.say("gui.history.is_open"))
        return ", ".join(part for part in parts if part)

    def _said_anew(self) -> None:
        if self._rows:
            self.dataChanged.emit(self.index(0), self.index(len(self._rows) - 1))

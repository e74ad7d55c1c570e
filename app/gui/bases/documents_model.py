"""The list of documents as Qt's views want it: rows as they are, their words in the language of now."""

from __future__ import annotations

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from app.gui.bases.contents import Row
from app.gui.words import Words

ROW = Qt.ItemDataRole.UserRole
"""The row itself, for whoever paints it."""

Index = QModelIndex | QPersistentModelIndex


class DocumentsModel(QAbstractListModel):
    """``put`` takes another list; nothing is copied, so a hundred thousand rows are there at once."""

    def __init__(self, words: Words, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._words = words
        self._rows: tuple[Row, ...] = ()

    @property
    def rows(self) -> tuple[Row, ...]:
        """What is listed."""
        return self._rows

    def put(self, rows: tuple[Row, ...]) -> None:
        """List these rows instead."""
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        row = self._rows[index.row()]
        if role == ROW:
            return row
        if role == Qt.ItemDataRole.DisplayRole:
            return row.title
        if role == Qt.ItemDataRole.ToolTipRole:
            return row.path
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{row.title}. {self.state(row)}"
        return None

    def state(self, row: Row) -> str:
        """Return what is to be known of a document: how much of it was read, or why nothing was."""
        say, wording = self._words.say, self._words.wording
        if row.failed:
            reason = self._words.error(row.error) if row.error is not None else ""
            return say("gui.bases.document_failed", name=row.name, reason=reason)
        passages, size = wording.count("passage", row.passages), wording.size(row.size)
        said = say("gui.bases.document_ready", name=row.name, passages=passages, size=size)
        if row.error is not None:
            said = say("gui.bases.document_partly", said=said, reason=self._words.error(row.error))
        return said

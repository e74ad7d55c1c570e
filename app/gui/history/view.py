"""The list itself: keys, the mouse and the wish for a menu. Knows no history."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPoint, Qt, Signal, SignalInstance
from PySide6.QtGui import QContextMenuEvent, QFocusEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QListView

from app.gui.history.delegate import Rows
from app.gui.history.model import ROW, Conversations
from app.gui.surroundings import Surroundings
from app.history import ConversationSummary

BATCH = 1000
"""Rows that are laid out at a time: 6 ms (measured with 10,000 conversations, tests/test_gui_history_list.py)."""


class ConversationsView(QListView):
    """``opened``, ``deletion_wanted`` and ``menu_wanted`` carry a ``ConversationSummary``, the last also a point."""

    opened = Signal(object)
    deletion_wanted = Signal(object)
    menu_wanted = Signal(object, QPoint)
    undo_wanted = Signal()

    def __init__(self, surroundings: Surroundings, model: Conversations) -> None:
        super().__init__()
        self._model = model
        self._theme = surroundings.theme
        self.rows = Rows(surroundings, model)
        self.setProperty("role", "conversations")
        self.setModel(model)
        self.setItemDelegate(self.rows)
        self.setUniformItemSizes(True)
        self.setLayoutMode(QListView.LayoutMode.Batched)  # Qt asks for the count of rows twice for each row
        self.setBatchSize(BATCH)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMouseTracking(True)
        surroundings.words.bind(self, "setAccessibleName", "gui.history.list")
        self.clicked.connect(lambda index: self._tell(self.opened, index))
        self._theme.changed.connect(self.measure)

    def measure(self) -> None:
        """Rows are as high as another size of text, or a search, wants them."""
        self.rows.sizeHintChanged.emit(QModelIndex())
        self.scheduleDelayedItemsLayout()
        self.viewport().update()

    def rename(self) -> None:
        """Let the title of the current conversation be typed."""
        index = self.currentIndex()
        if index.isValid():
            self.scrollTo(index)
            self.edit(index)

    @property
    def renaming(self) -> bool:
        """Whether a title is being typed."""
        return self.state() == QAbstractItemView.State.EditingState

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Open with Enter, rename with F2, delete with Del, take a deletion back with Ctrl+Z."""
        index = self.currentIndex()
        if event.matches(QKeySequence.StandardKey.Undo):
            self.undo_wanted.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._tell(self.opened, index)
        elif event.key() == Qt.Key.Key_F2:
            self.rename()
        elif event.key() == Qt.Key.Key_Delete:
            self._tell(self.deletion_wanted, index)
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802
        """Ask for a menu, by mouse where it is and by key where the current row is."""
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        index = self.currentIndex() if by_key else self.indexAt(event.pos())
        row = index.data(ROW)
        if isinstance(row, ConversationSummary):
            self.setCurrentIndex(index)
            at = self.visualRect(index).center() if by_key else event.pos()
            self.menu_wanted.emit(row, self.viewport().mapToGlobal(at))

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Begin at the open conversation, or at the first."""
        if not self.currentIndex().isValid():
            index = self._model.index_of(self._model.open)
            self.setCurrentIndex(index if index.isValid() else self._model.first())
        super().focusInEvent(event)

    def _tell(self, signal: SignalInstance, index: QModelIndex) -> None:
        row = index.data(ROW)
        if isinstance(row, ConversationSummary):
            signal.emit(row)

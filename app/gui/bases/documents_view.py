"""The documents of a base: searched, sorted, opened, read again, removed; what could not be read, and why."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QComboBox, QListView, QStackedWidget, QVBoxLayout, QWidget

from app.gui.bases.contents import Order, Row, Shown
from app.gui.bases.documents_delegate import DocumentsDelegate
from app.gui.bases.documents_model import DocumentsModel
from app.gui.bases.finder import Finder
from app.gui.surroundings import Surroundings
from app.gui.theme.palette import M
from app.gui.widgets.buttons import button
from app.gui.widgets.empty_state import EmptyState
from app.gui.widgets.flow import Flow
from app.gui.widgets.labels import plain_label
from app.gui.widgets.search_field import SearchField
from kb.store.pathtext import to_path

LEAST_HEIGHT = 300
"""Of the list, pixels at 100 %: five documents."""

BATCH = 2000
"""Documents laid out at a time: some milliseconds. Of 100,000 at once the window stands still for 0.2 s."""

ORDERS = {
    Order.NAME: "gui.bases.order.name",
    Order.NEWEST: "gui.bases.order.newest",
    Order.LARGEST: "gui.bases.order.largest",
    Order.FAILED: "gui.bases.order.failed",
}


class DocumentsList(QListView):
    """Enter opens a document, Delete asks to remove what is chosen."""

    opened = Signal()
    removal_wanted = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.opened.emit()
        elif event.key() == Qt.Key.Key_Delete:
            self.removal_wanted.emit()
        else:
            super().keyPressEvent(event)


class DocumentsView(QWidget):
    """``put`` gives it the rows of a base. ``remove_wanted`` carries rows, ``again_wanted`` paths."""

    remove_wanted = Signal(object)  # tuple[Row, ...]
    again_wanted = Signal(object)  # list[Path]
    files_wanted = Signal()
    folder_wanted = Signal()

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__()
        self._surroundings = surroundings
        self._words = surroundings.words
        self._shown = Shown((), 0, 0)
        self._rows: tuple[Row, ...] = ()
        self._place = 0
        self._editable = True
        self._known = False
        self.finder = Finder(self)
        self.finder.found.connect(self._found)
        self.model = DocumentsModel(surroundings.words, self)
        self.search = SearchField(surroundings, "gui.bases.search")
        self.search.searched.connect(lambda text: self.finder.wish(query=text))
        self.order = QComboBox()
        surroundings.words.bind(self.order, "setAccessibleName", "gui.bases.order")
        surroundings.words.follow(self.order, self._name_orders)
        self.order.currentIndexChanged.connect(lambda at: self.finder.wish(order=list(Order)[max(at, 0)]))
        self.only_failed = button(surroundings, "gui.bases.order.failed", role="quiet")
        self.only_failed.setCheckable(True)
        self.only_failed.toggled.connect(lambda checked: self.finder.wish(failed_only=checked))
        self.list = self._made_list()
        self.empty = EmptyState(surroundings, "folder", "gui.bases.empty_title", "gui.bases.empty")
        self.empty.add_action("gui.bases.add_folder", role="primary").clicked.connect(self.folder_wanted)
        self.empty.add_action("gui.bases.add_files").clicked.connect(self.files_wanted)
        self.count = plain_label("", role="soft", wrap=True)
        self.reason = plain_label("", role="hint", wrap=True)
        self.reason.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.open = button(surroundings, "gui.bases.document_open")
        self.again = button(surroundings, "gui.bases.document_again")
        self.remove = button(surroundings, "gui.bases.document_remove", role="danger")
        self.open.clicked.connect(self._open)
        self.again.clicked.connect(self._read_again)
        self.remove.clicked.connect(self._remove)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._made_full())
        self._stack.addWidget(self.empty)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._stack)
        surroundings.words.follow(self, lambda owner: owner.reworded())  # type: ignore[attr-defined]
        surroundings.theme.changed.connect(self._resize)
        self._resize()

    def put(self, rows: tuple[Row, ...], *, editable: bool, known: bool) -> None:
        """Show these documents. ``editable``: they can be removed; ``known``: the base was read, if ``rows`` is empty
        it is."""
        if rows is not self._rows or known != self._known:
            self._rows, self._known = rows, known
            self.finder.put(rows)
        self._editable = editable
        self._chosen_changed()

    def show_failed(self) -> None:
        """Show what could not be read, and nothing else."""
        self.search.clear()
        self.only_failed.setChecked(True)
        self.list.setFocus()

    @property
    def chosen(self) -> tuple[Row, ...]:
        """The documents that are chosen in the list."""
        selection = self.list.selectionModel().selection()
        ranges = sorted((selection.at(at).top(), selection.at(at).bottom()) for at in range(selection.size()))
        return tuple(row for top, bottom in ranges for row in self.model.rows[top : bottom + 1])

    def _made_list(self) -> DocumentsList:
        made = DocumentsList()
        made.setModel(self.model)
        self._delegate = DocumentsDelegate(self._surroundings, self.model)
        made.setItemDelegate(self._delegate)
        made.setUniformItemSizes(True)
        made.setLayoutMode(QListView.LayoutMode.Batched)
        made.setBatchSize(BATCH)
        made.setMouseTracking(True)
        made.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        made.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        made.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        made.setTabKeyNavigation(False)
        self._words.bind(made, "setAccessibleName", "gui.bases.documents")
        made.verticalScrollBar().rangeChanged.connect(self._return)
        made.selectionModel().selectionChanged.connect(self._chosen_changed)
        made.opened.connect(self._open)
        made.doubleClicked.connect(lambda _index: self._open())
        made.removal_wanted.connect(self._remove)
        return made

    def _made_full(self) -> QWidget:
        full = QWidget()
        column = QVBoxLayout(full)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(M)
        column.addWidget(self.search)
        bar = QWidget()
        bar.setLayout(Flow(self.order, self.only_failed))
        column.addWidget(bar)
        column.addWidget(self.count)
        column.addWidget(self.list, 1)
        column.addWidget(self.reason)
        actions = QWidget()
        actions.setLayout(Flow(self.open, self.again, self.remove))
        self._actions = actions
        column.addWidget(actions)
        return full

    # What happens

    def _found(self, value: Shown) -> None:
        chosen = {row.id for row in self.chosen}
        at = self.list.currentIndex().row()
        rows = self.model.rows
        current = rows[at].id if 0 <= at < len(rows) else None
        place = self.list.verticalScrollBar().value()
        self._shown = value
        self.model.put(value.rows)
        self._choose_again(chosen, current)
        self._place = place if place <= len(value.rows) * self._delegate.height else 0
        self._return()
        self._stack.setCurrentIndex(1 if self._known and value.total == 0 else 0)
        self.reworded()
        self._chosen_changed()

    def _return(self, _least: int = 0, _most: int = 0) -> None:
        """Scroll back to where one was, as soon as so much of the list is laid out."""
        bar = self.list.verticalScrollBar()
        if self._place and bar.maximum() >= self._place:
            bar.setValue(self._place)
            self._place = 0

    def _choose_again(self, chosen: set[int], current: int | None) -> None:
        if not chosen and current is None:
            return
        selection = QItemSelection()
        for at, row in enumerate(self.model.rows):
            if row.id in chosen:
                selection.select(self.model.index(at), self.model.index(at))
            if row.id == current:
                self.list.selectionModel().setCurrentIndex(
                    self.model.index(at), QItemSelectionModel.SelectionFlag.NoUpdate
                )
        self.list.selectionModel().select(selection, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def reworded(self) -> None:
        """Say how many are listed, in the language of now."""
        say, wording, shown = self._words.say, self._words.wording, self._shown
        self.only_failed.setText(say("gui.bases.only_failed", count=shown.failed))
        self.only_failed.setVisible(bool(shown.failed) or self.only_failed.isChecked())
        if not shown.rows and self.only_failed.isChecked() and not self.finder.query:
            text = say("gui.bases.nothing_failed") if self._known else ""
        elif not shown.rows and self.finder.query:
            text = say("gui.bases.nothing_found", query=self.finder.query)
        elif len(shown.rows) != shown.total:
            text = say("gui.bases.found", shown=len(shown.rows), total=wording.number(shown.total))
        else:
            text = ""
        self.count.setText(text)
        self.count.setVisible(bool(text))

    def _name_orders(self, owner: object) -> None:
        assert isinstance(owner, QComboBox)
        with QSignalBlocker(owner):
            at = max(owner.currentIndex(), 0)
            owner.clear()
            owner.addItems([self._words.say(ORDERS[order]) for order in Order])
            owner.setCurrentIndex(at)

    def _chosen_changed(self) -> None:
        chosen = self.chosen
        one = chosen[0] if len(chosen) == 1 else None
        if one is not None:
            text = f"{one.path}\n{self.model.state(one)}"
        elif chosen:
            text = self._words.say("gui.bases.chosen", documents=self._words.wording.count("document", len(chosen)))
        else:
            text = ""
        self.reason.setText(text)
        self.reason.setVisible(bool(text))
        self.open.setVisible(one is not None and not one.failed)
        self.again.setVisible(bool(chosen) and self._editable)
        self.remove.setVisible(bool(chosen) and self._editable)
        self._actions.setVisible(bool(chosen))

    def _open(self) -> None:
        chosen = self.chosen
        if len(chosen) == 1 and not chosen[0].failed:
            self._surroundings.navigation.document_wanted.emit(chosen[0].path)

    def _read_again(self) -> None:
        paths: list[Path] = [to_path(row.path) for row in self.chosen]
        if paths:
            self.again_wanted.emit(paths)

    def _remove(self) -> None:
        if self.chosen and self._editable:
            self.remove_wanted.emit(self.chosen)

    def _resize(self) -> None:
        self.list.setMinimumHeight(self._surroundings.theme.px(LEAST_HEIGHT))
        self.list.scheduleDelayedItemsLayout()

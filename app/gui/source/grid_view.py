"""Rows of a sheet around the one that is cited, its cells tinted, the names of the columns above.

Only some rows are here. Where the user comes near the first or the last, ``more_wanted`` asks for those around; what
comes replaces them, and the row at the top stays at the top.
"""

from __future__ import annotations

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QPainter, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QStyledItemDelegate, QStyleOptionViewItem, QTableView

from app.gui.surroundings import Surroundings
from kb.preview.facts import Grid
from kb.readers.sheets import column_name

NARROWEST, WIDEST = 48, 170
"""Pixels at 100 %, of a column."""

Index = QModelIndex | QPersistentModelIndex


class GridModel(QAbstractTableModel):
    """The rows of a grid without the one that names the columns: that one is the header."""

    def __init__(self) -> None:
        super().__init__()
        self.grid: Grid | None = None
        self._numbers: list[int] = []
        self._columns = 0

    def show(self, grid: Grid) -> None:
        """Hold another grid."""
        self.beginResetModel()
        self.grid = grid
        numbers = range(grid.first, grid.first + len(grid.rows))
        self._numbers = [number for number in numbers if number != grid.header_row]
        self._columns = max((len(row) for row in (*grid.rows, grid.header)), default=0)
        self.endResetModel()

    def number(self, row: int) -> int:
        """Return the number of the sheet's row that stands in ``row`` of the model."""
        return self._numbers[row] if 0 <= row < len(self._numbers) else 0

    def row(self, number: int) -> int:
        """Return where the sheet's row ``number`` stands in the model, or the nearest one to it."""
        return min(range(len(self._numbers)), key=lambda row: abs(self._numbers[row] - number), default=0)

    def marked(self, index: Index) -> bool:
        """Whether a cell is cited."""
        if self.grid is None:
            return False
        top, bottom = self.grid.marked_rows
        left, right = self.grid.marked_columns
        return top <= self.number(index.row()) <= bottom and left <= index.column() <= right

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802
        """Return how many rows are here."""
        return 0 if parent.isValid() else len(self._numbers)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802
        """Return how many columns are here."""
        return 0 if parent.isValid() else self._columns

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return the text of a cell."""
        if self.grid is None or role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return None
        row = self.grid.rows[self.number(index.row()) - self.grid.first]
        return row[index.column()] if index.column() < len(row) else ""

    def headerData(  # noqa: N802
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """Return the name of a column (its letters, where the sheet names none) or the number of a row."""
        if self.grid is None or role != Qt.ItemDataRole.DisplayRole:
            return None
        if orientation is Qt.Orientation.Vertical:
            return str(self.number(section))
        name = self.grid.header[section] if section < len(self.grid.header) else ""
        return name or column_name(section)


class _Tint(QStyledItemDelegate):
    """Lays the tint of a quotation under the cells that are cited."""

    def __init__(self, surroundings: Surroundings, model: GridModel, view: QTableView) -> None:
        super().__init__(view)
        self._theme = surroundings.theme
        self._model = model

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint the tint, then the cell."""
        if self._model.marked(index):
            painter.fillRect(option.rect, QColor(self._theme.palette.highlight))
        super().paint(painter, option, index)


class GridView(QTableView):
    """``show_grid``; scrolls to the cited row once, then the user scrolls."""

    more_wanted = Signal(int)  # the number of a row

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__()
        self._surroundings = surroundings
        self._model = GridModel()
        self._asked = False
        self._to_reveal = False
        self.setModel(self._model)
        self.setItemDelegate(_Tint(surroundings, self._model, self))
        self.setProperty("role", "document")
        self.setSelectionMode(QAbstractItemView.SelectionMode.ContiguousSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setWordWrap(True)
        self.setCornerButtonEnabled(False)
        for header in (self.horizontalHeader(), self.verticalHeader()):
            header.setHighlightSections(False)
            header.setSectionsClickable(False)
        self.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.verticalScrollBar().valueChanged.connect(self._scrolled)
        for bar in (self.verticalScrollBar(), self.horizontalScrollBar()):
            bar.actionTriggered.connect(self._taken_over)
        surroundings.theme.changed.connect(self._fit)
        surroundings.words.changed.connect(self._name)

    def show_grid(self, grid: Grid, *, keep: bool = False) -> None:
        """Show rows of a sheet; ``keep``: of the one that is open, and the user is reading in it."""
        before = self._model.grid
        keep = keep and before is not None and before.sheet == grid.sheet
        top = self._model.number(self.rowAt(0)) if keep else 0
        across = self.horizontalScrollBar().value()
        self._asked = True  # new rows scroll to the top and back, which asks for nothing
        self._model.show(grid)
        self._fit()
        self._name()
        if keep:
            self.scrollTo(self._model.index(self._model.row(top), 0), QAbstractItemView.ScrollHint.PositionAtTop)
            self.horizontalScrollBar().setValue(across)
        else:
            self._to_reveal = True
            self._reveal()
            QTimer.singleShot(0, self, self._reveal)
        self._asked = False

    def _reveal(self) -> None:
        grid = self._model.grid
        if grid is None or not self._to_reveal or not self.isVisible() or not self._model.rowCount():
            return
        index = self._model.index(self._model.row(grid.marked_rows[0]), grid.marked_columns[0])
        self.setCurrentIndex(index)
        self.clearSelection()
        self.scrollTo(index, QAbstractItemView.ScrollHint.PositionAtCenter)

    def _fit(self) -> None:
        """Give columns and rows the room that their words need, within reason."""
        px = self._surroundings.theme.px
        self.verticalHeader().setMinimumSectionSize(px(28))
        self.horizontalHeader().setMaximumSectionSize(px(WIDEST))
        self.horizontalHeader().setMinimumSectionSize(px(NARROWEST))
        self.resizeColumnsToContents()
        self.resizeRowsToContents()

    def _name(self) -> None:
        if self._model.grid is not None:
            name = self._surroundings.words.say("gui.source.grid_name", sheet=self._model.grid.sheet)
            self.setAccessibleName(name)

    def _scrolled(self, value: int) -> None:
        grid = self._model.grid
        if grid is None or self._asked or self._to_reveal or not self.isVisible():
            return
        bar = self.verticalScrollBar()
        below = value > bar.maximum() - bar.pageStep() // 2 and grid.first + len(grid.rows) <= grid.total
        above = value < bar.pageStep() // 2 and grid.first > 1
        if below or above:
            self._asked = True
            row = self.rowAt(self.viewport().height() - 1) if below else self.rowAt(0)
            self.more_wanted.emit(self._model.number(row if row >= 0 else self._model.rowCount() - 1))

    def _taken_over(self) -> None:
        self._to_reveal = False

    def wheelEvent(self, event: object) -> None:  # noqa: N802
        """Scroll."""
        self._taken_over()
        super().wheelEvent(event)  # type: ignore[arg-type]

    def keyPressEvent(self, event: object) -> None:  # noqa: N802
        """Move from cell to cell."""
        self._taken_over()
        super().keyPressEvent(event)  # type: ignore[arg-type]

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Until the user scrolls, the cited row stays in view."""
        super().resizeEvent(event)
        self._reveal()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Now there is a height."""
        super().showEvent(event)
        self._reveal()

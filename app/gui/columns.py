"""Three columns: what is left of them as the window becomes narrow, and widths that are remembered.

``arranged`` decides, and knows no widget. All widths are pixels at 100 % of the size of text: large text folds the
window as a narrow window does.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QWidget

from app.gui import motion
from app.gui.surroundings import Surroundings
from app.gui.theme.palette import SIDEBAR_FOLDS_BELOW, SIDEBAR_WIDTH, SOURCE_COVERS_BELOW, SOURCE_WIDTH

NARROWEST_SIDEBAR, NARROWEST_MIDDLE, NARROWEST_SOURCE = 210, 320, 280
WIDEST_SIDEBAR = 420
SCRIM = 90
"""Of 255: how dark it becomes behind a column that lies above the others."""


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Which columns stand side by side. ``rail``: the side column is folded, and its icons are there instead."""

    sidebar: bool
    rail: bool
    middle: bool
    source: bool


def arranged(width: float, *, source_open: bool, sidebar_hidden: bool = False) -> Arrangement:
    """Return what fits into ``width``; ``sidebar_hidden`` by the user."""
    folded = width < SIDEBAR_FOLDS_BELOW or sidebar_hidden
    covered = source_open and width < SOURCE_COVERS_BELOW
    return Arrangement(sidebar=not folded, rail=folded, middle=not covered, source=source_open)


def usable(columns: tuple[int, int]) -> tuple[int, int]:
    """Return remembered widths as they can be used: somebody may have written anything into the settings."""
    if len(columns) != 2 or not all(isinstance(width, int) for width in columns):
        return SIDEBAR_WIDTH, SOURCE_WIDTH
    sidebar, source = columns
    return min(max(sidebar, NARROWEST_SIDEBAR), WIDEST_SIDEBAR), min(max(source, NARROWEST_SOURCE), 4 * SOURCE_WIDTH)


class Columns(QWidget):
    """Holds the columns. ``widths_changed`` when the user moved an edge, pixels at 100 %."""

    widths_changed = Signal(int, int)

    def __init__(
        self, surroundings: Surroundings, *, sidebar: QWidget, rail: QWidget, middle: QWidget, source: QWidget
    ) -> None:
        super().__init__()
        self._theme = surroundings.theme
        self.sidebar, self.rail, self.middle, self.source = sidebar, rail, middle, source
        self._widths = usable(surroundings.preferences.value.columns)
        self._source_open = False
        self._hidden = False
        self._arranging = False
        self._shown: Arrangement | None = None
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._splitter.setHandleWidth(1)
        self._splitter.setChildrenCollapsible(False)
        for at, column in enumerate((sidebar, middle, source)):
            self._splitter.addWidget(column)
            self._splitter.setStretchFactor(at, 1 if column is middle else 0)
        self._splitter.splitterMoved.connect(self._moved)
        self._scrim = _Scrim(self)
        self._scrim.pressed.connect(self.fold)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(rail)
        row.addWidget(self._splitter, 1)
        source.hide()
        self._theme.changed.connect(self._scaled)
        self._scaled()

    @property
    def source_open(self) -> bool:
        """Whether the third column is wanted."""
        return self._source_open

    @property
    def source_covers(self) -> bool:
        """Whether the third column stands where the middle one would."""
        return self._source_open and not self.middle.isVisibleTo(self)

    @property
    def unfolded(self) -> bool:
        """Whether the side column lies above the others for a moment."""
        return self._scrim.isVisibleTo(self)

    def open_source(self) -> None:
        """Show the third column."""
        if not self._source_open:
            self._source_open = True
            self._arrange()
            motion.appear(self.source)

    def close_source(self) -> None:
        """Hide the third column."""
        if self._source_open:
            self._source_open = False
            self._arrange()

    def toggle_sidebar(self) -> None:
        """Hide or show the side column; where there is no room for it, above the others."""
        if self.unfolded:
            self.fold()
        elif self._shown is not None and self._shown.rail and not self._hidden:
            self._unfold()
        else:
            self._hidden = not self._hidden
            self._arrange()
            if self._shown is not None and self._shown.rail and not self._hidden:
                self._unfold()

    def fold(self) -> None:
        """Put the side column away that lies above the others."""
        if self.unfolded:
            self._scrim.hide()
            self.sidebar.hide()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Look what fits now."""
        super().resizeEvent(event)
        self._arrange()

    def _unfold(self) -> None:
        self.sidebar.setParent(self)
        self._scrim.setGeometry(self.rect())
        self._scrim.show()
        self._scrim.raise_()
        self._place_above()
        motion.appear(self.sidebar)
        self.sidebar.raise_()
        self.sidebar.setFocus(Qt.FocusReason.OtherFocusReason)
        self.sidebar.focusNextChild()

    def _place_above(self) -> None:
        self._scrim.setGeometry(self.rect())
        self.sidebar.setGeometry(0, 0, min(self._px(self._widths[0]), self.width()), self.height())

    def _arrange(self) -> None:
        if self._arranging or self.width() == 0:
            return
        now = arranged(self.width() / self._theme.scale, source_open=self._source_open, sidebar_hidden=self._hidden)
        self._arranging = True
        if now.sidebar and self._splitter.indexOf(self.sidebar) < 0:
            self._scrim.hide()
            self._splitter.insertWidget(0, self.sidebar)
        self.rail.setVisible(now.rail)
        if not self.unfolded:
            self.sidebar.setVisible(now.sidebar)
        else:
            self._place_above()
        self.middle.setVisible(now.middle)
        self.source.setVisible(now.source)
        if now != self._shown:
            self._shown = now
            self._share()
        self._arranging = False

    def _share(self) -> None:
        """Give the columns beside the middle what the user gave them, and the middle the rest."""
        sidebar, source = (self._px(width) for width in self._widths)
        rest = max(1, self.width() - (self.rail.sizeHint().width() if self._shown and self._shown.rail else sidebar))
        middle = max(self._px(NARROWEST_MIDDLE), rest - source)
        widths = [middle, source] if self._splitter.indexOf(self.sidebar) < 0 else [sidebar, middle, source]
        self._splitter.setSizes(widths)

    def _scaled(self) -> None:
        """Text has another size."""
        self.sidebar.setMinimumWidth(self._px(NARROWEST_SIDEBAR))
        self.sidebar.setMaximumWidth(self._px(WIDEST_SIDEBAR))
        self.middle.setMinimumWidth(min(self._px(NARROWEST_MIDDLE), 2 * NARROWEST_MIDDLE))
        self.source.setMinimumWidth(self._px(NARROWEST_SOURCE))
        self._shown = None
        self._arrange()

    def _moved(self) -> None:
        sidebar, source = self._widths
        if self._splitter.indexOf(self.sidebar) >= 0 and self.sidebar.isVisible():
            sidebar = round(self.sidebar.width() / self._theme.scale)
        if self.source.isVisible() and self.middle.isVisible():
            source = round(self.source.width() / self._theme.scale)
        self._widths = sidebar, source
        self.widths_changed.emit(sidebar, source)

    def _px(self, size: int) -> int:
        return self._theme.px(size)


class _Scrim(QWidget):
    """Darkens what lies behind an unfolded column; a click on it folds the column."""

    pressed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.hide()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: ARG002, N802
        self.pressed.emit()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802
        QPainter(self).fillRect(self.rect(), QColor(0, 0, 0, SCRIM))

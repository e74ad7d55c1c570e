"""Widgets side by side as long as there is room, then in further lines: nothing is cut when the text is twice as large.

With ``lead`` the first one is a name: it takes the room that the others leave at the right, or a line of its own.
"""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget

from app.gui.theme.palette import S


class Flow(QLayout):
    """Lines of widgets, in the order in which they were added; a hidden one takes no room."""

    def __init__(self, *widgets: QWidget, lead: bool = False, gap: int = S) -> None:
        super().__init__()
        self._items: list[QLayoutItem] = []
        self._heights: dict[int, int] = {}
        self._lead = lead
        self.setContentsMargins(0, 0, 0, 0)
        self.setSpacing(gap)
        for widget in widgets:
            self.addWidget(widget)

    def addItem(self, item: QLayoutItem) -> None:  # noqa: N802
        """Take a further item."""
        self._items.append(item)

    def count(self) -> int:
        """Return how many items there are."""
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:  # noqa: N802
        """Return an item, or None beyond the last."""
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:  # noqa: N802
        """Give an item away."""
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:  # noqa: N802
        """Take the width there is."""
        return Qt.Orientation.Horizontal

    def hasHeightForWidth(self) -> bool:  # noqa: N802
        """The narrower, the more lines."""
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802
        """Return the height of all lines in this width."""
        if width not in self._heights:
            self._heights[width] = self._arranged(QRect(0, 0, width, 0), apply=False)
        return self._heights[width]

    def invalidate(self) -> None:
        """Something in it changed: forget how high it was. Qt asks for heights ten times as often."""
        self._heights.clear()
        super().invalidate()

    def sizeHint(self) -> QSize:  # noqa: N802
        """Ask for one line."""
        sizes = [item.sizeHint() for item in self._shown()]
        width = sum(size.width() for size in sizes) + self.spacing() * max(0, len(sizes) - 1)
        return QSize(width, max((size.height() for size in sizes), default=0))

    def minimumSize(self) -> QSize:  # noqa: N802
        """No less than the widest of the items needs."""
        sizes = [item.minimumSize() for item in self._shown()]
        widest = max((size.width() for size in sizes), default=0)
        return QSize(widest, max((size.height() for size in sizes), default=0))

    def setGeometry(self, rect: QRect) -> None:  # noqa: N802
        """Put everything into its place."""
        super().setGeometry(rect)
        self._arranged(rect, apply=True)

    def _shown(self) -> list[QLayoutItem]:
        return [item for item in self._items if not item.isEmpty()]

    def _arranged(self, rect: QRect, *, apply: bool) -> int:
        top = rect.top()
        for line in self._lines(rect.width()):
            height = max(size.height() for _, size in line)
            left = rect.left()
            for item, size in line:
                if apply:
                    middle = top + (height - size.height()) // 2
                    item.setGeometry(QRect(left, middle, size.width(), size.height()))
                left += size.width() + self.spacing()
            top += height + self.spacing()
        return max(0, top - self.spacing() - rect.top())

    def _lines(self, width: int) -> Iterator[list[tuple[QLayoutItem, QSize]]]:
        items = self._shown()
        if self._lead and items:
            others = items[1:]
            rest = width - sum(item.sizeHint().width() + self.spacing() for item in others)
            wanted = min(items[0].sizeHint().width(), width * 2 // 5 if others else width)
            if rest >= wanted:
                yield [(items[0], _size(items[0], rest)), *((item, item.sizeHint()) for item in others)]
                return
            yield [(items[0], _size(items[0], width))]
            items = others
        line: list[tuple[QLayoutItem, QSize]] = []
        used = 0
        for item in items:
            size = _size(item, min(item.sizeHint().width(), width))
            if line and used + self.spacing() + size.width() > width:
                yield line
                line, used = [], 0
            used += size.width() + (self.spacing() if line else 0)
            line.append((item, size))
        if line:
            yield line


def _size(item: QLayoutItem, width: int) -> QSize:
    """Return how large an item is in a width."""
    height = item.heightForWidth(width) if item.hasHeightForWidth() else item.sizeHint().height()
    return QSize(width, height)

"""A layout that puts widgets side by side and goes on in the next row where the room ends."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget

from app.gui.theme.palette import XS, S


class Flow(QLayout):
    """Rows of widgets, each as large as it wants to be."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self.setContentsMargins(0, 0, 0, 0)

    def addItem(self, item: QLayoutItem) -> None:  # noqa: N802
        """Put a widget behind the last."""
        self._items.append(item)

    def count(self) -> int:
        """Return how many there are."""
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:  # noqa: N802
        """Return one; None beyond the last."""
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:  # noqa: N802
        """Take one out."""
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:  # noqa: N802
        """Take no more room than is needed."""
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:  # noqa: N802
        """Rows depend on the width."""
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802
        """Return the height of all rows."""
        return self._arrange(QRect(0, 0, width, 0), move=False)

    def setGeometry(self, rect: QRect) -> None:  # noqa: N802
        """Put the widgets into ``rect``."""
        super().setGeometry(rect)
        self._arrange(rect, move=True)

    def sizeHint(self) -> QSize:  # noqa: N802
        """Want one row."""
        shown = [item.sizeHint() for item in self._items if not item.isEmpty()]
        return QSize(sum(one.width() + XS for one in shown), max((one.height() for one in shown), default=0))

    def minimumSize(self) -> QSize:  # noqa: N802
        """Want room for the widest widget."""
        shown = [item.minimumSize() for item in self._items if not item.isEmpty()]
        return QSize(max((one.width() for one in shown), default=0), max((one.height() for one in shown), default=0))

    def _arrange(self, rect: QRect, *, move: bool) -> int:
        left, top, high = rect.left(), rect.top(), 0
        row: list[tuple[QLayoutItem, int]] = []

        def place() -> None:
            for item, at in row:
                size = item.sizeHint()
                item.setGeometry(QRect(QPoint(at, top + (high - size.height()) // 2), size))

        for item in self._items:
            if item.isEmpty():
                continue
            size = item.sizeHint()
            if row and left + size.width() > rect.right() + 1:
                if move:
                    place()
                left, top, high, row = rect.left(), top + high + XS, 0, []
            row.append((item, left))
            left += size.width() + S // 2
            high = max(high, size.height())
        if move:
            place()
        return top + high - rect.top()

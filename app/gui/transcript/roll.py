"""A long roll of views of which only those near the window have widgets; what is being read stays in its place.

Heights of the others are guesses (``_guess``) and become right when they come near. Knows nothing of exchanges.
"""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QSizePolicy, QWidget

from app.gui.theme.palette import XS, L
from app.gui.transcript.stack import Stack

AHEAD = 300
"""Pixels above and below the window in which there are widgets already: the tabulator and a turn of the wheel find
them there."""

SPARE = 4
"""Widgets that are kept to be used again."""

AT_END = 32
"""Pixels from the end that still count as the end."""

STEP = 24
"""Pixels of one arrow key; a notch of the wheel is three of them."""

ROUNDS = 8
"""Of measuring what the last round brought near. Two or three are usual."""


class RollItem(QWidget):
    """What a roll is made of."""

    def height_for(self, width: int) -> int:
        """Return the height that it needs at ``width``."""
        raise NotImplementedError

    def stops(self) -> list[QWidget]:
        """Return what the tabulator reaches, in order."""
        raise NotImplementedError


class Roll(QAbstractScrollArea):
    """Shows ``_count()`` items from top to bottom; ``_made`` and ``_tell`` give them widgets."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stack = Stack()
        self._shown: dict[int, RollItem] = {}
        self._spare: list[RollItem] = []
        self._at_end = True
        self._arranging = False
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        bar = self.verticalScrollBar()
        bar.setSingleStep(STEP)
        bar.valueChanged.connect(self._scrolled)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._focus_moved)

    # What the roll of something says of it

    def _count(self) -> int:
        raise NotImplementedError

    def _guess(self, index: int) -> int:
        """Return a height for one that has no widget."""
        raise NotImplementedError

    def _made(self) -> RollItem:
        """Return a new widget on the viewport."""
        raise NotImplementedError

    def _tell(self, index: int, item: RollItem) -> None:
        """Let a widget show one of them."""
        raise NotImplementedError

    def _arranged(self) -> None:
        """Everything stands in its place."""

    # For everybody

    @property
    def at_end(self) -> bool:
        """Whether the end is shown, and stays shown while it grows."""
        return self._at_end

    def scroll_to_end(self) -> None:
        """Show the end."""
        self._at_end = True
        self._arrange()

    def scroll_to(self, index: int) -> None:
        """Show one from its beginning."""
        self._at_end = False
        self._arrange(anchor=(index, 0))

    def item(self, index: int) -> RollItem | None:
        """Return the widget of one; None of one that is not near the window."""
        return self._shown.get(index)

    # Layout

    def _begin(self) -> None:
        """Start anew: guess all heights, show the end."""
        self._release(list(self._shown))
        self._stack = Stack(self._guess(index) for index in range(self._count()))
        self._at_end = True
        self._arrange()

    def _arrange(self, *, anchor: tuple[int, int] | None = None) -> None:
        """Give widgets to what is near and measure it. ``anchor`` stays where it is: index, pixels above the window."""
        if self._arranging:
            return
        self._arranging = True
        try:
            self._measure_near(anchor or self._anchor())
        finally:
            self._arranging = False
        self._arranged()

    def _anchor(self) -> tuple[int, int]:
        value = self.verticalScrollBar().value()
        index = self._stack.at(value)
        return index, value - self._stack.offset(index)

    def _measure_near(self, anchor: tuple[int, int]) -> None:
        room = self.viewport().height()
        for _ in range(ROUNDS):
            top = self._top(anchor)
            near = self._stack.between(top - AHEAD, top + room + AHEAD)
            self._release([index for index in self._shown if index not in near and not self._has_focus(index)])
            changed = [index for index in near if self._measured(index)]
            if not changed:
                break
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, self._stack.total() - room))
        bar.setPageStep(max(1, room - L))
        bar.setValue(self._top(anchor))
        self._place()
        self._order()

    def _top(self, anchor: tuple[int, int]) -> int:
        last = max(0, self._stack.total() - self.viewport().height())
        return last if self._at_end else min(self._stack.offset(anchor[0]) + anchor[1], last)

    def _measured(self, index: int) -> bool:
        """Give one its widget and its height; return whether the height was another."""
        item = self._shown.get(index) or self._given(index)
        height = item.height_for(self.width()) + self._above(index)
        if height == self._stack.height(index):
            return False
        self._stack.set(index, height)
        return True

    def _above(self, index: int) -> int:
        return XS if index == 0 else 0

    def _place(self) -> None:
        value, width = self.verticalScrollBar().value(), self.width()  # the bar lies over the margin and moves no text
        for index, item in self._shown.items():
            above = self._above(index)
            item.setGeometry(0, self._stack.offset(index) + above - value, width, self._stack.height(index) - above)

    def _given(self, index: int) -> RollItem:
        item = self._spare.pop() if self._spare else self._made()
        self._shown[index] = item
        item.move(0, self.viewport().height() + AHEAD)
        item.show()  # a stylesheet reaches what is shown, and a text is measured in its letters
        self._tell(index, item)
        return item

    def _release(self, indices: list[int]) -> None:
        for index in indices:
            item = self._shown.pop(index)
            item.hide()
            if len(self._spare) < SPARE:
                self._spare.append(item)
            else:
                item.deleteLater()

    def _order(self) -> None:
        """Let the tabulator go from one to the next as they stand, whatever their widgets showed before."""
        last: QWidget | None = None
        for index in sorted(self._shown):
            for widget in self._shown[index].stops():
                if last is not None and last.nextInFocusChain() is not widget:
                    QWidget.setTabOrder(last, widget)
                last = widget

    # What the user does

    def _scrolled(self, value: int) -> None:
        if not self._arranging:
            self._at_end = value >= self.verticalScrollBar().maximum() - AT_END
            self._arrange(anchor=self._anchor() if not self._at_end else None)

    def scrollContentsBy(self, dx: int, dy: int) -> None:  # noqa: N802
        """Widgets are moved by ``_place``."""

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Measure anew; the end stays the end."""
        super().resizeEvent(event)
        self._arrange()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Home and End go to the ends."""
        if event.key() == Qt.Key.Key_Home:
            self.verticalScrollBar().setValue(0)
        elif event.key() == Qt.Key.Key_End:
            self.scroll_to_end()
        else:
            super().keyPressEvent(event)

    def _has_focus(self, index: int) -> bool:
        """Whether the focus is in it: such a one keeps its widget, however far it is."""
        focus = QApplication.focusWidget()
        return focus is not None and index < self._count() and self._shown[index].isAncestorOf(focus)

    def _focus_moved(self, before: QWidget | None, now: QWidget | None) -> None:  # noqa: ARG002
        """Show what the focus went to."""
        if now is None or self._arranging or not self.viewport().isAncestorOf(now):
            return
        if QApplication.mouseButtons() != Qt.MouseButton.NoButton:
            return  # what is clicked is seen already
        top = now.mapTo(self.viewport(), QPoint(0, 0)).y()
        room, bar = self.viewport().height(), self.verticalScrollBar()
        if top < 0 or now.height() > room:
            bar.setValue(bar.value() + top - L if top < 0 or top > room // 2 else bar.value())
        elif top + now.height() > room:
            bar.setValue(bar.value() + top + now.height() - room + L)

"""What every view must offer to people who do not see it, or do not use a mouse: ``check(widget)`` demands all of it.

``check`` wants the view shown (``qtbot.addWidget(view); view.show()``). Each demand is a function of its own that
returns what is wrong, as sentences that name the widget; a view that is known to lack one calls the others.
"""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QScrollBar,
    QStyle,
    QStyleOptionButton,
    QTabBar,
    QTextEdit,
    QWidget,
)

from app.gui.theme.palette import DARK, LIGHT, Palette, contrast

CONTROLS = (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QTabBar,
    QTextEdit,
)

LEAST_CONTRAST = 4.5
"""WCAG 2.2, 1.4.3: text below 18 pt."""

LEAST_CONTRAST_OF_SHAPES = 3.0
"""WCAG 2.2, 1.4.11: what shows where the focus is."""

MOST_STEPS = 400
"""Of the tabulator; no view has so many controls."""


def check(widget: QWidget, *, tab: bool = True) -> None:
    """Demand names, reachability by keyboard, visible focus and uncut text. ``tab=False`` presses no keys."""
    assert widget.isVisible(), "show the view first"
    wrong = [*nameless(widget), *unfocusable(widget), *cut(widget)]
    if tab and not wrong:
        wrong = [*unreachable(widget)]
    assert not wrong, "\n".join(wrong)


def check_palettes() -> None:
    """Demand the contrast of every pair of colours that stand on one another, in both themes."""
    wrong = [*pale(LIGHT), *pale(DARK)]
    assert not wrong, "\n".join(wrong)


def controls(widget: QWidget) -> list[QWidget]:
    """Return what a user can act on in ``widget``, as far as it is to be seen and enabled."""
    found = [widget, *widget.findChildren(QWidget)]
    return [one for one in found if isinstance(one, CONTROLS) and one.isVisibleTo(widget) and not _inner(one)]


def nameless(widget: QWidget) -> Iterator[str]:
    """Yield controls for which a screen reader has no words, and buttons without a word and without a tooltip."""
    buddies = {label.buddy() for label in widget.findChildren(QLabel) if label.text()}
    for one in controls(widget):
        said = one.accessibleName() or (one.text() if isinstance(one, QAbstractButton) else "")
        if not said.strip() and one not in buddies:
            yield f"{_called(one)}: no accessible name"
        if isinstance(one, QAbstractButton) and not one.text().strip() and not one.toolTip():
            yield f"{_called(one)}: an icon alone, without a tooltip"


def unfocusable(widget: QWidget) -> Iterator[str]:
    """Yield enabled controls that the tabulator passes over, and those that it cannot leave (WCAG 2.2, 2.1.2)."""
    for one in controls(widget):
        if one.isEnabled() and not one.focusPolicy() & Qt.FocusPolicy.TabFocus:
            yield f"{_called(one)}: cannot be focused by the keyboard"
        if isinstance(one, (QPlainTextEdit, QTextEdit)) and not (one.tabChangesFocus() or one.isReadOnly()):
            yield f"{_called(one)}: keeps the tabulator to itself (setTabChangesFocus)"


def unreachable(widget: QWidget) -> Iterator[str]:
    """Yield enabled controls that pressing Tab never reaches, and those that look the same with the focus."""
    widget.window().activateWindow()
    assert QTest.qWaitForWindowActive(widget.window()), "the window is not active"
    wanted = [one for one in controls(widget) if one.isEnabled()]
    _leave()
    before = {one: _picture(one) for one in wanted}
    reached: set[QWidget] = set()
    last = None
    for _ in range(MOST_STEPS):
        _step(widget.window())
        at = QApplication.focusWidget()
        if at is None or (at in reached and at is not last):
            break
        if at is last:
            continue  # a text goes through its links before it lets the focus go
        last = at
        reached.add(at)
        for one in wanted:
            if one.focusProxy() is at:
                reached.add(one)
        if at in before and _picture(at) == before[at]:
            yield f"{_called(at)}: looks the same with the focus"
    for one in wanted:
        if one not in reached and not _reached_by_arrows(one, reached):
            yield f"{_called(one)}: not reached by Tab"


def cut(widget: QWidget) -> Iterator[str]:
    """Yield labels and buttons that are smaller than their text; one that elides on purpose is a class of its own."""
    for label in widget.findChildren(QLabel):
        if type(label) is not QLabel or not label.text() or not label.isVisibleTo(widget):
            continue
        needed = label.sizeHint()
        if label.wordWrap():
            needed = QSize(label.minimumSizeHint().width(), label.heightForWidth(label.width()))
        if needed.width() > label.width() + 1 or needed.height() > label.height() + 1:
            yield f"{_called(label)}: cut, has {_pixels(label.size())}, needs {_pixels(needed)}"
    for button in widget.findChildren(QAbstractButton):
        if not button.isVisibleTo(widget) or not button.text():
            continue
        if button.width() < _least_width(button):
            yield f"{_called(button)}: cut, has {button.width()} pixels of width, needs {_least_width(button)}"


def pale(palette: Palette) -> Iterator[str]:
    """Yield pairs of text and ground of a palette that are too near each other."""
    grounds = ("background", "sidebar", "card", "bubble", "accent_tint", "highlight")
    pairs = [("text", ground) for ground in grounds]
    pairs += [("soft", ground) for ground in ("background", "sidebar", "card", "bubble")]
    pairs += [("accent", ground) for ground in ("background", "sidebar", "card", "accent_tint")]
    pairs += [("warning", ground) for ground in ("background", "sidebar", "card", "warning_tint")]
    pairs += [("text", "warning_tint"), ("on_accent", "accent")]
    for first, second in pairs:
        ratio = contrast(getattr(palette, first), getattr(palette, second))
        if ratio < LEAST_CONTRAST:
            yield f"{first} on {second}: {ratio:.2f}, {'dark' if palette.dark else 'light'}"
    for ground in ("background", "sidebar", "card"):
        ratio = contrast(palette.accent, getattr(palette, ground))
        if ratio < LEAST_CONTRAST_OF_SHAPES:
            yield f"focus on {ground}: {ratio:.2f}"


def _step(window: QWidget) -> None:
    QTest.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_Tab)


def _leave() -> None:
    at = QApplication.focusWidget()
    if at is not None:
        at.clearFocus()


def _picture(widget: QWidget) -> QImage:
    """Return the widget with a little of what surrounds it: a ring may be drawn by the parent."""
    parent = widget.parentWidget()
    if parent is None:
        return widget.grab().toImage()
    room = QRect(widget.geometry().adjusted(-3, -3, 3, 3))
    return parent.grab(room).toImage()


def _reached_by_arrows(widget: QWidget, reached: set[QWidget]) -> bool:
    """Whether it is one of a group of which the tabulator reaches the chosen one, and arrows the others."""
    if not isinstance(widget, QAbstractButton):
        return False
    group = widget.group()
    together: list[QAbstractButton] = []
    if group is not None and group.exclusive():
        together = group.buttons()
    elif widget.autoExclusive() and widget.parentWidget() is not None:
        siblings = widget.parentWidget().findChildren(
            QAbstractButton, options=Qt.FindChildOption.FindDirectChildrenOnly
        )
        together = [one for one in siblings if one.autoExclusive()]
    return any(one in reached for one in together)


def _inner(widget: QWidget) -> bool:
    """Whether it is a part of a control, not one of its own: the field of a spin box, a scroll bar, a popup's list."""
    if isinstance(widget, (QScrollBar, QHeaderView)) or widget.objectName().startswith("qt_"):
        return True
    parent = widget.parentWidget()
    while parent is not None:
        if isinstance(parent, (QComboBox, QAbstractSpinBox, QLineEdit)) or (
            isinstance(parent, QAbstractItemView) and isinstance(widget, QAbstractButton)
        ):
            return True
        parent = parent.parentWidget()
    return False


def _least_width(button: QAbstractButton) -> int:
    """Return the width below which the text of a button is cut: its text, its icon and the frame that the style has."""
    lines = button.text().replace("&", "").splitlines()
    metrics = QFontMetrics(button.font())
    text = max(metrics.horizontalAdvance(line) for line in lines)
    icon = 0 if button.icon().isNull() else button.iconSize().width()
    option = QStyleOptionButton()
    option.initFrom(button)
    option.text = button.text()
    inner = button.style().subElementRect(QStyle.SubElement.SE_PushButtonContents, option, button)
    frame = button.width() - inner.width() if type(button).__name__ == "QPushButton" else 0
    return int(text + icon + max(frame, 0))


def _called(widget: QWidget) -> str:
    text = widget.text() if isinstance(widget, (QAbstractButton, QLabel)) else ""
    parent = widget.parentWidget()
    where = f" in {type(parent).__name__}" if parent is not None else ""
    return f"{type(widget).__name__} «{(text or widget.accessibleName() or widget.objectName())[:60]}»{where}"


def _pixels(size: QSize) -> str:
    return f"{size.width()}x{size.height()}"

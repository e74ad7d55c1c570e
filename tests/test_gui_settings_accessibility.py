"""The helper that all views are checked with finds what is wrong, and the palettes can be read."""

from __future__ import annotations

from collections.abc import Callable

import gui_accessibility
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QTextEdit, QWidget
from pytestqt.qtbot import QtBot

from app.gui.surroundings import Surroundings


@pytest.fixture
def show(qtbot: QtBot, surroundings: Surroundings) -> Callable[..., QWidget]:
    """Return a function that shows a view of some widgets, side by side."""

    def shown(*widgets: QWidget) -> QWidget:
        view = QWidget()
        view.resize(surroundings.theme.px(600), 400)
        row = QHBoxLayout(view)
        for one in widgets:
            row.addWidget(one)
        qtbot.addWidget(view)
        with qtbot.waitExposed(view):
            view.show()
        return view

    return shown


def test_a_view_whose_controls_have_names_and_focus_passes(show: Callable[..., QWidget]) -> None:
    label, field, editor = QLabel("Имя"), QLineEdit(), QTextEdit()
    label.setBuddy(field)
    editor.setAccessibleName("Письмо")
    editor.setTabChangesFocus(True)
    view = show(label, field, editor, QPushButton("Сохранить"))
    gui_accessibility.check(view)


def test_a_field_without_a_name_is_found(show: Callable[..., QWidget]) -> None:
    view = show(QLineEdit())
    assert [*gui_accessibility.nameless(view)] == ["QLineEdit «» in QWidget: no accessible name"]


def test_a_button_of_an_icon_alone_needs_a_tooltip(show: Callable[..., QWidget]) -> None:
    button = QPushButton()
    button.setAccessibleName("Закрыть")
    view = show(button)
    assert "without a tooltip" in "".join(gui_accessibility.nameless(view))


def test_a_control_that_the_keyboard_cannot_reach_is_found(show: Callable[..., QWidget]) -> None:
    button = QPushButton("Мышью")
    button.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
    view = show(button)
    assert "cannot be focused" in "".join(gui_accessibility.unfocusable(view))
    assert "not reached by Tab" in "".join(gui_accessibility.unreachable(view))


def test_an_editor_that_the_keyboard_cannot_leave_is_found(show: Callable[..., QWidget]) -> None:
    editor = QTextEdit()
    editor.setAccessibleName("Письмо")
    assert "keeps the tabulator" in "".join(gui_accessibility.unfocusable(show(editor)))


def test_focus_that_is_not_to_be_seen_is_found(show: Callable[..., QWidget]) -> None:
    button = QPushButton("Тихо")
    button.setStyleSheet("QPushButton, QPushButton:focus { border: none; outline: none; padding: 4px; }")
    view = show(button)
    assert "looks the same with the focus" in "".join(gui_accessibility.unreachable(view))


def test_cut_text_is_found(show: Callable[..., QWidget]) -> None:
    label, button = QLabel("Очень длинное слово, которому тесно"), QPushButton("Сохранить изменения")
    label.setFixedWidth(40)
    button.setFixedWidth(40)
    view = show(label, button)
    assert len([*gui_accessibility.cut(view)]) == 2


def test_both_palettes_can_be_read() -> None:
    gui_accessibility.check_palettes()

"""A new passphrase, typed twice. Says that nobody can bring it back."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.gui.surroundings import Surroundings
from app.gui.theme.palette import XL, L, M, S
from app.gui.widgets.buttons import button
from app.gui.widgets.labels import label, plain_label

WIDTH = 440
"""Pixels at 100 %."""


class PassphraseDialog(QDialog):
    """``chosen`` carries the passphrase when both lines say the same. Deletes itself."""

    chosen = Signal(object)

    def __init__(self, surroundings: Surroundings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        words = surroundings.words
        self._words = words
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setMinimumWidth(surroundings.theme.px(WIDTH))
        words.bind(self, "setWindowTitle", "gui.settings.passphrase.title")
        words.bind(self, "setAccessibleName", "gui.settings.passphrase.title")
        self.first, self.second = QLineEdit(), QLineEdit()
        self.shown = QCheckBox()
        words.bind(self.shown, "setText", "gui.settings.passphrase.show")
        self.shown.toggled.connect(self._show_signs)
        self.wrong = plain_label("", role="warning", wrap=True)
        self.wrong.hide()
        self.yes = button(surroundings, "gui.settings.passphrase.yes", role="primary")
        self.yes.setDefault(True)
        self.yes.clicked.connect(self._choose)
        no = button(surroundings, "gui.window.cancel")
        no.clicked.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(XL, XL, XL, L)
        column.setSpacing(S)
        column.addWidget(label(words, "gui.settings.passphrase.title", role="title", wrap=True))
        column.addWidget(label(words, "gui.settings.passphrase.text", wrap=True))
        column.addSpacing(S)
        fields = ((self.first, "gui.settings.passphrase.first"), (self.second, "gui.settings.passphrase.second"))
        for field, key in fields:
            name = label(words, key, role="soft")
            name.setBuddy(field)
            words.bind(field, "setAccessibleName", key)
            field.setEchoMode(QLineEdit.EchoMode.Password)
            field.textEdited.connect(self._typed)
            column.addWidget(name)
            column.addWidget(field)
        column.addWidget(self.shown)
        column.addWidget(self.wrong)
        column.addSpacing(M)
        row = QHBoxLayout()
        row.setSpacing(S)
        row.addStretch()
        row.addWidget(no)
        row.addWidget(self.yes)
        column.addLayout(row)
        self._typed()

    def _show_signs(self, shown: bool) -> None:
        mode = QLineEdit.EchoMode.Normal if shown else QLineEdit.EchoMode.Password
        for field in (self.first, self.second):
            field.setEchoMode(mode)

    def _typed(self) -> None:
        self.wrong.hide()
        self.yes.setEnabled(bool(self.first.text() and self.second.text()))

    def _choose(self) -> None:
        passphrase = self.first.text()
        if passphrase != self.second.text():
            self.wrong.setText(self._words.say("gui.settings.passphrase.differ"))
            self.wrong.show()
            self.second.selectAll()
            self.second.setFocus()
            return
        self.chosen.emit(passphrase)
        self.accept()

"""Asking for files and folders: Qt's own dialog as every system shows it, without a nested event loop."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget

Then = Callable[[list[Path]], object]


def ask_files(parent: QWidget, title: str, then: Then, *, kinds: str = "", several: bool = True) -> QFileDialog:
    """Ask for files that are there; ``kinds`` is a filter as Qt writes them."""
    dialog = _dialog(parent, title, then)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFiles if several else QFileDialog.FileMode.ExistingFile)
    if kinds:
        dialog.setNameFilter(kinds)
    return _opened(dialog)


def ask_folder(parent: QWidget, title: str, then: Then) -> QFileDialog:
    """Ask for a folder that is there."""
    dialog = _dialog(parent, title, then)
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly)
    return _opened(dialog)


def ask_new_file(parent: QWidget, title: str, then: Then, *, name: str, suffix: str) -> QFileDialog:
    """Ask where to save; the dialog itself asks before something is overwritten."""
    dialog = _dialog(parent, title, then)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setFileMode(QFileDialog.FileMode.AnyFile)
    dialog.setDefaultSuffix(suffix.lstrip("."))
    dialog.selectFile(name)
    return _opened(dialog)


def _dialog(parent: QWidget, title: str, then: Then) -> QFileDialog:
    dialog = QFileDialog(parent, title)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.filesSelected.connect(lambda chosen: then([Path(one) for one in chosen]))
    return dialog


def _opened(dialog: QFileDialog) -> QFileDialog:
    dialog.open()
    return dialog

"""Small windows with one field: the name of a conversation, the passphrase of a base. They delete themselves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QCheckBox, QLineEdit, QWidget

from app.gui.surroundings import Surroundings
from app.gui.widgets.confirmation import Confirmation
from app.gui.widgets.labels import label


def ask_title(
    surroundings: Surroundings, title: str, then: Callable[[str], object], *, parent: QWidget
) -> Confirmation:
    """Ask what a conversation is to be called."""
    say = surroundings.words.say
    dialog = Confirmation(
        surroundings,
        title=say("gui.conversation.rename_title"),
        text=say("gui.conversation.rename_text"),
        yes="gui.conversation.rename_yes",
        danger=False,
        parent=parent,
    )
    field = QLineEdit(title)
    surroundings.words.bind(field, "setAccessibleName", "gui.conversation.rename_title")
    _ask(dialog, field, lambda: then(field.text().strip()))
    field.selectAll()
    return dialog


def ask_deletion(
    surroundings: Surroundings, title: str, then: Callable[[], object], *, parent: QWidget
) -> Confirmation:
    """Ask whether a conversation is to go."""
    say = surroundings.words.say
    dialog = Confirmation(
        surroundings,
        title=say("gui.conversation.delete_title"),
        text=say("gui.conversation.delete_text", title=title),
        yes="gui.conversation.delete_yes",
        parent=parent,
    )
    dialog.accepted.connect(then)
    dialog.open()
    return dialog


def ask_passphrase(
    surroundings: Surroundings, path: Path, then: Callable[[str], object], *, again: bool, parent: QWidget
) -> Confirmation:
    """Ask for the passphrase of a base; ``again`` says that the last one was wrong."""
    say = surroundings.words.say
    dialog = Confirmation(
        surroundings,
        title=say("gui.conversation.passphrase_title"),
        text=say("gui.conversation.passphrase_text", name=path.stem),
        yes="gui.conversation.passphrase_yes",
        danger=False,
        parent=parent,
    )
    if again:
        dialog.content.addWidget(
            label(surroundings.words, "gui.conversation.passphrase_wrong", role="warning", wrap=True)
        )
    field = QLineEdit()
    field.setEchoMode(QLineEdit.EchoMode.Password)
    surroundings.words.bind(field, "setAccessibleName", "gui.conversation.passphrase_name")
    _ask(dialog, field, lambda: then(field.text()))
    seen = QCheckBox()
    surroundings.words.bind(seen, "setText", "gui.conversation.passphrase_show")
    seen.toggled.connect(
        lambda shown: field.setEchoMode(QLineEdit.EchoMode.Normal if shown else QLineEdit.EchoMode.Password)
    )
    dialog.content.addWidget(seen)
    return dialog


def _ask(dialog: Confirmation, field: QLineEdit, answered: Callable[[], object]) -> None:
    """Put a field into a dialog: Enter in it is a yes, and there is no yes to nothing."""
    dialog.content.addWidget(field)
    dialog.no.setDefault(False)
    dialog.yes.setDefault(True)

    def typed() -> None:
        dialog.yes.setEnabled(bool(field.text().strip()))

    field.textChanged.connect(typed)
    typed()
    dialog.accepted.connect(answered)
    field.setFocus()
    dialog.open()

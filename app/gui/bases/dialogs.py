"""Small windows of the page of bases: the name of a new one, whether it is encrypted, the passphrase of a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QCheckBox, QLabel, QLineEdit, QVBoxLayout, QWidget

from app.gui.bases import known
from app.gui.bases.files import ask_folder
from app.gui.surroundings import Surroundings
from app.gui.theme.palette import S
from app.gui.widgets.buttons import button
from app.gui.widgets.confirmation import Confirmation
from app.gui.widgets.labels import label, plain_label

Created = Callable[[Path, str | None], object]


class NewBase(Confirmation):
    """Asks for a name, a place and, unless it is made of a file ``source``, whether a passphrase protects it."""

    def __init__(
        self, surroundings: Surroundings, then: Created, *, source: Path | None = None, parent: QWidget | None = None
    ) -> None:
        say = surroundings.words.say
        super().__init__(
            surroundings,
            title=say("gui.bases.create_title" if source is None else "gui.bases.import_title"),
            text=say("gui.bases.create_text") if source is None else say("gui.bases.import_text", path=source),
            yes="gui.bases.create" if source is None else "gui.bases.import_do",
            danger=False,
            parent=parent,
        )
        self._surroundings = surroundings
        self._then = then
        self._folder = known.folder()
        self.name = QLineEdit(source.stem if source is not None else "")
        self.place = plain_label("", role="soft", wrap=True)
        self.elsewhere = button(surroundings, "gui.bases.create_elsewhere", role="link")
        self.protect = QCheckBox()
        surroundings.words.bind(self.protect, "setText", "gui.bases.create_protect")
        self.passphrase, self.repeat = _secret(), _secret()
        self.warning = label(surroundings.words, "gui.bases.create_warning", role="hint", wrap=True)
        self.differ = label(surroundings.words, "gui.bases.create_differ", role="warning", wrap=True)
        self.content.addWidget(_named(surroundings, "gui.bases.create_name", self.name))
        self.content.addWidget(self.place)
        self.content.addWidget(self.elsewhere)
        self._secrets = self._made_secrets()
        if source is None:
            self.content.addWidget(self.protect)
            self.content.addWidget(self._secrets)
        for field in (self.name, self.passphrase, self.repeat):
            field.textChanged.connect(self._look)
        self.protect.toggled.connect(self._protect)
        self.elsewhere.clicked.connect(self._ask_place)
        self.accepted.connect(lambda: self._then(self.path, self._chosen_passphrase()))
        self._secrets.setVisible(False)
        self.no.setAutoDefault(False)
        self.yes.setDefault(True)
        self.name.setFocus()
        self._look()

    @property
    def path(self) -> Path:
        """The file that would be made."""
        return known.free_path(self.name.text(), within=self._folder)

    def _made_secrets(self) -> QWidget:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(S)
        column.addWidget(_named(self._surroundings, "gui.bases.create_passphrase", self.passphrase))
        column.addWidget(_named(self._surroundings, "gui.bases.create_repeat", self.repeat))
        column.addWidget(self.differ)
        column.addWidget(self.warning)
        return inside

    def _chosen_passphrase(self) -> str | None:
        return self.passphrase.text() if self.protect.isChecked() else None

    def _protect(self, wanted: bool) -> None:
        self._secrets.setVisible(wanted)
        if wanted:
            self.passphrase.setFocus()
        self._look()

    def _grow(self) -> None:
        """Make room for what came; ``adjustSize`` would take no more than two thirds of the screen."""
        layout = self.layout()
        assert layout is not None
        layout.activate()
        self.resize(self.width(), max(layout.totalMinimumHeightForWidth(self.width()), layout.minimumSize().height()))

    def _look(self) -> None:
        named = bool(self.name.text().strip())
        secret, again = self.passphrase.text(), self.repeat.text()
        differ = bool(again) and secret != again
        self.differ.setVisible(differ)
        self.place.setText(self._surroundings.words.say("gui.bases.create_place", path=_breakable(self.path)))
        self.place.setVisible(named)
        if self.isVisible():
            self._grow()
        self.yes.setEnabled(named and (not self.protect.isChecked() or (bool(secret) and secret == again)))

    def _ask_place(self) -> None:
        ask_folder(self, self._surroundings.words.say("gui.bases.pick_place"), self._place_chosen)

    def _place_chosen(self, chosen: list[Path]) -> None:
        self._folder = chosen[0]
        self._look()


class FilePassphrase(Confirmation):
    """Asks for the passphrase of a file that is to become a base; ``again`` says that the last one was wrong."""

    def __init__(
        self,
        surroundings: Surroundings,
        source: Path,
        then: Callable[[str], object],
        *,
        again: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        say = surroundings.words.say
        super().__init__(
            surroundings,
            title=say("gui.bases.import_title"),
            text=say("gui.bases.import_locked", path=_breakable(source)),
            yes="gui.bases.import_do",
            danger=False,
            parent=parent,
        )
        self.passphrase = _secret()
        if again:
            self.content.addWidget(label(surroundings.words, "gui.bases.import_wrong", role="warning", wrap=True))
        self.content.addWidget(_named(surroundings, "gui.bases.import_passphrase", self.passphrase))
        self.passphrase.textChanged.connect(lambda text: self.yes.setEnabled(bool(text)))
        self.accepted.connect(lambda: then(self.passphrase.text()))
        self.yes.setEnabled(False)
        self.no.setAutoDefault(False)
        self.yes.setDefault(True)
        self.passphrase.setFocus()


def _secret() -> QLineEdit:
    field = QLineEdit()
    field.setEchoMode(QLineEdit.EchoMode.Password)
    return field


def _named(surroundings: Surroundings, key: str, field: QLineEdit) -> QWidget:
    """Put the name of a field above it."""
    inside = QWidget()
    column = QVBoxLayout(inside)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(S // 2)
    name: QLabel = label(surroundings.words, key, role="soft")
    name.setBuddy(field)
    surroundings.words.bind(field, "setAccessibleName", key)
    column.addWidget(name)
    column.addWidget(field)
    return inside


def _breakable(path: Path) -> str:
    """Return a path that a label may break after each folder."""
    return str(path).replace("/", "/\u200b").replace("\\", "\\\u200b")

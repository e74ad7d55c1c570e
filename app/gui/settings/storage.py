"""What lies on the disk: the passphrase of the conversations, and the folder of the data with its move to another."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QProgressBar, QWidget

from app import paths
from app.gui.job import Job, once
from app.gui.settings.moving import DataFolder, DataFolderPresenter
from app.gui.settings.passphrase_dialog import PassphraseDialog
from app.gui.settings.rows import Row, Section
from app.gui.surroundings import Surroundings
from app.gui.theme.palette import S
from app.gui.widgets.buttons import button
from app.gui.widgets.confirmation import Confirmation
from app.gui.widgets.labels import ElidedLabel, plain_label


class StorageSection(Section):
    """``passphrase_wanted`` carries a new passphrase of the conversations, or None to keep them readable again."""

    passphrase_wanted = Signal(object)

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__(surroundings, "gui.settings.storage")
        self._surroundings = surroundings
        self._encrypted = False
        self.presenter = DataFolderPresenter(surroundings, self)
        self._build_history()
        self._build_folder()
        self.presenter.changed.connect(self._show)
        surroundings.words.changed.connect(self._show)
        self._show()

    def refresh(self) -> None:
        """Look on the disk."""
        self.presenter.refresh()
        job = Job(once(_is_encrypted))
        job.produced.connect(self.show_encrypted)
        job.start()

    def show_encrypted(self, encrypted: bool) -> None:
        """Show whether the conversations are encrypted."""
        self._encrypted = encrypted
        self._show()

    def _build_history(self) -> None:
        self.encrypt = button(self._surroundings, "gui.settings.history.set")
        self.encrypt.clicked.connect(self._ask_passphrase)
        self.decrypt = button(self._surroundings, "gui.settings.history.remove", role="danger")
        self.decrypt.clicked.connect(self._ask_removal)
        row = Row(self._surroundings, "gui.settings.history", hint="gui.settings.history.hint")
        self._history_state = plain_label("", wrap=True)
        row.under.addWidget(self._history_state)
        row.under.addLayout(_in_a_row(self.encrypt, self.decrypt))
        self.add(row)

    def _build_folder(self) -> None:
        row = Row(self._surroundings, "gui.settings.data", hint="gui.settings.data.hint")
        self.path = ElidedLabel(role="path")
        self.open = button(self._surroundings, "gui.settings.data.open", icon_name="folder")
        self.open.clicked.connect(self._open)
        self.move_button = button(self._surroundings, "gui.settings.data.move")
        self.move_button.clicked.connect(self._ask_folder)
        self.stop = button(self._surroundings, "gui.settings.data.stop")
        self.stop.clicked.connect(self.presenter.stop)
        self.stay = button(self._surroundings, "gui.settings.data.stay")
        self.stay.clicked.connect(self.presenter.stay)
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setRange(0, 1000)
        self._surroundings.words.bind(self.progress, "setAccessibleName", "gui.settings.data")
        self.told = plain_label("", role="soft", wrap=True)
        self.wrong = plain_label("", role="warning", wrap=True)
        for one in (self.path, self.progress, self.told, self.wrong):
            row.under.addWidget(one)
        row.under.addLayout(_in_a_row(self.open, self.move_button, self.stop, self.stay))
        self.add(row)

    def _show(self) -> None:
        words, state = self._surroundings.words, self.presenter.state
        key = "gui.settings.history.on" if self._encrypted else "gui.settings.history.off"
        self._history_state.setText(words.say(key))
        self.encrypt.setText(
            words.say("gui.settings.history.change" if self._encrypted else "gui.settings.history.set")
        )
        self.decrypt.setVisible(self._encrypted)
        self.path.setText(str(state.path))
        self.move_button.setVisible(not (state.fixed or state.moving or state.next))
        self.stop.setVisible(state.moving is not None)
        self.stay.setVisible(bool(state.next) and state.moving is None)
        self.progress.setVisible(state.moving is not None)
        self.progress.setValue(round(state.share * 1000))
        for one, text in ((self.told, self._told(state)), (self.wrong, self._wrong(state))):
            one.setText(text)
            one.setVisible(bool(text))

    def _told(self, state: DataFolder) -> str:
        wording = self._surroundings.words.wording
        if state.moving is not None:
            done, total = wording.size(state.moving.done), wording.size(state.moving.total)
            return wording.say("gui.settings.data.copying", done=done, total=total)
        if state.fixed:
            return wording.say("gui.settings.data.fixed")
        if state.next:
            return wording.say("gui.settings.data.next", path=state.next)
        return wording.say("gui.settings.data.left", path=state.left) if state.left else ""

    def _wrong(self, state: DataFolder) -> str:
        return self._surroundings.words.error(state.error) if state.error is not None else ""

    def _open(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.presenter.state.path)))

    def _ask_folder(self) -> None:
        words = self._surroundings.words
        dialog = QFileDialog(self, words.say("gui.settings.data.choose"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(lambda chosen: self.presenter.move(Path(chosen)))
        dialog.open()

    def _ask_passphrase(self) -> None:
        dialog = PassphraseDialog(self._surroundings, self)
        dialog.chosen.connect(self.passphrase_wanted)
        dialog.open()

    def _ask_removal(self) -> None:
        words = self._surroundings.words
        dialog = Confirmation(
            self._surroundings,
            title=words.say("gui.settings.history.remove_title"),
            text=words.say("gui.settings.history.remove_text"),
            yes="gui.settings.history.remove_yes",
            parent=self,
        )
        dialog.accepted.connect(lambda: self.passphrase_wanted.emit(None))
        dialog.open()


def _in_a_row(*widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(S)
    for one in widgets:
        row.addWidget(one)
    row.addStretch()
    return row


def _is_encrypted() -> bool:
    from app.history import opening

    return opening.is_encrypted(paths.history())

"""What the page of bases asks a person: files, folders, names, passphrases, and whether something is to go for good."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QDialog, QWidget

from app.gui.bases import known
from app.gui.bases.contents import Row
from app.gui.bases.dialogs import FilePassphrase, NewBase
from app.gui.bases.files import ask_files, ask_folder, ask_new_file
from app.gui.bases.presenter import BasesPresenter
from app.gui.bases.telling import name_of
from app.gui.surroundings import Surroundings
from app.gui.widgets.confirmation import Confirmation


class Questions:
    """Each method opens a small window and hands the answer to the presenter. ``parent`` is what they stand above."""

    def __init__(self, surroundings: Surroundings, presenter: BasesPresenter, parent: QWidget) -> None:
        self._surroundings = surroundings
        self._say = surroundings.words.say
        self._presenter = presenter
        self._parent = parent
        self._tried: set[Path] = set()

    def files(self) -> None:
        """Which files to add."""
        ask_files(self._parent, self._say("gui.bases.pick_files"), self._presenter.add)

    def folder(self) -> None:
        """Which folder to add."""
        ask_folder(self._parent, self._say("gui.bases.pick_folder"), self._presenter.add)

    def watched(self) -> None:
        """Which folder to watch."""
        title = self._say("gui.bases.pick_watched")
        ask_folder(self._parent, title, lambda chosen: self._presenter.watch(chosen[0]))

    def base(self) -> None:
        """Which base to open."""
        self._base_file("gui.bases.pick_base", self._presenter.open)

    def imported(self) -> None:
        """Which file to make a base of, then how that is to be called."""
        self._base_file("gui.bases.pick_import", self._imported_name)

    def new(self) -> None:
        """How a new base is to be called, and whether it is encrypted."""
        self._open(NewBase(self._surroundings, self._presenter.create, parent=self._parent))

    def passphrase(self, source: Path, path: Path) -> None:
        """The passphrase of the file ``source`` that is to become the base ``path``."""
        again = path in self._tried
        self._tried.add(path)

        def then(passphrase: str) -> None:
            self._presenter.take_over(source, path, passphrase)

        self._open(FilePassphrase(self._surroundings, source, then, again=again, parent=self._parent))

    def export(self) -> None:
        """Where to save the base in use."""
        current = self._presenter.current
        if current is not None:
            work = self._presenter.work_of(current.path)
            name = f"{name_of(current, self._surroundings.words)}{known.SUFFIX}"
            title = self._say("gui.bases.pick_export")
            ask_new_file(self._parent, title, lambda chosen: work.export(chosen[0]), name=name, suffix=known.SUFFIX)

    def removal(self, rows: tuple[Row, ...]) -> None:
        """Whether documents are to go out of the base in use."""
        path = self._presenter.base.path
        if path is not None:
            documents = self._surroundings.words.wording.count("document", len(rows))
            title, text = self._say("gui.bases.remove_title", documents=documents), self._say("gui.bases.remove_text")
            dialog = self._confirmation(title, text, "gui.bases.remove")
            dialog.accepted.connect(lambda: self._presenter.work_of(path).remove([row.id for row in rows]))
            self._open(dialog)

    def deletion(self) -> None:
        """Whether the file of the base in use is to be deleted."""
        current = self._presenter.current
        if current is not None:
            title = self._say("gui.bases.delete_title", name=name_of(current, self._surroundings.words))
            text = self._say("gui.bases.delete_text", path=current.path)
            dialog = self._confirmation(title, text, "gui.bases.delete_yes")
            dialog.accepted.connect(lambda: self._presenter.delete(current))
            self._open(dialog)

    def _base_file(self, title: str, then: object) -> None:
        assert callable(then)
        kinds = self._say("gui.bases.kinds")
        ask_files(self._parent, self._say(title), lambda chosen: then(chosen[0]), kinds=kinds, several=False)

    def _imported_name(self, source: Path) -> None:
        def then(path: Path, _passphrase: str | None) -> None:
            if known.is_encrypted(source):
                self.passphrase(source, path)
            else:
                self._presenter.take_over(source, path)

        self._open(NewBase(self._surroundings, then, source=source, parent=self._parent))

    def _confirmation(self, title: str, text: str, yes: str) -> Confirmation:
        return Confirmation(self._surroundings, title=title, text=text, yes=yes, parent=self._parent)

    @staticmethod
    def _open(dialog: QDialog) -> None:
        dialog.open()

"""The folders that are watched for a base: which, how it is going, adding one and letting one go."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.gui.bases.base_work import Phase, WorkState
from app.gui.bases.errands import Kind
from app.gui.bases.telling import trouble
from app.gui.surroundings import Surroundings
from app.gui.theme.icons import pixmap
from app.gui.theme.palette import L, M, S
from app.gui.widgets.buttons import IconButton, button
from app.gui.widgets.labels import ElidedLabel, label, plain_label, restyle
from app.gui.words import Words


def state_of(folder_there: bool, state: WorkState | None, words: Words) -> tuple[str, bool]:
    """Return how the watching of a folder is going, and whether that is a warning."""
    if not folder_there:
        return words.say("gui.bases.folder_absent"), True
    if state is not None and state.phase is Phase.FAILED and state.kind is Kind.WATCH and state.error is not None:
        return words.say("gui.bases.folder_failed", reason=trouble(state.error, words)), True
    if state is None or state.phase is not Phase.WATCHING:
        return words.say("gui.bases.folder_waits"), False
    said = words.say("gui.bases.folder_watched")
    if state.watched is not None and state.watched.changed:
        said += f" · {words.say('gui.bases.folder_changes', count=state.watched.changed)}"
    return said, False


class FoldersView(QWidget):
    """``put`` shows folders; ``add_wanted`` and ``remove_wanted(Path)`` are what a person asks for."""

    add_wanted = Signal()
    remove_wanted = Signal(object)

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__()
        self._surroundings = surroundings
        words = surroundings.words
        self.hint = label(words, "gui.bases.folders_hint", role="hint", wrap=True)
        self.demo = label(words, "gui.bases.folders_demo", role="hint", wrap=True)
        self.none = label(words, "gui.bases.folders_none", role="strong", wrap=True)
        self.add = button(surroundings, "gui.bases.folder_add", icon_name="plus")
        self.add.clicked.connect(self.add_wanted)
        self.rows: list[FolderRow] = []
        self._rows = QVBoxLayout()
        self._rows.setSpacing(S)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(M)
        for one in (self.demo, self.none, self.hint):
            column.addWidget(one)
        column.addLayout(self._rows)
        column.addWidget(self.add, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch()

    def put(self, folders: list[tuple[Path, bool]], state: WorkState | None, *, editable: bool) -> None:
        """Show folders, each with whether it is there."""
        while len(self.rows) > len(folders):
            row = self.rows.pop()
            self._rows.removeWidget(row)
            row.hide()
            row.deleteLater()
        while len(self.rows) < len(folders):
            row = FolderRow(self._surroundings)
            row.removed.connect(self.remove_wanted)
            self._rows.addWidget(row)
            self.rows.append(row)
        for row, (folder, there) in zip(self.rows, folders, strict=True):
            row.put(folder, *state_of(there, state, self._surroundings.words))
        self.demo.setVisible(not editable)
        self.none.setVisible(editable and not folders)
        self.hint.setVisible(editable)
        self.add.setVisible(editable)


class FolderRow(QFrame):
    """A folder, how it is going, and the cross that lets it go."""

    removed = Signal(object)

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self._surroundings = surroundings
        self.folder = Path()
        self._icon = QLabel()
        self.name = ElidedLabel(role="strong", where=Qt.TextElideMode.ElideMiddle)
        self.state = plain_label("", role="soft", wrap=True)
        self.remove = IconButton(surroundings, "close", "gui.bases.forget")
        self.remove.clicked.connect(lambda: self.removed.emit(self.folder))
        lines = QVBoxLayout()
        lines.setSpacing(0)
        lines.addWidget(self.name)
        lines.addWidget(self.state)
        row = QHBoxLayout(self)
        row.setContentsMargins(L, S, S, S)
        row.setSpacing(M)
        row.addWidget(self._icon)
        row.addLayout(lines, 1)
        row.addWidget(self.remove)
        surroundings.theme.changed.connect(self._draw)
        self._draw()

    def put(self, folder: Path, said: str, warning: bool) -> None:
        """Show a folder."""
        self.folder = folder
        self.name.setText(str(folder))
        self.state.setText(said)
        remove = self._surroundings.words.say("gui.bases.folder_remove", folder=folder.name)
        self.remove.setToolTip(remove)
        self.remove.setAccessibleName(remove)
        role = "trouble" if warning else "soft"
        if self.state.property("role") != role:
            restyle(self.state, role=role)

    def _draw(self) -> None:
        theme = self._surroundings.theme
        self._icon.setPixmap(pixmap("folder", theme.palette.soft, theme.px(20)))

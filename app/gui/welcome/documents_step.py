"""The first step: documents of one's own, dropped or chosen, or those of the demonstration."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QFrame, QHBoxLayout, QLabel, QProgressBar, QVBoxLayout, QWidget

from app.gui.desk_states import BaseState
from app.gui.surroundings import Surroundings
from app.gui.theme.icons import pixmap
from app.gui.theme.palette import XL, L, M, S
from app.gui.welcome.presenter import WelcomePresenter
from app.gui.widgets.buttons import button
from app.gui.widgets.card import Card
from app.gui.widgets.labels import label, plain_label, restyle

ICON_SIZE = 36


class DocumentsStep(QWidget):
    """Both ways, and what became of the one that was taken."""

    def __init__(self, surroundings: Surroundings, presenter: WelcomePresenter) -> None:
        super().__init__()
        self._surroundings = surroundings
        self._presenter = presenter
        self.place = _PlaceForFiles(surroundings, presenter)
        self.demo = _DemoCard(surroundings)
        self.demo.pressed.connect(presenter.use_demo)
        self.told = plain_label("", role="hint", wrap=True)
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        surroundings.words.bind(self.progress, "setAccessibleName", "gui.welcome.demo")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(L)
        for one in (self.place, self.demo, self.progress, self.told):
            column.addWidget(one)
        presenter.changed.connect(self._show)
        surroundings.words.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        base, added = self._presenter.desk.base, self._presenter.own_added
        self.demo.mark(current=base.demo and not added)
        self.progress.setVisible(base.demo and base.opening and bool(base.to_prepare))
        self.progress.setRange(0, max(base.to_prepare, 1))
        self.progress.setValue(base.prepared)
        text, wrong = self._said(base, added=added)
        self.told.setText(text)
        restyle(self.told, role="warning" if wrong else "hint")

    def _said(self, base: BaseState, *, added: bool) -> tuple[str, bool]:
        wording = self._surroundings.words.wording
        documents = wording.count("document", base.documents)
        if base.error:
            return base.error, True
        if added and (base.demo or not base.ready):
            return wording.say("gui.welcome.own.coming"), False
        if base.demo and base.opening:
            return wording.say("gui.welcome.demo.preparing", done=base.prepared, total=base.to_prepare), False
        if base.demo and base.ready:
            return wording.say("gui.welcome.demo.ready", documents=documents), False
        return (wording.say("gui.welcome.own.ready", documents=documents), False) if base.ready else ("", False)


class _PlaceForFiles(QFrame):
    """Where documents are dropped; two buttons do the same without a mouse."""

    def __init__(self, surroundings: Surroundings, presenter: WelcomePresenter) -> None:
        super().__init__()
        self._surroundings = surroundings
        self._presenter = presenter
        self.setAcceptDrops(True)
        self.setProperty("role", "place-for-files")
        self._drawing = QLabel(alignment=Qt.AlignmentFlag.AlignHCenter)
        words = surroundings.words
        title = label(words, "gui.welcome.own", role="title", wrap=True)
        hint = label(words, "gui.welcome.own.hint", role="hint", wrap=True)
        self.folder = button(surroundings, "gui.welcome.own.folder", role="primary")
        self.folder.clicked.connect(lambda: self._choose(QFileDialog.FileMode.Directory))
        self.files = button(surroundings, "gui.welcome.own.files")
        self.files.clicked.connect(lambda: self._choose(QFileDialog.FileMode.ExistingFiles))
        column = QVBoxLayout(self)
        column.setContentsMargins(XL, XL, XL, XL)
        column.setSpacing(M)
        column.addWidget(self._drawing)
        for one in (title, hint):
            one.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            column.addWidget(one)
        row = QHBoxLayout()
        row.setSpacing(S)
        row.addStretch()
        row.addWidget(self.folder)
        row.addWidget(self.files)
        row.addStretch()
        column.addLayout(row)
        surroundings.theme.changed.connect(self._draw)
        self._draw()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        """Files are welcome."""
        if event.mimeData().hasUrls():
            restyle(self, over="true")
            event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:  # noqa: ARG002, N802
        """As if nothing had been."""
        restyle(self, over="false")

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        """Take them."""
        restyle(self, over="false")
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            self._presenter.take(paths)

    def _choose(self, mode: QFileDialog.FileMode) -> None:
        dialog = QFileDialog(self, self._surroundings.words.say("gui.welcome.own"))
        dialog.setFileMode(mode)
        dialog.filesSelected.connect(lambda chosen: self._presenter.take([Path(one) for one in chosen]))
        dialog.open()

    def _draw(self) -> None:
        theme = self._surroundings.theme
        self._drawing.setPixmap(pixmap("folder", theme.palette.accent, theme.px(ICON_SIZE)))


class _DemoCard(Card):
    """The other way."""

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(L, M, L, M)
        column.setSpacing(S)
        column.addWidget(label(surroundings.words, "gui.welcome.demo", role="strong", wrap=True))
        column.addWidget(label(surroundings.words, "gui.welcome.demo.hint", role="hint", wrap=True))
        surroundings.words.bind(self, "setAccessibleName", "gui.welcome.demo")
        surroundings.words.bind(self, "setAccessibleDescription", "gui.welcome.demo.hint")

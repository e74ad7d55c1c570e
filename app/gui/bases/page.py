"""The page of knowledge bases: which there are, what is in the one in use, and how work on it is going.

Puts the parts together; what happens is ``presenter``'s.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QShowEvent
from PySide6.QtWidgets import QPushButton, QStackedWidget, QWidget

from app.gui.bases.base_cards import BaseCards
from app.gui.bases.base_panel import BasePanel
from app.gui.bases.contents import Content
from app.gui.bases.documents_view import DocumentsView
from app.gui.bases.errand_process import carried_out
from app.gui.bases.folders_view import FoldersView
from app.gui.bases.presenter import BasesPresenter, Desk
from app.gui.bases.questions import Questions
from app.gui.bases.statistics_view import StatisticsView
from app.gui.bases.telling import Action, facts_of, telling, trouble
from app.gui.bases.work_panel import WorkPanel
from app.gui.surroundings import Surroundings
from app.gui.widgets.buttons import button
from app.gui.widgets.flow import Flow
from app.gui.widgets.labels import label, rule
from app.gui.widgets.notice import Notice
from app.gui.widgets.page import ScrollingPage

STRETCH = 1000
"""Of what fills the page, against the rest that fills it while that is hidden."""

TABS = ("gui.bases.tab.documents", "gui.bases.tab.folders", "gui.bases.tab.statistics")


class BasesPage(ScrollingPage):
    """``add_paths`` takes what was dropped on the window."""

    def __init__(self, surroundings: Surroundings, desk: Desk, *, presenter: BasesPresenter | None = None) -> None:
        super().__init__(surroundings)
        self._surroundings = surroundings
        self._words = surroundings.words
        self.presenter = presenter or BasesPresenter(surroundings, desk, perform=carried_out)
        self.presenter.setParent(self)
        self.questions = Questions(surroundings, self.presenter, self)
        self._build()
        self._connect()
        surroundings.words.follow(self, lambda owner: owner.show_all())  # type: ignore[attr-defined]
        self.presenter.start()

    def add_paths(self, paths: list[Path]) -> None:
        """Index files and folders into the base in use; a file of a base is opened."""
        self.presenter.add(paths)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Look again: files may have come or gone meanwhile."""
        super().showEvent(event)
        self.presenter.look()

    # Putting it together

    def _build(self) -> None:
        surroundings = self._surroundings
        self.title = label(self._words, "gui.bases.title", role="title", wrap=True)
        self.new = button(surroundings, "gui.bases.new", icon_name="plus")
        self.open = button(surroundings, "gui.bases.open", icon_name="open")
        self.take = button(surroundings, "gui.bases.import", icon_name="download")
        self._words.bind(self.take, "setToolTip", "gui.bases.import_hint")
        self.cards = BaseCards(surroundings)
        self.panel = BasePanel(surroundings)
        self.work = WorkPanel(surroundings)
        self.failure = Notice(surroundings)
        self.documents = DocumentsView(surroundings)
        self.folders = FoldersView(surroundings)
        self.statistics = StatisticsView(surroundings)
        self.stack = QStackedWidget()
        for view in (self.documents, self.folders, self.statistics):
            self.stack.addWidget(view)
        self.tabs = self._made_tabs()
        self._tab_row = _row(*self.tabs)
        head = QWidget()
        head.setLayout(Flow(self.title, self.new, self.open, self.take, lead=True))
        for one in (
            head,
            label(self._words, "gui.bases.hint", role="hint", wrap=True),
            self.cards,
            rule(),
            self.panel,
            self.work,
            self.failure,
            self._tab_row,
        ):
            self.column.addWidget(one)
        self.column.addWidget(self.stack, STRETCH)
        self.column.addStretch(1)

    def _made_tabs(self) -> list[QPushButton]:
        made = []
        for at, key in enumerate(TABS):
            tab = button(self._surroundings, key, role="tab")
            tab.setCheckable(True)
            tab.clicked.connect(lambda _checked=False, at=at: self._turn_to(at))
            made.append(tab)
        made[0].setChecked(True)
        return made

    def _connect(self) -> None:
        presenter, panel = self.presenter, self.panel
        presenter.listed.connect(lambda _bases: self.show_all())
        presenter.current_changed.connect(lambda _state: self.show_all())
        presenter.content_changed.connect(self._show_content)
        presenter.content_failed.connect(self._show_failure)
        presenter.work_changed.connect(lambda _path: self._show_work())
        presenter.import_locked.connect(self.questions.passphrase)
        self.cards.chosen.connect(presenter.choose)
        self.new.clicked.connect(self.questions.new)
        self.open.clicked.connect(self.questions.base)
        self.take.clicked.connect(self.questions.imported)
        self.work.acted.connect(self._act)
        self.failure.acted.connect(presenter.read)
        for signal in (panel.files_wanted, self.documents.files_wanted):
            signal.connect(self.questions.files)
        for signal in (panel.folder_wanted, self.documents.folder_wanted):
            signal.connect(self.questions.folder)
        panel.check_wanted.connect(self._check)
        panel.export_wanted.connect(self.questions.export)
        panel.reveal_wanted.connect(self._reveal)
        panel.forget_wanted.connect(self._forget)
        panel.delete_wanted.connect(self.questions.deletion)
        panel.help_wanted.connect(presenter.help)
        self.documents.remove_wanted.connect(self.questions.removal)
        self.documents.again_wanted.connect(presenter.add)
        self.folders.add_wanted.connect(self.questions.watched)
        self.folders.remove_wanted.connect(presenter.unwatch)
        self._surroundings.preferences.changed.connect(self._show_folders)

    # Showing

    def show_all(self) -> None:
        """Show everything as it is now, in the language of now."""
        presenter = self.presenter
        current = presenter.current
        self.panel.put(presenter.base, current)
        self._show_cards()
        self._show_work()
        self._show_content(presenter.content)

    def _show_cards(self) -> None:
        presenter = self.presenter
        current = presenter.current
        shown = []
        for base in presenter.bases:
            used = base == current
            documents = presenter.base.documents if used and presenter.base.ready else None
            work = presenter.state_of(base.path)
            facts = facts_of(base, self._words, documents=documents, work=work)
            shown.append((base, facts, used))
        self.cards.put(tuple(shown))

    def _show_work(self) -> None:
        state = self.presenter.shown_work
        self.work.tell(telling(state, self._words) if state is not None else None)
        self._show_folders()
        self._show_cards()

    def _show_content(self, content: Content | None) -> None:
        base = self.presenter.base
        ready = base.ready
        self._tab_row.setVisible(ready)
        self.stack.setVisible(ready)
        if content is not None or not ready:
            self.failure.hide()
        rows = content.rows if content is not None else ()
        self.documents.put(rows, editable=not base.demo, known=content is not None)
        self.statistics.put(content, self.presenter.current)
        self._show_folders()

    def _show_failure(self, error: BaseException) -> None:
        self.failure.tell(trouble(error, self._words), action=self._words.say("gui.bases.action.retry"))

    def _show_folders(self, _changed: object = None) -> None:
        presenter = self.presenter
        folders = [(folder, presenter.is_there(folder)) for folder in presenter.folders()]
        base = presenter.base
        state = presenter.state_of(base.path) if base.path is not None else None
        self.folders.put(folders, state, editable=not base.demo)

    def _turn_to(self, at: int) -> None:
        for number, tab in enumerate(self.tabs):
            tab.setChecked(number == at)
        self.stack.setCurrentIndex(at)

    # Doing

    def _act(self, action: Action) -> None:
        work = self.presenter.shown
        if action is Action.FAILURES:
            self.tabs[0].click()
            self.documents.show_failed()
        elif work is None:
            return
        else:
            done: dict[Action, Callable[[], object]] = {
                Action.PAUSE: work.pause,
                Action.RESUME: work.resume,
                Action.RETRY: work.resume,
                Action.STOP: work.stop,
                Action.CLOSE: work.dismiss,
                Action.CHECK: work.check,
                Action.REPAIR: lambda: work.check(repair=True),
            }
            done[action]()

    def _check(self) -> None:
        if self.presenter.base.path is not None:
            self.presenter.work_of(self.presenter.base.path).check()

    def _forget(self) -> None:
        current = self.presenter.current
        if current is not None:
            self.presenter.forget(current)

    def _reveal(self) -> None:
        path = self.presenter.base.path
        if path is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(path.parent)))


def _row(*widgets: QWidget) -> QWidget:
    row = QWidget()
    row.setLayout(Flow(*widgets))
    return row

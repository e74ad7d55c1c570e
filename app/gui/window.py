"""The window: three columns, and whatever a view asks for through ``Navigation``.

It is seen first and furnished then: ``furnish`` runs behind the first picture, when the libraries have been imported on
another thread. Until then the columns are there and nothing can be pressed that does not work.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QCloseEvent, QPaintEvent
from PySide6.QtWidgets import QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from app.gui import drops, geometry
from app.gui.columns import Columns
from app.gui.error_dialog import Failures
from app.gui.job import Job, once
from app.gui.keys import Keys
from app.gui.parts import Parts
from app.gui.sidebar import Rail, Sidebar
from app.gui.surroundings import Page, Surroundings
from app.gui.toast import Toast

if TYPE_CHECKING:
    from pathlib import Path

    from app.exchange import Source
    from app.gui.conversation.page import ConversationPage
    from app.gui.desk import Desk
    from app.gui.desk_states import BaseState
    from app.gui.history.keeper import Keeper
    from app.gui.history.list import HistoryList
    from app.gui.source.panel import SourcePanel

BESIDE_SOURCES = frozenset((Page.CONVERSATION, Page.BASES))
"""Pages that speak of documents; beside the others an open document is in the way."""

WATCH_AFTER_MS = 1500
"""Folders are watched when the window has settled: the page that does it is made unseen."""

SECONDS_TO_END = 5.0
"""For everything that runs to give back what it holds."""


class Window(QMainWindow):
    """``furnished`` when everything is in it. ``base`` and ``model`` hold instead of what the settings say."""

    furnished = Signal()

    def __init__(
        self,
        surroundings: Surroundings,
        *,
        parts: Parts | None = None,
        base: str | None = None,
        model: str | None = None,
    ) -> None:
        super().__init__()
        self.surroundings = surroundings
        self._parts = parts or Parts()
        self._named = {"base": base, "model": model}
        self._preparing: Job | None = None
        self._wanted = Page.CONVERSATION if surroundings.preferences.value.welcomed else Page.WELCOME
        self._made: dict[Page, QWidget] = {}
        self._closed = False
        self.desk: Desk | None = None
        self.keeper: Keeper | None = None
        self.history: HistoryList | None = None
        self.conversation: ConversationPage | None = None
        self.source: SourcePanel | None = None
        self.sidebar = Sidebar(surroundings)
        self.rail = Rail(surroundings)
        self.pages = QStackedWidget()
        self._third = QWidget()
        self._third.setProperty("role", "page")
        QVBoxLayout(self._third).setContentsMargins(0, 0, 0, 0)
        self.columns = Columns(
            surroundings, sidebar=self.sidebar, rail=self.rail, middle=self.pages, source=self._third
        )
        self.setCentralWidget(self.columns)
        self.toast = Toast(surroundings, self.pages)
        self.drops = drops.Drops(surroundings, self, self._base_for_drops)
        self.drops.sorted.connect(self._taken)
        self.failures = Failures(surroundings, self)
        self.keys = Keys(surroundings, self)
        self.setWindowTitle("Offlite")
        geometry.place(self, surroundings.preferences.value.window)
        self._listen()

    # Becoming a whole

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Begin with the rest as soon as there is something to see."""
        super().paintEvent(event)
        if self._preparing is None:
            self._preparing = Job(once(self._parts.prepare))
            self._preparing.failed.connect(self.failures.show)
            self._preparing.finished.connect(lambda complete: self.furnish() if complete else None)
            QTimer.singleShot(0, self._preparing.start)

    def furnish(self) -> None:
        """Put in what the window was opened for; then the base, the history and the model are opened."""
        if self.desk is not None or self._closed:
            return
        self.desk = self._parts.desk(self.surroundings)
        self.keeper = self._parts.keeper(self.surroundings)
        self.conversation = self._parts.conversation(self.surroundings, self.desk, self.keeper)
        self.history = self._parts.history(self.surroundings, self.keeper)
        self._put(Page.CONVERSATION, self.conversation)
        self.sidebar.show_history(self.history)
        self.drops.adopt(self.sidebar)
        self.desk.base_changed.connect(self._base_changed)
        self.desk.model_changed.connect(self.sidebar.show_model)
        presenter = self.conversation.presenter
        presenter.title_changed.connect(self._title_changed)
        self.history.opened.connect(self._open_conversation)
        self.history.deleted.connect(presenter.deleted)
        self.history.renamed.connect(presenter.renamed)
        presenter.conversation_changed.connect(self.history.select)
        self.show_page(self._wanted)
        self.desk.start(**self._named)
        if self.surroundings.preferences.value.watched:
            QTimer.singleShot(WATCH_AFTER_MS, self, lambda: self._closed or self.made(Page.BASES))
        self.furnished.emit()

    def _listen(self) -> None:
        navigation = self.surroundings.navigation
        navigation.page_wanted.connect(self.show_page)
        navigation.source_wanted.connect(self._show_source)
        navigation.document_wanted.connect(self._show_document)
        navigation.source_closed.connect(self.columns.close_source)
        navigation.failure.connect(self.failures.show)
        navigation.notice.connect(self.toast.tell)
        navigation.question_wanted.connect(lambda _question: self.show_page(Page.CONVERSATION))
        self.columns.widths_changed.connect(lambda *widths: self.surroundings.preferences.change(columns=tuple(widths)))
        self.sidebar.new_wanted.connect(self.new_conversation)
        self.rail.new_wanted.connect(self.new_conversation)
        self.rail.unfold_wanted.connect(self.columns.toggle_sidebar)

    # What can be seen

    @property
    def page(self) -> Page:
        """What the middle column shows."""
        return self._wanted

    def show_page(self, page: Page) -> None:
        """Show a page; it is made when it is wanted first."""
        self._wanted = page
        self.sidebar.mark(page)
        self.columns.fold()
        if self.desk is None:
            return
        if self.columns.source_covers or page not in BESIDE_SOURCES:
            self.columns.close_source()
        widget = self.made(page)
        self.pages.setCurrentWidget(widget)
        widget.setFocus()

    def made(self, page: Page) -> QWidget:
        """Return a page, made if need be, without showing it."""
        if page not in self._made:
            assert self.desk is not None
            self._put(page, self._parts.page(page, self.surroundings, self.desk))
            if page is Page.SETTINGS:
                self._heed_passphrases(self._made[page])
        return self._made[page]

    def new_conversation(self) -> None:
        """Show an empty conversation."""
        if self.conversation is not None:
            self.conversation.presenter.open(None)
            self.columns.close_source()
            self.show_page(Page.CONVERSATION)
            self.conversation.focus_composer()

    def escape(self) -> bool:
        """Stop the answer; else fold what lies above; else close the source. Return whether there was anything."""
        presenter = self.conversation.presenter if self.conversation is not None else None
        if presenter is not None and presenter.busy and self._wanted is Page.CONVERSATION:
            presenter.stop()
        elif self.columns.unfolded:
            self.columns.fold()
        elif self.columns.source_open:
            self.columns.close_source()
        else:
            return False
        return True

    def _open_conversation(self, number: int) -> None:
        if self.conversation is not None:
            self.conversation.presenter.open(number)
            self.columns.close_source()
            self.show_page(Page.CONVERSATION)

    def _base_changed(self, state: BaseState) -> None:
        self.sidebar.show_base(state)

    def _title_changed(self, title: str) -> None:
        self.setWindowTitle(f"{title} — Offlite" if title else "Offlite")

    def _show_source(self, source: Source) -> None:
        self._third_column().show_source(source)
        self.columns.open_source()

    def _show_document(self, path: str) -> None:
        self._third_column().show_document(path)
        self.columns.open_source()

    def _third_column(self) -> SourcePanel:
        if self.source is None:
            self.source = self._parts.source(self.surroundings)
            self.source.closed.connect(self.columns.close_source)
            self.source.keep_with(self._base_at_hand)
            self.source.installEventFilter(self.keys)
            layout = self._third.layout()
            assert layout is not None
            layout.addWidget(self.source)
        return self.source

    def _base_at_hand(self) -> tuple[Path, str | None] | None:
        """Return the base that is open, and its passphrase: it keeps the text of documents whose files are gone."""
        base = self.desk.base.path if self.desk is not None else None
        return (base, self.desk.passphrase_of(base)) if self.desk is not None and base is not None else None

    def _heed_passphrases(self, page: QWidget) -> None:
        """Encrypt the conversations when the settings say so, and say when it is done."""
        keeper, words, navigation = self.keeper, self.surroundings.words, self.surroundings.navigation

        def done(passphrase: str | None) -> None:
            page.show_history(encrypted=passphrase is not None)  # type: ignore[attr-defined]
            key = "gui.window.history_encrypted" if passphrase is not None else "gui.window.history_decrypted"
            navigation.notice.emit(words.say(key))

        def wanted(passphrase: str | None) -> None:
            assert keeper is not None
            keeper.change_passphrase(passphrase, lambda: done(passphrase))

        page.history_passphrase_wanted.connect(wanted)  # type: ignore[attr-defined]

    def _put(self, page: Page, widget: QWidget) -> None:
        self._made[page] = widget
        self.drops.adopt(widget)
        self.pages.addWidget(widget)

    # What is dropped

    def _base_for_drops(self) -> str | None:
        if self.desk is None:
            return None
        return "" if self.desk.base.demo else self.desk.base.name

    def _taken(self, dropped: drops.Dropped) -> None:
        stays = self._wanted is Page.WELCOME  # the first run goes on with its own steps
        if dropped.models:
            if not stays:
                self.show_page(Page.MODELS)
            self.made(Page.MODELS).add_files(list(dropped.models))  # type: ignore[attr-defined]
        if dropped.documents:
            if not stays:
                self.show_page(Page.BASES)
            self.made(Page.BASES).add_paths(list(dropped.documents))  # type: ignore[attr-defined]

    # Coming and going

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """Be gone at once, then keep everything and end whatever runs."""
        if not self._closed:
            self._closed = True
            self.surroundings.preferences.change(window=geometry.of(self))
            self.hide()
            self._end()
        super().closeEvent(event)

    def _end(self) -> None:
        for page in self._made.values():
            close = getattr(getattr(page, "presenter", None), "close", None)
            if close is not None:
                close()
        if self.keeper is not None:
            self.keeper.close(seconds=SECONDS_TO_END)
        if self.source is not None:
            self.source.end()
        Job.end_all(seconds=SECONDS_TO_END)
        if self.desk is not None:
            self.desk.close(seconds=SECONDS_TO_END)
        self.surroundings.preferences.close()

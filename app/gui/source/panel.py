"""The source panel: a document at the place that an answer cites. Everything it knows, the presenter told it.

Until the document is open, and where it cannot be opened, the passage that the base keeps is shown.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication, QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QProgressBar, QStackedLayout, QVBoxLayout, QWidget

from app.exchange import Source
from app.gui.source.bars import Foot, Header, PageBar, QuoteStrip
from app.gui.source.grid_view import GridView
from app.gui.source.page_view import PageView
from app.gui.source.presenter import SourcePresenter
from app.gui.source.subject import Kind, Showing, quoted, warning
from app.gui.source.text_view import TextView
from app.gui.surroundings import Surroundings
from app.gui.theme.palette import L, M, S
from app.gui.widgets.announcement import announce
from app.gui.widgets.empty_state import EmptyState
from app.gui.widgets.notice import Notice
from kb.preview.facts import Excerpt, Grid, PageImage
from kb.preview.quotation import locate
from kb.store.pathtext import to_text

PATIENCE_MS = 180
"""Most documents open sooner; until then what was there stays, and nothing flickers."""

REST_MS = 30_000
"""After the panel was closed, its process is kept: the next citation is often clicked soon."""


class SourcePanel(QWidget):
    """``show_source``, ``show_document``; ``closed`` when the user is done with it. ``end`` before the window goes."""

    closed = Signal()

    def __init__(
        self, surroundings: Surroundings, parent: QWidget | None = None, *, presenter: SourcePresenter | None = None
    ) -> None:
        super().__init__(parent)
        self._surroundings = surroundings
        self._words = surroundings.words
        self.presenter = presenter or SourcePresenter(parent=self)
        self._shown = Showing()
        self.setProperty("role", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._words.bind(self, "setAccessibleName", "gui.source.name")
        self.header = Header(surroundings)
        self.notice = Notice(surroundings)
        self.bar = PageBar(surroundings)
        self.quote = QuoteStrip(surroundings)
        self.text = TextView(surroundings)
        self.page = PageView(surroundings)
        self.grid = GridView(surroundings)
        self.plain = TextView(surroundings)
        self.empty = EmptyState(surroundings, "file", "gui.source.empty", "gui.source.empty_text")
        self.waiting = QWidget()
        self.progress = QProgressBar(textVisible=False)
        self.progress.setRange(0, 0)
        self.progress.hide()
        self.foot = Foot(surroundings)
        self._words.bind(self.progress, "setAccessibleName", "gui.source.opening_alone")
        self._words.bind(self.text, "setAccessibleName", "gui.source.text_name")
        self._words.bind(self.plain, "setAccessibleName", "gui.source.stored_name")
        self._patience = QTimer(self, singleShot=True, interval=PATIENCE_MS)
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._arrange()
        self._connect()
        self._render()

    def show_source(self, source: Source) -> None:
        """Open the document at the place of a citation."""
        self._rest.stop()
        self.presenter.show_source(source)

    def show_document(self, document: str) -> None:
        """Open a document, named as the base names it, from its beginning."""
        self._rest.stop()
        self.presenter.show_document(document)

    def keep_with(self, base: Callable[[], tuple[Path, str | None] | None]) -> None:
        """Ask ``base`` which base (its file, its passphrase) has the text of documents whose files are gone."""
        self.presenter.base = base

    def end(self) -> bool:
        """Stop everything for good and return whether that was done in time. Blocks."""
        return self.presenter.close()

    def _arrange(self) -> None:
        self._paper = QFrame()
        self._paper.setProperty("role", "paper")
        self._stack = QStackedLayout(self._paper)
        self._stack.setContentsMargins(1, 1, 1, 1)
        for one in (self.empty, self.waiting, self.text, self.page, self.grid, self.plain):
            self._stack.addWidget(one)
        column = QVBoxLayout(self)
        column.setContentsMargins(L, L, L, L)
        column.setSpacing(S)
        for one in (self.header, self.notice, self.bar, self.quote, self.progress):
            column.addWidget(one)
        column.addWidget(self._paper, 1)
        column.addSpacing(M - S)
        column.addWidget(self.foot)

    def _connect(self) -> None:
        self.presenter.changed.connect(self._changed)
        self.presenter.busy_changed.connect(self._busy)
        self.presenter.outside.connect(self._open_outside)
        self.header.closed.connect(self._close)
        self.bar.turned.connect(self.presenter.turn)
        self.bar.zoomed.connect(self.page.zoom_by)
        self.bar.text_wanted.connect(self._render)
        self.page.width_wanted.connect(self.presenter.resize_page)
        self.page.turn_wanted.connect(self.presenter.turn)
        self.text.more_wanted.connect(self.presenter.more)
        self.grid.more_wanted.connect(self.presenter.more)
        self.foot.open_outside.clicked.connect(self.presenter.ask_outside)
        self.foot.copy_quote.clicked.connect(self._copy)
        self._patience.timeout.connect(self._impatient)
        self._rest.timeout.connect(self.presenter.rest)
        self._words.changed.connect(self._render)
        self._surroundings.theme.changed.connect(self.foot.fit)

    # What the presenter tells

    def _changed(self, showing: Showing) -> None:
        opened = showing.serial != self._shown.serial
        if opened:
            self.bar.as_text.setChecked(False)
        if showing.kind is Kind.OPENING:
            # The body waits a moment for the document; only what stands above it is of the new one already.
            self._shown = showing
            self._describe(showing)
            if opened:
                self._patience.start()
            return
        before, self._shown = self._shown, showing
        self._patience.stop()
        self._render()
        if before.kind is Kind.OPENING:
            announce(self, f"{self.header.title.text()}. {self.header.place.text()}. {self.notice_text()}")

    def _busy(self, busy: bool) -> None:
        if busy:
            if not self._patience.isActive():
                self._patience.start()
        else:
            self._patience.stop()
            self.progress.hide()

    def _impatient(self) -> None:
        """Opening takes a while: show what is known, and that work goes on."""
        self.progress.setVisible(self.presenter.busy)
        if self._shown.kind is Kind.OPENING:
            self._render()

    def notice_text(self) -> str:
        """Return what the user should know before trusting what is shown."""
        reason = self._words.error(self._shown.error) if self._shown.error is not None else ""
        return warning(self._shown, self._words.wording, reason=reason)

    def _describe(self, showing: Showing) -> None:
        self.header.show_subject(showing)
        self.foot.setVisible(showing.subject is not None)
        self.foot.copy_quote.setVisible(showing.subject is not None and bool(showing.subject.quote))
        self.foot.open_outside.setEnabled(not showing.gone)
        self.foot.fit()

    def _render(self) -> None:
        showing = self._shown
        self._describe(showing)
        told = self.notice_text()
        if showing.kind is Kind.OPENING and showing.text:
            self.notice.tell(self._words.say("gui.source.opening"), warning=False)
        elif told:
            self.notice.tell(told, warning=not showing.scanned)
        else:
            self.notice.hide()
        self.bar.show_content(showing.content)
        above = showing.kind in (Kind.PAGE, Kind.GRID) or showing.changed
        self.quote.show_quote(showing.subject.quote if showing.subject is not None and above else "")
        self._render_body(showing)

    def _render_body(self, showing: Showing) -> None:
        content = showing.content
        match content:
            case Excerpt():
                self._turn_to(self.text, content)
            case PageImage() if self.bar.as_text.isChecked() and content.text:
                quote = showing.subject.quote if showing.subject is not None else ""
                self.plain.show_text(content.text, locate(quote, [content.text]))
                self._stack.setCurrentWidget(self.plain)
            case PageImage():
                self._turn_to(self.page, content)
            case Grid():
                self._turn_to(self.grid, content)
            case None if showing.text and showing.subject is not None:
                self.plain.show_text(showing.text, locate(showing.subject.quote, [showing.text]))
                self._stack.setCurrentWidget(self.plain)
            case _:
                self._stack.setCurrentWidget(self.empty if showing.kind is Kind.EMPTY else self.waiting)

    def _turn_to(self, view: QWidget, content: Excerpt | PageImage | Grid) -> None:
        """Show new content; the view keeps its place where it is of the document that it shows already."""
        key = (self._shown.serial, content)
        if getattr(view, "shown", None) != key:
            keep = getattr(view, "shown", (None,))[0] == self._shown.serial
            match content:
                case Excerpt():
                    self.text.show_excerpt(content, keep=keep)
                case PageImage():
                    if not keep:
                        self.page.forget()
                    self.page.show_page(content)
                case Grid():
                    self.grid.show_grid(content, keep=keep)
            view.shown = key  # type: ignore[attr-defined]
        self._stack.setCurrentWidget(view)

    # What the user does

    def _copy(self) -> None:
        subject = self._shown.subject
        if subject is not None:
            QGuiApplication.clipboard().setText(quoted(subject, self._words.wording))
            self._surroundings.navigation.notice.emit(self._words.say("gui.source.copied"))

    def _open_outside(self, path: Path, safe: bool) -> None:
        """Let the system open a document; what may be a program is only shown in its folder."""
        if safe and QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))):
            return
        facts = {"file": to_text(path.name)}
        told = self._words.say("gui.source.no_program", **facts)
        if not safe:
            told = self._words.say("gui.source.not_document", **facts)
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(path.parent))):
            told = self._words.say("gui.source.nothing_opens", path=to_text(path))
        self._surroundings.navigation.notice.emit(told)

    def _close(self) -> None:
        self.closed.emit()
        self._surroundings.navigation.source_closed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Esc closes the panel."""
        if event.key() == Qt.Key.Key_Escape:
            self._close()
        else:
            super().keyPressEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        """Nobody looks: after a while the process may go."""
        super().hideEvent(event)
        self._rest.start()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Somebody looks again."""
        super().showEvent(event)
        self._rest.stop()

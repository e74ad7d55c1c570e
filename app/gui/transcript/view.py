"""The transcript of a conversation: its exchanges, what the user does with them, and the way to the end.

While an answer grows the view stays at the end, unless the user scrolled up.
"""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from app.exchange import Exchange, Source, State
from app.gui.surroundings import Surroundings
from app.gui.theme.palette import M
from app.gui.transcript import telling
from app.gui.transcript.actions import MARKDOWN, PLAIN
from app.gui.transcript.column import column
from app.gui.transcript.estimate import estimate
from app.gui.transcript.exchange_view import ExchangeView
from app.gui.transcript.roll import Roll, RollItem
from app.gui.widgets.announcement import announce
from app.gui.widgets.buttons import IconButton
from app.gui.widgets.empty_state import EmptyState


class TranscriptView(Roll):
    """``regenerate`` and the others carry the position of the exchange that the user acts on."""

    regenerate = Signal(int)
    edit = Signal(int)
    rate = Signal(int, int)
    export = Signal(int)
    retry = Signal(int)
    document_wanted = Signal(str)
    why_opened = Signal(int)

    def __init__(self, surroundings: Surroundings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._surroundings = surroundings
        self._exchanges: list[Exchange] = []
        self._whys: set[str] = set()
        self._current: Source | None = None
        surroundings.words.bind(self, "setAccessibleName", "gui.answer.transcript")
        self.empty = EmptyState(surroundings, "chat", "gui.answer.empty", "gui.answer.empty.text")
        self.empty.setParent(self.viewport())
        self.to_end = IconButton(surroundings, "arrow-down", "gui.answer.to_end", colour="text")
        self.to_end.setProperty("role", "float")
        self.to_end.setParent(self)
        self.to_end.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.to_end.clicked.connect(self._go_to_end)
        self.to_end.hide()
        # Queued: buttons take their new words and icons first, and are measured then.
        surroundings.words.changed.connect(self._renew, Qt.ConnectionType.QueuedConnection)
        surroundings.theme.changed.connect(self._renew, Qt.ConnectionType.QueuedConnection)
        surroundings.navigation.source_wanted.connect(self._mark)
        surroundings.navigation.source_closed.connect(self._unmark)

    # What is shown

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """What is shown, oldest first."""
        return tuple(self._exchanges)

    def set_exchanges(self, exchanges: Iterable[Exchange]) -> None:
        """Show another conversation, from its end."""
        self._exchanges = list(exchanges)
        self._whys.clear()
        self._begin()

    def append(self, exchange: Exchange) -> None:
        """Show one more exchange, and the end."""
        self._exchanges.append(exchange)
        self._stack.append(self._guess(len(self._exchanges) - 1))
        self.scroll_to_end()

    def update(self, index: int | None = None, exchange: Exchange | None = None) -> None:  # type: ignore[override]
        """Show ``exchange`` at ``index`` from now on; without both, paint again as any widget does."""
        if index is None or exchange is None:
            super().update()
            return
        before, self._exchanges[index] = self._exchanges[index], exchange
        view = self.view_of(index)
        if view is None:
            self._stack.set(index, self._guess(index))
        else:
            self._tell(index, view)
        self._arrange()
        if exchange.settled and not before.settled and exchange.state is not State.STOPPED:
            announce(view or self, telling.spoken(exchange, self._surroundings.words.wording))

    def view_of(self, index: int) -> ExchangeView | None:
        """Return the widget of an exchange; None of one that is not near the view."""
        view = self.item(index)
        return view if isinstance(view, ExchangeView) else None

    # The roll of exchanges

    def _count(self) -> int:
        return len(self._exchanges)

    def _guess(self, index: int) -> int:
        theme = self._surroundings.theme
        _, wide = column(self.width(), theme)
        return estimate(self._exchanges[index], width=wide, scale=theme.scale)

    def _made(self) -> ExchangeView:
        view = ExchangeView(self._surroundings, self.viewport())
        view.edit.connect(lambda: self.edit.emit(self._index(view)))
        view.again.connect(lambda: self.regenerate.emit(self._index(view)))
        view.retry.connect(lambda: self.retry.emit(self._index(view)))
        view.export.connect(lambda: self.export.emit(self._index(view)))
        view.rate.connect(lambda rating: self.rate.emit(self._index(view), rating))
        view.why.connect(lambda on: self._open_why(view, on=on))
        view.copy.connect(lambda form: self._copy(view.exchange, form))
        view.body.copied.connect(self._copied)
        view.chosen.connect(self._surroundings.navigation.source_wanted)
        view.document_wanted.connect(self.document_wanted)
        return view

    def _tell(self, index: int, item: RollItem) -> None:
        exchange = self._exchanges[index]
        if isinstance(item, ExchangeView):
            item.tell(exchange, current=self._current, why=exchange.key in self._whys)

    def _arranged(self) -> None:
        """Show what floats over the exchanges: the way to the end, or what to do first."""
        self.empty.setVisible(not self._exchanges)
        self.empty.setGeometry(self.viewport().rect())
        bar = self.verticalScrollBar()
        size: QSize = self.to_end.sizeHint()
        self.to_end.setVisible(not self.at_end and bar.maximum() > 0)
        left = (self.width() - size.width()) // 2
        self.to_end.setGeometry(left, self.height() - size.height() - M, size.width(), size.height())
        self.to_end.raise_()

    def _renew(self) -> None:
        """Say and draw everything again: language or theme became another."""
        for index, item in self._shown.items():
            if isinstance(item, ExchangeView):
                exchange = self._exchanges[index]
                item.tell(exchange, current=self._current, why=exchange.key in self._whys, anew=True)
        for spare in self._spare:
            spare.deleteLater()
        self._spare.clear()
        for index in range(self._count()):
            if index not in self._shown:
                self._stack.set(index, self._guess(index))
        self._arrange()

    # What the user does

    def _go_to_end(self) -> None:
        """Show the end. The button hides then, and the focus must not fall back to where it came from."""
        focused = self.to_end.hasFocus()
        self.to_end.clearFocus()
        self.scroll_to_end()
        last = self.view_of(self._count() - 1)
        if focused and last is not None:
            last.stops()[-1].setFocus()

    def _index(self, view: ExchangeView) -> int:
        return next(index for index, one in self._shown.items() if one is view)

    def _open_why(self, view: ExchangeView, *, on: bool) -> None:
        index = self._index(view)
        key = self._exchanges[index].key
        (self._whys.add if on else self._whys.discard)(key)
        self._at_end = False
        self._tell(index, view)
        self._arrange()
        if on:
            self.why_opened.emit(index)

    def _copy(self, exchange: Exchange, form: str) -> None:
        from app import export  # reads Markdown with a library that nobody needs before

        wording = self._surroundings.words.wording
        if form == PLAIN:
            text = export.plain(exchange, wording)
        else:
            text = export.markdown(exchange, wording, sources=form != MARKDOWN)
        QGuiApplication.clipboard().setText(text)
        self._copied()

    def _copied(self) -> None:
        self._surroundings.navigation.notice.emit(self._surroundings.words.say("gui.answer.copied"))

    def _mark(self, source: Source | None) -> None:
        self._current = source
        for item in self._shown.values():
            if isinstance(item, ExchangeView):
                item.mark(source)

    def _unmark(self) -> None:
        self._mark(None)

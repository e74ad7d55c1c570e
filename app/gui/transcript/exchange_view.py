"""One question with its answer: bubble, heading, text, cards, doubts, actions, reasons, one below the other.

The same widget shows any exchange in any state, so that the transcript can use it again for another one.
"""

from __future__ import annotations

from html import escape

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QProgressBar, QVBoxLayout, QWidget

from app.events import Mode
from app.exchange import Exchange, Source, State
from app.gui.surroundings import Surroundings
from app.gui.theme.palette import L, M, S
from app.gui.transcript import telling
from app.gui.transcript.actions import Actions
from app.gui.transcript.body import Body
from app.gui.transcript.bubble import Bubble
from app.gui.transcript.cards import Cards, Told
from app.gui.transcript.column import column
from app.gui.transcript.link import Link
from app.gui.transcript.markdown import blocks
from app.gui.transcript.prose import BESIDE, Prose
from app.gui.transcript.roll import RollItem
from app.gui.transcript.why import Why
from app.gui.widgets.labels import plain_label

STEPS = 1000
"""Of the bar: finer than its pixels."""

BELOW = 26
"""Pixels between an exchange and the next question."""


class Panel(QFrame):
    """A warning on its tint."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("role", "warning")
        self.text = plain_label("", role="doubts", wrap=True)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        inside = QVBoxLayout(self)
        inside.setContentsMargins(L, M, L, M)
        inside.addWidget(self.text)

    def tell(self, text: str) -> None:
        """Show ``text``, or nothing at all."""
        self.text.setText(text)
        self.setVisible(bool(text))


class Nearest(QFrame):
    """What to do where the base has no answer, with documents to look into. ``chosen`` carries a path."""

    chosen = Signal(str)

    def __init__(self, surroundings: Surroundings, parent: QWidget) -> None:
        super().__init__(parent)
        self._surroundings = surroundings
        self.setProperty("role", "plain")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(L, M, L, M)
        self._column.setSpacing(S // 2)
        self.text = plain_label("", wrap=True)
        self.text.setContentsMargins(2, 0, 0, 0)  # as far in as the words of the links
        self._column.addWidget(self.text)
        self.links: list[Link] = []

    def tell(self, exchange: Exchange) -> None:
        """Show what comes nearest to the question of ``exchange``."""
        self.text.setText(telling.abstained(exchange, self._surroundings.words.wording))
        for link in self.links:
            link.hide()
            link.deleteLater()
        self.links = []
        for near in exchange.nearest:
            name = near.title.strip() or telling.file_name(near.document)
            tip = self._surroundings.words.say("gui.answer.nearest", title=name)
            link = Link(self._surroundings, name, tip=f"{tip} ({near.document})")
            link.clicked.connect(lambda _checked=False, path=near.document: self.chosen.emit(path))
            self._column.addWidget(link)
            link.show()  # a layout shows its widgets later than they are measured
            self.links.append(link)


class ExchangeView(RollItem):
    """``chosen`` carries a source to open, ``copy`` in which form, ``why`` whether the reasons are wanted."""

    edit = Signal()
    again = Signal()
    retry = Signal()
    export = Signal()
    rate = Signal(int)
    copy = Signal(str)
    why = Signal(bool)
    chosen = Signal(object)
    document_wanted = Signal(str)

    def __init__(self, surroundings: Surroundings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._surroundings = surroundings
        self._exchange = Exchange("")
        self._why: Why | None = None
        self._why_open = False
        self._current: Source | None = None
        self.bubble = Bubble(surroundings, self)
        self.heading = QLabel(self, textFormat=Qt.TextFormat.RichText, wordWrap=True)
        self.progress = QProgressBar(self, textVisible=False, maximum=STEPS)
        self.remarks = plain_label("", role="soft", wrap=True)
        self.remarks.setParent(self)
        self.warning = Panel(self)
        self.body = Body(surroundings, self)
        self.nearest = Nearest(surroundings, self)
        self.cards = Cards(surroundings, self)
        self.doubts = Panel(self)
        self.actions_row = Actions(surroundings, self)
        self._connect()

    def _connect(self) -> None:
        self.bubble.edit.connect(self.edit)
        self.body.cited.connect(self._cited)
        self.nearest.chosen.connect(self.document_wanted)
        self.cards.chosen.connect(self.chosen)
        row = self.actions_row
        row.copy.connect(self.copy)
        row.again.connect(self.again)
        row.retry.connect(self.retry)
        row.export.connect(self.export)
        row.rate.connect(self.rate)
        row.why.connect(self.why)

    @property
    def exchange(self) -> Exchange:
        """What is shown."""
        return self._exchange

    @property
    def why_panel(self) -> Why | None:
        """The reasons, where they are open."""
        return self._why if self._why_open else None

    def tell(self, exchange: Exchange, *, current: Source | None, why: bool, anew: bool = False) -> None:
        """Show ``exchange``; ``current`` is the open source, ``why`` opens the reasons, ``anew`` after a new theme."""
        wording = self._surroundings.words.wording
        other = exchange.key != self._exchange.key
        self._exchange, self._current, self._why_open = exchange, current, why
        self.setAccessibleName(wording.say("gui.answer.exchange", question=exchange.question))
        self.bubble.say(exchange.question)
        self._tell_state()
        done = exchange.state is State.DONE
        numbers = frozenset(one.number for one in exchange.sources) if done else None
        self.body.write(
            blocks(exchange.text, doubtful=telling.doubtful(exchange), sources=numbers),
            tip=self._tip,
            linked=done,
            quoted=exchange.mode is Mode.QUOTATION,
            anew=anew or other,
        )
        self.body.setVisible(bool(exchange.text))
        abstained = exchange.mode is Mode.ABSTAINED
        self.nearest.setVisible(abstained)
        if abstained:
            self.nearest.tell(exchange)
        told = tuple(self._told(one) for one in telling.cards(exchange))
        self.cards.tell(told, current=self._is_current)
        self.cards.setVisible(bool(told))
        self.doubts.tell(telling.doubts(exchange, wording))
        self.actions_row.setVisible(exchange.settled)
        self.actions_row.tell(exchange, why=why)
        self._tell_why(anew=anew)
        if exchange.settled:
            self.setAccessibleDescription(telling.spoken(exchange, wording))
        self._place()

    def mark(self, current: Source | None) -> None:
        """Draw the card of the open source as open."""
        self._current = current
        self.cards.mark(self._is_current)

    def height_for(self, width: int) -> int:
        """Return the height of everything at ``width``."""
        return self._lay(width, move=False)

    def stops(self) -> list[QWidget]:
        """Return what the tabulator reaches, in order."""
        parts: list[QWidget] = []
        for part in self.body.parts:
            parts += [part] if isinstance(part, Prose) else [part.copy, part.code]
        why = self._why.findChildren(QWidget) if self._why is not None else []
        every = [self.bubble.button, *parts, *self.nearest.links, *self.cards.cards, *self.actions_row.buttons(), *why]
        return [one for one in every if one.focusPolicy() & Qt.FocusPolicy.TabFocus and one.isVisibleTo(self)]

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Put everything in its place."""
        super().resizeEvent(event)
        self._place()

    def _tell_state(self) -> None:
        wording = self._surroundings.words.wording
        head = telling.heading(self._exchange, wording)
        soft = self._surroundings.theme.palette.soft
        colour = self._surroundings.theme.palette.text
        behind = f'<span style="color:{soft}"> · {escape(head.soft)}</span>' if head.soft else ""
        self.heading.setText(f'<span style="color:{colour};font-weight:600">{escape(head.strong)}</span>{behind}')
        self.heading.setAccessibleName(f"{head.strong}. {head.soft}")
        self.progress.setVisible(head.share is not None)
        self.progress.setValue(round((head.share or 0) * STEPS))
        self.progress.setAccessibleName(wording.say("gui.answer.progress"))
        remarks = telling.remarks(self._exchange, wording)
        self.remarks.setText(remarks)
        self.remarks.setVisible(bool(remarks))
        self.warning.tell(telling.warning(self._exchange, wording))

    def _tell_why(self, *, anew: bool) -> None:
        if not self._why_open:
            if self._why is not None:
                self._why.hide()
            return
        if self._why is None:
            self._why = Why(self._surroundings, self)
            self._why.chosen.connect(self.chosen)
        self._why.tell(self._exchange, anew=anew)
        self._why.show()

    def _told(self, source: Source) -> Told:
        wording = self._surroundings.words.wording
        number = source.number if telling.numbered(self._exchange) else 0
        title, line, quote = telling.title(source), telling.line(source, wording), telling.quote(source, wording)
        if number:
            spoken = wording.say("gui.answer.card", number=number, title=title, line=line, quote=quote)
        else:
            spoken = wording.say("gui.answer.card_found", title=title, line=line, quote=quote)
        return Told(source, number, title, line, quote, spoken)

    def _tip(self, number: int) -> str:
        wording = self._surroundings.words.wording
        source = next((one for one in self._exchange.sources if one.number == number), None)
        if source is None:
            return ""
        line = telling.line(source, wording)
        return wording.say("gui.answer.source_tip", number=number, title=telling.title(source), line=line)

    def _cited(self, number: int) -> None:
        source = next((one for one in self._exchange.sources if one.number == number), None)
        if source is not None:
            self.chosen.emit(source)

    def _is_current(self, source: Source) -> bool:
        return source == self._current

    def _place(self) -> None:
        self._lay(self.width(), move=True)

    def _lay(self, width: int, *, move: bool) -> int:
        left, wide = column(width, self._surroundings.theme)
        top = 0
        rows: list[tuple[QWidget | None, int]] = [
            (self.bubble, 0),
            (self.heading, 14),
            (self.progress, S),
            (self.remarks, S),
            (self.warning, M),
            (self.body, M),
            (self.nearest, M),
            (self.cards, L),
            (self.doubts, L),
            (self.actions_row, S),
            (self._why, M),
        ]
        # Words stand in line with the column, not the room that their buttons keep round them.
        outset = (self.body,) if self._exchange.state is State.FAILED else (self.body, self.actions_row)
        for widget, gap in rows:
            if widget is None or widget.isHidden():
                continue
            beside = BESIDE if widget in outset else 0
            high = _height(widget, wide + beside)
            top += self._surroundings.theme.px(gap) if top else 0
            if move:
                widget.setGeometry(left - beside, top, wide + beside, high)
            top += high
        return top + BELOW


def _height(widget: QWidget, width: int) -> int:
    layout = widget.layout()
    if layout is not None and layout.hasHeightForWidth():
        return layout.totalHeightForWidth(width)
    if widget.hasHeightForWidth():
        return widget.heightForWidth(width)
    return widget.sizeHint().height()

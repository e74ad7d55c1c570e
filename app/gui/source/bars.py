"""What stands above and below a document: what it is, its pages, what can be done with it."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from app.gui.source.subject import Showing, described
from app.gui.surroundings import Surroundings
from app.gui.theme.palette import M, S
from app.gui.widgets.buttons import IconButton, button
from app.gui.widgets.labels import ElidedLabel, plain_label
from kb.preview.facts import Grid, PageImage

LONGEST_QUOTE = 240
"""Characters above a page; the whole of it is marked below."""


class Header(QWidget):
    """Number, title, the place in words, and the way out."""

    closed = Signal()

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__()
        self._words = surroundings.words
        self.number = plain_label("", role="number")
        self.title = plain_label("", role="strong", wrap=True)
        self.place = plain_label("", role="soft", wrap=True)
        self.close_button = IconButton(surroundings, "close", "gui.source.close")
        self.close_button.clicked.connect(self.closed)
        row = QHBoxLayout()
        row.setSpacing(S)
        row.addWidget(self.number, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.title, 1)
        row.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(S)
        column.addLayout(row)
        column.addWidget(self.place)

    def show_subject(self, showing: Showing) -> None:
        """Say what is shown."""
        subject = showing.subject
        number = subject.number if subject is not None else 0
        self.number.setVisible(bool(number))
        self.number.setText(str(number))
        self.number.setAccessibleName(self._words.say("gui.source.number", number=number))
        title = subject.title if subject is not None else ""
        if subject is not None and not number and showing.content is not None:
            title = getattr(showing.content, "title", "") or title  # opened by itself: the document knows its title
        self.title.setText(title or self._words.say("gui.source.name"))
        self.place.setText(described(showing, self._words.wording))
        self.place.setVisible(bool(self.place.text()))


class PageBar(QWidget):
    """Back and forth in a document that has pages or sheets; for pages also their size, and text for the picture."""

    turned = Signal(int)
    zoomed = Signal(int)
    text_wanted = Signal(bool)

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__()
        self._words = surroundings.words
        self.previous = IconButton(surroundings, "chevron-left", "gui.source.previous_page")
        self.next = IconButton(surroundings, "chevron-right", "gui.source.next_page")
        self.smaller = IconButton(surroundings, "zoom-out", "gui.source.zoom_out")
        self.larger = IconButton(surroundings, "zoom-in", "gui.source.zoom_in")
        self.as_text = IconButton(surroundings, "as-text", "gui.source.as_text")
        self.as_text.setCheckable(True)
        surroundings.words.bind(self.as_text, "setToolTip", "gui.source.as_text_hint")
        self.label = ElidedLabel(role="soft")
        self.previous.clicked.connect(lambda: self.turned.emit(-1))
        self.next.clicked.connect(lambda: self.turned.emit(1))
        self.smaller.clicked.connect(lambda: self.zoomed.emit(-1))
        self.larger.clicked.connect(lambda: self.zoomed.emit(1))
        self.as_text.toggled.connect(self.text_wanted)
        self.as_text.toggled.connect(self._grey)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.previous)
        row.addWidget(self.label)
        row.addWidget(self.next)
        row.addStretch()
        for one in (self.smaller, self.larger, self.as_text):
            row.addWidget(one)

    def show_content(self, content: object) -> None:
        """Say which page or sheet it is; hide where there is only one to see."""
        if isinstance(content, PageImage):
            at, count = content.page, content.pages
            self.label.setText(self._words.say("gui.source.page", page=at, pages=count))
            self._say("page")
        elif isinstance(content, Grid) and len(content.sheets) > 1 and content.sheet in content.sheets:
            at, count = content.sheets.index(content.sheet) + 1, len(content.sheets)
            self.label.setText(self._words.say("gui.source.sheet", sheet=content.sheet, number=at, count=count))
            self._say("sheet")
        else:
            self.hide()
            return
        paged = isinstance(content, PageImage)
        self.previous.setEnabled(at > 1)
        self.next.setEnabled(at < count)
        for one in (self.smaller, self.larger, self.as_text):
            one.setVisible(paged)
        self.as_text.setEnabled(isinstance(content, PageImage) and bool(content.text))
        self.show()

    def _grey(self, as_text: bool) -> None:
        self.smaller.setEnabled(not as_text)
        self.larger.setEnabled(not as_text)

    def _say(self, what: str) -> None:
        keys = {
            "page": ("gui.source.previous_page", "gui.source.next_page"),
            "sheet": ("gui.source.previous_sheet", "gui.source.next_sheet"),
        }[what]
        for one, key in zip((self.previous, self.next), keys, strict=True):
            one.setToolTip(self._words.say(key))
            one.setAccessibleName(self._words.say(key))


class QuoteStrip(QFrame):
    """What is quoted, in letters that can be read whatever the size of the page below."""

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__()
        self._words = surroundings.words
        self.setProperty("role", "quote")
        self.text = plain_label("", wrap=True)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        row = QHBoxLayout(self)
        row.setContentsMargins(M, S, M, S)
        row.addWidget(self.text)

    def show_quote(self, quote: str) -> None:
        """Show a quotation; hide where there is none."""
        if len(quote) > LONGEST_QUOTE:
            quote = quote[:LONGEST_QUOTE].rsplit(" ", 1)[0] + "…"
        self.text.setText(self._words.say("gui.source.quote", quote=quote))
        self.setVisible(bool(quote))


class Foot(QWidget):
    """What can be done with a document: side by side where there is room, else one below the other."""

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__()
        self.open_outside: QPushButton = button(surroundings, "gui.source.open_outside")
        self.copy_quote: QPushButton = button(surroundings, "gui.source.copy_quote")
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(S)
        for one in (self.open_outside, self.copy_quote):
            one.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
            self._row.addWidget(one, one.sizeHint().width())

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Be as narrow as the wider button: they find room below each other."""
        hint = super().minimumSizeHint()
        return QSize(max(one.minimumSizeHint().width() for one in self._buttons), hint.height())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Turn over where the room is too small for both."""
        super().resizeEvent(event)
        self.fit()

    def fit(self) -> None:
        """Choose the direction that the width of now has room for."""
        shown = [one for one in self._buttons if not one.isHidden()]
        needed = sum(one.sizeHint().width() for one in shown) + self._row.spacing() * (len(shown) - 1)
        across = QBoxLayout.Direction.LeftToRight
        self._row.setDirection(across if needed <= self.width() else QBoxLayout.Direction.TopToBottom)

    @property
    def _buttons(self) -> tuple[QPushButton, QPushButton]:
        return self.open_outside, self.copy_quote

"""Saving a conversation to a file: the dialog that asks where, and the writing, which happens elsewhere.

A file is written beside and moved into place, so that one that is there is replaced by a whole one or not at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from PySide6.QtCore import QMarginsF, QObject, QRectF, QSizeF, QStandardPaths, Qt, Signal
from PySide6.QtGui import (
    QFont,
    QPageLayout,
    QPageSize,
    QPainter,
    QPdfWriter,
    QTextBlockFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
)
from PySide6.QtWidgets import QFileDialog, QWidget

from app.exchange import Exchange
from app.export import Conversation, Format, exported, file_name
from app.gui.job import Job, Stop
from app.gui.surroundings import Surroundings
from app.wording import Wording

FORMATS = {
    Format.MARKDOWN: "gui.history.export_markdown",
    Format.HTML: "gui.history.export_html",
    Format.PDF: "gui.history.export_pdf",
    Format.JSON: "gui.history.export_json",
    Format.TEXT: "gui.history.export_text",
}
"""Form of a file -> how it is called; in the order of menus."""

MARGIN_MM = 18.0
FOOT_MM = 10.0
"""Of the sheet, for its number."""

DOTS_PER_INCH = 300
"""Of the page that Qt lays out in; letters stay curves."""


class Exporting(QObject):
    """``done`` carries the path of a file that was written, ``failed`` the exception."""

    done = Signal(object)
    failed = Signal(object)

    def __init__(self, surroundings: Surroundings, parent: QWidget) -> None:
        super().__init__(parent)
        self._surroundings = surroundings
        self._parent = parent
        self._folder = ""

    def ask(self, conversation: Conversation, form: Format = Format.MARKDOWN) -> QFileDialog:
        """Ask where to; the form follows from the ending of the name, ``form`` is offered first."""
        say = self._surroundings.words.say
        dialog = QFileDialog(self._parent.window(), say("gui.history.export_title"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setFileMode(QFileDialog.FileMode.AnyFile)
        filters = {one: f"{say(key)} (*.{one.value})" for one, key in FORMATS.items()}
        dialog.setNameFilters(list(filters.values()))
        dialog.selectNameFilter(filters[form])
        dialog.setDefaultSuffix(form.value)
        by_filter = {name: one for one, name in filters.items()}
        dialog.filterSelected.connect(lambda name: dialog.setDefaultSuffix(by_filter[name].value))
        dialog.setDirectory(self._folder or _documents())
        dialog.selectFile(file_name(conversation.title, form, otherwise=say("gui.history.export_file")))
        dialog.fileSelected.connect(lambda path: self.write(conversation, Path(path)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        return dialog

    def write(self, conversation: Conversation, path: Path) -> Job:
        """Write the file; what its name ends with says in which form, Markdown where it says nothing."""
        self._folder = str(path.parent)
        wording = self._surroundings.words.wording
        form = next((one for one in Format if path.suffix.lower() == f".{one.value}"), Format.MARKDOWN)

        def work(_stop: Stop) -> Iterator[Path]:
            yield save(conversation, path, form, wording)

        job = Job(work)
        job.produced.connect(self._written)
        job.failed.connect(self._not_written)
        return job.start()

    def _written(self, path: Path) -> None:
        navigation, say = self._surroundings.navigation, self._surroundings.words.say
        navigation.notice.emit(say("gui.history.exported", name=path.name, folder=str(path.parent)))
        self.done.emit(path)

    def _not_written(self, error: BaseException) -> None:
        self._surroundings.navigation.failure.emit(error, "gui.history.export_failed")
        self.failed.emit(error)


def save(conversation: Conversation, path: Path, form: Format, wording: Wording) -> Path:
    """Write a conversation to ``path`` and return it."""
    part = path.with_name(f"{path.name}.part")
    try:
        text = exported(conversation, form, wording)
        if form is Format.PDF:
            _print(text, conversation.title, part)
        else:
            part.write_text(text, "utf-8")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return path


def _print(page: str, title: str, path: Path) -> None:
    path.touch()  # QPdfWriter says nothing of a file that it cannot write
    writer = QPdfWriter(str(path))
    writer.setTitle(title)
    writer.setCreator("Offlite")
    writer.setResolution(DOTS_PER_INCH)
    margins = QMarginsF(MARGIN_MM, MARGIN_MM, MARGIN_MM, MARGIN_MM)
    writer.setPageLayout(
        QPageLayout(
            QPageSize(QPageSize.PageSizeId.A4), QPageLayout.Orientation.Portrait, margins, QPageLayout.Unit.Millimeter
        )
    )
    _paint(page, writer)
    del writer  # it writes the end of the file when it goes
    if not path.read_bytes().rstrip().endswith(b"%%EOF"):
        raise OSError(None, "No space left on device")


def _paint(page: str, writer: QPdfWriter) -> None:
    """Lay the page out on sheets, the number of each at its foot where there is more than one."""
    document = _Page()
    document.setDefaultFont(QFont("sans-serif", 11))
    document.documentLayout().setPaintDevice(writer)
    width, height = writer.width(), writer.height()
    foot = writer.logicalDpiY() * FOOT_MM / 25.4
    document.setDocumentMargin(0)
    document.setHtml(page)
    document.setPageSize(QSizeF(width, height - foot))
    _keep_headings(document, height - foot)
    painter = QPainter(writer)
    sheets = document.pageCount()
    for sheet in range(sheets):
        if sheet:
            writer.newPage()
        painter.save()
        painter.translate(0, -sheet * (height - foot))
        document.drawContents(painter, QRectF(0, sheet * (height - foot), width, height - foot))
        painter.restore()
        if sheets > 1:
            painter.setFont(QFont("sans-serif", 9))
            below = QRectF(0, height - foot, width, foot)
            painter.drawText(
                below, Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignHCenter, f"{sheet + 1} / {sheets}"
            )
    painter.end()


def _keep_headings(document: QTextDocument, height: float) -> None:
    """Begin a new sheet before a heading that would stand alone at the foot of one."""
    layout = document.documentLayout()
    block = document.begin()
    while block.isValid():
        after = block.next()
        if block.blockFormat().headingLevel() and after.isValid():
            top, bottom = layout.blockBoundingRect(block).top(), layout.blockBoundingRect(after.next()).top()
            if int(top // height) != int(bottom // height):
                form = QTextBlockFormat(block.blockFormat())
                form.setPageBreakPolicy(QTextFormat.PageBreakFlag.PageBreak_AlwaysBefore)
                QTextCursor(block).setBlockFormat(form)
        block = after


class _Page(QTextDocument):
    """Fetches nothing: whatever an answer may refer to stays where it is."""

    def loadResource(self, kind: int, name: object) -> object:  # noqa: N802, ARG002
        """Return nothing."""
        return None


def _documents() -> str:
    return QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)


def export_conversation(
    surroundings: Surroundings,
    title: str,
    exchanges: Sequence[Exchange],
    form: Format,
    *,
    base: str = "",
    parent: QWidget,
) -> QFileDialog:
    """Ask where to and write there, for a view that keeps nothing for it."""
    return Exporting(surroundings, parent).ask(Conversation(title, tuple(exchanges), base), form)

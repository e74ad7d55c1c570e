"""What is dropped on the window: documents go to the base, GGUF files and folders of checkpoints to the models.

``sorted_out`` looks at the disk and runs as a job; ``DropArea`` is what is seen while something is dragged; ``Drops``
takes it wherever in the window it is let go.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QObject, Qt, Signal
from PySide6.QtGui import QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import (
    QAbstractScrollArea,
    QFrame,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
    QVBoxLayout,
    QWidget,
)

from app.gui.job import Job, once
from app.gui.surroundings import Surroundings
from app.gui.theme.icons import pixmap
from app.gui.theme.palette import XL, M
from app.gui.widgets.labels import plain_label

MODEL_SUFFIX = ".gguf"


@dataclass(frozen=True, slots=True)
class Dropped:
    """What lies in a drop: for the base, and for the models (files and folders to be converted)."""

    documents: tuple[Path, ...] = ()
    models: tuple[Path, ...] = ()


def files_of(data: QMimeData) -> list[Path]:
    """Return the local files and folders that are dragged."""
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]


def sorted_out(paths: Iterable[Path]) -> Dropped:
    """Return which of ``paths`` is what. Looks into folders, not into files."""
    from app.gui.models import given

    found = given.sorted_out(path for path in paths if path.exists())
    return Dropped(found.others, (*found.files, *found.folders))


class DropArea(QFrame):
    """Lies above the whole window while files are held over it, and says what will become of them."""

    def __init__(self, surroundings: Surroundings, host: QWidget) -> None:
        super().__init__(host)
        self._surroundings = surroundings
        self.setProperty("role", "drop-area")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._drawing = QLabel(alignment=Qt.AlignmentFlag.AlignHCenter)
        self._text = plain_label("", role="drop", wrap=True)
        self._text.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        column = QVBoxLayout(self)
        column.setSpacing(M)
        column.addStretch()
        column.addWidget(self._drawing)
        column.addWidget(self._text)
        column.addStretch()
        self.hide()

    @property
    def text(self) -> str:
        """What will become of it."""
        return self._text.text()

    def offer(self, paths: list[Path], *, base: str) -> None:
        """Say what a drop would do."""
        words, theme = self._surroundings.words, self._surroundings.theme
        models = all(path.suffix.lower() == MODEL_SUFFIX for path in paths)
        key = "gui.window.drop_models" if models else "gui.window.drop_documents"
        self._text.setText(words.say(key, base=base) if base or models else words.say("gui.window.drop_anywhere"))
        self._drawing.setPixmap(pixmap("chip" if models else "download", theme.palette.accent, theme.px(48)))
        host = self.parentWidget()
        assert host is not None
        self.setGeometry(host.rect().adjusted(XL, XL, -XL, -XL))
        self.show()
        self.raise_()


class Drops(QObject):
    """Watches ``window`` for what is dragged over it. ``base_name`` says where documents would go; None: not yet.

    ``sorted`` carries a ``Dropped``, of what came by mouse as well as through ``navigation.dropped``.
    """

    sorted = Signal(object)

    def __init__(self, surroundings: Surroundings, window: QWidget, base_name: Callable[[], str | None]) -> None:
        super().__init__(window)
        self._surroundings = surroundings
        self._base_name = base_name
        self._dragged: list[Path] = []
        self.area = DropArea(surroundings, window)
        window.setAcceptDrops(True)
        window.installEventFilter(self)
        surroundings.navigation.dropped.connect(self._sort)

    def adopt(self, view: QWidget) -> None:
        """Take files from the text fields of a view, which would write the path of a file into themselves."""
        for kind in (QLineEdit, QPlainTextEdit, QTextEdit):
            for field in view.findChildren(kind):
                field.installEventFilter(self)
                if isinstance(field, QAbstractScrollArea):
                    field.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Take what is dragged."""
        match event.type():
            case QEvent.Type.DragEnter if isinstance(event, QDragMoveEvent):
                return self._entered(event)
            case QEvent.Type.DragMove if isinstance(event, QDragMoveEvent) and self._dragged:
                event.acceptProposedAction()
                return True
            case QEvent.Type.DragLeave if self._dragged:
                self._forget()
            case QEvent.Type.Drop if isinstance(event, QDropEvent) and self._dragged:
                paths = files_of(event.mimeData())
                event.acceptProposedAction()
                self._forget()
                self._surroundings.navigation.dropped.emit(paths)
                return True
        return super().eventFilter(watched, event)

    def _entered(self, event: QDragMoveEvent) -> bool:
        self._dragged = files_of(event.mimeData())
        base = self._base_name()
        if not self._dragged or base is None:
            self._dragged = []
            return False
        self.area.offer(self._dragged, base=base)
        event.acceptProposedAction()
        return True

    def _forget(self) -> None:
        self._dragged = []
        self.area.hide()

    def _sort(self, paths: list[Path]) -> None:
        job = Job(once(lambda: sorted_out(paths)))
        job.produced.connect(self.sorted)
        job.failed.connect(lambda error: self._surroundings.navigation.failure.emit(error, "gui.window.drop_failed"))
        job.start()

"""What was dropped on the window: documents go to the base, GGUF files and folders of checkpoints to the models.

``sorted_out`` looks at the disk and runs as a job; ``DropArea`` is what is seen while something is dragged.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QMimeData, Qt
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

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

"""What the page of models asks before it acts: to use the network, to download, to convert, to remove. Certificates."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QDialog, QFileDialog, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from app.gui.models import telling
from app.gui.models.errands import Looked
from app.gui.models.shelf import Installed, Shelf
from app.gui.surroundings import Surroundings
from app.gui.theme.palette import XL, L, M, S
from app.gui.widgets.buttons import button
from app.gui.widgets.confirmation import Confirmation
from app.gui.widgets.labels import label, plain_label
from app.gui.words import Words
from models.catalog import Entry
from models.installed import InstalledModel
from models.sizes import FILE_TYPES

if TYPE_CHECKING:
    from app.pulling import Wanted
    from models.hub import Hub

UNQUANTIZED = "BF16"
"""What a checkpoint's weights are: its download is about as large."""

CERTIFICATE_WIDTH = 560
"""Pixels at 100 %: a checksum of 64 characters nearly fits into one line."""


class ConnectDialog(Confirmation):
    """Asks whether to use the network: names host, repository and size. Nothing is connected before a yes."""

    agreed = Signal(object, object)  # Wanted, Hub

    def __init__(self, surroundings: Surroundings, shelf: Shelf, entry: Entry, hub: Hub, parent: QWidget) -> None:
        from app import pulling

        words = surroundings.words
        super().__init__(
            surroundings,
            title=words.say("gui.models.connect.title"),
            text=words.say("gui.models.connect.text", name=entry.name),
            yes="gui.models.connect.yes",
            danger=False,
            parent=parent,
        )
        self._words = words
        self._entry = entry
        self._hub = hub
        self.type = QComboBox()
        self.lines = plain_label("", wrap=True)
        context = surroundings.preferences.value.context
        found = shelf.fit(entry, context=context)
        for kind in _offered_types(entry, shelf.types(entry)):
            self.type.addItem(kind, kind)
        usual = found.file_type if found is not None else pulling.DEFAULT_TYPE
        self.type.setCurrentIndex(max(0, self.type.findData(usual)))
        self.type.currentIndexChanged.connect(self._show)
        self.content.addLayout(_named(words, "gui.models.try.type", self.type))
        self.content.addWidget(self.lines)
        self.accepted.connect(lambda: self.agreed.emit(self.wanted, self._hub))
        self._show()

    @property
    def wanted(self) -> Wanted:
        """What would be downloaded, in the quantization that is chosen."""
        from app import pulling

        return pulling.choose(self._entry, type=self.type.currentData())

    def _show(self) -> None:
        wanted = self.wanted
        download = self._entry.size(UNQUANTIZED) if wanted.converts else wanted.size
        lines = telling.connection(self._words.wording, wanted, endpoint=self._hub.endpoint, download=download)
        self.lines.setText("\n".join(lines))
        if self.isVisible():
            self.fit_text()
        self.setAccessibleDescription(self.lines.text())


class DownloadDialog(Confirmation):
    """Says what the hub has, and asks whether to download it."""

    agreed = Signal(object)  # Looked

    def __init__(self, surroundings: Surroundings, looked: Looked, parent: QWidget) -> None:
        words = surroundings.words
        super().__init__(
            surroundings,
            title=words.say("gui.models.download.title", name=looked.pull.wanted.name),
            text="\n".join(telling.plan(words.wording, looked)),
            yes="gui.models.download.yes",
            danger=False,
            parent=parent,
        )
        self.accepted.connect(lambda: self.agreed.emit(looked))


class ConvertDialog(Confirmation):
    """Asks into which quantization a folder is to be converted, and of an adapter where its model lies."""

    agreed = Signal(object, str, object)  # folder, type, folder of the base model or None

    def __init__(self, surroundings: Surroundings, folder: Path, parent: QWidget) -> None:
        from app import model_work

        words = surroundings.words
        self._adapter = model_work.is_adapter(folder)
        super().__init__(
            surroundings,
            title=words.say("gui.models.convert.title", name=folder.name),
            text=words.say("gui.models.convert.adapter" if self._adapter else "gui.models.convert.text"),
            yes="gui.models.convert.yes",
            danger=False,
            parent=parent,
        )
        self._words = words
        self._base: Path | None = None
        self.type = QComboBox()
        for kind in model_work.ADAPTER_TYPES if self._adapter else FILE_TYPES:
            key = {"Q4_K_M": "gui.models.type.usual", "Q8_0": "gui.models.type.exact"}.get(kind)
            self.type.addItem(kind if self._adapter or key is None else words.say(key, type=kind), kind)
        self.content.addLayout(_named(words, "gui.models.try.type", self.type))
        self.base = button(surroundings, "gui.models.convert.base")
        self.base_path = plain_label("", role="soft", wrap=True)
        if self._adapter:
            self.content.addWidget(self.base)
            self.content.addWidget(self.base_path)
            self.base.clicked.connect(self._ask_for_base)
        self.accepted.connect(lambda: self.agreed.emit(folder, self.type.currentData(), self._base))

    def set_base(self, folder: str) -> None:
        """Take ``folder`` as that of the adapter's model."""
        self._base = Path(folder)
        self.base_path.setText(folder)

    def _ask_for_base(self) -> None:
        dialog = folder_dialog(self._words, "gui.models.convert.base", self)
        dialog.fileSelected.connect(self.set_base)
        dialog.open()


class RemoveDialog(Confirmation):
    """Asks whether to remove a model, and says what becomes of its file."""

    def __init__(self, surroundings: Surroundings, model: InstalledModel, parent: QWidget) -> None:
        words = surroundings.words
        key = "gui.models.remove.linked" if model.linked else "gui.models.remove.text"
        super().__init__(
            surroundings,
            title=words.say("gui.models.remove.title", name=model.name),
            text=words.say(key, size=words.wording.size(model.size), path=str(model.path)),
            yes="gui.models.action.remove",
            parent=parent,
        )


class CertificateDialog(QDialog):
    """Shows how a model was made here: from what, into what, with which checks."""

    def __init__(self, surroundings: Surroundings, one: Installed, parent: QWidget) -> None:
        super().__init__(parent)
        assert one.certificate is not None
        words = surroundings.words
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(words.say("gui.models.certificate"))
        self.setMinimumWidth(surroundings.theme.px(CERTIFICATE_WIDTH))
        self.rows = telling.certificate(words.wording, one.model, one.certificate)
        grid = QGridLayout()
        grid.setHorizontalSpacing(M)
        grid.setVerticalSpacing(S)
        grid.setColumnStretch(1, 1)
        for at, (name, value) in enumerate(self.rows):
            shown = plain_label(_breakable(value), wrap=True)
            shown.setTextInteractionFlags(
                Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
            )
            shown.setAccessibleName(f"{name}: {value}")
            grid.addWidget(plain_label(name, role="soft"), at, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(shown, at, 1)
        self.done_button = button(surroundings, "gui.models.close", role="primary")
        self.done_button.clicked.connect(self.accept)
        foot = QHBoxLayout()
        foot.addStretch()
        foot.addWidget(self.done_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(XL, XL, XL, L)
        column.setSpacing(M)
        column.addWidget(label(words, "gui.models.certificate", role="title"))
        column.addWidget(label(words, "gui.models.certificate.text", role="soft", wrap=True))
        column.addLayout(grid)
        column.addLayout(foot)
        self.done_button.setFocus()


def file_dialog(words: Words, parent: QWidget) -> QFileDialog:
    """Return the dialog in which files of models are chosen; open it with ``open``."""
    dialog = QFileDialog(parent, words.say("gui.models.add"))
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
    dialog.setNameFilters(
        [
            f"{words.say('gui.models.add.filter')} (*.gguf *.GGUF *.gguf.* *.parts.json)",
            f"{words.say('gui.models.add.all')} (*)",
        ]
    )
    return dialog


def folder_dialog(words: Words, key: str, parent: QWidget) -> QFileDialog:
    """Return the dialog in which a folder is chosen; ``key`` says what for."""
    dialog = QFileDialog(parent, words.say(key))
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly)
    return dialog


def _named(words: Words, key: str, box: QComboBox) -> QHBoxLayout:
    name = label(words, key, role="soft")
    name.setBuddy(box)
    words.bind(box, "setAccessibleName", key)
    row = QHBoxLayout()
    row.setSpacing(M)
    row.addWidget(name)
    row.addWidget(box, 1)
    return row


def _offered_types(entry: Entry, types: tuple[str, ...]) -> tuple[str, ...]:
    """Return those quantizations that can be had: as a file of the hub, or made from a checkpoint."""
    from app import pulling
    from app.errors import NotOnHub

    offered = []
    for kind in types:
        try:
            pulling.choose(entry, type=kind)
        except NotOnHub:
            continue
        offered.append(kind)
    return tuple(offered)


def _breakable(text: str) -> str:
    """Return a checksum in groups of eight, so that it can be compared and wrapped; anything else as it is."""
    if len(text) != 64 or " " in text:
        return text
    return " ".join(text[at : at + 8] for at in range(0, 64, 8))

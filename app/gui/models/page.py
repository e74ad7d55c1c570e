"""The page of models: work at the top, what this computer can run, what is installed, what there is to install.

Files that are dropped anywhere on it are taken; the window hands over those dropped elsewhere through ``add_files``.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.gui.models import dialogs, telling
from app.gui.models.computer_card import ComputerCard
from app.gui.models.how_to import HowTo
from app.gui.models.installed_card import InstalledCard
from app.gui.models.offer_row import OfferRow
from app.gui.models.presenter import NONE, ModelsPresenter
from app.gui.models.shelf import Installed, Shelf
from app.gui.models.work_card import WorkCard
from app.gui.surroundings import Surroundings
from app.gui.theme.palette import S
from app.gui.widgets.buttons import button
from app.gui.widgets.flow import Flow
from app.gui.widgets.labels import label, plain_label
from app.gui.widgets.notice import Notice
from app.gui.widgets.page import ScrollingPage

if TYPE_CHECKING:
    from app.gui.desk import Desk
    from app.gui.models.errands import Looked
    from app.gui.models.workbench import Ending
    from models.catalog import Entry
    from models.hub import Hub

OFFERS_AT_ONCE = 4
"""Rows made without a pause: 10 ms, and as long again until they are laid out and drawn."""


class ModelsPage(ScrollingPage):
    """Reads what there is whenever it is shown."""

    def __init__(self, surroundings: Surroundings, desk: Desk) -> None:
        super().__init__(surroundings)
        self._surroundings = surroundings
        self._words = surroundings.words
        self.presenter = ModelsPresenter(surroundings, desk, self)
        self.notice = Notice(surroundings, closable=True)
        self.work = WorkCard(surroundings, self.presenter)
        self.computer = ComputerCard(surroundings, self.presenter)
        self.first = HowTo(surroundings, self.presenter, first=True)
        self.carry = HowTo(surroundings, self.presenter, first=False)
        self.add = button(surroundings, "gui.models.add", role="primary", icon_name="plus")
        self.convert = button(surroundings, "gui.models.convert")
        self.without = button(surroundings, "gui.models.without")
        self.waiting = label(self._words, "gui.models.looking", role="soft")
        self.installed: list[InstalledCard] = []
        self.offers: list[OfferRow] = []
        self._to_offer: list[Entry] = []
        self._rows_before: dict[str, OfferRow] = {}
        self._timer = QTimer(self, singleShot=True, interval=0)
        self._timer.timeout.connect(self._offer)
        self._installed = QVBoxLayout()
        self._offered = QVBoxLayout()
        self._broken = plain_label("", role="trouble", wrap=True)
        self._arrange()
        self._connect()
        self.setAcceptDrops(True)
        self._words.bind(self, "setAccessibleName", "gui.models.title")

    def add_files(self, paths: list[Path]) -> None:
        """Install models, ask about checkpoints, say of anything else that it is none."""
        self.presenter.add_files(paths)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Look again what there is: a stick may have been plugged in."""
        super().showEvent(event)
        self.presenter.refresh()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        """Take files of this computer."""
        if _paths(event):
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:  # noqa: N802
        """Go on taking them."""
        if _paths(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        """Install what is dropped."""
        if paths := _paths(event):
            event.acceptProposedAction()
            self.add_files(paths)

    # Building

    def _arrange(self) -> None:
        head = Flow(label(self._words, "gui.models.title", role="title"), self.convert, self.add, lead=True)
        self.heading = QWidget()
        self.heading.setLayout(
            Flow(label(self._words, "gui.models.installed", role="section"), self.without, lead=True)
        )
        self._offers_heading = label(self._words, "gui.models.offers", role="section")
        for layout in (self._installed, self._offered):
            layout.setSpacing(S)
        self.column.addLayout(head)
        for widget in (self.notice, self.waiting, self.work, self.first, self.computer, self.heading, self._broken):
            self.column.addWidget(widget)
        self.column.addLayout(self._installed)
        self.column.addWidget(self._offers_heading)
        self.column.addLayout(self._offered)
        self.column.addWidget(self.carry)
        self.column.addStretch()
        for widget in (self.computer, self.first, self.carry, self.heading, self._broken, self._offers_heading):
            widget.hide()

    def _connect(self) -> None:
        presenter = self.presenter
        self.add.clicked.connect(self._ask_for_files)
        self.convert.clicked.connect(self._ask_for_folder)
        self.without.clicked.connect(lambda: presenter.choose(NONE))
        self.first.add_wanted.connect(self._ask_for_files)
        self.first.download_wanted.connect(self._offer_best)
        self.work.certificate_wanted.connect(self._show_certificate)
        presenter.shelf_changed.connect(self._show)
        self._words.changed.connect(self._say_broken)
        presenter.answering_changed.connect(self._follow)
        presenter.conversion_wanted.connect(self._ask_to_convert)
        presenter.connection_wanted.connect(self._ask_to_connect)
        presenter.download_wanted.connect(self._ask_to_download)
        presenter.refused.connect(lambda error: self.notice.tell(telling.error(self._words, error), warning=True))
        presenter.not_models.connect(self._tell_of_others)
        presenter.bench.ended.connect(self._tell_of_end)

    # What there is

    def _show(self) -> None:
        shelf = self.presenter.shelf
        if shelf is None:
            return
        before = {card.one.model.name: card for card in self.installed}
        self.installed = [self._card(shelf, one, before.pop(one.model.name, None)) for one in shelf.installed]
        for gone in before.values():
            gone.hide()
            gone.deleteLater()
        _in_order(self._installed, self.installed)
        self._rows_before = {row.entry.name: row for row in (*self.offers, *self._rows_before.values())}
        self._to_offer = [entry for entry in shelf.offers if not shelf.has(entry)]
        self.offers = []
        self._offer()
        none = not any(one.suffices for one in shelf.installed)
        self.waiting.hide()
        self.computer.show()
        self.first.setVisible(none)
        self.carry.setVisible(not none)
        self.heading.setVisible(bool(shelf.installed))
        self._offers_heading.setVisible(bool(self.offers or self._to_offer))
        self._broken.setVisible(bool(shelf.broken))
        self._say_broken()
        self._follow()

    def _say_broken(self) -> None:
        names = ", ".join(path.name for path in self.presenter.shelf.broken) if self.presenter.shelf else ""
        self._broken.setText(self._words.say("gui.models.broken_records", names=names))

    def _card(self, shelf: Shelf, one: Installed, card: InstalledCard | None) -> InstalledCard:
        if card is not None:  # who looks at it, or stands on it with the keyboard, goes on doing so
            card.renew(shelf, one)
            return card
        card = made = InstalledCard(self._surroundings, self.presenter, shelf, one)
        made.pressed.connect(lambda: self._try_out(made.one.model.name))
        made.asked.connect(lambda action: self._act(action, made.one))
        return card

    def _offer(self) -> None:
        """Show further models of the catalogue, a few at a time: between them the window stays awake."""
        shelf = self.presenter.shelf
        if shelf is None:
            return
        found = shelf.best(context=self.presenter.context)
        best = found[0] if found is not None else None
        made = 0
        while self._to_offer and made < OFFERS_AT_ONCE:
            entry = self._to_offer.pop(0)
            row = self._rows_before.pop(entry.name, None)
            if row is not None:
                row.renew(shelf, recommended=entry is best)
            else:
                row = self._row(shelf, entry, recommended=entry is best)
            self.offers.append(row)
            made += 1
        _in_order(self._offered, self.offers)
        if self._to_offer:
            self._timer.start()
            return
        for gone in self._rows_before.values():
            gone.hide()
            gone.deleteLater()
        self._rows_before = {}

    def _row(self, shelf: Shelf, entry: Entry, *, recommended: bool) -> OfferRow:
        row = OfferRow(self._surroundings, self.presenter, shelf, entry, recommended=recommended)
        row.pressed.connect(lambda: self._try_out(entry.name))
        row.download_wanted.connect(lambda: self.presenter.ask_to_connect(entry))
        return row

    def _follow(self) -> None:
        self.without.setVisible(bool(self.presenter.answering))

    def _try_out(self, name: str) -> None:
        self.computer.try_out(name)
        self.ensureWidgetVisible(self.computer)

    # What is asked and told

    def _act(self, action: str, one: Installed) -> None:
        name = one.model.name
        match action:
            case "measure":
                self.presenter.measure(name)
            case "verify":
                self.presenter.verify(name)
            case "certificate":
                self._show_certificate(name)
            case "copy":
                dialog = dialogs.folder_dialog(self._words, "gui.models.action.copy", self)
                dialog.fileSelected.connect(lambda folder: self.presenter.copy_out(name, Path(folder)))
                dialog.open()
            case "remove":
                question = dialogs.RemoveDialog(self._surroundings, one.model, self)
                question.accepted.connect(lambda: self.presenter.remove(name))
                question.open()

    def _ask_for_files(self) -> None:
        dialog = dialogs.file_dialog(self._words, self)
        dialog.filesSelected.connect(lambda names: self.add_files([Path(name) for name in names]))
        dialog.open()

    def _ask_for_folder(self) -> None:
        dialog = dialogs.folder_dialog(self._words, "gui.models.convert", self)
        dialog.fileSelected.connect(lambda name: self.add_files([Path(name)]))
        dialog.open()

    def _ask_to_convert(self, folder: Path) -> None:
        question = dialogs.ConvertDialog(self._surroundings, folder, self)
        question.agreed.connect(lambda source, kind, base: self.presenter.convert(source, type=kind, base=base))
        question.open()

    def _ask_to_connect(self, entry: Entry, hub: Hub) -> None:
        if self.presenter.shelf is not None:
            question = dialogs.ConnectDialog(self._surroundings, self.presenter.shelf, entry, hub, self)
            question.agreed.connect(self.presenter.look_up)
            question.open()

    def _ask_to_download(self, looked: Looked) -> None:
        question = dialogs.DownloadDialog(self._surroundings, looked, self)
        question.agreed.connect(self.presenter.pull)
        question.open()

    def _offer_best(self) -> None:
        shelf = self.presenter.shelf
        best = shelf.best(context=self.presenter.context) if shelf is not None else None
        if best is not None:
            self.presenter.ask_to_connect(best[0])

    def _show_certificate(self, name: str) -> None:
        shelf = self.presenter.shelf
        one = shelf.find(name) if shelf is not None else None
        if isinstance(one, Installed) and one.certificate is not None:
            dialogs.CertificateDialog(self._surroundings, one, self).open()

    def _tell_of_others(self, paths: tuple[Path, ...]) -> None:
        names = ", ".join(path.name for path in paths)
        self.notice.tell(self._words.say("gui.models.not_models", names=names), warning=True)

    def _tell_of_end(self, ending: Ending) -> None:
        self.notice.hide()
        if not self.isVisible() and not ending.stopped and ending.result is not None:
            self._surroundings.navigation.notice.emit(telling.ending(self._words, ending))


def _in_order(layout: QVBoxLayout, widgets: Sequence[QWidget]) -> None:
    """Let a layout hold these widgets in this order."""
    for at, widget in enumerate(widgets):
        if layout.indexOf(widget) != at:
            layout.insertWidget(at, widget)


def _paths(event: QDropEvent) -> list[Path]:
    return [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]

"""A model is pulled through the window: only after a yes that names host and size, with the badge on for so long."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from gui_accessibility import check, cut
from gui_models_material import LAPTOP, FakeDesk, dialog, ended, names, on, shown
from hub_server import Fault, HubServer
from offering_tiny import offered
from pulling_material import NAME, SHARDS, Material
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.gui.models import errands
from app.gui.models.dialogs import CertificateDialog, ConnectDialog, DownloadDialog
from app.gui.models.offer_row import OfferRow
from app.gui.models.page import ModelsPage
from app.gui.surroundings import Surroundings
from app.gui.theme.theme import Mode
from models import catalog
from models.errors import HubRefused
from models.events import Installed

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    return Material(tmp_path_factory.mktemp("material"))


@pytest.fixture(autouse=True)
def tiny(monkeypatch: pytest.MonkeyPatch, hub_server: HubServer, material: Material) -> Iterator[None]:
    """The tiny model is in the catalogue and on the hub."""
    on(monkeypatch, LAPTOP)
    with_tiny = offered()
    monkeypatch.setattr(catalog, "load", lambda *_: with_tiny)
    monkeypatch.setenv("HF_ENDPOINT", hub_server.endpoint)
    hub_server.add(NAME, material.files)
    yield


def row(page: ModelsPage) -> OfferRow:
    return next(one for one in page.offers if one.entry.name == "Tiny-it-1.0")


def asked(qtbot: QtBot, page: ModelsPage) -> ConnectDialog:
    page.ensureWidgetVisible(row(page).download)
    QTest.mouseClick(row(page).download, LEFT)
    return dialog(qtbot, page, ConnectDialog)


def network(surroundings: Surroundings) -> list[bool]:
    """Return a list that keeps how the badge was turned."""
    turned: list[bool] = []
    surroundings.navigation.network.connect(turned.append)
    return turned


def choose_smallest(question: ConnectDialog) -> None:
    question.type.setCurrentIndex(question.type.findData("Q8_0"))


def test_a_model_is_pulled_converted_and_certified_after_two_agreements(
    qtbot: QtBot, surroundings: Surroundings, hub_server: HubServer
) -> None:
    desk = FakeDesk(surroundings)
    page = shown(qtbot, surroundings, desk)
    turned = network(surroundings)
    question = asked(qtbot, page)
    choose_smallest(question)
    assert hub_server.endpoint in question.lines.text()
    assert NAME in question.lines.text()
    assert "ГБ" in question.lines.text()
    assert not hub_server.asked
    looked = ended(qtbot, page, lambda: QTest.mouseClick(question.yes, LEFT))
    assert isinstance(looked.result, errands.Looked)
    assert turned == [True, False]
    agreement = dialog(qtbot, page, DownloadDialog)
    assert not hub_server.sent(SHARDS[0])
    ending = ended(qtbot, page, lambda: QTest.mouseClick(agreement.yes, LEFT))
    assert isinstance(ending.result, Installed)
    assert turned == [True, False, True, False]
    assert names() == ["Tiny-it-1.0-Q8_0"]
    assert desk.model.name == "Tiny-it-1.0-Q8_0"
    QTest.mouseClick(page.work.certificate, LEFT)
    certificate = dialog(qtbot, page, CertificateDialog)
    assert ("Исходная модель", "Tiny-it-1.0") in certificate.rows
    QTest.mouseClick(certificate.done_button, LEFT)


def test_nothing_is_connected_without_a_yes(qtbot: QtBot, surroundings: Surroundings, hub_server: HubServer) -> None:
    page = shown(qtbot, surroundings)
    turned = network(surroundings)
    question = asked(qtbot, page)
    assert question.focusWidget() is question.no
    QTest.keyClick(question, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not page.findChildren(ConnectDialog))
    question = asked(qtbot, page)
    QTest.keyClick(question, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not page.findChildren(ConnectDialog))
    assert not hub_server.asked
    assert turned == []


def test_a_download_that_was_declined_leaves_nothing(
    qtbot: QtBot, surroundings: Surroundings, hub_server: HubServer
) -> None:
    page = shown(qtbot, surroundings)
    question = asked(qtbot, page)
    choose_smallest(question)
    ended(qtbot, page, question.accept)
    QTest.mouseClick(dialog(qtbot, page, DownloadDialog).no, LEFT)
    assert not page.work.isVisible()
    assert not any(hub_server.sent(shard) for shard in SHARDS)
    assert names() == []


def test_a_pull_is_stopped_and_goes_on(qtbot: QtBot, surroundings: Surroundings, hub_server: HubServer) -> None:
    page = shown(qtbot, surroundings)
    turned = network(surroundings)
    hub_server.fail(SHARDS[1], Fault(silent_after=1000))
    question = asked(qtbot, page)
    choose_smallest(question)
    ended(qtbot, page, question.accept)
    agreement = dialog(qtbot, page, DownloadDialog)
    agreement.accept()
    qtbot.waitUntil(hub_server.silent.is_set, timeout=20_000)
    ending = ended(qtbot, page, lambda: QTest.mouseClick(page.work.stop, LEFT))
    assert ending.stopped
    assert turned[-1] is False
    assert "сохранено" in page.work.text.text()
    assert page.work.again.text() == "Продолжить"
    hub_server.ending.set()
    hub_server.ending.clear()
    ending = ended(qtbot, page, lambda: QTest.mouseClick(page.work.again, LEFT))
    assert isinstance(ending.result, Installed)
    assert len(hub_server.sent(SHARDS[0])) == 1


def test_a_hub_that_refuses_is_told_and_the_badge_is_off(
    qtbot: QtBot, surroundings: Surroundings, hub_server: HubServer
) -> None:
    hub_server.repositories[NAME].token = "ключ"
    page = shown(qtbot, surroundings)
    turned = network(surroundings)
    question = asked(qtbot, page)
    choose_smallest(question)
    ending = ended(qtbot, page, question.accept)
    assert isinstance(ending.error, HubRefused)
    assert turned == [True, False]
    assert "HF_TOKEN" in page.work.text.text()
    assert page.work.again.isVisible()


def test_where_the_network_is_switched_off_nothing_is_even_asked(
    qtbot: QtBot, surroundings: Surroundings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    page = shown(qtbot, surroundings)
    QTest.mouseClick(row(page).download, LEFT)
    assert not page.findChildren(ConnectDialog)
    assert "HF_HUB_OFFLINE" in page.notice.text


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_the_question_has_names_and_room(qtbot: QtBot, surroundings: Surroundings, scale: float) -> None:
    surroundings.theme.use(Mode.LIGHT, scale=scale)
    page = shown(qtbot, surroundings)
    question = asked(qtbot, page)
    qtbot.waitUntil(lambda: not [*cut(question)])
    check(question, tab=False)
    question.reject()


def test_the_recommended_model_is_offered_where_there_is_none(qtbot: QtBot, surroundings: Surroundings) -> None:
    page = shown(qtbot, surroundings)
    QTest.mouseClick(page.first.download, LEFT)
    question = dialog(qtbot, page, ConnectDialog)
    assert "T-lite-it-1.0" in question.lines.text()
    assert Path(question.wanted.source.repository).name in question.lines.text()
    question.reject()

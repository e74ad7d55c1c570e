"""A checkpoint becomes a model in the window: asked, converted with progress, stopped, gone on with, certified."""

from __future__ import annotations

from pathlib import Path

import adapter_material
import checkpoint_material
import pytest
from gui_accessibility import check, cut
from gui_models_material import LAPTOP, dialog, drop, ended, names, on, shown
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from app.gui.models.dialogs import CertificateDialog, ConvertDialog
from app.gui.models.page import ModelsPage
from app.gui.surroundings import Surroundings
from converter.errors import JsonBroken
from converter.events import ConversionProgress
from models.events import Installed

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture(autouse=True)
def laptop(monkeypatch: pytest.MonkeyPatch) -> None:
    on(monkeypatch, LAPTOP)


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    return checkpoint_material.write(tmp_path / "Малютка-it", layers=1)


def asked(qtbot: QtBot, page: ModelsPage, folder: Path, kind: str) -> ConvertDialog:
    assert drop(page, folder)
    question = dialog(qtbot, page, ConvertDialog)
    question.type.setCurrentIndex(question.type.findData(kind))
    return question


def test_a_dropped_folder_is_converted_and_its_certificate_shown(
    qtbot: QtBot, surroundings: Surroundings, checkpoint: Path
) -> None:
    page = shown(qtbot, surroundings)
    told: list[str] = []
    page.presenter.bench.changed.connect(
        lambda: (
            told.append(page.work.text.text())
            if isinstance(page.presenter.bench.progress, ConversionProgress)
            else None
        )
    )
    question = asked(qtbot, page, checkpoint, "Q8_0")
    ending = ended(qtbot, page, lambda: QTest.mouseClick(question.yes, LEFT))
    assert isinstance(ending.result, Installed)
    assert names() == ["Малютка-it-Q8_0"]
    assert told
    assert (checkpoint / "model.safetensors").exists()
    QTest.mouseClick(page.work.certificate, LEFT)
    certificate = dialog(qtbot, page, CertificateDialog)
    said = dict(certificate.rows)
    assert said["Исходная модель"] == "Малютка-it"
    assert said["Сверка с llama.cpp"] == "строки весов совпали до бита"
    qtbot.waitUntil(lambda: not [*cut(certificate)])
    check(certificate, tab=False)
    QTest.keyClick(certificate, Qt.Key.Key_Escape)
    assert page.installed[0].actions_by_name["certificate"].isVisible()


def test_a_folder_is_chosen_in_the_dialog(qtbot: QtBot, surroundings: Surroundings, checkpoint: Path) -> None:
    page = shown(qtbot, surroundings)
    QTest.mouseClick(page.convert, LEFT)
    chooser = dialog(qtbot, page, QFileDialog)
    chooser.fileSelected.emit(str(checkpoint))
    chooser.close()
    question = dialog(qtbot, page, ConvertDialog)
    QTest.mouseClick(question.no, LEFT)
    assert page.presenter.bench.current is None
    assert names() == []


def test_a_conversion_is_stopped_and_goes_on(qtbot: QtBot, surroundings: Surroundings, checkpoint: Path) -> None:
    page = shown(qtbot, surroundings)
    page.presenter.bench.began.connect(lambda _: page.presenter.bench.stop())
    question = asked(qtbot, page, checkpoint, "Q8_0")
    ending = ended(qtbot, page, lambda: QTest.mouseClick(question.yes, LEFT))
    assert ending.stopped
    assert names() == []
    assert page.work.again.text() == "Продолжить"
    page.presenter.bench.began.disconnect()
    page.presenter.bench.began.connect(page.presenter._began)
    ending = ended(qtbot, page, lambda: QTest.mouseClick(page.work.again, LEFT))
    assert isinstance(ending.result, Installed)


def test_a_damaged_checkpoint_is_refused_with_a_reason(
    qtbot: QtBot, surroundings: Surroundings, checkpoint: Path
) -> None:
    (checkpoint / "config.json").write_text("{")
    page = shown(qtbot, surroundings)
    question = asked(qtbot, page, checkpoint, "Q8_0")
    ending = ended(qtbot, page, lambda: QTest.mouseClick(question.yes, LEFT))
    assert isinstance(ending.error, JsonBroken)
    assert "config.json" in page.work.text.text()
    assert page.work.title.text() == "Не получилось: Малютка-it"


def test_an_adapter_is_converted_with_the_folder_of_its_model(
    qtbot: QtBot, surroundings: Surroundings, tmp_path: Path
) -> None:
    checkpoint = checkpoint_material.write(tmp_path / "Малютка-it")
    adapter = adapter_material.adapter(tmp_path / "стиль")
    page = shown(qtbot, surroundings)
    question = asked(qtbot, page, adapter, "F16")
    assert question.type.count() == 2
    QTest.mouseClick(question.base, LEFT)
    chooser = dialog(qtbot, question, QFileDialog)
    chooser.fileSelected.emit(str(checkpoint))
    chooser.close()
    assert question.base_path.text() == str(checkpoint)
    ending = ended(qtbot, page, lambda: QTest.mouseClick(question.yes, LEFT))
    assert isinstance(ending.result, Installed)
    assert names() == ["some-7B-lora-F16"]
    assert not page.work.choose.isVisible()
    assert page.first.isVisible()

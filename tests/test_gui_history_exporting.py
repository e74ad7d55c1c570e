"""A conversation is saved where the user says, in the form that the name's ending says, wholly or not at all."""

from __future__ import annotations

import json
from pathlib import Path

import pypdfium2
import pytest
from gui_history_material import abstained, answered
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialogButtonBox, QFileDialog, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from app.export import Conversation, Format
from app.gui.history.exporting import Exporting, export_conversation
from app.gui.surroundings import Surroundings

CONVERSATION = Conversation("Сброс пароля: роутер", (answered(), abstained()), "ИТ")


@pytest.fixture
def exporting(qtbot: QtBot, surroundings: Surroundings, monkeypatch: pytest.MonkeyPatch) -> Exporting:
    monkeypatch.setattr("app.gui.history.exporting._documents", lambda: "")
    host = QWidget()
    qtbot.addWidget(host)
    host.show()
    exporting = Exporting(surroundings, host)
    exporting.host = host  # type: ignore[attr-defined]
    return exporting


def save_as(qtbot: QtBot, dialog: QFileDialog, path: Path) -> None:
    """Put a path into the dialog and press its button. (Typed, it would open the list of what completes it.)"""
    dialog.findChild(QLineEdit).setText(str(path))
    buttons = dialog.findChild(QDialogButtonBox)
    qtbot.mouseClick(buttons.button(QDialogButtonBox.StandardButton.Save), Qt.MouseButton.LeftButton)


def test_the_dialog_offers_a_name_and_what_is_chosen_is_written(
    qtbot: QtBot, exporting: Exporting, surroundings: Surroundings, tmp_path: Path
) -> None:
    notices: list[str] = []
    surroundings.navigation.notice.connect(notices.append)
    dialog = exporting.ask(CONVERSATION, Format.HTML)
    assert Path(dialog.selectedFiles()[0]).name == "Сброс пароля роутер.html"
    assert "JSON" in " ".join(dialog.nameFilters())
    with qtbot.waitSignal(exporting.done) as done:
        save_as(qtbot, dialog, tmp_path / "talk.md")
    assert done.args == [tmp_path / "talk.md"]
    text = (tmp_path / "talk.md").read_text("utf-8")
    assert text.startswith("# Сброс пароля: роутер")
    assert "talk.md" in notices[0]
    assert [one.name for one in tmp_path.iterdir()] == ["talk.md"]


def test_a_name_without_an_ending_gets_that_of_the_form(qtbot: QtBot, exporting: Exporting, tmp_path: Path) -> None:
    dialog = exporting.ask(CONVERSATION, Format.JSON)
    with qtbot.waitSignal(exporting.done):
        save_as(qtbot, dialog, tmp_path / "talk")
    value = json.loads((tmp_path / "talk.json").read_text("utf-8"))
    assert len(value["exchanges"]) == 2


def test_a_dialog_that_is_left_writes_nothing(qtbot: QtBot, exporting: Exporting, tmp_path: Path) -> None:
    dialog = exporting.ask(CONVERSATION)
    with qtbot.waitSignal(dialog.finished):
        dialog.reject()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("form", list(Format))
def test_every_form_is_written(qtbot: QtBot, exporting: Exporting, tmp_path: Path, form: Format) -> None:
    path = tmp_path / f"разговор.{form.value}"
    path.write_text("прежний")
    with qtbot.waitSignal(exporting.done, timeout=10_000):
        exporting.write(CONVERSATION, path)
    assert path.stat().st_size > 500
    assert "прежний" not in path.read_bytes().decode("utf-8", "ignore")


def test_a_pdf_has_questions_answers_sources_and_numbered_pages(
    qtbot: QtBot, exporting: Exporting, tmp_path: Path
) -> None:
    conversation = Conversation("Много вопросов", tuple(answered(f"Вопрос номер {at}?") for at in range(12)), "ИТ")
    with qtbot.waitSignal(exporting.done, timeout=20_000):
        exporting.write(conversation, tmp_path / "a.pdf")
    document = pypdfium2.PdfDocument(tmp_path / "a.pdf")
    pages = [page.get_textpage().get_text_range() for page in document]
    document.close()
    text = "\n".join(pages)
    assert len(pages) > 2
    assert f"1 / {len(pages)}" in pages[0]
    for wanted in ("Много вопросов", "Вопрос номер 11?", "Роутеры: частые вопросы", "Не подтверждено источниками"):
        assert wanted in text
    for page in pages:
        lines = [line for line in page.splitlines() if line.strip() and " / " not in line]
        assert not lines[-1].startswith("Вопрос номер")  # no heading stands alone at the foot


def test_a_file_that_cannot_be_written_is_told_and_the_old_one_stays(
    qtbot: QtBot, exporting: Exporting, surroundings: Surroundings, tmp_path: Path
) -> None:
    failures: list[tuple[object, str]] = []
    surroundings.navigation.failure.connect(lambda error, key: failures.append((error, key)))
    for form in (Format.MARKDOWN, Format.PDF):
        with qtbot.waitSignal(exporting.failed, timeout=10_000):
            exporting.write(CONVERSATION, tmp_path / "нет такой папки" / f"a.{form.value}")
    assert [key for _, key in failures] == ["gui.history.export_failed"] * 2
    assert all(isinstance(error, OSError) for error, _ in failures)


def test_a_view_may_ask_in_one_call(
    qtbot: QtBot, exporting: Exporting, surroundings: Surroundings, tmp_path: Path
) -> None:
    host = exporting.host  # type: ignore[attr-defined]
    dialog = export_conversation(surroundings, "Вопрос?", [answered()], Format.TEXT, base="ИТ", parent=host)
    with qtbot.waitSignal(surroundings.navigation.notice):
        save_as(qtbot, dialog, tmp_path / "question.txt")
    assert "Роутеры: частые вопросы" in (tmp_path / "question.txt").read_text("utf-8")

"""The transcript as a user has it: chips and cards open sources, actions reach the page, an answer grows in place."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from gui_accessibility import check
from gui_transcript_material import (
    ABSTAINED,
    ANSWERED,
    FAILED,
    MEMO,
    QUOTED,
    READING,
    RESET,
    RICH,
    STOPPED,
    WRITING,
    long_conversation,
)
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.exchange import Exchange, State
from app.gui.surroundings import Surroundings
from app.gui.theme.theme import Mode
from app.gui.transcript import view as view_module
from app.gui.transcript.code_block import CodeBlock
from app.gui.transcript.exchange_view import ExchangeView
from app.gui.transcript.prose import Prose
from app.gui.transcript.view import TranscriptView
from app.wording import Language


@pytest.fixture
def transcript(qtbot: QtBot, surroundings: Surroundings) -> TranscriptView:
    view = TranscriptView(surroundings)
    qtbot.addWidget(view)
    view.resize(702, 740)
    view.show()
    return view


def shown(transcript: TranscriptView, index: int) -> ExchangeView:
    view = transcript.view_of(index)
    assert view is not None
    return view


def prose(view: ExchangeView) -> Prose:
    return next(part for part in view.body.parts if isinstance(part, Prose) and part.chips)


def press_chip(qtbot: QtBot, text: Prose, number: int) -> None:
    place = next(text.rect_of(text.chips[number - 1])).center().toPoint()
    qtbot.mouseClick(text.viewport(), Qt.MouseButton.LeftButton, pos=place)


def wheel(view: QWidget, notches: int) -> None:
    at = QPointF(view.rect().center())
    turned = QWheelEvent(
        at,
        QPointF(view.mapToGlobal(at.toPoint())),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,  # inverted: Qt knows no name for it
    )
    QApplication.sendEvent(view, turned)


# Sources


def test_a_chip_opens_its_source_and_marks_its_card(
    qtbot: QtBot, surroundings: Surroundings, transcript: TranscriptView
) -> None:
    transcript.set_exchanges([ANSWERED])
    view = shown(transcript, 0)
    with qtbot.waitSignal(surroundings.navigation.source_wanted) as wanted:
        press_chip(qtbot, prose(view), 2)
    assert wanted.args == [MEMO]
    assert [card.current for card in view.cards.cards] == [False, True]
    surroundings.navigation.source_closed.emit()
    assert [card.current for card in view.cards.cards] == [False, False]


def test_a_card_opens_its_source_by_mouse_and_by_keyboard(
    qtbot: QtBot, surroundings: Surroundings, transcript: TranscriptView
) -> None:
    transcript.set_exchanges([ANSWERED])
    first, second = shown(transcript, 0).cards.cards
    with qtbot.waitSignal(surroundings.navigation.source_wanted) as wanted:
        qtbot.mouseClick(first, Qt.MouseButton.LeftButton)
    assert wanted.args == [RESET]
    second.setFocus()
    with qtbot.waitSignal(surroundings.navigation.source_wanted) as wanted:
        qtbot.keyClick(second, Qt.Key.Key_Space)
    assert wanted.args == [MEMO]


def test_chips_are_reached_by_the_tabulator_inside_the_text(
    qtbot: QtBot, surroundings: Surroundings, transcript: TranscriptView
) -> None:
    transcript.set_exchanges([ANSWERED])
    text = prose(shown(transcript, 0))
    shown(transcript, 0).bubble.button.setFocus()
    qtbot.keyClick(shown(transcript, 0).bubble.button, Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is text
    qtbot.keyClick(text, Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is text
    with qtbot.waitSignal(surroundings.navigation.source_wanted) as wanted:
        qtbot.keyClick(text, Qt.Key.Key_Return)
    assert wanted.args == [RESET]


def test_chips_of_an_answer_that_is_being_written_lead_nowhere_yet(
    qtbot: QtBot, surroundings: Surroundings, transcript: TranscriptView
) -> None:
    transcript.set_exchanges([replace(WRITING, text="Держите кнопку. [1]")])
    with qtbot.assertNotEmitted(surroundings.navigation.source_wanted):
        press_chip(qtbot, prose(shown(transcript, 0)), 1)
    assert all(card.told is not None and card.told.number == 0 for card in shown(transcript, 0).cards.cards)


def test_found_places_are_there_while_the_model_reads(transcript: TranscriptView) -> None:
    transcript.append(Exchange("А если кнопки Reset нет?", key="reading"))
    transcript.update(0, READING)
    view = shown(transcript, 0)
    assert "Нашёл 4\u00a0места, читаю" in view.heading.text()
    assert view.progress.isVisible()
    assert view.progress.value() == pytest.approx(667, abs=1)
    assert [card.told.title for card in view.cards.cards if card.told] == [one.title for one in READING.found]
    assert not view.actions_row.isVisible()


def test_the_nearest_documents_are_offered_where_there_is_no_answer(qtbot: QtBot, transcript: TranscriptView) -> None:
    transcript.set_exchanges([ABSTAINED])
    view = shown(transcript, 0)
    assert not view.body.isVisible()
    assert not view.actions_row.copy_button.isVisible()
    with qtbot.waitSignal(transcript.document_wanted) as wanted:
        qtbot.mouseClick(view.nearest.links[0], Qt.MouseButton.LeftButton)
    assert wanted.args == ["/дом/документы/benefits.docx"]


def test_doubts_are_marked_in_the_text_and_named_under_the_cards(transcript: TranscriptView) -> None:
    transcript.set_exchanges([ANSWERED])
    view = shown(transcript, 0)
    assert "дважды" in view.doubts.text.text()
    assert view.doubts.isVisible()
    assert view.doubts.y() > view.cards.y()
    image = view.grab().toImage()
    tint = view.doubts.mapTo(view, QPoint(4, view.doubts.height() // 2))
    found = {image.pixelColor(x, y).name() for x in range(0, 702, 3) for y in range(view.body.y(), view.cards.y(), 3)}
    assert image.pixelColor(tint).name() in found


# Actions


@pytest.mark.parametrize(
    ("button", "signal"),
    [("again_button", "regenerate"), ("export_button", "export")],
)
def test_actions_carry_the_position(qtbot: QtBot, transcript: TranscriptView, button: str, signal: str) -> None:
    transcript.set_exchanges([QUOTED, ANSWERED])
    with qtbot.waitSignal(getattr(transcript, signal)) as acted:
        qtbot.mouseClick(getattr(shown(transcript, 1).actions_row, button), Qt.MouseButton.LeftButton)
    assert acted.args == [1]


def test_a_question_can_be_changed(qtbot: QtBot, transcript: TranscriptView) -> None:
    transcript.set_exchanges([QUOTED, ANSWERED])
    with qtbot.waitSignal(transcript.edit) as acted:
        qtbot.mouseClick(shown(transcript, 1).bubble.button, Qt.MouseButton.LeftButton)
    assert acted.args == [1]


def test_a_failed_question_can_be_asked_again(qtbot: QtBot, transcript: TranscriptView) -> None:
    transcript.set_exchanges([FAILED])
    row = shown(transcript, 0).actions_row
    assert shown(transcript, 0).warning.isVisible()
    assert not row.again_button.isVisible()
    with qtbot.waitSignal(transcript.retry) as acted:
        qtbot.mouseClick(row.retry_button, Qt.MouseButton.LeftButton)
    assert acted.args == [0]


def test_ratings_are_given_and_taken_back(qtbot: QtBot, transcript: TranscriptView) -> None:
    transcript.set_exchanges([ANSWERED])
    row = shown(transcript, 0).actions_row
    with qtbot.waitSignal(transcript.rate) as rated:
        qtbot.mouseClick(row.bad_button, Qt.MouseButton.LeftButton)
    assert rated.args == [0, -1]
    transcript.update(0, replace(ANSWERED, rating=-1))
    assert row.bad_button.isChecked()
    assert not row.good_button.isChecked()
    with qtbot.waitSignal(transcript.rate) as rated:
        qtbot.mouseClick(row.bad_button, Qt.MouseButton.LeftButton)
    assert rated.args == [0, 0]


def test_three_ways_to_copy(qtbot: QtBot, surroundings: Surroundings, transcript: TranscriptView) -> None:
    transcript.set_exchanges([ANSWERED])
    menu = shown(transcript, 0).actions_row.copy_button.menu()
    copied = []
    for action in menu.actions():
        with qtbot.waitSignal(surroundings.navigation.notice):
            action.trigger()
        copied.append(QGuiApplication.clipboard().text())
    plain, markdown, sources = copied
    assert "Нажмите кнопку Reset на задней" in plain
    assert "**Reset**" in markdown
    assert "router-faq.docx" not in markdown
    assert "router-faq.docx" in sources


def test_a_selection_is_copied_with_its_chips_in_brackets(qtbot: QtBot, transcript: TranscriptView) -> None:
    transcript.set_exchanges([ANSWERED])
    text = prose(shown(transcript, 0))
    text.setFocus()
    qtbot.keyClick(text, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(text, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert "питания. [1] После перезапуска" in QGuiApplication.clipboard().text()


def test_code_is_copied_to_the_letter(qtbot: QtBot, surroundings: Surroundings, transcript: TranscriptView) -> None:
    transcript.set_exchanges([RICH])
    code = next(part for part in shown(transcript, 0).body.parts if isinstance(part, CodeBlock))
    with qtbot.waitSignal(surroundings.navigation.notice):
        qtbot.mouseClick(code.copy, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text().startswith("ssh admin@192.168.0.1\ncat /etc/version |")


def test_why_opens_under_the_actions_and_leads_to_places(
    qtbot: QtBot, surroundings: Surroundings, transcript: TranscriptView
) -> None:
    transcript.set_exchanges([ANSWERED])
    view = shown(transcript, 0)
    before = view.height()
    qtbot.mouseClick(view.actions_row.why_button, Qt.MouseButton.LeftButton)
    panel = view.why_panel
    assert panel is not None
    assert panel.isVisible()
    assert view.height() > before + 200
    links = [one for one in view.stops() if panel.isAncestorOf(one) and one.accessibleName().startswith("Инвентарь")]
    with qtbot.waitSignal(surroundings.navigation.source_wanted) as wanted:
        qtbot.mouseClick(links[0], Qt.MouseButton.LeftButton)
    assert wanted.args == [ANSWERED.found[3]]
    qtbot.mouseClick(view.actions_row.why_button, Qt.MouseButton.LeftButton)
    assert view.why_panel is None
    assert view.height() == before


# An answer that grows


def test_an_answer_grows_at_the_end_and_stays_in_view(transcript: TranscriptView) -> None:
    transcript.set_exchanges(long_conversation(6))
    transcript.append(replace(WRITING, text=""))
    bar = transcript.verticalScrollBar()
    text = ""
    for word in range(300):
        text += f"слово{word} "
        transcript.update(6, replace(WRITING, text=text))
        assert bar.value() == bar.maximum()
    assert transcript.at_end


def test_who_scrolled_up_is_left_in_peace(transcript: TranscriptView) -> None:
    transcript.set_exchanges([*long_conversation(6), replace(WRITING, text="Начало.")])
    wheel(transcript.viewport(), 5)
    assert not transcript.at_end
    assert transcript.to_end.isVisible()
    value = transcript.verticalScrollBar().value()
    for words in range(0, 400, 20):
        transcript.update(6, replace(WRITING, text="слово " * words))
    assert transcript.verticalScrollBar().value() == value
    QTest.mouseClick(transcript.to_end, Qt.MouseButton.LeftButton)
    assert transcript.at_end
    assert not transcript.to_end.isVisible()


def test_the_way_to_the_end_by_keyboard(qtbot: QtBot, transcript: TranscriptView) -> None:
    transcript.set_exchanges(long_conversation(30))
    transcript.activateWindow()
    transcript.scroll_to(3)
    transcript.to_end.setFocus()
    qtbot.keyClick(transcript.to_end, Qt.Key.Key_Space)
    assert transcript.at_end
    focus = QApplication.focusWidget()
    assert focus is not None
    assert shown(transcript, 29).isAncestorOf(focus)


def test_what_is_selected_stays_selected_while_the_answer_grows(qtbot: QtBot, transcript: TranscriptView) -> None:
    transcript.append(replace(WRITING, text="Первый абзац целиком.\nВторой"))
    text = next(part for part in shown(transcript, 0).body.parts if isinstance(part, Prose))
    qtbot.mouseDClick(text.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(12, 12))
    qtbot.mouseRelease(text.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(12, 12))
    assert text.textCursor().selectedText() == "Первый"
    transcript.update(0, replace(WRITING, text="Первый абзац целиком.\nВторой абзац растёт"))
    assert text.textCursor().selectedText() == "Первый"
    assert text.toPlainText() == "Первый абзац целиком.\nВторой абзац растёт"


def test_every_beginning_of_an_answer_is_shown_as_the_whole_would_be(transcript: TranscriptView) -> None:
    transcript.append(replace(WRITING, text=""))
    for end in range(0, len(RICH.text), 5):
        transcript.update(0, replace(WRITING, text=RICH.text[:end]))
    transcript.update(0, RICH)
    grown = [part.toPlainText() for part in shown(transcript, 0).body.parts if isinstance(part, Prose)]
    transcript.set_exchanges([replace(RICH, key="other")])
    assert grown == [part.toPlainText() for part in shown(transcript, 0).body.parts if isinstance(part, Prose)]


def test_screen_readers_hear_when_an_answer_is_done_and_not_before(
    monkeypatch: pytest.MonkeyPatch, transcript: TranscriptView
) -> None:
    heard: list[str] = []
    monkeypatch.setattr(view_module, "announce", lambda _origin, text: heard.append(text))
    transcript.append(READING)
    transcript.update(0, WRITING)
    transcript.update(0, STOPPED)
    assert heard == []
    transcript.update(0, WRITING)
    transcript.update(0, replace(ANSWERED, key="reading"))
    assert len(heard) == 1
    assert heard[0].startswith("Ответ · T-lite 1.0")
    assert "Не подтверждено источниками" in shown(transcript, 0).accessibleDescription()
    transcript.update(0, FAILED)
    assert len(heard) == 1


# Many exchanges


def test_only_what_is_seen_has_widgets(transcript: TranscriptView) -> None:
    transcript.set_exchanges(long_conversation(10_000))
    bar = transcript.verticalScrollBar()
    most = 0
    for share in range(0, 101, 5):
        bar.setValue(bar.maximum() * share // 100)
        most = max(most, len(transcript.viewport().findChildren(ExchangeView)))
    assert most <= 16
    assert transcript.view_of(9_999) is not None
    assert transcript.view_of(0) is None
    transcript.scroll_to(4_000)
    assert shown(transcript, 4_000).bubble.text.text() == "Вопрос номер 4000?"
    assert abs(shown(transcript, 4_000).y()) <= 1


def test_ten_thousand_exchanges_open_within_a_second(transcript: TranscriptView) -> None:
    exchanges = long_conversation(10_000)
    began = time.perf_counter()
    transcript.set_exchanges(exchanges)
    transcript.grab()
    assert time.perf_counter() - began < 1  # 0.07 s where it was written


def test_a_long_answer_grows_without_holding_the_window_up(transcript: TranscriptView) -> None:
    transcript.append(replace(WRITING, text=""))
    text = f"{ANSWERED.text}\n" * 12
    times = []
    for end in range(0, len(text), 40):
        began = time.perf_counter()
        transcript.update(0, replace(WRITING, text=text[:end]))
        transcript.viewport().repaint()
        times.append(time.perf_counter() - began)
    assert sorted(times)[len(times) // 2] < 0.05  # 0.006 s where it was written; single ones wait for a busy computer


def test_what_is_read_does_not_jump_when_guesses_above_it_become_right(transcript: TranscriptView) -> None:
    transcript.set_exchanges(long_conversation(200))
    transcript.scroll_to(100)
    before = shown(transcript, 100).y()
    for _ in range(6):
        wheel(transcript.viewport(), 1)
    view = transcript.view_of(100)
    step = transcript.verticalScrollBar().singleStep() * QApplication.wheelScrollLines()
    assert view is None or abs(view.y() - before - 6 * step) <= 1


def test_keys_scroll_from_inside_the_text(qtbot: QtBot, transcript: TranscriptView) -> None:
    transcript.set_exchanges(long_conversation(50))
    bar = transcript.verticalScrollBar()
    text = prose(shown(transcript, 49))
    text.setFocus()
    value = bar.value()
    qtbot.keyClick(text, Qt.Key.Key_PageUp)
    assert bar.value() < value
    qtbot.keyClick(text, Qt.Key.Key_Home)
    assert bar.value() == 0
    qtbot.keyClick(text, Qt.Key.Key_End)
    assert bar.value() == bar.maximum()


def test_the_tabulator_goes_through_the_exchanges_in_their_order(qtbot: QtBot, transcript: TranscriptView) -> None:
    transcript.set_exchanges(long_conversation(40))
    transcript.activateWindow()
    transcript.scroll_to(10)
    shown(transcript, 10).bubble.button.setFocus()
    seen = []
    for _ in range(60):
        focus = QApplication.focusWidget()
        assert focus is not None
        index = next((at for at in range(40) if (one := transcript.view_of(at)) and one.isAncestorOf(focus)), None)
        if index is not None and (not seen or seen[-1] != index):
            seen.append(index)
        qtbot.keyClick(focus, Qt.Key.Key_Tab)
    assert len(seen) >= 4
    assert seen == list(range(10, 10 + len(seen)))


# The rest


def test_an_empty_conversation_says_what_to_do(transcript: TranscriptView) -> None:
    transcript.set_exchanges([])
    assert transcript.empty.isVisible()
    transcript.append(READING)
    assert not transcript.empty.isVisible()


def test_language_and_theme_change_what_is_shown(
    qtbot: QtBot, surroundings: Surroundings, transcript: TranscriptView
) -> None:
    transcript.set_exchanges([ANSWERED])
    view = shown(transcript, 0)
    surroundings.words.speak(Language.ENGLISH)
    qtbot.waitUntil(lambda: "from 2\u00a0sources" in view.heading.text())
    assert view.actions_row.why_button.text() == "Why this?"
    assert view.doubts.text.text().startswith("No source supports")
    high = view.height()
    surroundings.theme.use(Mode.DARK, scale=1.5)
    qtbot.waitUntil(lambda: view.height() > 1.3 * high)
    assert surroundings.theme.palette.text in view.heading.text()
    surroundings.theme.use(Mode.LIGHT, scale=1.0)
    qtbot.waitUntil(lambda: view.height() == high)


@pytest.mark.parametrize("scale", [1.0, 2.0])
@pytest.mark.parametrize("exchange", [ANSWERED, READING, ABSTAINED, RICH, FAILED, STOPPED], ids=lambda one: one.key)
def test_everybody_can_use_it(
    surroundings: Surroundings, transcript: TranscriptView, exchange: Exchange, scale: float
) -> None:
    surroundings.theme.use(Mode.LIGHT, scale=scale)
    transcript.set_exchanges([exchange])
    if exchange.settled:
        QTest.mouseClick(shown(transcript, 0).actions_row.why_button, Qt.MouseButton.LeftButton)
        transcript.scroll_to_end()
    QApplication.processEvents()
    check(transcript)
    surroundings.theme.use(Mode.LIGHT, scale=1.0)


def test_foreign_text_is_never_markup(transcript: TranscriptView) -> None:
    mean = "<b>жирно</b><img src='file:///etc/passwd'>"
    evil = replace(
        ANSWERED,
        question=mean,
        text=mean,
        model=mean,
        said=(),
        unsupported=(),
        sources=(replace(RESET, title=mean, quote=mean, document=f"/дом/{mean}"),),
    )
    transcript.set_exchanges([evil, replace(FAILED, trouble=mean, asked=mean)])
    view = shown(transcript, 0)
    assert view.bubble.text.text() == mean
    assert "&lt;b&gt;" in view.heading.text()
    assert next(part for part in view.body.parts if isinstance(part, Prose)).toPlainText() == mean
    assert shown(transcript, 1).warning.text.text() == mean


def test_an_update_of_what_is_far_away_is_shown_when_it_comes_near(transcript: TranscriptView) -> None:
    transcript.set_exchanges(long_conversation(60))
    transcript.update(0, replace(ANSWERED, question="Совсем другой вопрос?", state=State.DONE))
    assert transcript.view_of(0) is None
    transcript.scroll_to(0)
    assert shown(transcript, 0).bubble.text.text() == "Совсем другой вопрос?"

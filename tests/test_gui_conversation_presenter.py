"""What happens in a conversation: asked, stopped, asked again, changed, kept; without a widget."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fake_base import QUESTION, QUOTE
from fake_model import FakeModel, running
from gui_conversation_material import DeskBase, MemoryKeeper, SlowModel, desk_of
from pytestqt.qtbot import QtBot

from app.events import Mode, Turn
from app.exchange import Exchange, Source, State
from app.gui.conversation import styles
from app.gui.conversation.presenter import ConversationPresenter
from app.gui.conversation.talk import Talk
from app.gui.desk import Desk
from app.gui.surroundings import Surroundings
from app.language_models import Running
from app.prompt import Style
from app.settings import Interface
from kb.places import Line

ANSWER = f"{QUOTE} [1]"


@pytest.fixture
def keeper(qtbot: QtBot) -> MemoryKeeper:
    del qtbot
    return MemoryKeeper()


@pytest.fixture
def slow() -> SlowModel:
    return SlowModel(ANSWER)


@pytest.fixture
def desk(qtbot: QtBot, surroundings: Surroundings, tmp_path: Path, slow: SlowModel) -> Iterator[Desk]:
    surroundings.preferences.change(read_ahead=False)
    with desk_of(qtbot, surroundings, tmp_path, Running("Малютка", slow)) as desk:
        yield desk


@pytest.fixture
def presenter(surroundings: Surroundings, desk: Desk, keeper: MemoryKeeper) -> Iterator[ConversationPresenter]:
    presenter = ConversationPresenter(surroundings, desk, keeper)
    yield presenter
    presenter.close()


def settled(qtbot: QtBot, presenter: ConversationPresenter) -> Exchange:
    """Wait for the answer and return the last exchange."""
    qtbot.wait_until(lambda: not presenter.busy, timeout=10_000)
    return presenter.exchanges[-1]


def writing(qtbot: QtBot, presenter: ConversationPresenter, position: int = -1) -> None:
    """Wait for the first word of an answer."""
    qtbot.wait_until(lambda: presenter.exchanges[position].state is State.WRITING, timeout=10_000)


def test_a_question_is_answered_and_kept(
    qtbot: QtBot, presenter: ConversationPresenter, keeper: MemoryKeeper, slow: SlowModel
) -> None:
    slow.go.set()
    added: list[int] = []
    titles: list[str] = []
    busy: list[bool] = []
    presenter.exchange_added.connect(added.append)
    presenter.title_changed.connect(titles.append)
    presenter.busy_changed.connect(busy.append)
    assert presenter.ask(f"  {QUESTION} ")
    exchange = settled(qtbot, presenter)
    assert exchange.state is State.DONE
    assert exchange.mode is Mode.MODEL
    assert exchange.text == ANSWER
    assert added == [0]
    assert titles == [QUESTION]
    assert busy == [True, False]
    assert keeper.conversations[1][0] == exchange
    assert keeper.bases == ["ИТ-поддержка"]
    assert presenter.conversation_id == 1


def test_nothing_is_not_asked_and_nothing_while_an_answer_is_written(
    qtbot: QtBot, presenter: ConversationPresenter
) -> None:
    assert not presenter.ask("  ")
    assert presenter.ask(QUESTION)
    assert not presenter.ask("Ещё вопрос")
    presenter.stop()
    settled(qtbot, presenter)
    assert len(presenter.exchanges) == 1


def test_stopping_acts_at_once_and_keeps_what_was_written(
    qtbot: QtBot, presenter: ConversationPresenter, keeper: MemoryKeeper
) -> None:
    presenter.ask(QUESTION)
    writing(qtbot, presenter)
    presenter.stop()
    assert not presenter.busy
    assert presenter.exchanges[0].state is State.STOPPED
    assert presenter.exchanges[0].text == QUOTE.split()[0]
    assert keeper.conversations[1][0] == presenter.exchanges[0]


def test_a_half_streamed_answer_is_kept_every_second(
    qtbot: QtBot, presenter: ConversationPresenter, keeper: MemoryKeeper
) -> None:
    presenter.ask(QUESTION)
    writing(qtbot, presenter)
    qtbot.wait_until(lambda: keeper.conversations[1][0].text != "", timeout=5000)
    assert keeper.conversations[1][0].state is State.WRITING


def test_an_answer_is_written_anew_in_its_place(
    qtbot: QtBot, presenter: ConversationPresenter, keeper: MemoryKeeper, slow: SlowModel
) -> None:
    slow.go.set()
    presenter.ask(QUESTION)
    first = settled(qtbot, presenter)
    presenter.regenerate(0)
    assert presenter.exchanges[0].state is State.SEARCHING
    second = settled(qtbot, presenter)
    assert second.key != first.key
    assert second.state is State.DONE
    assert keeper.conversations[1] == {0: second}


def test_a_new_answer_stopped_before_its_first_word_gives_the_old_one_back(
    qtbot: QtBot, presenter: ConversationPresenter, slow: SlowModel
) -> None:
    slow.go.set()
    presenter.ask(QUESTION)
    first = settled(qtbot, presenter)
    slow.go.clear()
    presenter.regenerate(0)
    presenter.stop()
    assert presenter.exchanges == [first]


def test_a_question_is_changed_in_its_place_and_what_was_typed_comes_back(
    qtbot: QtBot, presenter: ConversationPresenter, slow: SlowModel
) -> None:
    slow.go.set()
    presenter.ask(QUESTION)
    settled(qtbot, presenter)
    drafts: list[str] = []
    presenter.draft_changed.connect(drafts.append)
    presenter.typed("Недописанное")
    presenter.edit(0)
    assert presenter.editing == 0
    presenter.cancel_editing()
    assert drafts == [QUESTION, "Недописанное"]
    presenter.edit(0)
    presenter.ask("Где роутер?")
    assert presenter.editing is None
    assert settled(qtbot, presenter).question == "Где роутер?"
    assert len(presenter.exchanges) == 1
    assert presenter.title == "Где роутер?"


def test_a_rating_is_kept(
    qtbot: QtBot, presenter: ConversationPresenter, keeper: MemoryKeeper, slow: SlowModel
) -> None:
    slow.go.set()
    presenter.ask(QUESTION)
    settled(qtbot, presenter)
    presenter.rate(0, -1)
    assert keeper.conversations[1][0].rating == -1


def test_an_answer_goes_on_while_another_conversation_is_open(
    qtbot: QtBot, presenter: ConversationPresenter, keeper: MemoryKeeper, slow: SlowModel
) -> None:
    presenter.ask(QUESTION)
    writing(qtbot, presenter)
    presenter.open(None)
    assert presenter.exchanges == []
    assert not presenter.busy
    slow.go.set()
    qtbot.wait_until(lambda: keeper.conversations[1][0].state is State.DONE, timeout=10_000)
    presenter.open(1)
    assert [one.text for one in presenter.exchanges] == [ANSWER]


def test_a_conversation_being_answered_is_opened_as_it_stands(
    qtbot: QtBot, presenter: ConversationPresenter, slow: SlowModel
) -> None:
    presenter.ask(QUESTION)
    writing(qtbot, presenter)
    presenter.open(None)
    presenter.open(1)
    assert presenter.busy
    slow.go.set()
    assert settled(qtbot, presenter).state is State.DONE


def test_a_follow_up_is_sent_with_the_turns_before_it(
    qtbot: QtBot, presenter: ConversationPresenter, slow: SlowModel
) -> None:
    slow.go.set()
    presenter.ask(QUESTION)
    settled(qtbot, presenter)
    presenter.ask("А у второго роутера кнопка где?")
    settled(qtbot, presenter)
    assert [message.role for message in slow.requests[-1].messages] == ["system", "user", "assistant", "user"]


def test_a_question_before_the_conversation_has_come_waits_for_it(
    qtbot: QtBot, presenter: ConversationPresenter, keeper: MemoryKeeper, slow: SlowModel
) -> None:
    slow.go.set()
    keeper.conversations[7] = {0: Exchange("Прежний", state=State.DONE)}
    keeper.held = []
    presenter.open(7)
    assert presenter.loading
    assert presenter.ask(QUESTION)
    assert presenter.exchanges == []
    keeper.release()
    settled(qtbot, presenter)
    assert [one.question for one in presenter.exchanges] == ["Прежний", QUESTION]
    assert sorted(keeper.conversations[7]) == [0, 1]


def test_what_is_asked_before_the_history_gave_a_number_is_kept_later(
    qtbot: QtBot, presenter: ConversationPresenter, keeper: MemoryKeeper, slow: SlowModel
) -> None:
    slow.go.set()
    keeper.held = []
    numbers: list[object] = []
    presenter.conversation_changed.connect(numbers.append)
    presenter.ask(QUESTION)
    settled(qtbot, presenter)
    assert keeper.saves == 0
    keeper.release()
    assert keeper.conversations[1][0].state is State.DONE
    assert numbers == [1]


def test_a_half_written_question_is_kept_and_comes_back(
    qtbot: QtBot, presenter: ConversationPresenter, keeper: MemoryKeeper
) -> None:
    presenter.typed("Как сброс")
    qtbot.wait_until(lambda: keeper.drafts.get(None) == "Как сброс")
    keeper.conversations[7] = {}
    keeper.drafts[7] = "Другое"
    drafts: list[str] = []
    presenter.draft_changed.connect(drafts.append)
    presenter.open(7)
    assert drafts == ["", "Другое"]
    presenter.open(None)
    assert drafts[-1] == "Как сброс"


def test_a_draft_goes_when_it_is_asked_and_is_kept_when_the_window_closes(
    qtbot: QtBot, presenter: ConversationPresenter, keeper: MemoryKeeper, slow: SlowModel
) -> None:
    slow.go.set()
    presenter.typed("Как")
    presenter.keep_draft()
    assert keeper.drafts[None] == "Как"
    presenter.ask(QUESTION)
    settled(qtbot, presenter)
    assert keeper.drafts[None] == ""
    presenter.typed("А ещ")
    presenter.close()
    assert keeper.drafts[1] == "А ещ"


def test_a_conversation_is_renamed_and_deleted(
    qtbot: QtBot, presenter: ConversationPresenter, keeper: MemoryKeeper
) -> None:
    presenter.ask(QUESTION)
    writing(qtbot, presenter)
    presenter.rename("Роутеры")
    assert presenter.title == keeper.titles[1] == "Роутеры"
    presenter.renamed(1, "Сеть")
    assert presenter.title == "Сеть"
    presenter.delete()
    assert keeper.conversations == {}
    assert presenter.exchanges == []
    assert presenter.conversation_id is None
    assert not presenter.busy


def test_an_error_of_the_base_ends_the_exchange_with_a_sentence(
    qtbot: QtBot, presenter: ConversationPresenter, desk: Desk
) -> None:
    assert desk.base.path is not None
    desk.base.path.unlink()
    presenter.ask(QUESTION)
    exchange = settled(qtbot, presenter)
    assert exchange.state is State.FAILED
    assert "ИТ-поддержка.db" in exchange.trouble


def test_a_fault_of_ours_is_told_with_its_details(
    qtbot: QtBot, surroundings: Surroundings, tmp_path: Path, keeper: MemoryKeeper
) -> None:
    class Broken(DeskBase):
        def answer(self, question: str):  # type: ignore[no-untyped-def]
            raise RuntimeError(question)

    with desk_of(qtbot, surroundings, tmp_path, None, base=Broken()) as desk:
        presenter = ConversationPresenter(surroundings, desk, keeper)
        with qtbot.wait_signal(surroundings.navigation.failure) as failure:
            presenter.ask(QUESTION)
        assert isinstance(failure.args[0], RuntimeError)
        assert settled(qtbot, presenter).state is State.FAILED


def test_an_answer_is_lost_to_nobody_when_the_history_fails(
    qtbot: QtBot, presenter: ConversationPresenter, keeper: MemoryKeeper, slow: SlowModel
) -> None:
    slow.go.set()
    keeper.held = []
    presenter.ask(QUESTION)
    settled(qtbot, presenter)
    keeper.held = None
    keeper.failed.emit(OSError("полон"))
    presenter.ask("А роутер где?")
    settled(qtbot, presenter)
    assert [one.question for one in keeper.conversations[2].values()] == [QUESTION, "А роутер где?"]


def test_an_answer_of_a_model_with_many_events_is_told_seldom(
    qtbot: QtBot, surroundings: Surroundings, tmp_path: Path, keeper: MemoryKeeper
) -> None:
    long = " ".join([ANSWER] * 200)
    with desk_of(qtbot, surroundings, tmp_path, running(long)) as desk:
        presenter = ConversationPresenter(surroundings, desk, keeper)
        told: list[int] = []
        presenter.exchange_changed.connect(told.append)
        presenter.ask(QUESTION)
        exchange = settled(qtbot, presenter)
        assert exchange.state is State.DONE
        assert len(told) < len(exchange.said)


def test_turns_forget_what_the_model_forgot(qtbot: QtBot) -> None:
    del qtbot
    talk = Talk(MemoryKeeper())
    turns = [Turn(str(at), str(at), "", "послано", "написано") for at in range(4)]
    talk.exchanges = [Exchange(turn.question, turn=turn) for turn in turns]
    assert [turn.question for turn in talk.turns()] == ["0", "1", "2", "3"]
    talk.exchanges[3] = replace(talk.exchanges[3], dropped=2)
    assert [turn.question for turn in talk.turns()] == ["2", "3"]
    assert [turn.question for turn in talk.turns(before=2)] == ["0", "1"]


def test_styles_are_ours_or_the_users_own() -> None:
    assert styles.chosen(Interface(style="steps")) == "steps"
    assert styles.chosen(Interface(style="own", own_style=" Стихами ")) == "Стихами"
    assert styles.chosen(Interface(style="own")) == styles.chosen(Interface(style="?")) == "short"
    assert styles.of_value("letter") is Style.LETTER
    assert styles.of_value("Стихами") == "Стихами"


def test_the_style_of_now_is_asked_for(
    qtbot: QtBot, surroundings: Surroundings, presenter: ConversationPresenter, slow: SlowModel
) -> None:
    slow.go.set()
    surroundings.preferences.change(style="own", own_style="Одним словом")
    presenter.ask(QUESTION)
    settled(qtbot, presenter)
    assert "Одним словом" in slow.requests[-1].messages[-1].text
    assert isinstance(slow, FakeModel)


def test_what_a_crash_closed_is_opened_again_by_the_first_window_alone(
    qtbot: QtBot, surroundings: Surroundings, desk: Desk, keeper: MemoryKeeper
) -> None:
    keeper.conversations[7] = {0: Exchange("Прежний", state=State.STOPPED)}
    keeper.titles[7] = "Прежний"
    surroundings.preferences.change(conversation=7)
    first = ConversationPresenter(surroundings, desk, keeper)
    first.begin()
    qtbot.wait_until(lambda: first.conversation_id == 7)
    second = ConversationPresenter(surroundings, desk, keeper)
    with qtbot.wait_signal(second._resuming.found) as found:
        second.begin()
    assert found.args == [0]
    second.close()
    assert surroundings.preferences.value.conversation == 7
    first.close()
    assert surroundings.preferences.value.conversation == 0


def test_an_old_exchange_is_completed_when_somebody_asks_why(
    presenter: ConversationPresenter, keeper: MemoryKeeper
) -> None:
    slim = Exchange("Прежний", state=State.DONE)
    source = Source(1, "/р.md", "Роутер", Line(1), (), QUOTE, 0.9)
    keeper.conversations[7] = {0: slim}
    keeper.whole[7, slim.key] = replace(slim, found=(source,))
    presenter.open(7)
    changed: list[int] = []
    presenter.exchange_changed.connect(changed.append)
    presenter.complete(0)
    presenter.complete(0)
    assert presenter.exchanges[0].found == (source,)
    assert changed == [0]

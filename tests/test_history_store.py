"""Conversations are kept, found in any form of a word, renamed, pinned, hidden and brought back."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest
from gui_history_material import abstained, answered, filled, writing

from app.exchange import State
from app.history import History, exchange_json
from app.history.search import BEGIN, END
from app.history.summary import title_of


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "history.db"


def titles(history: History, query: str = "") -> list[str]:
    return [one.title for one in history.conversations(query)]


@pytest.mark.parametrize("exchange", [answered(), abstained(), writing(), answered(style="Отвечай стихами")])
def test_an_exchange_comes_back_as_it_was(exchange) -> None:
    text, more = exchange_json.to_json(exchange), exchange_json.details(exchange)
    assert exchange_json.from_json(text, more) == exchange


def test_without_its_details_an_exchange_is_light_but_whole_to_read() -> None:
    exchange = answered()
    light = exchange_json.from_json(exchange_json.to_json(exchange))
    assert light.found == ()
    assert light.turn == replace(exchange.turn, sent="", written="")
    assert [one.quote for one in light.sources] == [one.quote for one in exchange.sources]
    assert light.text == exchange.text


def test_what_an_older_program_did_not_write_takes_its_default_and_what_a_newer_one_adds_is_let_be() -> None:
    exchange = exchange_json.from_json('{"question": "Что?", "state": "done", "colour": "red"}')
    assert (exchange.question, exchange.state, exchange.rating) == ("Что?", State.DONE, 0)
    with pytest.raises(ValueError, match="not an exchange"):
        exchange_json.from_json("[]")


def test_a_conversation_survives_closing(path: Path) -> None:
    history = History.open(path)
    number = history.create(base="ИТ")
    exchanges = [answered(), abstained()]
    for position, exchange in enumerate(exchanges):
        history.save(number, position, exchange)
    history.close()
    history = History.open(path)
    assert history.exchanges(number) == exchanges
    assert history.count(number) == 2
    (summary,) = history.conversations()
    assert (summary.id, summary.title, summary.base, summary.pinned) == (
        number,
        "Как сбросить пароль роутера?",
        "ИТ",
        False,
    )
    assert abs(summary.updated - time.time()) < 60
    history.close()


def test_a_conversation_in_which_nothing_was_asked_is_not_listed(path: Path) -> None:
    history = History.open(path)
    number = history.create()
    assert history.conversations() == []
    assert history.exchanges(number) == []
    history.close()


def test_a_half_written_answer_comes_back_as_stopped(path: Path) -> None:
    history = History.open(path)
    number = history.create()
    history.save(number, 0, writing())
    other = History.open(path)  # the first one may be streaming yet: another window shows what there is
    (exchange,) = other.exchanges(number)
    assert (exchange.state, exchange.text) == (State.STOPPED, "Тогда сбросьте его через")
    assert exchange.found
    other.close()
    history.close()


def test_a_streaming_answer_is_one_row_however_often_it_is_saved(path: Path) -> None:
    history = History.open(path)
    number = history.create()
    exchange = writing(text="")
    for word in ("Сбросьте ", "роутер ", "через меню."):
        exchange = replace(exchange, text=exchange.text + word)
        assert history.save(number, 0, exchange)
    history.save(number, 0, replace(exchange, state=State.DONE))
    assert [one.text for one in history.exchanges(number)] == ["Сбросьте роутер через меню."]
    assert titles(history, "меню") == ["А если кнопки Reset нет?"]
    history.close()


def test_an_old_exchange_of_a_long_conversation_is_light_and_does_not_lose_its_details(path: Path) -> None:
    history = History.open(path)
    number = history.create()
    for position in range(5):
        history.save(number, position, answered(f"Вопрос {position}?"))
    exchanges = history.exchanges(number, whole=2)
    assert [bool(one.found) for one in exchanges] == [False, False, False, True, True]
    history.save(number, 1, replace(exchanges[1], rating=-1))
    whole = history.exchange(number, exchanges[1].key)
    assert whole is not None
    assert whole.rating == -1
    assert len(whole.found) == 3
    assert whole.turn is not None
    assert whole.turn.sent
    assert [one.question for one in history.exchanges(number, start=1, limit=2)] == ["Вопрос 1?", "Вопрос 2?"]
    assert history.exchange(number, "нет такого") is None
    history.close()


def test_an_exchange_asked_again_takes_the_place_of_the_first(path: Path) -> None:
    history = History.open(path)
    number = history.create()
    history.save(number, 0, answered("Как сбросить роутер?"))
    history.save(number, 1, answered("А пароль?"))
    history.cut(number, 1)
    history.save(number, 0, answered("Как сбросить принтер?"))
    assert [one.question for one in history.exchanges(number)] == ["Как сбросить принтер?"]
    assert titles(history) == ["Как сбросить принтер?"]
    assert titles(history, "роутера") == []
    assert titles(history, "принтера") == ["Как сбросить принтер?"]
    history.close()


def test_two_windows_do_not_take_each_others_place(path: Path) -> None:
    first, second = History.open(path), History.open(path)
    number = first.create()
    first.save(number, 0, answered("Первый?"))
    assert len(second.exchanges(number)) == 1
    revision = second.revision()
    first.save(number, 1, answered("Второй из первого окна?"))
    assert second.revision() != revision
    mine = writing("Второй из второго окна?")
    second.save(number, 1, mine)
    second.save(number, 1, replace(mine, state=State.DONE, text="Готово."))
    assert [one.question for one in first.exchanges(number)] == [
        "Первый?",
        "Второй из первого окна?",
        "Второй из второго окна?",
    ]
    assert first.exchanges(number)[2].text == "Готово."
    first.close()
    second.close()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["Отпускные: когда платят?", "Не печатает принтер", "Как сбросить пароль роутера?"]),
        ("принтеры", ["Не печатает принтер"]),
        ("ПРИНТЕРОМ", ["Не печатает принтер"]),
        ("прин", ["Не печатает принтер"]),
        ("прин ", []),  # a word that is finished is no beginning
        ("печатающий принтер", ["Не печатает принтер"]),
        ("наклейках", ["Отпускные: когда платят?", "Не печатает принтер", "Как сбросить пароль роутера?"]),
        ("наклейка роутеров", ["Как сбросить пароль роутера?"]),
        ("когда", ["Отпускные: когда платят?"]),  # in no index, but in a title
        ("чепуха", []),
        ('"роутер* OR (', ["Как сбросить пароль роутера?"]),
    ],
)
def test_words_are_found_in_any_form(path: Path, query: str, found: list[str]) -> None:
    history = filled(path, "Как сбросить пароль роутера?", "Не печатает принтер", "Отпускные: когда платят?")
    assert titles(history, query) == found
    history.close()


@pytest.mark.parametrize("query", ["настройка", "настройки", "настроек", "настройками "])
def test_forms_that_have_no_stem_in_common_find_each_other(path: Path, query: str) -> None:
    history = filled(path, "Где список настроек?", "Где настройка почты?", "Не печатает принтер")
    assert sorted(titles(history, query)) == ["Где настройка почты?", "Где список настроек?"]
    history.close()


def test_words_of_a_conversation_may_stand_in_different_answers(path: Path) -> None:
    history = filled(path, "Не печатает принтер")
    (one,) = history.conversations()
    history.save(one.id, 1, abstained("Кто выиграл чемпионат?"))
    assert titles(history, "чемпионаты принтеры") == ["Не печатает принтер"]
    history.close()


def test_a_snippet_shows_the_words_in_their_surroundings(path: Path) -> None:
    history = filled(path, "Что делать?")
    (found,) = history.conversations("наклейками")
    assert f"паролем с {BEGIN}наклейки{END}. Индикатор" in found.snippet
    assert found.snippet.startswith("…")
    assert history.conversations()[0].snippet == ""
    history.close()


def test_a_title_is_the_first_question_until_somebody_gives_another(path: Path) -> None:
    long = "Подскажите, пожалуйста, что именно нужно сделать, если роутер на складе не включается после грозы?"
    assert title_of(long) == "Подскажите, пожалуйста, что именно нужно сделать, если…"
    assert title_of("а" * 100) == "а" * 59 + "…"
    assert title_of("  Как\nбыть? ") == "Как быть?"
    history = filled(path, long)
    number = history.conversations()[0].id
    history.rename(number, "  Склад: \n гроза ")
    history.save(number, 0, answered("Другой вопрос?"))
    assert titles(history) == ["Склад: гроза"]
    assert titles(history, "грозы") == ["Склад: гроза"]
    history.rename(number, "")
    assert titles(history) == [title_of(history.exchanges(number)[0].question)]
    assert history.summary(number) == history.conversations()[0]
    assert history.summary(99) is None
    history.close()


def test_pinned_conversations_come_first_then_those_asked_last(path: Path) -> None:
    history = filled(path, "Первый?", "Второй?", "Третий?")
    first = history.conversations()[2].id
    history.pin(first)
    assert titles(history) == ["Первый?", "Третий?", "Второй?"]
    history.pin(first, False)
    history.save(first, 1, answered("Ещё?"))
    assert titles(history) == ["Первый?", "Третий?", "Второй?"]
    history.save(first, 0, replace(history.exchanges(first)[0], rating=-1))
    assert [one.title for one in history.conversations(limit=1, offset=1)] == ["Третий?"]
    history.close()


def test_a_clock_that_jumps_does_not_mix_up_the_order(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    history = filled(path, "Первый?")
    monkeypatch.setattr("app.history.rows.time.time", lambda: 0.0)
    history.save(history.create(), 0, answered("Второй?"))
    assert titles(history) == ["Второй?", "Первый?"]
    history.close()


def test_a_hidden_conversation_comes_back_or_is_erased_the_next_time(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    history = filled(path, "Первый?", "Второй?")
    second, first = (one.id for one in history.conversations())
    history.hide(first)
    history.hide(second)
    assert titles(history) == []
    assert titles(history, "второй") == []
    history.restore(second)
    assert titles(history) == ["Второй?"]
    history.close()
    history = History.open(path)
    assert history.count(first) == 1  # another window may still offer to bring it back
    history.close()
    monkeypatch.setattr("app.history.store.UNDO_SECONDS", -1.0)
    history = History.open(path)
    assert history.count(first) == 0
    assert titles(history) == ["Второй?"]
    history.close()


def test_what_is_saved_in_a_conversation_that_was_deleted_is_let_go(path: Path) -> None:
    history = filled(path, "Первый?")
    number = history.conversations()[0].id
    assert history.delete(number)
    assert not history.save(number, 0, answered())
    assert history.conversations() == []
    history.close()


def test_drafts_are_kept_for_each_conversation_and_for_a_new_one(path: Path) -> None:
    history = filled(path, "Первый?")
    number = history.conversations()[0].id
    history.keep_draft(None, "А как же")
    history.keep_draft(number, "И ещё")
    history.close()
    history = History.open(path)
    assert (history.draft(None), history.draft(number), history.draft(77)) == ("А как же", "И ещё", "")
    history.keep_draft(None, "")
    assert history.draft(None) == ""
    history.delete(number)
    assert history.draft(number) == ""
    history.close()

"""What is said about an exchange in each of its states, and why its answer is as it is."""

from __future__ import annotations

from dataclasses import replace

import pytest
from gui_transcript_material import (
    ABSTAINED,
    ADMIN,
    ANSWERED,
    FAILED,
    MEMO,
    QUOTED,
    READING,
    REJECTED,
    RICH,
    SHEET,
    STOPPED,
    WRITING,
)

from app.events import Timings
from app.exchange import Exchange, Said, State
from app.gui.transcript import telling
from app.gui.transcript.reasons import Fact, reasons
from app.wording import Language, Wording
from kb.places import Page

RUSSIAN = Wording(Language.RUSSIAN)


def head(exchange: Exchange) -> str:
    told = telling.heading(exchange, RUSSIAN)
    return " · ".join(part for part in (told.strong, told.soft) if part).replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("exchange", "said"),
    [
        (Exchange("?"), "Ищу в документах · Esc — остановить"),
        (replace(READING, to_read=0, read=0), "Нашёл 4 места · Esc — остановить"),
        (
            replace(READING, state=State.LOADING, loaded=0.431),
            "Нашёл 4 места, загружаю модель · 43,1 % · Esc — остановить",
        ),
        (READING, "Нашёл 4 места, читаю · 212 из 318 токенов · осталось 4 с · Esc — остановить"),
        (replace(READING, seconds_left=None), "Нашёл 4 места, читаю · 212 из 318 токенов · Esc — остановить"),
        (replace(READING, seconds_left=75.0), None),
        (replace(READING, found=()), "Читаю · 212 из 318 токенов · осталось 4 с · Esc — остановить"),
        (WRITING, "Отвечаю · Esc — остановить"),
        (ANSWERED, "Ответ · T-lite 1.0 · по 2 источникам · 1,9 с до первого слова"),
        (replace(ANSWERED, sources=ANSWERED.sources[:1]), None),
        (QUOTED, "Цитата из документов · без языковой модели · по 1 источнику · 0,1 с"),
        (replace(QUOTED, timings=Timings(20, 40)), "Цитата из документов · без языковой модели · по 1 источнику"),
        (REJECTED, "Цитата из документов · T-lite 1.0 · по 1 источнику · 0,1 с"),
        (ABSTAINED, "В документах этого нет · 0,1 с"),
        (STOPPED, "Остановлено · ответ неполный"),
        (replace(STOPPED, text=""), "Остановлено"),
        (FAILED, "Ответить не получилось"),
    ],
)
def test_the_heading_of_every_state(exchange: Exchange, said: str | None) -> None:
    if said is not None:
        assert head(exchange) == said
    for language in Language:
        assert telling.heading(exchange, Wording(language)).strong


def test_only_what_is_being_read_has_a_bar() -> None:
    share = telling.heading(READING, RUSSIAN).share
    assert share == pytest.approx(212 / 318)
    assert telling.heading(WRITING, RUSSIAN).share is None
    assert telling.heading(ANSWERED, RUSSIAN).share is None


def test_one_doubt_is_a_sentence_with_what_is_missing() -> None:
    assert telling.doubts(ANSWERED, RUSSIAN) == (
        "Не подтверждено источниками: «Индикатор питания мигнёт дважды» — в найденных документах нет: дважды."
    )


def test_many_doubts_are_a_list_that_ends() -> None:
    said = tuple(Said(f"Выдумка **номер** {at}.", supported=False) for at in range(7))
    lines = telling.doubts(replace(ANSWERED, said=said), RUSSIAN).splitlines()
    assert lines[0] == "Не подтверждено источниками:"
    assert lines[1] == "– «Выдумка номер 0»"
    assert lines[-1] == "– и ещё 3"
    assert len(lines) == 6


def test_an_answer_out_of_an_old_history_is_marked_by_its_unsupported_sentences() -> None:
    old = replace(ANSWERED, said=())
    assert telling.doubtful(old) == telling.doubtful(ANSWERED)
    begin, end = telling.doubtful(old)[0]
    assert old.text[begin:end] == "Индикатор питания мигнёт дважды."
    assert "мигнёт дважды" in telling.doubts(old, RUSSIAN)


def test_what_a_model_made_up_is_not_shown_as_a_doubt_of_the_quotation_in_its_place() -> None:
    assert telling.doubts(REJECTED, RUSSIAN) == ""
    assert telling.doubtful(REJECTED) == ()
    assert telling.warning(REJECTED, RUSSIAN).startswith("Ответ модели не подтверждается документами")


def test_the_same_sentence_twice_is_marked_where_it_is_doubtful() -> None:
    text = "Да. Да."
    said = (Said("Да.", supported=True), Said("Да.", supported=False))
    assert telling.doubtful(replace(ANSWERED, text=text, said=said)) == ((4, 7),)


def test_remarks_and_trouble() -> None:
    assert (
        telling.remarks(READING, RUSSIAN) == "Вопрос понят так: «Как сбросить пароль роутера, если кнопки Reset нет?»"
    )
    assert telling.remarks(replace(ABSTAINED, dropped=3), RUSSIAN).splitlines()[0].startswith("Искал: «сколько")
    assert "3\u00a0вопроса" in telling.remarks(replace(ABSTAINED, dropped=3), RUSSIAN)
    assert telling.warning(FAILED, RUSSIAN).startswith("Процесс модели")
    assert telling.warning(RICH, RUSSIAN) == "Ответ длиннее допустимого и оборван."


def test_cards_are_what_was_found_until_the_sources_are_known() -> None:
    assert telling.cards(READING) == READING.found
    assert telling.numbered(READING)
    assert not telling.numbered(WRITING)
    assert telling.cards(ANSWERED) == ANSWERED.sources
    assert telling.cards(ABSTAINED) == ()


def test_a_source_in_words() -> None:
    assert telling.line(SHEET, RUSSIAN) == "routers.xlsx · лист «Модели», ячейка B17"
    assert telling.line(ADMIN, RUSSIAN) == "router-admin.html · абзац 3 · раздел «Сброс»"
    assert telling.line(replace(MEMO, document="C:\\Документы\\memo.pdf"), RUSSIAN) == "memo.pdf · стр. 3"
    assert telling.title(replace(MEMO, title=" ")) == "memo.pdf"
    assert telling.quote(replace(MEMO, quote="слово «внутри»\nи дальше;"), RUSSIAN) == "«слово „внутри“ и дальше»"
    assert telling.quote(replace(MEMO, quote=""), RUSSIAN) == ""


def test_what_a_screen_reader_hears_has_no_marks() -> None:
    heard = telling.spoken(ANSWERED, RUSSIAN)
    assert heard.startswith("Ответ · T-lite 1.0")
    assert "Нажмите кнопку Reset на задней панели" in heard
    assert "Не подтверждено источниками" in heard
    assert "**" not in heard
    assert "[1]" not in heard
    assert "RX-22; нет, сброс через меню; 2.0.0" in telling.spoken(RICH, RUSSIAN)
    assert "Спросите другими словами" in telling.spoken(ABSTAINED, RUSSIAN)


def test_why() -> None:
    why = reasons(ANSWERED, RUSSIAN)
    assert why.search[-1].value == "с вероятностью 91\u00a0%"
    assert [(one.title, one.percent.replace("\u00a0", " "), one.number) for one in why.found] == [
        ("Роутеры: частые вопросы", "93 %", 1),
        ("Памятка новому сотруднику", "81 %", 2),
        ("Сброс через веб-интерфейс", "74 %", 0),
        ("Инвентарь", "55 %", 0),
    ]
    assert why.prompt.startswith("Отрывки из документов")
    assert Fact("Прочитано", "318\u00a0токенов, из них 212 — заранее") in why.times
    assert Fact("Написано", "64\u00a0токена, 8,5 в секунду") in why.times
    assert Fact("Поиск", "84\u00a0мс") in why.times
    assert why.rejected == ()


def test_why_of_a_quotation_in_place_of_an_answer_names_what_was_rejected() -> None:
    why = reasons(REJECTED, RUSSIAN)
    assert why.rejected == ("Номер поддержки 8-800-555-35-35.",)
    assert why.prompt == ""


def test_why_of_what_was_stopped_has_no_times() -> None:
    why = reasons(STOPPED, RUSSIAN)
    assert why.times == ()
    assert why.search[1] == Fact("Понят как", "Как сбросить пароль роутера, если кнопки Reset нет?")


def test_a_page_of_a_document_without_a_title() -> None:
    assert telling.line(replace(MEMO, place=Page(12), title="", heading=("",)), RUSSIAN) == "memo.pdf · стр. 12"

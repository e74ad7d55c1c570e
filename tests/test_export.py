"""Answers and conversations taken away: whole, with their sources, and harmless wherever they are opened."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from gui_history_material import SOURCES, abstained, answered, writing

from app import export
from app.events import Mode
from app.exchange import Exchange, State
from app.export import Conversation, Format
from app.wording import Language, Wording

RUSSIAN, ENGLISH = Wording(Language.RUSSIAN), Wording(Language.ENGLISH)

RICH = """Нажмите **Reset** [1]:

1. Держите *10* секунд [1]
2. Войдите [2]
   - с `паролем[1]`

| Модель | Кнопка |
|---|---|
| RX-22 | нет [2] |

```
array[1] = <b>
```
Конец [7]."""


def rich(text: str = RICH) -> Exchange:
    return answered(text=text)


def conversation(*exchanges: Exchange) -> Conversation:
    return Conversation("Сброс пароля", exchanges, "ИТ-поддержка")


def test_plain_text_has_neither_marks_nor_numbers() -> None:
    assert export.plain(rich(), RUSSIAN) == (
        "Нажмите Reset:\n\n1. Держите 10 секунд\n2. Войдите\n  • с паролем[1]\n\n"
        "Модель\tКнопка\nRX-22\tнет\n\narray[1] = <b>\n\nКонец [7]."
    )


def test_markdown_of_an_answer_is_what_was_written() -> None:
    exchange = rich("Нажмите **Reset** [1].")
    assert export.markdown(exchange, RUSSIAN, sources=False).startswith("Нажмите **Reset** [1].\n")
    assert "Источники" not in export.markdown(exchange, RUSSIAN, sources=False)
    whole = export.markdown(exchange, RUSSIAN, sources=True)
    assert "1. **Роутеры: частые вопросы**, абзац 14" in whole
    assert r"2. **Памятка \[новому\] \*сотруднику\***, стр. 3" in whole
    assert "«после сброса действует пароль»" in whole
    assert "`docs/router-faq.docx`" in whole
    assert "> - «Индикатор мигнёт дважды.» — в найденных документах нет: дважды" in whole


def test_an_abstention_says_so_and_names_what_is_near() -> None:
    for form in (Format.MARKDOWN, Format.TEXT, Format.HTML):
        text = export.exported(conversation(abstained()), form, RUSSIAN)
        assert "В базе знаний нет ответа на этот вопрос." in text
        assert "Вебинар по 1С" in text
    assert export.plain(abstained(), ENGLISH) == "The knowledge base does not hold the answer to this question."


@pytest.mark.parametrize(
    ("exchange", "said"),
    [
        (writing(), "Ответ остановлен и не закончен."),
        (writing().stopped(), "Ответ остановлен и не закончен."),
        (writing().failed("Модель не отвечает."), "Ответить не удалось: Модель не отвечает."),
        (answered(mode=Mode.QUOTATION), "Цитата из документов"),
        (answered(), "Ответила модель T-lite 1.0"),
    ],
)
def test_how_an_answer_came_about_is_told(exchange: Exchange, said: str) -> None:
    assert said in export.exported(conversation(exchange), Format.MARKDOWN, RUSSIAN).replace("\\", "")
    assert said in export.exported(conversation(exchange), Format.HTML, RUSSIAN)


def test_a_page_links_numbers_to_sources_and_only_those() -> None:
    page = export.exported(conversation(rich()), Format.HTML, RUSSIAN)
    assert page.count('<a class="cite" href="#source-1-1">[1]</a>') == 2
    assert '<a name="source-1-2">' in page
    assert "Конец [7]." in page
    assert "array[1] = &lt;b&gt;" in page
    assert '<html lang="ru">' in page


@pytest.mark.parametrize(
    "hostile",
    [
        '<img src="http://evil.example/x.png">',
        "![x](http://evil.example/x.png)",
        '<script src="http://evil.example/x.js"></script>',
        "<iframe src=http://evil.example>",
        "[click](javascript:alert(1))",
        "![x][1]\n\n[1]: http://evil.example/x.png",
    ],
)
@pytest.mark.parametrize("form", [Format.HTML, Format.PDF])
def test_what_an_answer_holds_calls_nowhere(hostile: str, form: Format) -> None:
    source = replace(SOURCES[0], title=hostile, quote=hostile, document=hostile)
    exchange = answered(hostile, text=hostile, sources=(source,), unsupported=(hostile,), trouble=hostile)
    page = export.exported(Conversation(hostile, (exchange,), hostile), form, RUSSIAN)
    for mark in ("<img", "<script", "<iframe", 'href="javascript'):
        assert mark not in page
    assert "default-src 'none'" in page


def test_markdown_of_an_answer_shows_no_picture_and_runs_no_html() -> None:
    text = export.markdown(rich("<img src=x> ![p](http://x) `<b>![` a < b\n```\n![<i>\n```"), RUSSIAN, sources=False)
    assert text.startswith("\\<img src=x> \\![p](http://x) `<b>![` a < b\n```\n![<i>\n```")


def test_a_question_of_many_lines_stays_one_heading() -> None:
    text = export.exported(conversation(answered("# Первая\n\n- вторая\n1. третья")), Format.MARKDOWN, RUSSIAN)
    assert "## \\# Первая\n\n> \\- вторая  \n> 1\\. третья  " in text.replace("\\1", "1") or "> \\- вторая" in text
    assert text.count("\n## ") == 1


def test_json_has_the_fields_of_the_command_line() -> None:
    value = json.loads(export.exported(conversation(answered(), abstained()), Format.JSON, RUSSIAN))
    assert (value["format"], value["version"], value["title"], value["base"]) == (
        "offlite-conversation",
        1,
        "Сброс пароля",
        "ИТ-поддержка",
    )
    first, second = value["exchanges"]
    assert first["citations"][0]["place"] == {"paragraph": 14}
    assert first["citations"][1]["number"] == 2
    assert first["timings"]["first_token_ms"] == 1900
    assert first["sentences"][2] == {
        "text": "Индикатор мигнёт дважды.",
        "supported": False,
        "citations": [],
        "missing": ["дважды"],
    }
    assert (first["note"], first["rating"], first["mode"]) == ("cut", 1, "model")
    assert second["mode"] == "abstained"
    assert second["nearest"] == [{"document": "docs/onec-webinar.srt", "title": "Вебинар по 1С"}]


def test_a_clock_that_is_far_off_fails_no_export() -> None:
    exchange = answered(asked_at=1e18, state=State.DONE)
    for form in Format:
        assert export.exported(conversation(exchange), form, ENGLISH)


def test_without_a_title_there_is_a_word_for_it() -> None:
    for form, title in ((Format.MARKDOWN, "# Разговор без названия"), (Format.HTML, "<h1>Разговор без названия</h1>")):
        assert title in export.exported(Conversation("", ()), form, RUSSIAN)


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Как сбросить пароль?", "Как сбросить пароль.md"),
        ('а/б\\в: "г" <д>|*?\n\x00', "а б в г д.md"),
        ("...", "Разговор.md"),
        ("", "Разговор.md"),
        ("CON", "Разговор.md"),
        ("а" * 300, "а" * 80 + ".md"),
        ("Что делать. ", "Что делать.md"),
    ],
)
def test_a_file_name_fits_every_system(title: str, name: str) -> None:
    assert export.file_name(title, Format.MARKDOWN, otherwise="Разговор") == name

"""Questions to a language model at the command line: what is shown while it works, marks, notes, JSON, categories.

A scripted model says what is to be shown; a small real one, of random weights, goes through every part for real.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from command import Done
from engine_material import write_model
from fake_model import DEATH, FakeModel, running

from app import language_models, paths
from app.cli.live import Flow
from app.cli.terminal import Terminal
from app.demo import DOCUMENTS, QUESTION
from app.language_models import Chosen, Running
from app.wording import Language, Wording
from kb.base import KnowledgeBase

pytestmark = pytest.mark.usefixtures("russian")

GOOD = "Держите кнопку Reset 10 секунд [1]."
MADE_UP = "Потом позвоните Сидорову по номеру 777-77."


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bases") / "документы.db"
    with KnowledgeBase.create(path) as created:
        list(created.add([DOCUMENTS]))
    return path


@pytest.fixture(scope="module")
def malyutka(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("models") / "Малютка.gguf")


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch):
    """Return a function that lets every ``--model`` mean a model that says what it is given."""

    def script(*answers: object, **options: bool) -> FakeModel:
        model = running(*answers, **options)  # type: ignore[arg-type]

        @contextmanager
        def opened(_: Chosen, *, adapter: str | None = None) -> Iterator[Running]:
            yield replace(model, adapter=(adapter, 1.0) if adapter else None)

        chosen = Chosen("Малютка", Path("/модели/малютка.gguf"), None)
        monkeypatch.setattr(language_models, "choose", lambda name: None if name == "none" else chosen)
        monkeypatch.setattr(language_models, "opened", opened)
        assert isinstance(model.model, FakeModel)
        return model.model

    return script


def test_an_answer_of_a_model_is_shown_with_its_sources(offlite, base: Path, scripted) -> None:
    scripted(GOOD)
    done: Done = offlite("ask", QUESTION, "--kb", base)
    assert done.status == 0
    assert done.out.startswith("Держите кнопку Reset 10 секунд. [1]\n")
    assert "Источники:\n[1] Сброс пароля роутера, строка 5" in done.out
    assert "цитата" not in done.out
    assert "⚠" not in done.out
    assert "Читаю: " in done.err


def test_what_is_not_supported_is_visibly_marked_and_the_mark_explained(offlite, base: Path, scripted) -> None:
    scripted(f"{GOOD} {MADE_UP}")
    done: Done = offlite("ask", QUESTION, "--kb", base)
    assert f"{MADE_UP} ⚠\n" in done.out
    assert "⚠ — этого в найденных фрагментах нет (777-77, Сидорову)" in done.out


def test_the_json_of_a_models_answer_is_the_contract(offlite, base: Path, scripted) -> None:
    scripted(f"{GOOD} {MADE_UP}")
    answer = offlite("ask", QUESTION, "--kb", base, "--json").json
    assert answer["mode"] == "model"
    assert answer["model"] == "Малютка"
    assert answer["answer"] == f"Держите кнопку Reset 10 секунд. [1] {MADE_UP}"
    assert answer["unsupported"] == [MADE_UP]
    assert answer["note"] is None
    assert answer["timings"]["prompt_tokens"] > answer["timings"]["generated_tokens"] > 0
    (citation,) = answer["citations"]
    assert citation["number"] == 1
    assert citation["place"] == {"line": 5}


def test_a_rejected_answer_gives_way_to_the_quotation(offlite, base: Path, scripted) -> None:
    scripted(MADE_UP)
    done: Done = offlite("ask", QUESTION, "--kb", base)
    assert done.status == 0
    assert done.out.startswith("Ответ модели не подтверждается документами.")
    assert "удерживайте кнопку Reset 10 секунд" in done.out
    told = offlite("ask", QUESTION, "--kb", base, "--json").json
    assert (told["mode"], told["note"], told["unsupported"]) == ("quotation", "unsupported", [MADE_UP])


def test_a_dead_model_is_one_sentence_and_the_quotation(offlite, base: Path, scripted) -> None:
    scripted(("Держите кнопку", DEATH))
    done: Done = offlite("ask", QUESTION, "--kb", base)
    assert done.status == 0
    assert "Вместо ответа модели" in done.out
    assert "10 секунд" in done.out
    assert "малютка.gguf" in done.err
    assert "непредвиденная" not in done.err


def test_a_refusal_of_the_model_exits_3(offlite, base: Path, scripted) -> None:
    scripted("В базе знаний нет ответа на этот вопрос.")
    done: Done = offlite("ask", QUESTION, "--kb", base)
    assert done.status == 3
    assert done.out.count("нет ответа") == 1
    assert "Ближайшие документы:" in done.out


def test_a_cut_answer_says_so(offlite, base: Path, scripted) -> None:
    scripted("Держите кнопку Reset 10 секунд. Пока индика", limit_reached=True)
    assert "оборван" in offlite("ask", QUESTION, "--kb", base).out


def test_none_means_quotations(offlite, base: Path, scripted) -> None:
    model = scripted(GOOD)
    done: Done = offlite("ask", QUESTION, "--kb", base, "--model", "none", "--json")
    assert done.json["mode"] == "quotation"
    assert model.requests == []


def test_style_and_adapter_are_passed_on(offlite, base: Path, scripted) -> None:
    model = scripted(GOOD)
    offlite("ask", QUESTION, "--kb", base, "--style", "steps", "--adapter", "договоры")
    assert "по шагам" in model.requests[0].messages[-1].text
    assert model.requests[0].adapter == ("договоры", 1.0)
    assert offlite("ask", QUESTION, "--kb", base, "--style", "стихи").status == 2


def test_categories_print_one_object(offlite, scripted) -> None:
    scripted('{"category": "Доставка"}')
    done: Done = offlite("ask", "Где моя посылка?", "--categories", "Счета, Доставка")
    assert done.status == 0
    assert done.json["category"] == "Доставка"
    assert set(done.json) == {"text", "category", "model", "timings"}
    assert offlite("ask", "Где?", "--categories", "Счета").status == 2


def test_categories_need_a_model(offlite) -> None:
    done: Done = offlite("ask", "Где?", "--categories", "а,б")
    assert done.status == 1
    assert "offlite models list" in done.err


def test_a_conversation_goes_on_with_the_same_model(offlite, base: Path, scripted, monkeypatch) -> None:
    model = scripted(GOOD)
    lines = f"{QUESTION}\nА сколько секунд держать?\n/заново\nА что потом?\n"
    monkeypatch.setattr(sys, "stdin", io.StringIO(lines))
    done: Done = offlite("chat", "--kb", base)
    assert done.status == 0
    assert "Вопрос понят так: А сколько секунд держать? (сбросить пароль роутера)" in done.err
    first, second = model.requests[:2]
    assert second.messages[: len(first.messages)] == first.messages
    assert "Начинаем заново" in done.err
    assert all(len(request.messages) == 2 for request in model.requests[2:])


# -- a real model of random weights -----------------------------------------------------------------------------------


def test_a_real_model_answers_or_gives_way(offlite, base: Path, malyutka: Path) -> None:
    for style in ("short", "letter"):
        done: Done = offlite("ask", QUESTION, "--kb", base, "--model", malyutka, "--style", style, "--json")
        assert done.status == 0
        answer = done.json
        assert answer["model"] == "Малютка"
        assert answer["timings"]["generated_tokens"] > 0
        assert answer["mode"] in ("model", "quotation")
        assert answer["citations"]
    assert answer["timings"]["reused_tokens"] > 0  # the system's message, read once and for all
    assert list(paths.model_states().glob("*.state"))


def test_an_installed_model_is_the_default_and_is_not_run_when_it_has_changed(
    offlite, base: Path, malyutka: Path
) -> None:
    assert offlite("models", "add", malyutka).status == 0
    assert offlite("ask", QUESTION, "--kb", base, "--json").json["model"] == "Малютка"
    assert offlite("ask", QUESTION, "--kb", base, "--model", "none", "--json").json["model"] is None
    installed = paths.models() / "Малютка.gguf"
    content = bytearray(installed.read_bytes())
    content[-1] ^= 1
    installed.write_bytes(content)
    done: Done = offlite("ask", QUESTION, "--kb", base)
    assert done.status == 1
    assert "Малютка" in done.err
    assert done.out == ""


def test_a_real_model_chooses_a_category(offlite, malyutka: Path) -> None:
    done: Done = offlite("ask", "Где моя посылка?", "--categories", "Счета,Доставка", "--model", malyutka)
    assert done.status == 0
    assert done.json["category"] in ("Счета", "Доставка")


@pytest.mark.parametrize("content", [b"", b"GGUF", b"not a model at all"])
def test_a_damaged_file_is_one_sentence_and_status_1(offlite, base: Path, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "плохая.gguf"
    file.write_bytes(content)
    done: Done = offlite("ask", QUESTION, "--kb", base, "--model", file)
    assert done.status == 1
    assert "плохая.gguf" in done.err
    assert "непредвиденная" not in done.err


def test_words_flow_within_the_width_of_the_terminal(capsys, monkeypatch) -> None:
    terminal = Terminal(Wording(Language.RUSSIAN))
    monkeypatch.setattr(terminal, "width", lambda: 20)
    flow = Flow(terminal)
    for piece in ("Удержи", "вайте кно", "пку Reset", " 10 секунд.", " [1]", "\n", "Готово."):
        flow.write(piece)
    assert flow.end()
    assert not flow.end()
    assert capsys.readouterr().out == "Удерживайте кнопку\nReset 10 секунд. [1]\nГотово.\n"

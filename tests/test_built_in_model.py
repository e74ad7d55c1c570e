"""The model that comes with Offlite, as its users meet it: the real file, the real worker process, real answers."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from command import Done
from engine_material import write_model
from fake_base import piece
from runtime_material import end, resident, said

from app import assistant, demo, language_models, paths, prompts
from app.answer_text import cited, is_refusal
from app.events import Answer, Mode
from app.language_models import Running
from app.prompt import request
from kb.base import KnowledgeBase
from models import catalog
from models.installed import Store
from models.runtime.events import Finished, Text
from models.runtime.options import QUOTING, Request

pytestmark = pytest.mark.usefixtures("shipped", "russian")

FACTS = (
    ("Кто отвечает за архив?", "Петрова", "За архив отвечает Анна Петрова, комната 214."),
    ("Сколько дней хранят заявки?", "45 дней", "Заявки хранят 45 дней, потом удаляют."),
    ("Какой пароль у гостевой сети?", "vishnya-2024", "Пароль гостевой сети — vishnya-2024, он меняется каждый месяц."),
    (
        "Кому сообщать о поломке принтера?",
        "2-15-40",
        "О поломке принтера сообщайте в службу поддержки по телефону 2-15-40.",
    ),
)


@pytest.fixture(scope="module")
def chosen() -> language_models.Chosen:
    """Return the model that is shipped."""
    [model] = [model for model in Store(Path("none"), shipped=_weights()).models() if model.shipped]
    return language_models.Chosen(model.name, model.path, model.sha256, model)


@pytest.fixture(scope="module")
def running(chosen: language_models.Chosen, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Return it in its process, as the assistant has it."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("OFFLITE_HOME", str(tmp_path_factory.mktemp("home")))
        environment.delenv("OFFLITE_SHIPPED", raising=False)
        with language_models.opened(chosen) as running:
            yield running


def _weights() -> Path:
    return Path(__file__).resolve().parents[1] / "models" / "weights"


def asking(question: str, *texts: str, limit: int = 80) -> Request:
    pieces = [piece(text, number=number, title=f"Памятка {number}") for number, text in enumerate(texts, start=1)]
    wanted = request(pieces, question, sampling=QUOTING)
    return Request(messages=wanted.messages, sampling=wanted.sampling, limit=limit)


def answered(question: str, base: KnowledgeBase, running: Running) -> Answer:
    *_, last = assistant.ask(question, base=base, model=running)
    assert isinstance(last, Answer)
    return last


def test_it_is_what_a_fresh_installation_has(offlite: Callable[..., Done], chosen: language_models.Chosen) -> None:
    assert language_models.choose(None) == chosen
    [model] = offlite("models", "list", "--json").json["installed"]
    assert model["shipped"]
    entry = catalog.load().get(model["catalog"])
    assert entry is not None
    assert entry.shipped
    assert model["size"] == chosen.path.stat().st_size <= 32 * 10**6
    assert abs(entry.size(model["type"]) - model["size"]) < 0.1 * model["size"]
    assert offlite("models", "verify", chosen.name).status == 0


def test_its_card_and_its_certificate_lie_beside_it(chosen: language_models.Chosen) -> None:
    certificate = json.loads(chosen.path.with_name(chosen.path.name + ".json").read_text("utf-8"))
    assert chosen.sha256 in json.dumps(certificate)
    card = chosen.path.with_suffix(".md").read_text("utf-8")
    assert "CC BY 4.0" in card
    assert chosen.sha256 is not None
    assert chosen.sha256 in card


def test_what_is_installed_answers_instead(tmp_path: Path) -> None:
    for _ in Store(paths.models()).add(write_model(tmp_path / "своя.gguf")):
        pass
    best = language_models.choose(None)
    assert best is not None
    assert best.name == "своя"


def test_it_answers_from_the_demonstration(offlite: Callable[..., Done]) -> None:
    done = offlite("ask", demo.QUESTION, "--json")
    assert done.status == 0
    assert done.json["mode"] == "model"
    assert "10 секунд" in done.json["answer"]
    [first, *_] = done.json["citations"]
    assert Path(first["document"]).name == "router-password.md"
    assert done.json["unsupported"] == []


def test_without_a_model_there_are_quotations_still(offlite: Callable[..., Done]) -> None:
    done = offlite("ask", demo.QUESTION, "--model", "none", "--json")
    assert done.json["mode"] == "quotation"
    assert done.json["model"] is None
    assert "10 секунд" in done.json["answer"]


def test_it_says_where_there_is_no_answer(running: Running) -> None:
    texts = [text for _, _, text in FACTS[:2]]
    assert is_refusal(said(running.model.generate(asking("Какой пароль у гостевой сети?", *texts))))
    assert prompts.REFUSAL.startswith("В базе знаний нет ответа")


def test_an_absent_topic_is_refused(offlite: Callable[..., Done]) -> None:
    done = offlite("ask", "Как приручить дракона?", "--json")
    assert done.status == 3
    assert done.json["mode"] == "abstained"


@pytest.mark.parametrize(("question", "wanted", "_text"), FACTS)
def test_it_finds_the_right_passage_among_others(running: Running, question: str, wanted: str, _text: str) -> None:
    texts = [text for _, _, text in FACTS]
    answer = said(running.model.generate(asking(question, *texts)))
    assert wanted in answer
    assert cited(answer) == (1 + [one[0] for one in FACTS].index(question),)


def test_cancelled_in_mid_answer_it_takes_the_next_question(running: Running) -> None:
    wanted = asking(FACTS[2][0], FACTS[2][2])
    whole = said(running.model.generate(wanted))
    asked = threading.Event()
    pieces = []
    with closing(running.model.generate(wanted, stop=asked.is_set)) as events:  # type: ignore[type-var]
        for event in events:
            if isinstance(event, Text):
                pieces.append(event.delta)
                asked.set()
                began = time.monotonic()
            elif isinstance(event, Finished):
                assert event.reason == "cancelled"
    assert time.monotonic() - began < 0.5
    assert len("".join(pieces)) < len(whole)
    assert said(running.model.generate(wanted)) == whole


def test_two_questions_at_once_are_both_answered(demo_base: KnowledgeBase, running: Running) -> None:
    questions = [question for question, _ in demo.QUESTIONS[:2]]
    alone = [answered(question, demo_base, running).text for question in questions]
    found: dict[int, str] = {}

    def ask(at: int) -> None:
        with KnowledgeBase.open(demo_base.path) as base:
            found[at] = answered(questions[at], base, running).text

    threads = [threading.Thread(target=ask, args=(at,)) for at in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [found[0], found[1]] == alone


def test_a_hundred_questions_leave_memory_flat(running: Running) -> None:
    def ask(number: int) -> None:
        question, _, _ = FACTS[number % len(FACTS)]
        texts = [text for _, _, text in FACTS[number % 3 :]] + [f"Заявка № {number} закрыта."]
        assert end(running.model.generate(asking(question, *texts, limit=24))).generated_tokens

    for number in range(25):
        ask(number)
    before = resident(running.model.pid)
    for number in range(25, 125):
        ask(number)
    assert resident(running.model.pid) < before + 8_000_000
    assert before < 150_000_000


def test_demonstration_questions_are_answered_by_the_model(demo_base: KnowledgeBase, running: Running) -> None:
    answers = [answered(question, demo_base, running) for question, _ in demo.QUESTIONS]
    written = [answer for answer in answers if answer.mode is Mode.MODEL]
    assert len(written) >= len(answers) // 2
    assert all(answer.citations for answer in written)


@pytest.fixture(name="demo_base", scope="module")
def _demo_base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeBase]:
    path = tmp_path_factory.mktemp("demonstration") / "base.db"
    with KnowledgeBase.create(path) as base:
        for _ in base.add([demo.DOCUMENTS]):
            pass
        yield base

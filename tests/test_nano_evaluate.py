"""The evaluation of the small model: its trials, what it sees in answers, its bars, and a real model through it all."""

from __future__ import annotations

import json
from pathlib import Path

import engine_material
import pytest
from fake_model import FakeModel

from app import prompts
from models.errors import ContextOverflow
from models.nano import evaluate, trials
from models.nano.evaluate import BARS, Bar
from models.nano.judging import Judged, broken, judged, repeated
from models.nano.trials import Trial, piece

PUMP = "Насос стоит в подвале дома пять. За ним следит бригада Петрова."
LIFT = "Лифт чинит завод «Подъём» из Самары. Он приезжает за 3 дня."
PORTAL = "Заявки подают через портал не позднее 15 числа."
TRIAL = Trial(
    "Кто следит за насосом?",
    ("бригада Петрова",),
    (piece(1, "Статья 1", LIFT), piece(2, "Статья 2", PUMP), piece(3, "Статья 3", PORTAL)),
    gold=2,
)


def asked(answer: str, trial: Trial = TRIAL) -> Judged:
    return judged(FakeModel(answer), trial)  # type: ignore[arg-type]  # as much of a model as is asked of it


def test_passages_that_are_too_long_are_halved_as_the_assistant_halves_them() -> None:
    full = ContextOverflow(prompt=2002, answer=150, context=2048)
    model = FakeModel(full, "Лифт чинит завод «Подъём» из Самары. [1]")
    one = judged(model, TRIAL)  # type: ignore[arg-type]
    assert [text in model.requests[1].messages[-1].text for text in (LIFT, PUMP, PORTAL)] == [True, False, False]
    assert (one.cited, one.cites_right, one.refused) == ((1,), False, False)
    with pytest.raises(ContextOverflow):
        judged(FakeModel(full), TRIAL)  # type: ignore[arg-type]


@pytest.fixture
def xquad(tmp_path: Path) -> Path:
    """Write questions as XQuAD-ru has them: two articles, two paragraphs each."""

    def paragraph(text: str, question: str, answer: str) -> dict[str, object]:
        return {"context": text, "qas": [{"question": question, "answers": [{"text": answer}]}]}

    first = [
        paragraph(PUMP, "Кто следит за насосом?", "бригада Петрова"),
        paragraph("Второй насос стоит на крыше. За насосом следит сторож.", "Где стоит второй насос?", "на крыше"),
    ]
    second = [
        paragraph(LIFT, "Кто чинит лифт?", "завод «Подъём»"),
        paragraph(PORTAL, "Как подают заявки?", "через портал"),
    ]
    path = tmp_path / "xquad.json"
    path.write_text(json.dumps({"data": [{"paragraphs": first}, {"paragraphs": second}]}), encoding="utf-8")
    return path


def test_trials_put_the_paragraph_among_others_or_withhold_it(xquad: Path) -> None:
    present, absent = trials.xquad(xquad)
    assert len(present) == len(absent) == 4
    for trial in present:
        assert trial.gold is not None
        gold = trial.pieces[trial.gold - 1]
        assert gold.number == trial.gold
        assert any(answer in gold.text for answer in trial.answers)
    for trial in absent:
        assert trial.gold is None
        assert not any(answer in one.text for answer in trial.answers for one in trial.pieces)
    pump = next(trial for trial in present if "следит" in trial.question)
    assert any("сторож" in one.text for one in pump.pieces)  # what is near the question is beside the answer
    assert trials.xquad(xquad) == (present, absent)
    assert len(trials.xquad(xquad, limit=2)[0]) == 2


def test_a_right_answer_is_seen_to_be_right() -> None:
    one = asked("За насосом следит бригада Петрова. [2]")
    assert one.holds_answer
    assert one.cites_right
    assert one.shows_right
    assert not one.refused
    assert one.supported == one.shown_supported == (True,)
    assert not broken(one)


def test_a_wrong_citation_is_seen_though_the_product_corrects_it() -> None:
    one = asked("За насосом следит бригада Петрова. [1]")
    assert not one.cites_right
    assert one.shows_right
    assert one.supported == (False,)
    assert one.shown_supported == (True,)


def test_a_refusal_is_no_answer() -> None:
    one = asked(prompts.REFUSAL)
    assert one.refused
    assert not one.holds_answer
    assert one.supported == ()


def test_what_no_passage_says_is_not_supported() -> None:
    one = asked("За насосом следит директор Сидоров из Тулы. [2]")
    assert one.supported == one.shown_supported == (False,)
    assert not one.holds_answer


def test_loops_and_broken_words_are_seen() -> None:
    assert repeated(["один два три четыре пять"]) == 0
    assert repeated(["раз два три четыре раз два три четыре раз два три четыре"]) > 0.5
    assert repeated([]) == 0
    assert broken(asked("Насосовка стоит в подваалеле. [2]")) == ["насосовка", "подваалеле"]


def test_bars_ask_for_at_least_or_at_most_and_for_half() -> None:
    assert Bar(0.5).reached(0.5, halved=False)
    assert not Bar(0.5).reached(0.3, halved=False)
    assert Bar(0.5).reached(0.3, halved=True)
    assert Bar(0.1, at_most=True).reached(0.1, halved=False)
    assert not Bar(0.1, at_most=True).reached(0.15, halved=False)
    assert Bar(0.1, at_most=True).reached(0.15, halved=True)


def test_figures_count_citations_of_what_was_answered() -> None:
    answered = [asked("За насосом следит бригада Петрова. [2]"), asked(prompts.REFUSAL)]
    figures = evaluate.quality(answered, [asked(prompts.REFUSAL), asked("Лифт чинит завод. [1]")])
    assert figures["answer inside"] == 0.5
    assert figures["right citation"] == 1
    assert figures["supported sentences"] == 1
    assert figures["refuses without the paragraph"] == 0.5
    assert figures["refuses with the paragraph"] == 0.5


def test_the_whole_evaluation_runs_on_a_real_model(
    xquad: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    model = engine_material.write_model(tmp_path / "nano.gguf")
    questions = tmp_path / "demo.json"
    questions.write_text('[{"question": "Сколько держать Reset?", "contains": "10 секунд"}]', encoding="utf-8")
    monkeypatch.setattr(evaluate, "DEMO", questions)
    monkeypatch.setattr(evaluate, "STARTS", 1)
    output = tmp_path / "nano.json"
    arguments = [str(model), "--xquad", str(xquad), "--questions", "1", "--threads", "1", "--output", str(output)]
    monkeypatch.setattr("sys.argv", ["evaluate", *arguments])
    assert evaluate.main() == 1  # random weights reach no bar
    said = capsys.readouterr().out
    assert all(name in said for name in BARS)
    assert "MISSED" in said
    results = json.loads(output.read_text("utf-8"))
    assert len(results["answers"]) == 2
    assert 0 < results["figures"]["memory, MB"] < 500
    assert results["figures"]["prompt, tokens"] < evaluate.PROMPT + 30  # markup is longer in this tiny vocabulary

"""How good search and answers are (``make eval``): a table for people, JSON for machines.

Weights were fitted on the even articles of XQuAD-ru (``fit.py``); every figure of XQuAD-ru here is of the odd ones,
among the support articles as distractors. ``--swap`` fits on the odd articles in memory and reports the even ones, as a
second opinion: the two halves differ by more than most changes do.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from unittest import mock

import corpora
import fit
import grounding
from corpora import Question
from mistakes import in_wrong_layout, with_typo

from kb.base import KnowledgeBase
from kb.language.words import fold
from kb.results import Answer
from kb.search import weights

Figures = dict[str, float]
BARS = {
    "xquad": {
        "recall@1": 0.93,
        "recall@5": 0.975,
        "mrr@10": 0.95,
        "answer in quotation": 0.87,
        "answer beside sentence": 0.87,
        "answer in sentence": 0.78,
    },
    "context": {"answer in 300 tokens": 0.93},
    "abstention": {"abstains when absent": 0.80, "answers when present": 0.95},
}
ARTICLES = 300
"""Support articles whose sentences grounding is tried on."""


def retrieval(base: KnowledgeBase, questions: Sequence[Question]) -> Figures:
    """Return recall@1, recall@5 and MRR@10 of the documents that answer ``questions``."""
    ranks = []
    for question in questions:
        found = base.search(question.text, limit=10).passages
        names = corpora.names_of(passage.document for passage in found)
        ranks.append(next((at for at, name in enumerate(names, 1) if name in question.documents), 0))
    return {
        "recall@1": _share(rank == 1 for rank in ranks),
        "recall@5": _share(1 <= rank <= 5 for rank in ranks),
        "mrr@10": sum(1 / rank for rank in ranks if rank) / len(ranks),
    }


def answers(base: KnowledgeBase, questions: Sequence[Question]) -> Figures:
    """Return how often the gold answer stands in the quotation, in or beside the best sentence, and in it alone."""
    quoted, beside, single = [], [], []
    for question in questions:
        given = base.answer(question.text, threshold=0.0)
        quoted.append(any(_inside(question, citation.quote) for citation in given.citations))
        beside.append(_inside(question, best_sentence(given, around=1)))
        single.append(_inside(question, best_sentence(given)))
    return {
        "answer in quotation": _share(quoted),
        "answer beside sentence": _share(beside),
        "answer in sentence": _share(single),
    }


def best_sentence(given: Answer, *, around: int = 0) -> str:
    """Return the likeliest sentence of the best passage, with ``around`` sentences on either side."""
    if not given.passages:
        return ""
    passage = given.passages[0]
    run = passage.sentences[max(0, passage.best - around) : passage.best + around + 1]
    return passage.text[run[0].start : run[-1].end]


def contexts(base: KnowledgeBase, questions: Sequence[Question]) -> Figures:
    """Return how often the gold answer stands in what a model is given to read, by budget, and in six whole passages.

    Tokens of the Qwen2 vocabulary, as ``corpora.tokens`` estimates them.
    """
    figures: Figures = {}
    consultations = [(question, base.consult(question.text, threshold=0.0)) for question in questions]
    for budget in (150, 300, 600):
        read = [(q, one.context(budget=budget, count=corpora.tokens)) for q, one in consultations]
        held = [any(_inside(q, piece.text) for piece in context.pieces) for q, context in read]
        figures[f"answer in {budget} tokens"] = _share(held)
    whole = [(q, [passage.text for passage in base.search(q.text, limit=6).passages]) for q, _ in consultations]
    figures["answer in six passages"] = _share(any(_inside(q, text) for text in texts) for q, texts in whole)
    figures["tokens of six passages"] = sum(sum(corpora.tokens(texts)) for _, texts in whole) / len(whole)
    return figures


def confidences(base: KnowledgeBase, questions: Sequence[str]) -> list[float]:
    """Return how sure the base is of each of ``questions``."""
    return [base.answer(question).confidence for question in questions]


def curve(present: Sequence[float], absent: Sequence[float]) -> list[Figures]:
    """Return the whole trade: for thresholds from 0 to 1, who is answered and who is not."""
    steps = [step / 20 for step in range(21)]
    return [
        {
            "threshold": step,
            "answers when present": _share(sure >= step for sure in present),
            "abstains when absent": _share(sure < step for sure in absent),
        }
        for step in steps
    ]


def abstention(present: Sequence[float], absent: Sequence[float], *, threshold: float) -> Figures:
    """Return both shares at ``threshold``."""
    return {
        "answers when present": _share(sure >= threshold for sure in present),
        "abstains when absent": _share(sure < threshold for sure in absent),
    }


def _inside(question: Question, text: str) -> bool:
    flat = " ".join(fold(text).split())
    return any(" ".join(fold(answer).split()) in flat for answer in question.answers)


def _share(flags: object) -> float:
    seen = [bool(flag) for flag in flags]  # type: ignore[attr-defined]
    return sum(seen) / len(seen) if seen else 0.0


def evaluate(folder: Path, reported: Callable[[int], bool]) -> dict[str, object]:
    """Return all figures; XQuAD-ru's are of the articles that ``reported`` names."""
    _, everything = corpora.xquad()
    questions = [question for question in everything if reported(question.article)]
    label = "odd" if reported(1) else "even"
    texts = [question.text for question in questions]
    results: dict[str, object] = {"reported articles": label, "questions": len(questions)}
    with KnowledgeBase.open(corpora.build_base(folder, "full")) as base:
        results["xquad"] = retrieval(base, questions) | answers(base, questions)
        results["one typo"] = retrieval(base, _changed(questions, lambda text: with_typo(text, seed=1)))
        results["wrong layout"] = retrieval(base, _changed(questions, in_wrong_layout))
        results["context"] = contexts(base, questions)
        titles = sorted({record.title for record in base.documents() if Path(record.path).parent == corpora.SUPPORT})
        results["grounding"] = grounding.rates(base, titles[:: max(1, len(titles) // ARTICLES)])
        present = confidences(base, texts)
    with KnowledgeBase.open(
        corpora.build_base(folder, f"without-{label}", keep=lambda article: not reported(article))
    ) as base:
        absent = confidences(base, texts)
        results["paraphrases"] = retrieval(base, corpora.paraphrases())
        results["nowhere"] = {
            "abstains when absent": _share(s < weights.THRESHOLD for s in confidences(base, corpora.absent()))
        }
    results["abstention"] = abstention(present, absent, threshold=weights.THRESHOLD)
    results["curve"] = curve(present, absent)
    results["demo"] = demo(folder)
    return results


def demo(folder: Path) -> Figures:
    """Return the figures of the demonstration documents, of the questions that the weights have not seen."""
    answered, unanswered = (questions[1::2] for questions in corpora.demo_questions())
    with KnowledgeBase.open(corpora.index(folder / "demo.offlite", [corpora.DEMO])) as base:
        present, absent = confidences(base, [q.text for q in answered]), confidences(base, unanswered)
        return (
            retrieval(base, answered)
            | answers(base, answered)
            | abstention(present, absent, threshold=weights.THRESHOLD)
        )


def _changed(questions: Sequence[Question], change: Callable[[str], str]) -> list[Question]:
    return [Question(change(q.text), q.documents, q.answers, q.article) for q in questions]


def table(results: dict[str, object]) -> str:
    """Return the results as text, with the bars that are set and whether they are reached."""
    lines = [f"XQuAD-ru: {results['questions']} questions of the {results['reported articles']} articles"]
    for name, figures in results.items():
        if isinstance(figures, dict):
            lines += ["", name]
            lines += [_line(key, value, BARS.get(name, {}).get(key)) for key, value in figures.items()]
    curve_ = results["curve"]
    assert isinstance(curve_, list)
    lines += ["", f"threshold (default {weights.THRESHOLD:.2f})   answers when present   abstains when absent"]
    lines += [
        f"  {p['threshold']:.2f} {p['answers when present']:32.3f} {p['abstains when absent']:22.3f}" for p in curve_
    ]
    return "\n".join(lines)


def _line(key: str, value: float, bar: float | None) -> str:
    verdict = (
        "" if bar is None else f"   bar {bar:.3f}  {'reached' if value >= bar else f'missed by {bar - value:.3f}'}"
    )
    return f"  {key:44} {value:.3f}{verdict}"


def main() -> int:
    """Evaluate, print the table, write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bases", type=Path, default=corpora.ROOT / "eval-results" / "bases")
    parser.add_argument("--output", type=Path, default=corpora.ROOT / "eval-results" / "eval.json")
    parser.add_argument("--swap", action="store_true", help="fit on the odd articles, report the even ones")
    options = parser.parse_args()
    if not corpora.SHARED.is_dir():
        sys.stderr.write(f"The evaluation needs the shared data in {corpora.SHARED}.\n")
        return 1
    options.bases.mkdir(parents=True, exist_ok=True)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    if options.swap:
        constants = fit.fit_all(*fit.collected(options.bases, lambda article: not corpora.is_fitted(article)))
        with mock.patch.multiple(weights, **constants):
            results = evaluate(options.bases, corpora.is_fitted)
    else:
        results = evaluate(options.bases, lambda article: not corpora.is_fitted(article))
    options.output.write_text(json.dumps(results, ensure_ascii=False, indent=2), encoding="utf-8")
    sys.stdout.write(table(results) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

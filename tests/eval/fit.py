"""Fits ``kb/search/weights.py`` (``make fit``) on the even articles of XQuAD-ru.

Calibration and threshold also see every other question over the demonstration documents.

The odd articles and the other questions are never looked at here: they are what ``make eval`` reports on.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from unittest import mock

import corpora
import numpy as np
from corpora import Question
from logit import Array, Flags, fit_choice, fit_probability

from kb.language.words import fold
from kb.search import weights
from kb.search.candidates import candidates
from kb.search.confidence import CONFIDENCE_FEATURES, confidence_features
from kb.search.features import PASSAGE_FEATURES, SENTENCE_FEATURES, Measure
from kb.search.query import Query, understand
from kb.search.ranking import Ranked, dot
from kb.search.vocabulary import Vocabulary
from kb.store import documents
from kb.store.connection import connect
from kb.store.opened import Connection
from kb.store.records import StoredPassage

RIDGE = 0.03
"""Chosen by cross-validation over the fitted articles (of .01, .03 and .1)."""

OFFICE = 3
"""How often each question over the demonstration documents counts: there are 41 of them against 352."""

HEADING = 4.0
"""The weight of ``heading``, which XQuAD-ru cannot teach, for its paragraphs have no titles: of 0 to 6 the one that
finds most of every other demonstration question at rank one while XQuAD-ru loses nothing."""

MISSED = 0.035
"""Share of answerable questions that may be abstained from at the default threshold. The bar is .05; on 270 questions
the share has a standard error of .013."""

FREE = frozenset({"length", "question", "one_term"})
NEGATIVE = frozenset({"missing_weight", "missing_names", "sentences"})
"""Features whose weight may have either sign, and those where more is worse. Of all others more is better: knowing that
keeps 350 questions from teaching oddities."""

LEARNT = np.array([name != "heading" for name in PASSAGE_FEATURES], dtype=float)

TARGET = Path(corpora.ROOT / "kb" / "search" / "weights.py")


class Candidates:
    """One question's passages, measured."""

    def __init__(self, connection: Connection, question: Question) -> None:
        self.query: Query = understand(question.text, Vocabulary(connection))
        self.passages = documents.load_passages(connection, candidates(connection, self.query.terms))
        measure = Measure(self.query)
        self.measured = [
            measure([p.title, *p.heading], [p.text[s.start : s.end] for s in p.sentences]) for p in self.passages
        ]
        self.right: Flags = np.array([_answers(passage, question) for passage in self.passages], dtype=bool)
        self.answers = question.answers

    def features(self) -> Array:
        return np.array([one.passage for one in self.measured]).reshape(-1, len(PASSAGE_FEATURES))

    def sentence_groups(self) -> list[tuple[Array, Flags]]:
        """Return features and rightness of the sentences of every right passage."""
        groups = []
        for passage, measured, right in zip(self.passages, self.measured, self.right, strict=True):
            if right:
                texts = [passage.text[s.start : s.end] for s in passage.sentences]
                flags = np.array([_holds(text, self.answers) for text in texts], dtype=bool)
                groups.append((np.array(measured.sentences()), flags))
        return groups

    def ranked(self, passage: Sequence[float]) -> list[Ranked]:
        found = [Ranked(p, m, dot(passage, m.passage)) for p, m in zip(self.passages, self.measured, strict=True)]
        return sorted(found, key=lambda one: -one.odds)


def _holds(text: str, answers: Sequence[str]) -> bool:
    flat = " ".join(fold(text).split())
    return any(" ".join(fold(answer).split()) in flat for answer in answers)


def _answers(passage: StoredPassage, question: Question) -> bool:
    name = corpora.names_of(iter([passage.document]))[0]
    return name in question.documents and (not question.answers or _holds(passage.text, question.answers))


def bounds(names: Sequence[str]) -> dict[str, Array]:
    """Return the bounds of the weights of the features ``names``."""
    lower = [-np.inf if name in FREE or name in NEGATIVE else 0.0 for name in names]
    upper = [0.0 if name in NEGATIVE else np.inf for name in names]
    return {"lower": np.array(lower), "upper": np.array(upper)}


def measured(path: Path, questions: Sequence[Question]) -> list[Candidates]:
    """Return the candidates that the base at ``path`` has for ``questions``."""
    connection = connect(path)
    try:
        return [Candidates(connection, question) for question in questions]
    finally:
        connection.close()


def fit_all(
    answerable: Sequence[Candidates], hopeless: Sequence[Candidates], ranked_on: Sequence[Candidates]
) -> dict[str, object]:
    """Return the constants of ``weights.py``.

    Order and sentences are fitted on ``ranked_on``; calibration and threshold on what is answerable and what is not.
    """
    passage = fit_choice(
        [(one.features() * LEARNT, one.right) for one in ranked_on if len(one.right)],
        **bounds(PASSAGE_FEATURES),
        ridge=RIDGE,
    )
    passage[PASSAGE_FEATURES.index("heading")] = HEADING
    sentence = fit_choice(
        [group for one in ranked_on for group in one.sentence_groups()], **bounds(SENTENCE_FEATURES), ridge=RIDGE
    )
    top = [(one.features() @ passage, one.right) for one in [*answerable, *hopeless] if len(one.right)]
    odds = np.concatenate([np.sort(o)[::-1][:5] for o, _ in top])
    right = np.concatenate([r[np.argsort(-o)][:5] for o, r in top])
    everything = {"lower": np.array([0.0]), "upper": np.array([np.inf])}
    slope, bias = fit_probability(odds[:, None], right, **everything, ridge=0.0)
    with mock.patch.object(weights, "SENTENCE", sentence):
        rows = np.array([confidence_features(one.query, one.ranked(passage)) for one in [*answerable, *hopeless]])
    known = np.array([True] * len(answerable) + [False] * len(hopeless))
    sure, sure_bias = fit_probability(rows, known, **bounds(CONFIDENCE_FEATURES), ridge=0.003)
    certain = 1 / (1 + np.exp(-(rows[: len(answerable)] @ sure + sure_bias)))
    return {
        "PASSAGE": passage,
        "SENTENCE": sentence,
        "PASSAGE_SLOPE": float(slope[0]),
        "PASSAGE_BIAS": bias,
        "CONFIDENCE": sure,
        "CONFIDENCE_BIAS": sure_bias,
        "THRESHOLD": float(np.quantile(certain, MISSED)),
    }


DOCUMENTATION = {
    "PASSAGE": "Of ``kb.search.features.PASSAGE_FEATURES``.",
    "SENTENCE": "Of ``kb.search.features.SENTENCE_FEATURES``.",
    "PASSAGE_SLOPE": "With the bias: log-odds of the ranking to log-odds that a passage answers (Platt 1999).",
    "PASSAGE_BIAS": "",
    "CONFIDENCE": "Of ``kb.search.confidence.CONFIDENCE_FEATURES``.",
    "CONFIDENCE_BIAS": "",
    "THRESHOLD": "Confidence below which the base does not know: 3.5 % of answerable questions lie below it.",
}
NAMES = {"PASSAGE": PASSAGE_FEATURES, "SENTENCE": SENTENCE_FEATURES, "CONFIDENCE": CONFIDENCE_FEATURES}


HEADER = """What the features are worth: written by ``make fit``, not by hand.

Fitted on the even articles of XQuAD-ru (CC BY-SA 4.0, google-deepmind/xquad) among the articles of support-kb-ru
(CC BY 4.0), calibrated with every other question over the demonstration documents. No text of theirs is in here.
"""


def source(constants: dict[str, object]) -> str:
    """Return the text of ``weights.py``."""
    parts = [f'"""{HEADER}"""\n']
    for name, value in constants.items():
        if isinstance(value, float):
            parts.append(f"{name} = {value:.4f}")
        else:
            assert isinstance(value, np.ndarray)
            lines = [f"    {weight:.4f},  # {of}" for weight, of in zip(value, NAMES[name], strict=True)]
            parts.append("\n".join([f"{name} = (", *lines, ")"]))
        if DOCUMENTATION[name]:
            parts.append(f'"""{DOCUMENTATION[name]}"""\n')
    return "\n".join(parts) + "\n"


def collected(
    folder: Path, fitted: Callable[[int], bool]
) -> tuple[list[Candidates], list[Candidates], list[Candidates]]:
    """Return what ``fit_all`` takes, from the articles that ``fitted`` names."""
    _, questions = corpora.xquad()
    mine = [question for question in questions if fitted(question.article)]
    label = "even" if fitted(0) else "odd"
    full = corpora.build_base(folder, "full")
    lacking = corpora.build_base(folder, f"without-{label}", keep=lambda article: not fitted(article))
    demo = corpora.index(folder / "demo.offlite", [corpora.DEMO])
    answered, unanswered = corpora.demo_questions()
    ranked_on = measured(full, mine)
    office = measured(demo, answered[0::2])
    answerable = ranked_on + office * OFFICE
    unknown = measured(demo, [Question(text, frozenset()) for text in unanswered[0::2]])
    hopeless = measured(lacking, mine) + unknown * OFFICE
    return answerable, hopeless, ranked_on


def main() -> int:
    """Fit and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bases", type=Path, default=corpora.ROOT / "eval-results" / "bases")
    parser.add_argument("--print", action="store_true", help="print instead of writing weights.py")
    options = parser.parse_args()
    options.bases.mkdir(parents=True, exist_ok=True)
    text = source(fit_all(*collected(options.bases, corpora.is_fitted)))
    if options.print:
        sys.stdout.write(text)
        return 0
    TARGET.write_text(text, encoding="utf-8")
    return subprocess.run([sys.executable, "-m", "ruff", "format", "--quiet", str(TARGET)], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())

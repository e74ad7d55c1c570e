"""Makes questions out of a base whose right passages are known, to try a search on. Knows nothing of any search.

Nobody has asked this base anything yet, so its own text has to serve. A question must not be the text itself: words are
left out, those that remain are put into another grammatical form, and their order stays. Three kinds, in
turn: from a title or heading, from one sentence, and from words all over a document. The same seed gives the same
questions for the same base.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from kb.language.words import Word, fold, words
from kb.store.opened import Connection

if TYPE_CHECKING:
    from pymorphy3 import MorphAnalyzer

FEWEST_WORDS = 3
"""Words a title or sentence must have left to make a question of; two of «Общие настройки» fit any document."""

MOST_WORDS = 8
"""Words of a question. The questions people asked in XQuAD-ru have seven on average."""

_TRIES = 5  # passages drawn for each question wanted: many have too few words


@dataclass(frozen=True, slots=True)
class Question:
    """``relevant`` are the ids of all passages that would be right to find."""

    text: str
    relevant: frozenset[int]


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A passage drawn from the base, with the passages of the same document: id -> (text, heading)."""

    passage_id: int
    title: str
    sentences: tuple[str, ...]
    heading: tuple[str, ...]
    document: dict[int, tuple[str, tuple[str, ...]]]


def draw_questions(connection: Connection, count: int, *, seed: int) -> list[Question]:
    """Return up to ``count`` different questions about the base, fewer where it has too little text."""
    chance = random.Random(seed)
    makers = (_from_title, _from_sentence, _from_document)
    questions: dict[str, Question] = {}
    for attempt in range(count * _TRIES):
        if len(questions) == count:
            break
        drawn = _draw(connection, chance)
        if drawn is None:
            break
        question = makers[(len(questions) + attempt // count) % len(makers)](connection, drawn, chance)
        if question is not None:
            questions.setdefault(question.text, question)
    return list(questions.values())


def _draw(connection: Connection, chance: random.Random) -> _Drawn | None:
    first, last = connection.execute("SELECT min(id), max(id) FROM passage").fetchone()
    if first is None:
        return None
    passage_id, document_id, title, text, sentences, heading = connection.execute(
        """
        SELECT passage.id, document_id, title, text, sentences, heading
        FROM passage JOIN document ON document.id = document_id WHERE passage.id >= ? ORDER BY passage.id LIMIT 1
        """,
        (chance.randint(first, last),),
    ).fetchone()
    others = connection.execute("SELECT id, text, heading FROM passage WHERE document_id = ?", (document_id,))
    return _Drawn(
        passage_id,
        title,
        tuple(text[span[0] : span[1]] for span in json.loads(sentences)) or (text,),
        tuple(json.loads(heading)),
        {id_: (other, tuple(json.loads(path))) for id_, other, path in others},
    )


def _from_title(connection: Connection, drawn: _Drawn, chance: random.Random) -> Question | None:
    """Make a question of the title, or of the deepest heading, to which all passages under it are right."""
    by_heading = bool(drawn.heading) and chance.random() < 0.5
    text = _blurred(connection, words(drawn.heading[-1] if by_heading else drawn.title), chance)
    if text is None:
        return None
    under = [id_ for id_, (_, heading) in drawn.document.items() if not by_heading or heading == drawn.heading]
    return Question(text, frozenset(under))


def _from_sentence(connection: Connection, drawn: _Drawn, chance: random.Random) -> Question | None:
    """Make a question of one sentence, to which the passages that contain it are right (sentences overlap)."""
    sentence = chance.choice(drawn.sentences)
    text = _blurred(connection, words(sentence), chance)
    if text is None:
        return None
    return Question(text, frozenset(id_ for id_, (other, _) in drawn.document.items() if sentence in other))


def _from_document(connection: Connection, drawn: _Drawn, chance: random.Random) -> Question | None:
    """Make a question of words from all over a document, to which all its passages are right."""
    everything = [word for text, _ in drawn.document.values() for word in words(text)]
    some = [
        everything[at] for at in sorted(chance.sample(range(len(everything)), min(2 * MOST_WORDS, len(everything))))
    ]
    text = _blurred(connection, some, chance)
    return None if text is None else Question(text, frozenset(drawn.document))


def _blurred(connection: Connection, given: Sequence[Word], chance: random.Random) -> str | None:
    """Return half of the words, in other forms: a random half or, as often, the half that is commoner in the base.

    People who do not know a document's words ask in common ones. None when too few words are there.
    """
    different = list({word.stem: word for word in given}.values())
    keep = min(MOST_WORDS, -(-len(different) // 2))
    if keep < min(FEWEST_WORDS, len(different)) or len(different) < FEWEST_WORDS:
        return None
    if chance.random() < 0.5:
        kept = set(chance.sample(range(len(different)), keep))
    else:
        passages = _passages(connection, [word.stem for word in different])
        by_use = sorted(range(len(different)), key=lambda at: (-passages.get(different[at].stem, 0), at))
        kept = set(by_use[:keep])
    return " ".join(_other_form(different[at].form, chance) for at in sorted(kept))


def _passages(connection: Connection, stems: Sequence[str]) -> dict[str, int]:
    rows = connection.execute(
        "SELECT stem, passages FROM stem WHERE stem IN (SELECT value FROM json_each(?))", (json.dumps(list(stems)),)
    )
    return {str(stem): int(passages) for stem, passages in rows}


def _other_form(form: str, chance: random.Random) -> str:
    """Return another grammatical form of a Russian word, or the word as it is."""
    parse = _analyzer().parse(form)[0]
    others = sorted({fold(other.word) for other in parse.lexeme} - {form}) if parse.is_known else []
    return chance.choice(others) if others else form


@cache
def _analyzer() -> MorphAnalyzer:
    from pymorphy3 import MorphAnalyzer

    return MorphAnalyzer(lang="ru")

"""Makes questions out of a base whose right passages are known, to try a search on. Knows nothing of any search.

Nobody has asked this base anything yet, so its own text has to serve. Three kinds, in turn:

- a title or heading -> the passages under it;
- a sentence -> the passages that contain it;
- a sentence -> the other passages of its document, those that contain it being struck out of what is found (the
  inverse cloze task: https://arxiv.org/abs/1906.00300). A document of one passage gives one of the other kinds.

A question is never the text itself: a third or half of its telling words are left out, and half of the others are put
into another grammatical form. The same seed gives the same questions for the same base.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from kb.language.lemmas import other_forms
from kb.language.words import tokens, words
from kb.store.opened import Connection

FEWEST_WORDS = 3
"""Telling words a text must have to make a question of: two, as in «Общие настройки», fit any document."""

MOST_WORDS = 8
"""Telling words of a question. Those that people asked have five on average (XQuAD-ru), few have more than eight."""

_TRIES = 5  # passages drawn for each question wanted: many have too few words


class Kind(StrEnum):
    """What a question was made from, and what it has to find."""

    TITLE = "title"
    SENTENCE = "sentence"
    DOCUMENT = "document"


@dataclass(frozen=True, slots=True)
class Question:
    """Any passage of ``relevant`` is right to find; those of ``struck`` are to be left out of what is found."""

    text: str
    kind: Kind
    relevant: frozenset[int]
    struck: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class _Passage:
    text: str
    heading: tuple[str, ...]
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A passage drawn from the base, and all passages of its document by id."""

    passage_id: int
    title: str
    document: dict[int, _Passage]

    @property
    def passage(self) -> _Passage:
        return self.document[self.passage_id]


def draw_questions(connection: Connection, count: int, *, seed: int) -> list[Question]:
    """Return up to ``count`` different questions about the base, fewer where it has too little text."""
    chance = random.Random(seed)
    makers = (_from_title, _from_sentence, _from_document)
    questions: dict[str, Question] = {}
    for attempt in range(count * _TRIES):
        drawn = _draw(connection, chance)
        if drawn is None or len(questions) == count:
            break
        question = makers[attempt % len(makers)](connection, drawn, chance)
        if question is not None:
            questions.setdefault(question.text, question)
    return list(questions.values())


def _draw(connection: Connection, chance: random.Random) -> _Drawn | None:
    first, last = connection.execute("SELECT min(id), max(id) FROM passage").fetchone()
    if first is None:
        return None
    passage_id, document_id, title = connection.execute(
        """
        SELECT passage.id, document_id, title FROM passage JOIN document ON document.id = document_id
        WHERE passage.id >= ? ORDER BY passage.id LIMIT 1
        """,
        (chance.randint(first, last),),
    ).fetchone()
    rows = connection.execute("SELECT id, text, heading, sentences FROM passage WHERE document_id = ?", (document_id,))
    return _Drawn(passage_id, title, {row[0]: _passage(*row[1:]) for row in rows})


def _passage(text: str, heading: str, sentences: str) -> _Passage:
    spans = json.loads(sentences)
    return _Passage(text, tuple(json.loads(heading)), tuple(text[span[0] : span[1]] for span in spans) or (text,))


def _from_title(connection: Connection, drawn: _Drawn, chance: random.Random) -> Question | None:
    heading = drawn.passage.heading
    by_heading = bool(heading) and chance.random() < 0.5
    text = _blurred(connection, heading[-1] if by_heading else drawn.title, chance)
    if text is None:
        return None
    under = (id_ for id_, passage in drawn.document.items() if not by_heading or passage.heading == heading)
    return Question(text, Kind.TITLE, frozenset(under))


def _from_sentence(connection: Connection, drawn: _Drawn, chance: random.Random) -> Question | None:
    sentence = chance.choice(drawn.passage.sentences)
    text = _blurred(connection, sentence, chance)
    return None if text is None else Question(text, Kind.SENTENCE, _containing(sentence, drawn))


def _from_document(connection: Connection, drawn: _Drawn, chance: random.Random) -> Question | None:
    sentence = chance.choice(drawn.passage.sentences)
    holders = _containing(sentence, drawn)
    others = frozenset(drawn.document) - holders
    if not others:
        return chance.choice((_from_title, _from_sentence))(connection, drawn, chance)
    text = _blurred(connection, sentence, chance)
    return None if text is None else Question(text, Kind.DOCUMENT, others, holders)


def _containing(sentence: str, drawn: _Drawn) -> frozenset[int]:
    """Return the passages of the document that contain ``sentence``: neighbours overlap by one."""
    return frozenset(id_ for id_, passage in drawn.document.items() if sentence in passage.text)


def _blurred(connection: Connection, text: str, chance: random.Random) -> str | None:
    """Return ``text`` without part of its telling words, half of the rest in other forms; None when it has too few.

    What goes is a random half or, as often, the rarest third: people who do not know a document's words ask in
    common ones.
    """
    parts = tokens(text)
    telling = [at for at, part in enumerate(parts) if words(part)]
    if len(telling) < FEWEST_WORDS:
        return None
    start = chance.randrange(max(1, len(telling) - 2 * MOST_WORDS + 1))
    telling = telling[start : start + 2 * MOST_WORDS]
    if chance.random() < 0.5:
        kept = set(chance.sample(telling, max(FEWEST_WORDS, len(telling) // 2)))
    else:
        use = _passages(connection, [word.stem for at in telling for word in words(parts[at])])
        telling_by_use = sorted(telling, key=lambda at: -min(use.get(word.stem, 0) for word in words(parts[at])))
        kept = set(telling_by_use[: max(FEWEST_WORDS, len(telling) * 2 // 3)])
    span = range(telling[0], telling[-1] + 1)
    shown = [at for at in span if at in kept or not words(parts[at])]
    return " ".join(_other_form(parts[at], chance) if at in kept else parts[at] for at in shown)


def _passages(connection: Connection, stems: Sequence[str]) -> dict[str, int]:
    rows = connection.execute(
        "SELECT stem, passages FROM stem WHERE stem IN (SELECT value FROM json_each(?))", (json.dumps(list(stems)),)
    )
    return {str(stem): int(passages) for stem, passages in rows}


def _other_form(form: str, chance: random.Random) -> str:
    """Return another grammatical form of a Russian word or, as often, the word as it is."""
    others = other_forms(form) if chance.random() < 0.5 else []
    return chance.choice(others) if others else form

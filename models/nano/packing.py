"""Rows for the training loop: sequences put side by side until a row is full."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from models.nano.disguise import Disguise
from models.nano.examples import Composer
from models.nano.quizzes import Quizzes
from models.nano.rows import BRANCHES, FILLER, Rows
from models.nano.writing import LEFTOVER, Writer, Written

MISSES = 12
"""Examples in a row that find no room, before the rows count as full."""

LEAST = 16
"""Tokens that a document's beginning needs to say anything."""

LEAST_QUIZ, LEAST_QUESTIONS = 260, 160
"""Tokens that passages with a question need, and that questions get, however short their passages are."""


@dataclass(slots=True)
class _Row:
    tokens: list[int]
    documents: list[int]
    weights: list[int]
    sequences: int = 0

    def put(self, sequence: Written) -> None:
        self.tokens += sequence.tokens
        self.weights += sequence.weights
        self.documents += [self.sequences * BRANCHES] * len(sequence.tokens)
        self.sequences += 1

    def branch(self, sequence: Written, number: int) -> None:
        """Put branch ``number``, from 1 on, behind the last sequence and its branches."""
        self.tokens += sequence.tokens
        self.weights += sequence.weights
        self.documents += [(self.sequences - 1) * BRANCHES + number] * len(sequence.tokens)


def tasks(composer: Composer, writer: Writer, chance: random.Random, *, rows: int, length: int) -> Rows:
    """Return rows of examples; what room they leave is filled with documents."""
    made = [_Row([], [], []) for _ in range(rows)]
    missed = 0
    while missed < MISSES:
        sequence = writer.example(composer.example(chance))
        size = len(sequence.tokens)
        fitting = [row for row in made if len(row.tokens) + size <= length]
        if fitting:
            max(fitting, key=lambda row: len(row.tokens)).put(sequence)
        # One that is longer than a row is no sign of full rows, but too many of them must not go on for ever.
        missed = 0 if fitting else missed + 1
    for row in made:
        _fill(row, composer, writer, chance, length=length, weight=LEFTOVER)
    return _rows(made, length)


def quizzes(
    maker: Quizzes,
    writer: Writer,
    chance: random.Random,
    *,
    rows: int,
    length: int,
    share: float,
    disguise: Disguise | None = None,
) -> Rows:
    """Return rows of passages, each group of them with many questions behind it.

    ``share`` is the part of a row that questions get when passages take the rest; then the next group follows.
    """
    made = [_Row([], [], []) for _ in range(rows)]
    for row in made:
        missed = 0
        writing = writer.disguised(disguise.drawn(chance)) if disguise else writer
        reworded = partial(disguise.reworded, chance=chance) if disguise else list
        while missed < MISSES and length - len(row.tokens) >= LEAST_QUIZ:
            room = length - len(row.tokens)
            put = _quiz(row, maker, writing, chance, reworded, room=room, share=share)
            missed = 0 if put else missed + 1
    return _rows(made, length)


def _quiz(
    row: _Row,
    maker: Quizzes,
    writer: Writer,
    chance: random.Random,
    reworded: Callable[[list[int]], list[int]],
    *,
    room: int,
    share: float,
) -> bool:
    """Put passages and their questions into a row; return whether there was room for one at least."""
    quiz = maker.quiz(chance)
    stem = writer.stem(quiz.passages)
    left = room - len(stem.tokens)
    most = max(len(stem.tokens) * share / (1 - share), LEAST_QUESTIONS)
    if left - most < LEAST_QUIZ:
        most = left
    put = 0
    for asked in quiz.asked:
        branch = writer.branch(asked.question, asked.answer, asked.number, reworded)
        if len(branch.tokens) > left or (put and len(branch.tokens) > most):
            continue
        if not put:
            row.put(stem)
        put += 1
        row.branch(branch, put)
        left -= len(branch.tokens)
        most -= len(branch.tokens)
        if put == BRANCHES - 1:
            break
    return bool(put)


def documents(composer: Composer, writer: Writer, chance: random.Random, *, rows: int, length: int) -> Rows:
    """Return rows of documents as plain text."""
    made = [_Row([], [], []) for _ in range(rows)]
    for row in made:
        _fill(row, composer, writer, chance, length=length, weight=None)
    return _rows(made, length)


def _fill(
    row: _Row, composer: Composer, writer: Writer, chance: random.Random, *, length: int, weight: int | None
) -> None:
    while (room := length - len(row.tokens)) >= LEAST:
        sequence = writer.document(composer.document(chance), most=room)
        row.put(sequence if weight is None else Written(sequence.tokens, [weight] * len(sequence.tokens)))


def _rows(made: list[_Row], length: int) -> Rows:
    shape = (len(made), length)
    rows = Rows(np.zeros(shape, np.uint16), np.full(shape, FILLER, np.uint16), np.zeros(shape, np.uint8))
    for at, row in enumerate(made):
        end = len(row.tokens)
        rows.tokens[at, :end] = row.tokens
        rows.documents[at, :end] = row.documents
        rows.weights[at, :end] = row.weights
    return rows

"""Rows for the training loop, made by other processes while the accelerator works.

Row number i of a kind is the same whoever asks and whenever: a run that was interrupted asks for the next one. Workers
are forked, since all they read is read once; begin before anything touches the accelerator. Only the standard library,
numpy and tokenizers.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import queue
import random
import traceback
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from models.nano import answers, packing, prompt_texts, shelf
from models.nano.disguise import Disguise
from models.nano.examples import FULL, SHORT, Composer
from models.nano.lengthening import lengthened
from models.nano.quizzes import Quizzes
from models.nano.rows import Rows
from models.nano.writing import Writer

AHEAD = 2
"""Batches that are made for each worker before they are asked for."""

PATIENCE = 120.0
"""Seconds without a batch after which the workers count as lost."""


ASKED = 0.45
"""Share of questions and answers in the tokens of a quiz."""


class Kind(StrEnum):
    """What rows are made of."""

    DOCUMENTS = "documents"
    SHORT = "short"
    """Few sentences with many questions, for the beginning of the tasks."""
    QUIZZES = "quizzes"
    """Whole passages with many questions."""
    TASKS = "tasks"
    VALIDATION = "validation"
    """Tasks from documents that are never trained on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The shape of a batch, and the seed of everything in it. What is not in ``own`` has ``rows`` of ``length``."""

    rows: int
    length: int
    seed: int = 6
    own: Mapping[Kind, tuple[int, int]] = field(default_factory=dict)
    """Rows of a batch and their length by kind."""

    def size(self, kind: Kind) -> tuple[int, int]:
        """Return the rows of a batch of ``kind``, and their length."""
        return self.own.get(kind, (self.rows, self.length))

    @property
    def largest(self) -> int:
        """Tokens of the largest batch."""
        return max(rows * length for rows, length in [(self.rows, self.length), *self.own.values()])


@dataclass(frozen=True, slots=True)
class _Wanted:
    kind: Kind
    number: int


class Kitchen:
    """Makes batches, in whatever process it is called."""

    def __init__(self, folder: Path, plan: Plan) -> None:
        """``folder`` is what ``stocking`` wrote."""
        passages = shelf.read(folder / shelf.NAME)
        texts = prompt_texts.read(folder)
        self._plan = plan
        full = Composer(passages, texts, mix=FULL.within(plan.length))
        held_out = Composer(passages, texts, mix=FULL.within(plan.length), held_out=True)
        self._composers = {Kind.DOCUMENTS: full, Kind.TASKS: full, Kind.VALIDATION: held_out}
        longer = lengthened(passages, seed=plan.seed)
        self._quizzes = {
            kind: Quizzes(Composer(longer, texts, mix=mix.within(plan.size(kind)[1])))
            for kind, mix in ((Kind.SHORT, SHORT), (Kind.QUIZZES, FULL))
        }
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._writer = Writer(tokenizer, texts)
        self._disguise = Disguise(tokenizer, (*texts.everything, *answers.WORDS))

    def rows(self, kind: Kind, number: int) -> Rows:
        """Return batch ``number`` of a kind."""
        chance = random.Random(f"{self._plan.seed} {kind.value} {number}")
        rows, length = self._plan.size(kind)
        if kind in self._quizzes:
            quizzes, disguise = self._quizzes[kind], self._disguise
            return packing.quizzes(
                quizzes, self._writer, chance, rows=rows, length=length, share=ASKED, disguise=disguise
            )
        make = packing.documents if kind is Kind.DOCUMENTS else packing.tasks
        return make(self._composers[kind], self._writer, chance, rows=rows, length=length)

    def samples(self, count: int) -> list[tuple[list[int], str]]:
        """Return the tokens of prompts from held-out documents, and the answers wanted, to look at."""
        chance = random.Random(f"{self._plan.seed} samples")
        held_out = self._composers[Kind.VALIDATION]
        made = [held_out.example(chance) for _ in range(count)]
        return [(self._writer.prompt(one), "".join(one.turns[-1].answer)) for one in made]

    def text(self, tokens: list[int]) -> str:
        """Return what tokens say."""
        return self._writer.text(tokens)

    @property
    def fence(self) -> str:
        """What stands before a passage's number."""
        return self._composers[Kind.TASKS].texts.passage.partition("{number}")[0]


class Feed:
    """Workers and the shared memory that their batches come in."""

    def __init__(self, folder: Path, plan: Plan, *, workers: int) -> None:
        """Read the shelf and start ``workers`` processes; with 0 batches are made when they are asked for."""
        self.plan = plan
        self._kitchen = Kitchen(folder, plan)
        self._wanted: deque[tuple[_Wanted, int]] = deque()
        self._ready: set[int] = set()
        self._processes: list[Any] = []
        if not workers:
            return
        os.environ["TOKENIZERS_PARALLELISM"] = "false"
        forking = multiprocessing.get_context("fork")
        self._orders: Any = forking.SimpleQueue()
        self._done: Any = forking.Queue()
        self._slots = [_Slot.shared(forking, plan) for _ in range(workers * AHEAD)]
        self._free = list(range(len(self._slots)))
        gc.freeze()  # what is shared is not to be copied for the collector's marks
        for _ in range(workers):
            process = forking.Process(
                target=_work, args=(self._kitchen, self._slots, self._orders, self._done), daemon=True
            )
            process.start()
            self._processes.append(process)

    def __enter__(self) -> Feed:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def rows(self, kind: Kind, number: int) -> Rows:
        """Return batch ``number`` of a kind, and let the ones after it be made: for validation here and at once."""
        if kind is Kind.VALIDATION or not self._processes:
            return self._kitchen.rows(kind, number)
        wanted = _Wanted(kind, number)
        while self._wanted and self._wanted[0][0] != wanted:
            self._take()  # something else was asked for before: what is on its way is thrown away
        self._order(wanted)
        slot = self._take()
        rows = self._slots[slot].copied(self.plan.size(kind))
        self._order(_Wanted(kind, number + 1))
        return rows

    def samples(self, count: int) -> list[tuple[list[int], str]]:
        """Return the tokens of prompts from held-out documents, and the answers wanted, to look at."""
        return self._kitchen.samples(count)

    def text(self, tokens: list[int]) -> str:
        """Return what tokens say."""
        return self._kitchen.text(tokens)

    @property
    def fence(self) -> str:
        """What stands before a passage's number."""
        return self._kitchen.fence

    def close(self) -> None:
        """End the workers."""
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            process.join()
        self._processes.clear()

    def _order(self, first: _Wanted) -> None:
        """Have batches made from ``first`` on, as many as there is room for."""
        number = self._wanted[-1][0].number + 1 if self._wanted else first.number
        while self._free:
            slot = self._free.pop()
            self._wanted.append((_Wanted(first.kind, number), slot))
            self._orders.put((first.kind.value, number, slot))
            number += 1

    def _take(self) -> int:
        """Wait for the batch that was ordered first, and give its slot free; it holds until the next order."""
        _, slot = self._wanted[0]
        while slot not in self._ready:
            try:
                done, trouble = self._done.get(timeout=PATIENCE)
            except queue.Empty:
                raise RuntimeError("no batch has come for two minutes") from None
            if trouble:
                raise RuntimeError(f"a batch could not be made:\n{trouble}")
            self._ready.add(done)
        self._ready.discard(slot)
        self._wanted.popleft()
        self._free.append(slot)
        return slot


@dataclass(frozen=True, slots=True)
class _Slot:
    """Room for one batch in shared memory."""

    tokens: NDArray[np.uint16]
    documents: NDArray[np.uint16]
    weights: NDArray[np.uint8]

    @classmethod
    def shared(cls, forking: Any, plan: Plan) -> _Slot:
        tokens, documents = (np.frombuffer(forking.RawArray("H", plan.largest), np.uint16) for _ in range(2))
        return cls(tokens, documents, np.frombuffer(forking.RawArray("B", plan.largest), np.uint8))

    def put(self, rows: Rows) -> None:
        size = rows.tokens.size
        self.tokens[:size], self.documents[:size] = rows.tokens.reshape(-1), rows.documents.reshape(-1)
        self.weights[:size] = rows.weights.reshape(-1)

    def copied(self, shape: tuple[int, int]) -> Rows:
        size = shape[0] * shape[1]
        return Rows(
            self.tokens[:size].reshape(shape).copy(),
            self.documents[:size].reshape(shape).copy(),
            self.weights[:size].reshape(shape).copy(),
        )


def _work(kitchen: Kitchen, slots: list[_Slot], orders: Any, done: Any) -> None:
    while True:
        kind, number, slot = orders.get()
        try:
            slots[slot].put(kitchen.rows(Kind(kind), number))
        except Exception:  # whatever it is, the loop has to hear of it
            done.put((slot, traceback.format_exc()))
        else:
            done.put((slot, ""))

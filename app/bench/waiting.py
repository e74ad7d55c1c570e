"""How long the first word takes for a real question, asked in each of the ways there are.

Every way is asked in turn, several rounds, the best of each counts. What a way must not know from the round before is
marked: the naive prompt in its system message, the others in front of the first passage. So the naive pipeline reads
everything, and ours starts from the system message that any question has before it. An answer of one token is asked
for: then its end is the first word, and search, template, process and pipe are all in it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Protocol

from app import prompt
from app.assistant import Consulted
from app.bench.report import Wait, Way
from app.bench.speed import finished
from app.demo import QUESTION
from kb.results import FoundPassage, Piece, SearchResult
from kb.store.records import DocumentRecord
from models.errors import ContextOverflow
from models.runtime.client import Model
from models.runtime.options import Message, Request
from models.stopping import Stop

PASSAGES = 6
ROUNDS = 2


class Searched(Protocol):
    """What is asked of a knowledge base here: ``kb.base.KnowledgeBase``."""

    def search(self, query: str, *, limit: int = ...) -> SearchResult: ...

    def consult(self, question: str) -> Consulted: ...

    def documents(self) -> list[DocumentRecord]: ...


@dataclass(frozen=True, slots=True)
class Asking:
    """A question, where it is searched for, and how many tokens of passages the default way reads."""

    base: Searched
    question: str
    budget: int

    def passages(self) -> tuple[Piece, ...]:
        """Search, and return whole passages."""
        return tuple(
            _whole(number, one)
            for number, one in enumerate(self.base.search(self.question, limit=PASSAGES).passages, start=1)
        )

    def sentences(self, count: Callable[[Sequence[str]], list[int]]) -> tuple[Piece, ...]:
        """Search, and return the sentences that matter."""
        return self.base.consult(self.question).context(budget=self.budget, count=count).pieces


def question_for(base: Searched) -> str:
    """Return what to ask a base about: the question of a first run, or else the title of its largest document."""
    if len(base.search(QUESTION, limit=PASSAGES).passages) == PASSAGES:
        return QUESTION
    largest = max(base.documents(), key=lambda document: document.passages, default=None)
    return largest.title if largest is not None and largest.title.strip() else QUESTION


def waited(
    model: Model, asking: Asking, *, scenes: bool, rounds: int = ROUNDS, stop: Stop
) -> Iterator[tuple[float, dict[Way, Wait]]]:
    """Yield how far it is (0 to 1) and the best wait for each way so far; ends early when stopped.

    A way whose prompt is longer than the context has none. ``scenes``: the model was loaded with a place for the scene
    cache. Raises what model and base raise.
    """
    ways = [Way.NAIVE, Way.DEFAULT, Way.TYPED, *([Way.SCENE_CACHE] if scenes else [])]
    best: dict[Way, Wait] = {}
    _read(model, prompt.request((), ""), stop)
    tries = [*([Way.SCENE_CACHE] if scenes else []), *(ways * rounds)]  # the first one computes the blocks
    for number, way in enumerate(tries):
        yield number / len(tries), best
        try:
            wait = _ask(model, asking, way, str(number), stop)
        except ContextOverflow:
            continue
        if wait is None:
            return
        if way not in best or wait.seconds < best[way].seconds:
            best[way] = wait
    yield 1.0, {way: best[way] for way in ways if way in best}


def _ask(model: Model, asking: Asking, way: Way, mark: str, stop: Stop) -> Wait | None:
    """Ask once; None when stopped. What happens while the user types is not waited for."""
    if way is Way.TYPED:
        _read(model, prompt.request(_marked(asking.sentences(model.count), mark), ""), stop)
    if stop():
        return None
    began = time.perf_counter()
    whole = way in (Way.NAIVE, Way.SCENE_CACHE)
    pieces = asking.passages() if whole else _marked(asking.sentences(model.count), mark)
    searched = time.perf_counter() - began
    end = finished(model.generate(wanted(way, pieces, asking.question, mark), stop=stop))
    if end is None:
        return None
    return Wait(time.perf_counter() - began, searched, end.prompt_tokens, end.reused_tokens)


def wanted(way: Way, pieces: Sequence[Piece], question: str, mark: str) -> Request:
    """Return the request, for an answer of one token."""
    if way is Way.SCENE_CACHE:
        return replace(in_scenes(pieces, question), limit=1)
    request = prompt.request(pieces, question)
    if way is Way.NAIVE:
        system, *rest = request.messages
        marked = Message(role="system", text=f"{mark}. {system.text}")
        request = replace(request, messages=(marked, *rest), keep=None, settled=())
    return replace(request, limit=1)


def in_scenes(pieces: Sequence[Piece], question: str) -> Request:
    """Return a request whose passages but the best come out of the scene cache; the best one is last."""
    best, *others = pieces
    ends = tuple(accumulate(len(prompt.fenced([piece])[0]) for piece in others))
    return replace(prompt.request([*others, best], question), scenes=ends, settled=())


def _read(model: Model, request: Request, stop: Stop) -> None:
    for _ in model.prefill(request, stop=stop):
        pass


def _marked(pieces: Sequence[Piece], mark: str) -> tuple[Piece, ...]:
    return tuple(replace(piece, title=f"{mark} {piece.title}") if at == 0 else piece for at, piece in enumerate(pieces))


def _whole(number: int, passage: FoundPassage) -> Piece:
    return Piece(
        number=number,
        passage_id=passage.passage_id,
        document=passage.document,
        title=passage.title,
        place=passage.place,
        heading=passage.heading,
        text=passage.text,
        sentences=passage.sentences,
        score=passage.score,
    )

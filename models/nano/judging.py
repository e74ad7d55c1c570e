"""An answer of a model held against its trial, with the eyes of the product: ``LiveAnswer`` reads it as it streams."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass

from app.answer_text import cited, sentences
from app.grounding import Grounding
from app.live_answer import LiveAnswer
from app.prompt import Style, request, unescaped
from kb.language.lemmas import analyzer
from kb.language.words import fold, tokens
from kb.results import Piece
from models.errors import ContextOverflow
from models.nano.trials import Trial
from models.runtime.client import Model
from models.runtime.events import Event, Finished
from models.runtime.events import Text as Written
from models.runtime.options import QUOTING

GRAM = 4
"""Words in a row that are looked at for loops."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of one trial."""

    trial: Trial
    written: str
    refused: bool
    cited: tuple[int, ...]
    """Passages that the model itself named."""
    corrected: tuple[int, ...]
    """Passages that the product shows as sources."""
    supported: tuple[bool, ...]
    """For every sentence that says something: whether the passage that it cites itself supports it."""
    shown_supported: tuple[bool, ...]
    """The same, whichever passage it is: what the product shows as supported."""
    end: Finished
    seconds: float

    @property
    def holds_answer(self) -> bool:
        """Whether the right answer stands in it."""
        said = _flat(unescaped(self.written))
        return not self.refused and any(_flat(answer) in said for answer in self.trial.answers)

    @property
    def cites_right(self) -> bool:
        """Whether the model cites the right passage, and no other before it."""
        return bool(self.cited) and self.cited[0] == self.trial.gold

    @property
    def shows_right(self) -> bool:
        """Whether the first source that the product shows is the right passage."""
        return bool(self.corrected) and self.corrected[0] == self.trial.gold


def judged(model: Model, trial: Trial, *, style: Style = Style.SHORT) -> Judged:
    """Ask ``model`` as the assistant asks one that only answers, and judge what it writes."""
    live, end = LiveAnswer(trial.pieces, question=trial.question), None
    began = time.perf_counter()
    with closing(_events(model, trial, style)) as events:
        for event in events:
            if isinstance(event, Written):
                for _ in live.take(event.delta):
                    pass
            elif isinstance(event, Finished):
                end = event
    seconds = time.perf_counter() - began
    for _ in live.end():
        pass
    if end is None:
        raise RuntimeError("a request ended without saying how")
    refused = live.refused and not live.supported
    checked = () if refused else tuple(_checked(live.written, trial))
    return Judged(
        trial=trial,
        written=live.written,
        refused=refused,
        cited=cited(unescaped(live.written)),
        corrected=tuple(dict.fromkeys(_number_of(trial.pieces, citation.document) for citation in live.citations)),
        supported=tuple(by_cited for by_cited, _ in checked),
        shown_supported=tuple(by_any for _, by_any in checked),
        end=end,
        seconds=seconds,
    )


def repeated(answers: Sequence[str]) -> float:
    """Return which share of all rows of four words has stood in the same answer before."""
    again = everything = 0
    for answer in answers:
        said = tokens(answer)
        grams = Counter(tuple(said[at : at + GRAM]) for at in range(len(said) - GRAM + 1))
        everything += grams.total()
        again += grams.total() - len(grams)
    return again / everything if everything else 0.0


def _events(model: Model, trial: Trial, style: Style) -> Generator[Event, None, None]:
    """Yield what ``model`` does; of passages that are too long for it the first half is read, as the assistant does."""
    pieces = trial.pieces
    while True:
        try:
            yield from model.generate(request(pieces, trial.question, style=style, sampling=QUOTING))
            return
        except ContextOverflow:
            if len(pieces) == 1:
                raise
            pieces = pieces[: len(pieces) // 2]


def broken(one: Judged) -> list[str]:
    """Return the words of an answer that stand neither in what was read nor in the dictionary."""
    read = set(tokens(one.trial.question))
    for piece in one.trial.pieces:
        read.update(tokens(f"{piece.title} {piece.text}"))
    unknown = [word for word in tokens(unescaped(one.written)) if word.isalpha() and word not in read]
    return [word for word in unknown if not analyzer().word_is_known(word)]


def _checked(written: str, trial: Trial) -> list[tuple[bool, bool]]:
    found = []
    everywhere = Grounding(trial.pieces, question=trial.question)
    for sentence in sentences(unescaped(written)):
        by_any = everywhere.check(sentence)
        if by_any.neutral:
            continue
        named = [piece for piece in trial.pieces if piece.number in cited(sentence)]
        by_cited = bool(named) and Grounding(named, question=trial.question).check(sentence).supported
        found.append((by_cited, by_any.supported))
    return found


def _number_of(pieces: Sequence[Piece], document: str) -> int:
    return next(piece.number for piece in pieces if piece.document == document)


def _flat(text: str) -> str:
    return " ".join(fold(text).split())

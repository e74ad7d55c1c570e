"""A knowledge base that knows one answer, for tests of what stands above it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kb.blocks import Sentence
from kb.places import Line
from kb.results import Answer, Citation, Context, FoundPassage, NearestDocument, Piece
from kb.sentences import spans

QUESTION = "Как сбросить пароль роутера?"
QUOTE = "Удерживайте кнопку Reset 10 секунд."

PASSAGE = FoundPassage(
    passage_id=1,
    document_id=1,
    document="/документы/роутер.md",
    title="Сброс пароля роутера",
    place=Line(12),
    heading=("Сброс пароля роутера", "Полный сброс"),
    text=QUOTE,
    sentences=(Sentence(0, len(QUOTE), Line(12)),),
    best=0,
    score=0.93,
)


class FakeConsultation:
    """What a search of the fake base brings: its passages as they are, whatever the budget."""

    def __init__(self, answer: Answer, pieces: tuple[Piece, ...]) -> None:
        self.answer = answer
        self._pieces = pieces
        self.budgets: list[int] = []

    def context(self, *, budget: int, count: Callable[[Sequence[str]], list[int]]) -> Context:
        self.budgets.append(budget)
        return Context(self._pieces, sum(count([piece.text for piece in self._pieces])))


def piece(text: str, *, number: int = 1, title: str = PASSAGE.title, heading: tuple[str, ...] = ()) -> Piece:
    """Return a passage as a model reads it; each sentence on a line of its own."""
    places = tuple(Sentence(start, end, Line(12 + at)) for at, (start, end) in enumerate(spans(text)))
    return Piece(number, number, f"/документы/{number}.md", title, places[0].place, heading, text, places, 0.9)


class FakeBase:
    """Answers whatever is asked about routers, and abstains from everything else; keeps what it was asked."""

    def __init__(self, *pieces: Piece) -> None:
        self._pieces = pieces or (piece(QUOTE),)
        self.asked: list[str] = []
        self.consultations: list[FakeConsultation] = []

    def __enter__(self) -> FakeBase:
        return self

    def __exit__(self, *_: object) -> None:
        return

    def consult(self, question: str) -> FakeConsultation:
        self.consultations.append(FakeConsultation(self.answer(question), self._pieces))
        return self.consultations[-1]

    def answer(self, question: str) -> Answer:
        self.asked.append(question)
        known = "роутер" in question
        citation = Citation(1, PASSAGE.document, PASSAGE.title, PASSAGE.place, PASSAGE.heading, QUOTE, PASSAGE.score)
        return Answer(
            question=question,
            corrected=None,
            text=f"{QUOTE} [1]" if known else "",
            citations=(citation,) if known else (),
            abstained=not known,
            confidence=0.93 if known else 0.1,
            nearest=(NearestDocument(PASSAGE.document, PASSAGE.title),),
            passages=(PASSAGE,),
            seconds=0.004,
        )

"""A knowledge base that knows one answer, for tests of what stands above it."""

from __future__ import annotations

from kb.blocks import Sentence
from kb.places import Line
from kb.results import Answer, Citation, FoundPassage, NearestDocument

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


class FakeBase:
    """Answers ``QUESTION`` and abstains from everything else; keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def answer(self, question: str) -> Answer:
        self.asked.append(question)
        known = question == QUESTION
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

"""Why an answer is as it is: what was searched, what was found, what the model read, how long it took. No widgets."""

from __future__ import annotations

from dataclasses import dataclass

from app.exchange import Exchange, Source
from app.gui.transcript import telling
from app.wording import Wording


@dataclass(frozen=True, slots=True)
class Fact:
    """A line of two columns."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Found:
    """A place that the search brought; ``number`` is its number among the answer's sources, 0 if it is none of them."""

    source: Source
    title: str
    line: str
    score: float
    percent: str
    number: int


@dataclass(frozen=True, slots=True)
class Reasons:
    """All there is to say; empty parts are not shown. ``prompt`` is what the model was sent, to the letter."""

    search: tuple[Fact, ...]
    found: tuple[Found, ...]
    rejected: tuple[str, ...]
    prompt: str
    times: tuple[Fact, ...]


def reasons(exchange: Exchange, wording: Wording) -> Reasons:
    """Return why the answer of ``exchange`` is as it is."""
    shown_as_answer = {one.text for one in exchange.said}
    return Reasons(
        search=tuple(_search(exchange, wording)),
        found=tuple(_found(exchange, wording)),
        rejected=tuple(one for one in exchange.unsupported if one not in shown_as_answer),
        prompt=exchange.turn.sent if exchange.turn else "",
        times=tuple(_times(exchange, wording)),
    )


def _search(exchange: Exchange, wording: Wording) -> list[Fact]:
    say = wording.say
    facts = [Fact(say("gui.answer.why.question"), exchange.question)]
    if exchange.asked and exchange.asked != exchange.question:
        facts.append(Fact(say("gui.answer.why.asked"), exchange.asked))
    if exchange.corrected:
        facts.append(Fact(say("gui.answer.why.corrected"), exchange.corrected))
    if exchange.mode is not None:
        percent = wording.decimal(exchange.confidence * 100, digits=0) + "\u00a0%"
        facts.append(Fact(say("gui.answer.why.confidence"), say("gui.answer.why.confident", percent=percent)))
    return facts


def _found(exchange: Exchange, wording: Wording) -> list[Found]:
    """Return the found places; a citation is another sentence of a passage, so they are matched by what holds it."""
    return [
        Found(
            source=one,
            title=telling.title(one),
            line=telling.line(one, wording),
            score=one.score,
            percent=wording.decimal(one.score * 100, digits=0) + "\u00a0%",
            number=next((cited.number for cited in exchange.sources if _holds(one, cited)), 0),
        )
        for one in exchange.found
    ]


def _holds(found: Source, cited: Source) -> bool:
    return found.document == cited.document and (found.place == cited.place or cited.quote in found.passage)


def _times(exchange: Exchange, wording: Wording) -> list[Fact]:
    times = exchange.timings
    if times is None:
        return []
    say = wording.say
    facts = [Fact(say("gui.answer.why.searched"), _time(times.search_ms, wording))]
    if times.first_token_ms:
        facts.append(Fact(say("gui.answer.why.first"), _time(times.first_token_ms, wording)))
    if times.prompt_tokens:
        tokens = wording.count("token", times.prompt_tokens)
        if times.reused_tokens:
            tokens = say("gui.answer.why.reused", tokens=tokens, reused=times.reused_tokens)
        facts.append(Fact(say("gui.answer.why.read"), tokens))
    if times.generated_tokens:
        tokens = wording.count("token", times.generated_tokens)
        seconds = (times.total_ms - times.first_token_ms) / 1000
        if seconds > 0 and times.first_token_ms:
            speed = wording.decimal(times.generated_tokens / seconds)
            tokens = say("gui.answer.why.speed", tokens=tokens, speed=speed)
        facts.append(Fact(say("gui.answer.why.written"), tokens))
    return [*facts, Fact(say("gui.answer.why.total"), _time(times.total_ms, wording))]


def _time(milliseconds: int, wording: Wording) -> str:
    """Return a time; one of less than a second to the millisecond, because here somebody wants to know."""
    if milliseconds < 1000:
        return wording.say("gui.answer.why.milliseconds", count=milliseconds)
    return wording.duration(milliseconds / 1000)

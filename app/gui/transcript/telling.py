"""What is said about an exchange: its heading, its sources, its doubts, in the wording of now. No widgets."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from app.events import Mode, Note
from app.exchange import Exchange, Source, State
from app.gui.transcript.markdown import Span, blocks
from app.wording import Wording

SHOWN_DOUBTS = 4
"""Unsupported sentences that are named under an answer; all of them are marked in it."""

LONGEST_DOUBT = 160
"""Characters of such a sentence: two lines."""

SHORTEST_MS = 50
"""What is quicker would be said to take 0,0 seconds."""

SHOWN_FOUND = 4
"""Places that are shown while the model reads: two rows of cards."""


@dataclass(frozen=True, slots=True)
class Heading:
    """The line above an answer: what it is, and what else there is to know of it. ``share`` fills a bar, 0 to 1."""

    strong: str
    soft: str = ""
    share: float | None = None


def heading(exchange: Exchange, wording: Wording) -> Heading:
    """Return the line above the answer of ``exchange`` as it is now."""
    say = wording.say
    esc = say("gui.answer.esc")
    match exchange.state:
        case State.SEARCHING:
            return Heading(say("gui.answer.searching"), esc, 0.0)
        case State.LOADING:
            return Heading(_found(exchange, wording), _joined(wording.percent(exchange.loaded), esc), exchange.loaded)
        case State.READING:
            return _reading(exchange, wording)
        case State.WRITING:
            return Heading(say("gui.answer.writing"), esc)
        case State.STOPPED:
            return Heading(say("gui.answer.stopped"), say("gui.answer.stopped_text") if exchange.text else "")
        case State.FAILED:
            return Heading(say("gui.answer.failed"))
        case State.DONE:
            return _done(exchange, wording)


def _found(exchange: Exchange, wording: Wording) -> str:
    loading = exchange.state is State.LOADING
    if not exchange.found:
        return wording.say("gui.answer.loading" if loading else "gui.answer.reading")
    places = wording.count("place_found", len(exchange.found))
    return wording.say("gui.answer.found_loading" if loading else "gui.answer.found_reading", places=places)


def _reading(exchange: Exchange, wording: Wording) -> Heading:
    esc = wording.say("gui.answer.esc")
    if not exchange.to_read:
        places = wording.count("place_found", len(exchange.found))
        strong = wording.say("gui.answer.found", places=places) if exchange.found else wording.say("gui.answer.reading")
        return Heading(strong, esc, 0.0)
    total = f"{wording.number(exchange.to_read)} {wording.form('token_of', exchange.to_read)}"
    tokens = wording.say("gui.answer.tokens", done=exchange.read, total=total)
    seconds = exchange.seconds_left
    left = wording.say("gui.answer.left", time=_whole_seconds(seconds, wording)) if seconds is not None else ""
    return Heading(_found(exchange, wording), _joined(tokens, left, esc), min(1.0, exchange.read / exchange.to_read))


def _whole_seconds(seconds: float, wording: Wording) -> str:
    """Return a time to wait: tenths of a second would only flicker."""
    return f"{math.ceil(seconds)}\u00a0{wording.say('unit.s')}" if seconds < 10 else wording.duration(seconds)


def _done(exchange: Exchange, wording: Wording) -> Heading:
    say = wording.say
    times = exchange.timings
    sources = len(exchange.sources)
    by = say("gui.answer.by_sources", sources=wording.count("source_by", sources)) if sources else ""
    whole = wording.duration(times.total_ms / 1000) if times and times.total_ms >= SHORTEST_MS else ""
    if exchange.mode is Mode.ABSTAINED:
        return Heading(say("gui.answer.abstained"), _joined(exchange.model or "", whole))
    if exchange.mode is Mode.QUOTATION:
        model = exchange.model or say("gui.answer.no_model")
        return Heading(say("gui.answer.quotation"), _joined(model, by, whole))
    first = ""
    if times and times.first_token_ms:
        first = say("gui.answer.first_word", time=wording.duration(times.first_token_ms / 1000))
    return Heading(say("gui.answer.done"), _joined(exchange.model or "", by, first))


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


def remarks(exchange: Exchange, wording: Wording) -> str:
    """Return what is to be known before the answer is read: how the question was understood and searched."""
    said = []
    if exchange.asked and exchange.asked != exchange.question:
        said.append(wording.say("gui.answer.asked", question=exchange.asked))
    if exchange.corrected:
        said.append(wording.say("gui.answer.corrected", query=exchange.corrected))
    if exchange.dropped:
        turns = wording.count("turn", exchange.dropped)
        said.append(wording.say("gui.answer.forgotten", turns=turns))
    return "\n".join(said)


def warning(exchange: Exchange, wording: Wording) -> str:
    """Return what is to be minded: what failed, why a quotation stands where an answer was wanted; "" if nothing."""
    said = [exchange.trouble] if exchange.trouble else []
    if exchange.note is not None and exchange.mode is not Mode.ABSTAINED:
        said.append(wording.say(f"answer.note.{exchange.note.value}"))
    return "\n".join(said)


def doubts(exchange: Exchange, wording: Wording) -> str:
    """Return which sentences of the shown answer no source supports, and what in them stands nowhere; "" if none."""
    if exchange.mode not in (Mode.MODEL, None) or exchange.note is Note.UNSUPPORTED:
        return ""
    found = [(one.text, one.missing) for one in exchange.said if not one.supported]
    found = found or [(sentence, ()) for sentence in exchange.unsupported]
    if len(found) == 1:
        sentence, missing = _brief(found[0][0]), ", ".join(found[0][1])
        if missing:
            return wording.say("gui.answer.doubt_missing", sentence=sentence, missing=missing)
        return wording.say("gui.answer.doubt", sentence=sentence)
    if not found:
        return ""
    lines = [wording.say("gui.answer.doubts")]
    for text, facts in found[:SHOWN_DOUBTS]:
        sentence, missing = _brief(text), ", ".join(facts)
        if missing:
            lines.append("– " + wording.say("gui.answer.doubt_item_missing", sentence=sentence, missing=missing))
        else:
            lines.append("– " + wording.say("gui.answer.doubt_item", sentence=sentence))
    if len(found) > SHOWN_DOUBTS:
        lines.append("– " + wording.say("gui.answer.doubts_more", count=len(found) - SHOWN_DOUBTS))
    return "\n".join(lines)


def doubtful(exchange: Exchange) -> tuple[Span, ...]:
    """Return where in the answer's text the sentences stand that no source supports."""
    if exchange.mode not in (Mode.MODEL, None):
        return ()
    spans = []
    at = 0
    judged = [(one.text, one.supported) for one in exchange.said]
    for sentence, supported in judged or [(one, False) for one in exchange.unsupported]:
        begin = exchange.text.find(sentence, at)
        if begin < 0:
            continue
        at = begin + len(sentence)
        if not supported:
            spans.append((begin, at))
    return tuple(spans)


def cards(exchange: Exchange) -> tuple[Source, ...]:
    """Return the places to show under the answer: its sources; those that were found where it has none yet."""
    return exchange.sources if exchange.state is State.DONE else exchange.found[:SHOWN_FOUND]


def numbered(exchange: Exchange) -> bool:
    """Whether the cards' numbers are those that stand in the text: until it is done, nobody knows them."""
    return exchange.state is State.DONE or not exchange.text


def line(source: Source, wording: Wording) -> str:
    """Return where a source stands: «router-faq.docx · абзац 14»."""
    parts = [file_name(source.document), wording.place(source.place)]
    if source.heading and source.heading[-1].strip() not in ("", source.title.strip()):
        parts.append(wording.say("gui.answer.heading", heading=source.heading[-1].strip()))
    return _joined(*parts)


def title(source: Source) -> str:
    """Return what a source is called; its file's name where it has no title."""
    return source.title.strip() or file_name(source.document)


def quote(source: Source, wording: Wording) -> str:
    """Return the quotation, on one line and in quotation marks."""
    words = " ".join(source.quote.split()).rstrip(";, ")
    inner = (
        words.replace("«", "„").replace("»", "“")
        if wording.say("gui.answer.quote", quote="").startswith("«")
        else words
    )
    return wording.say("gui.answer.quote", quote=inner) if words else ""


def file_name(document: str) -> str:
    """Return the last part of a path, of whatever system it is."""
    return re.split(r"[/\\]", document.rstrip("/\\"))[-1]


def plain_text(text: str) -> str:
    """Return Markdown as it is read aloud: no marks, no numbers of citations."""
    said = []
    for block in blocks(text):
        rows = [*block.rows, (block.runs,)]
        said += ["; ".join("".join(run.text for run in cell if not run.source) for cell in row) for row in rows]
        said.append(block.code)
    return "\n".join(part.strip() for part in said if part.strip())


def spoken(exchange: Exchange, wording: Wording) -> str:
    """Return the whole answer for a screen reader."""
    head = heading(exchange, wording)
    parts = [warning(exchange, wording), plain_text(exchange.text), doubts(exchange, wording)]
    if exchange.mode is Mode.ABSTAINED:
        parts.append(abstained(exchange, wording))
    text = "\n".join(part for part in parts if part)
    return wording.say("gui.answer.announced", heading=_joined(head.strong, head.soft), text=text)


def abstained(exchange: Exchange, wording: Wording) -> str:
    """Return what to do where the base has no answer."""
    return wording.say("gui.answer.abstained_text" if exchange.nearest else "gui.answer.abstained_alone")


def _brief(sentence: str) -> str:
    words = " ".join(plain_text(sentence).split()).rstrip(".")
    words = words.replace("«", "„").replace("»", "“")
    if len(words) <= LONGEST_DOUBT:
        return words
    return words[:LONGEST_DOUBT].rsplit(" ", 1)[0].rstrip(",;:") + "…"

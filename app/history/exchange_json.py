"""An exchange as JSON in two parts: what a conversation shows, and what only «why so» and the next question need.

The second part is some ten times the first (passages, the whole prompt), so it is compressed, and a long conversation
is opened without it. What an older or newer program left out takes its default.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from app.events import Mode, Note, Timings, Turn
from app.exchange import Exchange, Said, Source, State
from kb.places import place_from_json, place_to_json
from kb.results import NearestDocument

_PLAIN = (
    *("question", "style", "key", "asked_at", "asked", "corrected", "loaded", "read", "to_read", "seconds_left"),
    *("dropped", "text", "confidence", "model", "trouble", "rating"),
)
"""Fields of ``Exchange`` that JSON has as they are."""


def to_json(exchange: Exchange) -> str:
    """Return what a conversation shows of an exchange."""
    value: dict[str, Any] = {name: getattr(exchange, name) for name in _PLAIN}
    value["state"] = exchange.state.value
    value["mode"] = exchange.mode.value if exchange.mode else None
    value["note"] = exchange.note.value if exchange.note else None
    value["said"] = [[one.text, one.supported, one.citations, one.missing] for one in exchange.said]
    value["sources"] = [_source(one) for one in exchange.sources]
    value["nearest"] = [[one.document, one.title] for one in exchange.nearest]
    value["unsupported"] = exchange.unsupported
    value["timings"] = _fields(exchange.timings) if exchange.timings else None
    turn = exchange.turn
    value["turn"] = {"question": turn.question, "asked": turn.asked, "answer": turn.answer} if turn else None
    return json.dumps(value, ensure_ascii=False)


def details(exchange: Exchange) -> bytes | None:
    """Return the second part, compressed; None where there is nothing in it."""
    turn = exchange.turn
    if not exchange.found and not (turn and turn.sent) and not any(one.passage for one in exchange.sources):
        return None
    value = {
        "found": [{**_source(one), "passage": one.passage} for one in exchange.found],
        "passages": [one.passage for one in exchange.sources],
        "sent": turn.sent if turn else "",
        "written": turn.written if turn else "",
    }
    return zlib.compress(json.dumps(value, ensure_ascii=False).encode(), 3)


def from_json(text: str, more: bytes | None = None) -> Exchange:
    """Return the exchange; without ``more`` its found passages and the turn's prompt are missing.

    Raises:
        ValueError: the text is no exchange.
    """
    try:
        value = json.loads(text)
        exchange = _exchange(value)
        return exchange if more is None else _completed(exchange, json.loads(zlib.decompress(more)))
    except (KeyError, TypeError, AttributeError, zlib.error) as error:
        raise ValueError(f"not an exchange: {error}") from error


def _exchange(value: Mapping[str, Any]) -> Exchange:
    known = {name: value[name] for name in _PLAIN if name in value}
    timings, turn = value.get("timings"), value.get("turn")
    return Exchange(
        **known,
        state=State(value["state"]),
        mode=Mode(value["mode"]) if value.get("mode") else None,
        note=Note(value["note"]) if value.get("note") else None,
        said=tuple(Said(one[0], one[1], tuple(one[2]), tuple(one[3])) for one in value.get("said", ())),
        sources=tuple(map(_source_from, value.get("sources", ()))),
        nearest=tuple(NearestDocument(*one) for one in value.get("nearest", ())),
        unsupported=tuple(value.get("unsupported", ())),
        timings=Timings(**timings) if timings else None,
        turn=Turn(**turn) if turn else None,
    )


def _completed(exchange: Exchange, value: Mapping[str, Any]) -> Exchange:
    passages = value["passages"]
    turn = exchange.turn
    return replace(
        exchange,
        found=tuple(map(_source_from, value["found"])),
        sources=tuple(replace(one, passage=passage) for one, passage in zip(exchange.sources, passages, strict=False))
        + exchange.sources[len(passages) :],
        turn=replace(turn, sent=value["sent"], written=value["written"]) if turn else None,
    )


def _source(one: Source) -> dict[str, Any]:
    return {
        "number": one.number,
        "document": one.document,
        "title": one.title,
        "place": place_to_json(one.place),
        "heading": one.heading,
        "quote": one.quote,
        "score": one.score,
    }


def _source_from(value: Mapping[str, Any]) -> Source:
    return Source(
        number=value["number"],
        document=value["document"],
        title=value["title"],
        place=place_from_json(value["place"]),
        heading=tuple(value["heading"]),
        quote=value["quote"],
        score=value["score"],
        passage=value.get("passage", ""),
    )


def _fields(timings: Timings) -> dict[str, int]:
    return {one.name: getattr(timings, one.name) for one in fields(timings)}

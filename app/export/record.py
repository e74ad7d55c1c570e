"""A conversation as one JSON object: the fields of the command-line contract for each answer, and when it was asked."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass
from datetime import datetime

from app.exchange import Exchange, Source
from kb.places import place_to_json

VERSION = 1


@dataclass(frozen=True, slots=True)
class Conversation:
    """What is taken away. ``base`` is the name of the knowledge base as the user knows it, or empty."""

    title: str
    exchanges: tuple[Exchange, ...]
    base: str = ""


def to_json(conversation: Conversation) -> str:
    """Return the object as text, two spaces to a level."""
    value = {
        "format": "offlite-conversation",
        "version": VERSION,
        "title": conversation.title,
        "base": conversation.base,
        "exported_at": _moment(time.time()),
        "exchanges": [_exchange(exchange) for exchange in conversation.exchanges],
    }
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def _exchange(exchange: Exchange) -> dict[str, object]:
    return {
        "asked_at": _moment(exchange.asked_at),
        "question": exchange.question,
        "understood": exchange.asked,
        "corrected": exchange.corrected,
        "style": exchange.style,
        "state": exchange.state.value,
        "mode": exchange.mode.value if exchange.mode else None,
        "answer": exchange.text,
        "confidence": round(exchange.confidence, 4),
        "citations": [_citation(source) for source in exchange.sources],
        "sentences": [asdict(said) for said in exchange.said],
        "unsupported": list(exchange.unsupported),
        "nearest": [asdict(near) for near in exchange.nearest],
        "note": exchange.note.value if exchange.note else None,
        "trouble": exchange.trouble,
        "model": exchange.model,
        "rating": exchange.rating,
        "timings": asdict(exchange.timings) if exchange.timings else None,
    }


def _citation(source: Source) -> dict[str, object]:
    return {
        "number": source.number,
        "document": source.document,
        "title": source.title,
        "place": place_to_json(source.place),
        "heading": list(source.heading),
        "quote": source.quote,
        "score": round(source.score, 4),
    }


def _moment(seconds: float) -> str:
    """Return a moment as ISO 8601 with the offset of this computer; a clock far off must not fail an export."""
    try:
        return datetime.fromtimestamp(seconds).astimezone().isoformat(timespec="seconds")
    except (OverflowError, OSError, ValueError):
        return ""

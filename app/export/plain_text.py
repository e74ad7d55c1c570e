"""Answers and conversations as plain text: for a letter or a form that knows no Markdown."""

from __future__ import annotations

from app.exchange import Exchange
from app.export import facts
from app.export.marks import without_marks
from app.export.record import Conversation
from app.wording import Wording

_RULE = "—" * 24


def plain(exchange: Exchange, wording: Wording) -> str:
    """Return the words of an answer alone: no Markdown, no numbers of sources."""
    cited = frozenset(source.number for source in exchange.sources)
    parts = [without_marks(exchange.text, uncited=cited), facts.ending(exchange, wording)]
    return "\n\n".join(part for part in parts if part)


def document(conversation: Conversation, wording: Wording) -> str:
    """Return a whole conversation with its sources."""
    title = facts.one_line(conversation.title) or wording.say("gui.history.untitled")
    parts = ["\n".join(line for line in (title, facts.heading(conversation, wording)) if line)]
    for exchange in conversation.exchanges:
        parts += [_RULE, exchange.question.strip(), without_marks(exchange.text)]
        parts += [facts.ending(exchange, wording), _sources(exchange, wording), _doubts(exchange, wording)]
        parts.append(_nearest(exchange, wording))
    return "\n\n".join(part for part in parts if part) + "\n"


def _sources(exchange: Exchange, wording: Wording) -> str:
    lines = []
    for source in exchange.sources:
        title = facts.one_line(source.title) or source.document
        lines.append(f"[{source.number}] {title}, {facts.place(source.place, wording)}")
        lines += [f"    {line}" for line in (facts.quote(source, wording), facts.one_line(source.document)) if line]
    return "\n".join([f"{wording.say('gui.history.export.sources')}:", *lines]) if lines else ""


def _doubts(exchange: Exchange, wording: Wording) -> str:
    lines = facts.doubts(exchange, wording)
    head = f"{wording.say('gui.history.export.unsupported')}:"
    return "\n".join([head, *(f"• {line}" for line in lines)]) if lines else ""


def _nearest(exchange: Exchange, wording: Wording) -> str:
    lines = [f"• {facts.one_line(near.title)} ({near.document})" for near in exchange.nearest]
    return "\n".join([f"{wording.say('gui.history.export.nearest')}:", *lines]) if lines else ""

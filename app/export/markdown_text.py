"""Answers and conversations as Markdown: what a model wrote stays as it is, everything of ours is escaped."""

from __future__ import annotations

import re

from app.exchange import Exchange
from app.export import facts
from app.export.marks import harmless
from app.export.record import Conversation
from app.wording import Wording

_SPECIAL = re.compile(r"([\\`*_\[\]<>#|~])")
_LIST_LIKE = re.compile(r"^(\s*)([-+]|\d+[.)])(\s)")


def markdown(exchange: Exchange, wording: Wording, *, sources: bool) -> str:
    """Return the answer of ``exchange`` as Markdown; with ``sources``, these and what they do not support."""
    parts = [harmless(exchange.text.strip()), _emphasised(facts.ending(exchange, wording))]
    if sources:
        parts += [_sources(exchange, wording), _doubts(exchange, wording)]
    parts.append(_nearest(exchange, wording))
    return "\n\n".join(part for part in parts if part) + "\n"


def document(conversation: Conversation, wording: Wording) -> str:
    """Return a whole conversation, each question a heading."""
    title = facts.one_line(conversation.title) or wording.say("gui.history.untitled")
    parts = [f"# {escaped(title)}", _emphasised(facts.heading(conversation, wording))]
    for exchange in conversation.exchanges:
        parts += [_question(exchange), _emphasised(facts.origin(exchange, wording))]
        parts.append(markdown(exchange, wording, sources=True).strip())
    return "\n\n".join(part for part in parts if part) + "\n"


def escaped(text: str) -> str:
    """Return ``text`` so that Markdown shows it to the letter."""
    return _LIST_LIKE.sub(lambda match: f"{match[1]}\\{match[2]}{match[3]}", _SPECIAL.sub(r"\\\1", text))


def _question(exchange: Exchange) -> str:
    """Return a question of one line as a heading, a longer one as a quotation under its first line."""
    lines = [line for line in (facts.one_line(line) for line in exchange.question.splitlines()) if line]
    if not lines:
        return "##"
    rest = "\n".join(f"> {escaped(line)}  " for line in lines[1:])
    return f"## {escaped(lines[0])}" + (f"\n\n{rest}" if rest else "")


def _sources(exchange: Exchange, wording: Wording) -> str:
    if not exchange.sources:
        return ""
    lines = [f"**{wording.say('gui.history.export.sources')}**", ""]
    for source in exchange.sources:
        title = escaped(facts.one_line(source.title) or source.document)
        lines.append(f"{source.number}. **{title}**, {escaped(facts.place(source.place, wording))}  ")
        quoted = facts.quote(source, wording)
        if quoted:
            lines.append(f"   {escaped(quoted)}  ")
        lines.append(f"   {_code(facts.one_line(source.document))}")
    return "\n".join(lines)


def _doubts(exchange: Exchange, wording: Wording) -> str:
    lines = facts.doubts(exchange, wording)
    if not lines:
        return ""
    head = f"> **{wording.say('gui.history.export.unsupported')}**"
    return "\n>\n".join([head, *(f"> - {escaped(line)}" for line in lines)])


def _nearest(exchange: Exchange, wording: Wording) -> str:
    if not exchange.nearest:
        return ""
    lines = [f"**{wording.say('gui.history.export.nearest')}**", ""]
    lines += [f"- {escaped(facts.one_line(near.title))} {_code(near.document)}" for near in exchange.nearest]
    return "\n".join(lines)


def _emphasised(text: str) -> str:
    return f"*{escaped(text)}*" if text else ""


def _code(text: str) -> str:
    """Return ``text`` as code, in a fence longer than any of its own (CommonMark 0.31, section 6.1)."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if longest else ""
    return f"{fence}{pad}{text}{pad}{fence}"

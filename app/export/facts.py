"""What is said of an exchange in every form of export: moments, sources, what is not supported, how it ended."""

from __future__ import annotations

from datetime import datetime

from app.events import Mode
from app.exchange import Exchange, Source, State
from app.export.record import Conversation
from app.wording import Wording
from kb.places import Place


def moment(seconds: float, wording: Wording) -> str:
    """Return date and time of day on this computer's clock; nothing for a moment that no calendar has."""
    try:
        at = datetime.fromtimestamp(seconds)
    except (OverflowError, OSError, ValueError):
        return ""
    return wording.say(
        "gui.history.export.moment",
        day=f"{at.day:02d}",
        month=f"{at.month:02d}",
        year=str(at.year),
        hour=f"{at.hour:02d}",
        minute=f"{at.minute:02d}",
    )


def heading(conversation: Conversation, wording: Wording) -> str:
    """Return what stands under the title: the base, and when the first question was asked."""
    parts = []
    if conversation.base:
        parts.append(wording.say("gui.history.export.base", base=conversation.base))
    if conversation.exchanges:
        parts.append(moment(conversation.exchanges[0].asked_at, wording))
    return " · ".join(part for part in parts if part)


def origin(exchange: Exchange, wording: Wording) -> str:
    """Return whose words an answer is, or nothing."""
    if exchange.mode is Mode.QUOTATION:
        return wording.say("gui.history.export.quotation")
    if exchange.mode is Mode.MODEL and exchange.model:
        return wording.say("gui.history.export.model", model=exchange.model)
    return ""


def ending(exchange: Exchange, wording: Wording) -> str:
    """Return why there is no answer, or no whole one; nothing where there is."""
    if exchange.mode is Mode.ABSTAINED:
        return wording.say("gui.history.export.abstained")
    if exchange.state is State.FAILED:
        return wording.say("gui.history.export.failed", trouble=one_line(exchange.trouble)).rstrip(" :")
    if exchange.state is not State.DONE:
        return wording.say("gui.history.export.stopped")
    return ""


def place(where: Place, wording: Wording) -> str:
    """Return where a source stands, on one line."""
    return one_line(wording.place(where))


def quote(source: Source, wording: Wording) -> str:
    """Return the quotation of a source in quotation marks, on one line; nothing where it has none."""
    text = one_line(source.quote)
    return wording.say("gui.history.export.quote", quote=text) if text else ""


def doubts(exchange: Exchange, wording: Wording) -> list[str]:
    """Return what no source supports: each sentence in quotation marks, with what of it stands nowhere."""
    missing = {one_line(said.text): said.missing for said in exchange.said if not said.supported}
    lines = []
    for sentence in map(one_line, exchange.unsupported):
        facts = ", ".join(map(one_line, missing.get(sentence, ())))
        if facts:
            lines.append(wording.say("gui.history.export.doubt_of", sentence=sentence, facts=facts))
        else:
            lines.append(wording.say("gui.history.export.doubt", sentence=sentence))
    return lines


def one_line(text: str) -> str:
    """Return ``text`` with every run of white space as one space."""
    return " ".join(text.split())

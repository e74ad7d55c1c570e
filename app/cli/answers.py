"""An answer and its sources, for a person and as JSON."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from app.assistant import Answer, Mode
from app.cli.terminal import Terminal, clean, flat
from kb.places import Place, place_to_json

_NUMBER = re.compile(r"\[\d+\]")


def show(terminal: Terminal, answer: Answer, *, shown: bool = False) -> None:
    """Write the quotation and its sources, or the abstention and the nearest titles.

    ``shown``: the model has said already that there is no answer.
    """
    if answer.mode is Mode.ABSTAINED:
        _show_abstention(terminal, answer, shown=shown)
        return
    text = terminal.wrap(clean(answer.text))
    terminal.line(_NUMBER.sub(lambda number: terminal.accent(number[0]), text))
    terminal.line()
    terminal.line(terminal.dim(terminal.say("answer.is_quotation")))
    _show_sources(terminal, answer)


def show_model_answer(terminal: Terminal, answer: Answer, *, missing: tuple[str, ...]) -> None:
    """Write what stands below a model's answer: what its marks mean, where its sentences stand in the documents."""
    terminal.line()
    if missing:
        terminal.line(terminal.say("answer.missing", facts=flat(", ".join(missing))))
    elif answer.unsupported:
        terminal.line(terminal.say("answer.unsupported"))
    if answer.note is not None:
        terminal.line(terminal.say(f"answer.note.{answer.note.value}"))
    terminal.line(terminal.dim(terminal.say("answer.sources")))
    _show_sources(terminal, answer)


def _show_sources(terminal: Terminal, answer: Answer) -> None:
    for citation in answer.citations:
        show_source(
            terminal,
            number=citation.number,
            title=citation.title,
            place=citation.place,
            document=citation.document,
            heading=citation.heading,
        )


def _show_abstention(terminal: Terminal, answer: Answer, *, shown: bool) -> None:
    if not shown:
        terminal.line(terminal.say("answer.abstained"))
    if answer.nearest:
        terminal.line()
        terminal.line(terminal.say("answer.nearest"))
        for document in answer.nearest:
            terminal.line(f"  • {flat(document.title)}")
            terminal.line(terminal.dim(f"    {flat(document.document)}"))


def show_source(
    terminal: Terminal, *, number: int, title: str, place: Place, document: str, heading: Iterable[str]
) -> None:
    """Write where a quotation stands: number, title, exact place; heading path; path of the document."""
    label = f"[{number}]"
    indent = " " * (len(label) + 1)
    terminal.line(f"{terminal.accent(label)} {terminal.bold(flat(title))}, {flat(terminal.wording.place(place))}")
    trail = heading_trail(title, heading)
    if trail:
        terminal.line(f"{indent}{trail}")
    terminal.line(terminal.dim(f"{indent}{flat(document)}"))


def heading_trail(title: str, heading: Iterable[str]) -> str:
    """Return the heading path in one line, without headings that only repeat the title."""
    return " › ".join(part for part in map(flat, heading) if part and part != flat(title))


def show_correction(terminal: Terminal, corrected: str | None) -> None:
    """Say which query was searched where it is not the one that was typed."""
    if corrected:
        terminal.note(terminal.say("search.corrected", query=flat(corrected)))


def to_json(answer: Answer, *, base: Path) -> dict[str, object]:
    """Return the object of the command-line contract."""
    return {
        "question": answer.question,
        "corrected": answer.corrected,
        "mode": answer.mode.value,
        "answer": answer.text,
        "confidence": round(answer.confidence, 4),
        "citations": [
            {
                "number": citation.number,
                "document": citation.document,
                "title": citation.title,
                "place": place_to_json(citation.place),
                "heading": list(citation.heading),
                "quote": citation.quote,
                "score": round(citation.score, 4),
            }
            for citation in answer.citations
        ],
        "nearest": [{"document": near.document, "title": near.title} for near in answer.nearest],
        "unsupported": list(answer.unsupported),
        "note": answer.note.value if answer.note else None,
        "model": answer.model,
        "base": str(base),
        "timings": asdict(answer.timings),
    }

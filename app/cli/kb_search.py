"""``offlite kb search``: passages, best first."""

from __future__ import annotations

import argparse

from app.cli import answers, arguments, bases
from app.cli.ask import NO_ANSWER
from app.cli.terminal import Terminal, clean
from app.errors import EmptyQuestion
from app.wording import Wording
from kb.places import place_to_json
from kb.results import FoundPassage, SearchResult

LIMIT = 5
MOST = 100


def add_to(subparsers: arguments.Subparsers, wording: Wording) -> None:
    """Describe the command."""
    parser = arguments.command(subparsers, "search", wording, key="kb.search")
    parser.add_argument(
        "query", nargs="+", metavar=wording.say("metavar.query"), help=wording.say("help.kb.search.query")
    )
    parser.add_argument(
        "--limit",
        type=int,
        default=LIMIT,
        choices=range(1, MOST + 1),
        metavar="N",
        help=wording.say("help.kb.search.limit", limit=LIMIT, most=MOST),
    )
    arguments.add_base(parser, wording)
    arguments.add_json(parser, wording)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, terminal: Terminal) -> int:
    """Write what was found; return 0, or 3 where nothing was."""
    query = arguments.words(options.query)
    if not query:
        raise EmptyQuestion
    with bases.opened(options, terminal, bases.readable(options, terminal)) as base:
        result = base.search(query, limit=options.limit)
    if options.json:
        terminal.json(to_json(result))
    else:
        answers.show_correction(terminal, result.corrected)
        show(terminal, result)
    return 0 if result.passages else NO_ANSWER


def show(terminal: Terminal, result: SearchResult) -> None:
    """Write numbered passages with their sources."""
    if not result.passages:
        terminal.line(terminal.say("search.nothing"))
    for number, passage in enumerate(result.passages, start=1):
        answers.show_source(
            terminal,
            number=number,
            title=passage.title,
            place=passage.place,
            document=passage.document,
            heading=passage.heading,
        )
        indent = " " * (len(str(number)) + 3)
        terminal.line(terminal.wrap(_highlighted(terminal, passage), indent=indent))
        terminal.line()


def _highlighted(terminal: Terminal, passage: FoundPassage) -> str:
    """Return the passage's text; one long line where there is no terminal."""
    text = clean(passage.text)
    return text if terminal.width() else " ".join(text.split())


def to_json(result: SearchResult) -> dict[str, object]:
    """Return the object of the command-line contract."""
    return {
        "query": result.query,
        "corrected": result.corrected,
        "passages": [
            {
                "document": passage.document,
                "title": passage.title,
                "place": place_to_json(passage.place),
                "heading": list(passage.heading),
                "text": passage.text,
                "score": round(passage.score, 4),
            }
            for passage in result.passages
        ],
        "search_ms": round(result.seconds * 1000),
    }

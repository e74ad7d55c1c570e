"""A conversation as one HTML page that needs nothing beside it: to be opened, printed, or laid out as a PDF.

The style keeps to what Qt's rich text understands, so that the same page makes the PDF. The page asks for nothing from
anywhere and says so to the browser (Content-Security-Policy).
"""

from __future__ import annotations

from html import escape

from app.exchange import Exchange
from app.export import facts, marks
from app.export.record import Conversation
from app.wording import Wording

_STYLE = """
body { font-family: sans-serif; font-size: 11pt; line-height: 150%; color: #1E2227; max-width: 46em; margin: 2em auto; }
h1 { font-size: 17pt; margin-bottom: 4px; }
h2 { font-size: 13pt; margin-top: 28px; margin-bottom: 8px; }
a { color: #1F6F5C; }
a.cite { color: #1F6F5C; background-color: #E3F0EC; text-decoration: none; font-weight: bold; }
pre { background-color: #F6F5F2; white-space: pre-wrap; line-height: 100%; }
pre, code { font-family: monospace; }
th, td { border: 1px solid #E4E2DC; padding: 4px 8px; text-align: left; }
table { border-collapse: collapse; }
.soft { color: #646A72; font-size: 9pt; }
.label { color: #646A72; font-size: 9pt; margin-bottom: 2px; }
.source { margin-top: 4px; margin-bottom: 4px; }
.doubt { color: #A94E17; background-color: #FBEEE4; margin-top: 0; margin-bottom: 0; padding: 2px 8px; }
"""


def answer_html(text: str, *, link: marks.Link) -> str:
    """Return an answer's Markdown as HTML, the numbers of sources as links where ``link`` knows them."""
    return marks.html(text, link=link)


def page(conversation: Conversation, wording: Wording) -> str:
    """Return the whole page."""
    title = facts.one_line(conversation.title) or wording.say("gui.history.untitled")
    body = [f"<h1>{escape(title)}</h1>", _paragraph(facts.heading(conversation, wording), "soft")]
    for number, exchange in enumerate(conversation.exchanges, start=1):
        body += _exchange(number, exchange, wording)
    return (
        f'<!DOCTYPE html>\n<html lang="{wording.language.value}">\n<head>\n<meta charset="utf-8">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f'<meta name="viewport" content="width=device-width">\n<title>{escape(title)}</title>\n'
        f"<style>{_STYLE}</style>\n</head>\n<body>\n"
        + "\n".join(part for part in body if part)
        + "\n</body>\n</html>\n"
    )


def _exchange(number: int, exchange: Exchange, wording: Wording) -> list[str]:
    known = {source.number for source in exchange.sources}

    def link(cited: int) -> str | None:
        return f"#source-{number}-{cited}" if cited in known else None

    question = "<br>".join(escape(line) for line in exchange.question.strip().splitlines())
    return [
        f"<h2>{question}</h2>",
        _paragraph(facts.origin(exchange, wording), "soft"),
        marks.html(exchange.text, link=link).strip(),
        _paragraph(facts.ending(exchange, wording), "soft"),
        *_sources(number, exchange, wording),
        *_doubts(exchange, wording),
        *_nearest(exchange, wording),
    ]


def _sources(number: int, exchange: Exchange, wording: Wording) -> list[str]:
    made = [_paragraph(wording.say("gui.history.export.sources"), "label")] if exchange.sources else []
    for source in exchange.sources:
        title = escape(facts.one_line(source.title) or source.document)
        quoted = escape(facts.quote(source, wording))
        made.append(
            f'<p class="source"><a name="source-{number}-{source.number}"></a>[{source.number}] <b>{title}</b>, '
            f"{escape(facts.place(source.place, wording))}"
            + (f"<br>{quoted}" if quoted else "")
            + f'<br><span class="soft">{escape(facts.one_line(source.document))}</span></p>'
        )
    return made


def _doubts(exchange: Exchange, wording: Wording) -> list[str]:
    lines = facts.doubts(exchange, wording)
    if not lines:
        return []
    head = escape(wording.say("gui.history.export.unsupported"))
    first, *others = map(escape, lines)
    made = [f'<p class="doubt"><b>{head}</b><br>{first}</p>']
    return [*made, *(f'<p class="doubt">{line}</p>' for line in others)]


def _nearest(exchange: Exchange, wording: Wording) -> list[str]:
    if not exchange.nearest:
        return []
    rows = (
        f'<li>{escape(facts.one_line(near.title))} <span class="soft">{escape(near.document)}</span></li>'
        for near in exchange.nearest
    )
    return [_paragraph(wording.say("gui.history.export.nearest"), "label"), f"<ul>{''.join(rows)}</ul>"]


def _paragraph(text: str, kind: str) -> str:
    return f'<p class="{kind}">{escape(text)}</p>' if text else ""

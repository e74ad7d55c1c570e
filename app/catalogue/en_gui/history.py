"""Words of the history: the list of conversations, its passphrase, export."""

from __future__ import annotations

TEXTS: dict[str, str] = {
    "gui.history.untitled": "Untitled conversation",
    "gui.history.aside": "The file of conversations was damaged. It was set aside as {name}, and a new one begun.",
    "gui.history.aside_rescued": "The file of conversations was damaged and set aside as {name}. "
    "Conversations that could be read and kept: {count}.",
    # in an exported conversation
    "gui.history.export.moment": "{year}-{month}-{day}, {hour}:{minute}",
    "gui.history.export.base": "Knowledge base: {base}",
    "gui.history.export.model": "Answered by {model}",
    "gui.history.export.quotation": "Quoted from the documents",
    "gui.history.export.abstained": "The knowledge base does not hold the answer to this question.",
    "gui.history.export.stopped": "The answer was stopped before its end.",
    "gui.history.export.failed": "There is no answer: {trouble}",
    "gui.history.export.sources": "Sources",
    "gui.history.export.unsupported": "Not supported by the sources",
    "gui.history.export.nearest": "Nearest documents",
    "gui.history.export.quote": "“{quote}”",
    "gui.history.export.doubt": "“{sentence}”",
    "gui.history.export.doubt_of": "“{sentence}” — not in the documents found: {facts}",
}

PLURALS: dict[str, tuple[str, ...]] = {}

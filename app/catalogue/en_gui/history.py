"""Words of the history: the list of conversations, its passphrase, export."""

from __future__ import annotations

TEXTS: dict[str, str] = {
    "gui.history.untitled": "Untitled conversation",
    "gui.history.aside": "The file of conversations was damaged. It was set aside as {name}, and a new one begun.",
    "gui.history.aside_rescued": "The file of conversations was damaged and set aside as {name}. "
    "Conversations that could be read and kept: {count}.",
    # the list
    "gui.history.list": "Conversations",
    "gui.history.search": "Search conversations",
    "gui.history.group.pinned": "Pinned",
    "gui.history.group.today": "Today",
    "gui.history.group.week": "This week",
    "gui.history.group.earlier": "Earlier",
    "gui.history.is_pinned": "pinned",
    "gui.history.is_open": "open",
    "gui.history.reading": "Reading conversations…",
    "gui.history.empty": "No conversations yet. Ask the first question, and the conversation appears here.",
    "gui.history.nothing_found": "Nothing was found for “{query}”. Try another word.",
    "gui.history.failed": "The list of conversations does not open. {error}",
    "gui.history.again": "Try again",
    "gui.history.open": "Open",
    "gui.history.rename": "Rename",
    "gui.history.new_title": "New title of the conversation",
    "gui.history.pin": "Pin",
    "gui.history.unpin": "Unpin",
    "gui.history.delete": "Delete",
    "gui.history.delete_title": "Delete the conversation?",
    "gui.history.delete_text": "The conversation “{title}” will be erased from the file with its answers and sources. "
    "For some seconds you can still bring it back.",
    "gui.history.deleted": "The conversation “{title}” was deleted",
    "gui.history.undo": "Undo",
    # a passphrase
    "gui.history.locked": "The conversations are encrypted. Enter the passphrase to open them. You can ask without it: "
    "new conversations will be written once the history is open.",
    "gui.history.passphrase": "Passphrase of the history",
    "gui.history.unlock": "Open conversations",
    "gui.history.wrong_passphrase": "The passphrase does not fit. Check the keyboard layout.",
    "gui.history.forgotten": "I forgot the passphrase",
    "gui.history.forgotten_title": "Begin a new history?",
    "gui.history.forgotten_text": "Without the passphrase nobody can read the conversations so far. Their file stays "
    "beside under another name; new conversations will be written without encryption.",
    "gui.history.begin_anew": "Begin a new one",
    # export
    "gui.history.export": "Export",
    "gui.history.export_title": "Save the conversation",
    "gui.history.export_file": "Conversation",
    "gui.history.export_markdown": "Markdown",
    "gui.history.export_html": "Web page, HTML",
    "gui.history.export_pdf": "PDF document",
    "gui.history.export_json": "JSON data",
    "gui.history.export_text": "Plain text",
    "gui.history.exported": "The conversation was saved: {name}, folder {folder}",
    "gui.history.export_failed": "The conversation could not be saved",
    "gui.history.not_written": "Conversations are kept in memory for now: {error} Writing is tried again by itself.",
    "gui.history.written_again": "The conversations are written again.",
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

PLURALS: dict[str, tuple[str, ...]] = {
    "conversation_found": ("conversation found", "conversations found"),
}

"""Words of the source panel: a document open at the place of a quotation."""

from __future__ import annotations

TEXTS: dict[str, str] = {
    "gui.source.name": "Source",
    "gui.source.close": "Close the source",
    "gui.source.number": "Source {number}",
    "gui.source.modified": "changed {date}",
    "gui.source.date": "{year}-{month}-{day}",
    "gui.source.empty": "The source opens here",
    "gui.source.empty_text": "Press a number in an answer or a card below it: the document opens at that place.",
    "gui.source.opening": "Opening the document. Until then, the passage that the base keeps.",
    "gui.source.opening_alone": "Opening the document",
    "gui.source.open_outside": "Open in its program",
    "gui.source.copy_quote": "Copy the quotation",
    "gui.source.copied": "Quotation copied",
    "gui.source.quoted": "“{quote}” — {title} ({file}{place})",
    "gui.source.quote": "“{quote}”",
    "gui.source.gone_text": "The file is no longer there: {path}. This is the text that the base keeps.",
    "gui.source.gone": "The file is no longer there: {path}. This is the passage that the base keeps.",
    "gui.source.gone_alone": "The file is no longer there: {path}. Put it back or add the document again.",
    "gui.source.unreadable_text": "The document does not open: {reason}. This is the text that the base keeps.",
    "gui.source.unreadable": "The document does not open: {reason}. This is the passage that the base keeps.",
    "gui.source.unreadable_alone": "The document does not open: {reason}.",
    "gui.source.changed": "The file has changed since it was added: it no longer says this. "
    "Shown is the place where it did.",
    "gui.source.scan": "This page is a picture only, so nothing can be marked on it.",
    "gui.source.page": "page {page} of {pages}",
    "gui.source.previous_page": "Previous page",
    "gui.source.next_page": "Next page",
    "gui.source.zoom_in": "Larger",
    "gui.source.zoom_out": "Smaller",
    "gui.source.as_text": "As text",
    "gui.source.as_text_hint": "Show the page as text, not as a picture",
    "gui.source.sheet": "sheet “{sheet}” · {number} of {count}",
    "gui.source.previous_sheet": "Previous sheet",
    "gui.source.next_sheet": "Next sheet",
    "gui.source.text_name": "Text of the document",
    "gui.source.page_name": "Page {page} of {pages}",
    "gui.source.grid_name": "Sheet “{sheet}”",
    "gui.source.stored_name": "The passage that the base keeps",
    "gui.source.no_program": "No program was found that opens “{file}”. Its folder was opened instead.",
    "gui.source.not_document": "“{file}” may hold a program, so its folder was opened instead.",
    "gui.source.nothing_opens": "The system opened neither the file nor its folder: {path}",
}

PLURALS: dict[str, tuple[str, ...]] = {}

"""A conversation that is to be taken away, the forms in which it can be, and the name of its file."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING

from app.export.record import Conversation

if TYPE_CHECKING:
    from app.wording import Wording

__all__ = ["Conversation", "Format", "exported", "file_name"]

LONGEST_NAME = 80
"""Characters of a file's name: with Russian letters 160 bytes, of 255 that a file system takes."""

_UNFIT = re.compile(r'[\x00-\x1f<>:"/\\|?*\u2028\u2029]+')
"""What Windows takes in no name (https://learn.microsoft.com/windows/win32/fileio/naming-a-file), nor others well."""

_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?$", re.IGNORECASE)


class Format(StrEnum):
    """What a conversation can be written as; the value is the ending of the file. PDF is made of the HTML."""

    MARKDOWN = "md"
    HTML = "html"
    PDF = "pdf"
    JSON = "json"
    TEXT = "txt"


def exported(conversation: Conversation, form: Format, wording: Wording) -> str:
    """Return the conversation as text of ``form``; for PDF the page that is to be printed."""
    if form is Format.MARKDOWN:
        from app.export.markdown_text import document

        return document(conversation, wording)
    if form is Format.TEXT:
        from app.export.plain_text import document as plain_document

        return plain_document(conversation, wording)
    if form is Format.JSON:
        from app.export.record import to_json

        return to_json(conversation)
    from app.export.page import page

    return page(conversation, wording)


def file_name(title: str, form: Format, *, otherwise: str) -> str:
    """Return a name for the file that every system takes; ``otherwise`` stands in for a title that has no letters."""
    name = " ".join(_UNFIT.sub(" ", title).split())[:LONGEST_NAME].strip(" .")
    if not any(sign.isalnum() for sign in name) or _RESERVED.match(name):
        name = otherwise
    return f"{name}.{form.value}"

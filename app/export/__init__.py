"""Answers and conversations as text to take away: plain, Markdown, HTML, JSON, each with its sources.

Knows no files and no windows: text comes out, and whoever asked puts it on the clipboard or on the disk.
"""

from __future__ import annotations

from app.export.conversations import Conversation, Format, exported, file_name
from app.export.markdown_text import markdown
from app.export.page import answer_html, page
from app.export.plain_text import plain

__all__ = ["Conversation", "Format", "answer_html", "exported", "file_name", "markdown", "page", "plain"]

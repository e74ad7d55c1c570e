"""The words of a conversation: its heading, the field for questions, the state of base and model."""

from __future__ import annotations

TEXTS: dict[str, str] = {
    "gui.conversation.base.own": "My knowledge base",
    "gui.conversation.base.demo": "Sample documents",
    "gui.conversation.model_died": "The model stopped working. The next question starts it again.",
}

PLURALS: dict[str, tuple[str, ...]] = {}

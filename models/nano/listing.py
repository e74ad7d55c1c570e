"""Long lists of words, written as text."""

from __future__ import annotations


def listed(text: str) -> tuple[str, ...]:
    """Return the words of ``text``."""
    return tuple(text.split())

"""history"""

from __future__ import annotations

TEXTS: dict[str, str] = {}

PLURALS: dict[str, tuple[str, ...]] = {}

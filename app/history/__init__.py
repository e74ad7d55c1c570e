"""Conversations that outlive the window: one SQLite file, encrypted where a passphrase is set. Knows no Qt.

What is saved is on the disk when ``save`` returns. A question whose answer was being written when the program died
comes back with what was there, as one that was stopped.
"""

from __future__ import annotations

from app.history.opening import is_encrypted, set_aside
from app.history.store import History
from app.history.summary import ConversationSummary

__all__ = ["ConversationSummary", "History", "is_encrypted", "set_aside"]

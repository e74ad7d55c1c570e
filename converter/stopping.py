"""Asking long work to stop: a function that is called often and answers whether somebody wants it to end."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

Stop: TypeAlias = Callable[[], bool]


def never() -> bool:
    """Return False: nobody asks to stop. The default wherever work can be stopped."""
    return False

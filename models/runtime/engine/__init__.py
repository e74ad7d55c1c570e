"""The loop inside the child process: llama.cpp through its low-level bindings, everything that makes waiting short.

``Engine`` is the door; it also works in the caller's own process, where a damaged file may end it.
"""

from models.runtime.engine.engine import Engine

__all__ = ["Engine"]

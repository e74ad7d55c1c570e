"""Bytes of tokens become text that may be shown: whole characters, and nothing of a stop text."""

from __future__ import annotations

import codecs
from collections.abc import Sequence


class Stream:
    """Text as it comes, up to a stop text.

    A token may end in mid-character (a Cyrillic letter is two bytes, an emoji four): the rest is awaited. Bytes that
    are no character at all are left out. What may yet become a stop text is held back until it cannot.
    """

    def __init__(self, stops: Sequence[str] = ()) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("ignore")
        self._stops = tuple(stop for stop in stops if stop)
        self._held = ""
        self.stopped = False

    def add(self, data: bytes) -> str:
        """Return what can be shown now."""
        if self.stopped:
            return ""
        self._held += self._decoder.decode(data)
        found = [at for stop in self._stops if (at := self._held.find(stop)) >= 0]
        if found:
            self.stopped = True
            shown, self._held = self._held[: min(found)], ""
            return shown
        keep = self._awaited()
        shown, self._held = self._held[: len(self._held) - keep], self._held[len(self._held) - keep :]
        return shown

    def finish(self) -> str:
        """Return what was held back for a stop text that did not come. Half a character is dropped."""
        shown, self._held = self._held, ""
        return shown

    def _awaited(self) -> int:
        """Return how many characters at the end may be the beginning of a stop text."""
        longest = max((len(stop) for stop in self._stops), default=1) - 1
        for length in range(min(longest, len(self._held)), 0, -1):
            if any(stop.startswith(self._held[-length:]) for stop in self._stops):
                return length
        return 0

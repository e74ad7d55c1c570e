"""Previews of documents, made by a child process under limits: a foreign file must not harm a window that shows it.

The child is the one of ``kb.extraction`` and stays for the next request; a request that is given up ends it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Any, Self, TypeVar

from kb.errors import ReaderCrashed, TooLarge, UnsupportedFormat, read_error
from kb.extraction import Limits, cause_of_death
from kb.extraction_child import Child, Reply
from kb.places import Cell, Page, Place, place_to_json
from kb.preview import facts
from kb.preview.facts import Excerpt, Grid, PageImage
from kb.readers import file_size, suffix_of, supported
from kb.stopping import never

TICK = 0.03
"""Seconds between looks at ``stop``: what the user clicked next begins that soon."""

LIMITS = Limits(seconds=60)
"""Of one preview. A person does not look at a panel for longer."""

WIDEST = 4000
"""Pixels of a page's picture: a screen of that width, or four times the panel at double density."""

_SHEETS = frozenset((".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".csv", ".tsv"))

Made = TypeVar("Made", Excerpt, PageImage, Grid)


class Stopped(Exception):
    """``stop`` said so before the preview was made."""


def is_paged(path: Path) -> bool:
    """Return whether a document is shown page by page."""
    return suffix_of(path) == ".pdf"


def is_sheet(path: Path) -> bool:
    """Return whether a document is shown as rows and columns."""
    return suffix_of(path) in _SHEETS


class Previewer:
    """One child process, started when the first preview is asked for. Not for several threads at once.

    All methods raise ``kb.errors.ReadError`` with what is wrong with the document, and ``Stopped``.
    """

    def __init__(self, *, limits: Limits = LIMITS) -> None:
        self._limits = limits
        self._child: Child | None = None
        self._replies: SimpleQueue[Reply] = SimpleQueue()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the child. The previewer may be used again and starts a new one then."""
        if self._child is not None:
            self._child.kill()
            self._child.wait()
            self._child = None

    def text(
        self,
        path: Path,
        place: Place | None = None,
        quotation: str = "",
        *,
        at: int | None = None,
        stop: Callable[[], bool] = never,
    ) -> Excerpt:
        """Return the text around ``place``, or around block ``at`` of the same document."""
        return self._made(path, "text", place, quotation, facts.excerpt_from_json, stop, at=at)

    def page(
        self,
        path: Path,
        number: int,
        quotation: str = "",
        *,
        width: int,
        first: int | None = None,
        stop: Callable[[], bool] = never,
    ) -> PageImage:
        """Return page ``number``, ``width`` pixels wide; the quotation begins on page ``first`` (else on this one)."""
        width = max(1, min(width, WIDEST))
        place = Page(number)
        return self._made(
            path, "page", place, quotation, facts.page_from_json, stop, page=number, first=first, width=width
        )

    def grid(
        self,
        path: Path,
        place: Cell | None = None,
        quotation: str = "",
        *,
        sheet: str = "",
        at: int | None = None,
        stop: Callable[[], bool] = never,
    ) -> Grid:
        """Return the rows around ``place``, or around row ``at``, on ``sheet`` where that is not the place's."""
        return self._made(path, "grid", place, quotation, facts.grid_from_json, stop, sheet=sheet, at=at)

    def _made(
        self,
        path: Path,
        kind: str,
        place: Place | None,
        quotation: str,
        read: Callable[[Mapping[str, Any]], Made],
        stop: Callable[[], bool],
        **wanted: object,
    ) -> Made:
        self._refuse(path)
        request = {
            "preview": kind,
            "place": place_to_json(place) if place is not None else None,
            "quotation": quotation,
            "seconds": self._limits.seconds,
            "megabytes": self._limits.megabytes,
            "ocr": False,  # recognition takes seconds for a page; the base has what it brought
            **wanted,
        }
        message = self._answer(path, request, stop)
        try:
            if "error" in message:
                raise read_error(message["error"], path, message["facts"])
            return read(message)
        except (KeyError, TypeError, ValueError) as error:
            raise ReaderCrashed(path, f"{type(error).__name__}: {error}") from error

    def _refuse(self, path: Path) -> None:
        size = file_size(path)
        if not supported(path):
            raise UnsupportedFormat(path, suffix_of(path).removeprefix(".") or path.name)
        if size > self._limits.file_bytes:
            raise TooLarge(path, size, self._limits.file_bytes)

    def _answer(self, path: Path, request: Mapping[str, Any], stop: Callable[[], bool]) -> Mapping[str, Any]:
        """Have one request answered; the child is ended when it is too slow or nobody wants the answer any more."""
        if self._child is None:
            self._child = Child.start(megabytes=self._limits.megabytes, deliver=self._replies.put)
        child = self._child
        child.send(path, request)
        while True:
            if stop():
                self.close()
                raise Stopped
            try:
                reply = self._replies.get(timeout=TICK)
            except Empty:
                if time.monotonic() - child.began > self._limits.seconds and not child.overdue:
                    child.overdue = True
                    child.kill()
                continue
            if reply.child is not child:  # one of those that were ended
                continue
            if reply.message is None:
                self._child = None
                raise cause_of_death(child, child.wait(), path, self._limits)
            child.began = reply.at
            if "alive" in reply.message:
                continue
            child.pending.popleft()
            if reply.message.get("last"):
                self.close()
            return reply.message

"""Searching and sorting the documents of a base off the window's thread; only the latest wish is answered."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from app.gui.bases.contents import Order, Row, Shown, shown
from app.gui.job import Job, once


class Finder(QObject):
    """``found`` carries what is to be listed after every change of the rows or of the wish."""

    found = Signal(object)  # Shown

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[Row, ...] = ()
        self._query = ""
        self._order = Order.NAME
        self._failed_only = False
        self._job: Job | None = None

    @property
    def query(self) -> str:
        """What is searched for."""
        return self._query

    def put(self, rows: tuple[Row, ...]) -> None:
        """Search in these rows from now on."""
        self._rows = rows
        self._find()

    def wish(self, *, query: str | None = None, order: Order | None = None, failed_only: bool | None = None) -> None:
        """Search for, or sort by, something else; what is None stays as it is."""
        before = (self._query, self._order, self._failed_only)
        self._query = self._query if query is None else query
        self._order = self._order if order is None else order
        self._failed_only = self._failed_only if failed_only is None else failed_only
        if before != (self._query, self._order, self._failed_only):
            self._find()

    def _find(self) -> None:
        if self._job is not None:
            self._job.cancel()
        rows, query, order, failed_only = self._rows, self._query, self._order, self._failed_only
        self._job = job = Job(once(lambda: shown(rows, query=query, order=order, failed_only=failed_only)))
        job.produced.connect(self._came)
        job.start()

    def _came(self, value: Shown) -> None:
        self.found.emit(value)

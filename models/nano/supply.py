"""Rows on their way to the model: taken from the feed in a thread of their own, as tensors where the model is."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor

from models.nano.model import Mask, block_mask, dense_mask
from models.nano.pointing import links
from models.nano.rows import Rows

AHEAD = 4
"""Batches that wait; each is a few megabytes."""

STEPS = 32
"""Predictions of a batch are filled up to so many parts of its tokens: each new number of them is compiled anew."""


class Feeding(Protocol):
    """What rows come from: ``models.nano.feed.Feed``. ``kind`` is one of its ``Kind``."""

    def rows(self, kind: Any, number: int) -> Rows: ...


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows as tensors. ``places`` are predicted, ``targets`` are right there, and count ``counts``.

    ``looks`` are those of ``pointing.LINKS``. All indexes are flat.
    """

    tokens: Tensor
    positions: Tensor
    documents: Tensor
    places: Tensor
    targets: Tensor
    counts: Tensor
    looks: tuple[Tensor, ...]

    def to(self, device: torch.device) -> Batch:
        """Return it on ``device``."""

        def there(one: Tensor) -> Tensor:
            return one.pin_memory().to(device, non_blocking=True) if device.type == "cuda" else one.to(device)

        return Batch(
            tokens=there(self.tokens),
            positions=there(self.positions),
            documents=there(self.documents),
            places=there(self.places),
            targets=there(self.targets),
            counts=there(self.counts),
            looks=tuple(map(there, self.looks)),
        )

    def mask(self, attention: str) -> Mask:
        """Return which token may look at which, as the kind of ``attention`` wants it."""
        if attention == "flex":
            return block_mask(self.documents)
        return dense_mask(self.documents) if attention == "dense" else None


class Batches:
    """Makes batches of rows. Remembers how many predictions a batch had at most."""

    def __init__(self, *, reading: float = 0.0, fence: Sequence[int] = ()) -> None:
        """``fence`` are the tokens before a passage's number."""
        self._reading = reading
        self._fence = tuple(fence)
        self._capacity = 0

    def made(self, rows: Rows, *, seed: int) -> Batch:
        """Return ``rows`` as a batch."""
        where, counts = rows.predicted(reading=self._reading, seed=seed)
        if len(where) > self._capacity:
            step = max(rows.tokens.size // STEPS, 1)
            self._capacity = min(-(-len(where) * 11 // 10 // step) * step, rows.tokens.size)
        missing = self._capacity - len(where)
        tokens = rows.tokens.astype(np.int64)
        places = np.pad(where, (0, missing))
        return Batch(
            torch.from_numpy(tokens),
            torch.from_numpy(rows.positions()),
            torch.from_numpy(rows.documents.astype(np.int32)),
            torch.from_numpy(places),
            torch.from_numpy(np.pad(tokens.reshape(-1)[where + 1], (0, missing))),
            torch.from_numpy(np.pad(counts, (0, missing))),
            tuple(torch.from_numpy(looks) for looks in links(rows, fence=self._fence)),
        )


class Supply:
    """Batches of one kind, in order, from number ``start`` on. Closing it ends its thread."""

    def __init__(self, feed: Feeding, kind: Any, *, start: int, batches: Batches, device: torch.device) -> None:
        self._feed, self._kind, self._next = feed, kind, start
        self._batches, self._device = batches, device
        self._waiting: queue.Queue[Batch | BaseException] = queue.Queue(AHEAD)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def __iter__(self) -> Iterator[Batch]:
        while True:
            one = self._waiting.get()
            if isinstance(one, BaseException):
                raise one
            yield one

    def close(self) -> None:
        """Make no more."""
        self._over.set()
        while self._thread.is_alive():
            try:
                self._waiting.get(timeout=0.05)
            except queue.Empty:
                continue

    def _work(self) -> None:
        try:
            while not self._over.is_set():
                rows = self._feed.rows(self._kind, self._next)
                self._waiting.put(self._batches.made(rows, seed=self._next).to(self._device))
                self._next += 1
        except BaseException as error:
            self._waiting.put(error)

"""Rows: what the training loop is fed with, and all that it knows of examples. Only numpy.

A row is as long as the training's context and packed full with sequences (an example, a piece of a document). Attention
stays inside a sequence and positions begin anew with each. A sequence may have branches, which stand behind it: several
questions about the same passages. A branch sees its stem and itself, and its positions go on where the stem ends.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FILLER = 65535
"""The sequence that fills a row up to its end."""

BRANCHES = 64
"""Sequences are numbered in steps of so many; the numbers between are those of their branches."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Some rows; every array has the shape [rows, length]."""

    tokens: NDArray[np.uint16]
    documents: NDArray[np.uint16]
    """Which sequence of its row a token belongs to: 0, 0, 0, 64, 64, 65, … (65: the first branch of 64), and ``FILLER``
    at the end."""
    weights: NDArray[np.uint8]
    """What it counts, in hundredths, to predict this token from those before it; 0: it is only read."""

    def positions(self) -> NDArray[np.int64]:
        """Return the place of every token in its sequence."""
        length = self.tokens.shape[1]
        places = np.arange(length)[None, :].repeat(len(self.tokens), axis=0)
        changes = np.zeros(places.shape, bool)
        changes[:, 1:] = self.documents[:, 1:] != self.documents[:, :-1]
        begins = np.maximum.accumulate(np.where(changes, places, 0), axis=1)
        # A first branch begins where its stem has ended: what stems before it and all branches have in common.
        of_stem = changes & (self.documents % BRANCHES == 1)
        stem_begins = np.maximum.accumulate(np.where(changes & (self.documents % BRANCHES == 0), places, 0), axis=1)
        stem_ends = np.maximum.accumulate(np.where(of_stem, places, 0), axis=1)
        inside = (self.documents % BRANCHES > 0) & (self.documents != FILLER)
        return places - begins + np.where(inside, stem_ends - stem_begins, 0)

    def predicted(self, *, reading: float = 0.0, seed: int = 0) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return where, in the flattened rows, the next token is predicted, and what each prediction counts.

        ``reading`` is the share of the tokens that are only read of which the prediction counts, too: drawn at
        random, each as much as a token of an answer. The first token of a sequence is never predicted.
        """
        follows = np.zeros(self.tokens.shape, bool)
        follows[:, :-1] = (self.documents[:, 1:] == self.documents[:, :-1]) & (self.documents[:, 1:] != FILLER)
        counts = np.zeros(self.tokens.shape, np.float32)
        counts[:, :-1] = self.weights[:, 1:] / np.float32(100)
        if reading > 0:
            drawn = np.random.default_rng(seed).random(counts.shape, np.float32) < reading
            counts[(counts == 0) & drawn] = 1.0
        counts[~follows] = 0.0
        where = np.flatnonzero(counts)
        return where, counts.reshape(-1)[where]

"""Fills a base with the vectors it lacks, in steps that can be stopped and continued at any moment."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from time import monotonic

from kb.dense.embedder import Embedder, unit_rows
from kb.dense.record import claim_embedder
from kb.dense.vectors import VectorStore
from kb.stopping import never
from kb.store.opened import Connection, transaction

BATCH = 64
"""Passages embedded and committed at a time: a few seconds of work of a small model on two cores."""


@dataclass(frozen=True, slots=True)
class Embedded:
    """``done`` of ``total`` passages that lacked a vector have one now."""

    done: int
    total: int
    seconds_left: float | None


def embed_missing(
    connection: Connection, store: VectorStore, embedder: Embedder, *, stop: Callable[[], bool] = never
) -> Iterator[Embedded]:
    """Embed every passage without a vector, ``BATCH`` at a time, each batch in a transaction of its own.

    Not to be run inside a transaction. What was done before a stop, an error or a kill stays.

    Raises:
        EmbedderMismatch: the base holds another model's vectors.
        EmbedderUnavailable: the embedder gave something that is not vectors.
        BaseBusy, BaseUnwritable, BaseDamaged: as `kb.store.opened.transaction`.
    """
    with transaction(connection):
        claim_embedder(connection, embedder)
    missing = store.missing_ids()
    yield Embedded(0, len(missing), None)
    started = monotonic()
    for start in range(0, len(missing), BATCH):
        if stop():
            return
        ids = missing[start : start + BATCH]
        texts = passage_texts(connection, ids)
        rows = unit_rows(embedder.embed(list(texts.values())), rows=len(texts), embedder=embedder)
        with transaction(connection):
            kept = _still_there(connection, list(texts))
            store.add([id_ for id_ in texts if id_ in kept], rows[[id_ in kept for id_ in texts]])
        done = min(start + BATCH, len(missing))
        yield Embedded(done, len(missing), (monotonic() - started) / done * (len(missing) - done))


def passage_texts(connection: Connection, ids: Sequence[int]) -> dict[int, str]:
    """Return what is embedded for each passage of ``ids`` that exists: title, heading path and text, a line each."""
    rows = connection.execute(
        """
        SELECT passage.id, document.title, passage.heading, passage.text
        FROM passage JOIN document ON document.id = passage.document_id
        WHERE passage.id IN (SELECT value FROM json_each(?)) ORDER BY passage.id
        """,
        (json.dumps(list(ids)),),
    )
    return {int(id_): embedded_text(title, json.loads(heading), text) for id_, title, heading, text in rows}


def embedded_text(title: str, heading: Sequence[str], text: str) -> str:
    """Return the text of a passage as it is embedded; a heading that repeats the title stands once."""
    return "\n".join(dict.fromkeys([title, *heading, text]))


def _still_there(connection: Connection, ids: Sequence[int]) -> set[int]:
    """Return those of ``ids`` that are still passages: others may write while a model computes."""
    rows = connection.execute(
        "SELECT id FROM passage WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(list(ids)),)
    )
    return {int(row[0]) for row in rows}

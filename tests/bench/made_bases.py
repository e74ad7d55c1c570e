"""Bases of any size for measuring speed: passages of sentences drawn again from real Russian technical documents."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator
from pathlib import Path

from razdel import sentenize

from kb.blocks import Segment, Sentence
from kb.places import Line
from kb.store import purge
from kb.store.changes import changing
from kb.store.connection import connect
from kb.store.records import FileFacts

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"

PER_DOCUMENT = 5
SENTENCES = 5  # of a passage: about 75 words, as in support-kb-ru
BATCH = 400  # documents in one transaction


def pool(*, documents: int = 7_000) -> list[tuple[str, list[str]]]:
    """Return title and sentences of real documents."""
    found = []
    with gzip.open(SHARED / "training" / "docs-ru.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            entry = json.loads(line)
            sentences = [s.text.strip() for s in sentenize(entry["text"][:20_000])]
            kept = [" ".join(s.split()) for s in sentences if 20 < len(s) < 400]
            if len(kept) >= SENTENCES:
                found.append((str(entry["title"]), kept))
            if len(found) == documents:
                break
    return found


def segments(
    pool_: list[tuple[str, list[str]]], passages: int, *, seed: int = 7
) -> Iterator[tuple[str, list[Segment]]]:
    """Yield documents of ``PER_DOCUMENT`` passages: most sentences from one real document, some from others."""
    chance = random.Random(seed)
    made = 0
    while made < passages:
        title, own = chance.choice(pool_)
        parts = []
        for _ in range(min(PER_DOCUMENT, passages - made)):
            texts = [
                chance.choice(own) if chance.random() < 0.7 else chance.choice(chance.choice(pool_)[1])
                for _ in range(SENTENCES)
            ]
            parts.append(_segment(texts))
        made += len(parts)
        yield title, parts


def _segment(texts: list[str]) -> Segment:
    sentences = []
    start = 0
    for text in texts:
        sentences.append(Sentence(start, start + len(text), Line(1)))
        start += len(text) + 1
    return Segment(" ".join(texts), (), Line(1), tuple(sentences))


def make(path: Path, passages: int, pool_: list[tuple[str, list[str]]]) -> None:
    """Fill a new base at ``path`` with ``passages`` passages, through the product's own store."""
    connection = connect(path, mode="create")
    try:
        documents = enumerate(segments(pool_, passages))
        done = False
        while not done:
            with changing(connection) as changes:
                for _ in range(BATCH):
                    found = next(documents, None)
                    if found is None:
                        done = True
                        break
                    number, (title, parts) = found
                    facts = FileFacts(Path(f"/made/{number:07d}.txt"), 0, 0, f"{number:064x}")
                    changes.put(facts, title=title, format="txt", segments=parts)
        purge.truncate_log(connection)
    finally:
        connection.close()

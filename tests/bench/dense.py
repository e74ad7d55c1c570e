"""Measures the vectors of a base: speed, recall, size, loading, memory. A command, not a test.

    python tests/bench/dense.py [--rows 3000,100000,1000000] [--encrypted] [--out FILE.json]
    python tests/bench/dense.py --exact     vec0 alone, past the limit too: the source of EXACT_LIMIT
    python tests/bench/dense.py --codes     candidates and recall of 1-bit codes: the source of CANDIDATES

Vectors are made up (384 dimensions): points on a curved surface of 100 dimensions around 300 topics, aside from the
origin, with noise; the nearest are as close as those of real text models (cosine .8 to .9, others .3).
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from kb.dense import codes
from kb.dense.exact import ExactVectors
from kb.dense.vectors import VectorStore
from kb.store import settings
from kb.store.connection import connect
from kb.store.opened import transaction

DIMENSION = 384
QUERIES = 200
K = 50
BATCH = 10_000

Figures = dict[str, float | int | str]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", default="3000,100000,1000000")
    parser.add_argument("--encrypted", action="store_true")
    parser.add_argument("--exact", action="store_true")
    parser.add_argument("--codes", action="store_true")
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    sizes = [int(rows) for rows in given.rows.split(",")]
    if given.codes:
        figures = [line for rows in sizes for line in measured_codes(rows)]
    else:
        figures = [measured(rows, encrypted=given.encrypted, exact=given.exact) for rows in sizes]
    show(figures)
    if given.out is not None:
        given.out.write_text(json.dumps(figures, indent=2))


def show(figures: list[Figures]) -> None:
    """Print ``figures`` as a table, a line each."""
    table = [list(figures[0]), *([str(value) for value in line.values()] for line in figures)]
    widths = [max(len(line[column]) for line in table) for column in range(len(table[0]))]
    for line in table:
        print("  ".join(value.rjust(width) for value, width in zip(line, widths, strict=True)))  # noqa: T201


class Surface:
    """Makes vectors, the same for the same seed."""

    def __init__(self, latent: int = 100) -> None:
        chance = np.random.default_rng(1)
        self._first = chance.standard_normal((latent, 256), dtype=np.float32) / np.sqrt(latent, dtype=np.float32)
        self._second = chance.standard_normal((256, DIMENSION), dtype=np.float32) / np.float32(16)
        self._topics = chance.standard_normal((300, latent), dtype=np.float32)
        self._aside = chance.standard_normal(DIMENSION, dtype=np.float32)
        self._strength = (1 / np.sqrt(1 + np.arange(DIMENSION) / 20)).astype(np.float32)

    def vectors(self, rows: int, *, seed: int) -> NDArray[np.float32]:
        chance = np.random.default_rng(seed)
        latent = self._topics.shape[1]
        points = self._topics[chance.integers(0, len(self._topics), rows)]
        points = points + np.float32(0.7) * chance.standard_normal((rows, latent), dtype=np.float32)
        bent = np.tanh(np.float32(1.5) * points @ self._first) @ self._second * np.float32(2)
        noise = np.float32(0.15) * chance.standard_normal((rows, DIMENSION), dtype=np.float32)
        found = (bent + noise + self._aside) * self._strength
        return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True), dtype=np.float32)

    def batches(self, rows: int) -> Iterator[tuple[int, NDArray[np.float32]]]:
        """Yield (first row, vectors) of a base of ``rows``."""
        for start in range(0, rows, BATCH):
            yield start, self.vectors(min(BATCH, rows - start), seed=start + 10)

    def queries(self) -> NDArray[np.float32]:
        return self.vectors(QUERIES, seed=2)


def truly_nearest(surface: Surface, rows: int, k: int) -> NDArray[np.int64]:
    """Return the rows [QUERIES, k] nearest to each query, by floats."""
    queries = surface.queries()
    best = np.full((QUERIES, k), -np.inf, dtype=np.float32)
    where = np.zeros((QUERIES, k), dtype=np.int64)
    for start, batch in surface.batches(rows):
        cosines = np.concatenate([best, queries @ batch.T], axis=1)
        ids = np.concatenate([where, np.broadcast_to(np.arange(start, start + len(batch)), (QUERIES, len(batch)))], 1)
        top = np.argsort(-cosines, axis=1)[:, :k]
        best, where = np.take_along_axis(cosines, top, 1), np.take_along_axis(ids, top, 1)
    return where


def measured(rows: int, *, encrypted: bool, exact: bool) -> Figures:
    """Return the figures of a base of ``rows`` vectors."""
    passphrase = "пароль" if encrypted else None
    surface = Surface()
    nearest = truly_nearest(surface, rows, 10)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "base.kb"
        seconds = fill(path, passphrase, surface, rows, exact=exact)
        searched = apart(search, path, passphrase, nearest, exact)
        return {
            "rows": rows,
            "base": "encrypted" if encrypted else "plain",
            "vectors added/s": round(rows / seconds),
            "bytes/vector": round(path.stat().st_size / rows),
            **searched,
        }


def fill(path: Path, passphrase: str | None, surface: Surface, rows: int, *, exact: bool) -> float:
    """Create a base of ``rows`` vectors, and return the seconds that adding them took."""
    connection = connect(path, passphrase=passphrase, mode="create")
    settings.put(connection, settings.EMBEDDER, {"name": "made up", "dimension": DIMENSION})
    store = VectorStore(connection, exact_limit=rows) if exact else VectorStore(connection)
    seconds = 0.0
    for start, batch in surface.batches(rows):
        for part in range(0, len(batch), 1000):
            started = perf_counter()
            with transaction(connection):
                vectors = batch[part : part + 1000]
                store.add(range(start + part + 1, start + part + len(vectors) + 1), vectors)
            seconds += perf_counter() - started
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return seconds


def apart(
    function: Callable[[Path, str | None, NDArray[np.int64], bool], Figures],
    path: Path,
    passphrase: str | None,
    nearest: NDArray[np.int64],
    exact: bool,
) -> Figures:
    """Return what ``function`` returns in a process of its own, whose peak memory is its own too."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(function, (path, passphrase, nearest, exact))


def search(path: Path, passphrase: str | None, nearest: NDArray[np.int64], exact: bool) -> Figures:
    """Ask the base all queries, the first of them cold."""
    queries = Surface().queries()
    before = peak_megabytes()
    connection = connect(path, passphrase=passphrase, mode="read")
    store = VectorStore(connection, exact_limit=len(ExactVectors(connection)) if exact else 0)
    started = perf_counter()
    store.search(queries[0], K)
    first = perf_counter() - started
    seconds, hits = [], 0
    for query, expected in zip(queries, nearest, strict=True):
        started = perf_counter()
        found = store.search(query, K)
        store.cosines(query, [id_ for id_, _ in found])
        seconds.append(perf_counter() - started)
        hits += len({id_ for id_, _ in found[:10]} & {int(row) + 1 for row in expected})
    connection.close()
    return {
        "first ms": round(first * 1000, 1),
        "p50 ms": round(float(np.percentile(seconds, 50)) * 1000, 1),
        "p95 ms": round(float(np.percentile(seconds, 95)) * 1000, 1),
        "recall@10": round(hits / (10 * len(queries)), 4),
        "peak MB over start": round(peak_megabytes() - before),
    }


def peak_megabytes() -> float:
    status = Path("/proc/self/status")
    if status.exists():  # getrusage on Linux tells the peak of the parent process too
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def measured_codes(rows: int) -> Iterator[Figures]:
    """Yield the share of the true ten nearest among so many nearest codes, for three ways of making codes."""
    surface = Surface()
    nearest = truly_nearest(surface, rows, 10)
    centre = next(surface.batches(rows))[1].mean(axis=0)
    untouched = np.zeros_like(centre)
    turn = codes.turn
    for name, middle, turned in (
        ("as they are", untouched, False),
        ("centred", centre, False),
        ("turned", centre, True),
    ):
        codes.turn = turn if turned else np.eye  # type: ignore[assignment]
        made = np.concatenate([codes.encode(batch, middle) for _, batch in surface.batches(rows)], axis=1)
        asked = codes.encode(surface.queries(), middle)
        orders = [np.argsort(codes.distances(made, asked[:, at : at + 1]), kind="stable") for at in range(QUERIES)]
        yield {"rows": rows, "codes": name} | {
            f"of {count}": round(
                float(np.mean([np.isin(nearest[at], order[:count]).mean() for at, order in enumerate(orders)])), 3
            )
            for count in (100, 200, 300, 500, 1000, 2000)
        }
    codes.turn = turn


if __name__ == "__main__":
    main()

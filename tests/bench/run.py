"""How fast and how large (``make bench``): a table for people, JSON for machines. A command, not a test.

    python tests/bench/run.py [--sizes 3000,100000] [--bases FOLDER] [--output FILE.json]

Indexing is of the support articles, again and from nothing; searching is in bases of resampled sentences
(``made_bases``), lexical and with vectors. Where another tool is at hand the figure is a ratio measured in the same
run: SQLite's own FTS5 over the same raw text is what a search box costs without Russian. A million passages take a
quarter of an hour to make: ``--sizes 1000000``, and are kept in ``--bases``.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "eval")]

import corpora  # noqa: E402
import dense  # noqa: E402
import made_bases  # noqa: E402
import numpy as np  # noqa: E402
import sqlcipher3  # noqa: E402
from numpy.typing import NDArray  # noqa: E402

from kb.base import KnowledgeBase  # noqa: E402
from kb.dense.fusion import FEATURES, Fusion  # noqa: E402
from kb.dense.record import claim_embedder  # noqa: E402
from kb.dense.selfcheck import SelfCheck  # noqa: E402
from kb.dense.vectors import VectorStore  # noqa: E402
from kb.events import Finished  # noqa: E402
from kb.language.words import tokens  # noqa: E402
from kb.store import settings  # noqa: E402
from kb.store.connection import connect, load_vectors  # noqa: E402
from kb.store.opened import transaction  # noqa: E402

Figures = dict[str, float | int | str]
QUESTION = "Почему пользователь получает ошибку 403 в OneDrive?"
QUERIES = 300
RAW_QUERIES = 60  # of raw FTS5, which takes seconds for each at a million passages
COLD_RUNS = 7


def indexing(folder: Path) -> Figures:
    """Index the support articles, then again; against FTS5 over the raw text of the same files."""
    base_file = folder / "indexing.offlite"
    base_file.unlink(missing_ok=True)
    files = sorted(corpora.SUPPORT.rglob("*.md"))
    size = sum(file.stat().st_size for file in files)
    with KnowledgeBase.create(base_file) as base:
        first = _add(base)
        again = _add(base)
        passages = base.stats().passages
    raw = _raw_fts(folder / "raw.sqlite", [file.read_text(encoding="utf-8") for file in files])
    return {
        "documents": len(files),
        "documents/s": len(files) / first,
        "MB/s": size / 1e6 / first,
        "again, s": again,
        "passages": passages,
        "bytes/passage": base_file.stat().st_size / passages,
        "time against raw FTS5": first / raw,
        "parent's peak MB": _peak_megabytes(),
    }


def _add(base: KnowledgeBase) -> float:
    began = time.perf_counter()
    events = list(base.add([corpora.SUPPORT]))
    if not isinstance(events[-1], Finished) or events[-1].failed:
        raise SystemExit(f"indexing did not go well: {events[-1]}")
    return time.perf_counter() - began


def _raw_fts(path: Path, texts: Sequence[str]) -> float:
    """Return the seconds that FTS5 with its default tokenizer takes for ``texts``."""
    path.unlink(missing_ok=True)
    began = time.perf_counter()
    connection = sqlcipher3.connect(str(path))
    connection.execute("CREATE VIRTUAL TABLE raw USING fts5(text)")
    connection.executemany("INSERT INTO raw(text) VALUES (?)", [(text,) for text in texts])
    connection.commit()
    connection.close()
    return time.perf_counter() - began


def cold_start(base_file: Path) -> Figures:
    """Time ``offlite ask --model none`` from process start to its end."""
    command = [sys.executable, "-m", "app", "ask", QUESTION, "--model", "none", "--kb", str(base_file)]
    seconds = []
    for _ in range(COLD_RUNS):
        began = time.perf_counter()
        subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        seconds.append(time.perf_counter() - began)
    return {"cold ask, median s": statistics.median(seconds), "cold ask, worst s": max(seconds)}


class Arbitrary:
    """An embedder whose vectors mean nothing: searching them takes as long as searching good ones."""

    def __init__(self) -> None:
        self.name = "arbitrary"
        self.dimension = dense.DIMENSION
        self._surface = dense.Surface()
        self._asked = 0

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self._surface.vectors(len(texts), seed=1)

    def embed_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self._asked += 1
        return self._surface.vectors(len(texts), seed=10_000 + self._asked)


def searching(base_file: Path, passages: int) -> Figures:
    """Return query times of the base at ``base_file`` with ``passages``, lexical, hybrid and of raw FTS5."""
    queries = _queries()
    figures: Figures = {"passages": passages, "bytes/passage": base_file.stat().st_size / passages}
    with KnowledgeBase.open(base_file) as base:
        figures |= _times("lexical", queries, base.search)
    figures |= _raw_times(base_file, queries)
    embedder = Arbitrary()
    _give_vectors(base_file, embedder)
    with KnowledgeBase.open(base_file, embedder=lambda: embedder) as base:
        figures |= _times("hybrid", queries, base.search)
    return figures | {"peak MB": _peak_megabytes()}


def _queries() -> list[str]:
    """Return questions of people and titles of real documents, half and half."""
    titles = [title for title, _ in made_bases.pool(documents=QUERIES)]
    return [question.text for question in corpora.paraphrases()][: QUERIES // 2] + titles[: QUERIES // 2]


def _times(name: str, queries: Sequence[str], search: Callable[[str], object]) -> Figures:
    for query in queries[: len(queries) // 15]:
        search(query)
    seconds = []
    for query in queries:
        began = time.perf_counter()
        search(query)
        seconds.append(time.perf_counter() - began)
    p50, p95 = np.percentile(np.array(seconds) * 1000, [50, 95])
    return {f"{name} p50 ms": float(p50), f"{name} p95 ms": float(p95)}


def _raw_times(base_file: Path, queries: Sequence[str]) -> Figures:
    """Return the times of FTS5 over the raw words of the same passages: OR of the query's words, BM25, ten best."""
    path = base_file.with_suffix(".raw")
    connection = sqlcipher3.connect(str(path))
    if not connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
        connection.execute("CREATE VIRTUAL TABLE raw USING fts5(text)")
        source = sqlcipher3.connect(str(base_file))
        connection.executemany("INSERT INTO raw(text) VALUES (?)", source.execute("SELECT text FROM passage"))
        connection.commit()
        source.close()

    def search(query: str) -> object:
        words = " OR ".join(f'"{token}"' for token in tokens(query))
        statement = "SELECT rowid, text FROM raw WHERE raw MATCH ? ORDER BY rank LIMIT 10"
        return connection.execute(statement, (words,)).fetchall() if words else []

    figures = _times("raw FTS5", queries[:: len(queries) // RAW_QUERIES], search)
    connection.close()
    return figures


def _give_vectors(base_file: Path, embedder: Arbitrary) -> None:
    """Give every passage a vector and switch the dense side on."""
    connection = connect(base_file, mode="write")
    try:
        load_vectors(connection)
        store = VectorStore(connection)
        with transaction(connection):
            claim_embedder(connection, embedder)
        missing = store.missing_ids()
        for start in range(0, len(missing), dense.BATCH):
            ids = missing[start : start + dense.BATCH]
            with transaction(connection):
                store.add(ids, embedder.embed(ids))  # type: ignore[arg-type]
        fusion = Fusion(-8.0, tuple(0.6 if name == "lexical" else 0.0 for name in FEATURES), 0.0)
        switched_on = SelfCheck(embedder.name, 0, 0.0, 0.0, 0.0, 0.0, 0.0, fusion)
        settings.put(connection, settings.FUSION, asdict(switched_on))  # type: ignore[arg-type]
    finally:
        connection.close()


def _peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _apart(work: Callable[..., Figures], *arguments: object) -> Figures:
    """Run ``work`` in a process of its own, so that its peak of memory is its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(work, arguments)


def main() -> int:
    """Measure, print, write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="3000,100000", help="passages of the made bases")
    parser.add_argument("--bases", type=Path, help="folder to keep the made bases in (default: a temporary one)")
    parser.add_argument("--output", type=Path, default=ROOT / "eval-results" / "bench.json")
    options = parser.parse_args()
    if not corpora.SHARED.is_dir():
        sys.stderr.write(f"The measurements need the shared data in {corpora.SHARED}.\n")
        return 1
    options.output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.bases or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        results: dict[str, object] = {"indexing": _show("indexing", _apart(indexing, folder))}
        results["cold start"] = _show("cold start", cold_start(folder / "indexing.offlite"))
        for size in (int(part) for part in options.sizes.split(",")):
            base_file = folder / f"n{size}.offlite"
            if not base_file.exists():
                made_bases.make(base_file, size, made_bases.pool())
            results[f"{size} passages"] = _show(f"{size} passages", _apart(searching, base_file, size))
    options.output.write_text(json.dumps(results, ensure_ascii=False, indent=2), encoding="utf-8")
    return 0


def _show(name: str, figures: Figures) -> Figures:
    sys.stdout.write(f"\n{name}\n")
    for key, value in figures.items():
        sys.stdout.write(f"  {key:24} {value:,.2f}\n" if isinstance(value, float) else f"  {key:24} {value:,}\n")
    sys.stdout.flush()
    return figures


if __name__ == "__main__":
    sys.exit(main())

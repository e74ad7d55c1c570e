"""What was deleted has left the file: the bytes of the base and of everything beside it are searched."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from fake_extraction import FakeExtractor, segment
from store_material import facts, matches, put, remove, vocabulary

from kb.errors import Broken
from kb.ingest import ingest
from kb.language.words import stem
from kb.store import purge, settings
from kb.store.changes import changing
from kb.store.connection import Connection, connect

LETTERS = "абвгдежзиклмнопрстуфхцчшщыэюя"
PIECE = 6
"""Letters. An index stores only the end of a word that begins like the one before, so pieces are looked for too; six
random letters do not come about by chance."""


def canary(seed: int) -> str:
    return "".join(random.Random(seed).choices(LETTERS, k=14))


def traces(base: Path, *words: str) -> dict[str, list[str]]:
    """Return which of ``words``, or pieces of them or of their stems, stand in which files of ``base``."""
    files = {file.name: file.read_bytes() for file in sorted(base.parent.glob(base.name + "*"))}
    found: dict[str, list[str]] = {}
    for word in words:
        pieces = {
            form[start : start + PIECE].encode()
            for form in {word, word.upper(), stem(word)}
            for start in range(len(form) - PIECE + 1)
        }
        for name, content in files.items():
            if any(piece in content for piece in pieces):
                found.setdefault(word, []).append(name)
    return found


@pytest.fixture
def base(tmp_path: Path) -> Path:
    return tmp_path / "base.kb"


@pytest.fixture
def connection(base: Path) -> Iterator[Connection]:
    connection = connect(base, mode="create")
    yield connection
    connection.close()


def fill(connection: Connection, count: int = 60) -> None:
    """Put in ordinary documents, so that index pages and tables have neighbours for the canary."""
    rng = random.Random(0)
    common = ["".join(rng.choices(LETTERS, k=rng.randint(3, 9))) for _ in range(800)]
    with changing(connection) as changes:
        for number in range(count):
            texts = [" ".join(rng.choices(common, k=80)) for _ in range(3)]
            segments = [segment(text) for text in texts]
            changes.put(facts(f"/д/{number}.md"), title=f"Документ {number}", format="md", segments=segments)


def test_the_search_for_traces_finds_them(base: Path, connection: Connection) -> None:
    word = canary(1)
    put(connection, "/д/тайна.md", f"Здесь стоит {word}.")
    assert traces(base, word)


@pytest.mark.parametrize("seed", range(8))
def test_a_removed_document_leaves_no_trace(base: Path, connection: Connection, seed: int) -> None:
    words = [canary(seed * 10 + part) for part in range(4)]
    fill(connection)
    identity = put(connection, f"/д/{words[0]}.md", f"Текст и {words[1]}.", title=words[2], heading=[words[3]])
    fill(connection, 61)
    assert len(traces(base, *words)) == 4
    remove(connection, identity)
    assert purge.purge(connection)
    assert not traces(base, *words)
    assert not purge.pending(connection)


def test_an_unpurged_deletion_would_be_seen(base: Path, connection: Connection) -> None:
    word = canary(2)
    identity = put(connection, "/д/тайна.md", f"Здесь стоит {word}.")
    remove(connection, identity)
    assert traces(base, word) == {word: ["base.kb-wal"]}
    assert purge.pending(connection)


def test_a_replaced_document_leaves_no_trace_of_its_old_text(base: Path, connection: Connection) -> None:
    word = canary(3)
    fill(connection)
    put(connection, "/д/а.md", f"Старое {word}.", title="Название")
    put(connection, "/д/а.md", "Новое.", title="Название")
    purge.purge(connection)
    assert not traces(base, word)


def test_a_document_that_fails_leaves_no_trace_of_its_old_text(base: Path, connection: Connection) -> None:
    word = canary(4)
    put(connection, "/д/а.md", f"Старое {word}.")
    with changing(connection) as changes:
        changes.fail(facts("/д/а.md"), Broken(Path("/д/а.md"), "плохо"))
    purge.purge(connection)
    assert not traces(base, word)


def test_a_moved_document_leaves_no_trace_of_its_old_name(base: Path, connection: Connection) -> None:
    word = canary(5)
    identity = put(connection, f"/д/{word}.md", "Текст остаётся.")
    with changing(connection) as changes:
        changes.move(identity, facts("/д/иначе.md"))
    purge.purge(connection)
    assert not traces(base, word)
    assert "иначе" in vocabulary(connection)
    assert matches(connection, stem("иначе"))


def test_a_page_prefix_of_the_index_is_a_trace_and_is_merged_away(connection: Connection) -> None:
    """Documents of nothing but rare words: now and then one of them has a word that begins a page of the index."""
    documents = {}
    for number in range(40):
        words = [canary(number * 100 + part) for part in range(100)]
        documents[put(connection, f"/д/{number}.md", " ".join(words), title="Запись")] = words
    purge.optimize(connection)
    noted = []
    for identity, words in documents.items():
        before = {row[0] for row in connection.execute("SELECT term FROM passage_index_idx")}
        remove(connection, identity)
        kept = {row[0] for row in connection.execute("SELECT term FROM passage_index_idx")} & before
        alive = [row[0].encode() for row in connection.execute("SELECT stem FROM stem")]
        stale = [
            term
            for term in kept - {b""}
            if any(f"0{word}".encode().startswith(term) for word in words)
            and not any(living.startswith(term[1:]) for living in alive)
        ]
        if settings.get(connection, settings.PURGE_PENDING) == {"optimize": True}:
            noted.append(identity)
        assert bool(stale) <= (identity in noted)
        assert purge.purge(connection)
        after = {row[0] for row in connection.execute("SELECT term FROM passage_index_idx")}
        assert not after.intersection(stale)
    assert noted


def test_copies_that_the_rearranging_of_pages_leaves_are_overwritten(base: Path, connection: Connection) -> None:
    """SQLite leaves copies of rows in unused parts of pages, now and then: many words make it certain."""
    left_by_deleting = 0
    for turn in range(4):
        words = [canary(10_000 + turn * 1000 + number) for number in range(200)]
        fill(connection, 20 + turn)
        halves = [" ".join(words[:100]), " ".join(words[100:])]
        identity = put(connection, "/д/тайна.md", *halves)
        fill(connection, 30 + turn)
        remove(connection, identity)
        purge.truncate_log(connection)
        left_by_deleting += len(traces(base, *words))
        assert purge.purge(connection)
        assert not traces(base, *words)
    assert left_by_deleting


def test_words_that_stand_elsewhere_stay(connection: Connection) -> None:
    put(connection, "/д/а.md", "Роутер и принтер.")
    identity = put(connection, "/д/б.md", "Роутер и сканер.")
    remove(connection, identity)
    purge.purge(connection)
    assert vocabulary(connection) == {"роутер": 1, "принтер": 1}
    assert len(matches(connection, stem("роутер"))) == 1
    assert matches(connection, stem("сканер")) == []


def test_a_reader_in_the_way_leaves_the_purge_pending(base: Path, connection: Connection) -> None:
    word = canary(6)
    identity = put(connection, "/д/тайна.md", f"Здесь {word}.")
    other = connect(base)
    other.execute("BEGIN")
    other.execute("SELECT count(*) FROM passage").fetchone()
    connection.execute("PRAGMA busy_timeout = 50")
    remove(connection, identity)
    assert not purge.purge(connection)
    assert purge.pending(connection)
    other.execute("COMMIT")
    other.close()
    assert purge.purge(connection)
    assert not traces(base, word)


KILLED_BETWEEN = """
import os, signal, sys
from pathlib import Path
from kb.store.changes import changing
from kb.store.connection import connect
connection = connect(Path(sys.argv[1]), mode="write")
with changing(connection) as changes:
    changes.remove(int(sys.argv[2]))
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no signals")
def test_the_next_writer_finishes_the_purge_of_a_killed_one(base: Path, connection: Connection) -> None:
    word = canary(7)
    fill(connection)
    identity = put(connection, "/д/тайна.md", f"Здесь {word}.")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    killed = subprocess.run([sys.executable, "-c", KILLED_BETWEEN, str(base), str(identity)], cwd=Path.cwd())
    assert killed.returncode == -9
    assert traces(base, word)
    assert purge.pending(connection)
    for _ in ingest(connection, [], extractor=FakeExtractor()):
        pass
    assert not traces(base, word)


def test_the_pages_of_a_long_document_leave_no_trace(base: Path, connection: Connection) -> None:
    """A long document frees whole pages, overflow pages among them."""
    words = [canary(1000 + number) for number in range(40)]
    fill(connection)
    texts = [" ".join([word, *["слово"] * 4000]) for word in words]
    identity = put(connection, "/д/тайна.md", *texts)
    remove(connection, identity)
    purge.purge(connection)
    assert not traces(base, *words)

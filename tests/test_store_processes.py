"""Several processes on one base: readers beside a writer, two writers, a process that is killed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fake_extraction import FakeExtractor
from store_material import put

from kb.errors import BaseBusy, BaseUnwritable
from kb.ingest import ingest
from kb.store import documents
from kb.store.changes import changing
from kb.store.connection import connect
from kb.store.lock import WriterLock

ROOT = Path(__file__).parents[1]


@contextmanager
def process(program: str, *arguments: object) -> Iterator[subprocess.Popen[str]]:
    """Run a program that speaks a line when it is ready and goes on when it is told a line."""
    with subprocess.Popen(
        [sys.executable, "-c", program, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    ) as running:
        try:
            yield running
        finally:
            running.kill()


def hear(running: subprocess.Popen[str]) -> str:
    assert running.stdout is not None
    return running.stdout.readline().strip()


def tell(running: subprocess.Popen[str]) -> None:
    assert running.stdin is not None
    running.stdin.write("\n")
    running.stdin.flush()


READER = """
import sys
from pathlib import Path
from kb.store.connection import connect
connection = connect(Path(sys.argv[1]))
for _ in sys.stdin:
    print(connection.execute("SELECT count(*) FROM passage").fetchone()[0], flush=True)
"""


def test_readers_see_what_is_committed_while_one_writes(tmp_path: Path) -> None:
    base = tmp_path / "база.kb"
    writer = connect(base, mode="create")
    put(writer, "/а.md", "Раз.")
    with process(READER, base) as first, process(READER, base) as second:
        for reader in (first, second):
            tell(reader)
            assert hear(reader) == "1"
        with changing(writer) as changes:
            changes.remove(1)
            for reader in (first, second):
                tell(reader)
                assert hear(reader) == "1"
        for reader in (first, second):
            tell(reader)
            assert hear(reader) == "0"


LOCK_HOLDER = """
import sys
from pathlib import Path
from kb.store.lock import WriterLock
with WriterLock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.readline()
print("released", flush=True)
sys.stdin.readline()
"""


def test_a_second_run_is_refused_at_once(tmp_path: Path) -> None:
    base = tmp_path / "база.kb"
    connection = connect(base, mode="create")
    with process(LOCK_HOLDER, base) as holder:
        assert hear(holder) == "held"
        with pytest.raises(BaseBusy):
            list(ingest(connection, [tmp_path], extractor=FakeExtractor()))
        tell(holder)
        assert hear(holder) == "released"
        list(ingest(connection, [tmp_path], extractor=FakeExtractor()))
    assert not base.with_name("база.kb.lock").exists()


def test_a_lock_dies_with_its_process(tmp_path: Path) -> None:
    base = tmp_path / "база.kb"
    with process(LOCK_HOLDER, base) as holder:
        assert hear(holder) == "held"
        holder.kill()
        holder.wait()
    assert base.with_name("база.kb.lock").exists()
    with WriterLock(base):
        pass


def test_two_runs_in_one_process_exclude_each_other(tmp_path: Path) -> None:
    base = tmp_path / "база.kb"
    with WriterLock(base), pytest.raises(BaseBusy), WriterLock(base):
        raise AssertionError("held twice")
    with WriterLock(base):
        pass


def test_a_lock_where_nothing_can_be_written(tmp_path: Path) -> None:
    with pytest.raises(BaseUnwritable), WriterLock(tmp_path / "нет" / "база.kb"):
        raise AssertionError("held nowhere")


KILLED_WRITER = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, "tests")
from store_material import facts
from fake_extraction import segment
from kb.store.changes import changing
from kb.store.connection import connect
connection = connect(Path(sys.argv[1]), mode="write")
connection.execute("PRAGMA cache_size = 5")  # so that uncommitted pages reach the log
with changing(connection) as changes:
    for number in range(200):
        changes.put(facts(f"/{number}.md"), title="Документ", format="md", segments=[segment(f"слово{number} " * 300)])
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no signals")
def test_a_transaction_of_a_killed_process_never_was(tmp_path: Path) -> None:
    base = tmp_path / "база.kb"
    writer = connect(base, mode="create")
    put(writer, "/прежний.md", "Прежний текст.")
    writer.close()
    assert subprocess.run([sys.executable, "-c", KILLED_WRITER, str(base)], cwd=ROOT).returncode == -9
    connection = connect(base, mode="write")
    assert [record.path for record in documents.listing(connection)] == ["/прежний.md"]
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    put(connection, "/0.md", "Новый текст.")
    assert documents.statistics(connection).documents == 2

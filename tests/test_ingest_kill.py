"""kill -9 in the middle of indexing loses no finished document, and the next run goes on."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from fake_extraction import FakeExtractor
from test_ingest import Run, assert_sound, write

from kb.ingest import ingest
from kb.store import documents
from kb.store.connection import connect
from kb.store.pathtext import to_path

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no signals")

DOCUMENTS = 400

INDEXING = """
import sys
sys.path.insert(0, "tests")
from pathlib import Path
import kb.batch
from fake_extraction import FakeExtractor
from kb.events import DocumentAdded
from kb.ingest import ingest
from kb.store.connection import connect
kb.batch.COMMIT_CHARACTERS = 200  # a few documents
connection = connect(Path(sys.argv[1]), mode="write")
for event in ingest(connection, [Path(sys.argv[2])], extractor=FakeExtractor()):
    if isinstance(event, DocumentAdded):
        print(event.path, flush=True)
        sys.stdin.read(1)
"""


def index_until(base: Path, folder: Path, told: int) -> set[Path]:
    """Index in a process that is killed after so many documents were told of; return all that it told of.

    It waits after each document for leave to go on, and has leave for a few more when it is killed.
    """
    with subprocess.Popen(
        [sys.executable, "-c", INDEXING, str(base), str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[1],
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b"." * (told + 20))
        process.stdin.flush()
        lines = [process.stdout.readline() for _ in range(told)]
        process.kill()
        lines += process.stdout.readlines()
        assert process.wait() == -signal.SIGKILL
    return {Path(line.decode().rstrip("\n")) for line in lines if line.endswith(b"\n")}


def test_killed_again_and_again(tmp_path: Path) -> None:
    folder, base = tmp_path / "п", tmp_path / "база.kb"
    for number in range(DOCUMENTS):
        write(folder / f"{number}.md", f"# Документ {number}\nСлово{number} и общие слова о роутере.")
    connect(base, mode="create").close()
    rng = random.Random(5)
    told: set[Path] = set()
    for _ in range(6):
        told.update(index_until(base, folder, rng.randint(1, 40)))
        reader = connect(base)
        kept = {to_path(record.path) for record in documents.listing(reader) if record.state == "ready"}
        reader.close()
        assert told <= kept
    assert len(told) < DOCUMENTS
    connection = connect(base, mode="write")
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    before = documents.statistics(connection).documents
    run = Run(connection, folder)
    assert (run.finished.added, run.finished.unchanged) == (DOCUMENTS - before, before)
    assert documents.statistics(connection).passages == DOCUMENTS
    assert_sound(connection)


def test_killed_while_it_removes(tmp_path: Path) -> None:
    folder, base = tmp_path / "п", tmp_path / "база.kb"
    for number in range(60):
        write(folder / f"{number}.md", f"# Документ {number}\nКанарейка{number:02} поёт.")
    connection = connect(base, mode="create")
    list(ingest(connection, [folder], extractor=FakeExtractor()))
    connection.close()
    for number in range(0, 60, 2):
        (folder / f"{number}.md").unlink()
    for number in range(60, 90):
        write(folder / f"{number}.md", f"# Документ {number}\nНовый текст {number}.")
    index_until(base, folder, 3)
    connection = connect(base, mode="write")
    Run(connection, folder)
    assert documents.statistics(connection).documents == 60
    assert_sound(connection)
    connection.close()
    content = base.read_bytes()
    assert [number for number in range(60) if f"анарейка{number:02}".encode() in content] == list(range(1, 60, 2))

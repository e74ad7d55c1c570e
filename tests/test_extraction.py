"""Documents read in child processes: limits, deaths, order, laziness, stopping."""

from __future__ import annotations

import json
import os
import select
import signal
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest

from kb import extraction_child
from kb.errors import (
    Broken,
    NotAFile,
    NoText,
    ReaderCrashed,
    ReadError,
    TooHungry,
    TooLarge,
    TooSlow,
    UnsupportedFormat,
)
from kb.extraction import Extracted, Extractor, Limits
from kb.readers import read
from kb.segmentation import segment

ROOT = Path(__file__).resolve().parents[1]

MISBEHAVING = """
import os, sys, time
import kb.extraction_worker as worker
real = worker._extract
def extract(path, request, alive):
    match path.stem.split("-")[0]:
        case "crash": os._exit(3)
        case "abort": os.abort()
        case "unallocated":
            os.write(2, b"memory allocation of 549754765312 bytes failed"); os.abort()
        case "hungry": bytearray(8 << 30)
        case "hang":
            while True: time.sleep(60)
        case "slow":
            for _ in range(4): time.sleep(0.4); alive()
        case "noisy": print("noise" * 100, flush=True); os.write(1, b"more noise")
        case "bug": raise RuntimeError("a bug")
        case "nonsense": return {"title": 5}
        case "dumb": os.closerange(3, 50); time.sleep(60)
    return real(path, request, alive)
worker._extract = extract
worker.main()
"""
"""A worker whose readers do what the names of the documents say."""


@pytest.fixture
def misbehaving(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        extraction_child, "command", lambda megabytes: [sys.executable, "-P", "-c", MISBEHAVING, str(megabytes)]
    )


@pytest.fixture
def no_children(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(megabytes: int) -> list[str]:
        raise AssertionError(f"a child of {megabytes} MB was started")

    monkeypatch.setattr(extraction_child, "command", refuse)


def written(folder: Path, *names: str) -> list[Path]:
    paths = [folder / name for name in names]
    for path in paths:
        path.write_text(f"Текст документа {path.stem}.\n", encoding="utf-8")
    return paths


def results(extractor: Extractor, paths: list[Path]) -> dict[str, Extracted | ReadError]:
    return {result.path.name: result for result in extractor.extract(paths)}


def test_children_return_what_reading_and_segmenting_give(tmp_path: Path) -> None:
    path = tmp_path / "Заявка «5».md"
    path.write_text("# Заявка\n\nПервый абзац. Второе.\n\n## Порядок\n\n" + "Ещё предложение. " * 200, encoding="utf-8")

    with Extractor() as extractor:
        (result,) = extractor.extract([path])

    assert isinstance(result, Extracted)
    assert (result.path, result.title, result.format, result.unread_pages) == (path, "Заявка", "md", ())
    assert list(result.segments) == segment(read(path))
    assert len(result.segments) > 2


def test_relative_and_undecodable_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    odd = Path(os.fsdecode(b"\xff\xfe.txt"))
    try:
        odd.write_text("Текст.", encoding="utf-8")
    except OSError:
        pytest.skip("this file system takes only decodable names")

    with Extractor() as extractor:
        (result,) = extractor.extract([odd])

    assert isinstance(result, Extracted)
    assert result.path == odd


def test_facts_of_unreadable_documents_come_back(tmp_path: Path) -> None:
    (tmp_path / "пусто.txt").touch()
    (tmp_path / "обман.pdf").write_text("не pdf", encoding="utf-8")

    with Extractor() as extractor:
        found = results(extractor, [tmp_path / "пусто.txt", tmp_path / "обман.pdf"])

    assert isinstance(found["пусто.txt"], NoText)
    assert isinstance(found["обман.pdf"], Broken)
    assert found["обман.pdf"].detail


@pytest.mark.usefixtures("no_children")
def test_what_shows_without_opening_starts_no_child(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo.txt")
    (tmp_path / "loop.txt").symlink_to("loop.txt")
    with (tmp_path / "big.txt").open("wb") as file:
        file.truncate(5 << 30)
    written(tmp_path, "старый.doc")

    with Extractor() as extractor:
        found = results(extractor, [tmp_path / name for name in ("fifo.txt", "loop.txt", "big.txt", "старый.doc")])

    assert {name: type(error) for name, error in found.items()} == {
        "fifo.txt": NotAFile,
        "loop.txt": NotAFile,
        "big.txt": TooLarge,
        "старый.doc": UnsupportedFormat,
    }
    assert found["big.txt"] == TooLarge(tmp_path / "big.txt", 5 << 30, Limits().file_bytes)


def test_too_much_text(tmp_path: Path) -> None:
    path = tmp_path / "роман.txt"
    path.write_text("Слово. " * 100, encoding="utf-8")

    with Extractor(limits=Limits(characters=500)) as extractor:
        (result,) = extractor.extract([path])

    assert isinstance(result, TooLarge)
    assert result.limit == 500


@pytest.mark.usefixtures("misbehaving")
@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("crash.txt", ReaderCrashed),
        ("abort.txt", ReaderCrashed),
        ("bug.txt", ReaderCrashed),
        ("nonsense.txt", ReaderCrashed),
        ("dumb.txt", ReaderCrashed),
        ("unallocated.txt", TooHungry),
        ("hungry.txt", TooHungry),
        ("hang.txt", TooSlow),
    ],
)
@pytest.mark.parametrize("workers", [1, 2])
def test_a_bad_document_harms_nobody_else(tmp_path: Path, name: str, error: type[ReadError], workers: int) -> None:
    paths = written(tmp_path, "a.txt", name, "b.txt", "c.txt")

    with Extractor(workers=workers, limits=Limits(seconds=2, megabytes=512)) as extractor:
        found = results(extractor, paths)
        again = results(extractor, paths[2:])

    assert type(found.pop(name)) is error
    assert sorted(found) == ["a.txt", "b.txt", "c.txt"]
    assert all(isinstance(result, Extracted) for result in (*found.values(), *again.values()))


@pytest.mark.usefixtures("misbehaving")
def test_a_sign_of_life_begins_the_time_limit_anew(tmp_path: Path) -> None:
    with Extractor(workers=1, limits=Limits(seconds=1)) as extractor:
        (result,) = extractor.extract(written(tmp_path, "slow.txt"))

    assert isinstance(result, Extracted)


@pytest.mark.usefixtures("misbehaving")
def test_what_libraries_print_does_not_reach_the_protocol(tmp_path: Path) -> None:
    with Extractor(workers=1) as extractor:
        found = results(extractor, written(tmp_path, "noisy.txt", "noisy-2.txt"))

    assert all(isinstance(result, Extracted) for result in found.values())


def test_a_sheet_of_17_billion_cells_is_stopped_by_the_memory_limit(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    workbook.active["A1"] = "начало"
    workbook.active["XFD1048576"] = "конец"
    workbook.save(tmp_path / "углы.xlsx")

    with Extractor(workers=1) as extractor:
        (result,) = extractor.extract([tmp_path / "углы.xlsx"])

    assert isinstance(result, TooHungry)


def test_a_page_of_ten_million_elements_is_stopped_by_a_limit(tmp_path: Path) -> None:
    path = tmp_path / "страница.html"
    with path.open("w", encoding="utf-8") as file:
        for _ in range(1000):
            file.write("<p>слово</p>" * 10_000)

    with Extractor(workers=1, limits=Limits(seconds=60)) as extractor:
        (result,) = extractor.extract([path])

    assert isinstance(result, TooHungry | TooSlow | TooLarge)


def test_paths_are_drawn_as_they_are_needed(tmp_path: Path) -> None:
    drawn: list[Path] = []

    def source() -> Iterator[Path]:
        for path in written(tmp_path, *(f"{number}.txt" for number in range(50))):
            drawn.append(path)
            yield path

    with Extractor(workers=1) as extractor:
        results = extractor.extract(source())
        next(results)
        assert len(drawn) < 10
        assert sum(1 for _ in results) == 49


@pytest.mark.usefixtures("misbehaving")
def test_stop_drops_documents_in_work_and_the_extractor_lives_on(tmp_path: Path) -> None:
    paths = written(tmp_path, "hang.txt", "hang-2.txt", "a.txt")
    asked: list[None] = []

    def stop() -> bool:
        asked.append(None)
        return len(asked) > 5

    with Extractor(workers=2) as extractor:
        assert list(extractor.extract(paths[:2], stop=stop)) == []
        assert isinstance(next(extractor.extract(paths[2:])), Extracted)


@pytest.mark.usefixtures("misbehaving")
def test_an_abandoned_extraction_leaves_nothing_behind(tmp_path: Path) -> None:
    paths = written(tmp_path, "a.txt", "hang.txt", "b.txt")

    with Extractor(workers=1) as extractor:
        abandoned = extractor.extract(paths[:2])
        assert next(abandoned).path.name == "a.txt"
        abandoned.close()
        assert [result.path.name for result in extractor.extract(paths[2:])] == ["b.txt"]


def test_a_child_imports_only_what_its_document_needs(tmp_path: Path) -> None:
    written(tmp_path, "a.md")
    code = (
        "import sys; from pathlib import Path; from kb.extraction_worker import _answer; "
        "request = {'path': sys.argv[1], 'seconds': 100, 'ocr': True, 'characters': 1000, 'megabytes': 0}; "
        "reply = _answer(request, lambda: None); assert reply['title'] == 'a', reply; "
        "print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    )

    loaded = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "a.md"], capture_output=True, text=True, check=True, cwd=ROOT
    ).stdout.split()

    assert "markdown_it" in loaded
    heavy = {"numpy", "lxml", "docx", "pptx", "pypdfium2", "selectolax", "sqlcipher3", "pymorphy3", "odf"}
    assert not heavy & set(loaded)


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="needs pidfd_open")
def test_no_child_outlives_a_killed_parent(tmp_path: Path) -> None:
    (path,) = written(tmp_path, "hang.txt")
    parent_code = (
        "import sys, threading; from pathlib import Path; from kb import extraction_child; "
        "from kb.extraction import Extractor; code = sys.argv[2]; "
        "extraction_child.command = lambda megabytes: [sys.executable, '-P', '-c', code, str(megabytes)]; "
        "extractor = Extractor(workers=1); run = extractor.extract([Path(sys.argv[1])], stop=lambda: ("
        "[print(child.process.pid, flush=True) for child in extractor._children], False)[1]); list(run)"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", parent_code, path, MISBEHAVING], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert parent.stdout is not None
    with parent.stdout:
        child = os.pidfd_open(int(parent.stdout.readline()))
        try:
            parent.send_signal(signal.SIGKILL)
            parent.wait()
            ended, _, _ = select.select([child], [], [], 30)
            assert ended
        finally:
            os.close(child)


def test_the_worker_speaks_frames_of_json_and_ends_with_its_input(tmp_path: Path) -> None:
    (path,) = written(tmp_path, "a.txt")
    request = json.dumps({"path": str(path), "seconds": 10, "ocr": False, "characters": 1000, "megabytes": 0}).encode()

    with subprocess.Popen(
        [sys.executable, "-m", "kb.extraction_worker", "0"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
    ) as worker:
        assert worker.stdin is not None
        assert worker.stdout is not None
        worker.stdin.write(struct.pack(">I", len(request)) + request)
        worker.stdin.flush()
        (length,) = struct.unpack(">I", worker.stdout.read(4))
        reply = json.loads(worker.stdout.read(length))
        worker.stdin.close()
        assert worker.wait(timeout=30) == 0

    assert reply["title"] == "a"
    assert reply["segments"][0]["text"] == "Текст документа a."

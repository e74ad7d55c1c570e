"""A knowledge base as its users hold it: made, filled, asked, emptied; by several processes; with a passphrase."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

import office_texts
import pytest
from office_texts import index, names, write
from test_store_processes import hear, process, tell

from kb.base import KnowledgeBase
from kb.errors import (
    BaseBusy,
    BaseDamaged,
    BaseExists,
    BaseNotFound,
    BaseUnwritable,
    DocumentNotFound,
    NotABase,
    WrongPassphrase,
)
from kb.events import DocumentReplaced, Finished
from kb.store.check import CheckReport
from kb.store.lock import WriterLock

ARTICLES = {
    "курьер.txt": "Курьер\n\nКурьер привёз гиперболоид.\nДверь открыл вахтёр.\n",
    "почта.md": "# Почта\n\nПисьма разбирают утром.\nЯщик стоит у входа.\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "документы", ARTICLES)


@pytest.fixture
def base(tmp_path: Path, folder: Path) -> Iterator[KnowledgeBase]:
    with KnowledgeBase.create(tmp_path / "base.db") as base:
        index(base, folder)
        yield base


def finished(base: KnowledgeBase, *paths: Path) -> Finished:
    *_, last = base.add(paths)
    assert isinstance(last, Finished)
    return last


# Made and opened


def test_a_new_base_is_empty(tmp_path: Path) -> None:
    with KnowledgeBase.create(tmp_path / "new.db") as base:
        assert base.path == tmp_path / "new.db"
        assert base.documents() == []
        assert base.search("курьер").passages == ()
        assert (base.stats().documents, base.stats().passages, base.stats().words) == (0, 0, 0)
        assert base.embedder_name is None
        assert base.self_check() is None


def test_a_base_is_not_made_over_another(base: KnowledgeBase) -> None:
    with pytest.raises(BaseExists):
        KnowledgeBase.create(base.path)
    assert names(base, "гиперболоид") == ["курьер.txt"]


def _absent(path: Path) -> None:
    del path


def _text(path: Path) -> None:
    path.write_text("Это вовсе не база. " * 500, encoding="utf-8")


def _folder(path: Path) -> None:
    path.mkdir()


def _empty(path: Path) -> None:
    path.touch()


@pytest.mark.parametrize("writable", [False, True])
@pytest.mark.parametrize(
    ("make", "error"), [(_absent, BaseNotFound), (_text, NotABase), (_folder, NotABase), (_empty, NotABase)]
)
def test_what_is_no_base_is_not_opened(
    tmp_path: Path, make: Callable[[Path], None], error: type[Exception], writable: bool
) -> None:
    make(tmp_path / "some.db")
    with pytest.raises(error):
        KnowledgeBase.open(tmp_path / "some.db", writable=writable)


def test_the_file_is_closed_at_the_end_of_the_block(base: KnowledgeBase) -> None:
    with KnowledgeBase.open(base.path) as reading:
        assert reading.search("курьер").passages
    with pytest.raises(Exception, match="closed"):
        reading.search("курьер")


# Filled and emptied


def test_documents_are_listed_and_shown(base: KnowledgeBase, folder: Path) -> None:
    assert [Path(record.path).name for record in base.documents()] == sorted(ARTICLES)
    record, passages = base.show("почта.md")
    assert (record.title, record.state, record.passages) == ("Почта", "ready", len(passages))
    assert "Письма разбирают утром." in passages[0].text
    assert base.show(str(folder / "почта.md"))[0] == base.show("Почта")[0] == record
    stats = base.stats()
    assert (stats.documents, stats.failed) == (2, 0)
    assert stats.bytes == sum((folder / name).stat().st_size for name in ARTICLES)


def test_a_name_in_another_normal_form_is_the_same_document(base: KnowledgeBase) -> None:
    assert base.show(unicodedata.normalize("NFD", "курьер.txt"))[0].title == base.show("курьер.txt")[0].title


@pytest.mark.parametrize("name", ["нет такого.md", "", "%", "поч"])
def test_an_unknown_document_is_not_found(base: KnowledgeBase, name: str) -> None:
    with pytest.raises(DocumentNotFound):
        base.show(name)
    with pytest.raises(DocumentNotFound):
        base.remove(name)


def test_a_second_run_changes_nothing(base: KnowledgeBase, folder: Path) -> None:
    before = base.documents()
    assert finished(base, folder).unchanged == 2
    assert base.documents() == before


def test_a_changed_document_is_found_by_its_new_words_only(base: KnowledgeBase, folder: Path) -> None:
    (folder / "курьер.txt").write_text("Курьер\n\nКурьер привёз осциллограф.\n", encoding="utf-8")
    assert [type(event) for event in base.add([folder]) if isinstance(event, DocumentReplaced)] == [DocumentReplaced]
    assert names(base, "осциллограф") == ["курьер.txt"]
    assert names(base, "гиперболоид") == []


def test_removal_takes_the_words_and_what_they_correct(base: KnowledgeBase) -> None:
    assert base.search("гипербалоид").corrected == "гиперболоид"
    assert base.search("ubgth,jkjbl").corrected == "гиперболоид"
    record, gone = base.remove("курьер.txt")
    assert (record.title, gone) == ("Курьер", True)
    for query in ("гиперболоид", "курьер", "гипербалоид", "ubgth,jkjbl"):
        result = base.search(query)
        assert (result.corrected, result.passages) == (None, ())
        assert base.answer(query, threshold=0.0).nearest == ()
    assert names(base, "письма") == ["почта.md"]
    for file in base.path.parent.glob("base.db*"):
        assert "гиперболоид".encode() not in file.read_bytes()


def test_what_was_removed_comes_back_with_the_next_run(base: KnowledgeBase, folder: Path) -> None:
    base.remove("курьер.txt")
    assert finished(base, folder).added == 1
    assert names(base, "гиперболоид") == ["курьер.txt"]


def test_a_stopped_run_says_so_and_the_next_one_goes_on(tmp_path: Path, folder: Path) -> None:
    with KnowledgeBase.create(tmp_path / "stopped.db") as base:
        *_, last = base.add([folder], stop=lambda: True)
        assert isinstance(last, Finished)
        assert last.stopped
        assert finished(base, folder).added == 2


def test_watching_indexes_first(tmp_path: Path, folder: Path) -> None:
    with KnowledgeBase.create(tmp_path / "watching.db") as base:
        for event in base.watch([folder]):
            if isinstance(event, Finished):
                break
        assert names(base, "гиперболоид") == ["курьер.txt"]


def test_a_sound_base_passes_the_check(base: KnowledgeBase) -> None:
    *_, report = base.check()
    assert isinstance(report, CheckReport)
    assert (report.damage, report.index_damaged, report.lost_passages) == ((), False, 0)


# Read-only


@pytest.mark.parametrize(
    "write_to",
    [
        lambda base: list(base.add([base.path.parent / "документы"])),
        lambda base: base.remove("курьер.txt"),
        lambda base: base.drop_vectors(),
    ],
    ids=["add", "remove", "drop_vectors"],
)
def test_a_base_opened_to_read_refuses_to_be_written(
    base: KnowledgeBase, folder: Path, write_to: Callable[[KnowledgeBase], object]
) -> None:
    (folder / "новое.md").write_text("# Новое\n\nНовое слово.\n", encoding="utf-8")
    with KnowledgeBase.open(base.path) as reading:
        with pytest.raises(BaseUnwritable):
            write_to(reading)
        assert names(reading, "гиперболоид") == ["курьер.txt"]
    assert len(base.documents()) == 2


@pytest.mark.skipif(os.geteuid() == 0, reason="permissions do not bind root")
def test_a_base_on_a_medium_that_cannot_be_written_is_searched(base: KnowledgeBase) -> None:
    base.close()
    base.path.chmod(0o444)
    base.path.parent.chmod(0o555)
    try:
        with KnowledgeBase.open(base.path) as reading:
            assert names(reading, "гиперболоид") == ["курьер.txt"]
        with pytest.raises(BaseUnwritable):
            KnowledgeBase.open(base.path, writable=True)
    finally:
        base.path.parent.chmod(0o755)


def test_a_damaged_base_is_reported_as_such(tmp_path: Path, office: KnowledgeBase) -> None:
    content = bytearray(office.path.read_bytes())
    page = 4096
    content[2 * page :] = b"\xa5" * (len(content) - 2 * page)
    (tmp_path / "damaged.db").write_bytes(content)
    with pytest.raises((BaseDamaged, NotABase)), KnowledgeBase.open(tmp_path / "damaged.db") as base:
        base.answer("пароль")


# With a passphrase

SECRET = "Ёлка под дождём"


@pytest.fixture
def locked(tmp_path: Path, folder: Path) -> Path:
    path = tmp_path / "locked.db"
    with KnowledgeBase.create(path, passphrase=SECRET) as base:
        index(base, folder)
    return path


def test_an_encrypted_base_is_searched_and_answers(locked: Path) -> None:
    with KnowledgeBase.open(locked, passphrase=SECRET) as base:
        assert base.search("гипербалоид").corrected == "гиперболоид"
        answer = base.answer("Что привёз курьер?")
        assert "гиперболоид" in answer.text
        assert Path(answer.citations[0].document).name == "курьер.txt"


def test_an_encrypted_base_shows_nothing_in_its_files(locked: Path) -> None:
    with KnowledgeBase.open(locked, passphrase=SECRET) as base:
        base.answer("Что привёз курьер?")
        for file in locked.parent.glob("locked.db*"):
            content = file.read_bytes()
            assert "гипербол".encode() not in content
            assert not content.startswith(b"SQLite")


def test_a_passphrase_from_a_mac_is_the_same(locked: Path) -> None:
    with KnowledgeBase.open(locked, passphrase=unicodedata.normalize("NFD", SECRET)) as base:
        assert base.search("курьер").passages


@pytest.mark.parametrize("passphrase", [None, "", "ёлка под дождём", SECRET + " "])
def test_without_the_passphrase_it_stays_shut(locked: Path, passphrase: str | None) -> None:
    with pytest.raises(WrongPassphrase):
        KnowledgeBase.open(locked, passphrase=passphrase)


def test_an_open_base_wants_no_passphrase(base: KnowledgeBase) -> None:
    with pytest.raises(WrongPassphrase):
        KnowledgeBase.open(base.path, passphrase=SECRET)


# Several processes

READER = """
import sys
from pathlib import Path
from kb.base import KnowledgeBase
with KnowledgeBase.open(Path(sys.argv[1])) as base:
    for _ in sys.stdin:
        print(*(Path(found.document).name for found in base.search(sys.argv[2]).passages), flush=True)
"""


def test_several_processes_search_while_one_writes(base: KnowledgeBase, folder: Path) -> None:
    with process(READER, base.path, "письма") as one, process(READER, base.path, "экскаватор") as two:
        for reader, expected in ((one, "почта.md"), (two, "")):
            tell(reader)
            assert hear(reader) == expected
        write(folder, {f"стройка-{n}.md": f"# Стройка {n}\n\nЭкскаватор {n} копает ров.\n" for n in range(5)})
        for _ in base.add([folder]):
            tell(one)
            assert hear(one) == "почта.md"
        tell(two)
        assert sorted(set(hear(two).split())) == [f"стройка-{n}.md" for n in range(5)]
        base.remove("почта.md")
        tell(one)
        assert hear(one) == ""


def test_a_second_writer_is_told_that_the_base_is_busy(base: KnowledgeBase, folder: Path) -> None:
    with KnowledgeBase.open(base.path, writable=True) as other, WriterLock(base.path):
        for write_to in (lambda: list(other.add([folder])), lambda: other.remove("почта.md"), other.drop_vectors):
            with pytest.raises(BaseBusy):
                write_to()
        assert names(other, "письма") == ["почта.md"]


def test_every_office_text_is_a_document(office: KnowledgeBase) -> None:
    assert sorted(Path(record.path).name for record in office.documents()) == sorted(office_texts.ARTICLES)

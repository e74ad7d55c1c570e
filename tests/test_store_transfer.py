"""A base becomes one file and the file a base again: whole, encrypted as it was, checked, and never half."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from store_material import put
from test_store_migrations import make_older

from kb.base import KnowledgeBase
from kb.errors import (
    BaseDamaged,
    BaseExists,
    BaseNotFound,
    BaseTooNew,
    BaseUnwritable,
    NotABase,
    WrongPassphrase,
)
from kb.store import schema, transfer
from kb.store.check import CheckReport
from kb.store.connection import connect
from kb.store.transfer import Copied, Copying

PASSPHRASES = [None, "ключ"]
TEXTS = ("Роутер перезагружается.", "Удерживайте кнопку.")


def make(path: Path, passphrase: str | None = None) -> Path:
    connection = connect(path, passphrase=passphrase, mode="create")
    put(connection, "/роутер.md", *TEXTS)
    connection.close()
    return path


def exported(path: Path, target: Path, passphrase: str | None = None, *, replace: bool = False) -> Copied:
    with KnowledgeBase.open(path, passphrase=passphrase) as base:
        *_, last = base.export(target, replace=replace)
    assert isinstance(last, Copied)
    return last


def imported(source: Path, target: Path, passphrase: str | None = None) -> Copied:
    *_, last = KnowledgeBase.take_over(source, target, passphrase=passphrase)
    assert isinstance(last, Copied)
    return last


@pytest.mark.parametrize("passphrase", PASSPHRASES)
def test_a_base_goes_into_one_file_and_comes_back_whole(tmp_path: Path, passphrase: str | None) -> None:
    base = make(tmp_path / "база.db", passphrase)
    away = tmp_path / "флешка"
    away.mkdir()
    done = exported(base, away / "копия.db", passphrase)
    assert (done.path, done.documents, done.passages) == (away / "копия.db", 1, 2)
    assert [file.name for file in away.iterdir()] == ["копия.db"]
    assert (away / "копия.db").read_bytes().startswith(b"SQLite format 3\0") == (passphrase is None)
    assert done.bytes == (away / "копия.db").stat().st_size
    back = imported(away / "копия.db", tmp_path / "новая.db", passphrase)
    assert (back.documents, back.passages) == (1, 2)
    assert [file.name for file in away.iterdir()] == ["копия.db"]
    assert sorted(file.name for file in tmp_path.iterdir()) == ["база.db", "новая.db", "флешка"]
    with KnowledgeBase.open(tmp_path / "новая.db", passphrase=passphrase) as new:
        assert [passage.text for passage in new.show("/роутер.md")[1]] == list(TEXTS)
        assert list(new.check())[-1] == CheckReport()


def test_what_is_being_written_meanwhile_is_in_it_or_not_but_never_half(tmp_path: Path) -> None:
    base = make(tmp_path / "база.db")
    writer = connect(base, mode="write")
    put(writer, "/второй.md", "Ещё не в файле, только в журнале.")
    assert exported(base, tmp_path / "копия.db").documents == 2
    writer.close()


def test_nothing_is_overwritten_unless_asked_and_never_the_base_itself(tmp_path: Path) -> None:
    base = make(tmp_path / "база.db")
    (tmp_path / "важное.txt").write_text("Не трогать.")
    with pytest.raises(BaseExists):
        exported(base, tmp_path / "важное.txt")
    with pytest.raises(BaseExists):
        exported(base, base, replace=True)
    with pytest.raises(BaseExists):
        exported(base, tmp_path, replace=True)
    with pytest.raises(BaseExists):
        imported(base, tmp_path / "важное.txt")
    assert (tmp_path / "важное.txt").read_text() == "Не трогать."
    assert exported(base, tmp_path / "важное.txt", replace=True).documents == 1


def test_a_folder_that_is_not_there_and_a_full_disk_are_told_with_the_path_of_the_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = make(tmp_path / "база.db")
    with pytest.raises(BaseUnwritable) as absent:
        exported(base, tmp_path / "нет" / "копия.db")
    assert absent.value.path == tmp_path / "нет" / "копия.db"
    usage = shutil.disk_usage(tmp_path)._replace(free=0)
    monkeypatch.setattr(transfer.shutil, "disk_usage", lambda _: usage)
    with pytest.raises(BaseUnwritable) as full:
        exported(base, tmp_path / "копия.db")
    assert (full.value.path, full.value.detail) == (tmp_path / "копия.db", transfer.NO_SPACE)
    assert [file.name for file in tmp_path.iterdir()] == ["база.db"]


def test_stopped_it_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base = make(tmp_path / "база.db")
    monkeypatch.setattr("kb.store.opened._STEPS_BETWEEN_LOOKS", 1)
    with KnowledgeBase.open(base) as opened:
        events = list(opened.export(tmp_path / "копия.db", stop=lambda: True))
    assert not any(isinstance(event, Copied) for event in events)
    events = list(KnowledgeBase.take_over(base, tmp_path / "новая.db", stop=lambda: True))
    assert not any(isinstance(event, Copied) for event in events)
    assert [file.name for file in tmp_path.iterdir()] == ["база.db"]


def test_abandoned_it_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base = make(tmp_path / "база.db")
    monkeypatch.setattr(transfer, "TELL_SECONDS", 0.0)
    events = KnowledgeBase.take_over(base, tmp_path / "новая.db")
    assert isinstance(next(events), Copying)
    events.close()
    assert [file.name for file in tmp_path.iterdir()] == ["база.db"]


def test_an_older_base_is_taken_over_and_stays_as_it_was(tmp_path: Path) -> None:
    make_older(tmp_path / "старая.db", "ключ")
    before = (tmp_path / "старая.db").read_bytes()
    assert imported(tmp_path / "старая.db", tmp_path / "новая.db", "ключ").documents == 1
    assert (tmp_path / "старая.db").read_bytes() == before
    assert sorted(file.name for file in tmp_path.iterdir()) == ["новая.db", "старая.db"]
    with KnowledgeBase.open(tmp_path / "новая.db", passphrase="ключ") as new:
        assert list(new.check())[-1] == CheckReport()


def test_an_index_that_does_not_fit_is_made_again_on_the_way(tmp_path: Path) -> None:
    base = make(tmp_path / "база.db")
    connection = connect(base, mode="write")
    connection.execute("DELETE FROM form WHERE form = 'роутер'")
    connection.close()
    imported(base, tmp_path / "новая.db")
    with KnowledgeBase.open(tmp_path / "новая.db") as new:
        assert list(new.check())[-1] == CheckReport()
        assert new.search("роутер").passages


def test_what_is_no_base_is_told_apart(tmp_path: Path) -> None:
    (tmp_path / "текст.db").write_text("Это вовсе не база. " * 400)
    base = make(tmp_path / "база.db", "ключ")
    for source, passphrase, kind in (
        (tmp_path / "нет.db", None, BaseNotFound),
        (tmp_path / "текст.db", None, NotABase),
        (base, None, WrongPassphrase),
        (base, "другой", WrongPassphrase),
    ):
        with pytest.raises(kind):
            imported(source, tmp_path / "новая.db", passphrase)
    newer = make(tmp_path / "из-будущего.db")
    connection = connect(newer, mode="write")
    connection.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
    connection.close()
    with pytest.raises(BaseTooNew):
        imported(newer, tmp_path / "новая.db")
    assert not (tmp_path / "новая.db").exists()


@pytest.mark.parametrize("passphrase", PASSPHRASES)
def test_a_damaged_file_is_refused_and_nothing_stays(tmp_path: Path, passphrase: str | None) -> None:
    connection = connect(tmp_path / "база.db", passphrase=passphrase, mode="create")
    for number in range(40):
        put(connection, f"/{number}.md", f"Слово{number} " * 200)
    connection.close()
    content = bytearray((tmp_path / "база.db").read_bytes())
    content[len(content) // 2 : len(content) // 2 + 16384] = bytes([0xA5]) * 16384
    (tmp_path / "база.db").write_bytes(content)
    with pytest.raises(BaseDamaged) as refused:
        imported(tmp_path / "база.db", tmp_path / "новая.db", passphrase)
    assert refused.value.path == tmp_path / "база.db"
    assert [file.name for file in tmp_path.iterdir()] == ["база.db"]

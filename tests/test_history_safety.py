"""Nothing is lost and nothing is left behind: damage, a full disk, a deleted file, passphrases, traces, migrations."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from gui_history_material import answered, filled

from app.errors import HistoryBusy, HistoryDamaged, HistoryLocked, HistoryTooNew, HistoryUnwritable
from app.exchange import State
from app.history import History, is_encrypted, rows, schema, set_aside
from app.history.faults import transaction

CANARY = "канарейка"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "history.db"


def everything(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(folder.iterdir()))


def titles(history: History) -> list[str]:
    return [one.title for one in history.conversations()]


def test_a_deleted_conversation_leaves_no_trace(path: Path) -> None:
    questions = [f"Вопрос {number} про {CANARY if number == 20 else 'настройки'} и прочее?" for number in range(40)]
    history = filled(path, *questions)
    number = next(one.id for one in history.conversations(CANARY))
    history.rename(number, f"Моя {CANARY}")
    history.keep_draft(number, f"И {CANARY}?")
    assert CANARY.encode() in everything(path.parent)
    assert history.delete(number)
    from kb.language.words import stem

    for word in (CANARY, stem(CANARY)):
        assert word.encode() not in everything(path.parent)
    assert len(history.conversations("настройка")) == 39
    history.close()


def test_traces_that_another_window_was_in_the_way_of_go_when_the_history_is_closed(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.history.opening.BUSY_SECONDS", 0.05)
    history = filled(path, f"Где {CANARY}?", "Другой?")
    other = History.open(path)
    with other._reading() as connection:
        connection.execute("BEGIN")
        connection.execute("SELECT count(*) FROM conversation").fetchone()
        assert not history.delete(history.conversations(CANARY)[0].id)
        connection.execute("ROLLBACK")
    other.close()
    history.close()
    assert CANARY.encode() not in everything(path.parent)


def test_a_passphrase_is_set_changed_and_removed(path: Path) -> None:
    history = filled(path, f"Где {CANARY}?")
    assert not history.encrypted
    assert not is_encrypted(path)
    history.change_passphrase("тайна'й")  # й as one letter here, as two below
    assert history.encrypted
    assert is_encrypted(path)
    assert CANARY.encode() not in everything(path.parent)
    assert sorted(one.name for one in path.parent.iterdir() if not one.name.endswith(("-wal", "-shm"))) == [
        "history.db"
    ]
    history.keep_draft(None, "черновик")
    history.close()
    for wrong in (None, "тайна", ""):
        with pytest.raises(HistoryLocked):
            History.open(path, wrong)
    history = History.open(path, "тайна'и\u0306")
    assert titles(history) == [f"Где {CANARY}?"]
    assert len(history.conversations("канарейки")) == 1
    history.change_passphrase("другая")
    history.close()
    history = History.open(path, "другая")
    history.change_passphrase(None)
    assert titles(history) == [f"Где {CANARY}?"]
    history.close()
    history = History.open(path, "лишняя")  # nothing is encrypted: nothing to unlock
    assert history.draft(None) == "черновик"
    history.close()


def test_a_passphrase_is_not_changed_under_another_window(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.history.opening.BUSY_SECONDS", 0.05)
    history = filled(path, "Что?")
    other = History.open(path)
    other.conversations()
    with pytest.raises(HistoryBusy):
        history.change_passphrase("тайна")
    with pytest.raises(HistoryLocked):
        history.change_passphrase("")
    other.save(other.create(), 0, answered("Из другого окна?"))
    assert titles(history) == ["Из другого окна?", "Что?"]
    other.close()
    history.close()
    assert not is_encrypted(path)


def test_rubbish_is_set_aside_and_a_new_history_begun(path: Path) -> None:
    path.write_bytes(b"not a database at all")
    history = History.open(path)
    assert history.aside is not None
    assert history.aside.read_bytes() == b"not a database at all"
    assert history.aside.name.startswith("history.damaged-")
    assert history.rescued == 0
    history.save(history.create(), 0, answered("Что?"))
    assert titles(history) == ["Что?"]
    history.close()
    path.write_bytes(b"SQLite format 3\0" + os.urandom(5000))
    again = History.open(path)
    assert again.aside not in (None, history.aside)
    again.close()
    assert set_aside(path.with_name("missing.db")) is None


def test_somebody_elses_database_is_not_touched(path: Path) -> None:
    import sqlite3

    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE theirs(x)")
    connection.commit()
    connection.close()
    before = path.read_bytes()
    history = History.open(path)
    assert history.aside is not None
    assert history.aside.read_bytes() == before
    history.close()


@pytest.mark.parametrize("passphrase", [None, "тайна"])
def test_what_can_be_read_of_a_damaged_history_is_taken_over(path: Path, passphrase: str | None) -> None:
    history = filled(path, *(f"Вопрос {number} о роутере?" for number in range(60)))
    history.keep_draft(None, "черновик")
    if passphrase:
        history.change_passphrase(passphrase)
    history.close()
    size = path.stat().st_size
    with path.open("r+b") as file:
        for at in range(size // 2, size // 2 + 5):  # five whole pages in the middle
            file.seek(at // 4096 * 4096 + (at - size // 2) * 4096)
            file.write(os.urandom(4096))
    history = History.open(path, passphrase)
    try:
        for one in history.conversations():
            history.exchanges(one.id)
        history.conversations("роутеры")
        met = False
    except HistoryDamaged:
        met = True
    history.close()
    assert met
    history = History.anew(path, passphrase)
    assert history.aside is not None
    assert 0 < history.rescued <= 60
    assert history.encrypted == bool(passphrase)
    assert 10 <= len(history.conversations("роутеры")) <= 60
    assert all(history.exchanges(one.id) for one in history.conversations())
    number = history.create()
    history.save(number, 0, answered("Новый вопрос?"))
    assert titles(history)[0] == "Новый вопрос?"
    history.close()


def test_an_exchange_that_makes_no_sense_does_not_take_the_others_with_it(path: Path) -> None:
    history = filled(path, "Первый?")
    number = history.conversations()[0].id
    history.save(number, 1, answered("Второй?"))
    with history._writing() as connection:
        connection.execute('UPDATE exchange SET value = \'{"state": "new"}\' WHERE position = 0')
        rows.index_again(connection)
    broken, whole = history.exchanges(number)
    assert broken.state is State.FAILED
    assert broken.trouble
    assert whole.question == "Второй?"
    history.close()


def test_a_file_that_is_deleted_under_an_open_window_is_written_again(path: Path) -> None:
    history = filled(path, "Первый?")
    number = history.conversations()[0].id
    for file in list(path.parent.iterdir()):
        file.unlink()
    history.save(number, 1, answered("Второй?"))
    assert [one.question for one in history.exchanges(number)] == ["Первый?", "Второй?"]
    history.close()
    history = History.open(path)
    assert history.count(number) == 2
    history.close()


def test_a_history_that_another_window_began_anew_is_followed(path: Path) -> None:
    first, second = filled(path, "Первый?"), History.open(path)
    anew = History.anew(path)
    assert anew.rescued == 1
    anew.save(anew.create(), 0, answered("После?"))
    assert titles(first) == titles(second) == ["После?", "Первый?"]
    for one in (first, second, anew):
        one.close()


def test_a_full_disk_is_a_fact_and_nothing_that_was_there_is_lost(path: Path) -> None:
    history = filled(path, "Первый?")
    number = history.conversations()[0].id
    connection = history._connection
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages}")  # SQLITE_FULL, as of a disk
    with pytest.raises(HistoryUnwritable, match="full"):
        for position in range(1, 200):
            history.save(number, position, answered("Ещё один?"))
    before = history.count(number)
    connection.execute("PRAGMA max_page_count = 1000000")
    history.save(number, before, answered("Места снова хватает?"))
    assert history.count(number) == before + 1
    history.close()


def test_a_folder_in_which_nothing_can_be_written_is_a_fact(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(HistoryUnwritable):
        History.open(tmp_path / "file" / "history.db")


def test_a_newer_history_is_not_touched(path: Path) -> None:
    filled(path, "Что?").close()
    history = History.open(path)
    history._connection.execute("PRAGMA user_version = 99")
    history.close()
    with pytest.raises(HistoryTooNew) as met:
        History.open(path)
    assert (met.value.found, met.value.known) == (99, len(schema.MIGRATIONS))
    assert path.exists()


def test_an_older_history_is_copied_before_it_is_migrated(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(path, "Что?").close()

    def m002_more(connection) -> None:
        connection.execute("ALTER TABLE conversation ADD COLUMN colour TEXT")

    monkeypatch.setattr(schema, "MIGRATIONS", [*schema.MIGRATIONS, m002_more])
    history = History.open(path)
    assert titles(history) == ["Что?"]
    history._connection.execute("SELECT colour FROM conversation")
    history.close()
    copy = path.with_name("history.db.version-1")
    monkeypatch.undo()
    old = History.open(copy)
    assert titles(old) == ["Что?"]
    old.close()
    History.open(copy).close()


def test_a_migration_that_fails_leaves_the_history_as_it_was(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(path, "Что?").close()

    def m002_wrong(connection) -> None:
        connection.execute("DELETE FROM conversation")
        raise RuntimeError("no")

    monkeypatch.setattr(schema, "MIGRATIONS", [*schema.MIGRATIONS, m002_wrong])
    with pytest.raises(RuntimeError):
        History.open(path)
    monkeypatch.undo()
    history = History.open(path)
    assert titles(history) == ["Что?"]
    history.close()


def test_words_found_by_older_rules_are_found_anew(path: Path) -> None:
    history = filled(path, "Что с роутером?")
    with transaction(history._connection):
        history._connection.execute("UPDATE setting SET value = '0' WHERE name = 'analysis_version'")
        history._connection.execute("DELETE FROM exchange_index")
    history.close()
    history = History.open(path)
    assert len(history.conversations("роутеры")) == 1
    history.close()


STREAMING = """
import sys, itertools
from dataclasses import replace
from pathlib import Path
from app.history import History
from gui_history_material import writing
history = History.open(Path(sys.argv[1]))
number = history.create()
exchange = writing(text="")
history.keep_draft(number, "половина вопроса")
for at in itertools.count():
    exchange = replace(exchange, text=exchange.text + f"слово{at} ")
    history.save(number, 0, exchange)
    print(at, flush=True)
"""


def test_a_half_written_question_and_answer_survive_a_kill(path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(Path(__file__).parent), str(Path.cwd())))}
    process = subprocess.Popen(
        [sys.executable, "-c", STREAMING, str(path)], stdout=subprocess.PIPE, text=True, env=environment
    )
    assert process.stdout is not None
    saved = 0
    for line in process.stdout:
        saved = int(line)
        if saved >= 20:
            break
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    history = History.open(path)
    (summary,) = history.conversations("слово20")
    (exchange,) = history.exchanges(summary.id)
    assert exchange.state is State.STOPPED
    assert f"слово{saved} " in exchange.text
    assert history.draft(summary.id) == "половина вопроса"
    assert history.aside is None
    history.close()


def test_ten_thousand_conversations_and_messages_are_read_at_once(path: Path) -> None:
    history = History.open(path)
    with history._writing() as connection:
        connection.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000) "
            "INSERT INTO conversation(title, base, created, updated, touched) SELECT 'Роутер ' || i, '', 0, i, i FROM n"
        )
        value = rows.exchange_json.to_json(answered("Как быть с роутером?"))
        connection.execute(
            "INSERT INTO exchange(conversation_id, position, key, value) "
            "SELECT id, 0, 'first' || id, ? FROM conversation "
            "UNION ALL SELECT 1, id, 'other' || id, ? FROM conversation",
            (value, value),
        )
        rows.index_again(connection)
    for work in (
        lambda: history.exchanges(1),
        history.conversations,
        lambda: history.conversations("роутеры", limit=200),
    ):
        began = time.perf_counter()
        found = work()
        assert time.perf_counter() - began < 1.0
        assert len(found) >= 200
    history.close()


def test_many_windows_may_begin_a_history_at_the_same_time(path: Path) -> None:
    begin = threading.Barrier(6)
    met: list[BaseException] = []

    def window() -> None:
        begin.wait()
        try:
            history = History.open(path)
            history.save(history.create(), 0, answered("Что?"))
            history.close()
        except BaseException as error:
            met.append(error)

    windows = [threading.Thread(target=window) for _ in range(6)]
    for one in windows:
        one.start()
    for one in windows:
        one.join()
    assert met == []
    history = History.open(path)
    assert titles(history) == ["Что?"] * 6
    assert history.aside is None
    history.close()


def test_a_full_disk_keeps_nobody_from_reading(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    history = filled(path, "Первый?", "Второй?")
    history.hide(history.conversations()[0].id)
    history.close()
    monkeypatch.setattr("app.history.store.UNDO_SECONDS", -1.0)

    def full(self: History, _number: int) -> bool:
        raise HistoryUnwritable(self.path, "database or disk is full")

    monkeypatch.setattr(History, "delete", full)
    history = History.open(path)
    assert titles(history) == ["Первый?"]
    history.close()


def test_what_could_not_be_purged_for_want_of_room_is_purged_later(path: Path) -> None:
    history = filled(path, f"Где {CANARY}?", *(f"Другой {number}?" for number in range(30)))
    connection = history._connection
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages}")
    history.delete(history.conversations(CANARY)[0].id)
    connection.execute("PRAGMA max_page_count = 1000000")
    history.close()
    assert CANARY.encode() not in everything(path.parent)

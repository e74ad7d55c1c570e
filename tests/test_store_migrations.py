"""Older bases are brought up to date, after a copy was made."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlite_utils import Database
from store_material import put

from kb.errors import BaseBusy
from kb.store import documents, migrations, schema
from kb.store.connection import Connection, connect
from kb.store.lock import WriterLock

PASSPHRASES = [None, "ключ"]


def layout(connection: Connection) -> list[tuple[str, str]]:
    rows = connection.execute("SELECT name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY name")
    return [(name, " ".join((sql or "").split())) for name, sql in rows.fetchall()]


def make_older(base: Path, passphrase: str | None) -> None:
    """Turn a base into one of the first version, as the first version made it."""
    connection = connect(base, passphrase=passphrase, mode="create")
    put(connection, "/а.md", "Роутер перезагружается.")
    for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE name LIKE 'vector%'").fetchall():
        connection.execute(f"DROP TABLE IF EXISTS {name}")
    connection.execute("DELETE FROM _sqlite_migrations WHERE name <> 'm001_documents_and_words'")
    connection.execute("PRAGMA user_version = 1")
    connection.close()


def test_the_version_is_the_number_of_steps() -> None:
    assert [step.name[:4] for step in migrations.migrations._migrations] == [
        f"m{number:03d}" for number in range(1, schema.VERSION + 1)
    ]


@pytest.mark.parametrize("mode", ["read", "write"])
@pytest.mark.parametrize("passphrase", PASSPHRASES)
def test_an_older_base_is_copied_and_migrated(tmp_path: Path, passphrase: str | None, mode: str) -> None:
    base = tmp_path / "база.kb"
    make_older(base, passphrase)
    copies: list[Path] = []
    connection = connect(base, passphrase=passphrase, mode=mode, copied=copies.append)  # type: ignore[arg-type]
    assert connection.execute("PRAGMA user_version").fetchone() == (schema.VERSION,)
    fresh = connect(tmp_path / "новая.kb", passphrase=passphrase, mode="create")
    assert layout(connection) == layout(fresh)
    assert [record.path for record in documents.listing(connection)] == ["/а.md"]
    assert copies == [tmp_path / "база.kb.version-1"]
    assert copies[0].read_bytes().startswith(b"SQLite format 3\0") == (passphrase is None)
    if passphrase is not None:
        assert "оутер".encode() not in copies[0].read_bytes()
    copied = connect_raw(copies[0], passphrase)
    assert copied.execute("PRAGMA user_version").fetchone() == (1,)
    assert copied.execute("SELECT text FROM passage").fetchall() == [("Роутер перезагружается.",)]


def connect_raw(path: Path, passphrase: str | None) -> Connection:
    import sqlcipher3

    connection: Connection = sqlcipher3.connect(str(path))
    if passphrase is not None:
        connection.execute(f"PRAGMA key = '{passphrase}'")
    return connection


def test_an_earlier_copy_is_not_overwritten(tmp_path: Path) -> None:
    base = tmp_path / "база.kb"
    make_older(base, None)
    (tmp_path / "база.kb.version-1").write_text("прежняя копия")
    copies: list[Path] = []
    connect(base, copied=copies.append).close()
    assert copies == [tmp_path / "база.kb.version-1-2"]
    assert (tmp_path / "база.kb.version-1").read_text() == "прежняя копия"


def test_a_current_base_is_not_copied(tmp_path: Path) -> None:
    base = tmp_path / "база.kb"
    connect(base, mode="create").close()
    connect(base, mode="write", copied=lambda path: pytest.fail(str(path))).close()


def test_a_failing_step_leaves_the_base_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base = tmp_path / "база.kb"
    make_older(base, None)
    monkeypatch.setattr(migrations, "VECTOR_SCHEMA", ("CREATE TABLE half(x)", "CREATE NONSENSE"))
    with pytest.raises(Exception, match="NONSENSE"):
        connect(base)
    monkeypatch.undo()
    connection = connect(base, mode="write")
    assert ("half",) not in connection.execute("SELECT name FROM sqlite_schema").fetchall()
    assert connection.execute("PRAGMA user_version").fetchone() == (schema.VERSION,)


def test_nobody_migrates_while_another_runs(tmp_path: Path) -> None:
    base = tmp_path / "база.kb"
    make_older(base, None)
    with WriterLock(base), pytest.raises(BaseBusy):
        connect(base)


def test_sqlite_utils_sees_the_tables(tmp_path: Path) -> None:
    connection = connect(tmp_path / "база.kb", mode="create")
    assert {"document", "passage", "passage_index", "form", "stem", "spelling"} <= set(
        Database(connection).table_names()
    )

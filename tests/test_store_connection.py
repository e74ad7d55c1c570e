"""Opening and creating bases: what each kind of file and each state of the world is told apart as."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import sqlcipher3
from store_material import put, vocabulary

from kb.errors import (
    BaseBusy,
    BaseDamaged,
    BaseExists,
    BaseNotFound,
    BaseTooNew,
    BaseUnwritable,
    NotABase,
    WrongPassphrase,
)
from kb.store import documents, schema
from kb.store.changes import changing
from kb.store.connection import connect
from kb.store.faults import translated


@pytest.fixture
def base(tmp_path: Path) -> Path:
    path = tmp_path / "Иванов Иван" / "база.kb"
    path.parent.mkdir()
    connect(path, mode="create").close()
    return path


def test_a_new_base_is_one_file(base: Path) -> None:
    assert [file.name for file in base.parent.iterdir()] == ["база.kb"]


def test_a_closed_base_is_one_file_again(base: Path) -> None:
    with_text = connect(base, mode="write")
    put(with_text, "/а.md", "Текст.")
    with_text.close()
    reader = connect(base)
    assert vocabulary(reader) == {"текст": 1}
    reader.close()
    assert [file.name for file in base.parent.iterdir()] == ["база.kb"]


def test_creating_over_a_file_is_refused(base: Path) -> None:
    with pytest.raises(BaseExists):
        connect(base, mode="create")
    other = base.with_name("записка.txt")
    other.write_text("важное")
    with pytest.raises(BaseExists):
        connect(other, mode="create")
    assert other.read_text() == "важное"


def test_creating_where_there_is_no_folder(tmp_path: Path) -> None:
    with pytest.raises(BaseUnwritable):
        connect(tmp_path / "нет" / "база.kb", mode="create")


@pytest.mark.parametrize("mode", ["read", "write"])
def test_nothing_there(tmp_path: Path, mode: str) -> None:
    with pytest.raises(BaseNotFound):
        connect(tmp_path / "нет.kb", mode=mode)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("passphrase", [None, "ключ"])
@pytest.mark.parametrize("content", [b"", b"hello", "Просто текст. ".encode() * 1000])
def test_another_kind_of_file(tmp_path: Path, content: bytes, passphrase: str | None) -> None:
    path = tmp_path / "база.kb"
    path.write_bytes(content)
    with pytest.raises(NotABase):
        connect(path, passphrase=passphrase)
    assert path.read_bytes() == content


def test_a_folder_and_a_fifo_are_no_bases(tmp_path: Path) -> None:
    with pytest.raises(NotABase):
        connect(tmp_path)
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "труба")
        with pytest.raises(NotABase):
            connect(tmp_path / "труба")


def test_the_database_of_another_program(tmp_path: Path) -> None:
    path = tmp_path / "чужая.db"
    foreign = sqlcipher3.connect(str(path))
    foreign.execute("CREATE TABLE t(x)")
    foreign.commit()
    foreign.close()
    before = path.read_bytes()
    for mode in ("read", "write"):
        with pytest.raises(NotABase):
            connect(path, mode=mode)  # type: ignore[arg-type]
    assert path.read_bytes()[100:] == before[100:]


def test_a_base_of_a_newer_program_is_refused(base: Path) -> None:
    connection = connect(base, mode="write")
    connection.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
    connection.close()
    for mode in ("read", "write"):
        with pytest.raises(BaseTooNew) as caught:
            connect(base, mode=mode)  # type: ignore[arg-type]
        assert (caught.value.found, caught.value.known) == (schema.VERSION + 1, schema.VERSION)


def test_a_reader_cannot_write(base: Path) -> None:
    reader = connect(base)
    with pytest.raises(BaseUnwritable), translated(base):
        reader.execute("INSERT INTO setting VALUES ('a', '1')")


def test_a_second_writer_waits_and_then_gives_up(base: Path) -> None:
    first = connect(base, mode="write")
    second = connect(base, mode="write", busy_seconds=0.05)
    with changing(first), pytest.raises(BaseBusy), changing(second):
        raise AssertionError("two writers at once")
    with changing(second) as changes:
        assert changes is not None


def test_an_exception_rolls_a_transaction_back(base: Path) -> None:
    connection = connect(base, mode="write")
    with pytest.raises(RuntimeError), changing(connection):
        connection.execute("INSERT INTO setting VALUES ('a', '1')")
        raise RuntimeError
    assert not connection.in_transaction
    assert connection.execute("SELECT 1 FROM setting WHERE name = 'a'").fetchone() is None


def test_damage_is_said_to_be_damage(base: Path) -> None:
    connection = connect(base, mode="write")
    for number in range(50):
        put(connection, f"/{number}.md", "Слово за словом. " * 50)
    connection.close()
    content = bytearray(base.read_bytes())
    for page in range(8, len(content) // 4096):
        content[page * 4096 : page * 4096 + 200] = b"\x55" * 200
    base.write_bytes(content)
    reader = connect(base)
    with pytest.raises(BaseDamaged):
        documents.passages_of(reader, 1)
        documents.listing(reader)
        documents.load_passages(reader, range(50))


def test_a_read_only_medium_can_be_read(base: Path, tmp_path: Path) -> None:
    """As another user, for whom file and folder are read-only; root could write all the same."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("only root can become another user")
    connection = connect(base, mode="write")
    put(connection, "/а.md", "Роутер.")
    connection.close()
    medium = tmp_path / "носитель"
    medium.mkdir()
    shutil.copy(base, medium / "база.kb")
    (medium / "база.kb").chmod(0o444)
    medium.chmod(0o555)
    for folder in (medium.parent, medium.parent.parent, medium.parent.parent.parent):
        folder.chmod(folder.stat().st_mode | 0o055)
    program = (
        "import os, sys; from pathlib import Path; from kb.store.connection import connect; "
        "from kb.errors import BaseUnwritable\n"
        "base = Path(sys.argv[1]); base.as_uri()  # from 3.13 on this imports, which nobody may from a home folder\n"
        "os.setgid(65534); os.setuid(65534)\n"
        "print(connect(base).execute('SELECT form FROM form').fetchall())\n"
        "try: connect(base, mode='write').execute('CREATE TABLE t(x)')\n"
        "except BaseUnwritable as error: print('unwritable')\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program, str(medium / "база.kb")],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[1],
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )
    assert ran.stdout.splitlines() == ["[('роутер',)]", "unwritable"], ran.stderr
    assert [file.name for file in medium.iterdir()] == ["база.kb"]


def test_opening_to_read_imports_no_migrations(base: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from kb.store.connection import connect; connect(Path(sys.argv[1])); "
        "print([name for name in ('sqlite_utils', 'numpy', 'pymorphy3', 'kb.store.migrations') if name in sys.modules])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program, str(base)], capture_output=True, text=True, cwd=Path(__file__).parents[1]
    )
    assert ran.stdout.strip() == "[]", ran.stderr


def test_the_wrong_kind_of_passphrase_for_a_plain_base(base: Path) -> None:
    with pytest.raises(WrongPassphrase):
        connect(base, passphrase="ключ")

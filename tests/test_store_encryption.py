"""Bases with a passphrase: nothing in the clear, and only the passphrase opens them."""

from __future__ import annotations

import sys
import unicodedata
from pathlib import Path

import pytest
from store_material import put, vocabulary

from kb.errors import WrongPassphrase
from kb.store import documents, purge
from kb.store.changes import changing
from kb.store.connection import connect

WORDS = ("канареечный", "секретарский", "шифровальный")


def in_the_clear(folder: Path) -> list[str]:
    """Return the files of ``folder`` that hold one of ``WORDS`` or what every plain database begins with."""
    signs = [word[2:9].encode() for word in WORDS] + [b"SQLite format", b"CREATE TABLE"]
    return [file.name for file in folder.iterdir() if any(sign in file.read_bytes() for sign in signs)]


@pytest.mark.parametrize("passphrase", ["ключ", "it's \"quoted\" -- ; '' \\", "x'00'", " ", "Ёжик 🦔"])
def test_nothing_stands_in_the_clear_while_it_is_open(tmp_path: Path, passphrase: str) -> None:
    base = tmp_path / "база.kb"
    connection = connect(base, passphrase=passphrase, mode="create")
    connection.execute("PRAGMA wal_autocheckpoint = 0")
    put(connection, f"/{WORDS[0]}.md", f"Текст {WORDS[1]}.", title=WORDS[2])
    assert (tmp_path / "база.kb-wal").stat().st_size > 0
    assert in_the_clear(tmp_path) == []
    purge.truncate_log(connection)
    assert in_the_clear(tmp_path) == []
    connection.close()
    reader = connect(base, passphrase=passphrase)
    assert documents.statistics(reader).documents == 1
    assert set(vocabulary(reader)) == {"текст", WORDS[1], WORDS[2]}


def test_a_plain_base_would_be_found_out(tmp_path: Path) -> None:
    connection = connect(tmp_path / "база.kb", mode="create")
    put(connection, f"/{WORDS[0]}.md", f"Текст {WORDS[1]}.")
    assert set(in_the_clear(tmp_path)) == {"база.kb", "база.kb-wal"}


@pytest.mark.parametrize("mode", ["read", "write"])
@pytest.mark.parametrize("passphrase", [None, "Ключ", "ключ "])
def test_only_the_passphrase_opens(tmp_path: Path, passphrase: str | None, mode: str) -> None:
    base = tmp_path / "база.kb"
    connect(base, passphrase="ключ", mode="create").close()
    before = base.read_bytes()
    with pytest.raises(WrongPassphrase):
        connect(base, passphrase=passphrase, mode=mode)  # type: ignore[arg-type]
    assert base.read_bytes() == before
    connect(base, passphrase="ключ").close()


@pytest.mark.parametrize("passphrase", ["", "a\0b", "\ud800"])
def test_a_passphrase_that_could_not_protect_is_refused(tmp_path: Path, passphrase: str) -> None:
    with pytest.raises(WrongPassphrase):
        connect(tmp_path / "база.kb", passphrase=passphrase, mode="create")
    assert list(tmp_path.iterdir()) == []


def test_the_passphrase_typed_on_a_mac_is_the_same(tmp_path: Path) -> None:
    base = tmp_path / "база.kb"
    connect(base, passphrase=unicodedata.normalize("NFD", "Йод"), mode="create").close()
    connect(base, passphrase=unicodedata.normalize("NFC", "Йод")).close()


def test_purging_an_encrypted_base_writes_nothing_in_the_clear(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when the rewriting goes by way of a temporary file: all open files of this process are looked into."""
    monkeypatch.setattr(purge, "IN_MEMORY_BYTES", 0)
    connection = connect(tmp_path / "база.kb", passphrase="ключ", mode="create")
    for number in range(40):
        put(connection, f"/{number}.md", f"{WORDS[0]} {WORDS[1]} {number}. " * 20)
    with changing(connection) as changes:
        changes.remove(1)
    connection.execute("PRAGMA cache_size = 5")  # so that the temporary file is written and not only made
    seen: list[bytes] = []

    def look() -> bool:
        descriptors = Path("/proc/self/fd")
        for link in descriptors.iterdir() if descriptors.is_dir() else ():
            try:
                if "etilqs_" in str(link.readlink()):
                    seen.append(link.read_bytes())
            except OSError:
                continue
        return False

    monkeypatch.setattr("kb.store.opened._STEPS_BETWEEN_LOOKS", 100)
    assert purge.purge(connection, stop=look)
    assert not sys.platform.startswith("linux") or any(seen)
    assert not any(word[2:9].encode() in content for content in seen for word in WORDS)
    assert in_the_clear(tmp_path) == []

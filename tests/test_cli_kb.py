"""``offlite kb``: adding, listing, showing, removing, checking, encrypting; what an interruption leaves."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from pathlib import Path

import pytest
from command import Done

from app import paths
from app.cli import ingestion
from app.demo import DOCUMENTS
from kb.events import DocumentAdded
from kb.store.connection import connect

ROUTER = "router-password.md"


pytestmark = pytest.mark.usefixtures("russian")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with three documents, in a folder whose name would trip a careless program."""
    folder = tmp_path / "Иванов Иван" / "Документы"
    folder.mkdir(parents=True)
    for name in (ROUTER, "printer-queue.md", "parking.md"):
        shutil.copy(DOCUMENTS / name, folder)
    return folder


def test_adding_makes_the_users_own_base_and_answers_from_it(offlite, folder: Path) -> None:
    done: Done = offlite("kb", "add", folder)
    assert done.status == 0
    assert f"Создана база знаний {paths.default_base()}" in done.err
    assert "3 документа добавлено" in done.out
    answer: Done = offlite("ask", "Как сбросить пароль роутера?", "--json")
    assert answer.json["citations"][0]["document"] == str(folder / ROUTER)
    assert answer.json["base"] == str(paths.default_base())
    assert answer.err == ""


def test_adding_again_reads_only_what_changed(offlite, folder: Path) -> None:
    offlite("kb", "add", folder)
    (folder / "parking.md").rename(folder / "стоянка.md")
    (folder / "printer-queue.md").unlink()
    (folder / ROUTER).write_text("# Роутер\n\nПароль лежит в сейфе.\n", "utf-8")
    (folder / "новый.txt").write_text("Кофемашина стоит на третьем этаже.\n", "utf-8")
    summary = offlite("kb", "add", folder, "--json").json
    counts = {name: summary[name] for name in ("added", "replaced", "moved", "removed", "unchanged")}
    assert counts == {"added": 1, "replaced": 1, "moved": 1, "removed": 1, "unchanged": 0}
    assert summary["failed"] == []
    assert summary["stopped"] is False
    assert "3 документа без изменений" in offlite("kb", "add", folder).out


def test_bad_files_are_listed_with_their_reason_and_stop_nothing(offlite, folder: Path) -> None:
    (folder / "битый.pdf").write_bytes(b"%PDF-1.7 nothing of the kind")
    (folder / "пусто.txt").write_text("")
    done: Done = offlite("kb", "add", folder)
    assert done.status == 0
    assert "Не прочитано: 2 файла." in done.out
    assert f"  {folder / 'битый.pdf'}\n    — повреждён" in done.out
    assert f"  {folder / 'пусто.txt'}\n    — в файле нет текста" in done.out
    listed = offlite("kb", "list")
    assert f"✗ {folder / 'битый.pdf'}" in listed.out
    assert "✓ " in listed.out
    assert "не прочитано: 2" in listed.err
    failed = [each for each in offlite("kb", "list", "--json").json["documents"] if each["state"] == "failed"]
    assert {each["error"]["reason"] for each in failed} == {"Broken", "NoText"}
    assert all(each["error"]["message"] for each in failed)


def test_nothing_readable_at_all_exits_1(offlite, tmp_path: Path) -> None:
    (tmp_path / "пусто.txt").write_text("")
    done: Done = offlite("kb", "add", tmp_path / "пусто.txt")
    assert done.status == 1
    assert "в файле нет текста" in done.out


def test_a_path_that_is_not_there_changes_nothing(offlite, folder: Path) -> None:
    offlite("kb", "add", folder)
    shutil.move(folder, folder.with_name("вынут"))
    done: Done = offlite("kb", "add", folder)
    assert done.status == 1
    assert f"Нет такого файла или папки: {folder}" in done.err
    assert len(offlite("kb", "list", "--json").json["documents"]) == 3


def test_an_empty_folder_is_no_error(offlite, tmp_path: Path) -> None:
    (tmp_path / "пусто").mkdir()
    done: Done = offlite("kb", "add", tmp_path / "пусто")
    assert done.status == 0
    assert "документов не нашлось" in done.out


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_ctrl_c_keeps_what_was_read_and_the_next_run_goes_on(offlite, folder: Path, monkeypatch) -> None:
    follow = ingestion.follow

    added: list[DocumentAdded] = []

    def interrupted(progress, event, wording) -> None:
        follow(progress, event, wording)
        if isinstance(event, DocumentAdded):
            added.append(event)
            if len(added) == 1:
                signal.raise_signal(signal.SIGINT)

    with monkeypatch.context() as patched:
        patched.setattr(ingestion, "follow", interrupted)
        stopped: Done = offlite("kb", "add", folder, DOCUMENTS)
    assert stopped.status == 130
    assert "Остановлено через" in stopped.out
    assert "продолжит с этого места" in stopped.err
    kept = len(offlite("kb", "list", "--json").json["documents"])
    assert kept == len(added)
    summary = offlite("kb", "add", folder, DOCUMENTS, "--json").json
    assert summary["unchanged"] == kept
    assert summary["stopped"] is False


def test_a_document_is_shown_by_path_and_by_title(offlite, folder: Path) -> None:
    offlite("kb", "add", folder)
    by_path: Done = offlite("kb", "show", folder / ROUTER)
    assert by_path.status == 0
    assert "строка " in by_path.out
    assert "10 секунд" in by_path.out
    shown = offlite("kb", "show", folder / ROUTER, "--json").json
    assert shown["document"] == str(folder / ROUTER)
    assert all(set(passage) == {"place", "heading", "text"} for passage in shown["passages"])
    assert offlite("kb", "show", shown["title"]).out == by_path.out


def test_an_unknown_document_is_a_message(offlite, folder: Path) -> None:
    offlite("kb", "add", folder)
    for verb in ("show", "remove"):
        done: Done = offlite("kb", verb, "нет такого")
        assert done.status == 1
        assert "«нет такого»" in done.err


def test_a_removed_document_is_gone_from_the_file(offlite, tmp_path: Path) -> None:
    secret = tmp_path / "тайна.txt"
    secret.write_text("Пароль от сейфа канарейка-4711.\n", "utf-8")
    (tmp_path / "другое.txt").write_text("Обед в час дня.\n", "utf-8")
    offlite("kb", "add", secret, tmp_path / "другое.txt")
    assert b"4711" in paths.default_base().read_bytes()
    done: Done = offlite("kb", "remove", secret)
    assert done.status == 0
    assert "стёрт" in done.out
    for file in paths.data().glob("knowledge.db*"):
        assert b"4711" not in file.read_bytes()
    assert [each["document"] for each in offlite("kb", "list", "--json").json["documents"]] == [
        str(tmp_path / "другое.txt")
    ]


def test_stats_count_what_is_there(offlite, folder: Path) -> None:
    offlite("kb", "add", folder)
    stats = offlite("kb", "stats", "--json").json
    assert stats["documents"] == 3
    assert stats["failed"] == 0
    assert stats["passages"] >= 3
    assert stats["file_bytes"] > 0
    assert stats["formats"]
    assert "3 документа" in offlite("kb", "stats").out


def test_a_sound_base_is_said_to_be_sound_and_is_not_written(offlite, folder: Path) -> None:
    offlite("kb", "add", folder)
    before = paths.default_base().read_bytes()
    done: Done = offlite("kb", "check")
    assert done.status == 0
    assert "База в порядке" in done.out
    report = offlite("kb", "check", "--json").json
    assert report["sound"] is True
    assert report["repaired"] is False
    assert paths.default_base().read_bytes() == before


def test_a_damaged_index_is_made_again_from_the_passages(offlite, folder: Path) -> None:
    offlite("kb", "add", folder)
    connection = connect(paths.default_base(), mode="write")
    connection.execute("DELETE FROM stem")
    connection.execute("DELETE FROM form")
    connection.close()
    done: Done = offlite("kb", "check")
    assert done.status == 0
    assert "неверных записей о словах" in done.out
    assert "исправлено" in done.out
    assert offlite("kb", "check").out.startswith("База в порядке")
    assert offlite("ask", "Как сбросить пароль роутера?").status == 0


def test_what_can_be_read_of_a_damaged_base_is_saved(offlite) -> None:
    offlite("kb", "add", DOCUMENTS)
    content = bytearray(paths.default_base().read_bytes())
    page = content.index("кнопку Reset 10 секунд".encode()) // 4096 * 4096
    content[page : page + 4096] = bytes(4096)
    paths.default_base().write_bytes(content)
    report = offlite("kb", "check", "--json")
    assert report.status == 1
    assert report.json["sound"] is False
    saved = report.json["salvaged"]
    assert saved["documents"] > 40
    assert offlite("kb", "check", "--kb", saved["path"]).status == 0
    assert offlite("kb", "add", DOCUMENTS, "--kb", saved["path"]).status == 0
    assert offlite("ask", "Как сбросить пароль роутера?", "--kb", saved["path"]).status == 0
    told: Done = offlite("kb", "check")
    assert "спасено в новую базу" in told.out


def test_a_base_damaged_past_mending_is_a_message(offlite, folder: Path) -> None:
    offlite("kb", "add", folder)
    content = paths.default_base().read_bytes()
    paths.default_base().write_bytes(content[: 4096 * 3])
    done: Done = offlite("kb", "check")
    assert done.status == 1
    assert "не удалось" in done.out
    asked: Done = offlite("ask", "Что угодно?")
    assert asked.status == 1
    assert "offlite kb check" in asked.err


def test_a_base_is_made_once(offlite, tmp_path: Path) -> None:
    base = tmp_path / "своя.db"
    done: Done = offlite("kb", "create", base)
    assert done.status == 0
    assert str(base) in done.out
    assert f"--kb {base}" in done.err
    again: Done = offlite("kb", "create", base)
    assert again.status == 1
    assert "уже есть" in again.err
    assert offlite("kb", "create", tmp_path / "нет" / "такой.db").status == 1
    assert offlite("kb", "list", "--kb", base, "--json").json["documents"] == []
    assert offlite("ask", "Что угодно?", "--kb", base).status == 3


@pytest.fixture
def key(tmp_path: Path) -> Path:
    key = tmp_path / "ключ"
    key.write_text("  пароль с пробелами  \nвторая строка не важна\n", "utf-8")
    return key


@pytest.fixture
def nobody(monkeypatch) -> None:
    """Nobody is at a terminal to be asked."""
    from app.cli import passphrases
    from app.errors import PassphraseNeeded

    def nobody_there(path: Path) -> None:
        raise PassphraseNeeded(path)

    monkeypatch.setattr(passphrases, "_require_person", nobody_there)


@pytest.mark.usefixtures("nobody")
def test_an_encrypted_base_opens_by_key_file_and_descriptor_only(
    offlite, folder: Path, tmp_path: Path, key: Path
) -> None:
    base = tmp_path / "тайная.db"
    assert offlite("kb", "create", base, "--encrypt", "--key-file", key, "--json").json["encrypted"] is True
    assert offlite("kb", "add", folder, "--kb", base, "--key-file", key).status == 0
    question = ("ask", "Как сбросить пароль роутера?", "--kb", base)
    assert offlite(*question, "--key-file", key).status == 0
    assert "секунд".encode() not in base.read_bytes()

    read, write = os.pipe()
    os.write(write, "  пароль с пробелами  \n".encode())
    os.close(write)
    assert offlite(*question, "--passphrase-fd", read).status == 0

    unasked: Done = offlite(*question)
    assert unasked.status == 1
    assert "--key-file" in unasked.err
    wrong = tmp_path / "не тот ключ"
    wrong.write_text("пароль с пробелами\n", "utf-8")
    refused: Done = offlite(*question, "--key-file", wrong)
    assert refused.status == 1
    assert "Пароль не подходит" in refused.err


@pytest.mark.usefixtures("nobody")
@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfe\xfa", b"x" * 100_000])
def test_a_useless_key_file_is_a_message(offlite, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "ключ").write_bytes(content)
    done: Done = offlite("kb", "create", tmp_path / "b.db", "--encrypt", "--key-file", tmp_path / "ключ")
    assert done.status == 1
    assert "непредвиденная" not in done.err
    assert not (tmp_path / "b.db").exists()


@pytest.mark.usefixtures("nobody")
def test_a_key_that_is_not_there_is_a_message(offlite, tmp_path: Path) -> None:
    for source in (["--key-file", tmp_path / "нет"], ["--passphrase-fd", 987]):
        done: Done = offlite("kb", "create", tmp_path / "b.db", "--encrypt", *source)
        assert done.status == 1
        assert str(source[1]) in done.err


@pytest.mark.usefixtures("nobody")
def test_a_key_without_encryption_is_wrong_usage(offlite, tmp_path: Path, folder: Path, key: Path) -> None:
    assert offlite("kb", "create", tmp_path / "b.db", "--key-file", key).status == 2
    assert offlite("kb", "add", folder, "--kb", tmp_path / "b.db", "--key-file", key).status == 2
    assert not (tmp_path / "b.db").exists()


@pytest.mark.usefixtures("nobody")
def test_encrypting_with_nobody_to_ask_makes_nothing(offlite, tmp_path: Path) -> None:
    done: Done = offlite("kb", "create", tmp_path / "b.db", "--encrypt")
    assert done.status == 1
    assert not (tmp_path / "b.db").exists()

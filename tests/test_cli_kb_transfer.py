"""``offlite kb export`` and ``import``: a base carried away as a file and set up somewhere else."""

from __future__ import annotations

import shutil
import signal
import sys
from pathlib import Path

import pytest
from command import Done

from app import paths
from app.cli import kb_transfer, passphrases
from app.demo import DOCUMENTS
from kb.base import KnowledgeBase

pytestmark = pytest.mark.usefixtures("russian")


@pytest.fixture
def base(tmp_path: Path, offlite) -> Path:
    folder = tmp_path / "документы"
    folder.mkdir()
    shutil.copy(DOCUMENTS / "router-password.md", folder)
    offlite("kb", "add", folder)
    return paths.default_base()


@pytest.mark.usefixtures("base")
def test_a_base_is_carried_to_another_computer(offlite, tmp_path: Path, monkeypatch) -> None:
    done: Done = offlite("kb", "export", tmp_path / "копия.db")
    assert done.status == 0
    assert f"База сохранена в файл {tmp_path / 'копия.db'} (1 документ, " in done.out
    monkeypatch.setenv("OFFLITE_HOME", str(tmp_path / "другой компьютер"))
    done = offlite("kb", "import", tmp_path / "копия.db")
    assert done.status == 0
    assert f"Из файла сделана база {paths.default_base()} (1 документ, " in done.out
    assert offlite("ask", "Как сбросить пароль роутера?").status == 0
    told = offlite("kb", "import", tmp_path / "копия.db", "--kb", tmp_path / "вторая.db", "--json").json
    assert told["file"] == str(tmp_path / "вторая.db")
    assert (told["documents"], told["passages"] > 0, told["bytes"] > 0) == (1, True, True)


def test_nothing_is_overwritten(offlite, base: Path, tmp_path: Path) -> None:
    (tmp_path / "важное.txt").write_text("Не трогать.")
    done: Done = offlite("kb", "export", tmp_path / "важное.txt")
    assert done.status == 1
    assert "Файл уже есть" in done.err
    offlite("kb", "export", tmp_path / "копия.db")
    done = offlite("kb", "import", tmp_path / "копия.db")
    assert done.status == 1
    assert f"Файл уже есть: {base}" in done.err
    assert (tmp_path / "важное.txt").read_text() == "Не трогать."


def test_an_encrypted_file_asks_for_its_passphrase(offlite, tmp_path: Path, monkeypatch) -> None:
    KnowledgeBase.create(tmp_path / "тайная.db", passphrase="ключ").close()
    (tmp_path / "ключ.txt").write_text("ключ\n", "utf-8")
    key = ("--key-file", tmp_path / "ключ.txt")
    assert offlite("kb", "export", tmp_path / "копия.db", "--kb", tmp_path / "тайная.db", *key).status == 0
    typed = iter(["не тот", "ключ"])
    monkeypatch.setattr(passphrases, "asked", lambda *_, **__: next(typed))
    assert offlite("kb", "import", tmp_path / "копия.db", "--kb", tmp_path / "новая.db").status == 0
    with KnowledgeBase.open(tmp_path / "новая.db", passphrase="ключ") as base:
        assert base.documents() == []


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.usefixtures("base")
def test_ctrl_c_leaves_nothing(offlite, tmp_path: Path, monkeypatch) -> None:
    export = KnowledgeBase.export

    def interrupted(self, *arguments, **options):
        signal.raise_signal(signal.SIGINT)
        return export(self, *arguments, **options)

    monkeypatch.setattr(KnowledgeBase, "export", interrupted)
    monkeypatch.setattr("kb.store.opened._STEPS_BETWEEN_LOOKS", 1)
    done: Done = offlite("kb", "export", tmp_path / "копия.db")
    assert done.status == kb_transfer.INTERRUPTED
    assert "ничего не создано" in done.err
    assert not (tmp_path / "копия.db").exists()

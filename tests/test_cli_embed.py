"""``offlite kb embed``: vectors are made, tried, used where they help, found again, dropped."""

from __future__ import annotations

from pathlib import Path

import pytest
from command import Done
from fakes_dense import RandomEmbedder

from app import embedders, settings
from app.demo import DOCUMENTS
from kb.errors import EmbedderUnavailable

pytestmark = pytest.mark.usefixtures("russian")


@pytest.fixture
def model(tmp_path: Path) -> Path:
    (tmp_path / "модель").mkdir()
    return tmp_path / "модель"


@pytest.fixture
def loaded(monkeypatch) -> list[Path]:
    """Let every model folder hold an embedder that knows nothing; return the folders that were loaded."""
    folders: list[Path] = []

    def load(folder: Path) -> RandomEmbedder:
        folders.append(folder)
        return RandomEmbedder()

    monkeypatch.setattr(embedders, "load", load)
    return folders


@pytest.fixture
def base(offlite) -> None:
    assert offlite("kb", "add", *DOCUMENTS.glob("[pr]*.md")).status == 0


@pytest.mark.usefixtures("base")
def test_a_model_that_does_not_help_stays_off_and_is_never_loaded_for_a_question(
    offlite, model: Path, loaded: list[Path]
) -> None:
    done: Done = offlite("kb", "embed", model)
    assert done.status == 0
    assert "не включён" in done.out
    assert loaded == [model]
    assert settings.load().embedders == {"random": str(model)}
    answer = offlite("ask", "Как сбросить пароль роутера?")
    assert answer.status == 0
    assert loaded == [model]
    trial = offlite("kb", "embed", model, "--json").json
    assert trial["used"] is False
    assert trial["fusion"] is None
    assert trial["embedder"] == "random"


@pytest.mark.usefixtures("base")
def test_new_documents_get_their_vectors(offlite, model: Path, loaded: list[Path], tmp_path: Path) -> None:
    offlite("kb", "embed", model)
    (tmp_path / "новое.txt").write_text("Кофемашина стоит на третьем этаже.\n", "utf-8")
    done: Done = offlite("kb", "add", tmp_path / "новое.txt")
    assert done.status == 0
    assert loaded == [model, model]


@pytest.mark.usefixtures("base")
def test_a_model_that_is_gone_is_told_and_words_still_work(offlite, model: Path, loaded, monkeypatch, tmp_path) -> None:
    assert loaded == []
    offlite("kb", "embed", model)

    def gone(folder: Path) -> RandomEmbedder:
        raise EmbedderUnavailable(str(folder), "gone")

    monkeypatch.setattr(embedders, "load", gone)
    (tmp_path / "новое.txt").write_text("Кофемашина стоит на третьем этаже.\n", "utf-8")
    done: Done = offlite("kb", "add", tmp_path / "новое.txt")
    assert done.status == 0
    assert "«random»" in done.err
    assert offlite("ask", "Где стоит кофемашина?").status == 0


@pytest.mark.usefixtures("base", "loaded")
def test_vectors_can_be_dropped(offlite, model: Path) -> None:
    offlite("kb", "embed", model)
    done: Done = offlite("kb", "embed", "none")
    assert done.status == 0
    assert "по словам" in done.out
    assert offlite("kb", "embed", "none", "--json").json["used"] is False


@pytest.mark.usefixtures("base")
def test_a_folder_that_is_not_there_is_a_message(offlite, tmp_path: Path) -> None:
    done: Done = offlite("kb", "embed", tmp_path / "нет")
    assert done.status == 1
    assert str(tmp_path / "нет") in done.err


@pytest.mark.usefixtures("base")
def test_a_folder_without_a_model_is_a_message(offlite, model: Path) -> None:
    done: Done = offlite("kb", "embed", model)
    assert done.status == 1
    assert "недоступна" in done.err
    assert settings.load().embedders == {}

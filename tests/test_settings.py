"""What is remembered between runs survives, and a broken file is no trouble."""

from __future__ import annotations

from pathlib import Path

import pytest

from app import paths, settings


def test_nothing_is_remembered_at_first(offlite_home: Path) -> None:
    assert settings.load().embedders == {}
    assert not list(offlite_home.iterdir())


def test_folders_of_embedders_are_remembered_by_name(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings.remember_embedder("e5-1f2e", Path("модели/e5"))
    settings.remember_embedder("bge-77", Path("/bge"))
    assert settings.load().embedders == {"e5-1f2e": str(tmp_path / "модели" / "e5"), "bge-77": "/bge"}
    assert [path.name for path in paths.data().iterdir()] == ["settings.json"]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b'{"embedders": 3}', b"\xff\xfe", b'{"other": {}}'])
def test_a_broken_file_counts_as_empty_and_is_replaced(content: bytes) -> None:
    paths.settings().write_bytes(content)
    assert settings.load().embedders == {}
    settings.remember_embedder("name", Path("/folder"))
    assert settings.load().embedders == {"name": "/folder"}

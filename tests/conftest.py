"""Fixtures for every test: the user's files are out of reach, the shared test material is found or skipped."""

from __future__ import annotations

from pathlib import Path

import pytest

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(autouse=True)
def offlite_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Move everything Offlite keeps for a user into a temporary folder."""
    home = tmp_path_factory.mktemp("offlite-home")
    monkeypatch.setenv("OFFLITE_HOME", str(home))
    return home


@pytest.fixture
def shared_data() -> Path:
    """Return the folder of real test material, or skip the test where it is not there."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the shared test data is not beside this checkout")
    return SHARED_DATA

"""A checkpoint becomes an installed model, interrupted anywhere; how fast a model is gets remembered."""

from __future__ import annotations

import os
from pathlib import Path

import checkpoint_material
import pytest
from engine_material import write_model

from app import language_models, model_work, paths, settings
from converter.errors import NotACheckpoint
from converter.events import Converted, Planned, Stopped
from models.errors import ModelNameTaken
from models.events import Installed, WorkStopped
from models.installed import Store
from models.runtime.events import Speeds


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return checkpoint_material.write(tmp_path / "Малютка-it", layers=1)


def converted(source: Path, *, until: type | None = None) -> list[object]:
    """Convert and install; asked to stop once an event of that type has come."""
    folder = paths.downloads() / "converted"
    events: list[object] = []

    def stop() -> bool:
        return until is not None and any(isinstance(event, until) for event in events)

    store = Store(paths.models())
    for event in model_work.converted(source, type="Q8_0", store=store, work_folder=folder, stop=stop):
        events += [event]
    return events


def left() -> list[Path]:
    return [path for path in (paths.downloads() / "converted").rglob("*") if path.is_file()]


def test_a_checkpoint_is_converted_and_installed_with_its_certificate(source: Path) -> None:
    events = converted(source)
    end = events[-1]
    assert isinstance(end, Installed)
    assert end.model.name == "Малютка-it-Q8_0"
    made = model_work.certificate_of(end.model.path)
    assert made is not None
    assert made.sha256 == end.model.sha256
    assert not left()


def test_a_model_of_that_name_is_not_replaced(source: Path) -> None:
    converted(source)
    with pytest.raises(ModelNameTaken):
        converted(source)


def test_a_conversion_that_was_stopped_goes_on(source: Path) -> None:
    events = converted(source, until=Planned)
    assert isinstance(events[-1], Stopped)
    assert isinstance(converted(source)[-1], Installed)
    assert not left()


def test_what_was_converted_but_not_installed_is_not_converted_again(source: Path) -> None:
    done = converted(source, until=Converted)
    assert isinstance(done[-1], WorkStopped)
    again = converted(source)
    assert not [event for event in again if isinstance(event, Converted)]
    assert isinstance(again[-1], Installed)


def test_a_source_that_changed_meanwhile_is_converted_anew(source: Path) -> None:
    converted(source, until=Converted)
    os.utime(source / "model.safetensors", (4_000_000_000, 4_000_000_000))
    assert [event for event in converted(source) if isinstance(event, Converted)]


def test_of_a_folder_that_is_refused_nothing_is_left(tmp_path: Path) -> None:
    folder = tmp_path / "пусто"
    folder.mkdir()
    with pytest.raises(NotACheckpoint):
        converted(folder)
    assert not left()


def test_what_can_be_converted_is_seen_from_the_names_of_files(source: Path, tmp_path: Path) -> None:
    adapter = tmp_path / "адаптер"
    adapter.mkdir()
    (adapter / "adapter_config.json").write_text("{}")
    assert model_work.is_convertible(source)
    assert not model_work.is_adapter(source)
    assert model_work.is_adapter(adapter)
    assert model_work.is_convertible(adapter)
    assert not model_work.is_convertible(tmp_path)
    assert not model_work.is_convertible(source / "config.json")


def test_speed_is_measured_and_remembered(tmp_path: Path) -> None:
    *_, end = Store(paths.models()).add(write_model(tmp_path / "Малютка.gguf"))
    assert isinstance(end, Installed)
    chosen = language_models.choose("Малютка")
    assert chosen is not None
    *_, speeds = model_work.measured(chosen)
    assert isinstance(speeds, Speeds)
    known = settings.load().speeds[end.model.sha256]
    assert known.decode_tokens_per_second == speeds.decode_tokens_per_second > 0


def test_a_measurement_that_was_stopped_remembers_nothing(tmp_path: Path) -> None:
    *_, _end = Store(paths.models()).add(write_model(tmp_path / "Малютка.gguf"))
    chosen = language_models.choose("Малютка")
    assert chosen is not None
    assert not [one for one in model_work.measured(chosen, stop=lambda: True) if isinstance(one, Speeds)]
    assert not settings.load().speeds


def test_a_file_that_was_not_made_here_has_no_certificate(tmp_path: Path) -> None:
    path = write_model(tmp_path / "Малютка.gguf")
    assert model_work.certificate_of(path) is None

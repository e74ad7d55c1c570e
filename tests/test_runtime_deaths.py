"""From exit statuses and last words to reasons that a person understands."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from app.catalogue import ru_models
from models.runtime.deaths import FAULT_STATUS, OUT_OF_MEMORY_STATUS, Death, Stamp, cause, out_of_memory_kills


@pytest.mark.parametrize(
    ("status", "log", "loading", "kernel", "death"),
    [
        (-signal.SIGKILL, (), False, False, Death.KILLED),
        (-signal.SIGTERM, (), False, False, Death.KILLED),
        (-signal.SIGKILL, (), False, True, Death.OUT_OF_MEMORY),
        (-signal.SIGABRT, ("terminate called", "what():  std::bad_alloc"), False, False, Death.OUT_OF_MEMORY),
        (OUT_OF_MEMORY_STATUS, (), True, False, Death.OUT_OF_MEMORY),
        (-signal.SIGABRT, ("GGML_ASSERT(x) failed",), False, False, Death.CRASHED),
        (-signal.SIGABRT, ("GGML_ASSERT(x) failed",), True, False, Death.CRASHED_LOADING),
        (-signal.SIGSEGV, (), True, False, Death.CRASHED_LOADING),
        (-signal.SIGFPE, (), False, False, Death.CRASHED),
        (-signal.SIGBUS, (), False, False, Death.FILE_UNREADABLE),
        (-signal.SIGILL, (), True, False, Death.INSTRUCTION),
        (FAULT_STATUS, (), False, False, Death.FAULT),
        (0, (), False, False, Death.FAULT),
        (-200, (), False, False, Death.FAULT),
        (None, (), False, False, Death.SILENT),
    ],
)
def test_a_death_has_a_reason(
    status: int | None, log: tuple[str, ...], loading: bool, kernel: bool, death: Death
) -> None:
    assert cause(status, log, loading=loading, kernel_ran_out=kernel) == death


@pytest.mark.parametrize("change", ["shorter", "gone", "newer"])
def test_a_file_that_is_not_what_it_was_explains_everything_else(tmp_path: Path, change: str) -> None:
    path = tmp_path / "model.gguf"
    path.write_bytes(b"x" * 100)
    files = [(path, Stamp.of(path))]
    assert cause(-signal.SIGBUS, (), files=files) == Death.FILE_UNREADABLE
    if change == "shorter":
        os.truncate(path, 50)
    elif change == "newer":
        os.utime(path, ns=(1, 1))
    else:
        path.unlink()
    assert cause(-signal.SIGBUS, (), files=files) == Death.FILE_CHANGED


def test_every_reason_is_worded() -> None:
    assert {str(death) for death in Death} <= ru_models.DETAILS.keys()


def test_the_kernels_count_is_a_number() -> None:
    assert out_of_memory_kills() >= 0

"""One command of the real command line, run inside the test's own process."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest

from app.cli import main


@dataclass(frozen=True)
class Done:
    """What a command left: its exit status and both streams, no-break spaces made plain."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def command(capsys: pytest.CaptureFixture[str], *arguments: object) -> Done:
    """Run ``offlite`` with ``arguments``."""
    capsys.readouterr()
    status = main([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    return Done(status, captured.out.replace("\u00a0", " "), captured.err.replace("\u00a0", " "))

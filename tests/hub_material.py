"""One repository on the hub of ``hub_server`` and the common ways to ask for it."""

from __future__ import annotations

import os
from pathlib import Path

from hub_server import HubServer

from models.events import Event
from models.hub import Hub
from models.pull_plan import PullPlan
from models.stopping import Stop, never

NAME = "t-tech/T-lite-it-1.0"
MODEL = os.urandom(700_000)
CONFIG = b'{"model_type": "qwen2"}\n'
FILES = {
    "config.json": CONFIG,
    "model.gguf": MODEL,
    "sub/other.gguf": b"other",
    "pytorch_model.bin": b"pickle",
    "empty.json": b"",
}


def hub(server: HubServer, **options) -> Hub:
    """Return a hub client that tries three times again, without waiting."""
    return Hub(server.endpoint, **({"waits": (0.0, 0.0, 0.0), "timeout": 5.0} | options))


def plan(server: HubServer, *patterns: str) -> PullPlan:
    answer = hub(server).plan(NAME, patterns=patterns or ("config.json", "*.gguf"))
    assert isinstance(answer, PullPlan)
    return answer


def download(
    server: HubServer, folder: Path, file: str = "model.gguf", *, stop: Stop = never, **options
) -> list[Event]:
    wanted = plan(server)
    (remote,) = (remote for remote in wanted.files if remote.name == file)
    return list(hub(server, **options).download(wanted, remote, folder, stop=stop))

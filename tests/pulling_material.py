"""A tiny model on the hub of ``hub_server``, and the common ways to pull it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import checkpoint_material
from hub_server import COMMIT, HubServer

from app import pulling
from app.pulling import Pull, Wanted
from converter.conversion import convert
from converter.events import Converted
from models.catalog import Source, SourceKind
from models.hub import Hub
from models.installed import Store
from models.stopping import Stop, never

NAME = "t-tech/Tiny-it-1.0"
TYPE = "Q8_0"
SHARDS = tuple(f"model-{number}-of-00003.safetensors" for number in ("00001", "00002", "00003"))

GGUF = Wanted("Tiny-it-1.0-Q8_0", Source(SourceKind.GGUF, NAME, pattern="*q8_0*.gguf", type=TYPE), TYPE, 0)
CHECKPOINT = Wanted("Tiny-it-1.0-Q8_0", Source(SourceKind.CHECKPOINT, NAME), TYPE, 10**6)


class Material:
    """A checkpoint in three files, and what a plain conversion makes of it."""

    def __init__(self, folder: Path, *, shards: int = 3, **options: object) -> None:
        source = checkpoint_material.write(folder / "Tiny-it-1.0", shards=shards, layers=1, **options)
        *_, done = convert(source, folder / "Tiny-it-1.0-Q8_0.gguf", type=TYPE)
        assert isinstance(done, Converted)
        self.files = {path.name: path.read_bytes() for path in source.iterdir()}
        self.gguf = done.target.read_bytes()


def hub(server: HubServer) -> Hub:
    return Hub(server.endpoint, waits=(0.0, 0.0), timeout=5.0)


def prepared(server: HubServer, store: Store, wanted: Wanted = CHECKPOINT) -> Pull:
    job = pulling.prepare(wanted, work_folder=work_folder(store), hub=hub(server))
    assert isinstance(job, Pull)
    return job


def work_folder(store: Store) -> Path:
    return store.folder.parent / "pulling"


def pull(
    server: HubServer, store: Store, wanted: Wanted = CHECKPOINT, *, stop: Stop = never
) -> Iterator[pulling.Event]:
    return pulling.pull(prepared(server, store, wanted), store=store, hub=hub(server), stop=stop)


def check_installed(store: Store, gguf: bytes, *, commit: str = COMMIT) -> None:
    """The store holds that model and says where it is from; nothing else is left."""
    (model,) = store.models()
    assert model.path.read_bytes() == gguf
    assert (model.name, model.origin) == ("Tiny-it-1.0-Q8_0", f"{NAME}@{commit}")
    assert model.sha256 == hashlib.sha256(gguf).hexdigest()
    assert not [path for path in work_folder(store).iterdir() if path.suffix != ".lock"]


def weights_on_disk(store: Store) -> int:
    weights = (".safetensors", ".incomplete")
    return sum(path.stat().st_size for path in work_folder(store).rglob("model*") if path.name.endswith(weights))

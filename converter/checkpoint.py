"""A folder from Hugging Face, opened and checked: configuration, architecture, and where each tensor lies.

After ``Checkpoint.open`` every tensor that config.json demands is there, once, with its exact shape and a type of
weights, and there is no other. Weights are read by rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from stat import S_ISDIR
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from converter import architectures, inventory, ordinary_files, shards
from converter.architectures.architecture import Architecture, ExpectedTensor
from converter.errors import ArchitectureUnsupported, NoSuchCheckpoint, NotACheckpoint, SourceUnreadable, TensorRepeated
from converter.json_file import CONFIG_LIMIT, read_object
from converter.safetensors import TensorSource, read_header
from converter.weight_file import WeightFile

CONFIG = "config.json"

STORED: dict[str, np.dtype[Any]] = {"BF16": np.dtype("<u2"), "F16": np.dtype("<f2"), "F32": np.dtype("<f4")}
"""How weights arrive in numpy, which has no bfloat16: its 16 bits are the upper half of a float32."""


class Checkpoint:
    """An open checkpoint; a context manager that closes its files.

    ``config`` is config.json as it stands, ``tensors`` the places by the names the architecture expects,
    ``expected`` what each is to become, ``files`` the open files by name in reading order.
    """

    def __init__(
        self,
        folder: Path,
        config: Mapping[str, Any],
        architecture: Architecture,
        expected: tuple[ExpectedTensor, ...],
        tensors: Mapping[str, TensorSource],
        files: Mapping[str, WeightFile],
    ) -> None:
        self.folder = folder
        self.config = config
        self.architecture = architecture
        self.expected = expected
        self.tensors = tensors
        self.files = files

    @classmethod
    def open(cls, folder: Path) -> Checkpoint:
        """Open and check the checkpoint in ``folder``. Reads headers, no weights.

        Raises any ``SourceError`` but those of the vocabulary.
        """
        config, architecture = describe(folder)
        parts = shards.find(folder)
        files: dict[str, WeightFile] = {}
        try:
            for name in parts.names:
                files[name] = WeightFile(folder / name)
            sources = _sources(files)
            found = {name: source.file.name for name, source in sources.items()}
            shards.check_against_index(folder, parts, found)
            names = inventory.by_expected_name(architecture, found)
            expected = inventory.present(architecture, names)
            tensors = {tensor.source: sources[names[tensor.source]] for tensor in expected}
            for tensor in expected:
                inventory.check(tensor, tensors[tensor.source])
        except BaseException:
            for file in files.values():
                file.close()
            raise
        return cls(folder, config, architecture, expected, tensors, files)

    def read_rows(self, name: str, first: int, count: int) -> NDArray[Any]:
        """Return ``count`` rows of a tensor from row ``first``, as stored: uint16 (bfloat16), float16 or float32.

        Of a tensor with one dimension every value is a row. Raises ``SourceChanged`` and ``SourceUnreadable``.
        """
        source = self.tensors[name]
        rows: NDArray[Any] = np.empty((count, *source.shape[1:]), STORED[source.dtype])
        row_size = source.size // source.shape[0]
        self.file_of(source).read_into(rows.reshape(-1).view(np.uint8).data, source.offset + first * row_size)
        return rows

    def file_of(self, source: TensorSource) -> WeightFile:
        return self.files[source.file.name]

    def check_unchanged(self) -> None:
        """Raise ``SourceChanged`` if a file of weights is no longer what was opened."""
        for file in self.files.values():
            file.check_unchanged()

    def close(self) -> None:
        for file in self.files.values():
            file.close()

    def __enter__(self) -> Checkpoint:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


def describe(folder: Path) -> tuple[dict[str, Any], Architecture]:
    """Return config.json and the architecture it describes. Raises what ``Checkpoint.open`` raises of these."""
    check_folder(folder)
    ordinary_files.check(folder)
    path = folder / CONFIG
    if not path.is_file():
        raise NotACheckpoint(folder, "there is no config.json")
    config = read_object(path)
    architecture = architectures.of(config, path=path)
    if architecture.name == "qwen3" and _is_reranker(folder, config):
        raise ArchitectureUnsupported("Qwen3-Reranker")
    return config, architecture


def check_folder(folder: Path) -> None:
    """Raise ``NoSuchCheckpoint``, ``NotACheckpoint`` or ``SourceUnreadable`` where ``folder`` is no folder."""
    try:
        status = folder.stat()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NoSuchCheckpoint(folder) from error
    except OSError as error:
        raise SourceUnreadable(folder, error.strerror or "cannot be read") from error
    if not S_ISDIR(status.st_mode):
        raise NotACheckpoint(folder, "is not a folder")


def _is_reranker(folder: Path, config: Mapping[str, Any]) -> bool:
    """Whether the reference would cut the model's head down to the answers "yes" and "no" (conversion/qwen.py)."""
    names = (folder.resolve().name, str(config.get("_name_or_path", "")))
    if any("qwen3-reranker" in name.lower() for name in names):
        return True
    with suppress(OSError), (folder / "README.md").open("rb") as file:
        return b"# qwen3-reranker" in file.read(CONFIG_LIMIT).lower()
    return False


def _sources(files: Mapping[str, WeightFile]) -> dict[str, TensorSource]:
    sources: dict[str, TensorSource] = {}
    for name, source in _headers(files):
        if name in sources:
            raise TensorRepeated(name, sources[name].file.name, source.file.name)
        sources[name] = source
    return sources


def _headers(files: Mapping[str, WeightFile]) -> Iterator[tuple[str, TensorSource]]:
    for file in files.values():
        yield from read_header(file).items()


def float32(rows: NDArray[Any]) -> NDArray[np.float32]:
    """Return rows from ``Checkpoint.read_rows`` as float32; exact for all three types."""
    if rows.dtype == np.uint16:
        wide = rows.astype(np.uint32)
        wide <<= 16
        return wide.view(np.float32)
    return rows.astype(np.float32, copy=False)

"""A LoRA adapter as PEFT saves it becomes a GGUF adapter, byte for byte that of llama.cpp's convert_lora_to_gguf.py.

Of the base model only config.json is needed: beside the adapter, or in a folder that the caller names. Two things are
other than in the reference, which does not look: rank-stabilised adapters get the alpha that makes llama.cpp's scale
right, and what a GGUF adapter cannot hold is refused.
"""

from __future__ import annotations

import hashlib
import platform
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from math import prod
from pathlib import Path

import numpy as np

from converter import adapter_settings, adapter_weights, certificate, ggml, lanes, metadata
from converter.adapter_settings import CONFIG, AdapterSettings
from converter.adapter_weights import AdapterTensor
from converter.architectures.architecture import Architecture
from converter.certificate import Certificate, SourceFile, WrittenTensor
from converter.checkpoint import CONFIG as MODEL_CONFIG
from converter.checkpoint import describe
from converter.errors import AdapterUnsupported, NotACheckpoint, SourceUnreadable, TargetExists, TypeUnknown
from converter.events import ConversionProgress, Converted, Event, Planned, Stage, Stopped
from converter.gguf_file import Layout, lay_out, merged, padded
from converter.json_file import read_object
from converter.keyvalues import KeyValue, float32, string, uint32
from converter.pace import Pace
from converter.part_file import PartFile, check_folder, check_space, part_of
from converter.plan import QUANTIZATION_VERSION
from converter.safetensors import read_header
from converter.stopping import Stop, never
from converter.types import TensorType
from converter.weight_file import WeightFile

WEIGHTS = "adapter_model.safetensors"
DEFAULT_TYPE = "F16"
TYPES = {kind.name: kind for kind in (TensorType.F16, TensorType.Q8_0, TensorType.BF16, TensorType.F32)}
NO_PROBE = "none"
"""Stands in the certificate for the probe: ``llama_model_quantize`` takes no adapters."""


def is_adapter(folder: Path) -> bool:
    """Return whether ``folder`` holds an adapter rather than a model."""
    return (folder / CONFIG).is_file()


def convert_adapter(
    source: Path, target: Path, *, type: str | None = None, base: Path | None = None, stop: Stop = never
) -> Iterator[Event]:
    """Convert the adapter in the folder ``source`` into the GGUF ``target``.

    ``type`` is one of ``TYPES``, F16 if it is None. ``base`` is the folder of the base model, of which config.json is
    read; without it config.json has to lie beside the adapter. Yields the events of ``conversion.convert``; an adapter
    is made within seconds, so one that was stopped begins anew. Raises ``AdapterUnsupported``, ``AdapterBroken`` and
    any other ``SourceError`` or ``TargetError``.
    """
    kind = _type(DEFAULT_TYPE if type is None else type)
    check_folder(target)
    if target.exists() or target.is_symlink():
        raise TargetExists(target)
    settings = adapter_settings.read(source)
    architecture = _architecture(source, base, settings)
    with WeightFile(_weights(source)) as file:
        tensors = adapter_weights.pair(file, read_header(file), architecture, rank=settings.rank)
        layout = _lay_out(source, architecture, settings, tensors, kind)
        check_space(target, size=layout.size)
        yield Planned(target, kind.name, len(tensors), sum(each.source.size for each in tensors), layout.size, 0)
        part = PartFile(target, size=layout.size, keep=False)
        try:
            writing = _Writing(file, part, layout, tensors)
            for event in writing.run(stop):
                yield event
                if isinstance(event, Stopped):
                    part.remove()
                    return
            file.check_unchanged()
            made = writing.certificate(source, architecture.name, kind)
            certificate.write(certificate.beside(target), made)
            part.finish()
        except BaseException:
            part.remove()
            raise
    yield Converted(target, made)


def _type(name: str) -> TensorType:
    found = TYPES.get(name.upper())
    if found is None:
        raise TypeUnknown(name, tuple(TYPES))
    return found


def _weights(source: Path) -> Path:
    """Return the file of weights. PEFT of old wrote pickles, which run whatever stands in them when they are read."""
    path = source / WEIGHTS
    if path.is_file():
        return path
    if path.with_suffix(".bin").is_file():
        raise AdapterUnsupported(source, "only safetensors are read", "adapter_model.bin")
    raise NotACheckpoint(source, "there is no adapter_model.safetensors")


def _architecture(source: Path, base: Path | None, settings: AdapterSettings) -> Architecture:
    folder = base if base is not None else source
    if base is None and not (source / MODEL_CONFIG).is_file():
        raise AdapterUnsupported(source, "config.json of its base model is needed", settings.base_model)
    return describe(folder)[1]


def _lay_out(
    source: Path, architecture: Architecture, settings: AdapterSettings, tensors: list[AdapterTensor], kind: TensorType
) -> Layout:
    # The model that the pairs stand for, negative because it is a guess: this is how the reference counts.
    parameters = -sum(a.shape[1] * b.shape[0] for a, b in zip(tensors[::2], tensors[1::2], strict=True))
    config = read_object(source / MODEL_CONFIG) if (source / MODEL_CONFIG).is_file() else {}
    general = metadata.general(source, config, parameters=parameters, kind="adapter")
    keys: list[KeyValue] = [
        string("general.architecture", architecture.name),
        general[0],
        string("adapter.type", "lora"),
        *general[1:],
        float32("adapter.lora.alpha", settings.alpha),
        uint32("general.quantization_version", QUANTIZATION_VERSION),
    ]
    listed = ((tensor.target, tensor.stored_as(kind), tensor.shape) for tensor in tensors)
    return lay_out(merged(keys), listed, whole_shapes=True)


class _Writing:
    """The file from its first byte to its last, and what is to be said of it."""

    def __init__(self, file: WeightFile, part: PartFile, layout: Layout, tensors: list[AdapterTensor]) -> None:
        self._file = file
        self._part = part
        self._layout = layout
        self._tensors = tensors
        self._digest = hashlib.sha256()
        self._offset = 0
        self._began = time.monotonic()
        self._started = datetime.now(UTC).isoformat(timespec="seconds")

    def run(self, stop: Stop) -> Iterator[ConversionProgress | Stopped]:
        """Write everything. Ends with ``Stopped`` if ``stop`` answered True."""
        pace = Pace(Stage.TENSORS)
        done, total = 0, sum(tensor.source.size for tensor in self._tensors)
        self._write(self._layout.header)
        for number, (tensor, placed) in enumerate(zip(self._tensors, self._layout.tensors, strict=True)):
            for piece in adapter_weights.pieces(self._file, tensor, placed.type):
                if stop():
                    yield Stopped(part_of(self._part.target), 0, total)
                    return
                self._write(piece)
            self._write(bytes(padded(placed.size) - placed.size))
            done += tensor.source.size
            if pace.is_due() or done == total:
                yield pace.event(
                    tensor.name, done=number + 1, total=len(self._tensors), bytes_done=done, bytes_total=total
                )

    def certificate(self, source: Path, architecture: str, kind: TensorType) -> Certificate:
        """Return the certificate of the written file."""
        return Certificate(
            offlite=_version("offlite"),
            libraries={
                "llama-cpp-python": ggml.package_version(),
                "numpy": np.__version__,
                "python": platform.python_version(),
            },
            source=source.resolve().name,
            source_files=tuple(_source_file(path) for path in (source / CONFIG, self._file.path)),
            architecture=architecture,
            parameters=sum(prod(tensor.shape) for tensor in self._tensors),
            type=kind.name,
            file=self._part.target.name,
            size=self._layout.size,
            sha256=self._digest.hexdigest(),
            tensors=tuple(
                WrittenTensor(placed.name, placed.type.name, placed.shape, placed.size)
                for placed in self._layout.tensors
            ),
            quantizer=lanes.status(kind.name),
            probe=NO_PROBE,
            started=self._started,
            seconds=round(time.monotonic() - self._began, 3),
            resumed=0,
        )

    def _write(self, content: bytes) -> None:
        self._part.write_at(content, self._offset)
        self._digest.update(content)
        self._offset += len(content)


def _source_file(path: Path) -> SourceFile:
    try:
        with path.open("rb") as file:
            return SourceFile(path.name, path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest())
    except OSError as error:
        raise SourceUnreadable(path, error.strerror or "cannot be read") from error


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "unknown"

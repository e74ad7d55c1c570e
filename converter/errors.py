"""Everything that can go wrong in ``converter``, as facts. ``app`` words them for people.

ConverterError
├── SourceError                                      what was given cannot be converted
│   ├── NoSuchCheckpoint(path)
│   ├── NotACheckpoint(path, detail)                 a folder without config.json, without weights, …
│   ├── SourceUnreadable(path, detail)               no permission, input/output error
│   ├── SourceChanged(path)                          the file shrank or changed while it was read
│   ├── JsonBroken(path, detail)
│   ├── HeaderBroken(path, detail, tensor)           the header of a safetensors file
│   ├── IndexBroken(path, detail, entry)             model.safetensors.index.json
│   ├── TensorRepeated(tensor, first, second)        the same tensor in two files
│   ├── TensorsMissing(tensors)
│   ├── TensorsUnexpected(tensors)
│   ├── TensorShapeWrong(tensor, expected, found)
│   ├── TensorTypeUnsupported(tensor, dtype)
│   ├── NotFinite(tensor, row)                       NaN or infinity in the weights
│   ├── ConfigBroken(path, entry, detail)            a value of config.json
│   ├── ArchitectureUnsupported(architecture)
│   ├── RopeUnsupported(kind)                        a rope_scaling that GGUF cannot represent
│   ├── VocabularyBroken(path, detail, entry)
│   ├── PretokenizerUnknown(path, digest)
│   ├── AdapterUnsupported(path, detail, entry)      DoRA, per-module ranks, …
│   └── AdapterBroken(path, detail, entry)
├── TargetError
│   ├── TypeUnknown(type, known)
│   ├── TargetExists(path)
│   ├── TargetUnwritable(path, detail)
│   ├── TargetBusy(path)                             another conversion writes the same file
│   └── SpaceShort(path, needed, free)               bytes
├── QuantizerMissing(detail)                         llama-cpp-python is absent or does not load
├── QuantizerDiffers(tensor, expected, found)        the library chose otherwise than we did
└── GgufBroken(path, detail, entry)                  the file to be checked is no sound GGUF
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path


@dataclass
class ConverterError(Exception):
    """The root of this package's exceptions. Subclasses carry facts in fields.

    A field named ``detail`` is a short constant phrase in English, which the application translates, or a message of
    the system. ``entry`` names the key, the file or the value in question, as it stands in the file.
    """

    def __post_init__(self) -> None:
        super().__init__(*(getattr(self, field.name) for field in fields(self)))

    def __str__(self) -> str:
        facts = ", ".join(f"{field.name}={getattr(self, field.name)!s}" for field in fields(self))
        return f"{type(self).__name__}({facts})"


@dataclass
class SourceError(ConverterError):
    pass


@dataclass
class NoSuchCheckpoint(SourceError):
    path: Path


@dataclass
class NotACheckpoint(SourceError):
    path: Path
    detail: str


@dataclass
class SourceUnreadable(SourceError):
    path: Path
    detail: str


@dataclass
class SourceChanged(SourceError):
    path: Path


@dataclass
class JsonBroken(SourceError):
    path: Path
    detail: str


@dataclass
class HeaderBroken(SourceError):
    path: Path
    detail: str
    tensor: str = ""


@dataclass
class IndexBroken(SourceError):
    path: Path
    detail: str
    entry: str = ""


@dataclass
class TensorRepeated(SourceError):
    tensor: str
    first: str
    second: str


@dataclass
class TensorsMissing(SourceError):
    tensors: tuple[str, ...]


@dataclass
class TensorsUnexpected(SourceError):
    tensors: tuple[str, ...]


@dataclass
class TensorShapeWrong(SourceError):
    tensor: str
    expected: tuple[int, ...]
    found: tuple[int, ...]


@dataclass
class TensorTypeUnsupported(SourceError):
    tensor: str
    dtype: str


@dataclass
class NotFinite(SourceError):
    tensor: str
    row: int


@dataclass
class ConfigBroken(SourceError):
    path: Path
    entry: str
    detail: str


@dataclass
class ArchitectureUnsupported(SourceError):
    architecture: str


@dataclass
class RopeUnsupported(SourceError):
    kind: str


@dataclass
class VocabularyBroken(SourceError):
    path: Path
    detail: str
    entry: str = ""


@dataclass
class PretokenizerUnknown(SourceError):
    path: Path
    digest: str


@dataclass
class AdapterUnsupported(SourceError):
    path: Path
    detail: str
    entry: str = ""


@dataclass
class AdapterBroken(SourceError):
    path: Path
    detail: str
    entry: str = ""


@dataclass
class TargetError(ConverterError):
    pass


@dataclass
class TypeUnknown(TargetError):
    type: str
    known: tuple[str, ...]


@dataclass
class TargetExists(TargetError):
    path: Path


@dataclass
class TargetUnwritable(TargetError):
    path: Path
    detail: str


@dataclass
class TargetBusy(TargetError):
    path: Path


@dataclass
class SpaceShort(TargetError):
    path: Path
    needed: int
    free: int


@dataclass
class QuantizerMissing(ConverterError):
    detail: str


@dataclass
class QuantizerDiffers(ConverterError):
    tensor: str
    expected: str
    found: str


@dataclass
class GgufBroken(ConverterError):
    path: Path
    detail: str
    entry: str = ""

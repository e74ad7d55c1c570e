"""Everything that can go wrong in ``kb``, as facts. ``app`` words them for people.

KnowledgeBaseError
├── BaseNotFound(path)                     no such base
├── BaseExists(path)                       a base is already there
├── NotABase(path)                         the file is something else, or damaged past opening
├── WrongPassphrase(path)                  encrypted, and the passphrase is missing or wrong
├── BaseTooNew(path, found, known)         written by a newer Offlite
├── BaseBusy(path)                         another process is writing
├── BaseUnwritable(path, detail)           no permission, read-only medium, disk full
├── BaseDamaged(path, detail)              SQLite reports corruption: `kb check` may mend it
├── DocumentNotFound(document)
├── EmbedderMismatch(recorded, given)      vectors of two models never mix
├── EmbedderUnavailable(name, detail)
└── ReadError(path)                        one document could not be read; the run goes on
    ├── Unreadable(path, detail)           no permission, input/output error
    ├── NotAFile(path)                     a FIFO, a socket, a device, a symlink loop
    ├── UnsupportedFormat(path, format)
    ├── Encrypted(path)                    protected by a password
    ├── Broken(path, detail)               damaged, or not what its name says
    ├── TooLarge(path, size, limit)        bytes of the file, or of what it unpacks to
    ├── TooSlow(path, seconds)             the time limit passed
    ├── TooHungry(path, megabytes)         the memory limit was hit
    ├── NeedsOcr(path, pages)              scanned pages, and no Tesseract with `rus` here
    ├── NoText(path)                       nothing to index
    └── ReaderCrashed(path, detail)        the child process died
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path


@dataclass
class KnowledgeBaseError(Exception):
    """The root of this package's exceptions. Subclasses carry facts in fields."""

    def __post_init__(self) -> None:
        super().__init__(*(getattr(self, field.name) for field in fields(self)))

    def __str__(self) -> str:
        facts = ", ".join(f"{field.name}={getattr(self, field.name)!s}" for field in fields(self))
        return f"{type(self).__name__}({facts})"


@dataclass
class BaseNotFound(KnowledgeBaseError):
    path: Path


@dataclass
class BaseExists(KnowledgeBaseError):
    path: Path


@dataclass
class NotABase(KnowledgeBaseError):
    path: Path


@dataclass
class WrongPassphrase(KnowledgeBaseError):
    path: Path


@dataclass
class BaseTooNew(KnowledgeBaseError):
    path: Path
    found: int
    known: int


@dataclass
class BaseBusy(KnowledgeBaseError):
    path: Path


@dataclass
class BaseUnwritable(KnowledgeBaseError):
    path: Path
    detail: str


@dataclass
class BaseDamaged(KnowledgeBaseError):
    path: Path
    detail: str


@dataclass
class DocumentNotFound(KnowledgeBaseError):
    document: str


@dataclass
class EmbedderMismatch(KnowledgeBaseError):
    recorded: str
    given: str


@dataclass
class EmbedderUnavailable(KnowledgeBaseError):
    name: str
    detail: str


@dataclass
class ReadError(KnowledgeBaseError):
    """One document could not be read. ``code`` and ``facts`` are what the base keeps of it."""

    path: Path

    @property
    def code(self) -> str:
        return type(self).__name__

    @property
    def facts(self) -> dict[str, int | str]:
        """The fields besides ``path``, as JSON values."""
        return {field.name: getattr(self, field.name) for field in fields(self) if field.name != "path"}


@dataclass
class Unreadable(ReadError):
    detail: str


@dataclass
class NotAFile(ReadError):
    pass


@dataclass
class UnsupportedFormat(ReadError):
    format: str


@dataclass
class Encrypted(ReadError):
    pass


@dataclass
class Broken(ReadError):
    detail: str


@dataclass
class TooLarge(ReadError):
    size: int
    limit: int


@dataclass
class TooSlow(ReadError):
    seconds: int


@dataclass
class TooHungry(ReadError):
    megabytes: int


@dataclass
class NeedsOcr(ReadError):
    pages: str


@dataclass
class NoText(ReadError):
    pass


@dataclass
class ReaderCrashed(ReadError):
    detail: str


READ_ERRORS: dict[str, type[ReadError]] = {
    kind.__name__: kind
    for kind in (
        Unreadable,
        NotAFile,
        UnsupportedFormat,
        Encrypted,
        Broken,
        TooLarge,
        TooSlow,
        TooHungry,
        NeedsOcr,
        NoText,
        ReaderCrashed,
    )
}
"""Code in the base -> the class it came from."""


def read_error(code: str, path: Path, facts: dict[str, int | str]) -> ReadError:
    """Rebuild the error that ``code`` and ``facts`` describe.

    Raises:
        ValueError: no such code, or facts that do not fit it.
    """
    kind = READ_ERRORS.get(code)
    if kind is None:
        raise ValueError(f"not a read error: {code!r}")
    try:
        return kind(path, **facts)
    except TypeError as error:
        raise ValueError(f"facts do not fit {code}: {facts!r}") from error

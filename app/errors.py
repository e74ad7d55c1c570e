"""What can go wrong in the application itself, as facts. ``app.wording`` words them, as it does those of ``kb``.

ApplicationError
├── ModelNeeded(task)                  what cannot be done without a language model
├── AdapterScaleWrong(scale)           behind the name of an adapter stands no number
├── ComparatorFailed(program, detail)  what speed was to be held against does not run
├── PictureUnwritable(path, detail)    a drawing cannot be saved
├── NotOnHub(name, type, known)        the hub has no such form of a model, nor a checkpoint to make it of
├── ModelRunsElsewhere(name, engine)   a model that llama.cpp does not compute
├── NoScreen()                         no screen to show a window on
├── WindowUnavailable(detail)          PySide6, or what it needs of the system, is not installed
├── NobodyToAsk(option)                no terminal to ask on, and the answer was not given by `option`
├── NoSuchPath(path)                   a file or folder that was named is not there
├── NoBaseYet(path)                    the user's own base does not exist
├── BaseIsFolder(path)                 a folder was named where the file of a base belongs
├── NoDemoDocuments(path)              the bundled documents are missing from this installation
├── BaseWorkDied(detail)               the child process that works on a base died
├── PassphraseNeeded(path)             nobody is at the terminal to be asked
├── PassphraseEmpty()
├── PassphrasesDiffer()                typed twice, differently
├── KeyUnreadable(source, detail)      the key file or the descriptor cannot be read
├── DataFolderUnfit                    the data cannot be moved there:
│   ├── DataFolderTaken(path)          something else lies in it
│   ├── DataFolderInside(path)         it is the folder of now, in it or around it
│   ├── DataFolderSmall(path, needed, free)  bytes
│   ├── DataFolderUnwritable(path, detail)
│   └── DataCopyDiffers(path)          what was written is not what is read back
├── HistoryLocked(path)                conversations are encrypted, and the passphrase is missing or wrong
├── HistoryBusy(path)                  another window keeps writing to it, or has it open
├── HistoryDamaged(path, detail)       the file of the conversations is no history, or not any more
├── HistoryTooNew(path, found, known)  written by a newer Offlite
├── HistoryUnwritable(path, detail)    no permission, disk full, input/output error
└── WrongUsage()                       the command line contradicts itself: exit status 2
    ├── EmptyQuestion()
    ├── PictureNotSvg(path)            a drawing was asked for in another format
    ├── CategoriesTooFew()             fewer than two categories to choose from
    ├── KeyWithoutEncrypt()            a passphrase is given for a base that is not to be encrypted
    └── JsonWhileWatching()            watching has no end, so there is no one object to print
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path


@dataclass
class ApplicationError(Exception):
    """The root of this package's exceptions. Subclasses carry facts in fields."""

    def __post_init__(self) -> None:
        super().__init__(*(getattr(self, field.name) for field in fields(self)))


@dataclass
class ModelNeeded(ApplicationError):
    task: str


@dataclass
class AdapterScaleWrong(ApplicationError):
    scale: str


@dataclass
class ComparatorFailed(ApplicationError):
    program: Path
    detail: str


@dataclass
class PictureUnwritable(ApplicationError):
    path: Path
    detail: str


@dataclass
class NotOnHub(ApplicationError):
    name: str
    type: str
    known: tuple[str, ...]


@dataclass
class ModelRunsElsewhere(ApplicationError):
    name: str
    engine: str


@dataclass
class NoScreen(ApplicationError):
    pass


@dataclass
class WindowUnavailable(ApplicationError):
    detail: str


@dataclass
class NobodyToAsk(ApplicationError):
    option: str


@dataclass
class NoSuchPath(ApplicationError):
    path: Path


@dataclass
class NoBaseYet(ApplicationError):
    path: Path


@dataclass
class BaseIsFolder(ApplicationError):
    path: Path


@dataclass
class NoDemoDocuments(ApplicationError):
    path: Path


@dataclass
class BaseWorkDied(ApplicationError):
    detail: str


@dataclass
class PassphraseNeeded(ApplicationError):
    path: Path


@dataclass
class PassphraseEmpty(ApplicationError):
    pass


@dataclass
class PassphrasesDiffer(ApplicationError):
    pass


@dataclass
class KeyUnreadable(ApplicationError):
    source: str
    detail: str


@dataclass
class HistoryLocked(ApplicationError):
    path: Path


@dataclass
class HistoryBusy(ApplicationError):
    path: Path


@dataclass
class HistoryDamaged(ApplicationError):
    path: Path
    detail: str


@dataclass
class HistoryTooNew(ApplicationError):
    path: Path
    found: int
    known: int


@dataclass
class HistoryUnwritable(ApplicationError):
    path: Path
    detail: str


@dataclass
class DataFolderUnfit(ApplicationError):
    path: Path


@dataclass
class DataFolderTaken(DataFolderUnfit):
    pass


@dataclass
class DataFolderInside(DataFolderUnfit):
    pass


@dataclass
class DataFolderSmall(DataFolderUnfit):
    needed: int
    free: int


@dataclass
class DataFolderUnwritable(DataFolderUnfit):
    detail: str


@dataclass
class DataCopyDiffers(DataFolderUnfit):
    pass


@dataclass
class WrongUsage(ApplicationError):
    pass


@dataclass
class EmptyQuestion(WrongUsage):
    pass


@dataclass
class PictureNotSvg(WrongUsage):
    path: Path


@dataclass
class CategoriesTooFew(WrongUsage):
    pass


@dataclass
class KeyWithoutEncrypt(WrongUsage):
    pass


@dataclass
class JsonWhileWatching(WrongUsage):
    pass

"""Everything that can go wrong in ``models``, as facts. ``app`` words them for people.

ModelsError
├── ModelNotInstalled(name, installed)         no model of that name here
├── ModelNameTaken(name)                       another file is installed under that name
├── ModelFileMissing(path)                     no such file
├── ModelUnreadable(path, detail)              no permission, input/output error
├── NotAGguf(path, detail)                     the file is something else
├── ModelBroken(path, detail, entry)           a GGUF whose header or tensors are damaged
│   └── ModelUnsupported                       it may be whole, but llama.cpp cannot run it
├── ModelChanged(name, path)                   the file is not the one that was installed: it is not run
├── PartsMissing(path, missing)                parts of a split model that are not there
├── PartsDiffer(path, detail)                  parts that do not belong together
├── ModelStoreUnwritable(path, detail)
├── ModelStoreBusy(path)
├── ModelSpaceShort(path, needed, free)        bytes
├── ModelDied(path, detail, log)               the process that ran it is gone; the next request starts another
├── ModelUnloaded(path)                        it was taken out of memory, or closed, while it was needed
├── RuntimeUnavailable(detail)                 llama.cpp does not work on this computer
├── MemoryShort(path, context)                 no memory for a conversation of so many tokens
├── ContextOverflow(prompt, answer, context)   tokens: the prompt and the answer do not fit together
├── ModelUnsuitable(path, detail)              it makes vectors where words are wanted, or the reverse
├── GrammarRefused(detail)                     a grammar or JSON schema that no answer can follow
├── AdapterUnusable(path, detail)              a LoRA adapter of another model, or no adapter
├── AdapterUnknown(name, known)                not one of the adapters that were loaded
├── ModelNotInCatalog(name, known)
├── CatalogBroken(path, detail, entry)
└── HubError
    ├── HubSwitchedOff(variable)               HF_HUB_OFFLINE is set
    ├── HubUnreachable(endpoint, detail)
    ├── HubRefused(repository, status)         asks for a licence or a token, or knows no such model
    └── DownloadCorrupt(file, expected, found) SHA-256
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path


@dataclass
class ModelsError(Exception):
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
class ModelNotInstalled(ModelsError):
    name: str
    installed: tuple[str, ...]


@dataclass
class ModelNameTaken(ModelsError):
    name: str


@dataclass
class ModelShipped(ModelsError):
    name: str


@dataclass
class ModelFileMissing(ModelsError):
    path: Path


@dataclass
class ModelUnreadable(ModelsError):
    path: Path
    detail: str


@dataclass
class NotAGguf(ModelsError):
    path: Path
    detail: str


@dataclass
class ModelBroken(ModelsError):
    path: Path
    detail: str
    entry: str = ""


@dataclass
class ModelUnsupported(ModelBroken):
    pass


@dataclass
class ModelChanged(ModelsError):
    name: str
    path: Path


@dataclass
class PartsMissing(ModelsError):
    path: Path
    missing: tuple[str, ...]


@dataclass
class PartsDiffer(ModelsError):
    path: Path
    detail: str


@dataclass
class ModelStoreUnwritable(ModelsError):
    path: Path
    detail: str


@dataclass
class ModelStoreBusy(ModelsError):
    path: Path


@dataclass
class ModelSpaceShort(ModelsError):
    path: Path
    needed: int
    free: int


@dataclass
class ModelDied(ModelsError):
    """``log``: the last lines that the process wrote, for whoever looks into it; nothing of the questions is in it."""

    path: Path
    detail: str
    log: tuple[str, ...] = ()


@dataclass
class ModelUnloaded(ModelsError):
    path: Path


@dataclass
class RuntimeUnavailable(ModelsError):
    detail: str


@dataclass
class MemoryShort(ModelsError):
    path: Path
    context: int


@dataclass
class ContextOverflow(ModelsError):
    """All in tokens: ``prompt`` as asked, ``answer`` at most, ``context`` that the model was loaded with."""

    prompt: int
    answer: int
    context: int


@dataclass
class ModelUnsuitable(ModelsError):
    path: Path
    detail: str


@dataclass
class GrammarRefused(ModelsError):
    detail: str


@dataclass
class AdapterUnusable(ModelsError):
    path: Path
    detail: str


@dataclass
class AdapterUnknown(ModelsError):
    name: str
    known: tuple[str, ...]


@dataclass
class ModelNotInCatalog(ModelsError):
    name: str
    known: tuple[str, ...]


@dataclass
class CatalogBroken(ModelsError):
    path: Path
    detail: str
    entry: str = ""


@dataclass
class HubError(ModelsError):
    pass


@dataclass
class HubSwitchedOff(HubError):
    variable: str


@dataclass
class HubUnreachable(HubError):
    endpoint: str
    detail: str


@dataclass
class HubRefused(HubError):
    repository: str
    status: int


@dataclass
class HubAnswerBroken(HubError):
    repository: str
    detail: str
    entry: str = ""


@dataclass
class DownloadSizeWrong(HubError):
    file: str
    expected: int
    found: int


@dataclass
class DownloadCorrupt(HubError):
    file: str
    expected: str
    found: str

"""Which language model a name means and how it is run: ``none``, a GGUF file, an installed model, or the best there is.

What was measured of a model (threads, speeds) is remembered under the SHA-256 of its file (``app.settings``). A model
that was installed is only run if its file is still the one that was checked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from app import paths, settings
from app.errors import AdapterScaleWrong
from models.errors import ModelFileMissing
from models.runtime.options import ANSWERING, QUOTING, Sampling

if TYPE_CHECKING:
    from models import events as work
    from models.installed import Store
    from models.records import InstalledModel
    from models.runtime.events import Event, ModelFacts, Speeds
    from models.runtime.events import Loading as ModelLoading
    from models.runtime.options import LoadOptions, Request
    from models.runtime.verification import Checksums
    from models.stopping import Stop

NONE = "none"
"""The name of no model: answers are quotations."""

CONTEXT = 4096
"""Tokens of prompt and answer: a dozen turns of a conversation."""


class LanguageModel(Protocol):
    """What the assistant asks of a model: ``models.runtime.client.Model``, or a test's own."""

    @property
    def pid(self) -> int | None:
        """The process that runs it; None where it would have to be loaded first."""
        ...

    def load(self, *, stop: Stop = ...) -> Iterator[ModelLoading]: ...

    def facts(self, *, stop: Stop = ...) -> ModelFacts: ...

    def count(self, texts: Sequence[str], *, stop: Stop = ...) -> list[int]: ...

    def generate(self, request: Request, *, stop: Stop = ...) -> Iterator[Event]: ...

    def prefill(self, request: Request, *, stop: Stop = ...) -> Iterator[Event]: ...


@dataclass(frozen=True, slots=True)
class Running:
    """A model to ask: its name for people, what was measured of it, which adapter is switched on and how strongly."""

    name: str
    model: LanguageModel
    speeds: Speeds | None = None
    adapter: tuple[str, float] | None = None
    only_answers: bool = False
    """It was trained to answer from passages and for nothing else, as what comes with Offlite is."""

    @property
    def sampling(self) -> Sampling:
        """How it is to choose its words when it answers from documents."""
        return QUOTING if self.only_answers else ANSWERING


@dataclass(frozen=True, slots=True)
class Chosen:
    """A model that can be loaded. ``installed`` is None of a file that is only named; ``sha256`` if it is known."""

    name: str
    path: Path
    sha256: str | None
    installed: InstalledModel | None = None

    @property
    def shipped(self) -> bool:
        """Whether it comes with Offlite: small, a beginning."""
        return self.installed is not None and self.installed.shipped


def choose(name: str | None) -> Chosen | None:
    """Return the model that ``name`` means; None stands for the best that is installed and fits into this computer.

    A path with ``.gguf`` at its end is a file; anything else is a name. The content of neither is looked at.

    Raises:
        ModelNotInstalled: no model of that name, with the names that there are.
        ModelFileMissing: no such file.
    """
    if name == NONE:
        return None
    installed = store()
    if name is None:
        best = _best(installed)
        return _chosen(best) if best else None
    path = Path(name).expanduser()
    if name.casefold().endswith(".gguf") and not _is_ours(installed, path):
        if not path.is_file():
            raise ModelFileMissing(path)
        return Chosen(path.stem, path.absolute(), None)
    return _chosen(installed.find(name))


def store() -> Store:
    """Return the models that are installed here, those that come with the program among them."""
    from models.installed import Store

    return Store(paths.models(), shipped=paths.shipped_models())


def load_options(chosen: Chosen, *, adapters: Sequence[str] = (), context: int = CONTEXT) -> LoadOptions:
    """Return how ``chosen`` is loaded here; ``adapters`` are installed ones or files. Reads headers.

    Raises:
        ModelChanged: the file is not the one that was installed.
        ModelFileMissing, ModelUnreadable, NotAGguf, ModelBroken: it cannot be run.
        ModelNotInstalled: an adapter that is not there.
    """
    from models import gguf_header
    from models.runtime.deaths import Stamp
    from models.runtime.options import LoadOptions

    installed = store()
    if chosen.installed is not None:
        installed.check_unchanged(chosen.name)
        if (stamp := Stamp.of(chosen.path)) is not None:
            _checksums().remember(chosen.path, stamp, chosen.installed.sha256)  # or it would be hashed once more
    else:
        gguf_header.validate_model(gguf_header.read(chosen.path))
    speeds = remembered(chosen)
    return LoadOptions(
        path=chosen.path,
        context=context,
        threads=speeds.threads if speeds else None,
        reading_threads=speeds.reading_threads if speeds else None,
        adapters=tuple(_adapter(installed, adapter) for adapter in adapters),
        states=paths.model_states(),
        sha256=chosen.sha256,
    )


def checking(chosen: Chosen, *, stop: Stop) -> Iterator[work.Event]:
    """Read an installed file that looks changed to its end, with progress; at once for one that does not."""
    installed = store()
    if chosen.installed is not None and not installed.looks_unchanged(chosen.name):
        yield from installed.verify(chosen.name, stop=stop)


@contextmanager
def opened(
    chosen: Chosen, *, adapter: str | None = None, context: int = CONTEXT, threads: int | None = None
) -> Iterator[Running]:
    """Give ``chosen`` to be asked; it is loaded when it is asked first. ``adapter``: NAME or NAME:SCALE.

    ``threads`` are used for reading and writing instead of those that were measured. Raises what ``load_options``
    raises; AdapterScaleWrong for a scale that is no number.
    """
    from models.runtime.client import Model

    wanted = _scaled(adapter) if adapter else None
    options = load_options(chosen, adapters=(wanted[0],) if wanted else (), context=context)
    if threads:
        options = replace(options, threads=threads, reading_threads=threads)
    with Model(options, checksums=_checksum_file()) as model:
        name = (options.adapters[0].stem, wanted[1]) if wanted else None
        yield Running(chosen.name, model, remembered(chosen), name, only_answers=chosen.shipped)


def remembered(chosen: Chosen) -> Speeds | None:
    """Return what was measured of a model on this computer."""
    sha256 = sha256_of(chosen)
    return settings.load().speeds.get(sha256) if sha256 else None


def sha256_of(chosen: Chosen) -> str | None:
    """Return the SHA-256 of a model's file if it is known without reading it."""
    if chosen.sha256 is not None:
        return chosen.sha256
    from models.runtime.deaths import Stamp

    stamp = Stamp.of(chosen.path)
    return _checksums().known(chosen.path, stamp) if stamp else None


def _checksums() -> Checksums:
    """Return what the runtime remembers of files by their content."""
    from models.runtime.verification import Checksums

    return Checksums(_checksum_file())


def _checksum_file() -> Path:
    return paths.model_states() / "checksums.json"


def _chosen(model: InstalledModel) -> Chosen:
    return Chosen(model.name, model.path, model.sha256, model)


def _best(store: Store) -> InstalledModel | None:
    """Return the installed model that comes first in the catalogue, one that is none of it after those.

    What comes with the program is the last of all: whoever installs a model wants that one to answer.

    A file larger than the memory of this computer is not taken unasked.
    """
    from models import catalog, computer
    from models.records import Kind

    models = [model for model in store.models() if model.kind is Kind.MODEL and model.present]
    if not models:
        return None
    ram = computer.this().ram
    order = {name: at for at, name in enumerate(catalog.load().names)}
    usable = [model for model in models if not ram or model.size < ram]

    def place(model: InstalledModel) -> tuple[bool, int, int]:
        return model.shipped, order.get(model.catalog, len(order)), -model.size

    return min(usable, key=place, default=None)


def _is_ours(store: Store, path: Path) -> bool:
    """Whether a path, or a name that ends like a file's, is an installed model."""
    return any(model.path == path.absolute() or model.path.name == str(path) for model in store.models())


def _adapter(store: Store, name: str) -> Path:
    path = Path(name).expanduser()
    return path.absolute() if path.is_file() else store.find(name).path


def _scaled(adapter: str) -> tuple[str, float]:
    name, colon, scale = adapter.rpartition(":")
    if not colon or Path(adapter).exists():
        return adapter, 1.0
    try:
        return name, float(scale.replace(",", "."))
    except ValueError as error:
        raise AdapterScaleWrong(scale) from error

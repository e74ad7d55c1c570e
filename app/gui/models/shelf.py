"""What lies in the store and what this computer can run, as one value. Plain Python: read on a worker thread.

Memory is foretold (``models.fit``). Speed is measured, and of other models expected from that: a processor reads all
weights for every token it writes, so twice the weights take twice the time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from app import language_models, settings
from models import catalog, computer, fit, gguf_header
from models.catalog import Entry, Purpose, Source, SourceKind
from models.computer import Computer
from models.errors import ModelFileMissing, ModelsError
from models.fit import Fit, Verdict
from models.gguf_types import GgufHeader
from models.installed import InstalledModel
from models.records import Kind
from models.runtime.events import Speeds
from models.sizes import FILE_TYPES

if TYPE_CHECKING:
    from converter.certificate import Certificate

CONTEXTS = (2048, 4096, 8192, 16384, 32768)
"""Tokens worth trying out: a question with its passages, up to a whole day's conversation."""

TELLING_WEIGHTS = 200 * 1024**2
"""Bytes. The weights of smaller models stay in the processor's cache, so their speed tells nothing of larger ones'."""


@dataclass(frozen=True, slots=True)
class Installed:
    """An installed model. ``header`` is None where the file cannot be read, and ``trouble`` says why."""

    model: InstalledModel
    header: GgufHeader | None
    trouble: ModelsError | None = None
    speeds: Speeds | None = None
    certificate: Certificate | None = None

    @property
    def answers(self) -> bool:
        """Whether it can be asked."""
        return self.model.kind is Kind.MODEL and self.header is not None

    @property
    def suffices(self) -> bool:
        """Whether nobody needs to be told how to get a model: what comes with the program is but a beginning."""
        return self.answers and not self.model.shipped


@dataclass(frozen=True, slots=True)
class Shelf:
    """``offers`` are the models of the catalogue that answer. ``broken`` are records that cannot be read.

    How models fit is remembered once it was computed: a fit takes a tenth of a millisecond, and the page asks for many.
    """

    folder: Path
    computer: Computer
    installed: tuple[Installed, ...]
    broken: tuple[Path, ...]
    offers: tuple[Entry, ...]
    fits: dict[tuple[str, str | None, int], Fit] = field(default_factory=dict, compare=False, repr=False)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of everything that can be asked or could be: first what is installed."""
        return (*(one.model.name for one in self.installed if one.answers), *(entry.name for entry in self.offers))

    @property
    def fastest(self) -> Installed | None:
        """An installed model whose speed was measured, the one from which others are foretold: the largest."""
        known = [
            one for one in self.installed if one.speeds and one.header and one.header.weights_size >= TELLING_WEIGHTS
        ]
        return max(known, key=lambda one: one.model.size, default=None)

    def find(self, name: str) -> Installed | Entry | None:
        """Return what ``name`` means: an installed model before one of the catalogue."""
        installed = next((one for one in self.installed if one.model.name == name), None)
        return installed or next((entry for entry in self.offers if entry.name == name), None)

    def has(self, entry: Entry) -> bool:
        """Return whether a model of the catalogue is installed, in whatever quantization."""
        return any(one.model.catalog == entry.name for one in self.installed)

    def fit(self, one: Installed | Entry, *, context: int, file_type: str | None = None) -> Fit | None:
        """Return how a model fits this computer; None of a file that cannot be read or that does not answer."""
        if isinstance(one, Entry):
            key = (one.name, file_type, context)
            if key not in self.fits:
                self.fits[key] = fit.fit(one, self.computer, context=context, file_type=file_type)
            return self.fits[key]
        if one.header is None or one.model.kind is Kind.ADAPTER:
            return None
        key = (f"{one.model.name}.gguf", None, context)
        if key not in self.fits:
            self.fits[key] = fit.fit(one.header, self.computer, context=context)
        return self.fits[key]

    def types(self, one: Installed | Entry) -> tuple[str, ...]:
        """Return the quantizations there are to choose from; of a file, its own."""
        if isinstance(one, Entry):
            offered = dict.fromkeys((*FILE_TYPES, *(file.type for file in one.files if file.type)))
            return tuple(kind for kind in offered if one.size(kind) and (one.runs_here or kind not in FILE_TYPES))
        return (one.model.file_type,)

    def best(self, *, context: int) -> tuple[Entry, Fit] | None:
        """Return the model to install here: the first of the catalogue that fits, else the first that does tightly."""
        found = [(entry, self.fit(entry, context=context)) for entry in self.offers if entry.runs_here]
        for verdict in (Verdict.FITS, Verdict.TIGHT, Verdict.UNKNOWN):
            for entry, one in found:
                if one is not None and one.verdict is verdict:
                    return entry, one
        return None

    def to_carry(self, *, context: int) -> tuple[Entry, Source] | None:
        """Return the model to bring to a computer without a network: a finished file that fits, else the checkpoint."""
        best = self.best(context=context)
        if best is None:
            return None
        entry, found = best
        files = [one for one in entry.files if one.kind is SourceKind.GGUF]
        files.sort(key=lambda one: (one.type != found.file_type, entry.size(one.type)))
        for one in files:
            if entry.size(one.type) and self._fits(entry, one.type, context):
                return entry, one
        checkpoint = entry.source(SourceKind.CHECKPOINT)
        return (entry, checkpoint) if checkpoint else None

    def _fits(self, entry: Entry, file_type: str, context: int) -> bool:
        found = self.fit(entry, context=context, file_type=file_type)
        return found is not None and found.verdict is not Verdict.TOO_LARGE

    def expected(self, weights: int) -> float | None:
        """Return tokens per second that a model of so many bytes should write here; None before one was measured."""
        known = self.fastest
        if known is None or known.speeds is None or not weights:
            return None
        return known.speeds.decode_tokens_per_second * known.model.size / weights


def read(*, context: int = fit.DEFAULT_CONTEXT) -> Shelf:
    """Look at the store, at this computer and at what was measured. Reads the headers of files.

    How everything fits with ``context`` is computed here, so that the window finds it known.
    """
    store = language_models.store()
    speeds = settings.load().speeds
    found = Shelf(
        folder=store.folder,
        computer=computer.this(),
        installed=tuple(_installed(model, speeds.get(model.sha256)) for model in store.models()),
        broken=store.broken(),
        offers=tuple(
            entry for entry in catalog.load().entries if entry.purpose is Purpose.ANSWERS and not entry.shipped
        ),
    )
    everything: tuple[Installed | Entry, ...] = (*found.installed, *found.offers)
    for one in everything:
        found.fit(one, context=context)
        found.types(one)  # sizes are added up tensor by tensor, and remembered
    return found


def _installed(model: InstalledModel, speeds: Speeds | None) -> Installed:
    from app import model_work

    if not model.present:
        return Installed(model, None, ModelFileMissing(model.path), speeds)
    try:
        header = gguf_header.read(model.path)
    except ModelsError as error:
        return Installed(model, None, error, speeds)
    return Installed(model, header, None, speeds, model_work.certificate_of(model.path))

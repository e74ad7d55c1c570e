"""What the settings tell of this computer and of the model: cores, memory, and what a context costs. Knows no Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app import language_models
from app.settings import SMALLEST_CONTEXT
from models.errors import ModelsError

if TYPE_CHECKING:
    from app.language_models import Chosen
    from models.catalog import Entry
    from models.computer import Computer
    from models.fit import Fit
    from models.gguf_types import GgufHeader
    from models.records import InstalledModel

HUB = "huggingface.co"
"""Where the repositories of the catalogue are; only shown, never connected to from here."""

CONTEXTS = (1024, 2048, 4096, 8192, 16384, 32768, 65536, 131072)
"""Tokens that are offered: doubling is what a person can tell apart."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Bytes of memory: what a context takes, and all of the model with it. ``fits`` None: memory is unknown."""

    context: int
    cache: int
    total: int
    fits: bool | None


@dataclass(frozen=True, slots=True)
class EngineFacts:
    """``installed`` False: no model is there, the costs are those of the one that Offlite would recommend."""

    cores: int
    threads: int
    ram: int
    room: int
    model: str
    installed: bool
    costs: tuple[Cost, ...]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A model of the catalogue that fits, and where on the web a file lies that fits too; empty where none does."""

    name: str
    fit: Fit
    address: str = ""
    offered: str = ""
    """The type of that file, which need not be the best one."""


@dataclass(frozen=True, slots=True)
class Advice:
    """For a first run: ``chosen`` is the best model that is installed, ``suggested`` what else fits, best first."""

    ram: int
    cores: int
    slow: bool
    chosen: str
    fit: Fit | None
    suggested: tuple[Suggestion, ...]
    shipped: bool = False
    """Whether ``chosen`` is the small model that comes with the program."""


def engine(name: str) -> EngineFacts:
    """Return the facts for the model of a setting: its name, ``none``, or empty for the best. Reads a header.

    Without a model, those of the first of the catalogue.
    """
    from models import computer
    from models.fit import fit, reserve

    here = computer.this()
    shown, model = _model(name)
    usual = [fit(model, here, context=context) for context in CONTEXTS]
    # More than the model was trained for counts as that, so the last ones may be the same.
    distinct = {one.context: one for one in usual if one.context >= SMALLEST_CONTEXT}
    return EngineFacts(
        cores=here.cores,
        threads=here.threads,
        ram=here.ram,
        room=max(here.ram - reserve(here.ram), 0),
        model=shown,
        installed=usual[0].exact,
        costs=tuple(_cost(one, here) for one in distinct.values()),
    )


def advice() -> Advice:
    """Return which model fits this computer."""
    from models import catalog, computer
    from models.catalog import Purpose
    from models.fit import Verdict, fit

    here = computer.this()
    answering = [one for one in catalog.load().entries if one.purpose is Purpose.ANSWERS and one.runs_here]
    entries = [one for one in answering if not one.shipped]
    fits = [(entry, fit(entry, here)) for entry in entries]
    chosen, header = _installed("")
    return Advice(
        ram=here.ram,
        cores=here.cores,
        slow=bool(fits and fits[0][1].slow),
        chosen=chosen.name if chosen else "",
        fit=fit(header, here) if header is not None else None,
        suggested=tuple(
            Suggestion(entry.name, one, *_offered(entry, one.file_type, here))
            for entry, one in fits
            if one.verdict is not Verdict.TOO_LARGE
        ),
        shipped=chosen is not None and chosen.shipped,
    )


def model_record(name: str) -> InstalledModel | None:
    """Return what is remembered of the model of a setting; None where there is none, or it is only a file."""
    try:
        chosen = language_models.choose(name or None)
    except ModelsError:
        return None
    return chosen.installed if chosen is not None else None


def _model(name: str) -> tuple[str, GgufHeader | Entry]:
    chosen, header = _installed(name)
    if chosen is not None and header is not None:
        return chosen.name, header
    from models import catalog
    from models.catalog import Purpose

    first = next(one for one in catalog.load().entries if one.purpose is Purpose.ANSWERS and one.runs_here)
    return first.name, first


def _installed(name: str) -> tuple[Chosen | None, GgufHeader | None]:
    from models import gguf_header

    try:
        chosen = language_models.choose(name or None)
        return (chosen, gguf_header.read(chosen.path)) if chosen is not None else (None, None)
    except ModelsError:
        return None, None


def _cost(one: Fit, here: Computer) -> Cost:
    fits = one.needs.total <= one.room if here.ram else None
    return Cost(one.context, one.needs.cache + one.needs.compute, one.needs.total, fits)


def _offered(entry: Entry, best: str, here: Computer) -> tuple[str, str]:
    """Return where a GGUF of a model lies and its type: the best one, else the first that fits here."""
    from models.catalog import SourceKind
    from models.fit import Verdict, fit

    files = [one for one in entry.files if one.kind is SourceKind.GGUF and not one.gated and entry.size(one.type)]
    for one in sorted(files, key=lambda file: file.type != best):
        if fit(entry, here, file_type=one.type).verdict is not Verdict.TOO_LARGE:
            return f"{HUB}/{one.repository}", one.type
    return "", ""

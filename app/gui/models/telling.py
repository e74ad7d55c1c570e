"""What happens to models, in words: progress, results, failures, facts of a model and how it fits. No Qt.

Errors that the command line words with a command are worded anew here: in the window there is a button for it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from app.gui.models import errands
from app.gui.models.errands import Errand, Kind
from models.fit import Fit, Slow, Verdict

if TYPE_CHECKING:
    from app.gui.models.shelf import Installed, Shelf
    from app.gui.models.workbench import Ending
    from app.gui.words import Words
    from app.pulling import Wanted
    from app.wording import Wording
    from converter.certificate import Certificate
    from models.catalog import Entry, Source
    from models.installed import InstalledModel
    from models.runtime.events import Speeds

SEPARATOR = " · "

ERRORS = {
    "ModelNameTaken": "gui.models.error.name_taken",
    "NotAGguf": "gui.models.error.not_gguf",
    "ModelUnsupported": "gui.models.error.unsupported",
    "ModelChanged": "gui.models.error.changed",
    "ModelNotInstalled": "gui.models.error.not_installed",
    "HubSwitchedOff": "gui.models.error.switched_off",
    "HubUnreachable": "gui.models.error.unreachable",
    "DownloadCorrupt": "gui.models.error.corrupt",
    "DownloadSizeWrong": "gui.models.error.size_wrong",
    "SourceChanged": "gui.models.error.source_changed",
    "NotACheckpoint": "gui.models.error.not_checkpoint",
}
"""Class of an error -> what to say of it here."""


def error(words: Words, failure: BaseException) -> str:
    """Return what went wrong and what to do about it in the window."""
    key = ERRORS.get(type(failure).__name__)
    if key is None:
        return words.error(failure)
    path = getattr(failure, "path", None) or getattr(failure, "file", "")
    return words.say(
        key,
        name=getattr(failure, "name", ""),
        path=str(path.name if isinstance(path, Path) else path),
        detail=words.wording.detail(str(getattr(failure, "detail", ""))),
        variable=getattr(failure, "variable", ""),
        endpoint=getattr(failure, "endpoint", ""),
    )


def title(wording: Wording, errand: Errand) -> str:
    """Return what is being done: «Преобразую T-lite-it-1.0»."""
    return wording.say(f"gui.models.work.{errand.kind.value}", name=errand.subject)


def fraction(event: object | None) -> float | None:
    """Return how far work has come, 0 to 1; None where that cannot be told."""
    from converter.events import ConversionProgress
    from models.events import FileProgress
    from models.runtime.events import Loading

    match event:
        case FileProgress() | ConversionProgress() if event.bytes_total:
            return event.bytes_done / event.bytes_total
        case ConversionProgress() if event.total:
            return event.done / event.total
        case Loading(done=done) if done < 1:
            return done
    return None


def progress(wording: Wording, errand: Errand, event: object | None) -> str:
    """Return how far work has come, how fast it goes and how long it takes yet."""
    from converter.events import ConversionProgress
    from models.events import ConnectionLost, FileProgress
    from models.runtime.events import Loading

    match event:
        case ConnectionLost():
            time = wording.duration(event.seconds)
            return wording.say("pull.lost", detail=wording.detail(event.detail), time=time)
        case FileProgress():
            state = wording.say(
                f"models.work.{event.work.value}",
                name=event.name,
                done=wording.size(event.bytes_done),
                total=wording.size(event.bytes_total),
            )
            return state + _pace(wording, event.bytes_per_second, event.seconds_left)
        case ConversionProgress():
            state = wording.say(
                f"convert.stage.{event.stage.value}", done=event.done, total=event.total, name=event.name
            )
            return state + _pace(wording, event.bytes_per_second, event.seconds_left)
        case Loading(done=done) if done < 1:
            return wording.say("gui.models.loading", done=wording.percent(done))
    if errand.kind is Kind.MEASURE:
        return wording.say("gui.models.measuring")
    return wording.say("gui.models.preparing")


def ending(words: Words, end: Ending) -> str:
    """Return how an errand ended and what can be done now."""
    from models.events import FileDone, Installed
    from models.runtime.events import Speeds

    wording, errand = words.wording, end.errand
    if end.error is not None:
        return error(words, end.error)
    match end.result:
        case Installed(model=model, already=True):
            return wording.say("gui.models.done.already", name=model.name)
        case Installed(model=model):
            return wording.say(
                "gui.models.done.installed", name=model.name, type=model.file_type, size=wording.size(model.size)
            )
        case errands.Removed(model=model):
            key = "gui.models.done.removed_link" if model.linked else "gui.models.done.removed"
            return wording.say(key, name=model.name, size=wording.size(model.size), path=str(model.path))
        case FileDone(path=path) if errand.kind is Kind.SPLIT:
            return wording.say("gui.models.done.split", name=errand.subject, folder=str(path.parent))
        case FileDone(sha256=sha256):
            return wording.say("gui.models.done.verified", name=errand.subject, sum=sha256)
        case Speeds():
            return wording.say("gui.models.done.measured", name=errand.subject, speed=speed(wording, end.result))
    if errand.kind in errands.GO_ON:
        return wording.say("gui.models.stopped.goes_on", name=errand.subject)
    return wording.say("gui.models.stopped.nothing_changed", name=errand.subject)


def facts(wording: Wording, one: Installed) -> str:
    """Return the facts of an installed model in one line."""
    model = one.model
    parts = [wording.say("models.shipped")] if model.shipped else []
    parts += [wording.size(model.size), model.file_type, wording.billions(model.parameters)]
    if model.context:
        parts.append(wording.say("gui.models.trained_context", count=wording.count("token_of", model.context)))
    if model.kind != "model":
        parts.append(wording.say(f"models.kind.{model.kind.value}"))
    parts.append(model.licence or wording.say("models.licence_check"))
    return SEPARATOR.join(part for part in parts if part)


def offer_facts(wording: Wording, entry: Entry, found: Fit) -> str:
    """Return the facts of a model of the catalogue in one line."""
    parts = [entry.organisation, wording.billions(entry.parameters)]
    if size := entry.size(found.file_type):
        parts.append(wording.say("models.size_of_type", size=wording.size(size), type=found.file_type))
    parts.append(wording.say("models.licence_check") if entry.licence == "check" else entry.licence)
    return SEPARATOR.join(parts)


def verdict(wording: Wording, found: Fit) -> str:
    """Return how a model fits: «поместится: нужно 4,8 ГБ, контекст до 32 768»."""
    return wording.say(
        f"gui.models.verdict.{found.verdict.value}",
        needs=wording.size(found.needs.total),
        largest=found.largest_context,
        missing=wording.size(missing(found)),
    )


def missing(found: Fit) -> int:
    """Return the bytes of memory that a model needs beyond what there is for it; 0 where it fits."""
    return max(0, found.needs.total - found.room) if found.verdict is Verdict.TOO_LARGE else 0


def speed(wording: Wording, speeds: Speeds) -> str:
    """Return measured speeds: «читает 38 токенов в секунду, пишет 6,2»."""
    return wording.say(
        "gui.models.speed.measured",
        reading=wording.decimal(speeds.prefill_tokens_per_second, digits=0),
        writing=wording.decimal(speeds.decode_tokens_per_second),
    )


def expected(wording: Wording, shelf: Shelf, one: Installed | Entry, found: Fit) -> str:
    """Return how fast a model is, or should be; where nothing was measured yet, how to learn it."""
    speeds = getattr(one, "speeds", None)
    if speeds is not None:
        return speed(wording, speeds)
    known, rate = shelf.fastest, shelf.expected(found.needs.weights)
    if known is None or rate is None:
        return wording.say("gui.models.speed.unknown")
    return wording.say("gui.models.speed.expected", writing=_rate(wording, rate), name=known.model.name)


def about(wording: Wording, shelf: Shelf, found: Fit) -> str:
    """Return how fast a model should be, in a row among others; nothing where nothing was measured yet."""
    rate = shelf.expected(found.needs.weights)
    return "" if rate is None else wording.say("gui.models.speed.about", writing=_rate(wording, rate))


def slow(wording: Wording, shelf: Shelf, reasons: tuple[Slow, ...]) -> str:
    """Return why answers will be slow here, or nothing."""
    parts = []
    for reason in reasons:
        key = "gui.models.few_cores" if reason is Slow.FEW_CORES else f"fit.slow.{reason.value}"
        parts.append(wording.say(key, cores=wording.count("core", shelf.computer.cores)))
    return " ".join(parts)


def computer(wording: Wording, shelf: Shelf) -> str:
    """Return what this computer is: memory, cores, processor."""
    here = shelf.computer
    parts = [wording.say("gui.models.ram", size=wording.size(here.ram))] if here.ram else []
    parts += [wording.count("core", here.cores), " ".join(here.processor.split())]
    return SEPARATOR.join(part for part in parts if part)


def certificate(wording: Wording, model: InstalledModel, made: Certificate) -> tuple[tuple[str, str], ...]:
    """Return the lines of a certificate: what a line is about, and what it says."""
    say = wording.say
    rows = [
        (say("gui.models.certificate.source"), made.source),
        (say("gui.models.certificate.result"), f"{model.name} ({made.type}, {wording.size(made.size)})"),
        (say("gui.models.certificate.sum"), made.sha256),
        (
            say("gui.models.certificate.files"),
            say(
                "gui.models.certificate.files_of",
                files=wording.count("file", len(made.source_files)),
                size=wording.size(sum(file.size for file in made.source_files)),
            ),
        ),
        (say("gui.models.certificate.tensors"), wording.count("tensor", len(made.tensors))),
        (
            say("gui.models.certificate.probe"),
            say("gui.models.certificate.probe_equal") if made.probe == "equal" else made.probe,
        ),
        (say("gui.models.certificate.time"), wording.duration(made.seconds)),
        (say("gui.models.certificate.by"), f"Offlite {made.offlite}"),
    ]
    rows += [(say("gui.models.certificate.note"), wording.note(note)) for note in made.notes]
    if made.check is not None:
        rows.append((say("gui.models.certificate.check"), say(f"gui.models.certificate.{made.check.verdict.value}")))
    return tuple(rows)


def connection(wording: Wording, wanted: Wanted, *, endpoint: str, download: int) -> tuple[str, ...]:
    """Return what is to be said before the network is used: with whom, for what, how much."""
    lines = [
        wording.say("gui.models.connect.host", endpoint=endpoint, repository=wanted.source.repository),
        wording.say("gui.models.connect.size", download=wording.size(download), installed=wording.size(wanted.size)),
    ]
    if wanted.converts:
        lines.append(wording.say("pull.converts", type=wanted.type))
    if wanted.source.gated:
        lines.append(wording.say("gui.models.connect.gated"))
    lines.append(wording.say("gui.models.connect.private"))
    return tuple(lines)


def how_to_carry(wording: Wording, entry: Entry, source: Source) -> tuple[str, ...]:
    """Return how a model comes to a computer without a network, step by step."""
    facts = {
        "name": entry.name,
        "repository": source.repository,
        "file": source.pattern.replace("*", "…") or "*.safetensors",
        "size": wording.size(entry.size(source.type or "BF16")),
    }
    ready = bool(source.pattern)
    return (
        wording.say("gui.models.carry.file" if ready else "gui.models.carry.checkpoint", **facts),
        wording.say("gui.models.carry.stick"),
        wording.say("gui.models.carry.drop" if ready else "gui.models.carry.convert"),
    )


def plan(wording: Wording, looked: errands.Looked) -> tuple[str, ...]:
    """Return what the hub said would be downloaded."""
    found = looked.pull.plan
    lines = [
        wording.say(
            "pull.plan",
            repository=found.repository,
            revision=found.revision[:12],
            files=wording.count("file", len(found.files)),
            size=wording.size(found.total),
        )
    ]
    licence = " ".join((found.licence or "").split())
    lines.append(wording.say("pull.licence", licence=licence) if licence else wording.say("pull.licence_unstated"))
    return tuple(lines)


def _rate(wording: Wording, rate: float) -> str:
    return wording.decimal(rate, digits=1 if rate < 10 else 0)


def _pace(wording: Wording, rate: float, left: float | None) -> str:
    return (f"{SEPARATOR}{wording.rate(rate)}" if rate > 0 else "") + wording.left(left)

"""The state of the work on a base in words: what the panel says, how far the bar is, what can be pressed.

Knows no widgets; the page asks again after every change and in another language.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from app.gui.bases.base_work import Phase, WorkState
from app.gui.bases.errands import Kind
from app.gui.bases.known import KnownBase, Whose
from app.gui.bases.run_state import RunState, Stage
from app.gui.words import Words
from app.wording import Wording
from kb.errors import BaseDamaged, BaseNotFound
from kb.events import Finished
from kb.store.check import Checking, CheckReport
from kb.store.transfer import Copying


class Action(StrEnum):
    """What can be pressed; their words are in ``ACTIONS``."""

    PAUSE = "pause"
    RESUME = "resume"
    STOP = "stop"
    RETRY = "retry"
    CHECK = "check"
    REPAIR = "repair"
    FAILURES = "failures"
    CLOSE = "close"


ACTIONS = {
    Action.PAUSE: "gui.bases.action.pause",
    Action.RESUME: "gui.bases.action.resume",
    Action.STOP: "gui.bases.action.stop",
    Action.RETRY: "gui.bases.action.retry",
    Action.CHECK: "gui.bases.action.check",
    Action.REPAIR: "gui.bases.action.repair",
    Action.FAILURES: "gui.bases.action.failures",
    Action.CLOSE: "gui.bases.action.close",
}
_WORK = {
    Kind.ADD: "gui.bases.work.add",
    Kind.WATCH: "gui.bases.work.watch",
    Kind.CREATE: "gui.bases.work.create",
    Kind.REMOVE: "gui.bases.work.remove",
    Kind.CHECK: "gui.bases.work.check",
    Kind.REPAIR: "gui.bases.work.repair",
    Kind.EXPORT: "gui.bases.work.export",
    Kind.IMPORT: "gui.bases.work.import",
}
_FAILED = {
    Kind.ADD: "gui.bases.failed.add",
    Kind.WATCH: "gui.bases.failed.watch",
    Kind.CREATE: "gui.bases.failed.create",
    Kind.REMOVE: "gui.bases.failed.remove",
    Kind.CHECK: "gui.bases.failed.check",
    Kind.REPAIR: "gui.bases.failed.repair",
    Kind.EXPORT: "gui.bases.failed.export",
    Kind.IMPORT: "gui.bases.failed.import",
}


@dataclass(frozen=True, slots=True)
class Telling:
    """``share`` of the bar is 0 to 1, None without one. ``actions`` in the order of their buttons."""

    title: str
    detail: str = ""
    share: float | None = None
    warning: bool = False
    actions: tuple[Action, ...] = ()


def telling(state: WorkState, words: Words) -> Telling | None:
    """Return what to show of the work, None where there is nothing to be said."""
    say = words.say
    match state.phase:
        case Phase.WORKING:
            told = _working(state, words)
            if not state.waiting:
                return told
            return replace(told, detail=" · ".join(filter(None, (told.detail, _waiting(state, words)))))
        case Phase.PAUSING | Phase.STOPPING:
            return Telling(say("gui.bases.work.stopping"), share=_share(state))
        case Phase.PAUSED:
            title = say("gui.bases.work.paused", files=_files(state.run, words.wording)) if state.run else ""
            hint = say("gui.bases.work.paused_hint")
            return Telling(title or hint, hint if title else "", _share(state), actions=(Action.RESUME, Action.STOP))
        case Phase.WAITING:
            title, hint = say("gui.bases.work.waiting"), say("gui.bases.work.waiting_hint")
            return Telling(title, hint, actions=(Action.STOP,))
        case Phase.FAILED:
            return _failed(state, words)
    return _ended(state, words)


def name_of(base: KnownBase, words: Words) -> str:
    """Return what a base is called."""
    if base.whose is Whose.OTHER:
        return base.path.stem
    return words.say("gui.conversation.base.own" if base.whose is Whose.OWN else "gui.conversation.base.demo")


def facts_of(base: KnownBase, words: Words, *, documents: int | None, work: WorkState | None) -> str:
    """Return what the list says beside the name of a base."""
    say, wording = words.say, words.wording
    if not base.there:
        return say("gui.bases.missing")
    if work is not None and work.busy and work.run is not None and work.run.total:
        return say("gui.bases.reading_now", files=_files(work.run, wording))
    facts = [] if documents is None else [wording.count("document", documents)]
    return " · ".join([*facts, *([wording.size(base.size)] if base.size else [])])


def trouble(error: BaseException, words: Words) -> str:
    """Return what is wrong with a base and what to do about it in the window."""
    if isinstance(error, BaseNotFound):
        return words.say("gui.bases.gone", path=error.path)
    if isinstance(error, BaseDamaged):
        return words.say("gui.bases.damaged", detail=words.wording.detail(error.detail))
    return words.error(error)


def summary(finished: Finished, wording: Wording) -> str:
    """Return what a run changed: «3 документа добавлено, 1 документ удалён»."""
    counts = {
        "added": finished.added,
        "replaced": finished.replaced,
        "moved": finished.moved,
        "removed": finished.removed,
        "unchanged": finished.unchanged,
    }
    changes = [wording.count(f"document_{name}", count) for name, count in counts.items() if count]
    return ", ".join(changes) or wording.say("add.nothing")


def findings(report: CheckReport, wording: Wording) -> list[str]:
    """Return a sentence for each thing that a check found amiss."""
    said = [wording.say("check.damage", detail=wording.detail(detail)) for detail in report.damage[:3]]
    counted = {
        "check.lost_passages": report.lost_passages,
        "check.wrong_counts": report.wrong_counts,
        "check.wrong_words": report.wrong_forms + report.wrong_stems + report.wrong_terms,
        "check.stray_vectors": report.stray_vectors,
    }
    said += [wording.say(key, count=count) for key, count in counted.items() if count]
    flagged = {
        "check.index_damaged": report.index_damaged or report.spelling_wrong,
        "check.outdated": report.outdated,
        "check.purge_pending": report.purge_pending,
    }
    return said + [wording.say(key) for key, present in flagged.items() if present]


def _working(state: WorkState, words: Words) -> Telling:
    if state.kind is Kind.ADD:
        return _adding(state.run or RunState(), words)
    say, wording = words.say, words.wording
    title, detail = say(_WORK[state.kind or Kind.ADD]), ""
    match state.step:
        case Copying(done=done, total=total):
            detail = say("progress.copying", done=wording.size(done), total=wording.size(total))
        case Checking(stage=stage, done=done, total=total):
            detail = say(f"check.stage.{stage}")
            if total:
                detail = say("gui.bases.work.of", what=detail, done=done, total=total)
    stoppable = state.kind in (Kind.CHECK, Kind.REPAIR, Kind.EXPORT, Kind.IMPORT)
    return Telling(title, detail, _share(state), actions=(Action.STOP,) if stoppable else ())


def _adding(run: RunState, words: Words) -> Telling:
    say, wording = words.say, words.wording
    actions: tuple[Action, ...] = (Action.PAUSE, Action.STOP)
    detail = run.name
    match run.stage:
        case Stage.STARTING:
            title = say("gui.bases.work.starting")
        case Stage.COUNTING:
            title = say("progress.counting", files=wording.count("file", run.done))
        case Stage.READING:
            title = say("gui.bases.work.reading", files=_files(run, wording)) + wording.left(run.seconds_left)
            if run.passages:
                detail = " · ".join(filter(None, (wording.count("passage", run.passages), run.name)))
        case Stage.REBUILDING | Stage.EMBEDDING:
            key = "progress.rebuilding" if run.stage is Stage.REBUILDING else "progress.embedding"
            total = wording.count("passage_of", run.total)
            title = say(key, done=run.done, total=total) + wording.left(run.seconds_left)
        case Stage.PURGING | Stage.DONE:
            title = say("gui.bases.work.purging")
            actions = (Action.STOP,) if run.stage is Stage.PURGING else ()
    share = run.done / run.total if run.total else None
    return Telling(title, detail, share, actions=actions)


def _ended(state: WorkState, words: Words) -> Telling | None:
    """Say what the last task came to, until it is put away; while folders are watched, too."""
    say, wording = words.say, words.wording
    if isinstance(state.step, CheckReport):
        return _checked(state.step, words)
    finished = state.run.finished if state.run is not None else None
    if state.run is None or finished is None or state.kind is not Kind.ADD:
        return None
    key = "gui.bases.work.stopped" if finished.stopped else "gui.bases.work.done"
    lines = []
    if finished.skipped:
        lines.append(f"{wording.count('file_skipped', finished.skipped)}.")
    if finished.failed:
        lines.append(say("add.failures", files=wording.count("file", finished.failed)))
    if finished.purge_pending:
        lines.append(say("add.purge_pending"))
    return Telling(
        say(key, time=wording.duration(finished.seconds), changes=summary(finished, wording)),
        " ".join(lines),
        warning=bool(finished.failed),
        actions=(*((Action.FAILURES,) if finished.failed else ()), Action.CLOSE),
    )


def _checked(report: CheckReport, words: Words) -> Telling:
    say, wording = words.say, words.wording
    if report.stopped:
        return Telling(say("check.stopped"), actions=(Action.CLOSE,))
    detail = "\n".join(f"• {one}" for one in findings(report, wording))
    if report.salvaged is not None:
        saved = report.salvaged
        detail += "\n" + say(
            "gui.bases.work.salvaged",
            path=saved.path,
            documents=wording.count("document", saved.documents),
            passages=wording.count("passage", saved.passages),
        )
    if report.sound:
        key = "gui.bases.work.repaired" if report.repaired else "gui.bases.work.sound"
        return Telling(say(key), detail, actions=(Action.CLOSE,))
    tried = report.salvaged is not None
    title = say("gui.bases.work.not_repaired" if tried else "gui.bases.work.unsound")
    return Telling(title, detail, warning=True, actions=(Action.CLOSE,) if tried else (Action.REPAIR, Action.CLOSE))


def _failed(state: WorkState, words: Words) -> Telling:
    error = state.error or RuntimeError()
    title = words.say(_FAILED[state.kind or Kind.ADD])
    first = (Action.CHECK,) if isinstance(error, BaseDamaged) else (Action.RETRY,)
    return Telling(title, trouble(error, words), warning=True, actions=(*first, Action.CLOSE))


def _waiting(state: WorkState, words: Words) -> str:
    return words.say("gui.bases.work.in_line", count=state.waiting)


def _files(run: RunState | None, wording: Wording) -> str:
    if run is None:
        return ""
    return wording.say("progress.files", done=run.done, total=wording.count("file_of", run.total))


def _share(state: WorkState) -> float | None:
    match state.step if state.kind is not Kind.ADD else state.run:
        case RunState(done=done, total=total) | Copying(done=done, total=total) | Checking(done=done, total=total):
            return done / total if total else None
    return None

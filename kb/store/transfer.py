"""A whole base into one file, to be carried elsewhere, and such a file into a base that is known to be sound.

SQLite writes the copy anew (``VACUUM INTO``): it is consistent while others write, holds nothing of what was deleted,
needs no log beside it, and is encrypted with the passphrase of the base. Both ways the file is written under another
name beside its own and moved into place.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from kb.errors import BaseDamaged, BaseExists, BaseUnwritable
from kb.stopping import never
from kb.store import purge, schema
from kb.store.check import Checking, CheckReport, check
from kb.store.connection import connect_as_is, open_base, version_of
from kb.store.faults import translated
from kb.store.lock import WriterLock
from kb.store.opened import Connection, interruptible, size

TELL_SECONDS = 0.2
"""How often progress is told."""

NO_SPACE = "database or disk is full"
"""SQLite's own words for a full disk; told before the copying where it is plain that it will not fit."""


@dataclass(frozen=True, slots=True)
class Copying:
    """Bytes written, and about how many there will be."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Copied:
    """The copy is in place: its file, its bytes, and what it holds."""

    path: Path
    bytes: int
    documents: int
    passages: int


def export_base(
    connection: Connection, target: Path, *, replace: bool = False, stop: Callable[[], bool] = never
) -> Iterator[Copying | Copied]:
    """Write the base into the file ``target``; the last value is ``Copied``, unless ``stop`` ended it: nothing is left.

    Raises:
        BaseExists: something is at ``target`` (without ``replace``), or it is the base itself.
        BaseUnwritable: it cannot be written there.
        BaseDamaged, BaseBusy: as ``kb.store.faults.translated``.
    """
    _require_free(target, replace=replace and not _is_same(connection.path, target))
    with _part_of(target) as part:
        if (yield from _copied(connection, part, target, stop)):
            told = _told(connection, target, part)
            _move(part, target)
            yield told


def import_base(
    source: Path, target: Path, *, passphrase: str | None = None, stop: Callable[[], bool] = never
) -> Iterator[Copying | Checking | Copied]:
    """Make a new base ``target`` of the file ``source``, which is only read; the last value is ``Copied``.

    An older base is migrated, one whose words were analysed in an older way is indexed anew. Stopped, nothing is left.

    Raises:
        BaseNotFound, NotABase, WrongPassphrase, BaseTooNew: ``source`` is no base that can be opened here.
        BaseExists, BaseUnwritable: ``target`` is there, or cannot be written.
        BaseDamaged: what ``source`` holds does not fit together and cannot be made again from it.
    """
    with closing(connect_as_is(source, passphrase=passphrase)) as connection, WriterLock(target):
        _require_free(target, replace=False)
        with _part_of(target) as part:
            if not (yield from _copied(connection, part, target, stop)):
                return
            with closing(open_base(part, connection.key, writable=True)) as new:
                if not (yield from _made_sound(new, source, stop)):
                    return
                purge.truncate_log(new)
                told = _told(new, target, part)
            _move(part, target)
            yield told


def _made_sound(new: Connection, source: Path, stop: Callable[[], bool]) -> Generator[Checking, None, bool]:
    """Migrate and check a copy that nobody uses yet; return whether it was done to the end."""
    if version_of(new) < schema.VERSION:
        from kb.store import migrations

        with translated(source):
            migrations.apply(new)
    report = yield from _report(check(new, stop=stop))
    if report.needs_rebuild and not report.damage and not report.stopped:
        report = yield from _report(check(new, repair=True, stop=stop))
    if not report.sound and not report.stopped:
        if report.salvaged is not None:
            report.salvaged.path.unlink(missing_ok=True)  # the foreign file is still there for `kb check`
        raise BaseDamaged(source, "; ".join(report.damage) or "database disk image is malformed")
    return not report.stopped


def _report(events: Iterator[Checking | CheckReport]) -> Generator[Checking, None, CheckReport]:
    """Pass on how a check goes; return its report."""
    for event in events:
        if isinstance(event, CheckReport):
            return event
        yield event
    return CheckReport(stopped=True)


def _copied(
    connection: Connection, part: Path, target: Path, stop: Callable[[], bool]
) -> Generator[Copying, None, bool]:
    """Write the copy on a thread of its own and tell how it grows; return whether it was done to the end."""
    total = size(connection)
    if shutil.disk_usage(part.parent).free < total // 2:  # a copy may be smaller, but hardly by half
        raise BaseUnwritable(target, NO_SPACE)
    ended, abandoned = threading.Event(), threading.Event()
    outcome: list[bool | Exception] = []

    def write() -> None:
        try:
            outcome.append(_write(connection, part, lambda: abandoned.is_set() or stop()))
        except Exception as error:
            outcome.append(error)
        finally:
            ended.set()

    writer = threading.Thread(target=write, name="base copy")
    writer.start()
    try:
        while not ended.wait(TELL_SECONDS):
            yield Copying(min(_bytes(part), total), total)
    finally:
        abandoned.set()
        writer.join()
    if isinstance(outcome[0], BaseUnwritable):
        raise BaseUnwritable(target, outcome[0].detail)
    if isinstance(outcome[0], Exception):
        raise outcome[0]
    if outcome[0]:
        yield Copying(total, total)
    return outcome[0]


def _write(connection: Connection, part: Path, stop: Callable[[], bool]) -> bool:
    (read_only,) = connection.execute("PRAGMA query_only").fetchone()
    connection.execute("PRAGMA query_only = OFF")  # it keeps from writing any file, not this base alone
    try:
        with translated(connection.path):
            literal = "'" + str(part).replace("'", "''") + "'"
            return interruptible(connection, f"VACUUM INTO {literal}", stop) is not None
    except UnicodeEncodeError as error:
        raise BaseUnwritable(part, error.reason) from error
    finally:
        connection.execute(f"PRAGMA query_only = {read_only}")


def _require_free(target: Path, *, replace: bool) -> None:
    if target.is_dir() or (os.path.lexists(target) and not replace):
        raise BaseExists(target)
    if not target.absolute().parent.is_dir():
        raise BaseUnwritable(target, "No such file or directory")


@contextmanager
def _part_of(target: Path) -> Iterator[Path]:
    """Give the name of the unfinished file; whatever is left of it in the end goes."""
    part = target.absolute().with_name(f"{target.name}.{os.getpid()}.part")
    try:
        yield part
    finally:
        for suffix in ("", "-wal", "-shm", "-journal", ".lock"):
            with contextlib.suppress(OSError):
                part.with_name(part.name + suffix).unlink(missing_ok=True)


def _move(part: Path, target: Path) -> None:
    """Bring the file to the disk, then to its name: a stick is pulled out at once."""
    try:
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        part.replace(target)
    except OSError as error:
        raise BaseUnwritable(target, error.strerror or str(error)) from error


def _told(connection: Connection, target: Path, part: Path) -> Copied:
    with translated(connection.path):
        (documents,) = connection.execute("SELECT count(*) FROM document").fetchone()
        (passages,) = connection.execute("SELECT count(*) FROM passage").fetchone()
    return Copied(target, _bytes(part), int(documents), int(passages))


def _bytes(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _is_same(base: Path, target: Path) -> bool:
    try:
        return base.samefile(target)
    except OSError:
        return False

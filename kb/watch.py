"""Keeping up with folders: whenever something changes under them, the same indexing runs over what was touched.

The operating system tells of changes where it can (watchfiles); shares of other computers are looked at regularly. A
folder that vanishes is waited for: its documents stay, and are compared again when it is back.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING

from watchfiles import Change
from watchfiles import watch as watch_files

from kb import readers
from kb.discovery import is_hidden_name, mount_point
from kb.errors import BaseBusy
from kb.events import Finished, IngestEvent, Purging
from kb.extraction import Extractor
from kb.ingest import Extracts, ingest
from kb.stopping import never
from kb.store import purge
from kb.store.opened import Connection
from kb.store.pathtext import absolute

if TYPE_CHECKING:
    from kb.dense.embedder import Embedder

DEBOUNCE_MS = 1600
"""Changes are gathered for this long at most: an office program saves a file in several steps."""

QUIET_MS = 200
"""A pause this long ends the gathering."""

LOOK_MS = 100
"""How often ``stop`` and the folders themselves are looked at."""

POLL_MS = 5000
"""How often every file is looked at where the system does not tell of changes."""

PURGE_PAUSE = 20
"""Between two purges pass this many times as long as the first took: a twentieth of the time goes into them at most."""

_NETWORK = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "fuse.sshfs", "davfs", "vboxsf", "drvfs"})
"""File systems whose changes by other computers this one is not told of."""

_MOUNTS = Path("/proc/self/mounts")


def watch(
    connection: Connection,
    paths: Sequence[Path],
    *,
    stop: Callable[[], bool] = never,
    extractor: Extracts | None = None,
    embedder: Embedder | None = None,
) -> Iterator[IngestEvent]:
    """Index ``paths`` like ``kb.ingest.ingest``, then again whatever changes under them, until ``stop``.

    Every round ends with ``Finished``. A change made during a round is seen by the next. While another process is
    indexing into the base, rounds wait.

    Raises:
        BaseUnwritable, BaseDamaged, EmbedderMismatch, EmbedderUnavailable: as ``kb.ingest.ingest``.
    """
    roots = [absolute(path) for path in paths]
    with ExitStack() as stack:
        if extractor is None:
            extractor = stack.enter_context(Extractor())
        rounds = _Rounds(connection, roots, stop, extractor, embedder)
        while not stop():
            waiting = set(roots)
            standing = _standing(roots)
            with closing(_changes([root for root, identity in standing.items() if identity is not None])) as changes:
                for touched in changes:
                    if stop():
                        return
                    waiting |= touched
                    if waiting or rounds.purge_is_due():
                        done = yield from rounds.run(waiting)
                        waiting = set() if done else waiting
                    if not touched.isdisjoint(roots) or _standing(roots) != standing:
                        break  # a folder went or came: what is watched must be told anew


class _Rounds:
    """Runs of indexing, one after another; removed text is overwritten only if that was not done just before."""

    def __init__(
        self,
        connection: Connection,
        roots: list[Path],
        stop: Callable[[], bool],
        extractor: Extracts,
        embedder: Embedder | None,
    ) -> None:
        self._connection = connection
        self._roots = roots
        self._stop = stop
        self._extractor = extractor
        self._embedder = embedder
        self._purge_not_before = 0.0

    def purge_is_due(self) -> bool:
        return time.monotonic() >= self._purge_not_before and purge.pending(self._connection)

    def run(self, touched: set[Path]) -> Generator[IngestEvent, None, bool]:
        """Index ``touched``; return whether it was done: not while another process is indexing."""
        purging_since: float | None = None
        try:
            for event in ingest(
                self._connection,
                _outermost(touched),
                stop=self._stop,
                extractor=self._extractor,
                embedder=self._embedder,
                within=self._roots,
                purging=time.monotonic() >= self._purge_not_before,
            ):
                if isinstance(event, Purging):
                    purging_since = time.monotonic()
                elif isinstance(event, Finished) and purging_since is not None:
                    now = time.monotonic()
                    self._purge_not_before = now + PURGE_PAUSE * (now - purging_since)
                yield event
        except BaseBusy:
            return False
        return True


def _standing(roots: Sequence[Path]) -> dict[Path, tuple[int, int] | None]:
    """Return what stands at each root now: device and inode, ``None`` for nothing."""
    standing: dict[Path, tuple[int, int] | None] = {}
    for root in roots:
        try:
            status = root.stat()
        except OSError:
            standing[root] = None
        else:
            standing[root] = (status.st_dev, status.st_ino)
    return standing


def _changes(present: Sequence[Path]) -> Generator[set[Path], None, None]:
    """Yield the paths that changed, or an empty set when it is time to look around; the first set is always empty."""
    if not present:
        yield set()
        nothing = threading.Event()
        while True:
            nothing.wait(LOOK_MS / 1000)
            yield set()
    polling = any(_is_network(root) for root in present)
    try:
        yield from _told(present, polling=polling)
    except FileNotFoundError:
        return  # a folder went this very moment
    except (OSError, RuntimeError):  # watchfiles passes on what the system said in one or the other
        if polling:
            raise
        yield from _told(present, polling=True)  # the system's supply of watches is used up


def _told(present: Sequence[Path], *, polling: bool) -> Generator[set[Path], None, None]:
    told = watch_files(
        *present,
        watch_filter=None,
        debounce=DEBOUNCE_MS,
        step=QUIET_MS,
        rust_timeout=LOOK_MS,
        yield_on_timeout=True,
        force_polling=polling or None,
        poll_delay_ms=POLL_MS,
        ignore_permission_denied=True,
    )
    with closing(told):
        for changes in told:
            paths = {Path(path) for change, path in changes if change != Change.modified or not Path(path).is_dir()}
            yield {_to_examine(path, present) for path in paths if _matters(path, present)}


def _matters(path: Path, roots: Sequence[Path]) -> bool:
    """Return whether a change of ``path`` may change the base: neither hidden nor of an unknown format."""
    root = next((root for root in roots if root == path or root in path.parents), None)
    if root is None:
        return False
    if any(is_hidden_name(name) for name in path.relative_to(root).parts):
        return False
    return not path.is_file() or readers.supported(path)


def _to_examine(path: Path, roots: Sequence[Path]) -> Path:
    """Return what to index for a change of ``path``; for a link the whole root, which alone shows what it repeats."""
    if path.is_symlink():
        return next(root for root in roots if root == path or root in path.parents)
    return path


def _outermost(paths: set[Path]) -> list[Path]:
    """Leave out the paths that lie in another one of ``paths``."""
    return sorted(path for path in paths if not any(parent in paths for parent in path.parents))


def _is_network(root: Path) -> bool:
    try:
        lines = _MOUNTS.read_text(errors="surrogateescape").splitlines()
    except OSError:
        return False
    kinds = {fields[1]: fields[2] for line in lines if len(fields := line.split()) > 2}
    return kinds.get(str(mount_point(root))) in _NETWORK

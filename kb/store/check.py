"""Is a base what it should be? The file, the index, the word counts, the vectors; and mending what can be made again.

Passages and documents are the truth. Everything else follows from them and is made again where it does not fit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Literal

from kb.errors import BaseDamaged
from kb.language.spelling import keys
from kb.stopping import never
from kb.store import documents, purge
from kb.store.connection import load_vectors, open_base
from kb.store.faults import is_damage, said_by, translated
from kb.store.lock import WriterLock
from kb.store.opened import Connection, interruptible, transaction
from kb.store.rebuild import outdated, rebuild
from kb.store.salvage import Salvaged, salvage
from kb.store.vocabulary import index_words

if TYPE_CHECKING:
    from sqlite3 import DatabaseError
else:
    from sqlcipher3 import DatabaseError

Stage = Literal["file", "words", "vectors", "rebuild", "salvage"]

_PASSAGES_BETWEEN_TELLING = 1000

_EACH, _COMMON = 5, 200
"""One word in so many is searched for, if it stands in fewer passages than that: a page holds some hundred."""

_MASK = (1 << 64) - 1


@dataclass(frozen=True, slots=True)
class Checking:
    """A check is at work; ``total`` is 0 where it cannot be known."""

    stage: Stage
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What a check found. Numbers count what does not fit; ``damage`` is SQLite's or SQLCipher's own words.

    ``lost_passages`` stand in no document, ``wrong_counts`` are documents that hold another number of passages than
    they say. ``wrong_forms``, ``wrong_stems`` and ``wrong_terms`` (of the full-text index) differ from what the
    passages hold. ``repaired``: something did not fit and was made again; the numbers are those from before.
    ``salvaged``: what was wrong could not be made again, and what can be read was copied into a new base.
    ``stopped``: the caller asked to stop, and what follows the last stage was not looked at.
    """

    damage: tuple[str, ...] = ()
    lost_passages: int = 0
    wrong_counts: int = 0
    wrong_forms: int = 0
    wrong_stems: int = 0
    wrong_terms: int = 0
    spelling_wrong: bool = False
    stray_vectors: int = 0
    index_damaged: bool = False
    outdated: bool = False
    purge_pending: bool = False
    repaired: bool = False
    stopped: bool = False
    salvaged: Salvaged | None = None

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong (any more)."""
        return self.repaired or not (self.damage or self.needs_rebuild or self._rows_wrong)

    @property
    def needs_rebuild(self) -> bool:
        return bool(
            self.index_damaged
            or self.outdated
            or self.wrong_forms
            or self.wrong_stems
            or self.wrong_terms
            or self.spelling_wrong
        )

    @property
    def _rows_wrong(self) -> bool:
        return bool(self.lost_passages or self.wrong_counts or self.stray_vectors)


def check(
    connection: Connection, *, repair: bool = False, stop: Callable[[], bool] = never
) -> Iterator[Checking | CheckReport]:
    """Look at everything, and with ``repair`` make again what does not fit; the last value is the report.

    Where that cannot be, because documents or passages themselves are damaged, what can be read of them is copied into
    a new base beside this one (``kb.store.salvage``). A connection to an encrypted base that met damage reads nothing
    more: open the base again after a report of ``damage``.

    Raises:
        BaseBusy: with ``repair``, another run is writing.
        BaseUnwritable: as ``kb.store.faults.translated``.
    """
    report = yield from _inspected(connection, stop)
    if repair and not report.sound and not report.stopped:
        with WriterLock(connection.path), closing(_fresh(connection)) as fresh:
            yield from _mended(fresh, report, stop)
            with closing(_fresh(connection)) as fresher:
                after = yield from _inspected(fresher, stop)
            report = replace(report, repaired=after.sound, stopped=after.stopped)
            if not after.sound and not after.stopped:
                salvaged = yield from _salvaged(connection, stop)
                report = replace(report, salvaged=salvaged)
    yield report


def _fresh(connection: Connection) -> Connection:
    """Open the base once more: a connection that met damage may not be of use any more."""
    return open_base(connection.path, connection.key, writable=True)


def _inspected(connection: Connection, stop: Callable[[], bool]) -> Generator[Checking, None, CheckReport]:
    report = CheckReport()
    try:
        with translated(connection.path):
            yield Checking("file", 0, 0)
            report = replace(report, damage=_file_damage(connection, stop))
            report = replace(report, outdated=outdated(connection), purge_pending=purge.pending(connection))
            report = _rows(connection, report)
            expected = yield from _counted(connection, stop)
            report = _words(connection, report, expected)
            yield Checking("vectors", 0, 0)
            report = replace(report, stray_vectors=len(_stray_vectors(connection)))
    except _Stopped:
        return replace(report, stopped=True)
    except BaseDamaged as error:
        return replace(report, damage=(*report.damage, error.detail))
    return report


def _file_damage(connection: Connection, stop: Callable[[], bool]) -> tuple[str, ...]:
    """Return what SQLCipher and SQLite say of the pages and tables, the full-text index included."""
    if _has_table(connection, "vector_exact"):
        load_vectors(connection)  # or the check stumbles over the unknown kind of table
    said: list[str] = []
    for pragma in ("PRAGMA cipher_integrity_check", "PRAGMA integrity_check"):
        try:
            rows = interruptible(connection, pragma, stop)
        except (DatabaseError, MemoryError) as error:
            if not is_damage(error):
                raise
            rows = [(said_by(error),)]
        if rows is None:
            raise _Stopped
        said += [str(row[0]) for row in rows if row[0] != "ok"]
    return tuple(said)


class _Stopped(Exception):
    """The caller asked to stop."""


def _rows(connection: Connection, report: CheckReport) -> CheckReport:
    (lost,) = connection.execute(
        "SELECT count(*) FROM passage WHERE document_id NOT IN (SELECT id FROM document)"
    ).fetchone()
    (wrong,) = connection.execute(
        "SELECT count(*) FROM document WHERE passages <> (SELECT count(*) FROM passage WHERE document_id = document.id)"
    ).fetchone()
    return replace(report, lost_passages=lost, wrong_counts=wrong)


@dataclass(slots=True)
class _Expected:
    """What the passages hold: passages by form and by stem. The size of the vocabulary, not of the base."""

    forms: Counter[str]
    stems: Counter[str]


def _counted(connection: Connection, stop: Callable[[], bool]) -> Generator[Checking, None, _Expected]:
    """Count the words of every passage anew."""
    expected = _Expected(Counter(), Counter())
    (total,) = connection.execute("SELECT count(*) FROM passage").fetchone()
    for done, (title, heading, text) in enumerate(documents.texts(connection)):
        if done % _PASSAGES_BETWEEN_TELLING == 0:
            if stop():
                raise _Stopped
            yield Checking("words", done, total)
        indexed = index_words(title, heading, text)
        expected.forms.update(indexed.forms)
        expected.stems.update(indexed.stems)
    return expected


def _words(connection: Connection, report: CheckReport, expected: _Expected) -> CheckReport:
    """Hold vocabulary, spelling keys and full-text index against what the passages hold."""
    try:
        return replace(
            report,
            spelling_wrong=_spelling_wrong(connection),
            wrong_forms=_differing(connection.execute("SELECT form, passages FROM form"), expected.forms),
            wrong_terms=_differing(_terms(connection), Counter(expected.stems)) + _unfindable(connection),
            wrong_stems=_differing(connection.execute("SELECT stem, passages FROM stem"), expected.stems),
        )
    except (DatabaseError, MemoryError) as error:
        if not is_damage(error):
            raise
        return replace(report, damage=(*report.damage, said_by(error)), index_damaged=True)


def _differing(rows: Iterable[tuple[str, int]], expected: Counter[str]) -> int:
    """Return how many words have another count than ``expected``, which is used up."""
    wrong = 0
    for word, count in rows:
        wrong += expected.pop(word, 0) != count
    return wrong + len(expected)


def _terms(connection: Connection) -> Iterator[tuple[str, int]]:
    """Yield every term of the full-text index with the number of its rows."""
    with _term_table(connection):
        yield from connection.execute("SELECT term, doc FROM temp.passage_term")


def _unfindable(connection: Connection) -> int:
    """Return how many passages have no length in the full-text index, and how many words a search would not reach.

    Reading all terms in a row does not use the tree by which a search reaches a page of them. So some words of each
    page are searched for; common ones, which fill pages by themselves, are left out for the time they would take.
    """
    (lengths,) = connection.execute(
        "SELECT (SELECT count(*) FROM passage WHERE id NOT IN (SELECT id FROM passage_index_docsize)) + "
        "(SELECT count(*) FROM passage_index_docsize WHERE id NOT IN (SELECT id FROM passage))"
    ).fetchone()
    wrong = int(lengths)
    with _term_table(connection):
        rows = connection.execute("SELECT stem, passages FROM stem WHERE passages < ?", (_COMMON,))
        for stem, passages in islice(rows, 0, None, _EACH):
            found = connection.execute("SELECT doc FROM temp.passage_term WHERE term = ?", (stem,)).fetchone()
            wrong += found != (passages,)
    return wrong


@contextmanager
def _term_table(connection: Connection) -> Iterator[None]:
    """Have ``temp.passage_term`` show the full-text index; made in memory, for readers too."""
    (read_only,) = connection.execute("PRAGMA query_only").fetchone()
    connection.execute("PRAGMA query_only = OFF")
    try:
        connection.execute("CREATE VIRTUAL TABLE temp.passage_term USING fts5vocab(main, passage_index, row)")
        try:
            yield
        finally:
            connection.execute("DROP TABLE temp.passage_term")
    finally:
        connection.execute(f"PRAGMA query_only = {read_only}")


def _spelling_wrong(connection: Connection) -> bool:
    """Return whether the spelling keys are not exactly those of the forms: their sum and number are compared."""
    want = have = want_rows = have_rows = 0
    for identity, form in connection.execute("SELECT id, form FROM form"):
        for key in keys(form):
            want = (want + hash((key, identity))) & _MASK
            want_rows += 1
    for row in connection.execute("SELECT key, form_id FROM spelling"):
        have = (have + hash(row)) & _MASK
        have_rows += 1
    return (want, want_rows) != (have, have_rows)


def _stray_vectors(connection: Connection) -> list[int]:
    if connection.execute("SELECT 1 FROM setting WHERE name = 'embedder'").fetchone() is None:
        return []
    from kb.dense.vectors import VectorStore

    return VectorStore(connection).stray_ids()


def _has_table(connection: Connection, name: str) -> bool:
    return connection.execute("SELECT 1 FROM sqlite_schema WHERE name = ?", (name,)).fetchone() is not None


def _mended(connection: Connection, report: CheckReport, stop: Callable[[], bool]) -> Iterator[Checking]:
    """Make again what follows from documents and passages. What cannot be mended shows in the check after this one."""
    try:
        if report.damage:
            yield from _rebuilt(connection, damaged=True, stop=stop)
        with transaction(connection):
            connection.execute("DELETE FROM passage WHERE document_id NOT IN (SELECT id FROM document)")
            connection.execute(
                "UPDATE document SET passages = (SELECT count(*) FROM passage WHERE document_id = document.id)"
            )
        if stray := _stray_vectors(connection):
            from kb.dense.vectors import VectorStore

            VectorStore(connection).remove(stray)
        if not report.damage or report.lost_passages:
            yield from _rebuilt(connection, damaged=False, stop=stop)
        purge.purge(connection, stop=stop)
    except BaseDamaged:
        return


def _rebuilt(connection: Connection, *, damaged: bool, stop: Callable[[], bool]) -> Iterator[Checking]:
    for step in rebuild(connection, damaged=damaged, stop=stop):
        yield Checking("rebuild", step.passages_done, step.passages_total)


def _salvaged(connection: Connection, stop: Callable[[], bool]) -> Generator[Checking, None, Salvaged | None]:
    saved: Salvaged | None = None
    for step in salvage(connection, stop=stop):
        if isinstance(step, Salvaged):
            saved = step
        else:
            yield Checking("salvage", step.passages_done, step.passages_total)
    return saved

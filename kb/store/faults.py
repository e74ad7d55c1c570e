"""SQLite's errors into facts: the one place that knows SQLite's result codes.

Knows nothing of what was being done; whoever talks to a base does so inside ``translated``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from kb.errors import BaseBusy, BaseDamaged, BaseUnwritable, KnowledgeBaseError, NotABase

if TYPE_CHECKING:
    from sqlite3 import DatabaseError
else:
    from sqlcipher3 import DatabaseError

# Primary result codes, https://www.sqlite.org/rescode.html
BUSY = frozenset((5, 6))  # busy, locked
UNWRITABLE = frozenset((3, 8, 10, 13, 14, 22, 23))  # perm, readonly, ioerr, full, cantopen, nolfs, auth
DAMAGED = frozenset((11, 24))  # corrupt, format
NO_DATABASE = 26
_ERROR = 1

_OUT_OF_MEMORY = "out of memory"  # SQLite's own words for SQLITE_NOMEM; the driver's exception carries none


def result_code(error: DatabaseError) -> int:
    """Return SQLite's primary result code of ``error``; 0 where it carries none."""
    return (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF


def fact(error: DatabaseError, path: Path) -> KnowledgeBaseError | None:
    """Return the fact that ``error`` states about the base at ``path``; ``None`` where it is a mistake of ours."""
    code = result_code(error)
    if code in BUSY:
        return BaseBusy(path)
    if code in UNWRITABLE:
        return BaseUnwritable(path, str(error))
    if code in DAMAGED:
        return BaseDamaged(path, str(error))
    if code == NO_DATABASE:
        return NotABase(path)
    return None


def is_damage(error: DatabaseError | MemoryError) -> bool:
    """Return whether ``error`` says that what is stored makes no sense.

    FTS5 may report damage as a mere error, and asks for gigabytes where a length in a damaged block says so: 3 of 100
    indexes of random bytes end in SQLITE_NOMEM, which the driver raises as ``MemoryError``.
    """
    return isinstance(error, MemoryError) or result_code(error) in DAMAGED | {_ERROR}


def said_by(error: DatabaseError | MemoryError) -> str:
    """Return SQLite's own words for ``error``."""
    return str(error) or _OUT_OF_MEMORY


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn what SQLite raises inside into an error of ``kb.errors``; anything that is no such fact passes unchanged.

    Raises:
        BaseBusy: another process is writing.
        BaseUnwritable: no permission, a read-only medium, a full disk, an input/output error.
        BaseDamaged: SQLite met corruption, or lengths for which there is no memory (``is_damage``).
        NotABase: the file is no database, or the key does not open it.
    """
    try:
        yield
    except DatabaseError as error:
        found = fact(error, path)
        if found is None:
            raise
        raise found from error
    except MemoryError as error:
        raise BaseDamaged(path, said_by(error)) from error

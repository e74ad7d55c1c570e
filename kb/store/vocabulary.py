"""Words of passages and their exact counts: what a passage puts into the index, and how many passages hold a word.

Counts are gathered in memory during a transaction and written once at its end. A word whose count falls to nothing
leaves the file: it would be a trace of deleted text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from kb.language.lemmas import lemma
from kb.language.spelling import keys
from kb.language.words import Word, stem, words
from kb.store.opened import Connection

_AT_ONCE = 500
"""Words per statement; more gains nothing (SQLite allows 250,000 variables)."""


@dataclass(frozen=True, slots=True)
class IndexedWords:
    """What a passage puts into the index: two rows of stems, and its distinct words and stems."""

    heading: str
    body: str
    forms: set[str]
    stems: set[str]


@lru_cache(maxsize=1024)
def _heading_words(title: str, heading: tuple[str, ...]) -> tuple[Word, ...]:
    return tuple(words("\n".join((title, *heading))))


def index_words(title: str, heading: tuple[str, ...], text: str) -> IndexedWords:
    """Return what a passage with this document title, heading path and text puts into the index."""
    above = _heading_words(title, heading)
    within = words(text)
    heading_stems = [word.stem for word in above]
    body_stems = [word.stem for word in within]
    forms = {word.form for word in above}
    forms.update([word.form for word in within])
    return IndexedWords(" ".join(heading_stems), " ".join(body_stems), forms, {*heading_stems, *body_stems})


class Counts:
    """Changes to the counts of forms and stems, gathered until ``write``."""

    def __init__(self) -> None:
        self._forms: Counter[str] = Counter()
        self._stems: Counter[str] = Counter()

    def add(self, indexed: IndexedWords) -> None:
        self._forms.update(indexed.forms)
        self._stems.update(indexed.stems)

    def subtract(self, indexed: IndexedWords) -> None:
        self._forms.subtract(indexed.forms)
        self._stems.subtract(indexed.stems)

    def __len__(self) -> int:
        return len(self._forms)

    def write(self, connection: Connection) -> list[str]:
        """Write what was gathered and forget it; return the stems that no passage holds any more."""
        _write_forms(connection, {form: change for form, change in self._forms.items() if change})
        gone = _write_stems(connection, {form: change for form, change in self._stems.items() if change})
        self._forms.clear()
        self._stems.clear()
        return gone


def _write_forms(connection: Connection, changes: Mapping[str, int]) -> None:
    known = set(_known(connection, "SELECT form FROM form WHERE form IN", changes))
    new = [(form, stem(form), lemma(form), n) for form, n in sorted(changes.items()) if form not in known]
    connection.executemany("INSERT INTO form(form, stem, lemma, passages) VALUES (?, ?, ?, ?)", new)
    connection.executemany(
        "UPDATE form SET passages = passages + ? WHERE form = ?",
        [(n, form) for form, n in changes.items() if form in known],
    )
    _write_spelling(connection, [row[0] for row in new])
    fewer = [form for form, n in changes.items() if n < 0]
    gone = list(_known(connection, "SELECT id, form FROM form WHERE passages <= 0 AND form IN", fewer, columns=2))
    connection.executemany(
        "DELETE FROM spelling WHERE key = ? AND form_id = ?",
        [(key, identity) for identity, form in gone for key in keys(form)],
    )
    connection.executemany("DELETE FROM form WHERE id = ?", [(identity,) for identity, _ in gone])


def _write_spelling(connection: Connection, forms: Sequence[str]) -> None:
    identities = _known(connection, "SELECT id, form FROM form WHERE form IN", forms, columns=2)
    rows = sorted((key, identity) for identity, form in identities for key in keys(form))
    connection.executemany("INSERT INTO spelling(key, form_id) VALUES (?, ?)", rows)


def _write_stems(connection: Connection, changes: Mapping[str, int]) -> list[str]:
    connection.executemany(
        "INSERT INTO stem(stem, passages) VALUES (?, ?) "
        "ON CONFLICT(stem) DO UPDATE SET passages = passages + excluded.passages",
        sorted(changes.items()),
    )
    fewer = [stem for stem, n in changes.items() if n < 0]
    gone = list(_known(connection, "SELECT stem FROM stem WHERE passages <= 0 AND stem IN", fewer))
    connection.executemany("DELETE FROM stem WHERE stem = ?", [(stem,) for stem in gone])
    return gone


def _known(connection: Connection, query: str, values: Iterable[str], *, columns: int = 1) -> Iterator:  # type: ignore[type-arg]
    """Run ``query`` with a list of ``values`` behind it, some hundred at a time; single columns are unpacked."""
    rest = iter(values)
    while part := list(islice(rest, _AT_ONCE)):
        for row in connection.execute(f"{query} ({','.join('?' * len(part))})", part).fetchall():
            yield row[0] if columns == 1 else row

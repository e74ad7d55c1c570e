"""What a base knows about words: which stems share a dictionary form, how rare they are, what a typo may have meant.

Reads the tables ``form``, ``stem`` and ``spelling``. The base keeps the lemma of every form it holds, and a form it
does not hold borrows the commonest lemma of its stem; the dictionary is asked only about words that are strange in both
ways.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rapidfuzz.distance import OSA

from kb.language.lemmas import is_russian_word, lemma
from kb.language.spelling import SHORTEST, correctable, keys
from kb.language.synonyms import synonyms
from kb.language.words import stem

if TYPE_CHECKING:
    from sqlcipher3.dbapi2 import Connection

MOST_CORRECTIONS = 3
"""Words kept for one typo. With one letter wrong, «счет» and «счета» are equally likely; all of them are searched."""

SAME_BEGINNING = 3
"""Letters that a word must have right to be found by its stem: the middle and end of long words is where typos are."""

MOST_COMPARED = 5_000
"""Words whose stems are compared; of a vocabulary of half a million, fewer begin alike."""

MOST_STEMS = 12
"""Stems taken for one word. Beyond that the lemma is a homonym of everything."""


class Vocabulary:
    """The words of one base, through its connection. Keeps nothing: the tables are indexed."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def passage_count(self) -> int:
        """Return the number of passages, for weighting: the largest id, which is at once at hand."""
        row = self._connection.execute("SELECT max(id) FROM passage").fetchone()
        return int(row[0] or 0)

    def frequency(self, stem_: str) -> int:
        """Return in how many passages a stem stands; 0 when it is unknown."""
        row = self._connection.execute("SELECT passages FROM stem WHERE stem = ?", (stem_,)).fetchone()
        return int(row[0]) if row else 0

    def related(self, form: str) -> dict[str, int]:
        """Return the stems a folded word may stand under, with frequencies: its own, its lemma's, its synonyms'."""
        own = stem(form)
        found = {name: self.frequency(name) for name in (own, *synonyms(own))}
        known = self._lemma(form, own)
        if known is not None:
            found |= self._stems_of(known)
        return {name: count for name, count in found.items() if count}

    def meant(self, form: str) -> tuple[dict[str, int], str | None]:
        """Return the stems that a folded word may stand under, and the word it was taken for where it is mistyped.

        A word that is strange to the base but stands in the dictionary is no typo: only forms of it are looked for.
        """
        found = self.related(form)
        if found:
            return found, None
        if is_russian_word(form):
            return self._stems_of(lemma(form)), None
        candidates = self.corrections(form)
        for candidate in candidates:
            found |= self.related(candidate)
        return found, candidates[0] if candidates else None

    def _stems_of(self, lemma_: str) -> dict[str, int]:
        """Return the stems of all forms of a dictionary form that the base holds, with frequencies."""
        rows = self._connection.execute(
            "SELECT s.stem, s.passages FROM stem s JOIN (SELECT DISTINCT stem FROM form WHERE lemma = ? LIMIT ?) f "
            "ON f.stem = s.stem",
            (lemma_, MOST_STEMS),
        )
        return {str(name): int(count) for name, count in rows}

    def _lemma(self, form: str, own: str) -> str | None:
        row = self._connection.execute("SELECT lemma FROM form WHERE form = ?", (form,)).fetchone()
        if row is None:  # «идти» where only «шёл» stands: the word is a dictionary form itself
            row = self._connection.execute("SELECT lemma FROM form WHERE lemma = ? LIMIT 1", (form,)).fetchone()
        if row is None:
            row = self._connection.execute(
                "SELECT lemma FROM form WHERE stem = ? GROUP BY lemma ORDER BY sum(passages) DESC LIMIT 1", (own,)
            ).fetchone()
        return str(row[0]) if row else None

    def corrections(self, form: str) -> list[str]:
        """Return known words one typo away from an unknown ``form``, the most frequent first.

        A typo is one insertion, deletion, substitution or transposition (optimal string alignment distance 1). Where no
        form is so near, the base may hold the word in other forms only: then stems are compared.
        """
        if not correctable(form):
            return []
        near = [found for found in self._sharing_key(form) if OSA.distance(form, found[0], score_cutoff=1) <= 1]
        if not near:
            own = stem(form)
            near = [
                found
                for found in self._beginning_alike(form)
                if len(found[1]) >= SHORTEST and OSA.distance(own, found[1], score_cutoff=1) <= 1
            ]
        # Typists seldom miss the first letter (Kukich 1992, doi:10.1145/146370.146380).
        near.sort(key=lambda found: (found[0][0] != form[0], -found[2]))
        return [name for name, _, _ in near[:MOST_CORRECTIONS]]

    def _sharing_key(self, form: str) -> list[tuple[str, str, int]]:
        """Return form, stem and frequency of the words that share a deletion with ``form``."""
        wanted = keys(form)
        marks = ",".join("?" * len(wanted))
        rows: list[tuple[str, str, int]] = self._connection.execute(
            "SELECT DISTINCT f.form, f.stem, f.passages FROM spelling k JOIN form f ON f.id = k.form_id "
            f"WHERE k.key IN ({marks})",
            tuple(wanted),
        ).fetchall()
        return rows

    def _beginning_alike(self, form: str) -> list[tuple[str, str, int]]:
        """Return form, stem and frequency of the words that begin like ``form``."""
        head = form[:SAME_BEGINNING]
        rows: list[tuple[str, str, int]] = self._connection.execute(
            "SELECT form, stem, passages FROM form WHERE form >= ? AND form < ? ORDER BY form LIMIT ?",
            (head, head + "\U0010ffff", MOST_COMPARED),
        ).fetchall()
        return rows

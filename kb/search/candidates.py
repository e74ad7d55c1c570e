"""The passages worth a closer look, from the full-text index.

Always OR, never AND: one missing word must not lose the passage. Rare terms choose the candidates, since frequent ones make
long posting lists and say little; what is too frequent to be read alone is read where two of them meet. The choice is
by FTS5's BM25; everything finer is the business of ``kb.search.ranking``.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import TYPE_CHECKING

from kb.search.query import Term

if TYPE_CHECKING:
    from sqlcipher3.dbapi2 import Connection

MOST_CANDIDATES = 40
"""Passages that are looked at closely. Of 623 questions the right passage is among the first 30 for 99.4 %, among 100 for
99.7 %, while each costs about 0.15 ms (`make eval`, `make bench`)."""

POSTINGS = 20_000
"""Index entries read for one query at the most, as far as terms can be left out: about 20 ms (`make bench`)."""

HEADING_WEIGHT = 1.5
"""BM25's weight of the title and headings against the text."""

_SEARCH = (
    "SELECT rowid FROM passage_index WHERE passage_index MATCH ? "
    f"ORDER BY bm25(passage_index, {HEADING_WEIGHT}, 1.0) LIMIT ?"
)


def candidates(connection: Connection, terms: Sequence[Term], *, limit: int = MOST_CANDIDATES) -> list[int]:
    """Return the ids of the passages that match ``terms`` best, best first."""
    expression = match_expression(terms)
    if not expression:
        return []
    return [int(row[0]) for row in connection.execute(_SEARCH, (expression, limit))]


def match_expression(terms: Sequence[Term], *, postings: int = POSTINGS) -> str:
    """Return the FTS5 expression that reads the rarest of ``terms`` within a budget of index entries."""
    known = sorted((term for term in terms if term.passages), key=lambda term: term.passages)
    read = 0
    single: list[Term] = []
    for term in known:
        if single and read + term.passages > postings:
            break
        read += term.passages
        single.append(term)
    frequent = known[len(single) :]
    parts = [_group(term) for term in single]
    if read > postings and frequent:
        # Even the rarest is frequent: it is read only where another one stands beside it.
        frequent = known[:4]
        parts = []
    parts += [f"({_group(a)} AND {_group(b)})" for a, b in combinations(frequent[:4], 2)]
    return " OR ".join(parts)


def _group(term: Term) -> str:
    quoted = ['"' + stem.replace('"', '""') + '"' for stem in sorted(term.stems)]
    return quoted[0] if len(quoted) == 1 else "(" + " OR ".join(quoted) + ")"

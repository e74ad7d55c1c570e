"""The passages worth a closer look, from the full-text index.

Always OR, never AND: one missing word must not lose the passage. Rare terms choose the candidates, since frequent ones
make long posting lists and say little; what is too frequent to be read alone is read where two of them meet. The choice
is by FTS5's BM25; everything finer is the business of ``kb.search.ranking``.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import TYPE_CHECKING

from kb.search.query import Term

if TYPE_CHECKING:
    from sqlcipher3.dbapi2 import Connection

MOST_CANDIDATES = 40
"""Passages that are looked at closely. For 98.9 % of XQuAD-ru's 623 questions the right one is among them, for 98.6 %
among the first 20; looking at one takes about a quarter of a millisecond."""

POSTINGS = 10_000
"""Index entries of single terms that are read for one query: 1 % of the passages at a million. With as little as that
XQuAD-ru's recall@1 falls from .939 to .936, with 2 % not at all; scoring an entry takes about a microsecond."""

PAIR_POSTINGS = 5 * POSTINGS
"""Index entries of the rarer halves of pairs: two lists are merged about five times faster than one is scored."""

MOST_PAIRED = 4
"""Frequent terms that are paired."""

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


def match_expression(terms: Sequence[Term], *, postings: int = POSTINGS, pair_postings: int = PAIR_POSTINGS) -> str:
    """Return the FTS5 expression that reads ``terms`` within a budget of index entries.

    The rarest terms are read alone, more frequent ones where two of them stand together. Where even that is too much,
    the rarest three must stand together.
    """
    known = sorted((term for term in terms if term.passages), key=lambda term: term.passages)
    parts = []
    rest = list(known)
    while rest and rest[0].passages <= postings:
        postings -= rest[0].passages
        parts.append(_group(rest.pop(0)))
    for rarer, other in sorted(combinations(rest[:MOST_PAIRED], 2), key=lambda pair: pair[0].passages):
        if rarer.passages > pair_postings:
            break
        pair_postings -= rarer.passages
        parts.append(f"({_group(rarer)} AND {_group(other)})")
    return " OR ".join(parts) or " AND ".join(_group(term) for term in known[:3])


def _group(term: Term) -> str:
    quoted = ['"' + stem.replace('"', '""') + '"' for stem in sorted(term.stems)]
    return quoted[0] if len(quoted) == 1 else "(" + " OR ".join(quoted) + ")"

"""One-typo correction by symmetric deletes, kept inside the base.

The method is SymSpell's (W. Garbe, 2012, https://github.com/wolfgarbe/SymSpell): two words that differ by one
insertion, deletion, substitution or transposition share a string that is either word with at most one letter removed. A
base stores a 32-bit hash of each such string beside the word, so nothing is built when a question comes. Hashes
collide, so a candidate counts only after its true distance is computed.
"""

from __future__ import annotations

import zlib

SHORTEST = 4
"""Letters. A typo in a shorter word leaves too little to recognise it by."""

LONGEST = 30
"""Letters. Longer runs are identifiers, which are never corrected."""


def correctable(form: str) -> bool:
    """Return whether a folded word may be corrected or be a correction: letters only, neither short nor endless."""
    return SHORTEST <= len(form) <= LONGEST and form.isalpha()


def keys(form: str) -> set[int]:
    """Return the hashes of ``form`` and of ``form`` with any one letter removed; empty where not ``correctable``."""
    if not correctable(form):
        return set()
    variants = {form, *(form[:i] + form[i + 1 :] for i in range(len(form)))}
    return {zlib.crc32(variant.encode()) for variant in variants}

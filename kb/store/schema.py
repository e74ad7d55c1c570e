"""What marks a file as one of ours and how new it is, and the parts of the schema that can be made again.

Small on purpose: opening a base to read needs this and nothing of the migrations.
"""

from __future__ import annotations

APPLICATION_ID = 0x4F46_4C54
"""``OFLT``, in the header of every base (https://www.sqlite.org/pragma.html#pragma_application_id)."""

VERSION = 2
"""``PRAGMA user_version`` of a base that has every migration."""

CREATE_PASSAGE_DOCUMENT = "CREATE INDEX passage_document ON passage(document_id)"

CREATE_PASSAGE_INDEX = """
    CREATE VIRTUAL TABLE passage_index USING fts5(
        heading, body, content='', tokenize="ascii tokenchars '.-_/@:\\+#'"
    )
"""
"""Stems of a passage under the passage's id. The tokenizer only splits at spaces: words are found by ``kb.language``.

Contentless in the classic way, not with ``contentless_delete=1``: the latter marks deleted rows with tombstones and
leaves their words in the file until the whole index is merged, whatever ``secure-delete`` says (measured: 5 of 5
canaries left; classic with ``secure-delete``: none, at 1.5 ms for an article).
"""

PASSAGE_INDEX_SETTINGS = ("INSERT INTO passage_index(passage_index, rank) VALUES ('secure-delete', 1)",)

CREATE_VOCABULARY = (
    """
    CREATE TABLE form(
        id INTEGER PRIMARY KEY,
        form TEXT NOT NULL UNIQUE,
        stem TEXT NOT NULL,
        lemma TEXT NOT NULL,
        passages INTEGER NOT NULL
    )
    """,
    "CREATE INDEX form_stem ON form(stem)",
    "CREATE INDEX form_lemma ON form(lemma)",
    "CREATE TABLE stem(stem TEXT PRIMARY KEY, passages INTEGER NOT NULL) WITHOUT ROWID",
    """
    CREATE TABLE spelling(
        key INTEGER NOT NULL,
        form_id INTEGER NOT NULL,
        PRIMARY KEY (key, form_id)
    ) WITHOUT ROWID
    """,
)
"""The words of the base. ``passages`` counts the passages that contain a form or a stem in their heading or text."""

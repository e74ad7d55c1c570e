"""Rows of a base as values, and the JSON of their columns."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from kb.blocks import Segment, Sentence
from kb.errors import ReadError, read_error
from kb.places import Place, place_from_json, place_to_json
from kb.store.pathtext import to_path

State = Literal["ready", "failed"]


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What is known of a file without reading it as a document: size in bytes, mtime in ns, hash of its bytes.

    ``modified_ns`` is -1 where the time cannot be trusted to tell the next change; ``sha256`` is ``None`` where the
    file was not hashed.
    """

    path: Path
    size: int
    modified_ns: int
    sha256: str | None


@dataclass(frozen=True, slots=True)
class DocumentRecord:
    """A document of the base. ``path`` is text for people (see ``kb.store.pathtext``); ``size`` is in bytes.

    ``error`` says why a failed document has no passages; on a ready one, what could not be read of it this time.
    ``added_at`` is ISO 8601, UTC.
    """

    id: int
    path: str
    title: str
    format: str
    size: int
    modified_ns: int
    sha256: str | None
    state: State
    error: ReadError | None
    passages: int
    added_at: str


@dataclass(frozen=True, slots=True)
class StoredPassage:
    """A passage with the document it stands in; ``text[s.start:s.end]`` for each sentence ``s``."""

    id: int
    document_id: int
    document: str
    title: str
    position: int
    text: str
    heading: tuple[str, ...]
    place: Place
    sentences: tuple[Sentence, ...]
    overlap: int


@dataclass(frozen=True, slots=True)
class Statistics:
    """The size of a base: ``bytes`` of the documents' files, ``file_bytes`` of the base itself, ``words`` distinct."""

    documents: int
    failed: int
    passages: int
    bytes: int
    file_bytes: int
    words: int
    formats: tuple[tuple[str, int], ...]


def dump_place(place: Place) -> str:
    return json.dumps(place_to_json(place), ensure_ascii=False)


def load_place(text: str) -> Place:
    return place_from_json(json.loads(text))


def dump_sentences(segment: Segment) -> str:
    """Return sentences as ``[[start, end], [start, end, place], …]``; a place is named only where it changes."""
    latest = segment.place
    rows: list[list[object]] = []
    for sentence in segment.sentences:
        row: list[object] = [sentence.start, sentence.end]
        if sentence.place != latest:
            row.append(place_to_json(sentence.place))
            latest = sentence.place
        rows.append(row)
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":"))


def load_sentences(text: str, place: Place) -> tuple[Sentence, ...]:
    sentences = []
    for row in json.loads(text):
        if len(row) > 2:
            place = place_from_json(row[2])
        sentences.append(Sentence(row[0], row[1], place))
    return tuple(sentences)


def dump_error(error: ReadError, tried_by: str = "") -> str:
    """Return the JSON of ``reason``; ``tried_by`` marks what this computer could read when the document failed."""
    return json.dumps({"code": error.code, "facts": error.facts, "tried_by": tried_by}, ensure_ascii=False)


def load_error(text: str | None, path: str) -> tuple[ReadError | None, str]:
    """Return the error that ``dump_error`` wrote, and its mark."""
    if text is None:
        return None, ""
    value = json.loads(text)
    return read_error(value["code"], to_path(path), value["facts"]), value["tried_by"]


def document_from_row(row: Sequence[object]) -> DocumentRecord:
    """Build a record from the columns ``DOCUMENT_COLUMNS``."""
    (identity, path, title, kind, size, modified, sha256, state, reason, passages, added) = row
    error, _ = load_error(reason, path)  # type: ignore[arg-type]
    return DocumentRecord(identity, path, title, kind, size, modified, sha256, state, error, passages, added)  # type: ignore[arg-type]


DOCUMENT_COLUMNS = "id, path, title, format, size, modified_ns, sha256, state, reason, passages, added_at"

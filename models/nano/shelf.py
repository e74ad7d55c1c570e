"""The bank as it travels to the machine that trains: texts ready for a prompt, questions with their rivals.

A file of lines, gzipped, one passage each. Only the standard library.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

NAME = "shelf.jsonl.gz"

HELD_OUT = 40
"""One document of so many is never trained on; the validation's examples come from these."""


class Asked(NamedTuple):
    """A question of a passage."""

    text: str
    sentence: int
    """That answers it; -1: none in the whole document does."""
    kind: str
    end: int
    """Where in the sentence the very answer ends; 0: at its end."""
    answer: str
    """A short natural answer, or nothing."""
    rivals: tuple[tuple[int, int, int], ...]
    """Passages that a search brings and that do not answer, each with the sentence likest to the question and the
    share of the question's words, in hundredths, that the two have in common."""
    silent: bool
    """Whether the passage without this sentence does not answer either."""


@dataclass(frozen=True, slots=True)
class Shelved:
    """A passage, escaped, in NFC, without space at the ends of its sentences."""

    document: int
    origin: str
    title: str
    """The title and the last heading, as they stand over the passage."""
    heading: str
    """For reading the document as a whole."""
    sentences: tuple[str, ...]
    joints: tuple[str, ...]
    """What stands before each sentence: nothing, a space or a line's end."""
    questions: tuple[Asked, ...]

    @property
    def held_out(self) -> bool:
        """Whether its document is kept for validation."""
        return self.document % HELD_OUT == 0


def write(path: Path, passages: Iterable[Shelved]) -> None:
    """Write a shelf."""
    with path.open("wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", compresslevel=9, mtime=0) as file:
        for one in passages:
            lines = [at for at, joint in enumerate(one.joints) if joint == "\n"]
            asked = [list(question) for question in one.questions]
            entry = [one.document, one.origin, one.title, one.heading, one.sentences, lines, asked]
            file.write(json.dumps(entry, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")


def read(path: Path) -> list[Shelved]:
    """Return all passages; rivals are indexes into this list."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [_shelved(json.loads(line)) for line in lines]


def _shelved(entry: list[object]) -> Shelved:
    document, origin, title, heading, sentences, lines, asked = entry
    assert isinstance(sentences, list) and isinstance(lines, list) and isinstance(asked, list)
    joints = ["\n" if at in set(lines) else " " for at in range(len(sentences))]
    joints[0] = ""
    questions = tuple(
        Asked(text, at, kind, end, answer, tuple((at, best, share) for at, best, share in rivals), bool(silent))
        for text, at, kind, end, answer, rivals, silent in asked
    )
    assert isinstance(document, int)
    return Shelved(document, str(origin), str(title), str(heading), tuple(sentences), tuple(joints), questions)

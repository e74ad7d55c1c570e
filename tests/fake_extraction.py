"""An extractor for tests of the store: text files only, in this process, a passage per paragraph.

The first line that begins with ``# `` is the title. A file that begins with ``!`` and the name of an
error fails with it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields
from pathlib import Path

from kb.blocks import Segment, Sentence
from kb.errors import READ_ERRORS, ReadError, Unreadable
from kb.extraction import Extracted
from kb.places import Line
from kb.stopping import never

_SENTENCE = re.compile(r"\S.*?[.!?](?=\s|$)|\S.*$")


def nothing(_: Path) -> None:
    return None


class FakeExtractor:
    """Extracts at once and remembers in ``read`` which paths it was given; ``before`` is called ahead of each."""

    def __init__(self, before: Callable[[Path], None] = nothing) -> None:
        self.read: list[Path] = []
        self._before = before

    def extract(self, paths: Iterable[Path], *, stop: Callable[[], bool] = never) -> Iterator[Extracted | ReadError]:
        for path in paths:
            if stop():
                return
            self._before(path)
            self.read.append(path)
            yield _extracted(path)


def _extracted(path: Path) -> Extracted | ReadError:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        return Unreadable(path, str(error.strerror))
    if text.startswith("!"):
        return _asked_for(text[1:].split()[0], path)
    title = path.stem
    if text.startswith("# "):
        title, _, text = text.removeprefix("# ").partition("\n")
    paragraphs = [paragraph.strip() for paragraph in text.split("\n\n")]
    segments = tuple(segment(part, line=number) for number, part in enumerate(paragraphs, 1) if part)
    return Extracted(path, title, path.suffix.lstrip("."), segments)


def segment(text: str, *, line: int = 1, heading: tuple[str, ...] = ()) -> Segment:
    """Return a segment whose sentences all stand in ``line``."""
    sentences = tuple(Sentence(found.start(), found.end(), Line(line)) for found in _SENTENCE.finditer(text))
    return Segment(text, heading, Line(line), sentences)


def _asked_for(code: str, path: Path) -> ReadError:
    kind = READ_ERRORS[code]
    facts = {field.name: 1 if field.type == "int" else "some" for field in fields(kind) if field.name != "path"}
    return kind(path, **facts)

"""Checkpoints that are wrong in one way, and how every one of them has to be refused.

Material is the tiny checkpoint of ``checkpoint_material``; a change is a function that spoils a folder of it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import checkpoint_material
from command import Done

Offlite = Callable[..., Done]
Change = Callable[[Path], object]

_WRITTEN: dict[str, dict[str, bytes]] = {}
_ENGLISH = re.compile(r"\b[a-z]+ [a-z]+ [a-z]+\b")
"""Three words in a row are a sentence that nobody translated."""
LIBRARY = "библиотека tokenizers его не принимает"
"""Behind this stands what the library says, in its own words."""
LONGEST = 1000
"""Letters of an error: some lines of a terminal."""


def checkpoint(folder: Path, architecture: str = "qwen2", **options: Any) -> Path:
    """Write a sound checkpoint of 0.3 MB into ``folder``/model. One like another is only computed once."""
    written = folder / "model"
    wanted = repr((architecture, sorted(options.items())))
    if wanted not in _WRITTEN:
        checkpoint_material.write(written, architecture, **{"size": "odd", "layers": 1, **options})
        _WRITTEN[wanted] = {path.name: path.read_bytes() for path in written.iterdir()}
        return written
    written.mkdir(parents=True)
    for name, octets in _WRITTEN[wanted].items():
        (written / name).write_bytes(octets)
    return written


def refused(offlite: Offlite, source: Path, *fragments: str, options: tuple[object, ...] = ()) -> str:
    """Demand that ``source`` is refused with ``fragments`` in the message and that nothing is left. Return the message.

    The file would be ``source``/../made/out.gguf.
    """
    made = source.parent / "made"
    made.mkdir(exist_ok=True)
    message = complaint(offlite("convert", source, made / "out.gguf", *options), *fragments)
    assert not list(made.iterdir())
    return message


def complaint(done: Done, *fragments: str) -> str:
    """Demand an error in one clear Russian sentence or two with ``fragments`` in it; return it."""
    assert done.status == 1, done
    assert done.out == ""
    *notes, message = done.err.splitlines()
    assert message.startswith("offlite: ")
    assert not [note for note in notes if note.startswith("offlite: ")]
    assert "непредвиденная" not in message
    assert "Traceback" not in done.err
    assert not _ENGLISH.search(message.removeprefix("offlite: ").partition(LIBRARY)[0]), message
    assert len(message) < LONGEST
    assert message.endswith("."), message
    for fragment in fragments:
        assert fragment in message, message
    return message


def setting(**changes: object) -> Change:
    """Return a change of entries of config.json; those that are None are taken out."""
    return lambda folder: edit(folder / "config.json", lambda entries: _changed(entries, changes))


def edit(path: Path, change: Callable[[Any], object]) -> None:
    """Change a JSON file in place; a lone surrogate survives."""
    entries = json.loads(path.read_text("utf-8"))
    change(entries)
    path.write_text(json.dumps(entries), "utf-8")


def content(name: str, text: str | bytes) -> Change:
    """Return the change that puts ``text`` into the file ``name``."""
    octets = text.encode() if isinstance(text, str) else text
    return lambda folder: (folder / name).write_bytes(octets)


def without(*names: str) -> Change:
    """Return the change that takes files away."""
    return lambda folder: [(folder / name).unlink() for name in names]


def _changed(entries: dict[str, Any], changes: dict[str, object]) -> None:
    entries.update(changes)
    for name in [name for name, value in entries.items() if value is None]:
        del entries[name]

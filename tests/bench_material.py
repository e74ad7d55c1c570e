"""What tests of measuring share: the smallest extent, a base of a few short texts, a program that claims to be fast."""

from __future__ import annotations

import sys
from pathlib import Path

from app.bench.run import Extent
from kb.base import KnowledgeBase

SMALL = Extent(read=48, write=3, paces=1, waits=1, octets=1 << 16, side=16)

QUESTION = "Где стоит насос?"
TEXTS = tuple(
    f"# Насос номер {number}\n\nНасос номер {number} стоит в подвале дома {number}. Воду он берёт из колодца."
    for number in range(1, 8)
)

PROGRAM = """#!{python}
import sys
assert len(sys.argv) == 7, sys.argv
print("{ready}", flush=True)
for line in sys.stdin:
    read, write = map(int, line.split())
    print({answer}, flush=True)
"""


def write_base(path: Path) -> Path:
    """Write a base of seven documents, each of one passage."""
    folder = path.with_suffix(".files")
    folder.mkdir()
    for number, text in enumerate(TEXTS):
        (folder / f"{number}.md").write_text(text, "utf-8")
    with KnowledgeBase.create(path) as base:
        list(base.add([folder]))
    return path


def write_program(path: Path, *, ready: str = "ready", answer: str = "read / 100, write / 10") -> Path:
    """Write a comparator: by default one that reads 100 tokens a second and writes 10."""
    path.write_text(PROGRAM.format(python=sys.executable, ready=ready, answer=answer), "utf-8")
    path.chmod(0o755)
    return path

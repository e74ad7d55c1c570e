"""The command line with one more model in the catalogue: the tiny one on the hub of the tests.

``python tests/offering_tiny.py models pull tiny``; ``offered`` is the same catalogue for a test's own process.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from models import catalog
from models.catalog import Catalog, Source, SourceKind

REPOSITORY = "t-tech/Tiny-it-1.0"


def offered() -> Catalog:
    """Return the catalogue with Tiny-it-1.0 in it, of which the hub has a checkpoint alone."""
    known = catalog.load()
    tiny = replace(
        known.find("t-lite"), name="Tiny-it-1.0", aliases=("tiny",), files=(Source(SourceKind.CHECKPOINT, REPOSITORY),)
    )
    return Catalog((*known.entries, tiny))


if __name__ == "__main__":
    from app.cli import main

    with_tiny = offered()
    catalog.load = lambda *_: with_tiny  # type: ignore[assignment]
    sys.exit(main(sys.argv[1:]))

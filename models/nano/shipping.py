"""Put a model beside the program, with its record and certificate: where ``models.installed`` finds what is shipped.

``python -m models.nano.shipping MODEL.gguf``; the catalogue has to know the model already.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from models.events import Installed
from models.installed import Store
from models.records import SUFFIX, InstalledModel

WEIGHTS = Path(__file__).resolve().parents[1] / "weights"


def shipped(model: Path, folder: Path = WEIGHTS) -> InstalledModel:
    """Install ``model`` into ``folder``; of the times in its record, which say nothing elsewhere, none is kept.

    Raises:
        ModelsError: it cannot be run.
        ValueError: the catalogue does not know it.
    """
    with TemporaryDirectory() as beside:
        store = Store(Path(beside) / "store")
        *_, done = store.add(model)
        assert isinstance(done, Installed)
        if not done.model.catalog:
            raise ValueError(f"the catalogue does not know {done.model.name}")
        folder.mkdir(parents=True, exist_ok=True)
        for path in store.folder.iterdir():
            if path.name.startswith(f"{done.model.name}."):
                shutil.copyfile(path, folder / path.name)
    record = folder / (done.model.name + SUFFIX)
    document = json.loads(record.read_text("utf-8"))
    document["stamp"] |= {"mtime_ns": 0, "changed_ns": 0, "inode": 0}
    record.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return done.model


def main() -> None:
    """Ship and say what."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("--folder", type=Path, default=WEIGHTS)
    options = parser.parse_args()
    done = shipped(options.model, options.folder)
    sys.stdout.write(f"{done.name}: {done.size / 1e6:.1f} MB, {done.sha256}\n")


if __name__ == "__main__":
    main()

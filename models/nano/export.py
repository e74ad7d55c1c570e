"""From the parts of a checkpoint to a model that runs: a Hugging Face folder, then our own converter.

``python -m models.nano.export PARTS TOKENIZER FOLDER MODEL.gguf``: FOLDER is made, the
model is Q8_0. Needs no PyTorch.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from pathlib import Path

from converter.conversion import convert
from converter.events import Converted
from models.nano import checkpoint
from models.nano.shape import config

TYPE = "Q8_0"
TOKENIZER = ("tokenizer.json", "tokenizer_config.json", "generation_config.json")
SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")


def folder_of(parts: Path, tokenizer: Path, folder: Path, *, card: Path | None = None) -> Path:
    """Write the Hugging Face folder of the checkpoint in ``parts``, with the header of its card; return it.

    Raises:
        checkpoint.CheckpointDamaged: a part is missing or another one.
    """
    content, facts = checkpoint.read(parts)
    known = {str(entry["content"]): int(entry["id"]) for entry in _read(tokenizer / TOKENIZER[0])["added_tokens"]}
    beside = folder.with_name(folder.name + ".part")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    for name in TOKENIZER:
        shutil.copyfile(tokenizer / name, beside / name)
    described = config(facts.shape, tokens={text: known[text] for text in SPECIAL})
    (beside / "config.json").write_text(json.dumps(described, indent=2) + "\n", encoding="utf-8")
    (beside / "model.safetensors").write_bytes(content)
    if card is not None:
        header = card.read_text(encoding="utf-8").split("---\n")[1]
        (beside / "README.md").write_text(f"---\n{header}---\n", encoding="utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    return beside.rename(folder)


def converted(folder: Path, target: Path) -> Converted:
    """Convert ``folder`` into ``target``, which is replaced. Raises any ``ConverterError``."""
    target.unlink(missing_ok=True)
    for event in convert(folder, target, type=TYPE):
        if isinstance(event, Converted):
            return event
    raise RuntimeError("a conversion ended without saying how")


def _read(path: Path) -> dict[str, list[dict[str, str | int]]]:
    document: dict[str, list[dict[str, str | int]]] = json.loads(path.read_text("utf-8"))
    return document


def main() -> int:
    """Export and say what came out."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", type=Path)
    parser.add_argument("tokenizer", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("model", type=Path)
    parser.add_argument("--card", type=Path, help="the model's card, whose header states licence and language")
    options = parser.parse_args()
    done = converted(folder_of(options.parts, options.tokenizer, options.folder, card=options.card), options.model)
    sys.stdout.write(f"{done.target}: {done.certificate.size / 1e6:.1f} MB, {done.certificate.type}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

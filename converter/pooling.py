"""How an embedding model makes one vector of many: modules.json of sentence-transformers, as a key of the GGUF.

Only Qwen's models are read for it, as in the reference (``_try_set_pooling_type`` in conversion/base.py).
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from converter.errors import JsonBroken, SourceUnreadable
from converter.json_file import CONFIG_LIMIT, read_object
from converter.keyvalues import KeyValue, uint32

MODULES = "modules.json"

_ARCHITECTURES = ("qwen2", "qwen3")
_MEAN, _FIRST, _LAST = 1, 2, 3  # enum llama_pooling_type in llama.h
_FLAGS = {"pooling_mode_mean_tokens": _MEAN, "pooling_mode_cls_token": _FIRST, "pooling_mode_lasttoken": _LAST}
_MODES = {"mean": _MEAN, "cls": _FIRST, "lasttoken": _LAST}
_FOLDER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.\-]{0,100}")


def read(folder: Path, architecture: str) -> list[KeyValue]:
    """Return the key of the pooling, or none where the folder names no pooling. Raises ``JsonBroken``."""
    path = folder / MODULES
    if architecture not in _ARCHITECTURES or not path.is_file():
        return []
    place = next((module["path"] for module in _modules(path) if module["type"].endswith("Pooling")), None)
    if place is None:
        return []
    if not _FOLDER.fullmatch(place):
        raise JsonBroken(path, "names no folder beside it")
    return [uint32(f"{architecture}.pooling_type", _kind(folder / place / "config.json"))]


def _modules(path: Path) -> list[dict[str, Any]]:
    try:
        content = path.read_bytes()[: CONFIG_LIMIT + 1]
        modules = json.loads(content)
    except OSError as error:
        raise SourceUnreadable(path, error.strerror or "cannot be read") from error
    except (ValueError, RecursionError) as error:
        raise JsonBroken(path, "is not valid JSON") from error
    if not isinstance(modules, list) or not all(_is_module(module) for module in modules):
        raise JsonBroken(path, "is not a list of modules")
    return modules


def _is_module(module: object) -> bool:
    return isinstance(module, dict) and all(isinstance(module.get(name), str) for name in ("type", "path"))


def _kind(path: Path) -> int:
    entries = read_object(path)
    for flag, kind in _FLAGS.items():
        if entries.get(flag) is True:
            return kind
    mode = entries.get("pooling_mode")
    if not isinstance(mode, str) or mode not in _MODES:
        raise JsonBroken(path, "names no pooling that GGUF knows")
    return _MODES[mode]

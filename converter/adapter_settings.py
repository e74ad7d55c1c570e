"""What adapter_config.json of a PEFT adapter says, and whether a GGUF adapter can say the same.

A GGUF adapter is pairs of matrices and one number, alpha: llama.cpp adds ``alpha / rank * B @ A`` to a weight. Whatever
PEFT does beyond that (its ``LoraConfig``) is refused here rather than left out in silence.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from converter.errors import AdapterBroken, AdapterUnsupported
from converter.json_file import read_object

CONFIG = "adapter_config.json"

RANK_LIMIT = 2**16

_BEYOND = {
    "use_dora": "DoRA cannot be represented in GGUF",
    "rank_pattern": "modules of different rank cannot be represented in GGUF",
    "alpha_pattern": "modules of different alpha cannot be represented in GGUF",
    "modules_to_save": "modules trained as a whole cannot be represented in GGUF",
    "trainable_token_indices": "modules trained as a whole cannot be represented in GGUF",
    "lora_bias": "trained biases cannot be represented in GGUF",
    "fan_in_fan_out": "transposed weights cannot be represented in GGUF",
    "layer_replication": "repeated layers cannot be represented in GGUF",
    "target_parameters": "a target that is no linear layer",
    "use_qalora": "QALoRA cannot be represented in GGUF",
    "use_bdlora": "BD-LoRA cannot be represented in GGUF",
    "arrow_config": "Arrow cannot be represented in GGUF",
    "alora_invocation_tokens": "activated LoRA cannot be represented in GGUF",
    "invocation_string": "activated LoRA cannot be represented in GGUF",
}
"""Entries that must be empty or false."""

_CHANGES_BASE = ("pissa", "olora", "corda", "loftq", "lora_ga")
"""Beginnings of ``init_lora_weights`` with which PEFT subtracts the adapter's first state from the base model."""


@dataclass(frozen=True, slots=True)
class AdapterSettings:
    """``rank`` of every pair; ``alpha`` as llama.cpp is to divide it by the rank; the base model's name, or ""."""

    rank: int
    alpha: float
    base_model: str


def read(folder: Path) -> AdapterSettings:
    """Return the settings of the adapter in ``folder``.

    Raises ``AdapterUnsupported``, ``AdapterBroken``, ``JsonBroken`` and ``SourceUnreadable``.
    """
    path = folder / CONFIG
    config = read_object(path)
    _refuse_what_is_beyond(path, config)
    rank = config.get("r")
    if type(rank) is not int or not 0 < rank <= RANK_LIMIT:
        raise AdapterBroken(path, "is not a positive whole number", "r")
    alpha = config.get("lora_alpha")
    if isinstance(alpha, bool) or not isinstance(alpha, int | float) or not 0 < alpha < 1e30:
        raise AdapterBroken(path, "is not a positive number", "lora_alpha")
    base = config.get("base_model_name_or_path")
    # Rank-stabilised LoRA divides by the root of the rank: what llama.cpp divides by the rank has to hold the rest.
    scaled = float(alpha) * math.sqrt(rank) if config.get("use_rslora") else float(alpha)
    return AdapterSettings(rank, scaled, base if isinstance(base, str) else "")


def _refuse_what_is_beyond(path: Path, config: Mapping[str, Any]) -> None:
    if config.get("peft_type") != "LORA":
        raise AdapterUnsupported(path, "is not LoRA", f"peft_type: {config.get('peft_type')}")
    if config.get("bias", "none") != "none":
        raise AdapterUnsupported(path, "trained biases cannot be represented in GGUF", f"bias: {config['bias']}")
    for entry, detail in _BEYOND.items():
        if config.get(entry):
            raise AdapterUnsupported(path, detail, entry)
    start = config.get("init_lora_weights", True)
    if isinstance(start, str) and start.lower().startswith(_CHANGES_BASE):
        raise AdapterUnsupported(path, "it belongs to a changed base model", f"init_lora_weights: {start}")

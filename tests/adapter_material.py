"""Small LoRA adapters as PEFT lays them out, for the checkpoints of ``checkpoint_material``.

Their weights come from whole numbers, so that they are the same everywhere: what llama.cpp's converter once made of
them is known by its SHA-256.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import checkpoint_material as material
import numpy as np
from numpy.typing import NDArray

from converter import architectures
from converter.adapter import convert_adapter
from converter.events import Converted

ATTENTION = ("q_proj", "k_proj", "v_proj", "o_proj")
ALL = (*ATTENTION, "gate_proj", "up_proj", "down_proj")
FUSED = ("qkv_proj", "o_proj", "gate_up_proj", "down_proj")
"""The linear layers of Phi 3."""


def settings(rank: int = 32, alpha: float = 64, **changes: object) -> dict[str, Any]:
    """Return an adapter_config.json as PEFT writes it; ``changes`` replace entries."""
    entries: dict[str, Any] = {
        "alpha_pattern": {},
        "auto_mapping": None,
        "base_model_name_or_path": "someone/some-model",
        "bias": "none",
        "corda_config": None,
        "eva_config": None,
        "exclude_modules": None,
        "fan_in_fan_out": False,
        "inference_mode": True,
        "init_lora_weights": True,
        "layer_replication": None,
        "layers_pattern": None,
        "layers_to_transform": None,
        "loftq_config": {},
        "lora_alpha": alpha,
        "lora_bias": False,
        "lora_dropout": 0.05,
        "megatron_config": None,
        "megatron_core": "megatron.core",
        "modules_to_save": None,
        "peft_type": "LORA",
        "r": rank,
        "rank_pattern": {},
        "revision": None,
        "target_modules": list(ATTENTION),
        "task_type": "CAUSAL_LM",
        "trainable_token_indices": None,
        "use_dora": False,
        "use_rslora": False,
    }
    return {**entries, **changes}


def weights(
    config: Mapping[str, object],
    *,
    rank: int = 32,
    modules: Sequence[str] = ATTENTION,
    dtype: str = "F32",
    seed: int = 5,
) -> dict[str, tuple[str, NDArray[Any]]]:
    """Return the pairs for every weight of ``config`` whose name has one of ``modules`` in it, sorted by name."""
    tensors: dict[str, tuple[str, NDArray[Any]]] = {}
    for tensor in architectures.of(config).tensors:
        module = tensor.source.removesuffix(".weight")
        if len(tensor.shape) != 2 or module.split(".")[-1] not in modules:
            continue
        rows, columns = tensor.shape
        for part, shape in (("lora_A", (rank, columns)), ("lora_B", (rows, rank))):
            numbers = len(tensors) + seed + np.arange(shape[0] * shape[1])
            values = ((numbers * numbers * 31 + numbers * 17) % 1009 - 504).reshape(shape) / 8192
            tensors[f"base_model.model.{module}.{part}.weight"] = (dtype, material.stored(values, dtype))
    return dict(sorted(tensors.items()))


def write(folder: Path, tensors: material.Weights, entries: Mapping[str, object]) -> Path:
    """Write an adapter into ``folder``, which is made, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    material.write_json(folder / "adapter_config.json", dict(entries))
    material.write_safetensors(folder / "adapter_model.safetensors", tensors)
    return folder


def adapter(
    folder: Path,
    architecture: str = "qwen2",
    *,
    rank: int = 32,
    modules: Sequence[str] = ATTENTION,
    dtype: str = "F32",
    pairs: material.Weights | None = None,
    **changes: object,
) -> Path:
    """Write an adapter with a card into ``folder``/some-7B-lora; ``changes`` are entries of its configuration."""
    config = material.config(architecture)
    tensors = pairs if pairs is not None else weights(config, rank=rank, modules=modules, dtype=dtype)
    written = write(folder / "some-7B-lora", tensors, settings(rank, 2 * rank, **changes))
    card = (
        "---\nbase_model: t-tech/T-lite-it-1.0\nlicense: apache-2.0\nlanguage:\n- ru\ntags:\n- lora\n---\n# Адаптер\n"
    )
    (written / "README.md").write_text(card, encoding="utf-8")
    return written


def usual() -> dict[str, tuple[str, NDArray[Any]]]:
    """Return the pairs that ``adapter`` writes for the checkpoint of Qwen 2."""
    return weights(material.config("qwen2"))


def made(source: Path, target: Path, **options: Any) -> Path:
    """Convert ``source`` and return ``target``."""
    events = list(convert_adapter(source, target, **options))
    assert isinstance(events[-1], Converted)
    return target


def left(folder: Path) -> list[str]:
    """Return what a conversion to ``out.gguf`` left in ``folder``."""
    return sorted(path.name for path in folder.iterdir() if path.name.startswith("out"))

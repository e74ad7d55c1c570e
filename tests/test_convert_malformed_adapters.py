"""Adapters that a GGUF cannot hold, and broken ones, by the command line."""

from __future__ import annotations

import json
from pathlib import Path

import adapter_material
import checkpoint_material
import numpy as np
import pytest
from malformed_material import Change, Offlite, checkpoint, content, edit, refused, without

pytestmark = pytest.mark.usefixtures("russian")

CONFIG, WEIGHTS = "adapter_config.json", "adapter_model.safetensors"
PREFIX = "base_model.model.model.layers.0.self_attn.q_proj"
A, B = f"{PREFIX}.lora_A.weight", f"{PREFIX}.lora_B.weight"

Pairs = dict[str, tuple[str, np.ndarray]]


def adapter(folder: Path, base: Path, *, pairs: Pairs | None = None) -> Path:
    config = json.loads((base / "config.json").read_text("utf-8"))
    tensors = adapter_material.weights(config, rank=4) if pairs is None else pairs
    return adapter_material.write(folder / "lora", tensors, adapter_material.settings(rank=4, alpha=8))


def usual(base: Path) -> Pairs:
    return adapter_material.weights(json.loads((base / "config.json").read_text("utf-8")), rank=4)


def setting(**changes: object) -> Change:
    return lambda folder: edit(folder / CONFIG, lambda entries: entries.update(changes))


@pytest.mark.parametrize(
    ("spoil", "fragments"),
    [
        (setting(peft_type="LOHA"), ("это не LoRA (peft_type: LOHA)",)),
        (setting(peft_type=None), ("это не LoRA (peft_type: None)",)),
        (setting(use_dora=True), ("DoRA в GGUF не записать (use_dora)",)),
        (setting(rank_pattern={"q_proj": 8}), ("у модулей разный ранг, в GGUF так нельзя (rank_pattern)",)),
        (setting(alpha_pattern={"q_proj": 8}), ("у модулей разный alpha, в GGUF так нельзя (alpha_pattern)",)),
        (setting(modules_to_save=["lm_head"]), ("часть модулей обучена целиком", "(modules_to_save)")),
        (setting(trainable_token_indices=[1]), ("часть модулей обучена целиком", "(trainable_token_indices)")),
        (setting(bias="all"), ("обучены смещения, в GGUF так нельзя (bias: all)",)),
        (setting(bias="lora_only"), ("обучены смещения, в GGUF так нельзя (bias: lora_only)",)),
        (setting(lora_bias=True), ("обучены смещения", "(lora_bias)")),
        (setting(fan_in_fan_out=True), ("веса транспонированы", "(fan_in_fan_out)")),
        (setting(layer_replication=[[0, 1], [0, 1]]), ("слои повторены", "(layer_replication)")),
        (setting(init_lora_weights="pissa"), ("изменённой базовой модели", "(init_lora_weights: pissa)")),
        (setting(invocation_string="go"), ("aLoRA", "(invocation_string)")),
        (setting(r=0), ("не целое положительное число (r)",)),
        (setting(r=4.0), ("не целое положительное число (r)",)),
        (setting(r=True), ("не целое положительное число (r)",)),
        (setting(r=None), ("не целое положительное число (r)",)),
        (setting(lora_alpha="16"), ("не положительное число (lora_alpha)",)),
        (setting(lora_alpha=-1), ("не положительное число (lora_alpha)",)),
        (content(CONFIG, "{"), ("это не JSON",)),
        (content(CONFIG, '{"r": NaN}'), ("NaN или бесконечность вместо числа",)),
        (content(CONFIG, "[]"), ("должен быть объект",)),
    ],
)
def test_settings_that_gguf_cannot_say(
    tmp_path: Path, offlite: Offlite, spoil: Change, fragments: tuple[str, ...]
) -> None:
    base = checkpoint(tmp_path)
    source = adapter(tmp_path, base)
    spoil(source)
    refused(offlite, source, CONFIG, *fragments, options=("--base", base))


def added(name: str, *shape: int, dtype: str = "F32") -> dict[str, tuple[str, np.ndarray]]:
    return {name: (dtype, np.zeros(shape, "<f4"))}


@pytest.mark.parametrize(
    ("change", "fragments"),
    [
        (lambda pairs: pairs.clear(), ("в нём нет весов",)),
        (lambda pairs: pairs.pop(A), ("lora_A без lora_B или наоборот", "q_proj.weight")),
        (lambda pairs: pairs.pop(B), ("lora_A без lora_B или наоборот", "q_proj.weight")),
        (lambda pairs: pairs.update(added(A, 8, 96)), (A, "8 × 96", "4 × 96")),
        (lambda pairs: pairs.update(added(A, 4, 95)), (A, "4 × 95", "4 × 96")),
        (lambda pairs: pairs.update(added(B, 4, 96)), (B, "4 × 96", "96 × 4")),
        (lambda pairs: pairs.update({A: ("I32", np.zeros((4, 96), "<i4"))}), (A, "в виде I32")),
        (lambda pairs: pairs.update({A: ("F64", np.zeros((4, 96), "<f8"))}), (A, "в виде F64")),
        (lambda pairs: pairs.update(added(f"{PREFIX}.bias", 96)), ("обучены смещения", "q_proj.bias")),
        (
            lambda pairs: pairs.update(added(f"{PREFIX}.lora_magnitude_vector", 96)),
            ("DoRA в GGUF не записать", "lora_magnitude_vector"),
        ),
        (
            lambda pairs: pairs.update(added("base_model.model.model.embed_tokens.lora_embedding_A", 4, 320)),
            ("обучены эмбеддинги", "lora_embedding_A"),
        ),
        (
            lambda pairs: pairs.update(added("base_model.model.model.layers.7.self_attn.q_proj.lora_A.weight", 4, 96)),
            ("такой части нет в базовой модели", "model.layers.7"),
        ),
        (lambda pairs: pairs.update(added("lm_head.weight", 320, 96)), ("не lora_A и не lora_B", "lm_head.weight")),
    ],
)
def test_weights_that_do_not_belong_to_the_model(
    tmp_path: Path, offlite: Offlite, change, fragments: tuple[str, ...]
) -> None:
    base = checkpoint(tmp_path)
    pairs = usual(base)
    change(pairs)
    refused(offlite, adapter(tmp_path, base, pairs=pairs), *fragments, options=("--base", base))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_an_adapter_with_what_is_no_number(tmp_path: Path, offlite: Offlite, value: float) -> None:
    base = checkpoint(tmp_path)
    pairs = usual(base)
    pairs[B][1][17, 3] = value
    refused(offlite, adapter(tmp_path, base, pairs=pairs), f"В тензоре {B}, строка 17,", options=("--base", base))


def test_a_number_that_f16_cannot_hold(tmp_path: Path, offlite: Offlite) -> None:
    base = checkpoint(tmp_path)
    pairs = usual(base)
    pairs[B][1][0, 0] = 1e6
    refused(offlite, adapter(tmp_path, base, pairs=pairs), "слишком велико", B, options=("--base", base))


@pytest.mark.parametrize(
    ("spoil", "fragments"),
    [
        (without(WEIGHTS), ("нет файла adapter_model.safetensors",)),
        (lambda folder: (folder / WEIGHTS).rename(folder / "adapter_model.bin"), ("adapter_model.bin", "safetensors")),
        (content(WEIGHTS, b""), (WEIGHTS, "файл слишком короткий")),
        (content(WEIGHTS, b"version https://git-lfs.github.com/spec/v1\n"), (WEIGHTS, "указатель Git LFS")),
    ],
)
def test_an_adapter_without_weights(
    tmp_path: Path, offlite: Offlite, spoil: Change, fragments: tuple[str, ...]
) -> None:
    base = checkpoint(tmp_path)
    source = adapter(tmp_path, base)
    spoil(source)
    refused(offlite, source, *fragments, options=("--base", base))


def test_an_adapter_whose_base_is_not_named(tmp_path: Path, offlite: Offlite) -> None:
    source = adapter(tmp_path, checkpoint(tmp_path))
    refused(offlite, source, "укажите её папку в --base", "someone/some-model")


@pytest.mark.parametrize(
    ("spoil", "fragments"),
    [
        (without("config.json"), ("нет config.json",)),
        (content("config.json", "{"), ("config.json", "это не JSON")),
        (content("config.json", '{"architectures": ["BertModel"], "model_type": "bert"}'), ("«BertModel»",)),
    ],
)
def test_an_adapter_whose_base_is_none(
    tmp_path: Path, offlite: Offlite, spoil: Change, fragments: tuple[str, ...]
) -> None:
    base = checkpoint(tmp_path)
    source = adapter(tmp_path, base)
    spoil(base)
    refused(offlite, source, *fragments, options=("--base", base))


def test_a_base_that_is_not_there(tmp_path: Path, offlite: Offlite) -> None:
    source = adapter(tmp_path, checkpoint(tmp_path))
    refused(offlite, source, "Нет такой папки", "нигде", options=("--base", tmp_path / "нигде"))


def test_an_adapter_of_another_model(tmp_path: Path, offlite: Offlite) -> None:
    source = adapter(tmp_path, checkpoint(tmp_path))
    other = checkpoint_material.write(tmp_path / "other", "phi3", size="odd", layers=1)
    refused(offlite, source, "такой части нет в базовой модели", "k_proj", options=("--base", other))


def test_a_type_that_an_adapter_cannot_have(tmp_path: Path, offlite: Offlite) -> None:
    base = checkpoint(tmp_path)
    source = adapter(tmp_path, base)
    refused(offlite, source, "Нет такого типа: Q4_K_M", "F16", options=("--base", base, "--type", "Q4_K_M"))

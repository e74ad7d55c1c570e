"""LoRA adapters that are not converted: every reason has its error, and nothing is left behind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import checkpoint_material
import numpy as np
import pytest
from adapter_material import adapter, left, made, usual
from numpy.typing import NDArray

from converter.adapter import convert_adapter
from converter.errors import (
    AdapterBroken,
    AdapterUnsupported,
    ArchitectureUnsupported,
    ConverterError,
    HeaderBroken,
    JsonBroken,
    NotACheckpoint,
    NotFinite,
    SpaceShort,
    TargetExists,
    TargetUnwritable,
    TensorShapeWrong,
    TensorTypeUnsupported,
    TypeUnknown,
)


@pytest.fixture
def base(tmp_path: Path) -> Path:
    return checkpoint_material.write(tmp_path / "base", "qwen2")


@pytest.mark.parametrize(
    ("changes", "entry"),
    [
        ({"peft_type": "LOHA"}, "peft_type: LOHA"),
        ({"peft_type": None}, "peft_type: None"),
        ({"use_dora": True}, "use_dora"),
        ({"rank_pattern": {"q_proj": 4}}, "rank_pattern"),
        ({"alpha_pattern": {"q_proj": 4}}, "alpha_pattern"),
        ({"modules_to_save": ["lm_head"]}, "modules_to_save"),
        ({"trainable_token_indices": [1]}, "trainable_token_indices"),
        ({"bias": "all"}, "bias: all"),
        ({"lora_bias": True}, "lora_bias"),
        ({"fan_in_fan_out": True}, "fan_in_fan_out"),
        ({"layer_replication": [[0, 2], [1, 2]]}, "layer_replication"),
        ({"target_parameters": ["mlp.experts.gate_up_proj"]}, "target_parameters"),
        ({"invocation_string": "go"}, "invocation_string"),
        ({"init_lora_weights": "pissa_niter_16"}, "init_lora_weights: pissa_niter_16"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_gguf_cannot_hold_is_refused(tmp_path: Path, base: Path, changes: dict[str, object], entry: str) -> None:
    with pytest.raises(AdapterUnsupported) as refused:
        list(convert_adapter(adapter(tmp_path, **changes), tmp_path / "out.gguf", base=base))
    assert refused.value.entry == entry
    assert left(tmp_path) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"r": 0},
        {"r": "32"},
        {"r": True},
        {"lora_alpha": 0},
        {"lora_alpha": None},
        {"lora_alpha": True},
        {"lora_alpha": -1},
    ],
    ids=str,
)
def test_a_configuration_without_sense_is_broken(tmp_path: Path, base: Path, changes: dict[str, object]) -> None:
    with pytest.raises(AdapterBroken):
        list(convert_adapter(adapter(tmp_path, **changes), tmp_path / "out.gguf", base=base))


FIRST = "base_model.model.model.layers.0.self_attn.q_proj"
Change = dict[str, tuple[str, NDArray[Any]] | None]


def of(*shape: int, dtype: str = "F32") -> tuple[str, NDArray[Any]]:
    numbers = np.zeros(shape, np.int32) if dtype == "I32" else checkpoint_material.stored(np.ones(shape), dtype)
    return dtype, numbers


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({f"{FIRST}.lora_A.weight": None}, AdapterBroken),
        ({f"{FIRST}.lora_B.weight": None}, AdapterBroken),
        ({f"{FIRST}.lora_A.weight": of(16, 256), f"{FIRST}.lora_B.weight": of(256, 16)}, TensorShapeWrong),
        ({f"{FIRST}.lora_A.weight": of(32, 255)}, TensorShapeWrong),
        ({f"{FIRST}.lora_B.weight": of(32, 256)}, TensorShapeWrong),
        ({f"{FIRST}.lora_B.weight": of(256, 32, 1)}, TensorShapeWrong),
        ({f"{FIRST}.lora_A.weight": of(32, 256, dtype="I32")}, TensorTypeUnsupported),
        ({f"{FIRST}.lora_magnitude_vector": of(256)}, AdapterUnsupported),
        ({f"{FIRST}.bias": of(256)}, AdapterUnsupported),
        ({f"{FIRST}.lora_B.bias": of(256)}, AdapterUnsupported),
        ({"base_model.model.lm_head.weight": of(320, 256)}, AdapterUnsupported),
        ({"base_model.model.model.embed_tokens.lora_embedding_A": of(32, 320)}, AdapterUnsupported),
        ({"base_model.model.model.layers.0.input_layernorm.weight": of(256)}, AdapterUnsupported),
        ({f"{FIRST.replace('layers.0', 'layers.2')}.lora_A.weight": of(32, 256)}, AdapterUnsupported),
        ({f"{FIRST.replace('q_proj', 'x_proj')}.lora_A.weight": of(32, 256)}, AdapterUnsupported),
        ({f"{FIRST.removeprefix('base_model.model.')}.lora_A.weight": of(32, 256)}, AdapterUnsupported),
        (dict.fromkeys(usual()), AdapterBroken),
    ],
    ids=lambda value: next(iter(value)).rsplit(".", 3)[-1] if isinstance(value, dict) else value.__name__,
)
def test_weights_that_do_not_belong_together_are_refused(
    tmp_path: Path, base: Path, changes: Change, error: type[ConverterError]
) -> None:
    weights = {name: tensor for name, tensor in {**usual(), **changes}.items() if tensor is not None}
    with pytest.raises(error):
        list(convert_adapter(adapter(tmp_path, pairs=weights), tmp_path / "out.gguf", base=base))
    assert left(tmp_path) == []


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
def test_a_number_that_is_none_is_named(tmp_path: Path, base: Path, number: float) -> None:
    weights = usual()
    weights[f"{FIRST}.lora_B.weight"][1][7, 3] = number
    with pytest.raises(NotFinite) as found:
        list(convert_adapter(adapter(tmp_path, pairs=weights), tmp_path / "out.gguf", base=base))
    assert (found.value.tensor, found.value.row) == (f"{FIRST}.lora_B.weight", 7)
    assert left(tmp_path) == []


@pytest.mark.parametrize(("kind", "number"), [("F16", 70000.0), ("BF16", 3.4e38), ("Q8_0", 1e10)])
def test_a_number_beyond_the_type_is_refused(tmp_path: Path, base: Path, kind: str, number: float) -> None:
    weights = usual()
    weights[f"{FIRST}.lora_B.weight"][1][7, 3] = number
    source = adapter(tmp_path, pairs=weights)
    with pytest.raises(AdapterBroken):
        list(convert_adapter(source, tmp_path / "out.gguf", base=base, type=kind))
    assert left(tmp_path) == []
    made(source, tmp_path / "out.gguf", base=base, type="F32")


def test_an_output_layer_tied_to_the_embeddings_is_refused(tmp_path: Path) -> None:
    base = checkpoint_material.write(tmp_path / "base", "qwen2", size="tied")
    pairs = {
        "base_model.model.lm_head.lora_A.weight": of(32, 256),
        "base_model.model.lm_head.lora_B.weight": of(320, 32),
    }
    with pytest.raises(AdapterUnsupported):
        list(convert_adapter(adapter(tmp_path, pairs=pairs), tmp_path / "out.gguf", base=base))
    untied = checkpoint_material.write(tmp_path / "untied", "qwen2")
    made(adapter(tmp_path, pairs=pairs), tmp_path / "out.gguf", base=untied)


def test_the_base_model_must_be_known(tmp_path: Path, base: Path) -> None:
    source = adapter(tmp_path)
    with pytest.raises(AdapterUnsupported) as refused:
        list(convert_adapter(source, tmp_path / "out.gguf"))
    assert refused.value.entry == "someone/some-model"
    with pytest.raises(NotACheckpoint):
        list(convert_adapter(source, tmp_path / "out.gguf", base=source))
    checkpoint_material.write_json(base / "config.json", {"architectures": ["BertModel"], "model_type": "bert"})
    with pytest.raises(ArchitectureUnsupported):
        list(convert_adapter(source, tmp_path / "out.gguf", base=base))


def test_files_that_are_no_adapter_are_refused(tmp_path: Path, base: Path) -> None:
    source = adapter(tmp_path)
    weights = source / "adapter_model.safetensors"
    content = weights.read_bytes()

    weights.write_bytes(content[:-1])
    with pytest.raises(HeaderBroken):
        list(convert_adapter(source, tmp_path / "out.gguf", base=base))
    weights.unlink()
    with pytest.raises(NotACheckpoint):
        list(convert_adapter(source, tmp_path / "out.gguf", base=base))
    (source / "adapter_model.bin").write_bytes(b"pickle")
    with pytest.raises(AdapterUnsupported):
        list(convert_adapter(source, tmp_path / "out.gguf", base=base))
    (source / "adapter_config.json").write_bytes(b"{")
    with pytest.raises(JsonBroken):
        list(convert_adapter(source, tmp_path / "out.gguf", base=base))


def test_the_target_is_checked_first(tmp_path: Path, base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = adapter(tmp_path)
    with pytest.raises(TypeUnknown):
        list(convert_adapter(source, tmp_path / "out.gguf", base=base, type="Q4_K_M"))
    with pytest.raises(TargetUnwritable):
        list(convert_adapter(source, tmp_path / "nowhere" / "out.gguf", base=base))
    (tmp_path / "out.gguf").write_bytes(b"mine")
    with pytest.raises(TargetExists):
        list(convert_adapter(source, tmp_path / "out.gguf", base=base))
    assert (tmp_path / "out.gguf").read_bytes() == b"mine"
    monkeypatch.setattr("converter.part_file._free", lambda _: 0)
    with pytest.raises(SpaceShort):
        list(convert_adapter(source, tmp_path / "other.gguf", base=base))

"""A checkpoint is opened only if every tensor that config.json demands is there, once, in its shape, and no other."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import checkpoint_material
import numpy as np
import pytest
from checkpoint_material import write, write_json, write_safetensors, write_weights

from converter.checkpoint import Checkpoint, float32
from converter.errors import (
    ArchitectureUnsupported,
    ConfigBroken,
    IndexBroken,
    JsonBroken,
    NoSuchCheckpoint,
    NotACheckpoint,
    SourceError,
    SourceUnreadable,
    TensorRepeated,
    TensorShapeWrong,
    TensorsMissing,
    TensorsUnexpected,
    TensorTypeUnsupported,
)

INDEX = "model.safetensors.index.json"
EMBEDDINGS = "model.embed_tokens.weight"
Tensors = dict[str, tuple[str, Any]]


def refusal(folder: Path) -> SourceError:
    with pytest.raises(SourceError) as caught, Checkpoint.open(folder):
        pass
    return caught.value


def small(folder: Path, change: Callable[[Tensors], None], **options: Any) -> Path:
    """Write a checkpoint whose weights ``change`` has changed."""
    write(folder, **options)
    tensors = checkpoint_material.weights(json.loads((folder / "config.json").read_text()))
    change(tensors)
    write_weights(folder, tensors)
    return folder


@pytest.mark.parametrize("dtype", ["BF16", "F16", "F32"])
def test_rows_are_read_as_they_are_stored(dtype: str, tmp_path: Path) -> None:
    folder = write(tmp_path / "Small", dtype=dtype, shards=3)
    stored, values = checkpoint_material.weights(checkpoint_material.config(), dtype=dtype)[EMBEDDINGS]

    with Checkpoint.open(folder) as checkpoint:
        rows = checkpoint.read_rows(EMBEDDINGS, 7, 3)
        vector = checkpoint.read_rows("model.norm.weight", 250, 6)

    assert stored == dtype
    assert np.array_equal(rows, values[7:10])
    assert vector.shape == (6,)
    assert float32(rows).dtype == np.float32
    assert float(abs(float32(rows)).max()) < 1.0


def test_the_language_part_of_a_model_that_sees_is_taken(tmp_path: Path) -> None:
    folder = write(tmp_path / "Small", "gemma3")
    config = json.loads((folder / "config.json").read_text())
    tensors: Tensors = {
        f"language_model.{name}": tensor for name, tensor in checkpoint_material.weights(config).items()
    }
    tensors["vision_tower.vision_model.head.probe"] = ("F32", np.zeros((1, 2), "<f4"))
    tensors["multi_modal_projector.mm_input_projection_weight"] = ("BF16", np.zeros((4, 2), "<u2"))
    write_weights(folder, tensors)
    outer = {"architectures": ["Gemma3ForConditionalGeneration"], "model_type": "gemma3"}
    write_json(folder / "config.json", {**outer, "text_config": {**config, "architectures": None}})

    with Checkpoint.open(folder) as checkpoint:
        assert EMBEDDINGS in checkpoint.tensors
        assert not any("vision" in name or "projector" in name for name in checkpoint.tensors)


def test_buffers_of_old_checkpoints_are_left_out(tmp_path: Path) -> None:
    def add(tensors: Tensors) -> None:
        tensors["model.layers.0.self_attn.rotary_emb.inv_freq"] = ("F32", np.ones(4, "<f4"))

    with Checkpoint.open(small(tmp_path / "Small", add)) as checkpoint:
        assert len(checkpoint.tensors) == len(checkpoint.architecture.tensors)


def test_a_head_beside_tied_embeddings_is_taken_as_the_reference_takes_it(tmp_path: Path) -> None:
    def add(tensors: Tensors) -> None:
        tensors["lm_head.weight"] = tensors[EMBEDDINGS]

    with Checkpoint.open(small(tmp_path / "with", add, size="tied")) as checkpoint:
        assert "lm_head.weight" in checkpoint.tensors
    with Checkpoint.open(write(tmp_path / "without", size="tied")) as checkpoint:
        assert "lm_head.weight" not in checkpoint.tensors


def test_a_missing_tensor_is_named(tmp_path: Path) -> None:
    folder = small(tmp_path / "Small", lambda tensors: tensors.pop("model.layers.1.mlp.up_proj.weight") and None)

    assert refusal(folder) == TensorsMissing(("model.layers.1.mlp.up_proj.weight",))


def test_missing_layers_are_noticed(tmp_path: Path) -> None:
    folder = write(tmp_path / "Small", layers=2)
    write_json(folder / "config.json", checkpoint_material.config(layers=3))

    found = refusal(folder)

    assert isinstance(found, TensorsMissing)
    assert all(name.startswith("model.layers.2.") for name in found.tensors)


def test_layers_too_many_are_noticed(tmp_path: Path) -> None:
    folder = write(tmp_path / "Small", layers=3)
    write_json(folder / "config.json", checkpoint_material.config(layers=2))

    assert isinstance(refusal(folder), TensorsUnexpected)


@pytest.mark.parametrize(("stated", "weights"), [("llama", "qwen2"), ("qwen3", "qwen2"), ("qwen2", "llama")])
def test_weights_of_another_architecture_are_refused(stated: str, weights: str, tmp_path: Path) -> None:
    folder = write(tmp_path / "Small", weights)
    write_json(folder / "config.json", checkpoint_material.config(stated))

    assert isinstance(refusal(folder), TensorsMissing | TensorsUnexpected)


@pytest.mark.parametrize("entry", ["hidden_size", "intermediate_size", "vocab_size", "num_key_value_heads"])
def test_a_wrong_size_in_the_configuration_is_noticed(entry: str, tmp_path: Path) -> None:
    folder = write(tmp_path / "Small")
    config = checkpoint_material.config()
    write_json(folder / "config.json", {**config, entry: config[entry] * 2})

    found = refusal(folder)

    assert isinstance(found, TensorShapeWrong)
    assert found.expected != found.found


@pytest.mark.parametrize("dtype", ["I16", "F64", "U8", "F8_E4M3"])
def test_numbers_that_are_no_weights_are_refused(dtype: str, tmp_path: Path) -> None:
    width = {"I16": "<i2", "F64": "<f8"}.get(dtype, "u1")

    def replace(tensors: Tensors) -> None:
        tensors["model.norm.weight"] = (dtype, np.zeros(256, width))

    assert refusal(small(tmp_path / "Small", replace)) == TensorTypeUnsupported("model.norm.weight", dtype)


def test_the_same_tensor_in_two_files_is_refused(tmp_path: Path) -> None:
    folder = write(tmp_path / "Small")
    write_safetensors(folder / "model-extra.safetensors", {"model.norm.weight": ("BF16", np.zeros(256, "<u2"))})

    assert refusal(folder) == TensorRepeated("model.norm.weight", "model-extra.safetensors", "model.safetensors")


def test_the_same_tensor_under_two_names_is_refused(tmp_path: Path) -> None:
    def add(tensors: Tensors) -> None:
        tensors["language_model.model.norm.weight"] = tensors["model.norm.weight"]

    assert isinstance(refusal(small(tmp_path / "Small", add, architecture="gemma3")), TensorRepeated)


@pytest.mark.parametrize(
    "name",
    [
        "../model-00001-of-00002.safetensors",
        "sub/model-00001-of-00002.safetensors",
        "sub\\model-00001-of-00002.safetensors",
        "/etc/model.safetensors",
        "C:model.safetensors",
        "..",
        "",
        ".hidden.safetensors",
        "model.bin",
        "model\n.safetensors",
        7,
        None,
    ],
)
def test_an_index_names_only_files_of_its_folder(name: object, tmp_path: Path) -> None:
    folder = write(tmp_path / "Small", shards=2)
    index = json.loads((folder / INDEX).read_text())
    index["weight_map"][EMBEDDINGS] = name
    write_json(folder / INDEX, index)

    found = refusal(folder)

    assert isinstance(found, IndexBroken)
    assert found.detail == "names no file of the folder"


@pytest.mark.parametrize("weight_map", [None, [], {}, "model.safetensors"])
def test_an_index_without_a_map_is_refused(weight_map: object, tmp_path: Path) -> None:
    folder = write(tmp_path / "Small", shards=2)
    write_json(folder / INDEX, {"weight_map": weight_map})

    assert refusal(folder) == IndexBroken(folder / INDEX, "weight_map is missing")


def test_an_index_that_places_a_tensor_elsewhere_is_refused(tmp_path: Path) -> None:
    folder = write(tmp_path / "Small", shards=2)
    index = json.loads((folder / INDEX).read_text())
    index["weight_map"][EMBEDDINGS] = "model-00002-of-00002.safetensors"
    write_json(folder / INDEX, index)

    assert refusal(folder) == IndexBroken(folder / INDEX, "names a tensor that its file does not hold", EMBEDDINGS)


def test_an_index_that_leaves_out_a_tensor_is_refused(tmp_path: Path) -> None:
    folder = write(tmp_path / "Small", shards=2)
    index = json.loads((folder / INDEX).read_text())
    del index["weight_map"]["model.norm.weight"]
    write_json(folder / INDEX, index)

    assert refusal(folder) == IndexBroken(folder / INDEX, "does not name a tensor of its files", "model.norm.weight")


def test_a_file_that_has_not_arrived_is_named(tmp_path: Path) -> None:
    folder = write(tmp_path / "Small", shards=2)
    (folder / "model-00002-of-00002.safetensors").unlink()

    assert refusal(folder) == SourceUnreadable(folder / "model-00002-of-00002.safetensors", "is not there")


def test_folders_that_are_no_checkpoint_are_told_apart(tmp_path: Path) -> None:
    assert refusal(tmp_path / "nowhere") == NoSuchCheckpoint(tmp_path / "nowhere")

    (tmp_path / "file").write_text("")
    assert refusal(tmp_path / "file") == NotACheckpoint(tmp_path / "file", "is not a folder")

    empty = tmp_path / "empty"
    empty.mkdir()
    assert refusal(empty) == NotACheckpoint(empty, "there is no config.json")

    write_json(empty / "config.json", checkpoint_material.config())
    assert refusal(empty) == NotACheckpoint(empty, "there are no weights")

    (empty / "pytorch_model.bin").write_bytes(b"")
    assert refusal(empty) == NotACheckpoint(empty, "the weights are pickled, not safetensors")


@pytest.mark.parametrize(
    ("content", "detail"),
    [
        (b"{", "is not valid JSON"),
        (b"[]", "is not an object"),
        (b'{"hidden_size": 1, "hidden_size": 2}', "the same key twice"),
        (b'{"rope_theta": Infinity}', "NaN or infinity as a number"),
        (b"\xff\xfe", "is not UTF-8 text"),
        (b" " * (8 * 2**20 + 1), "is too large"),
    ],
)
def test_a_configuration_that_is_no_sound_json_is_refused(content: bytes, detail: str, tmp_path: Path) -> None:
    folder = write(tmp_path / "Small")
    (folder / "config.json").write_bytes(content)

    assert refusal(folder) == JsonBroken(folder / "config.json", detail)


def test_a_configuration_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    folder = write(tmp_path / "Small")
    path = folder / "config.json"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())

    with Checkpoint.open(folder) as checkpoint:
        assert checkpoint.architecture.name == "qwen2"


def test_a_reranker_is_refused_since_it_is_another_model_in_gguf(tmp_path: Path) -> None:
    assert refusal(write(tmp_path / "Qwen3-Reranker-0.6B", "qwen3")) == ArchitectureUnsupported("Qwen3-Reranker")

    folder = write(tmp_path / "Small", "qwen3")
    (folder / "README.md").write_text("# Qwen3-Reranker-0.6B\n", encoding="utf-8")
    assert refusal(folder) == ArchitectureUnsupported("Qwen3-Reranker")


def test_files_are_closed_when_a_checkpoint_is_refused(tmp_path: Path) -> None:
    folder = small(tmp_path / "Small", lambda tensors: tensors.pop("model.norm.weight") and None)

    # A file left open would be a ResourceWarning, which is an error here.
    assert isinstance(refusal(folder), TensorsMissing)


def test_the_error_of_a_wrong_value_names_file_and_entry(tmp_path: Path) -> None:
    folder = write(tmp_path / "Small")
    write_json(folder / "config.json", checkpoint_material.config(num_attention_heads="many"))

    assert refusal(folder) == ConfigBroken(folder / "config.json", "num_attention_heads", "is not a whole number")

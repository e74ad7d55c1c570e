"""Models in a local folder. With the extra installed, a tiny real one is made and run; no network either way."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from kb.dense.embedder import Embedder
from kb.dense.sentence_model import SentenceTransformersEmbedder, model_name
from kb.errors import EmbedderUnavailable


def has(*modules: str) -> bool:
    return all(importlib.util.find_spec(module) is not None for module in modules)


needs_extra = pytest.mark.skipif(not has("sentence_transformers"), reason="the extra sentence-transformers is missing")
needs_onnx = pytest.mark.skipif(
    not has("sentence_transformers", "optimum", "onnxruntime"),
    reason="the extra sentence-transformers[onnx] is missing",
)


def others_warnings(test: Callable[..., None]) -> Callable[..., None]:
    """Let pass what transformers, torch and others deprecate of each other, but no attempt to use the network."""
    blocked = pytest.mark.filterwarnings("error:A test tried to use socket:UserWarning")
    return blocked(pytest.mark.filterwarnings("default")(test))


TEXTS = ["сбросить пароль роутера", "картридж принтера", "роутер и принтер"]


def folder_like_a_model(folder: Path) -> Path:
    """Write files that only look like a model."""
    folder.mkdir()
    (folder / "modules.json").write_text("[]")
    (folder / "config.json").write_text('{"hidden_size": 32}')
    (folder / "model.safetensors").write_bytes(bytes(1_000_000))
    return folder


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """Make a BERT of two layers and 32 dimensions with random weights and a vocabulary of letters."""
    import torch
    from sentence_transformers import SentenceTransformer, models
    from transformers import BertConfig, BertModel, BertTokenizer

    torch.manual_seed(0)
    letters = [chr(code) for code in range(ord("а"), ord("я") + 1)]
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", ":", *letters, *(f"##{letter}" for letter in letters)]
    bare = tmp_path / "bare"
    bare.mkdir()
    (bare / "vocab.txt").write_text("\n".join(vocabulary))
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=64,
    )
    BertModel(config).save_pretrained(bare)
    BertTokenizer(str(bare / "vocab.txt"), strip_accents=False).save_pretrained(bare)
    word_vectors = models.Transformer(str(bare))
    whole = SentenceTransformer(modules=[word_vectors, models.Pooling(32)], device="cpu")
    whole.prompts = {"query": "вопрос: ", "document": "отрывок: "}
    folder = tmp_path / "Крошечная модель"
    whole.save(str(folder), create_model_card=False)  # the card would ask the hub about the model
    shutil.rmtree(bare)
    return folder


def test_a_name_tells_folder_and_content(tmp_path: Path) -> None:
    folder = folder_like_a_model(tmp_path / "модель")
    name = model_name(folder)
    assert name.startswith("модель@")
    assert model_name(folder) == name
    copy = tmp_path / "elsewhere" / "модель"
    shutil.copytree(folder, copy)
    assert model_name(copy) == name


@pytest.mark.parametrize("at", [0, 500_001, 999_999])
def test_other_weights_have_another_name(tmp_path: Path, at: int) -> None:
    folder = folder_like_a_model(tmp_path / "model")
    name = model_name(folder)
    weights = bytearray(1_000_000)
    weights[at] = 1
    (folder / "model.safetensors").write_bytes(weights)
    assert model_name(folder) != name


def test_what_describes_a_model_does_not_change_its_name(tmp_path: Path) -> None:
    folder = folder_like_a_model(tmp_path / "model")
    name = model_name(folder)
    (folder / "README.md").write_text("Читай меня")
    (folder / ".cache").mkdir()
    (folder / ".cache" / "download.lock").touch()
    assert model_name(folder) == name
    (folder / "config.json").write_text('{"hidden_size": 33}')
    assert model_name(folder) != name


@pytest.mark.parametrize("made", [False, True])
def test_a_folder_without_a_model_is_told(tmp_path: Path, made: bool) -> None:
    folder = tmp_path / "empty"
    if made:
        folder.mkdir()
    with pytest.raises(EmbedderUnavailable) as caught:
        SentenceTransformersEmbedder(folder)
    assert caught.value.name == "empty"


@pytest.mark.skipif(has("sentence_transformers"), reason="the extra sentence-transformers is installed")
def test_a_missing_extra_is_told(tmp_path: Path) -> None:
    with pytest.raises(EmbedderUnavailable, match="not installed"):
        SentenceTransformersEmbedder(folder_like_a_model(tmp_path / "model"))


@needs_extra
@others_warnings
def test_a_damaged_model_is_told(model: Path) -> None:
    weights = next(model.rglob("model.safetensors"))
    weights.write_bytes(weights.read_bytes()[:100])
    with pytest.raises(EmbedderUnavailable):
        SentenceTransformersEmbedder(model)


@needs_extra
@others_warnings
def test_a_model_gives_unit_vectors_and_the_same_each_time(model: Path) -> None:
    embedder: Embedder = SentenceTransformersEmbedder(model)
    assert embedder.dimension == 32
    assert embedder.name == model_name(model)
    rows = embedder.embed(TEXTS)
    assert (rows.shape, rows.dtype) == ((3, 32), np.float32)
    assert np.linalg.norm(rows, axis=1) == pytest.approx(1.0, abs=1e-5)
    assert rows == pytest.approx(SentenceTransformersEmbedder(model).embed(TEXTS), abs=1e-6)
    assert rows[1] == pytest.approx(embedder.embed(TEXTS[1:2])[0], abs=1e-4)  # whatever it is computed together with
    assert embedder.embed([]).shape == (0, 32)


@needs_extra
@others_warnings
def test_questions_and_passages_get_their_own_prompts(model: Path) -> None:
    embedder = SentenceTransformersEmbedder(model)
    questions, passages = embedder.embed_queries(TEXTS), embedder.embed(TEXTS)
    assert np.abs(questions - passages).max() > 1e-3
    settings = model / "config_sentence_transformers.json"
    config = json.loads(settings.read_text())
    assert config["prompts"] == {"query": "вопрос: ", "document": "отрывок: "}
    settings.write_text(json.dumps({**config, "prompts": {}}))
    bare = SentenceTransformersEmbedder(model)
    assert bare.embed_queries(TEXTS) == pytest.approx(bare.embed(TEXTS), abs=1e-6)
    assert bare.embed_queries([f"вопрос: {text}" for text in TEXTS]) == pytest.approx(questions, abs=1e-5)
    assert bare.name != embedder.name


@needs_extra
@others_warnings
def test_a_model_without_an_onnx_file_is_not_converted_on_the_way(model: Path) -> None:
    with pytest.raises(EmbedderUnavailable, match=r"\.onnx"):
        SentenceTransformersEmbedder(model, backend="onnx")


@needs_onnx
@others_warnings
def test_onnx_gives_the_same_vectors(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from optimum.exporters.onnx import main_export

    monkeypatch.delenv("ORT_DISABLE_TELEMETRY", raising=False)
    expected = SentenceTransformersEmbedder(model).embed(TEXTS)
    main_export(str(model), output=model / "onnx", task="feature-extraction", library_name="transformers")
    embedder = SentenceTransformersEmbedder(model, backend="onnx")
    assert embedder.embed(TEXTS) == pytest.approx(expected, abs=1e-3)
    assert os.environ["ORT_DISABLE_TELEMETRY"] == "1"

"""Whether a header makes a model: what would abort llama.cpp, or be refused late, is found here."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import llama_cpp
import pytest
from gguf_material import (
    ARRAY,
    BOOL,
    F32,
    I32,
    STRING,
    TOKENS,
    U32,
    U64,
    Raw,
    Tensor,
    adapter,
    shapes,
    write_model,
)

from models import gguf_header, tensors
from models.errors import ModelBroken
from models.geometry import Geometry

SILENT = llama_cpp.llama_log_callback(lambda *_: None)  # the usual one fails at half a letter
Q = "blk.0.attn_q.weight"


def validate(raw: Raw, folder: Path) -> gguf_header.GgufHeader:
    header = gguf_header.read(raw.write(folder / "model.gguf"))
    gguf_header.validate_model(header)
    return header


def model(architecture: str, **geometry: Any) -> Raw:
    """Return a model of another architecture, with every tensor that we think it has."""
    sizes = {"layers": 2, "embedding": 64, "feed_forward": 96, "heads": 4, "kv_heads": 2, "key_length": 16}
    shape = Geometry(architecture, vocabulary=8, context=32, value_length=16, rope_dimensions=16, **(sizes | geometry))
    norm = "layer_norm_epsilon" if architecture == "bert" else "layer_norm_rms_epsilon"
    stated = {
        "general.architecture": (STRING, architecture),
        f"{architecture}.block_count": (U32, shape.layers),
        f"{architecture}.context_length": (U32, shape.context),
        f"{architecture}.embedding_length": (U32, shape.embedding),
        f"{architecture}.feed_forward_length": (U32, shape.feed_forward),
        f"{architecture}.attention.head_count": (U32, shape.heads),
        f"{architecture}.attention.head_count_kv": (U32, shape.kv_heads),
        f"{architecture}.attention.{norm}": (F32, 1e-6),
        "tokenizer.ggml.model": (STRING, "bert" if architecture == "bert" else "llama"),
        "tokenizer.ggml.tokens": (ARRAY, (STRING, TOKENS)),
        "tokenizer.ggml.scores": (ARRAY, (F32, [0.0] * 8)),
        "tokenizer.ggml.token_type_count": (U32, shape.token_types),
    }
    wanted = [Tensor(tensor.name, tensor.shape) for tensor in tensors.expected(shape) if tensor.counted]
    return Raw(keys=stated, tensors=wanted)


GOOD: dict[str, Raw] = {
    "qwen2": Raw(),
    "qwen2 without biases": replace(
        Raw(), tensors=[Tensor(*pair) for pair in shapes() if not pair[0].endswith("bias")]
    ),
    "qwen2, tied": replace(Raw(), tensors=[Tensor(*pair) for pair in shapes() if pair[0] != "output.weight"]),
    "qwen3": model("qwen3", tied=True),
    "llama": model("llama"),
    "gemma3": model("gemma3", tied=True),
    "phi3": model("phi3", tied=True),
    "bitnet": model("bitnet", tied=True),
    "bert": model("bert", kv_heads=4, positions=32, token_types=2),
    "an architecture that is not drawn": replace(
        model("llama"),
        keys={
            name.replace("llama.", "olmo."): value
            if value[1] != "llama" or name != "general.architecture"
            else (STRING, "olmo")
            for name, value in model("llama").keys.items()
        },
    ),
    "rope scaling": Raw().key("qwen2.rope.scaling.type", STRING, "yarn").key("qwen2.rope.scaling.factor", F32, 4.0),
    "heads for each layer": Raw().key("qwen2.attention.head_count", ARRAY, (U32, [4, 4])),
    "an ignored special token": Raw().key("tokenizer.ggml.padding_token_id", U32, 2**32 - 1),
    "an adapter": adapter(),
    "an adapter of the embedding": adapter(
        tensors=[Tensor("token_embd.weight.lora_a", (8, 8)), Tensor("token_embd.weight.lora_b", (8, 64))]
    ),
}


@pytest.mark.parametrize("raw", GOOD.values(), ids=GOOD.keys())
def test_a_good_model_passes(raw: Raw, tmp_path: Path) -> None:
    validate(raw, tmp_path)


def test_a_good_model_loads_in_llama_cpp(tmp_path: Path) -> None:
    llama_cpp.llama_log_set(SILENT, ctypes.c_void_p())
    path = write_model(tmp_path / "model.gguf")
    gguf_header.validate_model(gguf_header.read(path))
    loaded = llama_cpp.llama_model_load_from_file(str(path).encode(), llama_cpp.llama_model_default_params())
    assert loaded
    assert llama_cpp.llama_model_n_layer(loaded) == 2
    llama_cpp.llama_model_free(loaded)


def test_the_fused_matrix_may_stand_for_the_three(tmp_path: Path) -> None:
    raw = model("phi3", tied=True)
    apart = []
    for tensor in raw.tensors:
        if tensor.name.endswith(tensors.FUSED):
            layer = tensor.name.removesuffix(tensors.FUSED)
            apart += [
                Tensor(f"{layer}attn_q.weight", (64, 64)),
                *(Tensor(f"{layer}attn_{k}.weight", (64, 32)) for k in "kv"),
            ]
        else:
            apart.append(tensor)
    validate(replace(raw, tensors=apart), tmp_path)
    fused = [tensor for tensor in Raw().tensors if not any(part in tensor.name for part in tensors.APART)]
    fused += [Tensor(f"blk.{layer}.attn_qkv.weight", (64, 128)) for layer in (0, 1)]
    validate(replace(Raw(), tensors=fused), tmp_path)
    with pytest.raises(ModelBroken, match="a tensor of the wrong shape"):
        validate(replace(Raw(), tensors=[*fused[:-1], Tensor("blk.1.attn_qkv.weight", (64, 96))]), tmp_path)
    with pytest.raises(ModelBroken, match="a tensor is missing"):
        validate(replace(raw, tensors=[tensor for tensor in apart if "attn_k" not in tensor.name]), tmp_path)


def number(key: str, value: Any, kind: int = U32) -> Raw:
    return Raw().key(
        key if "." in key and key.split(".")[0] in ("general", "tokenizer") else f"qwen2.{key}", kind, value
    )


def only(*names: str) -> list[Tensor]:
    return [tensor for tensor in Raw().tensors if tensor.name not in names]


IMPOSSIBLE = "an impossible number"
EXPERTS = "an impossible number of experts"
WRONG = "a value of the wrong type"
MISSING = "a key is missing"
BROKEN: dict[str, tuple[Raw, str, str]] = {
    "no architecture": (
        Raw().without("general.architecture"),
        "it does not say of what architecture it is",
        "general.architecture",
    ),
    "unknown architecture": (
        Raw().key("general.architecture", STRING, "bitnet-b1.58"),
        "an architecture that llama.cpp does not know",
        "bitnet-b1.58",
    ),
    "a part": (Raw().key("split.count", U32, 3), "one part of several", "split.count"),
    "a projector": (Raw().key("general.type", STRING, "mmproj"), "not a language model", "general.type = mmproj"),
    "no layers": (number("block_count", 0), IMPOSSIBLE, "qwen2.block_count"),
    "513 layers": (number("block_count", 513), IMPOSSIBLE, "qwen2.block_count"),
    "1000 layers": (number("block_count", 1000), IMPOSSIBLE, "qwen2.block_count"),
    "2**31 layers": (number("block_count", 2**31), IMPOSSIBLE, "qwen2.block_count"),
    "layers as text": (number("block_count", "2", STRING), WRONG, "qwen2.block_count"),
    "layers as 64 bits": (number("block_count", 2, U64), WRONG, "qwen2.block_count"),
    "layers as list": (number("block_count", (U32, [2]), ARRAY), WRONG, "qwen2.block_count"),
    "layers unstated": (Raw().without("qwen2.block_count"), MISSING, "qwen2.block_count"),
    "one layer stated": (number("block_count", 1), "other layers than its header says", "qwen2.block_count = 1"),
    "three layers stated": (number("block_count", 3), "other layers than its header says", "qwen2.block_count = 3"),
    "context 0": (number("context_length", 0), IMPOSSIBLE, "qwen2.context_length"),
    "context 2**32-1": (number("context_length", 2**32 - 1), IMPOSSIBLE, "qwen2.context_length"),
    "context unstated": (Raw().without("qwen2.context_length"), MISSING, "qwen2.context_length"),
    "embedding 0": (number("embedding_length", 0), IMPOSSIBLE, "qwen2.embedding_length"),
    "embedding 2**31": (number("embedding_length", 2**31), IMPOSSIBLE, "qwen2.embedding_length"),
    "another embedding": (number("embedding_length", 128), "a tensor of the wrong shape", "token_embd.weight"),
    "feed-forward 2**32-1": (number("feed_forward_length", 2**32 - 1), IMPOSSIBLE, "qwen2.feed_forward_length"),
    "another feed-forward": (
        number("feed_forward_length", 128),
        "a tensor of the wrong shape",
        "blk.0.ffn_gate.weight",
    ),
    "no heads": (number("attention.head_count", 0), IMPOSSIBLE, "qwen2.attention.head_count"),
    "heads unstated": (Raw().without("qwen2.attention.head_count"), IMPOSSIBLE, "qwen2.attention.head_count"),
    "2**31 heads": (number("attention.head_count", 2**31), IMPOSSIBLE, "qwen2.attention.head_count"),
    "more heads than numbers": (
        Raw().key("qwen2.attention.head_count", U32, 128).key("qwen2.attention.head_count_kv", U32, 128),
        "more heads than numbers",
        "qwen2.attention.head_count",
    ),
    "heads for too many layers": (
        number("attention.head_count", (U32, [4, 4, 4]), ARRAY),
        "as many numbers as layers are needed",
        "qwen2.attention.head_count",
    ),
    "heads as fractions": (
        number("attention.head_count", (F32, [4.0, 4.0]), ARRAY),
        IMPOSSIBLE,
        "qwen2.attention.head_count",
    ),
    "shared heads that do not divide": (
        number("attention.head_count_kv", 3),
        "heads that cannot be shared out",
        "qwen2.attention.head_count_kv",
    ),
    "more shared heads than heads": (
        number("attention.head_count_kv", 8),
        "heads that cannot be shared out",
        "qwen2.attention.head_count_kv",
    ),
    "other shared heads": (number("attention.head_count_kv", 4), "a tensor of the wrong shape", "blk.0.attn_k.weight"),
    "key length 2**31": (number("attention.key_length", 2**31), IMPOSSIBLE, "qwen2.attention.key_length"),
    "another key length": (number("attention.key_length", 32), "a tensor of the wrong shape", Q),
    "odd rope": (number("rope.dimension_count", 15), IMPOSSIBLE, "qwen2.rope.dimension_count"),
    "more rope than head": (number("rope.dimension_count", 32), IMPOSSIBLE, "qwen2.rope.dimension_count"),
    "epsilon NaN": (
        number("attention.layer_norm_rms_epsilon", math.nan, F32),
        IMPOSSIBLE,
        "qwen2.attention.layer_norm_rms_epsilon",
    ),
    "epsilon -1": (
        number("attention.layer_norm_rms_epsilon", -1.0, F32),
        IMPOSSIBLE,
        "qwen2.attention.layer_norm_rms_epsilon",
    ),
    "epsilon 0": (
        number("attention.layer_norm_rms_epsilon", 0.0, F32),
        IMPOSSIBLE,
        "qwen2.attention.layer_norm_rms_epsilon",
    ),
    "epsilon infinite": (
        number("attention.layer_norm_rms_epsilon", math.inf, F32),
        IMPOSSIBLE,
        "qwen2.attention.layer_norm_rms_epsilon",
    ),
    "epsilon unstated": (
        Raw().without("qwen2.attention.layer_norm_rms_epsilon"),
        MISSING,
        "qwen2.attention.layer_norm_rms_epsilon",
    ),
    "epsilon whole": (number("attention.layer_norm_rms_epsilon", 1), WRONG, "qwen2.attention.layer_norm_rms_epsilon"),
    "rope base NaN": (number("rope.freq_base", math.nan, F32), IMPOSSIBLE, "qwen2.rope.freq_base"),
    "rope base 0": (number("rope.freq_base", 0.0, F32), IMPOSSIBLE, "qwen2.rope.freq_base"),
    "rope factor -1": (number("rope.scaling.factor", -1.0, F32), IMPOSSIBLE, "qwen2.rope.scaling.factor"),
    "unknown rope": (
        number("rope.scaling.type", "spiral", STRING),
        "a rope scaling that llama.cpp does not know",
        "qwen2.rope.scaling.type",
    ),
    "window 2**32-1": (number("attention.sliding_window", 2**32 - 1), IMPOSSIBLE, "qwen2.attention.sliding_window"),
    "a pattern of three layers": (
        number("attention.sliding_window_pattern", (BOOL, [1, 1, 0]), ARRAY),
        "as many numbers as layers are needed",
        "qwen2.attention.sliding_window_pattern",
    ),
    "unknown pooling": (number("pooling_type", 17), IMPOSSIBLE, "qwen2.pooling_type"),
    "2000 experts": (number("expert_count", 2000), IMPOSSIBLE, "qwen2.expert_count"),
    "experts that none uses": (number("expert_count", 8), EXPERTS, "qwen2.expert_used_count"),
    "more experts used than there are": (number("expert_used_count", 2), EXPERTS, "qwen2.expert_used_count"),
    "groups of no experts": (number("expert_group_count", 2), EXPERTS, "qwen2.expert_group_count"),
    "more predicting layers than layers": (number("nextn_predict_layers", 3), IMPOSSIBLE, "qwen2.nextn_predict_layers"),
    "no tokenizer": (Raw().without("tokenizer.ggml.model"), MISSING, "tokenizer.ggml.model"),
    "unknown tokenizer": (
        number("tokenizer.ggml.model", "abacus", STRING),
        "a tokenizer that llama.cpp does not know",
        "abacus",
    ),
    "no tokens": (Raw().without("tokenizer.ggml.tokens"), "no usable vocabulary", "tokenizer.ggml.tokens"),
    "empty vocabulary": (
        number("tokenizer.ggml.tokens", (STRING, []), ARRAY),
        "no usable vocabulary",
        "tokenizer.ggml.tokens",
    ),
    "tokens as numbers": (number("tokenizer.ggml.tokens", (U32, [1] * 8), ARRAY), WRONG, "tokenizer.ggml.tokens"),
    "tokens as text": (number("tokenizer.ggml.tokens", "да", STRING), WRONG, "tokenizer.ggml.tokens"),
    "two equal tokens": (
        number("tokenizer.ggml.tokens", (STRING, [*TOKENS[:-1], TOKENS[0]]), ARRAY),
        "the same token twice",
        "tokenizer.ggml.tokens",
    ),
    "fewer tokens than rows": (
        number("tokenizer.ggml.tokens", (STRING, TOKENS[:-1]), ARRAY),
        "a tensor of the wrong shape",
        "token_embd.weight",
    ),
    "fewer types than tokens": (
        number("tokenizer.ggml.token_type", (I32, [1]), ARRAY),
        "fewer entries than tokens",
        "tokenizer.ggml.token_type",
    ),
    "fewer scores than tokens": (
        number("tokenizer.ggml.scores", (F32, [1.0]), ARRAY),
        "fewer entries than tokens",
        "tokenizer.ggml.scores",
    ),
    "types of another kind": (
        number("tokenizer.ggml.token_type", (U32, [1] * 8), ARRAY),
        WRONG,
        "tokenizer.ggml.token_type",
    ),
    "no merges": (Raw().without("tokenizer.ggml.merges"), MISSING, "tokenizer.ggml.merges"),
    "an end that is no token": (
        number("tokenizer.ggml.eos_token_id", 8),
        "a token that is not in the vocabulary",
        "tokenizer.ggml.eos_token_id",
    ),
    "an end as text": (number("tokenizer.ggml.eos_token_id", "2", STRING), WRONG, "tokenizer.ggml.eos_token_id"),
    "no tensors": (replace(Raw(), tensors=[]), "it has no tensors", ""),
    "no embedding": (replace(Raw(), tensors=only("token_embd.weight")), "a tensor is missing", "token_embd.weight"),
    "no last norm": (replace(Raw(), tensors=only("output_norm.weight")), "a tensor is missing", "output_norm.weight"),
    "no query": (replace(Raw(), tensors=only(Q)), "a tensor is missing", "blk.0.attn_qkv.weight"),
    "no norm in a layer": (
        replace(Raw(), tensors=only("blk.1.ffn_norm.weight")),
        "a tensor is missing",
        "blk.1.ffn_norm.weight",
    ),
    "a square that is none": (Raw().tensor(Q, shape=(64, 63)), "a tensor of the wrong shape", Q),
    "a bias too short": (
        Raw().tensor("blk.0.attn_q.bias", shape=(32,)),
        "a tensor of the wrong shape",
        "blk.0.attn_q.bias",
    ),
    "a norm of whole numbers": (
        Raw().tensor("blk.0.ffn_norm.weight", type=26),
        "a tensor of the wrong type",
        "blk.0.ffn_norm.weight",
    ),
    "a matrix of whole numbers": (Raw().tensor(Q, type=26), "a tensor of the wrong type", Q),
    "a layer too many": (
        replace(Raw(), tensors=[*Raw().tensors, Tensor("blk.2.attn_norm.weight", (64,))]),
        "other layers than its header says",
        "qwen2.block_count = 2",
    ),
    "an adapter of another kind": (
        adapter().key("adapter.type", STRING, "ia3"),
        "an adapter that is not LoRA",
        "adapter.type",
    ),
    "alpha NaN": (adapter().key("adapter.lora.alpha", F32, math.nan), IMPOSSIBLE, "adapter.lora.alpha"),
    "no alpha": (adapter().without("adapter.lora.alpha"), IMPOSSIBLE, "adapter.lora.alpha"),
    "an empty adapter": (adapter(tensors=[]), "it has no tensors", ""),
    "half of a pair": (
        adapter(tensors=adapter().tensors[:1]),
        "half of a pair is missing",
        "blk.0.attn_q.weight.lora_a",
    ),
    "ranks that differ": (
        adapter().tensor("blk.0.attn_q.weight.lora_b", shape=(4, 64)),
        "a tensor of the wrong shape",
        "blk.0.attn_q.weight.lora_a",
    ),
    "a pair of vectors": (
        adapter().tensor("blk.0.attn_q.weight.lora_b", shape=(64,)),
        "a tensor of the wrong shape",
        "blk.0.attn_q.weight.lora_a",
    ),
    "rank 2**20": (adapter(rank=8192), "a tensor of the wrong shape", "blk.0.attn_q.weight.lora_a"),
}


@pytest.mark.parametrize(("raw", "detail", "entry"), BROKEN.values(), ids=BROKEN.keys())
def test_what_makes_no_model_is_a_clear_fact(raw: Raw, detail: str, entry: str, tmp_path: Path) -> None:
    with pytest.raises(ModelBroken) as raised:
        validate(raw, tmp_path)
    assert (raised.value.detail, raised.value.entry) == (detail, entry)


@pytest.mark.parametrize("architecture", ["llama", "qwen3", "gemma3", "phi3", "bert"])
@pytest.mark.parametrize(
    "miss", [lambda names: names[0], lambda names: names[-1], lambda names: names[len(names) // 2]]
)
def test_every_architecture_misses_its_tensors(
    architecture: str, miss: Callable[[list[str]], str], tmp_path: Path
) -> None:
    extra = {"kv_heads": 4, "positions": 32, "token_types": 2} if architecture == "bert" else {}
    raw = model(architecture, **extra)
    required = [tensor.name for tensor in raw.tensors if tensor.name.endswith("norm.weight")]
    gone = miss(required)
    with pytest.raises(ModelBroken) as raised:
        validate(replace(raw, tensors=[tensor for tensor in raw.tensors if tensor.name != gone]), tmp_path)
    assert raised.value.entry == gone

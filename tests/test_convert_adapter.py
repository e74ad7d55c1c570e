"""LoRA adapters: the bytes of llama.cpp's converter, the logits of merged weights, and a reason for every refusal."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import checkpoint_material
import numpy as np
import pytest
from adapter_material import ALL, ATTENTION, FUSED, adapter, left, made, weights
from numpy.typing import NDArray

from converter import architectures, certificate
from converter.adapter import convert_adapter, is_adapter
from converter.conversion import convert
from converter.events import ConversionProgress, Converted, Planned, Stopped
from converter.proof.forward import Forward
from converter.proof.recipe import recipe


class Case(NamedTuple):
    architecture: str
    rank: int
    modules: tuple[str, ...]
    dtype: str
    type: str
    sha256: str


# SHA-256 of what convert_lora_to_gguf.py of llama.cpp (llama-cpp-python 0.3.36, its own gguf-py) made of the adapters:
#     convert_lora_to_gguf.py --base BASE --outtype TYPE --outfile OUT.gguf some-7B-lora
# for BASE = checkpoint_material.write(BASE, architecture) and the folder some-7B-lora as `adapter` writes it.
REFERENCE = (
    Case("qwen2", 64, ATTENTION, "BF16", "F16", "71c21d119eb684f45c92a0c74ab463650a187d2fcf016e275434f59eeb6bc72a"),
    Case("qwen2", 64, ATTENTION, "BF16", "Q8_0", "3b702e862e04c179b5acd88b20362d79ef184fa593852d18d9fc30652279a947"),
    Case("qwen2", 8, ALL, "F32", "Q8_0", "e4068bc54cd32662bdd7481966ba6f196599bb6e619c77ae89c074396d33e555"),
    Case("qwen3", 1, ATTENTION, "F32", "F16", "b1b8edd5fd61a0940b988f5735a583d5c186cdf64ec90bf7c6dc6646265f27a5"),
    Case("llama", 32, ALL, "F16", "BF16", "5c2dbf7fa39a85e57a52a4daa99592cbd7df5483dcb4cc2d04af7cc15247d44a"),
    Case("llama", 16, ATTENTION, "F32", "F32", "ac6a4287e382467e0533d5dd984ff08a341aaad6eb62e9cb68aa2797c81715d1"),
    Case("gemma3", 32, ATTENTION, "F32", "F16", "6e92ce71c2b70fcc9a98ac1251a8b296251f9643010908c1ad07f0634c154241"),
    Case("phi3", 32, FUSED, "F32", "Q8_0", "4c5a26f1b1cd0ffa1a8b3dc5f1574598c2f87863ad00504bd8d774e417d3ba1a"),
)


@pytest.fixture
def base(tmp_path: Path) -> Path:
    return checkpoint_material.write(tmp_path / "base", "qwen2")


@pytest.mark.parametrize("case", REFERENCE, ids=lambda case: f"{case.architecture} {case.rank} {case.type}")
def test_the_file_is_that_of_the_reference(tmp_path: Path, case: Case) -> None:
    base = checkpoint_material.write(tmp_path / "base", case.architecture)
    source = adapter(tmp_path, case.architecture, rank=case.rank, modules=case.modules, dtype=case.dtype)
    target = made(source, tmp_path / "out.gguf", base=base, type=case.type)
    digest = hashlib.sha256(target.read_bytes()).hexdigest()
    assert digest == case.sha256
    assert certificate.read(certificate.beside(target)).sha256 == digest


def test_events_tell_what_is_done(tmp_path: Path, base: Path) -> None:
    target = tmp_path / "out.gguf"
    events = list(convert(adapter(tmp_path), target, base=base))
    planned, *between, converted = events
    assert isinstance(planned, Planned)
    assert isinstance(converted, Converted)
    assert (planned.type, planned.tensors, planned.bytes_to_write) == ("F16", 16, target.stat().st_size)
    assert between
    assert all(isinstance(event, ConversionProgress) for event in between)
    names = [file.name for file in converted.certificate.source_files]
    assert names == ["adapter_config.json", "adapter_model.safetensors"]
    assert left(tmp_path) == ["out.gguf", "out.gguf.json"]


def test_the_configuration_of_the_base_may_lie_beside_the_adapter(tmp_path: Path, base: Path) -> None:
    source = adapter(tmp_path)
    expected = made(source, tmp_path / "named.gguf", base=base).read_bytes()
    (source / "config.json").write_bytes((base / "config.json").read_bytes())
    assert made(source, tmp_path / "beside.gguf").read_bytes() == expected
    assert is_adapter(source)
    assert not is_adapter(base)


def test_asked_to_stop_it_leaves_nothing(tmp_path: Path, base: Path) -> None:
    events = list(convert_adapter(adapter(tmp_path), tmp_path / "out.gguf", base=base, stop=lambda: True))
    assert isinstance(events[-1], Stopped)
    assert left(tmp_path) == []


# What the adapter does in llama.cpp

LOGITS = """
import ctypes, json, sys
import llama_cpp
import numpy as np

model_path, adapter_path, out, *tokens = sys.argv[1:]
tokens = [int(token) for token in tokens]
parameters = llama_cpp.llama_model_default_params()
parameters.use_mmap = False
model = llama_cpp.llama_model_load_from_file(model_path.encode(), parameters)
options = llama_cpp.llama_context_default_params()
options.n_ctx = options.n_batch = options.n_ubatch = 64
options.n_threads = options.n_threads_batch = 1
context = llama_cpp.llama_init_from_model(model, options)
if adapter_path:
    adapter = llama_cpp.llama_adapter_lora_init(model, adapter_path.encode())
    assert adapter, "the adapter does not load"
    adapters = (ctypes.POINTER(ctypes.c_void_p) * 1)(adapter)
    assert llama_cpp.llama_set_adapters_lora(context, adapters, 1, (ctypes.c_float * 1)(1.0)) == 0
batch = llama_cpp.llama_batch_init(len(tokens), 0, 1)
batch.n_tokens = len(tokens)
for place, token in enumerate(tokens):
    batch.token[place], batch.pos[place], batch.logits[place] = token, place, 1
    batch.n_seq_id[place], batch.seq_id[place][0] = 1, 0
assert llama_cpp.llama_decode(context, batch) == 0
size = llama_cpp.llama_vocab_n_tokens(llama_cpp.llama_model_get_vocab(model))
rows = [np.ctypeslib.as_array(llama_cpp.llama_get_logits_ith(context, i), (size,)) for i in range(len(tokens))]
np.save(out, np.stack(rows))
"""
TOKENS = [72, 105, 44, 32, 260, 17, 3, 99, 201, 150, 150, 8]


class Merged:
    """The weights of a checkpoint with ``scale`` times B @ A on top, as the forward pass takes them."""

    def __init__(self, tensors: Mapping[str, NDArray[np.float32]]) -> None:
        self._tensors = tensors

    def __contains__(self, name: object, /) -> bool:
        return name in self._tensors

    def shape(self, name: str) -> tuple[int, ...]:
        return self._tensors[name].shape

    def bytes(self, name: str) -> int:
        return self._tensors[name].nbytes

    def rows(self, name: str, first: int, count: int) -> NDArray[np.float32]:
        return self._tensors[name][first : first + count]


def merged(config: Mapping[str, object], pairs: Mapping[str, tuple[str, NDArray[Any]]], *, scale: float) -> Merged:
    tensors = {
        name: (bits.astype(np.uint32) << 16).view(np.float32)
        for name, (_, bits) in checkpoint_material.weights(config).items()
    }
    for name, (_, a) in pairs.items():
        if ".lora_A." in name:
            weight = name.removeprefix("base_model.model.").replace(".lora_A", "")
            tensors[weight] = tensors[weight] + np.float32(scale) * (pairs[name.replace("lora_A", "lora_B")][1] @ a)
    return Merged(tensors)


def log_softmax(logits: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    shifted = logits.astype(np.float64) - logits.max(axis=1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)), np.float64)


def divergence(expected: NDArray[np.floating[Any]], found: NDArray[np.floating[Any]]) -> float:
    """Return the mean KL divergence of two sets of logits, in nats."""
    p, q = log_softmax(expected), log_softmax(found)
    return float((np.exp(p) * (p - q)).sum(axis=1).mean())


def in_llama(model: Path, adapter: Path | None, out: Path) -> NDArray[np.float32]:
    arguments = [str(model), str(adapter or ""), str(out), *map(str, TOKENS)]
    done = subprocess.run([sys.executable, "-c", LOGITS, *arguments], capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    return np.asarray(np.load(out), np.float32)


@pytest.mark.parametrize(
    ("architecture", "changes", "factor"),
    [("qwen2", {}, 2.0), ("llama", {"use_rslora": True}, 2.0 * 32**0.5)],
    ids=["LoRA", "rank-stabilised, with reordered rows"],
)
def test_in_llama_the_adapter_is_as_merged_weights(
    tmp_path: Path, architecture: str, changes: dict[str, object], factor: float
) -> None:
    base = checkpoint_material.write(tmp_path / "base", architecture)
    config = json.loads((base / "config.json").read_text(encoding="utf-8"))
    source = adapter(tmp_path, architecture, modules=ALL, **changes)
    target = made(source, tmp_path / "out.gguf", base=base, type="F32")
    model = tmp_path / "model.gguf"
    assert isinstance(list(convert(base, model, type="BF16"))[-1], Converted)

    pairs = weights(config, modules=ALL)
    name = architectures.of(config).name
    forward = Forward(
        merged(config, pairs, scale=factor),
        recipe(config, path=base / "config.json", architecture=name, context=64),
        TOKENS,
    )
    list(forward.hidden())
    expected = np.concatenate([logits for _, logits in forward.logits()], axis=1)
    forward.close()

    without = divergence(expected, in_llama(model, None, tmp_path / "without.npy"))
    with_it = divergence(expected, in_llama(model, target, tmp_path / "with.npy"))
    assert without > 0.01
    assert with_it < without / 1000

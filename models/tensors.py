"""Which tensors the common architectures have and of what shape: to check files, count parameters, foretell sizes.

From ``src/models/<architecture>.cpp`` (``load_arch_tensors``) and ``create_tensor_qkv`` of llama.cpp. Architectures not
drawn here are checked by what all have in common, and sized by their bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from models.geometry import Geometry

# One line per tensor: its name, then the lengths of its dimensions, the row first, by the letters of `_lengths`.
# `?` may be missing and is not counted, `+` may be missing and is counted (the models of this field have it).
_COMMON = """
    token_embd.weight E N
    output_norm.weight E
"""
_ATTENTION = """
    attn_norm.weight E
    attn_q.weight E Q
    attn_k.weight E K
    attn_v.weight E V
    attn_output.weight O E
    ffn_norm.weight E
"""
_GATED = """
    ffn_gate.weight E F
    ffn_up.weight E F
    ffn_down.weight F E
"""
_BIASES = """
    attn_q.bias{0} Q
    attn_k.bias{0} K
    attn_v.bias{0} V
"""
_HEAD_NORMS = """
    attn_q_norm.weight H
    attn_k_norm.weight H
"""
_GEMMA = _ATTENTION + _GATED + _HEAD_NORMS + "post_attention_norm.weight E\npost_ffw_norm.weight E\n"

_OUTSIDE = {
    "bert": """
        token_embd.weight E N
        token_embd_norm.weight E
        token_embd_norm.bias E
        token_types.weight+ E T
        position_embd.weight E P
    """,
    "llama": _COMMON + "rope_freqs.weight? R",
    "phi3": _COMMON + "rope_factors_long.weight? R\nrope_factors_short.weight? R",
}
_INSIDE = {
    "qwen2": _ATTENTION + _GATED + _BIASES.format("+"),
    "qwen3": _ATTENTION + _GATED + _HEAD_NORMS + _BIASES.format("?"),
    "llama": _ATTENTION + _GATED + _BIASES.format("?") + "attn_output.bias? E",
    "gemma3": _GEMMA,
    "gemma-embedding": _GEMMA,
    "phi3": """
        attn_norm.weight E
        attn_qkv.weight E A
        attn_output.weight O E
        ffn_norm.weight E
        ffn_up.weight E F_2
        ffn_down.weight F E
    """,
    "bitnet": _ATTENTION + _GATED + "attn_sub_norm.weight E\nffn_sub_norm.weight F\n",
    "bert": """
        attn_q.weight E Q
        attn_q.bias+ Q
        attn_k.weight E K
        attn_k.bias+ K
        attn_v.weight E V
        attn_v.bias+ V
        attn_output.weight O E
        attn_output.bias+ E
        attn_output_norm.weight E
        attn_output_norm.bias E
        ffn_up.weight E F
        ffn_up.bias+ F
        ffn_down.weight F E
        ffn_down.bias+ E
        layer_output_norm.weight E
        layer_output_norm.bias E
    """,
}
_WITHOUT_OUTPUT = ("bert", "bitnet")

FUSED = "attn_qkv.weight"
"""May stand for the three of `APART`, and they for it, in every architecture."""
APART = ("attn_q.weight", "attn_k.weight", "attn_v.weight")


@dataclass(frozen=True, slots=True)
class Expected:
    """A tensor that a model of this shape has; ``layer`` is None outside the layers."""

    name: str
    shape: tuple[int, ...]
    layer: int | None
    required: bool
    counted: bool

    @property
    def elements(self) -> int:
        count = 1
        for length in self.shape:
            count *= length
        return count


def is_drawn(architecture: str) -> bool:
    """Return whether the tensors of ``architecture`` are known here."""
    return architecture in _INSIDE


def expected(geometry: Geometry) -> Iterator[Expected]:
    """Yield the tensors of a model of this shape, those outside the layers first; nothing where it is not drawn."""
    if not is_drawn(geometry.architecture):
        return
    yield from _drawn(_OUTSIDE.get(geometry.architecture, _COMMON), geometry, None)
    if geometry.architecture not in _WITHOUT_OUTPUT:
        shape = (geometry.embedding, geometry.vocabulary)
        yield Expected("output.weight", shape, None, required=False, counted=not geometry.tied)
    for layer in range(geometry.layers):
        yield from _drawn(_INSIDE[geometry.architecture], geometry, layer)


def fused_shape(geometry: Geometry) -> tuple[int, int]:
    """Return the shape of a fused attention matrix: Q, K and V side by side."""
    return geometry.embedding, _lengths(geometry)["A"]


def apart_shape(geometry: Geometry, name: str) -> tuple[int, int]:
    """Return the shape of one of `APART`."""
    return geometry.embedding, _lengths(geometry)[name[5].upper()]


def parameters(geometry: Geometry) -> int:
    """Return how many parameters a model of this shape has; 0 where its architecture is not drawn."""
    return sum(tensor.elements for tensor in expected(geometry) if tensor.counted)


def _drawn(lines: str, geometry: Geometry, layer: int | None) -> Iterator[Expected]:
    lengths = _lengths(geometry)
    prefix = "" if layer is None else f"blk.{layer}."
    for line in filter(None, map(str.strip, lines.splitlines())):
        name, *letters = line.split()
        shape = tuple(lengths[letter] for letter in letters)
        bare = name.rstrip("?+")
        yield Expected(prefix + bare, shape, layer, required=bare == name, counted=not name.endswith("?"))


def _lengths(geometry: Geometry) -> dict[str, int]:
    query = geometry.heads * geometry.key_length
    key, value = geometry.kv_heads * geometry.key_length, geometry.kv_heads * geometry.value_length
    return {
        "E": geometry.embedding,
        "N": geometry.vocabulary,
        "Q": query,
        "K": key,
        "V": value,
        "O": geometry.heads * geometry.value_length,
        "A": query + key + value,
        "H": geometry.key_length,
        "F": geometry.feed_forward,
        "F_2": 2 * geometry.feed_forward,
        "R": geometry.rope_dimensions // 2,
        "T": geometry.token_types,
        "P": geometry.positions,
    }

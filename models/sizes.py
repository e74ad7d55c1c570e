"""How large the file of a model will be in a given quantization: every tensor by the rule that llama-quantize follows.

The rule is ``llama_tensor_get_type_impl`` and ``tensor_type_fallback`` of ``src/llama-quant.cpp`` for the types that
Offlite makes (without importance matrix, without experts). The header is estimated; it is a thousandth of the file.
"""

from __future__ import annotations

from functools import cache

from models.geometry import Geometry
from models.gguf_types import TYPES_BY_NAME
from models.tensors import Expected, expected

FILE_TYPES = ("Q4_K_M", "Q4_K_S", "Q5_K_M", "Q6_K", "Q8_0", "Q4_0", "Q5_1", "BF16", "F16")
"""The types that Offlite makes."""

_BASE = {"Q4_K_M": "Q4_K", "Q4_K_S": "Q4_K", "Q5_K_M": "Q5_K"}
_FALLBACK = {"Q4_K": "Q5_0", "Q5_K": "Q5_1", "Q6_K": "Q8_0"}
_KEPT = ("position_embd.weight", "token_types.weight")

_HEADER_PER_TOKEN = 39
"""Bytes. 5,928,681 of a header for 151,936 tokens with 151,387 merges (Qwen 2)."""

_ALIGNMENT = 32


@cache
def file_size(geometry: Geometry, file_type: str) -> int:
    """Return the bytes of a GGUF of this shape and type; 0 where the tensors of its architecture are not known.

    Raises:
        KeyError: ``file_type`` is none of `FILE_TYPES`.
    """
    base = _BASE.get(file_type, file_type)
    if file_type not in FILE_TYPES:
        raise KeyError(file_type)
    total = geometry.vocabulary * _HEADER_PER_TOKEN
    for tensor in expected(geometry):
        if tensor.counted:
            size = TYPES_BY_NAME[_tensor_type(tensor, geometry, file_type, base)].size(tensor.elements)
            total += -(-size // _ALIGNMENT) * _ALIGNMENT
    return total


def _tensor_type(tensor: Expected, geometry: Geometry, file_type: str, base: str) -> str:
    if len(tensor.shape) == 1 or tensor.name in _KEPT:
        return "F32"
    if base in ("BF16", "F16"):
        return base
    wanted = _wanted(tensor, geometry, file_type, base)
    row = tensor.shape[0]
    if row % TYPES_BY_NAME[wanted].block:
        wanted = _FALLBACK.get(wanted, wanted)
    return "F16" if row % TYPES_BY_NAME[wanted].block else wanted


def _wanted(tensor: Expected, geometry: Geometry, file_type: str, base: str) -> str:
    """Return the type before the shape of the tensor has its say."""
    if tensor.layer is None:
        output = tensor.name == "output.weight" or (tensor.name == "token_embd.weight" and geometry.tied)
        if not output or base == "Q8_0":
            return base
        return "Q8_0" if tensor.shape[0] % TYPES_BY_NAME[base].block else "Q6_K"
    part = tensor.name.split(".")[2]
    if part in ("attn_v", "attn_qkv", "ffn_down"):
        return _favoured(part, tensor.layer, geometry.layers, file_type, base)
    return base


def _favoured(part: str, layer: int, layers: int, file_type: str, base: str) -> str:
    eighth = layers // 8
    if file_type in ("Q4_K_M", "Q5_K_M"):
        more = layer < eighth or layer >= 7 * layers // 8 or (layer - eighth) % 3 == 2
        return "Q6_K" if more else base
    if file_type == "Q4_K_S":
        return "Q5_K" if layer < (eighth if part == "ffn_down" else 4) else base
    return base

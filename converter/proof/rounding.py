"""How llama.cpp rounds activations before it multiplies weights of a type by them.

``vec_dot_type`` in ggml/src/ggml-cpu/ggml-cpu.c says to which type, ``quantize_row_q8_0_ref`` and
``quantize_row_q8_K_ref`` in ggml/src/ggml-quants.c how. Two passes that round alike do not stay alike: a difference in
the last bit becomes one of 1/127 where it tips a value over, and after a few layers they are as far apart as a pass
that rounds and one that does not. So this tells how far, not what.
"""

from __future__ import annotations

import numpy as np

from converter.proof.rope import Floats


def rounded(state: Floats, kind: str) -> Floats:
    """``state`` [positions, values] as llama.cpp multiplies weights of type ``kind`` by it."""
    if kind == "F32":
        return state
    if kind == "F16":
        return state.astype(np.float16).astype(np.float32)
    if kind == "BF16":
        return bfloat16(state)
    return _in_256(state) if kind.endswith("_K") else _in_32(state)


def bfloat16(values: Floats) -> Floats:
    """Finite ``values`` rounded to the nearest bfloat16, ties to even."""
    bits = np.ascontiguousarray(values).view(np.uint32)
    nearest = (bits + np.uint32(0x7FFF) + ((bits >> np.uint32(16)) & np.uint32(1))) & np.uint32(0xFFFF0000)
    return nearest.view(np.float32)


def _in_32(state: Floats) -> Floats:
    """Q8_0: 32 whole numbers of 8 bits with a scale of 16 bits."""
    blocks = state.reshape(len(state), -1, 32)
    scale = np.abs(blocks).max(axis=2, keepdims=True) / np.float32(127)
    whole = np.rint(blocks / np.where(scale > 0, scale, np.float32(1)))
    back: Floats = whole * scale.astype(np.float16).astype(np.float32)
    return back.reshape(state.shape)


def _in_256(state: Floats) -> Floats:
    """Q8_K: 256 whole numbers of 8 bits with a scale of 32 bits, the largest becoming −127."""
    blocks = state.reshape(len(state), -1, 256)
    largest = np.take_along_axis(blocks, np.abs(blocks).argmax(axis=2, keepdims=True), axis=2)
    scale = largest / np.float32(-127)
    whole = np.rint(blocks / np.where(scale != 0, scale, np.float32(1)))
    back: Floats = np.minimum(whole, np.float32(127)) * scale
    return back.reshape(state.shape)

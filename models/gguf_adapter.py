"""Whether a GGUF header describes a LoRA adapter that llama.cpp can load (``src/llama-adapter.cpp``)."""

from __future__ import annotations

import math

from models.errors import ModelBroken, ModelUnsupported
from models.gguf_types import GgufHeader, TensorInfo

_DOWN, _UP = ".lora_a", ".lora_b"
LARGEST_RANK = 4096
"""In use are 8 to 256."""


def validate_adapter(header: GgufHeader) -> None:
    """Check kind, scale and pairs of matrices.

    Raises:
        ModelBroken: ``entry`` names the key or the tensor.
    """
    if header.text("adapter.type") != "lora":
        raise ModelUnsupported(header.path, "an adapter that is not LoRA", "adapter.type")
    alpha = header.keyvalues.get("adapter.lora.alpha")
    if not isinstance(alpha, float) or not math.isfinite(alpha):
        raise ModelBroken(header.path, "an impossible number", "adapter.lora.alpha")
    present = {tensor.name: tensor for tensor in header.tensors}
    if not present:
        raise ModelBroken(header.path, "it has no tensors")
    for tensor in header.tensors:
        _check_pair(header, tensor, present)


def _check_pair(header: GgufHeader, tensor: TensorInfo, present: dict[str, TensorInfo]) -> None:
    """A is rank rows of the input's length, B the output's length rows of rank (in ggml's order reversed)."""
    down, up = tensor.name.endswith(_DOWN), tensor.name.endswith(_UP)
    if not down and not up:
        return  # norms may come along as a whole
    if down:
        other = present.get(tensor.name.removesuffix(_DOWN) + _UP)
    else:
        other = present.get(tensor.name.removesuffix(_UP) + _DOWN)
    if other is None:
        raise ModelBroken(header.path, "half of a pair is missing", tensor.name)
    first, second = (tensor, other) if down else (other, tensor)
    if len(first.shape) != 2 or len(second.shape) != 2:
        raise ModelBroken(header.path, "a tensor of the wrong shape", tensor.name)
    embedding = tensor.name.startswith("token_embd.")
    rank = first.shape[0] if embedding else first.shape[1]
    other_rank = second.shape[0]
    if rank != other_rank or not 0 < rank <= LARGEST_RANK:
        raise ModelBroken(header.path, "a tensor of the wrong shape", tensor.name)

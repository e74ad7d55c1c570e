"""Whether the numbers of a GGUF header make a model that llama.cpp can load without dying of it.

Much of what llama.cpp asserts it asserts with ``abort()`` (``load_hparams`` in ``src/llama-model.cpp``, ``load`` in
``src/llama-vocab.cpp``): block_count 0, 513 or 2**31, negative or NaN epsilon, more experts used than there are, tokens
that are not distinct. All of that is found here first, and so are tensors whose shapes do not follow from the keys.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import NoReturn

from models.architectures import KNOWN
from models.errors import ModelBroken, ModelUnsupported
from models.geometry import ENCODERS, Geometry, of_header
from models.gguf_adapter import validate_adapter
from models.gguf_types import TYPES_BY_NAME, GgufHeader, TensorInfo, Value, ValueType
from models.gguf_vocabulary import validate_vocabulary
from models.tensors import APART, FUSED, Expected, apart_shape, expected, fused_shape, is_drawn

MOST_LAYERS = 512
"""``LLAMA_MAX_LAYERS``."""
MOST_EXPERTS = 1024
"""``LLAMA_MAX_EXPERTS``."""

# The widest models have 16,384 (Llama 3.1 405B) with a feed-forward of 53,248; the longest contexts are 10 million.
_WIDEST = 2**20
_LONGEST_CONTEXT = 2**28
_MOST_HEADS = 4096

_WITHOUT_HEADS = frozenset({"mamba", "mamba2", "rwkv6", "rwkv6qwen2", "rwkv7", "arwkv7", "wavtokenizer-dec"})
_TWO_STACKS = frozenset({"t5", "t5encoder"})  # enc.blk and dec.blk
_BLOCK = re.compile(r"blk\.(\d{1,9})\.")
_ROPE_SCALINGS = ("none", "linear", "yarn", "longrope")
_EPSILONS = ("attention.layer_norm_rms_epsilon", "attention.layer_norm_epsilon", "attention.group_norm_epsilon")
_FREQUENCIES = ("rope.freq_base", "rope.freq_base_swa")
_SCALES = ("rope.scaling.factor", "rope.scale_linear", "rope.scaling.attn_factor")


def validate_model(header: GgufHeader) -> None:
    """Check that ``header`` describes a language model, an embedding model or an adapter that can be loaded.

    Raises:
        ModelBroken: ``detail`` says what is wrong, ``entry`` names the key or the tensor.
        ModelFileMissing, ModelUnreadable: the file went away meanwhile; the vocabulary is read from it.
    """
    name = header.architecture
    if not name:
        raise ModelBroken(header.path, "it does not say of what architecture it is", "general.architecture")
    if name not in KNOWN:
        raise ModelUnsupported(header.path, "an architecture that llama.cpp does not know", name)
    if header.integer("split.count") > 1:
        raise ModelBroken(header.path, "one part of several", "split.count")
    kind = header.text("general.type") or "model"
    if kind == "adapter":
        validate_adapter(header)
        return
    if kind != "model":
        raise ModelUnsupported(header.path, "not a language model", f"general.type = {kind}")
    _Keys(header).check()
    validate_vocabulary(header)
    _check_tensors(header, of_header(header))


class _Keys:
    """The keys of the architecture, one group of rules per method."""

    def __init__(self, header: GgufHeader) -> None:
        self._header = header
        self._name = header.architecture
        self._layers = 0

    def check(self) -> None:
        self._layers = self._whole("block_count", 1, MOST_LAYERS)
        self._whole("context_length", 1, _LONGEST_CONTEXT)
        self._whole("embedding_length", 1, _WIDEST)
        self._whole("vocab_size", 1, 2**24, optional=True)
        self._per_layer("feed_forward_length", 0, _WIDEST * 16)
        if self._name not in _WITHOUT_HEADS:
            self._check_heads()
        self._check_experts()
        self._check_numbers()
        self._check_windows()

    def _check_heads(self) -> None:
        heads = self._per_layer("attention.head_count", 0, _MOST_HEADS)
        kv_heads = self._per_layer("attention.head_count_kv", 0, _MOST_HEADS) or heads
        embedding = self._header.integer(self._key("embedding_length"))
        if not heads or not max(heads):
            self._refuse("an impossible number", "attention.head_count")
        for count, shared in zip(_stretched(heads, self._layers), _stretched(kv_heads, self._layers), strict=True):
            if shared > count or (shared and count % shared):
                self._refuse("heads that cannot be shared out", "attention.head_count_kv")
        lengths = [
            self._whole(f"attention.{which}_length", 1, 8192, optional=True) or embedding // max(heads)
            for which in ("key", "value")
        ]
        if not all(lengths):
            self._refuse("more heads than numbers", "attention.head_count")
        dimensions = self._whole("rope.dimension_count", 0, lengths[0], optional=True)
        if dimensions % 2:
            self._refuse("an impossible number", "rope.dimension_count")
        if self._name == "llama" and dimensions not in (0, lengths[0]):
            self._refuse("an impossible number", "rope.dimension_count")

    def _check_experts(self) -> None:
        experts = self._whole("expert_count", 0, MOST_EXPERTS, optional=True)
        used = max(self._per_layer("expert_used_count", 0, MOST_EXPERTS), default=0)
        groups = self._whole("expert_group_count", 0, MOST_EXPERTS, optional=True)
        if used > experts or (experts > 0 and not used):
            self._refuse("an impossible number of experts", "expert_used_count")
        if groups and (groups >= experts or experts % groups):
            self._refuse("an impossible number of experts", "expert_group_count")
        if groups > 1:
            self._whole("expert_group_used_count", 1, groups - 1)
        self._whole("nextn_predict_layers", 0, self._layers, optional=True)

    def _check_numbers(self) -> None:
        stated = [self._fraction(key, 0.0, 1.0) for key in _EPSILONS]
        if is_drawn(self._name) and not any(stated):
            self._refuse("a key is missing", _EPSILONS[1 if self._name in ENCODERS else 0])
        for key in _FREQUENCIES:
            self._fraction(key, 0.0, 1e15)
        for key in _SCALES:
            self._fraction(key, 0.0, 1e6, zero=True)
        scaling = self._header.keyvalues.get(self._key("rope.scaling.type"), "none")
        if scaling not in _ROPE_SCALINGS:
            key = self._key("rope.scaling.type")
            raise ModelUnsupported(self._header.path, "a rope scaling that llama.cpp does not know", key)

    def _check_windows(self) -> None:
        self._whole("attention.sliding_window", 0, _LONGEST_CONTEXT, optional=True)
        pattern = self._header.keyvalues.get(self._key("attention.sliding_window_pattern"))
        if isinstance(pattern, tuple) and len(pattern) != self._layers:
            self._refuse("as many numbers as layers are needed", "attention.sliding_window_pattern")
        self._whole("pooling_type", 0, 4, optional=True)

    def _whole(self, key: str, least: int, most: int, *, optional: bool = False) -> int:
        """Return an unsigned 32-bit number, the only kind that llama.cpp takes here; 0 where there is none."""
        full = self._key(key)
        if full not in self._header.keyvalues:
            if optional:
                return 0
            self._refuse("a key is missing", key)
        if self._header.entries[full].value_type is not ValueType.UINT32:
            self._refuse("a value of the wrong type", key)
        value = self._header.integer(full)
        if not least <= value <= most:
            self._refuse("an impossible number", key)
        return value

    def _per_layer(self, key: str, least: int, most: int) -> tuple[int, ...]:
        """Return one number, or one for each layer; nothing where there is none."""
        value: Value | None = self._header.keyvalues.get(self._key(key))
        if value is None:
            return ()
        if not isinstance(value, tuple):
            return (self._whole(key, least, most),)
        if len(value) != self._layers:
            self._refuse("as many numbers as layers are needed", key)
        numbers = tuple(item for item in value if isinstance(item, int) and least <= item <= most)
        if len(numbers) != len(value):
            self._refuse("an impossible number", key)
        return numbers

    def _fraction(self, key: str, least: float, most: float, *, zero: bool = False) -> bool:
        """Check a 32-bit fraction, above ``least``, and return whether there is one."""
        full = self._key(key)
        if full not in self._header.keyvalues:
            return False
        value = self._header.keyvalues[full]
        if self._header.entries[full].value_type is not ValueType.FLOAT32 or not isinstance(value, float):
            self._refuse("a value of the wrong type", key)
        if not math.isfinite(value) or not (least < value <= most or (zero and value == least)):
            self._refuse("an impossible number", key)
        return True

    def _key(self, key: str) -> str:
        return f"{self._name}.{key}"

    def _refuse(self, detail: str, key: str) -> NoReturn:
        raise ModelBroken(self._header.path, detail, self._key(key))


def _stretched(numbers: tuple[int, ...], layers: int) -> tuple[int, ...]:
    return numbers if len(numbers) == layers else numbers[:1] * layers


def _check_tensors(header: GgufHeader, geometry: Geometry) -> None:
    if not header.tensors:
        raise ModelBroken(header.path, "it has no tensors")
    for tensor in header.tensors:
        _check_type(header, tensor)
    if geometry.architecture not in _TWO_STACKS:
        _check_blocks(header, geometry.layers)
    _check_embedding(header, geometry)
    experts = header.integer(f"{geometry.architecture}.expert_count")
    if is_drawn(geometry.architecture):
        drawn = (tensor for tensor in expected(geometry) if not (experts and ".ffn_" in tensor.name))
        _check_drawn(header, geometry, drawn)


def _check_type(header: GgufHeader, tensor: TensorInfo) -> None:
    """Norms and biases are stored in F32 by every converter; and some types of tensors are none of weights."""
    usual = ("F32",) if is_drawn(header.architecture) else ("F32", "F16", "BF16")
    if tensor.name.endswith(("_norm.weight", ".bias")) and tensor.type not in usual:
        raise ModelBroken(header.path, "a tensor of the wrong type", tensor.name)
    if len(tensor.shape) > 1 and not TYPES_BY_NAME[tensor.type].weights:
        raise ModelBroken(header.path, "a tensor of the wrong type", tensor.name)


def _check_blocks(header: GgufHeader, layers: int) -> None:
    found = {int(match[1]) for tensor in header.tensors if (match := _BLOCK.match(tensor.name))}
    if found != set(range(layers)):
        raise ModelBroken(
            header.path, "other layers than its header says", f"{header.architecture}.block_count = {layers}"
        )


def _check_embedding(header: GgufHeader, geometry: Geometry) -> None:
    tensor = header.tensor("token_embd.weight")
    if tensor is None:
        raise ModelBroken(header.path, "a tensor is missing", "token_embd.weight")
    if tensor.shape != (geometry.embedding, geometry.vocabulary):
        raise ModelBroken(header.path, "a tensor of the wrong shape", tensor.name)


def _check_drawn(header: GgufHeader, geometry: Geometry, tensors: Iterable[Expected]) -> None:
    present = {tensor.name: tensor for tensor in header.tensors}
    for wanted in tensors:
        if wanted.name in present:
            _check_shape(header, present[wanted.name], wanted.shape)
        elif wanted.name.endswith(APART):
            prefix = wanted.name.rpartition("attn_")[0]
            _check_other(header, present, prefix + FUSED, fused_shape(geometry))
        elif wanted.name.endswith(FUSED):
            prefix = wanted.name.removesuffix(FUSED)
            for part in APART:
                _check_other(header, present, prefix + part, apart_shape(geometry, part))
        elif wanted.required:
            raise ModelBroken(header.path, "a tensor is missing", wanted.name)


def _check_other(header: GgufHeader, present: dict[str, TensorInfo], name: str, shape: tuple[int, int]) -> None:
    if name not in present:
        raise ModelBroken(header.path, "a tensor is missing", name)
    _check_shape(header, present[name], shape)


def _check_shape(header: GgufHeader, tensor: TensorInfo, shape: tuple[int, ...]) -> None:
    """Compare as llama.cpp does (``check_tensor_dims``): dimensions of one at the end do not count."""
    if _trimmed(tensor.shape) != _trimmed(shape):
        raise ModelBroken(header.path, "a tensor of the wrong shape", tensor.name)


def _trimmed(shape: tuple[int, ...]) -> tuple[int, ...]:
    while len(shape) > 1 and shape[-1] == 1:
        shape = shape[:-1]
    return shape

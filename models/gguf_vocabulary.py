"""Whether the vocabulary in a GGUF header is one that llama.cpp can take (``load`` in ``src/llama-vocab.cpp``)."""

from __future__ import annotations

from models.errors import ModelBroken, ModelUnsupported
from models.gguf_arrays import strings
from models.gguf_types import GgufHeader, LongArray, ValueType

_TOKENS = "tokenizer.ggml.tokens"
_SCORES = "tokenizer.ggml.scores"
_TYPES = "tokenizer.ggml.token_type"
_MERGES = "tokenizer.ggml.merges"

_WITHOUT_TOKENS = ("none", "no_vocab")
_MODELS = ("llama", "bert", "gpt2", "t5", "rwkv", "plamo2", "gemma4", "hybriddna", "whitespace", *_WITHOUT_TOKENS)
_WITH_MERGES = ("gpt2", "gemma4")

# Out of range: an answer that never ends, or an abort at the first one. llama.cpp ignores others with a warning, and
# files in use have them.
_SPECIAL = ("bos", "eos", "eot")

_MOST_TOKENS = 2**22


def validate_vocabulary(header: GgufHeader) -> None:
    """Check tokens, scores, types and merges against each other. Reads the tokens: 152,064 take about 60 ms.

    Raises:
        ModelBroken: ``entry`` names the key.
    """
    model = header.text("tokenizer.ggml.model")
    if model is None:
        raise ModelBroken(header.path, "a key is missing", "tokenizer.ggml.model")
    if model not in _MODELS:
        raise ModelUnsupported(header.path, "a tokenizer that llama.cpp does not know", model)
    if model in _WITHOUT_TOKENS:
        return
    tokens = _array(header, _TOKENS, (ValueType.STRING,))
    if tokens is None or not 0 < tokens.count <= _MOST_TOKENS:
        raise ModelBroken(header.path, "no usable vocabulary", _TOKENS)
    for key, kinds in ((_SCORES, (ValueType.FLOAT32, ValueType.INT32)), (_TYPES, (ValueType.INT32,))):
        found = _array(header, key, kinds)
        if found is not None and found.count < tokens.count:
            raise ModelBroken(header.path, "fewer entries than tokens", key)
    merges = _array(header, _MERGES, (ValueType.STRING,))
    if model in _WITH_MERGES and merges is None:
        raise ModelBroken(header.path, "a key is missing", _MERGES)
    _check_special(header, tokens.count)
    _check_distinct(header)


def _array(header: GgufHeader, key: str, kinds: tuple[ValueType, ...]) -> LongArray | None:
    value = header.keyvalues.get(key)
    if value is None:
        return None
    if not isinstance(value, LongArray) or value.item_type not in kinds:
        raise ModelBroken(header.path, "a value of the wrong type", key)
    return value


def _check_special(header: GgufHeader, tokens: int) -> None:
    for name in _SPECIAL:
        key = f"tokenizer.ggml.{name}_token_id"
        if header.has(key) and header.entries[key].value_type is not ValueType.UINT32:
            raise ModelBroken(header.path, "a value of the wrong type", key)
        if header.integer(key) >= tokens:
            raise ModelBroken(header.path, "a token that is not in the vocabulary", key)


def _check_distinct(header: GgufHeader) -> None:
    """Two tokens of one text abort llama.cpp; empty ones it names by their number."""
    tokens = [token for token in strings(header, _TOKENS) if token]
    if len(set(tokens)) != len(tokens):
        raise ModelBroken(header.path, "the same token twice", _TOKENS)

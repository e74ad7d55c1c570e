"""The shape of a model: the handful of numbers from which its tensors, its size and its memory follow.

Read from a GGUF header or from the catalogue. Names follow GGUF's keys, lengths count numbers, not bytes.
"""

from __future__ import annotations

from dataclasses import dataclass

from models.gguf_types import GgufHeader, LongArray, Value


@dataclass(frozen=True, slots=True)
class Geometry:
    """A transformer with equal layers; of unequal ones the largest."""

    architecture: str
    layers: int
    embedding: int
    feed_forward: int
    heads: int
    kv_heads: int
    key_length: int
    value_length: int
    vocabulary: int
    context: int
    """The most tokens it was trained for."""
    sliding_window: int = 0
    """Tokens that a sliding layer sees; 0 where all layers see everything."""
    sliding_layers: int = 0
    tied: bool = False
    """The output matrix is the embedding matrix."""
    token_types: int = 0
    rope_dimensions: int = 0
    positions: int = 0
    """Rows of a learned position table (BERT), 0 without one."""
    causal: bool = True
    """Answers; without, it only embeds and keeps no cache."""

    @property
    def kv_elements(self) -> int:
        """Numbers that one layer's cache takes per token: K and V (``n_embd_k_gqa + n_embd_v_gqa``)."""
        return self.kv_heads * (self.key_length + self.value_length)


# Architectures that only embed: no cache, pooled output.
ENCODERS = frozenset(
    {
        "bert",
        "modern-bert",
        "nomic-bert",
        "nomic-bert-moe",
        "neo-bert",
        "jina-bert-v2",
        "jina-bert-v3",
        "eurobert",
        "gemma-embedding",
        "t5encoder",
        "llama-embed",
    }
)

# src/models/gemma3.cpp and its like: of six layers in a row five see only the window, where no pattern is stated.
# Other architectures slide only where a pattern is stated; too large a cache is the safe mistake.
_SLIDING_PERIOD = {"gemma3": 6, "gemma2": 2, "gemma3n": 5, "gemma-embedding": 6, "cohere2": 4}


def of_header(header: GgufHeader) -> Geometry:
    """Return the shape that ``header`` states. Absent numbers are what llama.cpp takes for them (``load_hparams``)."""
    name = header.architecture
    numbers = {key.removeprefix(name + "."): value for key, value in header.keyvalues.items() if key.startswith(name)}
    layers = largest(numbers.get("block_count"))
    embedding = largest(numbers.get("embedding_length"))
    heads = largest(numbers.get("attention.head_count"))
    key_length = largest(numbers.get("attention.key_length"), embedding // heads if heads else 0)
    context = largest(numbers.get("context_length"))
    window = 0 if name == "phi3" else largest(numbers.get("attention.sliding_window"))
    return Geometry(
        architecture=name,
        layers=layers,
        embedding=embedding,
        feed_forward=largest(numbers.get("feed_forward_length")),
        heads=heads,
        kv_heads=largest(numbers.get("attention.head_count_kv"), heads),
        key_length=key_length,
        value_length=largest(numbers.get("attention.value_length"), embedding // heads if heads else 0),
        vocabulary=vocabulary(header),
        context=context,
        sliding_window=window,
        sliding_layers=_sliding_layers(name, numbers.get("attention.sliding_window_pattern"), layers) if window else 0,
        tied=header.tensor("output.weight") is None,
        token_types=largest(header.keyvalues.get("tokenizer.ggml.token_type_count")),
        rope_dimensions=largest(numbers.get("rope.dimension_count"), key_length),
        positions=context if header.tensor("position_embd.weight") else 0,
        causal=name not in ENCODERS and numbers.get("attention.causal") is not False,
    )


def vocabulary(header: GgufHeader) -> int:
    """Return how many tokens the header lists, or states where it lists none."""
    tokens = header.keyvalues.get("tokenizer.ggml.tokens")
    if isinstance(tokens, LongArray):
        return tokens.count
    return header.integer(f"{header.architecture}.vocab_size")


def largest(value: Value | None, default: int = 0) -> int:
    """Return a whole number, or the largest of one per layer; ``default`` where there is neither."""
    numbers = value if isinstance(value, tuple) else (value,)
    whole = [number for number in numbers if isinstance(number, int) and not isinstance(number, bool)]
    return max(whole, default=default)


def _sliding_layers(architecture: str, pattern: Value | None, layers: int) -> int:
    if isinstance(pattern, tuple):
        return sum(bool(item) for item in pattern)
    period = largest(pattern, _SLIDING_PERIOD.get(architecture, 0))
    return layers - layers // period if period > 1 else 0

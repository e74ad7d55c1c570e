"""How large a model is, and the config.json that says so. No PyTorch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """The size of a model. ``context`` is the longest row it is trained on."""

    hidden: int
    layers: int
    heads: int
    kv_heads: int
    feed_forward: int
    vocabulary: int = 16_384
    context: int = 2048
    theta: float = 1_000_000.0
    epsilon: float = 1e-6

    @property
    def parameters(self) -> int:
        """All weights, the embedding counted once: it is the head, too."""
        narrow = self.hidden // self.heads * self.kv_heads
        attention = 2 * self.hidden * self.hidden + 2 * self.hidden * narrow + self.hidden + 2 * narrow
        layer = attention + 3 * self.hidden * self.feed_forward + 2 * self.hidden
        return self.vocabulary * self.hidden + self.layers * layer + self.hidden


NANO = Shape(hidden=512, layers=8, heads=8, kv_heads=2, feed_forward=1216)
"""28.6 million: as large as a Q8_0 file of 32 MB lets it be."""

SHAPES = {
    "nano": NANO,
    # For two processors and 150 minutes: half the width costs a quarter of the work; words cost the same. As deep as
    # the large one, since finding a sentence takes link after link (``models.nano.pointing``).
    "small": Shape(hidden=256, layers=8, heads=4, kv_heads=2, feed_forward=352),
    # For trying the chain out.
    "tiny": Shape(hidden=64, layers=2, heads=2, kv_heads=1, feed_forward=128),
}


def config(shape: Shape, *, tokens: dict[str, int]) -> dict[str, Any]:
    """Return config.json. ``tokens`` are the numbers of the special tokens by their text."""
    return {
        "architectures": ["Qwen2ForCausalLM"],
        "attention_dropout": 0.0,
        "bos_token_id": tokens["<|endoftext|>"],
        "eos_token_id": tokens["<|im_end|>"],
        "hidden_act": "silu",
        "hidden_size": shape.hidden,
        "initializer_range": 0.02,
        "intermediate_size": shape.feed_forward,
        "max_position_embeddings": shape.context,
        "max_window_layers": shape.layers,
        "model_type": "qwen2",
        "num_attention_heads": shape.heads,
        "num_hidden_layers": shape.layers,
        "num_key_value_heads": shape.kv_heads,
        "rms_norm_eps": shape.epsilon,
        "rope_theta": shape.theta,
        "tie_word_embeddings": True,
        "torch_dtype": "float16",
        "use_cache": True,
        "use_sliding_window": False,
        "vocab_size": shape.vocabulary,
    }

"""How a checkpoint computes, read from its config.json: sizes, scales, rotary frequencies, windows.

This is a second reading of the configuration, apart from ``converter.architectures``, so that a mistake there shows up
as another behaviour. Sources: the modelling code of Transformers (``modeling_qwen2.py``, ``modeling_qwen3.py``,
``modeling_llama.py``, ``modeling_gemma3.py``, ``modeling_phi3.py``), which defines what these checkpoints mean.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from converter.architectures import flattened
from converter.architectures.entries import Entries
from converter.errors import ArchitectureUnsupported
from converter.proof.rope import Rope, rope


@dataclass(frozen=True, slots=True)
class Layer:
    """What may differ from layer to layer. ``window``: how many positions, itself included, a query sees; None: all."""

    rope: Rope
    window: int | None


@dataclass(frozen=True, slots=True)
class Recipe:
    """One model's arithmetic.

    ``heads`` query heads share ``key_heads`` heads of keys and values, each ``head_size`` wide. Scores are multiplied
    by ``score_scale``. Norms multiply by ``norm_offset`` + weight. ``gelu``: the gate is GELU (tanh form), else SiLU.
    ``fused``: q, k, v and gate, up lie in one tensor each (Phi-3). ``sandwich``: norms also after attention and
    feed-forward (Gemma). ``tied``: logits come from the embeddings. ``logit_cap`` c replaces a logit x by
    c·tanh(x / c). (Gemma 3 has no cap on scores: Transformers ignores ``attn_logit_softcapping``.)
    """

    heads: int
    key_heads: int
    head_size: int
    epsilon: float
    layers: tuple[Layer, ...]
    embedding_scale: float = 1.0
    norm_offset: float = 0.0
    score_scale: float = 1.0
    logit_cap: float | None = None
    gelu: bool = False
    fused: bool = False
    tied: bool = False
    sandwich: bool = False


def recipe(config: Mapping[str, object], *, path: Path, architecture: str, context: int) -> Recipe:
    """The recipe of a checkpoint for a text of at most ``context`` tokens.

    ``path`` is where ``config`` was read, for errors; ``architecture`` is the name in GGUF: qwen2, qwen3, llama, gemma3
    or phi3. Raises ArchitectureUnsupported, ConfigBroken, RopeUnsupported.
    """
    entries = Entries(flattened(config, path=path), path=path)
    if architecture == "gemma3":
        return _gemma3(entries, context)
    if architecture not in ("qwen2", "qwen3", "llama", "phi3"):
        raise ArchitectureUnsupported(architecture)
    heads = entries.count("num_attention_heads")
    head_size = entries.count("head_dim", default=max(1, entries.count("hidden_size") // heads))
    turned = rope(entries, head_size=head_size, context=context)
    return Recipe(
        heads=heads,
        key_heads=entries.count("num_key_value_heads", default=heads),
        head_size=head_size,
        epsilon=entries.number("rms_norm_eps", default=1e-5 if architecture == "phi3" else 1e-6),
        layers=tuple(Layer(turned, window) for window in _windows(entries, architecture)),
        score_scale=head_size**-0.5,
        fused=architecture == "phi3",
        tied=entries.flag("tie_word_embeddings"),
    )


def _gemma3(entries: Entries, context: int) -> Recipe:
    """Defaults are those of Gemma3TextConfig: the config.json of Gemma 3 4B relies on some."""
    head_size = entries.count("head_dim", default=256)
    near = rope(entries, head_size=head_size, context=context, kind="sliding_attention")
    far = rope(entries, head_size=head_size, context=context, kind="full_attention")
    window = entries.count("sliding_window", default=4096)
    slides = _sliding_layers(entries, entries.count("num_hidden_layers", default=26))
    return Recipe(
        heads=entries.count("num_attention_heads", default=8),
        key_heads=entries.count("num_key_value_heads", default=4),
        head_size=head_size,
        epsilon=entries.number("rms_norm_eps", default=1e-6),
        layers=tuple(Layer(near, window) if slide else Layer(far, None) for slide in slides),
        embedding_scale=entries.count("hidden_size", default=2304) ** 0.5,
        norm_offset=1.0,
        score_scale=entries.number("query_pre_attn_scalar", default=256.0) ** -0.5,
        logit_cap=entries.optional_number("final_logit_softcapping"),
        gelu=True,
        sandwich=True,
        tied=entries.flag("tie_word_embeddings", default=True),
    )


def _sliding_layers(entries: Entries, layers: int) -> list[bool]:
    """Which layers of a Gemma look at a window only: all but every sixth, unless config.json says otherwise."""
    if entries.has("layer_types"):
        return _layer_types(entries, layers)
    pattern = entries.count("sliding_window_pattern", default=6)
    return [bool((layer + 1) % pattern) for layer in range(layers)]


def _layer_types(entries: Entries, layers: int) -> list[bool]:
    kinds = entries.values["layer_types"]
    if not isinstance(kinds, list) or len(kinds) != layers:
        raise entries.broken("layer_types", "is not a list of the right length")
    return [kind == "sliding_attention" for kind in kinds]


def _windows(entries: Entries, architecture: str) -> list[int | None]:
    """The window of every layer; None where a layer sees everything."""
    layers = entries.count("num_hidden_layers")
    window = entries.count("sliding_window") if entries.has("sliding_window") else None
    if entries.has("layer_types"):
        return [window if slides else None for slides in _layer_types(entries, layers)]
    if architecture in ("qwen2", "qwen3"):
        slides = entries.flag("use_sliding_window")
        first = entries.count("max_window_layers", default=layers) if slides else layers
        return [window if layer >= first else None for layer in range(layers)]
    # Mistral and Phi-3 state a window and mean every layer; Llama states none.
    return [window] * layers

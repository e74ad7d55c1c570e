"""What is read of a model's shape from its header, and which architectures there are."""

from __future__ import annotations

from pathlib import Path

import gguf
from gguf_material import (
    ARRAY,
    BOOL,
    U32,
    Raw,
    keys,
)
from test_models_gguf_validation import model, validate

from models.architectures import KNOWN
from models.geometry import Geometry, of_header


def test_known_architectures_are_those_of_the_library() -> None:
    """The PyPI package is older than the library: it may lack some, not have others, apart from what is no model."""
    theirs = set(gguf.MODEL_ARCH_NAMES.values()) - {"clip", "(unknown)"}
    assert len(theirs - KNOWN) <= 3, theirs - KNOWN
    assert {"llama", "qwen2", "qwen3", "gemma3", "phi3", "bert", "bitnet"} <= KNOWN


def test_the_shape_is_read_from_the_header(tmp_path: Path) -> None:
    assert of_header(validate(Raw(), tmp_path)) == Geometry(
        architecture="qwen2",
        layers=2,
        embedding=64,
        feed_forward=96,
        heads=4,
        kv_heads=2,
        key_length=16,
        value_length=16,
        vocabulary=8,
        context=512,
        rope_dimensions=16,
    )
    gemma = model("gemma3", tied=True, layers=12).key("gemma3.attention.sliding_window", U32, 512)
    geometry = of_header(validate(gemma, tmp_path))
    assert (geometry.sliding_window, geometry.sliding_layers, geometry.tied) == (512, 10, True)
    stated = gemma.key("gemma3.attention.sliding_window_pattern", ARRAY, (BOOL, [1] * 7 + [0] * 5))
    assert of_header(validate(stated, tmp_path)).sliding_layers == 7
    bert = of_header(validate(model("bert", kv_heads=4, positions=32, token_types=2), tmp_path))
    assert (bert.causal, bert.positions, bert.token_types) == (False, 32, 2)
    assert "general.architecture" in keys()

"""What a reader of a certificate should know of a conversion, as codes; the application words them."""

from __future__ import annotations

from enum import StrEnum


class Note(StrEnum):
    """Nothing here is an error: the file is what the reference would make, or better."""

    ROUNDED_TO_BF16 = "rounded_to_bf16"
    """Weights of another type went through bfloat16, as llama.cpp's two steps do."""
    SLIDING_WINDOW_IGNORED = "sliding_window_ignored"
    """llama.cpp has no sliding window for this architecture."""
    PRETOKENIZER_BY_PATTERN = "pretokenizer_by_pattern"
    """The hash of the vocabulary is unknown, the pattern by which it splits text is known."""
    SENTENCEPIECE_NOT_BPE = "sentencepiece_not_bpe"
    VOCABULARY_PADDED = "vocabulary_padded"
    SCORES_MISSING = "scores_missing"
    MODEL_CARD_IGNORED = "model_card_ignored"
    GENERATION_CONFIG_IGNORED = "generation_config_ignored"

"""What a check may find, how grave each finding is, and by which limits behaviour is good, doubtful or bad.

A distance within the limit of the type is good. Beyond it the question is where it comes from: where llama.cpp computes
what the weights in the file say, from quantization, and the file is right but doubtful as a choice; else it is bad.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from converter.certificate import Behaviour, Verdict


class Finding(StrEnum):
    """What is wrong. Each comes with what it is wrong with: a tensor, a key, a file, a figure."""

    FILE_HASH = "file_hash"
    """The GGUF is not the one the certificate was written for."""
    SOURCE_HASH = "source_hash"
    """A file of the checkpoint is not the one the certificate names."""
    SOURCE_MISSING = "source_missing"
    CERTIFICATE_BROKEN = "certificate_broken"
    CERTIFICATE_NOT_WRITTEN = "certificate_not_written"
    """The result could not be noted in the certificate. Says nothing about the model."""
    TRAILING_BYTES = "trailing_bytes"
    FILE_TYPE = "file_type"
    """The declared type of the file is absent or none that we write."""
    KEY_MISSING = "key_missing"
    KEY_DIFFERS = "key_differs"
    KEY_UNEXPECTED = "key_unexpected"
    TENSOR_MISSING = "tensor_missing"
    TENSOR_UNEXPECTED = "tensor_unexpected"
    TENSOR_SHAPE = "tensor_shape"
    TENSOR_TYPE = "tensor_type"
    ROWS_DIFFER = "rows_differ"
    """Rows that are no quantization of the checkpoint's."""
    ROWS_NEAR = "rows_near"
    """As close to the checkpoint as what the installed library makes, but of other bytes: another build made them."""
    MODEL_FAILS = "model_fails"
    """llama.cpp does not run the file."""
    VOCABULARY_LARGER = "vocabulary_larger"
    TOKENS_DIFFER = "tokens_differ"
    """llama.cpp and tokenizer.json split the text differently, from that token on."""
    TOKENIZER_UNREADABLE = "tokenizer_unreadable"
    LOGITS_NOT_FINITE = "logits_not_finite"
    DIVERGENCE = "divergence"
    """Behaviour beyond the limit of the type, which quantization does not explain: llama.cpp computes something else
    than the weights in the file say, by the checkpoint's configuration. The figure and the limit."""
    QUANTIZATION_LOSS = "quantization_loss"
    """Behaviour beyond the limit, though llama.cpp computes what the weights in the file say: the type costs this model
    more than it costs others. The figure and the limit."""


_HARMLESS = frozenset({Finding.CERTIFICATE_NOT_WRITTEN})
_DOUBTFUL = frozenset(
    {
        Finding.CERTIFICATE_BROKEN,
        Finding.TRAILING_BYTES,
        Finding.ROWS_NEAR,
        Finding.TOKENS_DIFFER,
        Finding.TOKENIZER_UNREADABLE,
        Finding.QUANTIZATION_LOSS,
    }
)

PUBLISHED = {
    "F16": 0.000025,
    "BF16": 0.000025,
    "Q8_0": 0.001355,
    "Q6_K": 0.005452,
    "Q5_K_M": 0.010762,
    "Q5_1": 0.018045,
    "Q4_K_M": 0.031273,
    "Q4_K_S": 0.043136,
    "Q4_0": 0.071940,
}
"""Mean KL in nats of Llama 3 8B against its 16-bit weights on Wikitext-2, from llama.cpp's tools/perplexity/README.md
(the tables "LLaMA 3 8b Scoreboard" and, for 16 bits, "LLaMA 3 BF16 vs. FP16"). Llama 3 loses more than most: Llama 2 7B
has 0.012686 with Q4_K_M."""

GOOD = 4.0
"""The multiple of the published figure up to which the mean KL is good without further questions.

Random weights, which share nothing with Llama 3 but the types, were at 0.34 to 1.66 times the published figure for
every quantized type and all five architectures (8 layers of 256, logits spread by 1; below 1.01 for 16 bits). A small
model and a short text may well be twice that. Weights in a wrong place, a wrong rotation or a wrong norm are far
beyond it for 16 bits: see ``tests/test_convert_check_wrong.py``.
"""

SIXTEEN_BITS = 4.0
"""What 16 bits are granted beyond that: the published figure is the rounding of activations to bfloat16 inside
llama.cpp, and how much that costs depends on the largest activations of a model."""

MOST = 0.25
"""Nats beyond which no type is good. Published without importance matrix: 0.228 for Q3_K_S, which llama.cpp calls a
very high loss of quality."""

TAIL = 12.0
"""The 99th percentile may be so many times the limit of the mean. Published for 16 bits: 8.8 times the mean."""

ROUNDING = 2.0
"""llama.cpp may be so many times as far from the weights in the GGUF as rounding its activations makes it. Measured:
0.93 to 1.06 times for every type and all five architectures, 1.25 for Gemma as F16, whose GELU ggml takes from a table;
at T-lite's shape with 14 layers of random weights, where Q4_K_M is 0.44 nats away from its source, 1.00."""


def limit(file_type: str) -> float:
    """Nats of mean KL up to which a file of that type is good; that of the coarsest type for one we do not know."""
    published = PUBLISHED.get(file_type, max(PUBLISHED.values()))
    return min(GOOD * published * (SIXTEEN_BITS if file_type in ("F16", "BF16") else 1), MOST)


def beyond(behaviour: Behaviour, file_type: str) -> str:
    """The figure that is beyond the limit of its type, and the limit; empty where all are good."""
    good = limit(file_type)
    if behaviour.mean_kl > good:
        return f"{behaviour.mean_kl:.2g} > {good:.2g}"
    if behaviour.kl_99 > TAIL * good:
        return f"{behaviour.kl_99:.2g} > {TAIL * good:.2g} (99 %)"
    return ""


def is_rounding(own: Behaviour | None, expected: Behaviour | None) -> bool:
    """Whether ``own``, the distance of llama.cpp from the weights in the GGUF, is of the size of ``expected``, that of
    the same weights with rounded activations.
    """
    return own is not None and expected is not None and own.mean_kl <= ROUNDING * expected.mean_kl


def judge(findings: Iterable[tuple[str, str]]) -> Verdict:
    """The verdict on everything: that of the gravest finding."""
    verdicts = {_gravity(Finding(code)) for code, _ in findings}
    return next((verdict for verdict in (Verdict.BAD, Verdict.DOUBTFUL) if verdict in verdicts), Verdict.GOOD)


def _gravity(finding: Finding) -> Verdict:
    if finding in _HARMLESS:
        return Verdict.GOOD
    return Verdict.DOUBTFUL if finding in _DOUBTFUL else Verdict.BAD

"""What a check may find, how grave each finding is, and by which limits behaviour is good, doubtful or bad."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
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
    """Behaviour beyond the limits of the type: the figure and the limit."""


_HARMLESS = frozenset({Finding.CERTIFICATE_NOT_WRITTEN})
_DOUBTFUL = frozenset(
    {
        Finding.CERTIFICATE_BROKEN,
        Finding.TRAILING_BYTES,
        Finding.ROWS_NEAR,
        Finding.TOKENS_DIFFER,
        Finding.TOKENIZER_UNREADABLE,
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
DOUBTFUL = 10.0
"""Multiples of the published figure up to which the mean KL is good, and doubtful; beyond it is bad.

Random weights, which share nothing with Llama 3 but the types, were at 0.34 to 1.66 times the published figure for
every quantized type and all five architectures (8 layers of 256, logits spread by 1; below 1.01 for 16 bits). A small
model and a short text may well be twice that. Weights in a wrong place, a wrong rotation or a wrong norm are far
beyond: see ``tests/test_convert_check_wrong.py``.
"""

SIXTEEN_BITS = 4.0
"""What 16 bits are granted beyond that: the published figure is the rounding of activations to bfloat16 inside
llama.cpp, and how much that costs depends on the largest activations of a model."""

CAPS = (0.25, 0.5)
"""Nats beyond which no type is good, and none doubtful. Published without importance matrix: 0.228 for Q3_K_S, which
llama.cpp calls a very high loss of quality, 0.445 for Q2_K."""

TAIL = 12.0
"""The 99th percentile may be so many times the limit of the mean. Published for 16 bits: 8.8 times the mean."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Up to ``good`` nats of mean KL a file is good, up to ``doubtful`` it is doubtful."""

    good: float
    doubtful: float


def limits(file_type: str) -> Limits:
    """The limits of the mean KL for a type of file; those of the coarsest type for one we do not know."""
    published = PUBLISHED.get(file_type, max(PUBLISHED.values()))
    if file_type in ("F16", "BF16"):
        published *= SIXTEEN_BITS
    return Limits(min(GOOD * published, CAPS[0]), min(DOUBTFUL * published, CAPS[1]))


def judge_behaviour(behaviour: Behaviour, file_type: str) -> tuple[Verdict, tuple[tuple[str, str], ...]]:
    """The verdict on the figures alone, and a finding where they are not good."""
    allowed = limits(file_type)
    for verdict, limit in ((Verdict.BAD, allowed.doubtful), (Verdict.DOUBTFUL, allowed.good)):
        if behaviour.mean_kl > limit:
            return verdict, ((Finding.DIVERGENCE, f"{behaviour.mean_kl:.2g} > {limit:.2g}"),)
        if behaviour.kl_99 > TAIL * limit:
            return verdict, ((Finding.DIVERGENCE, f"{behaviour.kl_99:.2g} > {TAIL * limit:.2g} (99 %)"),)
    return Verdict.GOOD, ()


def judge(findings: Iterable[tuple[str, str]], behaviour: Verdict = Verdict.GOOD) -> Verdict:
    """The verdict on everything: that on the behaviour, or a worse one for the gravest finding."""
    verdicts = {behaviour} | {_gravity(Finding(code)) for code, _ in findings}
    return next(verdict for verdict in (Verdict.BAD, Verdict.DOUBTFUL, Verdict.GOOD) if verdict in verdicts)


def _gravity(finding: Finding) -> Verdict:
    if finding is Finding.DIVERGENCE or finding in _HARMLESS:  # how grave a divergence is, the figures say
        return Verdict.GOOD
    return Verdict.DOUBTFUL if finding in _DOUBTFUL else Verdict.BAD

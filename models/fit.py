"""Whether a model fits this computer's memory, up to which context, and which of its quantizations to take.

What is needed is foretold from the model's shape; of a GGUF on disk the weights are exact. Facts only: the application
words them. Speed is not foretold, it is measured (`offlite bench`).

Sources. Cache: ``llama_kv_cache`` (``src/llama-kv-cache.cpp``): per layer and token K and V, context padded to 256
cells, sliding layers in a cache of their own (``llama-kv-cache-iswa.cpp``). Compute buffer: measured with
llama-cpp-python 0.3.36, flash attention on, for 24 combinations of shape, context and batch (qwen2, qwen3 and gemma3;
vocabularies of 1,024 to 152,064; contexts of 1,024 to 32,768; batches of 32 to 512): foretold 1 to 23 % larger, for
T-lite 5 % of 78 MB. Process: measured with a vocabulary of 152,064 tokens, 43 MB before the model is loaded, 47 MB for
its vocabulary. The whole at T-lite's shape (28
layers, Q4_0, context 4,096): 4,487 MiB foretold, 4,438 MiB the peak of resident memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from models.catalog import Entry
from models.computer import Computer
from models.geometry import Geometry, of_header
from models.gguf_types import TYPES_BY_NAME, GgufHeader
from models.sizes import FILE_TYPES

DEFAULT_CONTEXT = 4096
"""Tokens: a question, the passages and an answer take 1,500; the rest is the conversation."""

DEFAULT_BATCH = 128
"""Tokens computed at once (``n_ubatch``)."""

SMALLEST_CONTEXT = 1024
"""Tokens. With fewer no passages go along with the question."""

CACHE_TYPES = ("F16", "Q8_0")

CELLS = 256
"""Contexts are padded to a multiple of this (``GGML_PAD(n_ctx, 256)`` in ``src/llama-context.cpp``)."""

PROCESS = 48 * 1024**2
"""Bytes of a process with Python and llama.cpp before a model is loaded."""

PER_TOKEN = 320
"""Bytes that llama.cpp keeps for each token of a vocabulary, merges included."""

MOST_RESERVED = 2 * 1024**3
"""Bytes left to the system and other programs at most: a desktop with a browser closed."""

SHARE_RESERVED = 1 / 4
"""Of small memories this much is left instead: a Raspberry Pi without a desktop."""

LARGE_ENOUGH = 2_500_000_000
"""Parameters from which Q4_K_M is recommended. Smaller models lose more by it than their size is worth: Q8_0."""

_PREFERRED = ("Q4_K_M", "Q4_K_S")
_PREFERRED_SMALL = ("Q8_0", "Q6_K", "Q5_K_M", "Q4_K_M")


class Verdict(StrEnum):
    """How a model fits."""

    FITS = "fits"
    TIGHT = "tight"
    """Fits if other programs are closed first."""
    TOO_LARGE = "too-large"
    UNKNOWN = "unknown"
    """The system does not say how much memory there is."""


class Slow(StrEnum):
    """Why answers will be slow here, whatever the model."""

    NO_AVX2 = "no-avx2"
    NO_DOTPROD = "no-dotprod"
    FEW_CORES = "few-cores"


@dataclass(frozen=True, slots=True)
class Needs:
    """Bytes of memory that a running model takes."""

    weights: int
    cache: int
    compute: int
    process: int

    @property
    def total(self) -> int:
        return self.weights + self.cache + self.compute + self.process


@dataclass(frozen=True, slots=True)
class Fit:
    """How a model in one quantization fits one computer at one context."""

    file_type: str
    context: int
    """Tokens."""
    needs: Needs
    room: int
    """Bytes of memory left when the system has its reserve."""
    available: int | None
    """Bytes that could be had at this moment; None where the system does not say."""
    verdict: Verdict
    largest_context: int
    """Tokens, of those the model was trained for, that still fit; 0 if not even `SMALLEST_CONTEXT` does."""
    exact: bool
    """The weights were read from a file, not foretold."""
    slow: tuple[Slow, ...]


def fit(
    model: GgufHeader | Entry,
    computer: Computer,
    *,
    context: int = DEFAULT_CONTEXT,
    file_type: str | None = None,
    cache_type: str = "F16",
    batch: int = DEFAULT_BATCH,
    full_window: bool = True,
) -> Fit:
    """Say how ``model`` fits ``computer``.

    Args:
        model: a file's header, or a model of the catalogue.
        computer: of `models.computer.this`.
        context: tokens wanted; more than the model was trained for counts as that.
        file_type: of a model of the catalogue; by default what `recommended` says.
        cache_type: one of `CACHE_TYPES`.
        batch: tokens computed at once.
        full_window: keep all tokens also for sliding layers, as llama.cpp does unless told otherwise (``swa_full``).

    Raises:
        KeyError: ``file_type`` or ``cache_type`` is unknown.
    """
    if isinstance(model, Entry):
        if file_type is None:
            return recommended(model, computer, context=context, cache_type=cache_type, batch=batch)
        geometry, weights = model.geometry, model.size(file_type)
        if not weights:
            raise KeyError(file_type)
    else:
        geometry, weights = of_header(model), model.weights_size
        file_type = model.file_type
    context = min(context, geometry.context) or context
    plan = _Plan(geometry, weights, cache_type, batch, full_window)
    room = computer.ram - reserve(computer.ram)
    needs = plan.needs(context)
    return Fit(
        file_type=file_type,
        context=context,
        needs=needs,
        room=room,
        available=computer.available,
        verdict=_verdict(needs.total, room, computer.available),
        largest_context=plan.largest_context(room),
        exact=isinstance(model, GgufHeader),
        slow=slow(computer),
    )


def options(model: Entry, computer: Computer, *, context: int = DEFAULT_CONTEXT) -> Iterator[Fit]:
    """Yield how each quantization of a model of the catalogue fits, as Offlite makes them or the hub has them."""
    offered = dict.fromkeys((*FILE_TYPES, *(file.type for file in model.files if file.type)))
    for file_type in offered:
        if model.size(file_type) and (model.runs_here or file_type not in FILE_TYPES):
            yield fit(model, computer, context=context, file_type=file_type)


def recommended(
    model: Entry,
    computer: Computer,
    *,
    context: int = DEFAULT_CONTEXT,
    cache_type: str = "F16",
    batch: int = DEFAULT_BATCH,
) -> Fit:
    """Return the quantization to take: the first of the preferred that fits, else the smallest.

    A processor reads all weights for every token it writes, so a larger file is slower in proportion.
    """
    preferred: tuple[str, ...] = _PREFERRED if model.parameters >= LARGE_ENOUGH else _PREFERRED_SMALL
    if not model.runs_here:
        preferred = tuple(file.type for file in model.files if file.type)
    fits = [
        fit(model, computer, context=context, file_type=name, cache_type=cache_type, batch=batch)
        for name in preferred
        if model.size(name)
    ]
    for verdict in (Verdict.FITS, Verdict.TIGHT, Verdict.UNKNOWN):
        found = next((found for found in fits if found.verdict is verdict), None)
        if found is not None:
            return found
    return min(fits, key=lambda found: found.needs.total)


def reserve(ram: int) -> int:
    """Return the bytes of ``ram`` that are left to the system and to other programs."""
    return min(MOST_RESERVED, int(ram * SHARE_RESERVED))


def slow(computer: Computer) -> tuple[Slow, ...]:
    """Return why a processor is slow at this; nothing where the system does not say what it can."""
    reasons = []
    if computer.simd and computer.machine == "x86_64" and "AVX2" not in computer.simd:
        reasons.append(Slow.NO_AVX2)
    if computer.simd and computer.is_arm and "DOTPROD" not in computer.simd:
        reasons.append(Slow.NO_DOTPROD)
    if computer.cores < 4:
        reasons.append(Slow.FEW_CORES)
    return tuple(reasons)


def cache_size(
    geometry: Geometry, context: int, *, cache_type: str = "F16", batch: int = 0, full_window: bool = True
) -> int:
    """Return the bytes of the key-value cache: of T-lite 57,344 per token in F16 (2 × 28 layers × 4 × 128 × 2 bytes).

    A sliding layer keeps its window and one batch, unless ``full_window``.

    Raises:
        KeyError: ``cache_type`` is unknown.
    """
    if not geometry.causal:
        return 0
    kind = TYPES_BY_NAME[cache_type]
    cells = _padded(context)
    window = cells if full_window else min(cells, _padded(geometry.sliding_window + batch))
    full_layers = geometry.layers - geometry.sliding_layers
    tokens = full_layers * cells + geometry.sliding_layers * window
    return tokens * geometry.kv_elements * kind.octets // kind.block


def compute_size(geometry: Geometry, context: int, *, batch: int = DEFAULT_BATCH) -> int:
    """Return the bytes of llama.cpp's compute buffer with flash attention, and of its logits.

    Per token of a batch, in 32-bit numbers: the largest of what is alive at once at the output (logits and two
    vectors), in the feed-forward (three of its width and four vectors) and in attention (five vectors); before the
    output also the mask, 16 bits for each cell, twice where layers slide. A twentieth more for the allocator's gaps.
    """
    tokens = min(batch, context)
    masks = _padded(context) / 2 * (2 if geometry.sliding_layers else 1)
    wide = geometry.feed_forward * 3 + geometry.embedding * 4
    attention = max(geometry.heads * geometry.key_length, geometry.embedding) * 5
    output = (geometry.vocabulary if geometry.causal else 0) + geometry.embedding * 2
    numbers = max(output, max(wide, attention) + masks) * 1.05
    return int(tokens * numbers * 4) + geometry.vocabulary * 4


@dataclass(frozen=True, slots=True)
class _Plan:
    """A model in a type, for any context."""

    geometry: Geometry
    weights: int
    cache_type: str
    batch: int
    full_window: bool

    def needs(self, context: int) -> Needs:
        return Needs(
            weights=self.weights,
            cache=cache_size(
                self.geometry, context, cache_type=self.cache_type, batch=self.batch, full_window=self.full_window
            ),
            compute=compute_size(self.geometry, context, batch=self.batch if self.geometry.causal else context),
            process=PROCESS + self.geometry.vocabulary * PER_TOKEN,
        )

    def largest_context(self, room: int) -> int:
        most = self.geometry.context
        if not room or self.needs(most).total <= room:
            return most
        least, steps = 0, most // CELLS
        while least < steps:  # needs grow with the context: halve the interval
            middle = (least + steps + 1) // 2
            if self.needs(middle * CELLS).total <= room:
                least = middle
            else:
                steps = middle - 1
        found = least * CELLS
        return found if found >= min(SMALLEST_CONTEXT, most) else 0


def _verdict(total: int, room: int, available: int | None) -> Verdict:
    if not room:
        return Verdict.UNKNOWN
    if total > room:
        return Verdict.TOO_LARGE
    return Verdict.FITS if available is None or total <= available else Verdict.TIGHT


def _padded(tokens: int) -> int:
    return -(-tokens // CELLS) * CELLS

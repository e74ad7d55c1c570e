"""Several quantizations of one model, compared: how fast each is, what memory it takes, what it has lost.

What is lost is measured on a Russian text (``converter.proof.text``) against the largest of them: divergence of the
next word's distribution, and perplexity of each. Recommended is the fastest of those that fit and have lost little.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from app import language_models, settings
from app.bench.report import Progress, Quantization, Stage
from app.language_models import Chosen
from converter.certificate import Behaviour
from converter.proof.divergence import Divergence
from converter.proof.forward import StopAsked
from converter.proof.llama import ModelFailed, ModelPass
from converter.proof.text import TEXT
from models import computer, gguf_header
from models.fit import Verdict, fit
from models.records import InstalledModel, Kind
from models.runtime.client import Model
from models.stopping import Stop

TOKENS = 128
"""Of the text that both models read: their scores take 78 MB each with T-lite's vocabulary."""

TILE = 4096
"""Tokens of the vocabulary compared at once: keeps float64 copies of scores to 4 MB."""

ACCEPTABLE = 0.125
"""Mean KL divergence in nats that is little lost: four times what llama.cpp publishes for Q4_K_M of Llama 3 8B
(tools/perplexity/README.md: 0.031273), since a small model and a short text may well have twice that; Q3_K_S, with
0.228 published, is beyond."""

NOTABLY = 1.05
"""A quantization that is not faster than a better one by this factor is not worth its loss."""


Scores: TypeAlias = tuple[tuple[int, ...], NDArray[np.float32] | None]
"""Tokens of a text, and the scores after each of them: float32 [positions, vocabulary]; None where the model failed."""


def siblings(chosen: Chosen) -> tuple[Chosen, ...]:
    """Return all installed quantizations of the model that ``chosen`` is one of, largest first; one alone is none."""
    one = chosen.installed
    if one is None:
        return ()
    same = [other for other in language_models.store().models() if other.present and _same_model(one, other)]
    if len({other.file_type for other in same}) < 2:
        return ()
    same.sort(key=lambda other: -other.size)
    return tuple(Chosen(other.name, other.path, other.sha256, other) for other in same)


def _same_model(one: InstalledModel, other: InstalledModel) -> bool:
    if other.kind is not Kind.MODEL or one.architecture != other.architecture or one.parameters != other.parameters:
        return False
    return one.catalog == other.catalog if one.catalog or other.catalog else one.title == other.title


def compared(models: Sequence[Chosen], *, context: int, stop: Stop) -> Iterator[Progress | tuple[Quantization, ...]]:
    """Yield progress, at last the quantizations in the given order, largest first; nothing more when stopped.

    Thread counts and speeds are remembered. Raises what loading a model raises.
    """
    found: list[Quantization] = []
    reference: NDArray[np.float32] | None = None
    for chosen in models:
        yield Progress(Stage.SPEED, chosen.name)
        quantization = _timed(chosen, context=context, stop=stop)
        if quantization is None:
            return
        scores = yield from _scores(chosen, stop)
        if stop():
            return
        if reference is None:
            reference = scores[1]
        behaviour = _behaviour(scores[0], reference, scores[1])
        if behaviour is not None:
            kl = behaviour.mean_kl if found else None
            quantization = replace(quantization, perplexity=behaviour.model_perplexity, mean_kl=kl)
        found.append(quantization)
    yield tuple(found)


def recommended(found: Sequence[Quantization]) -> str | None:
    """Return the name of the fastest that fits and has lost little; where none does, of the smallest."""
    if not found:
        return None
    good = [one for one in found if one.fits and (one.mean_kl is None or one.mean_kl <= ACCEPTABLE)]
    if not good:
        return min(found, key=lambda one: one.weights_bytes).name
    best = good[0]
    for one in good[1:]:
        if one.speeds.decode_tokens_per_second > NOTABLY * best.speeds.decode_tokens_per_second:
            best = one
    return best.name


def _timed(chosen: Chosen, *, context: int, stop: Stop) -> Quantization | None:
    with Model(language_models.load_options(chosen, context=context)) as model:
        speeds = model.measure(stop=stop)
        if speeds is None:
            return None
        facts = model.facts(stop=stop)
    if chosen.sha256 is not None:
        with suppress(OSError):
            settings.remember_speeds(chosen.sha256, speeds)
    verdict = fit(gguf_header.read(chosen.path), computer.this(), context=context).verdict
    return Quantization(
        name=chosen.name,
        file_type=chosen.installed.file_type if chosen.installed else "",
        weights_bytes=facts.weights_bytes,
        resident_bytes=facts.resident_bytes,
        speeds=speeds,
        fits=verdict is not Verdict.TOO_LARGE,
        perplexity=None,
        mean_kl=None,
    )


def _scores(chosen: Chosen, stop: Stop) -> Generator[Progress, None, Scores]:
    """Yield progress, return what the model makes of the text."""
    with closing(ModelPass(chosen.path, TEXT, tokens=TOKENS)) as read:
        try:
            for done in read.run(stop=stop):
                yield Progress(Stage.QUALITY, chosen.name, done / TOKENS)
        except (ModelFailed, StopAsked):
            return (), None
        return read.reading.tokens if read.reading else (), read.logits


def _behaviour(
    tokens: Sequence[int], source: NDArray[np.float32] | None, model: NDArray[np.float32] | None
) -> Behaviour | None:
    if source is None or model is None or source.shape != model.shape or not tokens:
        return None
    divergence = Divergence(tokens)
    for first in range(0, source.shape[1], TILE):
        tile = slice(first, first + TILE)
        divergence.add(first, source[:, tile], model[:, tile])
    return divergence.result()

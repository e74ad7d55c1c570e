"""The behaviour of a GGUF against that of its checkpoint: one text, both models, the distance of their predictions."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, replace

import numpy as np

from converter import checkpoint as checkpoints
from converter.certificate import Behaviour
from converter.checkpoint import Checkpoint
from converter.events import Stage
from converter.proof.divergence import Divergence
from converter.proof.forward import EMBEDDING, HEAD, Forward
from converter.proof.header import Header
from converter.proof.llama import ModelFailed, ModelPass, Reading
from converter.proof.recipe import Recipe, recipe
from converter.proof.rope import Floats
from converter.proof.text import TEXT
from converter.proof.verdict import Finding, beyond, is_rounding
from converter.proof.vocabulary import same_tokens
from converter.proof.weights import CheckpointWeights, GgufWeights
from converter.stopping import Stop
from converter.weight_file import WeightFile

TOKENS = 256
"""Positions compared. On 256 of a real text the mean KL has a relative standard error of about 15 % (the spread of one
position's KL is about twice its mean in llama.cpp's tables), far finer than the limits are apart."""


@dataclass(frozen=True, slots=True)
class Step:
    """How far one of the passes has come: ``done`` positions of the model's, layers and head of the source's.

    Bytes are of the GGUF for the model's pass (as if every position took its share), of weights for the source's.
    """

    stage: Stage
    done: int
    total: int
    bytes_done: int
    bytes_total: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """``behaviour`` is None where no comparison was possible; ``findings`` say why."""

    behaviour: Behaviour | None
    findings: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class _Tile:
    """Logits [positions, tokens] of a pass for the tokens from ``first`` on."""

    first: int
    logits: Floats

    @property
    def columns(self) -> slice:
        return slice(self.first, self.first + self.logits.shape[1])


def compare(
    header: Header, checkpoint: Checkpoint, *, kind: str, right: bool, stop: Stop, tokens: int
) -> Iterator[Step | Outcome]:
    """Yield steps, and at last the outcome, for at most ``tokens`` tokens of the text and a file of type ``kind``.

    ``right``: the sampled weights of the GGUF are those of the checkpoint. If not, nobody asks what explains a
    distance. A model that llama.cpp cannot run is an outcome, not an error. Raises StopAsked, and SourceError where a
    file can no longer be read.
    """
    text = unicodedata.normalize("NFC", TEXT)
    with ModelPass(header.path, text, tokens=tokens) as answers:
        try:
            for done in answers.run(stop=stop):
                total, size = len(answers.logits), header.file_size
                yield Step(Stage.MODEL_PASS, done, total, size * done // total, size)
        except ModelFailed as failure:
            yield Outcome(None, ((Finding.MODEL_FAILS, failure.detail),))
            return
    reading = answers.reading
    assert reading is not None
    findings = same_tokens(checkpoint.folder, text, reading.plain)
    rows = checkpoint.tensors[EMBEDDING].shape[0]
    if max(reading.tokens) >= rows or reading.vocabulary > rows:
        larger = (Finding.VOCABULARY_LARGER, f"{reading.vocabulary} > {rows}")
        yield Outcome(None, (*findings, larger))
        return
    for event in _judged(header, _Passes(checkpoint, reading, stop), answers.logits, kind, right):
        yield event if isinstance(event, Step) else replace(event, findings=(*findings, *event.findings))


def _judged(header: Header, passes: _Passes, answers: Floats, kind: str, right: bool) -> Iterator[Step | Outcome]:
    """The distance of source and model, and where it is not good the answer to where it comes from."""
    divergence = Divergence(passes.tokens)
    for part in passes.run(CheckpointWeights(passes.checkpoint)):
        if isinstance(part, Step):
            yield part
        else:
            divergence.add(part.first, part.logits, answers[:, part.columns])
    behaviour = divergence.result()
    if behaviour is None:
        yield Outcome(None, ((Finding.LOGITS_NOT_FINITE, ""),))
        return
    excess = beyond(behaviour, kind)
    if not excess:
        yield Outcome(behaviour)
        return
    explained = right and (yield from _explained(header, passes, answers))
    yield Outcome(behaviour, ((Finding.QUANTIZATION_LOSS if explained else Finding.DIVERGENCE, excess),))


def _explained(header: Header, passes: _Passes, answers: Floats) -> Generator[Step, None, bool]:
    """Whether llama.cpp computes what the weights in the GGUF say, as exactly as its rounding of activations allows.

    One pass with the weights of the GGUF tells how far llama.cpp is from them, another one that rounds as llama.cpp
    does how far that must be.
    """
    exact = np.empty_like(answers)
    own, expected = Divergence(passes.tokens), Divergence(passes.tokens)
    with WeightFile(header.path) as file:
        weights = GgufWeights(file, header, passes.checkpoint)
        for part in passes.run(weights):
            if isinstance(part, Step):
                yield part
            else:
                exact[:, part.columns] = part.logits
                own.add(part.first, part.logits, answers[:, part.columns])
        for part in passes.run(weights, seen=weights.seen):
            if isinstance(part, Step):
                yield part
            else:
                expected.add(part.first, exact[:, part.columns], part.logits)
    return is_rounding(own.result(), expected.result())


class _Passes:
    """Passes of one text in numpy, by the recipe of one checkpoint."""

    def __init__(self, checkpoint: Checkpoint, reading: Reading, stop: Stop) -> None:
        self.checkpoint = checkpoint
        self.tokens = reading.tokens
        self._vocabulary = reading.vocabulary
        self._stop = stop
        # llama.cpp chooses between the short and the long factors of a longrope by its context, not by the text.
        self._recipe = recipe(
            checkpoint.config,
            path=checkpoint.folder / checkpoints.CONFIG,
            architecture=checkpoint.architecture.name,
            context=reading.context,
        )

    def run(
        self,
        weights: CheckpointWeights | GgufWeights,
        *,
        seen: Callable[[Floats, str], Floats] = lambda state, _: state,
    ) -> Iterator[Step | _Tile]:
        """Yield steps, and the logits tile by tile. ``seen``: see ``Forward``."""
        layers = len(self._recipe.layers)
        total = _bytes_to_use(weights, self._recipe)
        with closing(Forward(weights, self._recipe, self.tokens, stop=self._stop, seen=seen)) as forward:
            for layer in forward.hidden():
                yield Step(Stage.SOURCE_PASS, layer, layers + 1, forward.used, total)
            for first, logits in forward.logits():
                # Rows beyond the vocabulary of the GGUF are padding of the embeddings that llama.cpp does not have.
                yield _Tile(first, logits[:, : max(0, self._vocabulary - first)])
                yield Step(Stage.SOURCE_PASS, layers, layers + 1, forward.used, total)
            yield Step(Stage.SOURCE_PASS, layers + 1, layers + 1, forward.used, total)


def _bytes_to_use(weights: CheckpointWeights | GgufWeights, how: Recipe) -> int:
    """Bytes of all matrices but the embeddings, of which a text needs few rows; as logits they count."""
    unused = HEAD if how.tied else EMBEDDING
    return sum(weights.bytes(name) for name in weights if len(weights.shape(name)) > 1 and name != unused)

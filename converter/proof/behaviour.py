"""The behaviour of a GGUF against that of its checkpoint: one text, both models, the distance of their predictions."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from converter import checkpoint as checkpoints
from converter.certificate import Behaviour
from converter.checkpoint import Checkpoint
from converter.events import Stage
from converter.proof.divergence import Divergence
from converter.proof.forward import EMBEDDING, HEAD, Forward
from converter.proof.llama import ModelFailed, ModelPass, Reading
from converter.proof.recipe import Recipe, recipe
from converter.proof.rope import Floats
from converter.proof.text import TEXT
from converter.proof.verdict import Finding
from converter.proof.vocabulary import same_tokens
from converter.stopping import Stop

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


class CheckpointWeights:
    """The weights of an open checkpoint as ``Forward`` wants them."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        self._checkpoint = checkpoint

    def __contains__(self, name: object) -> bool:
        return name in self._checkpoint.tensors

    def shape(self, name: str) -> tuple[int, ...]:
        return self._checkpoint.tensors[name].shape

    def bytes(self, name: str) -> int:
        return self._checkpoint.tensors[name].size

    def rows(self, name: str, first: int, count: int) -> Floats:
        return checkpoints.float32(self._checkpoint.read_rows(name, first, count))


def compare(
    model: Path, checkpoint: Checkpoint, *, stop: Stop, tokens: int = TOKENS, text: str = TEXT
) -> Iterator[Step | Outcome]:
    """Yield steps, and at last the outcome.

    A model that llama.cpp cannot run is an outcome, not an error. Raises StopAsked, and SourceError where the
    checkpoint cannot be read.
    """
    text = unicodedata.normalize("NFC", text)
    size = model.stat().st_size
    with ModelPass(model, text, tokens=tokens) as answers:
        try:
            for done in answers.run(stop=stop):
                total = len(answers.logits)
                yield Step(Stage.MODEL_PASS, done, total, size * done // total, size)
        except ModelFailed as failure:
            yield Outcome(None, ((Finding.MODEL_FAILS, failure.detail),))
            return
    reading = answers.reading
    assert reading is not None
    findings = same_tokens(checkpoint.folder, text, reading.plain)
    rows = checkpoint.tensors[EMBEDDING].shape[0]
    if max(reading.tokens) >= rows or reading.vocabulary > rows:
        yield Outcome(None, (*findings, (Finding.VOCABULARY_LARGER, f"{reading.vocabulary} > {rows}")))
        return
    yield from _against_source(checkpoint, reading, answers.logits, findings, stop)


def _against_source(
    checkpoint: Checkpoint, reading: Reading, logits: Floats, findings: tuple[tuple[str, str], ...], stop: Stop
) -> Iterator[Step | Outcome]:
    # llama.cpp chooses between the short and the long factors of a longrope by the context it made, not by the text.
    how = recipe(
        checkpoint.config,
        path=checkpoint.folder / checkpoints.CONFIG,
        architecture=checkpoint.architecture.name,
        context=reading.context,
    )
    total = _bytes_to_use(checkpoint, how)
    divergence = Divergence(reading.tokens)
    with closing(Forward(CheckpointWeights(checkpoint), how, reading.tokens, stop=stop)) as source:
        layers = len(how.layers)
        for layer in source.hidden():
            yield Step(Stage.SOURCE_PASS, layer, layers + 1, source.used, total)
        for first, tile in source.logits():
            # Rows beyond the vocabulary of the GGUF are padding of the embeddings that llama.cpp does not have.
            part = tile[:, : max(0, reading.vocabulary - first)]
            divergence.add(first, part, logits[:, first : first + part.shape[1]])
            yield Step(Stage.SOURCE_PASS, layers, layers + 1, source.used, total)
        yield Step(Stage.SOURCE_PASS, layers + 1, layers + 1, source.used, total)
    found = divergence.result()
    yield Outcome(found, findings if found else (*findings, (Finding.LOGITS_NOT_FINITE, "")))


def _bytes_to_use(checkpoint: Checkpoint, how: Recipe) -> int:
    """Bytes of all matrices but the embeddings, of which a text needs few rows; as logits they count."""
    unused = HEAD if how.tied else EMBEDDING
    return sum(source.size for name, source in checkpoint.tensors.items() if len(source.shape) > 1 and name != unused)

"""How fast a loaded model reads and writes for whoever asks it: through the pipe, with sampling and streaming.

Where there are comparators, ours has a turn before each of theirs: disturbances of a busy computer meet both sides. The
best turn counts on either, since disturbances only ever slow down.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.bench.comparator import Comparator
from app.bench.report import Pace, Work
from converter.proof.text import TEXT
from models.gguf_types import TYPES_BY_NAME, GgufHeader
from models.runtime.client import Model
from models.runtime.events import Event, Finished
from models.runtime.options import Message, Request, Sampling
from models.stopping import Stop, never

READ = 512
"""Tokens of a prompt that are read in a round, at most."""

MARKUP = 24
"""Tokens of the mark and of the markup that closes the turn."""

WRITE = 24
"""Tokens that are written in a round."""

ROUNDS = 2

ANSWERS = Sampling(temperature=0.7, top_p=0.8, top_k=70, repetition_penalty=1.05, seed=1)
"""Chosen by chance, so that a model does not end its answer at once every time."""


@dataclass(frozen=True, slots=True)
class Round:
    """One prompt: tokens and seconds of reading and writing as the asker has them; the seconds that the engine took."""

    read: int
    reading: float
    written: int
    writing: float
    wall: float
    engine: float


def paced(
    model: Model,
    comparators: Sequence[Comparator],
    *,
    read: int = READ,
    write: int = WRITE,
    rounds: int = ROUNDS,
    stop: Stop,
) -> Iterator[float | Pace]:
    """Yield how far the rounds are (0 to 1), at last the pace; nothing more when stopped.

    Raises what the model and the comparators raise.
    """
    ours: list[Round] = []
    theirs: list[tuple[float, float]] = []
    turns = [one for _ in range(rounds) for one in comparators or (None,)]
    for number, comparator in enumerate(turns):
        yield number / len(turns)
        one = round_of(model, mark=f"{time.monotonic_ns()}", read=read, write=write, stop=stop)
        if one is None or stop():
            return
        ours.append(one)
        if comparator is not None:
            reading, writing = comparator.run(read=one.read, write=write)
            theirs.append((one.read / reading, write / writing))
    engine = sum(one.engine for one in ours)
    yield Pace(
        prefill=max(one.read / one.reading for one in ours),
        decode=max((one.written / one.writing for one in ours if one.written), default=None),
        overhead=sum(one.wall for one in ours) / engine - 1 if engine else 0.0,
        c_prefill=max((reading for reading, _ in theirs), default=None),
        c_decode=max((writing for _, writing in theirs), default=None),
    )


def round_of(model: Model, *, mark: str, read: int, write: int, stop: Stop = never) -> Round | None:
    """Let the model read a text that begins with ``mark``, so that nothing of it is known, and answer.

    What process and pipe cost is counted to reading and to writing alike. ``None`` when stopped.
    """
    request = Request(
        messages=(Message(role="user", text=f"{mark}. {filling(model, tokens=read - MARKUP)}"),),
        sampling=ANSWERS,
        limit=write + 1,
    )
    began = time.perf_counter()
    end = finished(model.generate(request, stop=stop))
    wall = time.perf_counter() - began
    if end is None or end.first_token_ms is None:
        return None
    pipe = max(0.0, wall - end.total_ms / 1000)
    return Round(
        read=end.prompt_tokens - end.reused_tokens,
        reading=end.first_token_ms / 1000 + pipe,
        written=end.generated_tokens - (end.reason == "limit"),  # the last one is not decoded
        writing=(end.total_ms - end.first_token_ms) / 1000 + pipe,
        wall=wall,
        engine=end.total_ms / 1000,
    )


def finished(events: Iterator[Event]) -> Finished | None:
    """Return how a request ended; ``None`` if it was stopped."""
    for event in events:
        if isinstance(event, Finished) and event.reason != "cancelled":
            return event
    return None


def filling(model: Model, *, tokens: int) -> str:
    """Return a Russian text of at most ``tokens`` tokens of the model's vocabulary, and not many fewer."""
    (whole,) = model.count([TEXT])
    text = TEXT * (tokens // max(whole, 1) + 1)
    length = len(text)
    for _ in range(4):
        (count,) = model.count([text[:length]])
        if count <= tokens:
            break
        length = max(1, length * tokens // count - 1)
    return text[:length]


def work_of(header: GgufHeader) -> Work:
    """Return what a token costs: embeddings are looked up, all other weights are read and multiplied with.

    The last layer's scores are computed once for a prompt, not for each of its tokens.
    """
    sizes = {tensor.name: (tensor.size, tensor.elements) for tensor in header.tensors if tensor.type in TYPES_BY_NAME}
    tied = "output.weight" not in sizes
    octets = sum(size for name, (size, _) in sizes.items() if tied or name != "token_embd.weight")
    elements = sum(count for name, (_, count) in sizes.items() if name not in ("token_embd.weight", "output.weight"))
    return Work(octets=octets, operations=2 * elements)

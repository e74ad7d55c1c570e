"""What is asked of a model: how it is loaded, what it is told, how its words are chosen. Frozen values, no behaviour.

They cross the border to the child process as JSON (``models.runtime.messages``): fields are numbers, texts, paths,
tuples and other dataclasses of this module.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

KvType: TypeAlias = Literal["f16", "q8_0"]
Role: TypeAlias = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadOptions:
    """Which file is run, and how. Two requests share a loaded model when these are equal."""

    path: Path
    context: int = 4096
    """Tokens of prompt and answer together."""
    threads: int | None = None
    """``None``: as many as suit the computer before anything was measured (``models.runtime.threads``)."""
    reading_threads: int | None = None
    """For the prompt, where more threads may help than for writing; ``None``: as ``threads``."""
    ubatch: int = 128
    """Tokens decoded in one step of a prefill: also how finely progress and cancelling come."""
    kv_type: KvType = "f16"
    """How keys and values are kept. ``q8_0`` halves their memory and makes prefill 1.15 to 1.3 times slower."""
    repack: bool | None = None
    """Rearrange weights in memory. ``None``: as suits the processor (no on x86 with AVX2, yes on Arm)."""
    adapters: tuple[Path, ...] = ()
    """LoRA adapters (GGUF) loaded beside the model; a request names one and its scale."""
    embeddings: bool = False
    """Run as an embedding model: vectors come out, no words."""
    states: Path | None = None
    """Folder where states of system prompts are kept between runs; ``None``: nowhere."""
    sha256: str | None = None
    """Of the file's content, in hexadecimal, once it was verified: names the states that belong to it."""
    scenes: Path | None = None
    """Experimental: where the scene cache of a base is (``models.runtime.scene_store``); ``None``: there is none."""
    scenes_passphrase: str | None = field(default=None, repr=False)
    """The base's, where it is encrypted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How the next token is chosen. A temperature of 0 always takes the likeliest."""

    temperature: float = 0.1
    top_p: float = 0.95
    top_k: int = 40
    min_p: float = 0.0
    repetition_penalty: float = 1.1
    repeated_run: int = 0
    """Tokens that may be said once more as they were said before; whatever goes on with them is the less likely the
    longer it goes on (DRY: p-e-w, 2024). 0: any number."""
    seed: int | None = None
    """``None``: a different one for each request."""


ANSWERING = Sampling()
"""For answers from documents: temperature 0.1, top-p 0.95, repetition penalty 1.1."""

QUOTING = Sampling(temperature=0.0, repetition_penalty=1.0, repeated_run=8)
"""For a model that repeats sentences word for word: a penalty on single words garbles every second name; a run of them
that comes back is a loop."""

ANSWER_LIMIT = 150
"""New tokens of a short answer from documents."""

CHATTING = Sampling(temperature=0.7, top_p=0.8, top_k=70, repetition_penalty=1.05)
"""For free conversation: the values of T-lite's model card."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One turn. ``text`` is only ever text: what looks like a special token in it does not act as one."""

    role: Role
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A prompt and what to do with it. A prefill reads the messages and ignores everything about generation."""

    messages: tuple[Message, ...]
    sampling: Sampling = ANSWERING
    limit: int = ANSWER_LIMIT
    """The most new tokens."""
    stops: tuple[str, ...] = ()
    """Texts before which the answer ends; they are not part of it."""
    grammar: str | None = None
    """GBNF that the answer must follow."""
    schema: str | None = None
    """JSON schema, as JSON, that the answer must follow. At most one of ``grammar`` and ``schema``."""
    adapter: tuple[str, float] | None = None
    """File name (without suffix) of one of ``LoadOptions.adapters``, and its scale."""
    keep: str | None = None
    """Name under which the state after the system message is kept on disk, where ``LoadOptions.states`` says."""
    settled: tuple[int, ...] = ()
    """Lengths, in characters, of beginnings of the last message that other requests may share, such as the best passage
    and all passages: states after them are kept in memory. Put one before the question: what follows is read apart."""
    scenes: tuple[int, ...] = ()
    """Experimental, not exact: where pieces at the beginning of the last message end, in characters. Each is computed
    by itself behind the system's message, kept where ``LoadOptions.scenes`` says, and put together with the others."""

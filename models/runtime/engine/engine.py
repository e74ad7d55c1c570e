"""The engine: one model in this process, one request at a time. ``models.runtime.interface`` tells what it promises.

load ─▶ weights (mapped file) ─▶ context (key-value memory) or embedding (vectors)
request ─▶ prompt (tokens) ─▶ reader (reuses what is known, reads the rest) ─▶ generation (sampler, stream, drafts)
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from models.errors import AdapterUnknown, ContextOverflow, ModelBroken, ModelUnsuitable
from models.runtime.engine import grammar, library
from models.runtime.engine.context import Abort, Context
from models.runtime.engine.drafting import Gate
from models.runtime.engine.embedding import Embedding
from models.runtime.engine.generation import Generation
from models.runtime.engine.prompt import Prompt, build
from models.runtime.engine.reading import Reader
from models.runtime.engine.resident import resident_bytes
from models.runtime.engine.sampling import Sampler
from models.runtime.engine.sandbox import TemplateRefused
from models.runtime.engine.scenes import Scenes, composed
from models.runtime.engine.state_file import Identity
from models.runtime.engine.templates import ChatTemplate
from models.runtime.engine.weights import Weights, load
from models.runtime.events import Finished, ModelFacts, Reading, Reason, Text
from models.runtime.options import LoadOptions, Request
from models.runtime.scene_store import SceneStore
from models.runtime.threads import default_threads, default_writing_threads


class Engine:
    """One model. Nothing but ``load`` and ``close`` may be called before it is loaded."""

    def __init__(self, options: LoadOptions) -> None:
        self._options = options
        self._weights: Weights | None = None
        self._context: Context | None = None
        self._embedding: Embedding | None = None
        self._reader: Reader | None = None
        self._template: ChatTemplate | None = None
        self._store: SceneStore | None = None
        self._scenes: Scenes | None = None
        self._gate = Gate()
        self._seconds = 0.0

    def load(self, progress: Callable[[float], None], abort: Abort) -> None:
        """Bring the model into memory; ``progress`` is told how far, from 0 to 1. Returns early when aborted.

        Raises ``ModelFileMissing``, ``ModelBroken``, ``AdapterUnusable``, ``MemoryShort``, ``ModelUnsuitable``.
        """
        self.close()
        began = time.monotonic()
        options = self._options
        weights = load(options.path, repack=options.repack, adapters=options.adapters, progress=progress, abort=abort)
        if weights is None:
            return
        self._weights = weights
        try:
            if options.embeddings:
                threads = options.reading_threads or options.threads or default_threads()
                self._embedding = Embedding(weights, context=options.context, threads=threads)
            else:
                self._start_conversations(weights)
        except BaseException:
            self.close()
            raise
        self._seconds = time.monotonic() - began

    def _start_conversations(self, weights: Weights) -> None:
        options = self._options
        vocabulary = weights.vocabulary
        self._template = ChatTemplate(
            weights.chat_template, begin=vocabulary.name(vocabulary.begin), end=vocabulary.name(vocabulary.end)
        )
        vocabulary.guard(self._template.source)
        trained = weights.trained_context
        self._context = Context(
            weights,
            context=min(options.context, trained) if trained > 0 else options.context,
            ubatch=options.ubatch,
            kv_type=options.kv_type,
            threads=options.threads or default_writing_threads(weights.bytes),
        )
        reading = options.reading_threads or options.threads or default_threads()
        self._context.threads = (self._context.threads[0], reading)
        identity = None
        if options.sha256 is not None:
            identity = Identity(
                model=options.sha256, library=library.version(), kv_type=options.kv_type, flash_attention=True
            )
        self._reader = Reader(self._context, identity=identity, folder=options.states)
        if identity is not None and options.scenes is not None and options.kv_type == "f16" and self._context.shifts:
            self._store = SceneStore(options.scenes, passphrase=options.scenes_passphrase)
            self._scenes = Scenes(self._context, self._reader, self._store, identity)

    def facts(self) -> ModelFacts:
        """Return what is known of the loaded model."""
        weights, context, embedding = self._loaded(), self._context, self._embedding
        return ModelFacts(
            architecture=weights.metadata("general.architecture"),
            name=weights.metadata("general.name") or weights.path.stem,
            context=context.size if context else embedding.size if embedding else 0,
            trained_context=weights.trained_context,
            weights_bytes=weights.bytes,
            resident_bytes=resident_bytes(),
            load_seconds=self._seconds,
            threads=context.threads[0] if context else self._options.threads or default_threads(),
            chat_template=self._template is not None and self._template.from_file,
            vocabulary=weights.vocabulary.size,
            embedding=embedding.dimensions if embedding else weights.width,
            pooling=embedding.pooling if embedding else "none",
            repacked=weights.repacked,
            kv_type=self._options.kv_type,
            adapters=tuple(weights.adapters),
            library=f"llama-cpp-python {library.version()} ({library.processor()})",
        )

    def generate(self, request: Request, abort: Abort) -> Iterator[Reading | Text | Finished]:
        """Read the prompt and write the answer. Ends with ``Finished``, of reason ``cancelled`` when aborted.

        May be closed before its end. Raises ``ContextOverflow``, ``GrammarRefused``, ``AdapterUnknown``,
        ``ModelBroken``, ``ModelUnsuitable``.
        """
        began = time.monotonic()
        context, reader = self._conversation()
        wanted = grammar.of(request.grammar, request.schema)
        sampler = Sampler(self._loaded().vocabulary, request.sampling, wanted)
        try:
            prompt, pieces = self._prompt(request)
            end = len(composed(prompt, pieces).tokens)
            reused = yield from self._read(reader, prompt, pieces, request, abort, end=end)
            if len(reader.tokens) < end:
                yield _finished("cancelled", began, prompt_tokens=end, reused=reused)
                return
            generation = Generation(context, reader, sampler, stops=request.stops, limit=request.limit, gate=self._gate)
            yield from generation.write(abort)
            yield _finished(
                generation.reason,
                began,
                prompt_tokens=end,
                reused=reused,
                generated=generation.count,
                first_at=generation.first_at,
            )
        finally:
            sampler.free()

    def prefill(self, request: Request, abort: Abort) -> Iterator[Reading | Finished]:
        """Read the prompt to the end of the last message's text, for a request that goes on from there.

        What was read before an abort stays. Raises as ``generate`` does.
        """
        began = time.monotonic()
        _, reader = self._conversation()
        prompt, pieces = self._prompt(request)
        end = composed(prompt, pieces).text_end
        if not end:
            yield _finished("end", began, prompt_tokens=0, reused=0)
            return
        reused = yield from self._read(reader, prompt, pieces, request, abort, end=end, scores=False)
        reason: Reason = "end" if len(reader.tokens) >= end else "cancelled"
        yield _finished(reason, began, prompt_tokens=end, reused=reused)

    def count(self, texts: Sequence[str]) -> list[int]:
        """Return how many tokens each text is; no template is added. May be called by any thread at any time."""
        vocabulary = self._loaded().vocabulary
        return [len(vocabulary.text(text)) for text in texts]

    def embed(self, texts: Sequence[str], abort: Abort) -> NDArray[np.float32]:
        """Return a unit vector for each text: shape [texts, ``ModelFacts.embedding``]. Fewer rows when aborted.

        Raises ``ModelUnsuitable`` where the model was not loaded for vectors.
        """
        if self._embedding is None:
            raise ModelUnsuitable(self._options.path, "it makes words, not vectors")
        return self._embedding.embed(texts, abort)

    def finite(self, abort: Abort) -> bool:
        """Decode one token and return whether every number that comes out is finite."""
        if self._embedding is not None:
            try:
                self._embedding.embed(["0"], abort)
            except ModelBroken:
                return False
            return True
        context, reader = self._conversation()
        reader.set_aside()
        reader.restart()
        try:
            finite = not reader.decode([max(self._loaded().vocabulary.begin, 0)], abort) or bool(
                np.isfinite(context.logits(-1)).all()
            )
        finally:
            reader.restart()
        return finite

    def trial(self, *, threads: int, read: int, write: int, abort: Abort) -> tuple[float, float]:
        """With ``threads`` for both, read ``read`` tokens and write ``write``; return the seconds each took.

        Leaves no conversation in the sequence; the one that was there is set aside.
        """
        context, reader = self._conversation()
        reader.set_aside()
        reader.restart()
        before = context.threads
        read = min(read, context.size - write)
        context.threads = (threads, threads)
        tokens = [i % self._loaded().vocabulary.size for i in range(read + write)]
        steps = [tokens[i : min(i + context.ubatch, read)] for i in range(0, read, context.ubatch)]
        try:
            reading = _timed(lambda: all(reader.decode(step, abort) for step in steps))
            writing = _timed(lambda: all(reader.decode([token], abort) for token in tokens[read:]))
        finally:
            context.threads = before
            reader.restart()
        return reading, writing

    def use_threads(self, *, writing: int, reading: int) -> None:
        """Use so many threads from now on."""
        if self._context is not None:
            self._context.threads = (writing, reading)
        if self._embedding is not None:
            self._embedding.use_threads(reading)

    def close(self) -> None:
        """Free the model. The second call does nothing."""
        for part in (self._context, self._embedding, self._weights):
            if part is not None:
                part.free()
        if self._store is not None:
            self._store.close()
        self._context = self._embedding = self._weights = self._reader = self._template = None
        self._store = self._scenes = None

    def _loaded(self) -> Weights:
        if self._weights is None:
            raise RuntimeError("no model is loaded")
        return self._weights

    def _conversation(self) -> tuple[Context, Reader]:
        if self._context is None or self._reader is None:
            self._loaded()
            raise ModelUnsuitable(self._options.path, "it makes vectors, not words")
        return self._context, self._reader

    def _prompt(self, request: Request) -> tuple[Prompt, list[list[int]]]:
        """Write the request down in tokens, with the pieces of the scene cache that belong at its turn.

        Raises ``ContextOverflow`` before anything is computed.
        """
        context, _ = self._conversation()
        vocabulary = self._loaded().vocabulary
        messages, pieces = request.messages, []
        if self._scenes is not None and request.scenes and len(messages) <= 2 and request.adapter is None:
            text = messages[-1].text
            edges = [0, *request.scenes]
            pieces = [vocabulary.text(text[a:b]) for a, b in pairwise(edges)]
            messages = (*messages[:-1], replace(messages[-1], text=text[edges[-1] :]))
        try:
            prompt = build(messages, self._written(), vocabulary, settled=() if pieces else request.settled)
        except TemplateRefused as error:
            path = self._options.path
            raise ModelBroken(path, "the chat template cannot write this conversation", str(error)) from error
        length = len(prompt.tokens) + sum(map(len, pieces))
        if length + request.limit > context.size:
            raise ContextOverflow(length, request.limit, context.size)
        return prompt, pieces

    def _read(
        self,
        reader: Reader,
        prompt: Prompt,
        pieces: list[list[int]],
        request: Request,
        abort: Abort,
        *,
        end: int,
        scores: bool = True,
    ) -> Generator[Reading, None, int]:
        name, scale = request.adapter or (None, 0.0)
        known = tuple(self._loaded().adapters)
        if name is not None and name not in known:
            raise AdapterUnknown(name, known)
        reader.adapt((name, scale))
        if pieces and self._scenes is not None:
            prompt = replace(prompt, tokens=prompt.tokens[: end - sum(map(len, pieces))])
            return (yield from self._scenes.read(prompt, pieces, end=end, keep=request.keep, abort=abort))
        plan = reader.plan(prompt, end=end)
        reused = reader.reuse(prompt, plan, keep=request.keep, scores=scores)
        yield from reader.read(prompt, plan, keep=request.keep, abort=abort)
        return reused

    def _written(self) -> ChatTemplate:
        if self._template is None:
            raise ModelUnsuitable(self._options.path, "it makes vectors, not words")
        return self._template


def _finished(
    reason: Reason,
    began: float,
    *,
    prompt_tokens: int,
    reused: int,
    generated: int = 0,
    first_at: float | None = None,
) -> Finished:
    return Finished(
        reason=reason,
        prompt_tokens=prompt_tokens,
        reused_tokens=reused,
        generated_tokens=generated,
        first_token_ms=None if first_at is None else (first_at - began) * 1000,
        total_ms=(time.monotonic() - began) * 1000,
    )


def _timed(work: Callable[[], object]) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began

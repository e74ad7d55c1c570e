"""Messages to the child and back: whole, typed, and nonsense refused."""

from __future__ import annotations

import io
import json
import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.errors import ModelBroken, ModelDied, ModelNotInstalled
from models.runtime.events import Finished, Loading, Reading, Text
from models.runtime.messages import (
    Cancel,
    Counted,
    Done,
    Embed,
    Embedded,
    Failed,
    Generate,
    Happened,
    Load,
    Tried,
    last,
    order_of,
    packed,
    reply_of,
    unpacked,
)
from models.runtime.options import CHATTING, LoadOptions, Message, Request, Sampling
from models.runtime.wire import LONGEST, WireError, decode, encode, read_frame, write_frame

FINISHED = Finished(
    reason="end", prompt_tokens=5, reused_tokens=1, generated_tokens=2, first_token_ms=None, total_ms=12.5
)
REQUEST = Request(
    messages=(Message(role="system", text="Отвечай кратко."), Message(role="user", text="<|im_start|>\n\ud83d\x00«»")),
    sampling=Sampling(seed=7),
    stops=("\n\n", "Вопрос:"),
    schema='{"type": "object"}',
    adapter=("договоры", 0.5),
    keep="answers",
)
ORDERS = [
    Load(LoadOptions(path=Path("/дом/Иванов Иван/модель.gguf"), adapters=(Path("a.gguf"),), kv_type="q8_0")),
    Load(LoadOptions(path=Path("x"), threads=3, repack=True, states=Path("s"), sha256="00", embeddings=True)),
    Generate(1, REQUEST),
    Generate(2, replace(REQUEST, sampling=CHATTING, adapter=None, keep=None)),
    Embed(3, ("а", "")),
    Cancel(2),
]
REPLIES = [
    Happened(0, Loading(done=0.25)),
    Happened(1, Reading(done=1, total=2, reused=0)),
    Happened(1, Text(delta="слово ")),
    Happened(1, FINISHED),
    Counted(4, (1, 2, 0)),
    Tried(5, 0.5, 1),
    Done(6),
    Failed(7, ModelBroken(Path("x.gguf"), "an impossible number", "block_count")),
    Failed(8, ModelDied(Path("x.gguf"), "memory ran out", ("line", "строка"))),
    Failed(9, ModelNotInstalled("т-lite", ())),
]


def through_a_pipe(*messages: object) -> list[dict[str, object] | None]:
    stream = io.BytesIO()
    for message in messages:
        write_frame(stream, message)
    stream.seek(0)
    return [read_frame(stream) for _ in range(len(messages) + 1)]


def test_orders_arrive_as_they_were_sent() -> None:
    *received, end = through_a_pipe(*ORDERS)
    assert [order_of(message) for message in received if message is not None] == ORDERS
    assert end is None


def test_replies_and_errors_arrive_as_they_were_sent() -> None:
    *received, _ = through_a_pipe(*REPLIES)
    arrived = [reply_of(message) for message in received if message is not None]
    assert arrived[:7] == REPLIES[:7]
    for reply, sent in zip(arrived[7:], REPLIES[7:], strict=True):
        assert isinstance(reply, Failed)
        assert isinstance(sent, Failed)
        assert (type(reply.error), reply.error.args) == (type(sent.error), sent.error.args)
    assert [last(reply) for reply in arrived] == [False, False, False, True, *[True] * 6]


def test_vectors_arrive_bit_for_bit() -> None:
    vectors = np.random.default_rng(1).standard_normal((5, 7)).astype(np.float32)
    reply = reply_of(json.loads(json.dumps(encode(packed(3, vectors)))))
    assert isinstance(reply, Embedded)
    assert np.array_equal(unpacked(reply), vectors)
    assert unpacked(packed(3, np.zeros((0, 4), np.float32))).shape[0] == 0
    with pytest.raises(WireError):
        unpacked(Embedded(3, 4, "AAAAAAAA"))
    with pytest.raises(WireError):
        unpacked(Embedded(3, 1, "нет"))


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"kind": "Nothing"},
        {"kind": ["Cancel"], "number": 1},
        {"kind": "Cancel"},
        {"kind": "Cancel", "number": "1"},
        {"kind": "Cancel", "number": True},
        {"kind": "Cancel", "number": 1, "more": 2},
        {"kind": "Embed", "number": 1, "texts": "text"},
        {"kind": "Embed", "number": 1, "texts": [1]},
        encode(Generate(1, REQUEST)) | {"request": None},
        encode(Generate(1, REQUEST)) | {"request": encode(REQUEST) | {"adapter": ["one"]}},
        encode(Generate(1, REQUEST)) | {"request": encode(REQUEST) | {"limit": 1.5}},
        encode(Generate(1, REQUEST)) | {"request": encode(REQUEST) | {"messages": [{"kind": "Request"}]}},
        encode(Generate(1, replace(REQUEST, messages=(Message(role="root", text=""),)))),  # type: ignore[arg-type]
    ],
)
def test_what_does_not_fit_the_protocol_is_refused(message: dict[str, object]) -> None:
    with pytest.raises(WireError):
        order_of(message)


@pytest.mark.parametrize("error", [None, "ModelBroken", {"kind": "SystemExit"}, {"kind": "ModelBroken", "path": "x"}])
def test_an_error_is_one_of_ours_or_none(error: object) -> None:
    with pytest.raises(WireError):
        reply_of({"kind": "Failed", "number": 1, "error": error})


@pytest.mark.parametrize(
    "raw", [struct.pack(">I", LONGEST + 1), struct.pack(">I", 2) + b"{]", struct.pack(">I", 2) + b"[]"]
)
def test_frames_that_are_none_are_refused(raw: bytes) -> None:
    with pytest.raises(WireError):
        read_frame(io.BytesIO(raw))


@pytest.mark.parametrize("raw", [b"", b"\x00\x00", struct.pack(">I", 9) + b"{}"])
def test_a_stream_may_end_anywhere(raw: bytes) -> None:
    assert read_frame(io.BytesIO(raw)) is None


def test_numbers_without_a_fraction_are_numbers_all_the_same() -> None:
    assert decode(float, 3) == 3.0
    assert isinstance(decode(float, 3), float)

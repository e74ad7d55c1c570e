"""A model file damaged in every way that was seen to upset llama.cpp, and in two hundred ways at random.

Run as a program it puts each damaged file before a real child process and prints what came of it.
"""

from __future__ import annotations

import math
import random
import struct
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias

from engine_material import write_model

from models.errors import ModelsError
from models.gguf_header import read
from models.runtime import instance
from models.runtime.client import Model
from models.runtime.events import Finished
from models.runtime.options import LoadOptions, Message, Request

RANDOM_DAMAGES = 200
HUGE = 1 << 62


@dataclass(frozen=True)
class Sound:
    """The bytes of a good file, and where things lie in them."""

    data: bytes
    keys: Mapping[str, tuple[int, int]]
    """Beginning and end of each key with its value."""
    tensors: Mapping[str, tuple[int, int]]
    """Beginning and end of each tensor's description."""
    begin: int
    """Of the tensors' data."""

    @classmethod
    def of(cls, path: Path) -> Sound:
        header, data = read(path), path.read_bytes()
        keys = {key: (entry.offset, entry.offset + entry.size) for key, entry in header.entries.items()}
        at, tensors = max(end for _, end in keys.values()), {}
        for tensor in header.tensors:
            stated = at + 8 + len(tensor.name.encode())
            dimensions = struct.unpack_from("<I", data, stated)[0]
            end = stated + 4 + 8 * dimensions + 4 + 8
            tensors[tensor.name] = (at, end)
            at = end
        return cls(data, keys, tensors, header.data_offset)

    def put(self, at: int, raw: bytes) -> bytes:
        """Return the file with ``raw`` written over what lies at ``at``."""
        return self.data[:at] + raw + self.data[at + len(raw) :]

    def value(self, key: str, raw: bytes) -> bytes:
        """Return the file with another value, as long as the old one, under ``key``."""
        return self.put(self.keys[key][1] - len(raw), raw)

    def array(self, key: str, raw: bytes) -> bytes:
        """Return the file with ``raw`` for the item type and count of an array."""
        return self.put(self.keys[key][0] + 8 + len(key.encode()) + 4, raw)

    def without(self, key: str) -> bytes:
        """Return the file without a key; what follows stays where the alignment wants it."""
        first, end = self.keys[key]
        count = struct.unpack_from("<Q", self.data, 16)[0]
        head = self.data[:16] + struct.pack("<Q", count - 1) + self.data[24:first] + self.data[end : self.begin]
        return head.ljust(-(-len(head.rstrip(b"\0")) // 32) * 32, b"\0")[: self.begin] + self.data[self.begin :]

    def tensor(self, name: str, *, back: int, raw: bytes) -> bytes:
        """Return the file with ``raw`` written over a tensor's description, ``back`` bytes before its end."""
        return self.put(self.tensors[name][1] - back, raw)


Damage: TypeAlias = Callable[[Sound], bytes]
UP, NORM, EMBEDDING = "blk.0.ffn_up.weight", "blk.1.attn_norm.weight", "token_embd.weight"
BLOCKS, EPSILON, TOKENS = "qwen2.block_count", "qwen2.attention.layer_norm_rms_epsilon", "tokenizer.ggml.tokens"


def u32(value: int) -> bytes:
    return struct.pack("<I", value)


def u64(value: int) -> bytes:
    return struct.pack("<Q", value)


def f32(value: float) -> bytes:
    return struct.pack("<f", value)


def _middle(bounds: tuple[int, int]) -> int:
    return sum(bounds) // 2


DAMAGES: Mapping[str, Damage] = {
    "empty": lambda _: b"",
    "one byte": lambda sound: sound.data[:1],
    "magic alone": lambda sound: sound.data[:4],
    "another magic": lambda sound: sound.put(0, b"GGUX"),
    "a format before GGUF": lambda sound: sound.put(0, b"lmgg"),
    "a web page": lambda _: b"<!DOCTYPE html><html></html>",
    "a Git LFS pointer": lambda _: b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n",
    "version 0": lambda sound: sound.put(4, u32(0)),
    "version 1": lambda sound: sound.put(4, u32(1)),
    "version 999": lambda sound: sound.put(4, u32(999)),
    "another byte order": lambda sound: sound.put(4, struct.pack(">I", 3)),
    "no tensors": lambda sound: sound.put(8, u64(0)),
    "a tensor too many": lambda sound: sound.put(8, u64(len(sound.tensors) + 1)),
    "2^63 tensors": lambda sound: sound.put(8, u64(1 << 63)),
    "no keys": lambda sound: sound.put(16, u64(0)),
    "a key too many": lambda sound: sound.put(16, u64(len(sound.keys) + 1)),
    "a key too few": lambda sound: sound.put(16, u64(len(sound.keys) - 1)),
    "2^63 keys": lambda sound: sound.put(16, u64(1 << 63)),
    "ends in the first key": lambda sound: sound.data[:30],
    "ends in the vocabulary": lambda sound: sound.data[: _middle(sound.keys[TOKENS])],
    "ends in the tensors": lambda sound: sound.data[: _middle(sound.tensors[UP])],
    "ends before the data": lambda sound: sound.data[: sound.begin],
    "ends in the data": lambda sound: sound.data[: _middle((sound.begin, len(sound.data)))],
    "ends a byte early": lambda sound: sound.data[:-1],
    "zeros in the header": lambda sound: sound.put(_middle(sound.keys[TOKENS]), bytes(200)),
    "a key of 2^62 bytes": lambda sound: sound.put(sound.keys[BLOCKS][0], u64(HUGE)),
    "a key without a name": lambda sound: sound.put(sound.keys[BLOCKS][0], u64(0)),
    "a value of type 99": lambda sound: sound.put(sound.keys[BLOCKS][1] - 8, u32(99)),
    "a text of 2^62 bytes": lambda sound: sound.put(sound.keys["general.name"][0] + 8 + 12 + 4, u64(HUGE)),
    "an array of 2^62": lambda sound: sound.array(TOKENS, u32(8) + u64(HUGE)),
    "an array of arrays": lambda sound: sound.array(TOKENS, u32(9)),
    "a key twice": lambda sound: sound.data.replace(b"ggml.bos_token_id", b"ggml.eos_token_id"),
    "a tensor name of 2^40 bytes": lambda sound: sound.put(sound.tensors[UP][0], u64(1 << 40)),
    "a tensor without a name": lambda sound: sound.put(sound.tensors[UP][0], u64(0)),
    "a tensor twice": lambda sound: sound.data.replace(b"blk.1.attn_k.weight", b"blk.1.attn_v.weight"),
    "a tensor missing": lambda sound: sound.data.replace(b"blk.1.ffn_down.weight", b"blk.1.ffn_dawn.weight"),
    "99 dimensions": lambda sound: sound.tensor(UP, back=32, raw=u32(99)),
    "no dimensions": lambda sound: sound.tensor(UP, back=32, raw=u32(0)),
    "a dimension of 0": lambda sound: sound.tensor(UP, back=28, raw=u64(0)),
    "a dimension of 2^62": lambda sound: sound.tensor(UP, back=28, raw=u64(HUGE)),
    "a negative dimension": lambda sound: sound.tensor(UP, back=20, raw=u64((1 << 64) - 5)),
    "another shape": lambda sound: sound.tensor(UP, back=28, raw=u64(128) + u64(64)),
    "a tensor of type 99": lambda sound: sound.tensor(UP, back=12, raw=u32(99)),
    "a tensor of a removed type": lambda sound: sound.tensor(UP, back=12, raw=u32(4)),
    "an offset out of line": lambda sound: sound.tensor(UP, back=8, raw=u64(7)),
    "an offset behind the end": lambda sound: sound.tensor(UP, back=8, raw=u64(1 << 50)),
    "tensors over each other": lambda sound: sound.tensor(UP, back=8, raw=u64(0)),
    "a norm that is no vector": lambda sound: sound.tensor(NORM, back=20, raw=u64(32)),
    "block_count 0": lambda sound: sound.value(BLOCKS, u32(0)),
    "block_count 1": lambda sound: sound.value(BLOCKS, u32(1)),
    "block_count 1000": lambda sound: sound.value(BLOCKS, u32(1000)),
    "block_count 2^31": lambda sound: sound.value(BLOCKS, u32(1 << 31)),
    "rms_eps NaN": lambda sound: sound.value(EPSILON, f32(math.nan)),
    "rms_eps -1": lambda sound: sound.value(EPSILON, f32(-1)),
    "rms_eps infinite": lambda sound: sound.value(EPSILON, f32(math.inf)),
    "head_count 0": lambda sound: sound.value("qwen2.attention.head_count", u32(0)),
    "head_count 7": lambda sound: sound.value("qwen2.attention.head_count", u32(7)),
    "head_count_kv 0": lambda sound: sound.value("qwen2.attention.head_count_kv", u32(0)),
    "head_count_kv 3": lambda sound: sound.value("qwen2.attention.head_count_kv", u32(3)),
    "embedding_length 0": lambda sound: sound.value("qwen2.embedding_length", u32(0)),
    "embedding_length 65": lambda sound: sound.value("qwen2.embedding_length", u32(65)),
    "feed_forward_length 2^31": lambda sound: sound.value("qwen2.feed_forward_length", u32(1 << 31)),
    "context_length 0": lambda sound: sound.value("qwen2.context_length", u32(0)),
    "freq_base NaN": lambda sound: sound.value("qwen2.rope.freq_base", f32(math.nan)),
    "an unknown architecture": lambda sound: sound.value("general.architecture", b"qwen9"),
    "no architecture": lambda sound: sound.without("general.architecture"),
    "no vocabulary": lambda sound: sound.without(TOKENS),
    "no block_count": lambda sound: sound.without(BLOCKS),
    "an end token that is none": lambda sound: sound.value("tokenizer.ggml.eos_token_id", u32(1 << 30)),
    "an unknown tokenizer": lambda sound: sound.value("tokenizer.ggml.model", b"gpt9"),
    "fewer token types than tokens": lambda sound: sound.array("tokenizer.ggml.token_type", u32(5) + u64(5)),
}
"""Each is seen by the reader of headers, without llama.cpp."""


def random_damage(sound: Sound, seed: int) -> bytes:
    """Return the file with its header damaged at random: bits turned, bytes lost, inserted, zeroed or mixed up."""
    dice = random.Random(seed)
    data = bytearray(sound.data)
    while data == sound.data:
        _damage(data, sound.begin, dice)
    return bytes(data)


def _damage(data: bytearray, end: int, dice: random.Random) -> None:
    for _ in range(dice.choice((1, 1, 2, 8))):
        at = dice.randrange(4, end - 8)
        length = dice.choice((1, 4, 8, 64))
        match dice.randrange(5):
            case 0:
                data[at] ^= 1 << dice.randrange(8)
            case 1:
                data[at : at + length] = dice.randbytes(length)
            case 2:
                data[at : at + length] = bytes(length)
            case 3:
                del data[at : at + length]
            case _:
                data[at:at] = dice.randbytes(length)


def corpus(sound: Sound) -> Iterator[tuple[str, bytes]]:
    """Yield every damaged file with the name of its damage."""
    for name, damage in DAMAGES.items():
        yield name, damage(sound)
    for seed in range(RANDOM_DAMAGES):
        yield f"at random, {seed}", random_damage(sound, seed)


def outcome(path: Path, **changes: Any) -> str:
    """Return what the application has of a file: «answered», or the error."""
    with Model(LoadOptions(path=path, context=256, threads=1, **changes)) as model:
        try:
            *_, last = model.generate(Request(messages=(Message(role="user", text="привет"),), limit=3))
        except ModelsError as error:
            return f"{type(error).__name__}: {getattr(error, 'detail', '')} {getattr(error, 'entry', '')}".strip()
    assert isinstance(last, Finished)
    return "answered"


def main() -> None:
    """Put all of them before a child process; with ``--unchecked`` even those that our own reader refuses."""
    if "--unchecked" in sys.argv:
        instance.check_headers = lambda _: None
    counted: Counter[str] = Counter()
    with TemporaryDirectory() as folder:
        sound = Sound.of(write_model(Path(folder) / "sound.gguf"))
        path = Path(folder) / "damaged.gguf"
        for name, data in corpus(sound):
            path.write_bytes(data)
            found = outcome(path)
            counted[found.split(":")[0]] += 1
            sys.stdout.write(f"{name}: {found}\n")
    sys.stdout.write(f"{dict(counted)}\n")


if __name__ == "__main__":
    main()

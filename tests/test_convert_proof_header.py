"""Headers of GGUF files that are cut, contradictory or hostile: each is refused with GgufBroken and nothing else."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import numpy as np
import proof_material as proof
import pytest

from converter.errors import GgufBroken
from converter.keyvalues import KeyValue, ValueType, array, boolean, encode, string, uint32
from converter.proof import header

KEYS = [
    string("general.architecture", "qwen2"),
    uint32("general.file_type", 1),
    array("tokenizer.ggml.tokens", ValueType.STRING, ["а", "б"]),
    array("tokenizer.ggml.scores", ValueType.FLOAT32, [0.5, 1.5]),
    boolean("tokenizer.ggml.add_bos_token", True),
    KeyValue("general.weight", ValueType.FLOAT64, 0.25),
]
F16, Q4_K = 1, 12


def text(value: str | bytes) -> bytes:
    raw = value if isinstance(value, bytes) else value.encode()
    return struct.pack("<Q", len(raw)) + raw


def tensor(name: str | bytes = "a.weight", shape: tuple[int, ...] = (16, 2), kind: int = F16, offset: int = 0) -> bytes:
    return text(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, kind, offset)


def file(
    *,
    keys: list[bytes] | None = None,
    tensors: list[bytes] | None = None,
    magic: bytes = b"GGUF",
    version: int = 3,
    tensor_count: int | None = None,
    key_count: int | None = None,
    data: int = 64,
) -> bytes:
    keys = [encode(key) for key in KEYS] if keys is None else keys
    tensors = [tensor()] if tensors is None else tensors
    head = magic + struct.pack(
        "<IQQ",
        version,
        len(tensors) if tensor_count is None else tensor_count,
        len(keys) if key_count is None else key_count,
    )
    head += b"".join(keys) + b"".join(tensors)
    return head + bytes(-len(head) % 32 + data)


def test_a_sound_header_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.gguf"
    path.write_bytes(file(tensors=[tensor(), tensor("b.weight", (256, 1, 1), Q4_K, 64)], data=64 + 160))
    found = header.read(path)
    assert list(found.tensors) == ["a.weight", "b.weight"]
    assert found.tensors["a.weight"].shape == (2, 16)
    assert found.tensors["a.weight"].row_size == 32
    assert found.tensors["b.weight"].type == "Q4_K"
    assert found.tensors["b.weight"].size == 144
    assert found.tensors["b.weight"].offset == found.data_offset + 64
    assert [found.value(key.name) for key in KEYS] == ["qwen2", 1, None, None, True, 0.25]
    assert found.value("absent") is None
    assert list(found.keyvalues.values()) == [encode(key) for key in KEYS]


def value(kind: int, content: bytes = b"") -> list[bytes]:
    return [text("key") + struct.pack("<I", kind) + content]


HUGE = 2**63
HOSTILE = {
    "no bytes": b"",
    "a few bytes": b"GGU",
    "another magic": file(magic=b"GGML"),
    "the other byte order": file(magic=b"FUGG"),
    "version 2": file(version=2),
    "version in the other byte order": file(version=3 << 24),
    "more tensors than there can be": file(tensor_count=HUGE),
    "more keys than there can be": file(key_count=HUGE),
    "more tensors than there are": file(tensor_count=3),
    "a key announced that is not there": file(keys=[], tensors=[], key_count=1, data=0),
    "a key twice": file(keys=[encode(KEYS[0]), encode(KEYS[0])]),
    "a key without a name": file(keys=[text("") + struct.pack("<IB", 0, 1)]),
    "a key with a name of a gigabyte": file(keys=[struct.pack("<Q", 1 << 30) + bytes(100)]),
    "a key that is no UTF-8": file(keys=[text(b"\xff\xfe") + struct.pack("<IB", 0, 1)]),
    "a type of value that does not exist": file(keys=value(13)),
    "a text longer than the file": file(keys=value(8, struct.pack("<Q", HUGE))),
    "an array longer than the file": file(keys=value(9, struct.pack("<IQ", 6, 1 << 20))),
    "an array of more than any vocabulary": file(keys=value(9, struct.pack("<IQ", 0, HUGE))),
    "an array of texts that ends early": file(keys=value(9, struct.pack("<IQ", 8, 1000) + text("a") * 3)),
    "an array of arrays": file(keys=value(9, struct.pack("<IQIQ", 9, 1, 4, 0))),
    "an array of nothing known": file(keys=value(9, struct.pack("<IQ", 99, 1))),
    "a truth value of 2": file(keys=value(7, b"\x02")),
    "no alignment": file(keys=[encode(uint32("general.alignment", 0))]),
    "an odd alignment": file(keys=[encode(uint32("general.alignment", 48))]),
    "an alignment of a gigabyte": file(keys=[encode(uint32("general.alignment", 1 << 30))]),
    "an alignment that is text": file(keys=[encode(string("general.alignment", "32"))]),
    "a tensor without a name": file(tensors=[tensor("")]),
    "a tensor with a long name": file(tensors=[tensor("a" * 64)]),
    "a tensor whose name is no UTF-8": file(tensors=[tensor(b"\xff")]),
    "a tensor twice": file(tensors=[tensor(), tensor(offset=64)], data=128),
    "no dimensions": file(tensors=[tensor(shape=())]),
    "five dimensions": file(tensors=[tensor(shape=(16, 2, 1, 1, 1))]),
    "a dimension of nothing": file(tensors=[tensor(shape=(16, 0))]),
    "a dimension beyond the file": file(tensors=[tensor(shape=(HUGE, 2))]),
    "dimensions whose product overflows": file(tensors=[tensor(shape=(1 << 9, 1 << 9, 1 << 9, 1 << 9))]),
    "a type of tensor that does not exist": file(tensors=[tensor(kind=77)]),
    "a type of tensor that was removed": file(tensors=[tensor(kind=4)]),
    "rows that are no whole blocks": file(tensors=[tensor(shape=(16, 2), kind=Q4_K)]),
    "a tensor out of line": file(tensors=[tensor(offset=8)], data=128),
    "a tensor beyond the end": file(tensors=[tensor(offset=1 << 40)]),
    "an offset that overflows": file(tensors=[tensor(offset=2**64 - 32)]),
    "two tensors in one place": file(tensors=[tensor(), tensor("b.weight")], data=128),
    "two tensors that overlap": file(tensors=[tensor(), tensor("b.weight", offset=32)], data=128),
    "data that ends early": file(data=60),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_header_is_refused(tmp_path: Path, case: str) -> None:
    path = tmp_path / "a.gguf"
    path.write_bytes(HOSTILE[case])
    with pytest.raises(GgufBroken) as refused:
        header.read(path)
    assert refused.value.detail


def test_every_cut_is_noticed(tmp_path: Path) -> None:
    content = file(tensors=[tensor(), tensor("b.weight", offset=64)], data=128)
    path = tmp_path / "a.gguf"
    for length in range(len(content)):
        path.write_bytes(content[:length])
        with pytest.raises(GgufBroken):
            header.read(path)
    path.write_bytes(content)
    assert len(header.read(path).tensors) == 2


def test_changed_bytes_are_read_or_refused(tmp_path: Path) -> None:
    """Whatever one byte is changed to: a header comes out, or GgufBroken."""
    content = file(tensors=[tensor(), tensor("b.weight", offset=64)], data=128)
    end = len(content) - 128
    path = tmp_path / "a.gguf"
    random = np.random.default_rng(3)
    refused = 0
    for place in range(end):
        changed = bytearray(content)
        changed[place] ^= int(random.integers(1, 256))
        path.write_bytes(changed)
        try:
            found = header.read(path)
        except GgufBroken:
            refused += 1
        else:
            assert all(each.offset + each.size <= len(content) for each in found.tensors.values())
    assert refused > end // 3


@pytest.mark.parametrize("kind", ["absent", "folder", "pipe"])
def test_what_is_no_file(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "a.gguf"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    with pytest.raises(GgufBroken):
        header.read(path)


def test_cut_models_are_refused_before_llama_cpp_sees_them(tmp_path: Path) -> None:
    source = proof.checkpoint(tmp_path, "qwen2", layers=1)
    target = proof.converted(source, tmp_path / "a.gguf")
    target.write_bytes(target.read_bytes()[:-1000])
    with pytest.raises(GgufBroken) as refused:
        proof.report(target, source)
    assert refused.value.detail == "the file ends early"

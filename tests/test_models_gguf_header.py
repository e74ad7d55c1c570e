"""Reading GGUF headers: what a good one says, and that no damaged one does anything but raise a fact."""

from __future__ import annotations

import ctypes
import os
import random
import struct
from dataclasses import replace
from pathlib import Path
from typing import Any

import gguf
import llama_cpp
import pytest
from gguf_material import ARRAY, BOOL, F32, I32, STRING, TOKENS, U32, U64, Raw, Tensor, entry, keys, text, write_model

from models import gguf_header
from models.errors import ModelBroken, ModelFileMissing, ModelsError, ModelUnreadable, NotAGguf
from models.gguf_types import FILE_TYPES, TENSOR_TYPES, LongArray

HUGE = 2**63


def read(raw: Raw, folder: Path) -> gguf_header.GgufHeader:
    return gguf_header.read(raw.write(folder / "model.gguf"))


def test_a_file_of_the_usual_writer_is_read(tmp_path: Path) -> None:
    path = write_model(tmp_path / "Модель Иванова.gguf")
    header = gguf_header.read(path)
    theirs = gguf.GGUFReader(path)
    assert (header.version, header.alignment, header.file_size) == (3, 32, path.stat().st_size)
    assert header.data_offset == theirs.data_offset
    assert set(header.keyvalues) == {name for name in theirs.fields if not name.startswith("GGUF.")}
    assert header.text("general.name") == "Малая"
    assert header.integer("qwen2.block_count") == 2
    assert header.keyvalues["qwen2.attention.layer_norm_rms_epsilon"] == pytest.approx(1e-6)
    assert {
        tensor.name: (tensor.shape, tensor.offset + header.data_offset, tensor.size) for tensor in header.tensors
    } == {
        tensor.name: (tuple(int(length) for length in tensor.shape), tensor.data_offset, tensor.n_bytes)
        for tensor in theirs.tensors
    }
    gguf_header.validate_model(header)


def test_long_arrays_are_read_on_demand(tmp_path: Path) -> None:
    header = gguf_header.read(write_model(tmp_path / "model.gguf"))
    tokens = header.keyvalues["tokenizer.ggml.tokens"]
    assert isinstance(tokens, LongArray)
    assert tokens.count == len(TOKENS)
    assert [token.decode() for token in gguf_header.strings(header, "tokenizer.ggml.tokens")] == TOKENS
    assert gguf_header.strings(header, "tokenizer.ggml.token_type") == []
    assert gguf_header.strings(header, "no.such.key") == []


def test_a_vocabulary_of_150_thousand_tokens_is_walked_over(shared_data: Path) -> None:
    header = gguf_header.read(shared_data / "tokenizer" / "ggml-vocab-qwen2.gguf")
    tokens = gguf_header.strings(header, "tokenizer.ggml.tokens")
    assert len(tokens) == 151_936
    assert tokens[0] == b"!"
    assert header.integer("tokenizer.ggml.eos_token_id") < len(tokens)


def test_strings_across_the_borders_of_what_is_read_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = Raw().write(tmp_path / "model.gguf")
    usual = gguf_header.read(path)
    for block in (1, 7, 8, 9, 64):
        monkeypatch.setattr("models.gguf_cursor._BLOCK", block)
        assert gguf_header.read(path) == usual
        assert gguf_header.strings(usual, "tokenizer.ggml.tokens")[3] == "да".encode()


def test_types_are_those_of_the_installed_library() -> None:
    class Traits(ctypes.Structure):
        _fields_ = [
            ("name", ctypes.c_char_p),
            ("block", ctypes.c_int64),
            ("interleave", ctypes.c_int64),
            ("size", ctypes.c_size_t),
        ]

    library = ctypes.CDLL(str(next(Path(llama_cpp.__file__).parent.glob("lib/*ggml-base.*"))))
    library.ggml_get_type_traits.restype = ctypes.POINTER(Traits)
    known = {number: library.ggml_get_type_traits(number).contents for number in range(library_types())}
    theirs = {number: (found.block, found.size) for number, found in known.items() if found.block > 0}
    assert {number: (kind.block, kind.octets) for number, kind in TENSOR_TYPES.items()} == theirs
    assert {kind.name.lower() for kind in TENSOR_TYPES.values()} == {
        found.name.decode().lower() for found in known.values() if found.block > 0
    }
    stated = {kind.value: kind.name.removeprefix("MOSTLY_").removeprefix("ALL_") for kind in gguf.LlamaFileType}
    assert all(stated[number] == name for number, name in FILE_TYPES.items())


def library_types() -> int:
    return int(llama_cpp.GGML_TYPE_COUNT)


class TestWhatIsNoGguf:
    @pytest.mark.parametrize(
        ("content", "detail"),
        [
            (b"", "the file is empty"),
            (b"<!DOCTYPE html><html>", "a web page"),
            (b"PK\x03\x04" + bytes(40), "an archive or a PyTorch checkpoint"),
            (b"tjgg" + bytes(40), "a format older than GGUF"),
            (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "a Git LFS pointer in place of the file"),
            (b"GGU", "another format"),
            (bytes(1000), "another format"),
            (Raw(version=1).encoded(), "an unknown version of the format"),
            (Raw(version=4).encoded(), "an unknown version of the format"),
            (Raw(version=0).encoded(), "an unknown version of the format"),
            (b"GGUF" + struct.pack(">IQQ", 3, 0, 0), "made for computers with another byte order"),
        ],
    )
    def test_it_is_said_what_it_is(self, content: bytes, detail: str, tmp_path: Path) -> None:
        path = tmp_path / "model.gguf"
        path.write_bytes(content)
        with pytest.raises(NotAGguf) as raised:
            gguf_header.read(path)
        assert raised.value.detail == detail

    def test_what_is_no_file(self, tmp_path: Path) -> None:
        with pytest.raises(ModelFileMissing):
            gguf_header.read(tmp_path / "нет.gguf")
        with pytest.raises(ModelFileMissing):
            gguf_header.read(Path("a\0b"))
        with pytest.raises(ModelUnreadable, match="not an ordinary file"):
            gguf_header.read(tmp_path)

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes in file systems here")
    def test_a_pipe_does_not_keep_anybody_waiting(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe.gguf")
        with pytest.raises(ModelUnreadable, match="not an ordinary file"):
            gguf_header.read(tmp_path / "pipe.gguf")


def test_version_2_is_read_too(tmp_path: Path) -> None:
    assert read(Raw(version=2), tmp_path).version == 2


def test_a_larger_alignment_is_kept(tmp_path: Path) -> None:
    raw = replace(Raw().key("general.alignment", U32, 64), alignment=64)
    header = read(raw, tmp_path)
    assert header.alignment == 64
    assert header.data_offset % 64 == 0


NAME = "blk.0.attn_q.weight"
DAMAGED: dict[str, tuple[Any, str]] = {
    "more keys than bytes": (Raw(key_count=60_000), "it ends in the middle of its header"),
    "2**63 keys": (Raw(key_count=HUGE), "an impossible number of keys"),
    "2**63 tensors": (Raw(tensor_count=HUGE), "an impossible number of tensors"),
    "more tensors than bytes": (Raw(tensor_count=65_536, data=False), "it ends in the middle of its header"),
    "an empty key": (Raw().key("", U32, 1), "a key without a name"),
    "a key with NUL": (Raw().key("a\0b", U32, 1), "a key without a name"),
    "a key that is no UTF-8": (
        Raw(key_count=1, keys={}, more_keys=text(b"\xff\xfe") + bytes(8)),
        "text that is not UTF-8",
    ),
    "the same key twice": (
        Raw(key_count=16, more_keys=entry("general.name", (STRING, "b"))),
        "the same key twice",
    ),
    "a key of 2**63 bytes": (
        Raw(keys={}, key_count=1, more_keys=struct.pack("<QI", HUGE, 4)),
        "a text that is too long",
    ),
    "a key of 70,000 bytes": (Raw().key("k" * 70_000, U32, 1), "a text that is too long"),
    "an unknown type of value": (
        Raw(keys={}, key_count=1, more_keys=text("a") + struct.pack("<IQ", 13, 0)),
        "an unknown type of value",
    ),
    "a negative type of value": (
        Raw(keys={}, key_count=1, more_keys=text("a") + struct.pack("<iQ", -1, 0)),
        "an unknown type of value",
    ),
    "an unknown type of item": (
        Raw(keys={}, key_count=1, more_keys=text("a") + struct.pack("<IIQ", ARRAY, 99, 1)),
        "an unknown type of value",
    ),
    "an array of arrays": (
        Raw(keys={}, key_count=1, more_keys=text("a") + struct.pack("<IIQ", ARRAY, ARRAY, 1) + bytes(64)),
        "an array of arrays",
    ),
    "an array of 2**63 numbers": (
        Raw(keys={}, key_count=1, more_keys=text("a") + struct.pack("<IIQ", ARRAY, U32, HUGE)),
        "an array that is too long",
    ),
    "an array longer than the file": (
        Raw(keys={}, key_count=1, more_keys=text("a") + struct.pack("<IIQ", ARRAY, U32, 2**23), tensors=[]),
        "it ends in the middle of its header",
    ),
    "an array of strings longer than the file": (
        Raw(keys={}, key_count=1, more_keys=text("a") + struct.pack("<IIQ", ARRAY, STRING, 2**23), tensors=[]),
        "it ends in the middle of its header",
    ),
    "a token of 2**62 bytes": (
        Raw(keys={}, key_count=1, more_keys=text("tokenizer.x") + struct.pack("<IIQQ", ARRAY, STRING, 1, 2**62)),
        "a text that is too long",
    ),
    "a token beyond the file": (
        Raw(keys={}, key_count=1, more_keys=text("tokenizer.x") + struct.pack("<IIQQ", ARRAY, STRING, 1, 2**23)),
        "it ends in the middle of its header",
    ),
    "a text of 2**63 bytes": (
        Raw(keys={}, key_count=1, more_keys=text("a") + struct.pack("<IQ", STRING, HUGE)),
        "a text that is too long",
    ),
    "a text that is no UTF-8": (Raw().key("general.name", STRING, b"\xc3\x28"), "text that is not UTF-8"),
    "a bool of 2": (Raw().key("a", BOOL, 2), "a value that is neither true nor false"),
    "alignment 0": (Raw().key("general.alignment", U32, 0), "an impossible alignment"),
    "alignment 48": (Raw().key("general.alignment", U32, 48), "an impossible alignment"),
    "alignment 2**31": (Raw().key("general.alignment", U32, 2**31), "an impossible alignment"),
    "alignment as 64 bits": (Raw().key("general.alignment", U64, 32), "an impossible alignment"),
    "alignment as text": (Raw().key("general.alignment", STRING, "32"), "an impossible alignment"),
    "alignment as fraction": (Raw().key("general.alignment", F32, 32.0), "an impossible alignment"),
    "a tensor without a name": (Raw().tensor(NAME, name=""), "a tensor without a name"),
    "a tensor name of 64 bytes": (Raw().tensor(NAME, name="x" * 64), "a tensor name that is too long"),
    "the same tensor twice": (Raw().tensor(NAME, name="output.weight"), "the same tensor twice"),
    "a tensor without dimensions": (Raw().tensor(NAME, shape=(), size=16384), "an impossible shape"),
    "five dimensions": (Raw().tensor(NAME, shape=(64, 64, 1, 1, 1)), "an impossible shape"),
    "a dimension of 0": (Raw().tensor(NAME, shape=(64, 0), size=16384), "an impossible shape"),
    "a negative dimension": (Raw().tensor(NAME, shape=(64, 2**64 - 1), size=16384), "an impossible shape"),
    "a shape of 2**64 numbers": (Raw().tensor(NAME, shape=(2**32, 2**32), size=16384), "an impossible shape"),
    "a type that was given up": (Raw().tensor(NAME, type=4), "a tensor type that llama.cpp does not know"),
    "the type of bitnet.cpp": (Raw().tensor(NAME, type=36), "a tensor type that llama.cpp does not know"),
    "type 2**31": (Raw().tensor(NAME, type=2**31), "a tensor type that llama.cpp does not know"),
    "rows that no block fits": (Raw().tensor(NAME, type=12), "rows that do not fit their type"),
    "an offset out of line": (Raw().tensor(NAME, offset=17), "a tensor that is not aligned"),
    "two tensors in one place": (Raw().tensor(NAME, offset=0), "tensors that overlap"),
    "a gap": (Raw().tensor(NAME, offset=32 * 4096), "a gap between tensors"),
    "an offset of 2**63": (Raw().tensor(NAME, offset=HUGE), "a gap between tensors"),
    "a tensor of 2**62 numbers": (Raw().tensor(NAME, shape=(2**31, 2**31)), "it ends before its last tensor"),
    "another type of the same file": (Raw().tensor(NAME, type=1), "a gap between tensors"),
    "no data": (Raw(data=False), "it ends before its last tensor"),
}


@pytest.mark.parametrize(("raw", "detail"), DAMAGED.values(), ids=DAMAGED.keys())
def test_a_damaged_header_is_a_clear_fact(raw: Raw, detail: str, tmp_path: Path) -> None:
    with pytest.raises(ModelBroken) as raised:
        read(raw, tmp_path)
    assert raised.value.detail == detail
    assert raised.value.path == tmp_path / "model.gguf"


def test_the_entry_in_question_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelBroken) as raised:
        read(Raw().tensor(NAME, offset=0), tmp_path)
    assert raised.value.entry == NAME
    with pytest.raises(ModelBroken) as raised:
        read(Raw().key("general.name", STRING, b"\xff"), tmp_path)
    assert raised.value.entry == "general.name"


def test_a_header_cut_at_any_byte_is_a_clear_fact(tmp_path: Path) -> None:
    path = tmp_path / "model.gguf"
    path.write_bytes(Raw().header())
    for length in reversed(range(path.stat().st_size)):
        os.truncate(path, length)
        with pytest.raises((ModelBroken, NotAGguf)) as raised:
            gguf_header.read(path)
        if length >= 8:
            assert raised.value.detail == "it ends in the middle of its header"


def test_data_cut_anywhere_is_a_clear_fact(tmp_path: Path) -> None:
    content, path = Raw().encoded(), tmp_path / "model.gguf"
    begin = len(Raw().header())
    last = 64 * 96 * 4  # bytes of the last tensor, which ends where the file does
    for length in (begin, begin + 1, begin + 40, len(content) // 2, len(content) - last, len(content) - 1):
        path.write_bytes(content[:length])
        with pytest.raises(ModelBroken, match="it ends before its last tensor"):
            gguf_header.read(path)
    path.write_bytes(content)
    gguf_header.validate_model(gguf_header.read(path))


def test_chance_damage_raises_facts_or_nothing(tmp_path: Path) -> None:
    content, path = bytearray(Raw().encoded()), tmp_path / "model.gguf"
    header = len(Raw().header())
    chance = random.Random(20)
    refused = 0
    for _ in range(300):
        damaged = bytearray(content)
        for _ in range(chance.choice((1, 1, 2, 8))):
            damaged[chance.randrange(header)] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)))
        path.write_bytes(damaged)
        try:
            gguf_header.validate_model(gguf_header.read(path))
        except ModelsError:
            refused += 1
    assert refused > 150  # the rest fell into names of tokens and the like


def test_a_header_larger_than_any_is_refused_before_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.gguf_cursor.LARGEST_HEADER", 4096)
    raw = Raw().key("tokenizer.ggml.scores", ARRAY, (F32, [0.0] * 4096))
    with pytest.raises(ModelBroken, match="its header is too large"):
        read(raw, tmp_path)


def test_a_file_that_shrinks_is_a_clear_fact(tmp_path: Path) -> None:
    path = Raw().write(tmp_path / "model.gguf")
    header = gguf_header.read(path)
    os.truncate(path, 200)
    with pytest.raises(ModelBroken, match="it ends in the middle of its header"):
        gguf_header.strings(header, "tokenizer.ggml.tokens")
    path.unlink()
    with pytest.raises(ModelFileMissing):
        gguf_header.strings(header, "tokenizer.ggml.tokens")


def test_our_bytes_are_those_of_the_usual_writer(tmp_path: Path) -> None:
    """The material for damage is a good file where nothing was damaged."""
    theirs = {
        name: (field.types, field.contents())
        for name, field in gguf.GGUFReader(Raw().write(tmp_path / "a")).fields.items()
    }
    assert theirs["general.name"][1] == "Малая"
    assert [kind for kind in theirs if not kind.startswith("GGUF.")] == list(keys())
    assert theirs["tokenizer.ggml.token_type"][1] == [1] * len(TOKENS)
    assert I32 == gguf.GGUFValueType.INT32
    assert Tensor("a", (1,)).type == gguf.GGMLQuantizationType.F32

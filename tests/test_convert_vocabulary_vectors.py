"""The vocabulary of Qwen2 and so of T-lite, in a tokenizer.json of its real size, against llama.cpp's own test data."""

from __future__ import annotations

import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import llama_cpp
import pytest
from checkpoint_material import write_json
from gguf_dump import header_of, keyvalues_of
from vocabulary_material import added, byte_level_tokenizer, tokenizer_config

from converter import keyvalues, vocabulary
from converter.keyvalues import KeyValue, encode
from converter.vocabulary import Vocabulary

Tokenize = Callable[[str], list[int]]
SEPARATOR = "\n__ggml_vocab_test__\n"
NORMAL = 1


@pytest.fixture(scope="module")
def published() -> dict[str, Any]:
    """Return the keys of the published vocabulary."""
    path = _data() / "ggml-vocab-qwen2.gguf"
    return {name: value for name, _, value in header_of(path)["keyvalues"]}


@pytest.fixture(scope="module")
def folder(published: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the tokenizer.json that the published vocabulary came from."""
    tokens, types = published["tokenizer.ggml.tokens"], published["tokenizer.ggml.token_type"]
    special = [added(number, tokens[number]) for number in range(151643, 151646)]
    tokenizer = byte_level_tokenizer("qwen2")
    tokenizer["added_tokens"] = special
    tokenizer["model"]["vocab"] = {tokens[n]: n for n, kind in enumerate(types) if kind == NORMAL}
    tokenizer["model"]["merges"] = [merge.split(" ") for merge in published["tokenizer.ggml.merges"]]
    folder = tmp_path_factory.mktemp("qwen2")
    write_json(folder / "tokenizer.json", tokenizer)
    write_json(folder / "tokenizer_config.json", tokenizer_config(added_tokens_decoder={}))
    return folder


@pytest.fixture(scope="module")
def read(folder: Path) -> Vocabulary:
    return vocabulary.read(folder, {"vocab_size": 151936}, architecture="qwen2")


@pytest.fixture(scope="module")
def tokenize(read: Vocabulary, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tokenize]:
    """Return llama.cpp's tokenizer over a GGUF that holds nothing but our vocabulary."""
    path = tmp_path_factory.mktemp("gguf") / "vocabulary.gguf"
    path.write_bytes(_vocabulary_file(read.keyvalues))
    options = llama_cpp.llama_model_default_params()
    options.vocab_only = True
    model = llama_cpp.llama_model_load_from_file(str(path).encode(), options)
    assert model, "llama.cpp does not load the vocabulary"
    words = llama_cpp.llama_model_get_vocab(model)

    def ids(text: str) -> list[int]:
        content = text.encode()
        room = (llama_cpp.llama_token * (len(content) + 8))()
        count = llama_cpp.llama_tokenize(words, content, len(content), room, len(room), False, False)
        return list(room[:count])

    yield ids
    llama_cpp.llama_model_free(model)


def test_tokens_and_merges_are_the_published_ones(read: Vocabulary, published: dict[str, Any]) -> None:
    found = {name: value for name, _, value in keyvalues_of(b"".join(map(encode, read.keyvalues)))}

    assert found["tokenizer.ggml.pre"] == "qwen2"
    assert found["tokenizer.ggml.tokens"] == published["tokenizer.ggml.tokens"]
    assert found["tokenizer.ggml.merges"] == published["tokenizer.ggml.merges"]
    # An early converter called the padding "user defined" (4); it has been unused (5) since.
    expected = [5 if kind == 4 else kind for kind in published["tokenizer.ggml.token_type"]]
    assert found["tokenizer.ggml.token_type"] == expected
    assert read.notes == ()


def test_the_vectors_pass(tokenize: Tokenize) -> None:
    data = _data()
    texts = (data / "ggml-vocab-qwen2.gguf.inp").read_bytes().decode().split(SEPARATOR)
    lines = (data / "ggml-vocab-qwen2.gguf.out").read_text(encoding="utf-8").split("\n")
    expected = [[int(number) for number in line.split()] for line in lines[: len(texts)]]

    assert len(texts) == 47
    assert [tokenize(text) for text in texts] == expected


def test_llama_cpp_does_not_normalize(tokenize: Tokenize) -> None:
    """So whoever gives it text has to: the model knows «й» as one letter."""
    assert tokenize("\u0438\u0306") != tokenize("й")


@pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="the peak of this process alone is told by Linux only"
)
def test_reading_takes_little_memory(folder: Path) -> None:
    """A conversion has to stay under 300 MB, and this is its greediest moment."""
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from converter import vocabulary\n"
        "vocabulary.read(Path(sys.argv[1]), {'vocab_size': 151936}, architecture='qwen2')\n"
        "[peak] = [line for line in open('/proc/self/status') if line.startswith('VmHWM')]\n"
        "print(int(peak.split()[1]) // 1024)\n"
    )
    done = subprocess.run([sys.executable, "-c", program, str(folder)], capture_output=True, check=True, text=True)

    assert int(done.stdout) < 230


def _vocabulary_file(keys: tuple[KeyValue, ...]) -> bytes:
    shape = {"block_count": 1, "context_length": 8, "embedding_length": 8, "feed_forward_length": 8}
    heads = {"attention.head_count": 1, "attention.head_count_kv": 1}
    head = [
        keyvalues.string("general.architecture", "qwen2"),
        *(keyvalues.uint32(f"qwen2.{name}", value) for name, value in {**shape, **heads}.items()),
        keyvalues.float32("qwen2.attention.layer_norm_rms_epsilon", 1e-6),
    ]
    every = [*head, *keys]
    return struct.pack("<4sIQQ", b"GGUF", 3, 0, len(every)) + b"".join(map(encode, every))


def _data() -> Path:
    from conftest import SHARED_DATA

    if not SHARED_DATA.is_dir():
        pytest.skip("the shared test data is not beside this checkout")
    return SHARED_DATA / "tokenizer"

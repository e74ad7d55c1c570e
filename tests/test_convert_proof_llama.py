"""The child process that runs llama.cpp: it may die, hang, or talk nonsense, and the parent tells how."""

from __future__ import annotations

import os
import signal
import sys
import unicodedata
from pathlib import Path

import numpy as np
import proof_material as proof
import pytest

from converter.proof import llama
from converter.proof.forward import StopAsked
from converter.proof.llama import ModelFailed, ModelPass
from converter.proof.text import TEXT
from converter.stopping import never


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("модель «Т»")
    return proof.converted(proof.checkpoint(folder, "qwen2", layers=1), folder / "модель.gguf")


def test_logits_of_every_position(model: Path) -> None:
    with ModelPass(model, TEXT, tokens=100) as answers:
        told = list(answers.run(stop=never))
        assert told == [0, 64, 100]
        assert answers.reading is not None
        assert answers.reading.tokens == answers.reading.plain[:100]
        assert len(answers.reading.plain) > 256
        assert answers.logits.shape == (100, answers.reading.vocabulary) == (100, 320)
        assert np.isfinite(answers.logits).all()
        assert answers.reading.context >= 100


def test_a_short_text_is_read_whole(model: Path) -> None:
    with ModelPass(model, "привет", tokens=100) as answers:
        list(answers.run(stop=never))
        assert answers.reading is not None
        assert len(answers.logits) == len(answers.reading.plain) < 13


def test_a_child_that_is_killed(model: Path) -> None:
    with ModelPass(model, TEXT, tokens=250) as answers, pytest.raises(ModelFailed):
        for _ in answers.run(stop=never):
            os.kill(answers._process.pid, signal.SIGKILL)


def test_stopping_kills_the_child(model: Path) -> None:
    with ModelPass(model, TEXT, tokens=250) as answers:
        with pytest.raises(StopAsked):
            list(answers.run(stop=lambda: True))
        process = answers._process
        assert process.poll() is None
    assert process.poll() is not None


def test_what_llama_cpp_says_of_a_file_it_does_not_load(tmp_path: Path) -> None:
    path = tmp_path / "a.gguf"
    path.write_bytes(b"GGUF" + bytes(100))
    with ModelPass(path, TEXT, tokens=8) as answers, pytest.raises(ModelFailed) as failed:
        list(answers.run(stop=never))
    assert "gguf" in failed.value.detail.lower() or "load" in failed.value.detail.lower()


NONSENSE = {
    "nothing": "",
    "no JSON": "print('hello')",
    "no object": "print('[]')",
    "another object": "print('{}')",
    "half a line": "sys.stdout.write('{')",
    "tokens that are no list": """print('{"plain": 1, "tokens": 1, "vocabulary": 1, "context": 1}')""",
    "no tokens": """print('{"plain": [], "tokens": [], "vocabulary": 9, "context": 1}')""",
    "more tokens than asked for": """print('{"plain": [], "tokens": %s, "vocabulary": 9, "context": 1}' % ([1] * 9))""",
    "a vocabulary of a world": """print('{"plain": [], "tokens": [1], "vocabulary": 999999999, "context": 1}')""",
    "rows that do not come": """print('{"plain": [], "tokens": [1], "vocabulary": 9, "context": 1}\\n{"rows": 1}')""",
    "an abort": "os.abort()",
    "an exception": "raise RuntimeError('a reason')",
}


@pytest.mark.parametrize("case", NONSENSE)
def test_whatever_a_child_says(model: Path, monkeypatch: pytest.MonkeyPatch, case: str) -> None:
    script = f"import os, sys\nsys.stdin.read()\n{NONSENSE[case]}"
    monkeypatch.setattr(llama, "_command", lambda *_: [sys.executable, "-c", script])
    with ModelPass(model, TEXT, tokens=8) as answers, pytest.raises(ModelFailed) as failed:
        list(answers.run(stop=never))
    assert failed.value.detail
    if case == "an exception":
        assert failed.value.detail == "RuntimeError: a reason"


def test_a_child_that_hangs(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(llama, "_command", lambda *_: [sys.executable, "-c", "import time; time.sleep(600)"])
    monkeypatch.setattr(llama, "PATIENCE", 0.2)
    with ModelPass(model, "а" * 1_000_000, tokens=8) as answers, pytest.raises(ModelFailed) as failed:
        list(answers.run(stop=never))
    assert failed.value.detail == "no answer"


def test_no_foreign_backend_is_loaded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GGML_BACKEND_PATH", str(tmp_path / "evil.so"))
    assert "GGML_BACKEND_PATH" not in llama._environment()


def test_the_text_is_russian_in_nfc_and_long_enough() -> None:
    assert unicodedata.normalize("NFC", TEXT) == TEXT
    letters = [letter for letter in TEXT if letter.isalpha()]
    assert sum("а" <= letter.lower() <= "я" or letter.lower() == "ё" for letter in letters) > 0.95 * len(letters)
    # Qwen's tokens of Russian have 3.4 letters on average.
    assert len(TEXT) / 4 > 400

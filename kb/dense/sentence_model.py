"""An embedder from a folder with a sentence-transformers model, run by torch or ONNX. It never looks at the network.

The library is the optional extra ``sentence-transformers`` (for ONNX, ``sentence-transformers[onnx]``) and is imported
when a model is loaded, not before: it takes seconds. Prompts for questions and passages are those that the model's
folder configures (``config_sentence_transformers.json``).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from kb.errors import EmbedderUnavailable

Backend = Literal["torch", "onnx"]

_OFFLINE = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",  # stderr is the application's
    "TRANSFORMERS_VERBOSITY": "error",
    "ORT_DISABLE_TELEMETRY": "1",  # onnxruntime sends events from 1.29 on, unless told not to before it is loaded
    "TOKENIZERS_PARALLELISM": "false",  # else it warns whenever a child process is started later
}

_PIECE = 65_536  # bytes read at the start, in the middle and at the end of a large file
_NOT_THE_MODEL = {".md", ".gitattributes", ".png", ".jpg"}


class SentenceTransformersEmbedder:
    """The sentence-transformers model in ``folder``. Satisfies `kb.dense.embedder.Embedder`.

    Loading sets environment variables that keep the Hugging Face libraries and onnxruntime off the network, for the
    whole process.

    Raises:
        EmbedderUnavailable: the extra is not installed, the folder holds no model, or the model cannot be loaded;
            ``detail`` says which, in the words of the library where it is the library that failed.
    """

    def __init__(self, folder: Path, *, backend: Backend = "torch") -> None:
        self.name = model_name(folder)
        self._model = _load(folder, self.name, backend)
        self.dimension = int(self._run(self._model.encode, ["."]).shape[1])

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return float32 [len(texts), dimension] for passages, each row of length 1."""
        return self._run(self._model.encode_document, texts)

    def embed_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return float32 [len(texts), dimension] for questions, each row of length 1."""
        return self._run(self._model.encode_query, texts)

    def _run(self, encode: Any, texts: Sequence[str]) -> NDArray[np.float32]:
        if not texts:
            return np.empty((0, self.dimension), dtype=np.float32)
        try:
            rows = encode(list(texts), normalize_embeddings=True, convert_to_numpy=True, show_progress_bar=False)
        except Exception as error:  # whatever a model's own code raises, out of memory included
            raise EmbedderUnavailable(self.name, f"{type(error).__name__}: {error}") from error
        return np.asarray(rows, dtype=np.float32)


def model_name(folder: Path) -> str:
    """Return the folder's name with a fingerprint of its content: other weights, another name.

    Cheap, for models are gigabytes: sizes of all files, and of each the start, the middle and the end. Texts and hidden
    files do not count, nor does it matter where the folder lies.

    Raises:
        EmbedderUnavailable: the folder holds no model.
    """
    name = folder.resolve().name
    if not ((folder / "modules.json").is_file() or (folder / "config.json").is_file()):
        raise EmbedderUnavailable(name, "neither modules.json nor config.json is there")
    digest = hashlib.sha256()
    try:
        for path in _model_files(folder):
            size = path.stat().st_size
            digest.update(f"{path.relative_to(folder).as_posix()}\0{size}\0".encode())
            for piece in _pieces(path, size):
                digest.update(piece)
    except OSError as error:
        raise EmbedderUnavailable(name, error.strerror or str(error)) from error
    return f"{name}@{digest.hexdigest()[:16]}"


def _model_files(folder: Path) -> list[Path]:
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file()
        and path.suffix.lower() not in _NOT_THE_MODEL
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )


def _pieces(path: Path, size: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        if size <= 3 * _PIECE:
            yield file.read()
            return
        for start in (0, size // 2, size - _PIECE):
            file.seek(start)
            yield file.read(_PIECE)


def _load(folder: Path, name: str, backend: Backend) -> Any:
    if backend == "onnx" and not any(folder.rglob("*.onnx")):
        # The library would convert the model on every start, with torch, into a temporary folder.
        raise EmbedderUnavailable(name, "no .onnx file is there")
    os.environ.update(_OFFLINE)
    try:
        from sentence_transformers import SentenceTransformer
    except ImportError as error:
        raise EmbedderUnavailable(name, f"sentence-transformers is not installed: {error}") from error
    try:
        return SentenceTransformer(
            str(folder.resolve()), backend=backend, local_files_only=True, trust_remote_code=False
        )
    except Exception as error:  # a damaged folder fails in any of a dozen libraries
        raise EmbedderUnavailable(name, f"{type(error).__name__}: {error}") from error

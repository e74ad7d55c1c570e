"""Is this file fit to be run? Its header is read by our own reader, its SHA-256 is computed once and remembered.

llama.cpp aborts on some damaged headers and loads damaged weights without a word; this comes before it. A file whose
size, time of change and inode are as they were is not hashed again: 5 GB take four seconds and more.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import threading
from collections.abc import Callable
from dataclasses import astuple
from pathlib import Path

from models.errors import ModelBroken, ModelChanged, ModelFileMissing, ModelUnreadable
from models.gguf_adapter import validate_adapter
from models.gguf_header import read, validate_model
from models.runtime.deaths import Stamp
from models.runtime.options import LoadOptions
from models.stopping import Stop, never

PIECE = 1 << 22
"""Bytes hashed between two looks at ``stop``: about 5 ms."""

MOST_RECORDS = 200
"""Files remembered; the longest unused is forgotten first."""


def check_headers(options: LoadOptions) -> None:
    """Read the headers of the model and its adapters.

    Raises:
        NotAGguf: one is something else.
        ModelBroken: one is damaged.
        ModelFileMissing: one is not there.
        ModelUnreadable: the system refuses.
    """
    header = read(options.path)
    if header.text("general.type") == "adapter":
        raise ModelBroken(options.path, "an adapter, which runs only beside its model", entry="general.type")
    validate_model(header)
    for path in options.adapters:
        validate_adapter(read(path))


class Checksums:
    """What is known of files by their content, in one small JSON file. Safe to use from several threads.

    ``path``: that file, made when first needed; ``None``: remembered as long as this object.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._records: dict[str, list[int | str]] = {}

    def of(self, path: Path, *, progress: Callable[[float], None] = lambda _: None, stop: Stop = never) -> str | None:
        """Return the SHA-256 of a file's content in hexadecimal; ``None`` when stopped.

        ``progress`` is told from 0 to 1 how far the hashing is; never when the file is known.

        Raises:
            ModelFileMissing: there is none.
            ModelUnreadable: an input/output error.
            ModelChanged: it was changed meanwhile.
        """
        stamp = Stamp.of(path)
        if stamp is None:
            raise ModelFileMissing(path)
        known = self.known(path, stamp)
        if known is not None:
            return known
        sha256 = _hashed(path, stamp.size, progress, stop)
        if sha256 is None:
            return None
        if Stamp.of(path) != stamp:
            raise ModelChanged(path.stem, path)
        self.remember(path, stamp, sha256)
        return sha256

    def known(self, path: Path, stamp: Stamp) -> str | None:
        """Return what is remembered of a file as it is now."""
        with self._lock:
            self._read()
            match self._records.get(str(path)):
                case [*before, str(sha256)] if before == list(astuple(stamp)):
                    return sha256
        return None

    def remember(self, path: Path, stamp: Stamp, sha256: str) -> None:
        """Note a checksum. A folder that cannot be written costs the next run the hashing, nothing else."""
        with self._lock:
            self._read()
            self._records.pop(str(path), None)
            self._records[str(path)] = [*astuple(stamp), sha256]
            for oldest in list(self._records)[:-MOST_RECORDS]:
                del self._records[oldest]
            with contextlib.suppress(OSError):
                self._write()

    def _read(self) -> None:
        if self._path is None:
            return
        with contextlib.suppress(OSError, ValueError):  # missing or damaged: nothing is known
            records = json.loads(self._path.read_text("utf-8"))
            if isinstance(records, dict):
                self._records = {path: record for path, record in records.items() if isinstance(record, list)}

    def _write(self) -> None:
        if self._path is None:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        beside = self._path.with_name(f"{self._path.name}.{os.getpid()}.part")
        beside.write_text(json.dumps(self._records), "utf-8")
        beside.replace(self._path)


def _hashed(path: Path, size: int, progress: Callable[[float], None], stop: Stop) -> str | None:
    digest = hashlib.sha256()
    done = 0
    try:
        with path.open("rb", buffering=0) as stream:
            while piece := stream.read(PIECE):
                if stop():
                    return None
                digest.update(piece)
                done += len(piece)
                progress(min(1.0, done / max(size, 1)))
    except OSError as error:
        raise ModelUnreadable(path, error.strerror or type(error).__name__) from error
    return digest.hexdigest()

"""The file that keeps the details of unexpected errors. What a person typed never gets there: only the stack does."""

from __future__ import annotations

import os
import sys
import time
import traceback
from pathlib import Path

from app import __version__, paths

LARGEST = 1024 * 1024
"""Bytes of the log. A larger one is begun anew."""


def write(error: BaseException) -> Path | None:
    """Append ``error`` and return the path of the log, or None where it cannot be written."""
    log = paths.error_log()
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        begin_anew = log.exists() and log.stat().st_size > LARGEST
        flags = os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if begin_anew else os.O_APPEND)
        with os.fdopen(os.open(log, flags, 0o600), "a", encoding="utf-8", errors="replace") as file:
            file.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} Offlite {__version__}, Python {sys.version}\n")
            file.writelines(traceback.format_exception(error))
            file.write("\n")
    except OSError:
        return None
    return log

"""Where things live on this computer. The one module that knows; the libraries are given paths.

``OFFLITE_HOME`` puts everything under one folder (a USB stick, a service's own directory, a test); otherwise the
platform's directories are used. Nothing is created here: whoever writes makes the folder.
"""

from __future__ import annotations

import os
from pathlib import Path


def data() -> Path:
    """Return the folder of what the user would miss: knowledge bases and settings."""
    home = _home()
    if home is not None:
        return home
    import platformdirs

    return platformdirs.user_data_path("offlite", appauthor=False)


def logs() -> Path:
    """Return the folder of logs."""
    home = _home()
    if home is not None:
        return home / "logs"
    import platformdirs

    return platformdirs.user_log_path("offlite", appauthor=False)


def default_base() -> Path:
    """Return the file of the user's own knowledge base, which need not exist."""
    return data() / "knowledge.db"


def models() -> Path:
    """Return the folder of installed models, which need not exist."""
    return data() / "models"


def model_states() -> Path:
    """Return the folder of what models have read once and for all (the system prompt), which need not exist."""
    return data() / "model-states"


def downloads() -> Path:
    """Return the folder of models that are being downloaded, which need not exist. On the disk of ``models()``."""
    return data() / "downloads"


def demo_bases() -> Path:
    """Return the folder of the base made from the bundled demonstration documents."""
    return data() / "demo"


def settings() -> Path:
    """Return the file of what Offlite remembers for the user, which need not exist."""
    return data() / "settings.json"


def error_log() -> Path:
    """Return the file that keeps the details of unexpected errors."""
    return logs() / "errors.log"


def _home() -> Path | None:
    home = os.environ.get("OFFLITE_HOME")
    return Path(home).expanduser().absolute() if home else None

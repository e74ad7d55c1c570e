"""Where things live on this computer. The one module that knows; the libraries are given paths.

``OFFLITE_HOME`` puts everything under one folder (a USB stick, a service's own directory, a test); otherwise the
platform's directories are used, or the folder that the user moved the data to (``app.relocation``), which a file in the
platform's directory of configuration names. Nothing is created here: whoever writes makes the folder.
"""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path


def data() -> Path:
    """Return the folder of what the user would miss: knowledge bases and settings."""
    return _home() or moved() or usual_data()


def usual_data() -> Path:
    """Return the platform's folder for data, where they are unless somebody chose otherwise."""
    import platformdirs

    return platformdirs.user_data_path("offlite", appauthor=False)


def data_pointer() -> Path:
    """Return the file that names the folder the data were moved to, which need not exist."""
    import platformdirs

    return platformdirs.user_config_path("offlite", appauthor=False) / "data-folder.json"


@cache
def moved() -> Path | None:
    """Return the folder the user moved the data to; the same as long as the process runs."""
    try:
        folder = json.loads(data_pointer().read_text("utf-8"))["folder"]
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return Path(folder) if isinstance(folder, str) and Path(folder).is_absolute() else None


def is_fixed() -> bool:
    """Whether ``OFFLITE_HOME`` says where the data are, so that nothing else can."""
    return _home() is not None


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


def shipped_models() -> Path:
    """Return the folder of the models that come with the program, which need not exist.

    ``OFFLITE_SHIPPED`` names another: for packages that bring a model of their own, or none.
    """
    named = os.environ.get("OFFLITE_SHIPPED")
    return Path(named) if named else Path(__file__).resolve().parents[1] / "models" / "weights"


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


def history() -> Path:
    """Return the file of the conversations that were held in the window, which need not exist."""
    return data() / "history.db"


def error_log() -> Path:
    """Return the file that keeps the details of unexpected errors."""
    return logs() / "errors.log"


def _home() -> Path | None:
    home = os.environ.get("OFFLITE_HOME")
    return Path(home).expanduser().absolute() if home else None

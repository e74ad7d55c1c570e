"""``offlite window``, and ``offlite`` alone where there is a screen: the window of ``app.gui``.

Nothing is imported here that costs time: between the double click and the first picture of the window lies this module.
"""

from __future__ import annotations

import argparse
import ctypes
import importlib.util
import os
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from app.errors import NoScreen, WindowUnavailable

if TYPE_CHECKING:
    from app.cli.arguments import Subparsers
    from app.cli.terminal import Terminal
    from app.wording import Wording

X11_SOCKETS = Path("/tmp/.X11-unix")

X11_PLUGIN = Path("Qt", "plugins", "platforms", "libqxcb.so")
"""What Qt draws on X11 with, in the folder of PySide6. It is linked with libraries that a desktop may lack; Qt would
end the process then, without an exception."""


def add_to(subparsers: Subparsers, wording: Wording) -> None:
    """Describe the command."""
    from app.cli import arguments

    parser = arguments.command(subparsers, "window", wording, key="window")
    parser.add_argument("--kb", type=Path, metavar=wording.say("metavar.file"), help=wording.say("help.option.kb"))
    parser.add_argument("--model", metavar=wording.say("metavar.model"), help=wording.say("help.option.model"))
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, terminal: Terminal) -> int:  # noqa: ARG001
    """Show the window until it is closed.

    Raises:
        NoScreen: there is none.
        WindowUnavailable: PySide6 is not installed, or the system lacks what it needs.
    """
    return show(base=options.kb.expanduser().absolute() if options.kb else None, model=options.model)


def show(*, base: Path | None = None, model: str | None = None) -> int:
    """Show the window until it is closed. Raises as ``run``."""
    if not screen():
        raise NoScreen
    if not _is_wayland() and sys.platform.startswith("linux"):
        _load_x11_plugin()
    try:
        from app.gui import start
    except ImportError as error:
        raise WindowUnavailable(str(error)) from error
    return start.run(base=base, model=model)


def wanted() -> bool:
    """Whether ``offlite`` alone is to be a window: there is a screen, PySide6 is there, and nobody pipes questions."""
    return not _piped() and screen() and importlib.util.find_spec("PySide6") is not None


def screen() -> bool:
    """Whether there is a screen to show a window on."""
    if sys.platform in ("win32", "darwin"):
        return True
    return _is_wayland() or _is_x11()


def _load_x11_plugin() -> None:
    """Load what Qt is about to load, which names what is missing."""
    found = importlib.util.find_spec("PySide6")
    for folder in (found.submodule_search_locations or ()) if found is not None else ():
        plugin = Path(folder, X11_PLUGIN)
        if plugin.exists():  # a PySide6 of the distribution has it elsewhere, and what it needs
            try:
                ctypes.CDLL(str(plugin))
            except OSError as error:
                raise WindowUnavailable(str(error)) from error


def _is_wayland() -> bool:
    name = os.environ.get("WAYLAND_DISPLAY", "")
    return bool(name) and Path(os.environ.get("XDG_RUNTIME_DIR", "/"), name).exists()


def _is_x11() -> bool:
    """Whether ``DISPLAY`` names a screen that is there; one on another computer is believed."""
    host, colon, number = os.environ.get("DISPLAY", "").rpartition(":")
    if not colon:
        return False
    return host not in ("", "unix") or (X11_SOCKETS / f"X{number.partition('.')[0]}").exists()


def _piped() -> bool:
    """Whether standard input is a pipe or a file. A double click leaves none, or the null device."""
    if sys.stdin is None:
        return False
    try:
        mode = os.fstat(sys.stdin.fileno()).st_mode
    except (OSError, ValueError):
        return True  # something that stands for it, as in a test
    return stat.S_ISFIFO(mode) or stat.S_ISREG(mode) or stat.S_ISSOCK(mode)

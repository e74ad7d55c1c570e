"""Take pictures of the window, the real one on the demonstration base, on a screen of Xvfb. ``make screenshots``.

Each language and theme is a process of its own (``walk.py``), which clicks and types as a user would. The answers are
written by a script (``scripted.py``), not by a model: the pictures show the window, not how clever or fast a model is.
Fonts: Inter is used where it is installed.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SCREEN = "1500x1000x24"

FONTS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><include ignore_missing="yes">/etc/fonts/fonts.conf</include>
<alias binding="strong"><family>sans-serif</family><prefer><family>Inter</family></prefer></alias>
<alias binding="strong"><family>Sans</family><prefer><family>Inter</family></prefer></alias>
<alias binding="strong"><family>DejaVu Sans</family><prefer><family>Inter</family></prefer></alias></fontconfig>"""


def main() -> int:
    """Take all pictures, or those of one language and theme."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--languages", nargs="+", default=["ru", "en"])
    parser.add_argument("--themes", nargs="+", default=["light", "dark"])
    parser.add_argument("--to", type=Path, default=ROOT / "docs" / "screenshots")
    parser.add_argument("--scenes", nargs="*", default=[], help="names of pictures; none: all")
    options = parser.parse_args()
    if shutil.which("Xvfb") is None:
        print("Xvfb is needed (on Debian and Ubuntu: sudo apt install xvfb)", file=sys.stderr)  # noqa: T201
        return 1
    options.to.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="offlite-screenshots-") as folder, screen() as display:
        fonts = Path(folder) / "fonts.conf"
        fonts.write_text(FONTS, "utf-8")
        for language in options.languages:
            for theme in options.themes:
                environment = {
                    **os.environ,
                    "DISPLAY": display,
                    "QT_QPA_PLATFORM": "xcb",
                    "FONTCONFIG_FILE": str(fonts),
                    "OFFLITE_HOME": str(Path(folder) / f"{language}-{theme}"),
                    "OFFLITE_LANG": language,
                }
                command = [sys.executable, str(HERE / "walk.py"), language, theme, str(options.to), *options.scenes]
                done = subprocess.run(command, env=environment, timeout=300, check=False)
                if done.returncode:
                    return done.returncode
    return 0


@contextmanager
def screen() -> Iterator[str]:
    """Give the name of a screen that nobody sees."""
    reading, writing = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", SCREEN, "-nolisten", "tcp"],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    try:
        with os.fdopen(reading) as told:
            yield f":{told.readline().strip()}"
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    sys.exit(main())

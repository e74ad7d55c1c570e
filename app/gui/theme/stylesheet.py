"""One stylesheet per theme, put together from the fragments in ``resources/style`` and the tokens of ``palette``.

In a fragment ``@accent`` is a colour of the palette, ``@px(14)`` a size that follows the size of text, and
``@icon(name, accent)`` the path of an icon in a colour of the palette.
"""

from __future__ import annotations

import re
from dataclasses import asdict
from functools import cache
from pathlib import Path

from app.gui.theme import icons
from app.gui.theme.palette import Palette

FRAGMENTS = Path(__file__).resolve().parent.parent / "resources" / "style"

_TOKEN = re.compile(r"@px\((\d+)\)|@icon\(([\w-]+),\s*(\w+)\)|@(\w+)")


def stylesheet(palette: Palette, *, scale: float = 1.0) -> str:
    """Return the stylesheet of a theme; ``scale`` 1.0 is text of 14 pixels.

    Raises:
        KeyError: a fragment names a colour that the palette lacks. A test keeps that from happening.
    """
    colours = {name: value for name, value in asdict(palette).items() if isinstance(value, str)}

    def token(match: re.Match[str]) -> str:
        pixels, icon, colour_of_icon, colour = match.groups()
        if pixels:
            return f"{round(int(pixels) * scale)}px"
        if icon:
            return icons.coloured_file(icon, colours[colour_of_icon])
        return colours[colour]

    return _TOKEN.sub(token, _fragments())


@cache
def _fragments() -> str:
    return "\n".join(path.read_text("utf-8") for path in sorted(FRAGMENTS.glob("*.qss")))

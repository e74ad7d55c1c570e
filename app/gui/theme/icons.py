"""Icons: SVG files of one colour (``currentColor``) in ``resources/icons``, drawn in any colour and size."""

from __future__ import annotations

import tempfile
from functools import cache, lru_cache
from pathlib import Path

from PySide6.QtCore import QByteArray, QSize, Qt
from PySide6.QtGui import QIcon, QImage, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

FOLDER = Path(__file__).resolve().parent.parent / "resources" / "icons"


@lru_cache(maxsize=256)
def icon(name: str, colour: str, size: int = 18) -> QIcon:
    """Return the icon ``name`` in a colour (#RRGGBB); sharp up to twice ``size`` pixels."""
    return QIcon(pixmap(name, colour, size))


def pixmap(name: str, colour: str, size: int, *, ratio: float = 2.0) -> QPixmap:
    """Return the icon drawn ``size`` logical pixels large at ``ratio`` device pixels to one."""
    renderer = QSvgRenderer(QByteArray(_coloured(name, colour).encode()))
    pixels = QSize(round(size * ratio), round(size * ratio))
    image = QImage(pixels, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    renderer.render(painter)
    painter.end()
    image.setDevicePixelRatio(ratio)
    return QPixmap.fromImage(image)


@cache
def coloured_file(name: str, colour: str) -> str:
    """Return the path of the icon in a colour, written for the stylesheet, which takes no other."""
    path = Path(_folder().name) / f"{name}-{colour.lstrip('#')}.svg"
    path.write_text(_coloured(name, colour), "utf-8")
    return path.as_posix()


def _coloured(name: str, colour: str) -> str:
    return (FOLDER / f"{name}.svg").read_text("utf-8").replace("currentColor", colour)


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="offlite-icons-")

"""Horizontal bars in groups, as an SVG written by hand: no library, no font but the viewer's own. Knows no words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

WIDTH = 720
_MARGIN = 28
_LABELS = 300
"""Columns of pixels for the names of bars."""
_VALUES = 110
_ROW = 30
_BAR = 18
_TRACK, _PLAIN, _STRONG = "#eeece6", "#b9b6ac", "#1f6f5c"
_STYLE = (
    "text{font-family:system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif;font-size:14px;fill:#1e2227}"
    ".title{font-size:19px;font-weight:600}.small{font-size:12px;fill:#646a72}.group{font-weight:600}"
)


@dataclass(frozen=True, slots=True)
class Bar:
    """``value`` is drawn, ``shown`` is written behind it. A ``strong`` one is ours."""

    label: str
    value: float
    shown: str
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Bars of one unit. ``full``: the value that fills the width; without one, the largest of them."""

    title: str
    bars: Sequence[Bar]
    full: float | None = None


def svg(title: str, subtitle: str, groups: Sequence[Group]) -> str:
    """Return the picture as XML text."""
    body: list[str] = [_text(_MARGIN, 42, title, "title"), _text(_MARGIN, 64, subtitle, "small")]
    y = 84
    for group in groups:
        y += 22
        body.append(_text(_MARGIN, y, group.title, "group"))
        y += 12
        body += _bars(group, y)
        y += _ROW * len(group.bars)
    height = y + _MARGIN // 2
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" '
        f'role="img">'
    )
    background = f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>'
    lines = [head, f"<title>{escape(title)}</title>", f"<style>{_STYLE}</style>", background, *body, "</svg>"]
    return "\n".join(lines) + "\n"


def _bars(group: Group, top: int) -> Iterator[str]:
    room = WIDTH - 2 * _MARGIN - _LABELS - _VALUES
    full = group.full or max((bar.value for bar in group.bars), default=0.0) or 1.0
    for row, bar in enumerate(group.bars):
        y = top + row * _ROW
        x = _MARGIN + _LABELS
        length = max(2.0, room * min(max(bar.value, 0.0) / full, 1.0))
        yield _text(_MARGIN, y + 14, bar.label)
        yield _rect(x, y, room, _TRACK)
        yield _rect(x, y, length, _STRONG if bar.strong else _PLAIN)
        yield _text(x + room + 10, y + 14, bar.shown)


def _rect(x: float, y: float, width: float, colour: str) -> str:
    return f'<rect x="{x:g}" y="{y:g}" width="{width:.1f}" height="{_BAR}" rx="3" fill="{colour}"/>'


def _text(x: float, y: float, content: str, kind: str = "") -> str:
    name = f' class="{kind}"' if kind else ""
    return f'<text x="{x:g}" y="{y:g}"{name}>{escape(_printable(content))}</text>'


def _printable(text: str) -> str:
    """Return ``text`` without characters that XML forbids: a model's name comes from a stranger."""
    return "".join(letter for letter in text if letter.isprintable())

"""The tokens of the design: colours of both themes, spacing, radii, sizes of type. Everything else refers to these."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours as #RRGGBB. Text and soft text keep a contrast of 4.5:1 and more on every ground they stand on."""

    dark: bool
    background: str
    sidebar: str
    card: str
    line: str
    text: str
    soft: str
    accent: str
    accent_tint: str
    on_accent: str
    highlight: str
    warning: str
    warning_tint: str
    bubble: str


LIGHT = Palette(
    dark=False,
    background="#FFFFFF",
    sidebar="#F6F5F2",
    card="#FFFFFF",
    line="#E4E2DC",
    text="#1E2227",
    soft="#646A72",
    accent="#1F6F5C",
    accent_tint="#E3F0EC",
    on_accent="#FFFFFF",
    highlight="#FFE9A8",
    warning="#A94E17",
    warning_tint="#FBEEE4",
    bubble="#F0EFEA",
)
"""Soft text and warning are a shade darker than drawn: #B4541A on its tint has 4.4:1, #6A7078 on a bubble 4.3:1."""

DARK = Palette(
    dark=True,
    background="#17191C",
    sidebar="#1F2226",
    card="#1D2024",
    line="#32363C",
    text="#E9EAEC",
    soft="#9AA1AA",
    accent="#5CC3A7",
    accent_tint="#21372F",
    on_accent="#10211C",
    highlight="#5A4A14",
    warning="#F0A36B",
    warning_tint="#3A2A1E",
    bubble="#25292E",
)

XS, S, M, L, XL, XXL = 4, 8, 12, 16, 20, 28
"""Spacing, pixels."""

RADIUS_CONTROL, RADIUS_CARD, RADIUS_BUBBLE = 8, 10, 14

SIDEBAR_WIDTH, SOURCE_WIDTH = 270, 390
SOURCE_COVERS_BELOW, SIDEBAR_FOLDS_BELOW = 1000, 760
TEXT_WIDTH = 720
"""Pixels at 100 %: about 80 characters."""

LABEL, BODY, TITLE = 12, 14, 17
"""Sizes of type, pixels at 100 %. Lines of answers are 150 % of theirs."""


def contrast(first: str, second: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21 (WCAG 2.2, definition of contrast ratio)."""
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

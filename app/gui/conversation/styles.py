"""How an answer should look: ours, or the user's own words to the model."""

from __future__ import annotations

from app.prompt import Style
from app.settings import Interface

OWN = "own"
"""The value of ``Interface.style`` that stands for ``Interface.own_style``."""


def chosen(interface: Interface) -> str:
    """Return what ``Exchange.style`` is to be: a value of ``Style``, or the user's own words."""
    if interface.style == OWN:
        return interface.own_style.strip() or Style.SHORT.value
    return interface.style if interface.style in tuple(Style) else Style.SHORT.value


def of_value(style: str) -> Style | str:
    """Return what the assistant is told for the style of an exchange."""
    return Style(style) if style in tuple(Style) else style

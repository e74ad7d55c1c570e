"""What every view is given: words, theme, preferences, and the ways to ask the window for something."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QObject, Signal

from app.gui.preferences import Preferences
from app.gui.theme.theme import Theme
from app.gui.words import Words


class Page(StrEnum):
    """What the middle column can show."""

    CONVERSATION = "conversation"
    BASES = "bases"
    MODELS = "models"
    SETTINGS = "settings"
    WELCOME = "welcome"


class Navigation(QObject):
    """What a view may ask of the window, without knowing it."""

    page_wanted = Signal(object)  # Page
    source_wanted = Signal(object)  # app.exchange.Source: shown in the third column
    source_closed = Signal()
    document_wanted = Signal(str)  # path of a document, from its beginning
    failure = Signal(object, str)  # exception; the key of the sentence for what was being done, or ""
    notice = Signal(str)  # a sentence for some seconds at the foot of the conversation; also told to screen readers
    network = Signal(bool)  # a pull that the user confirmed begins, ends
    base_chosen = Signal(str)  # path of the base that questions go to; "" is the user's own or the demo
    model_chosen = Signal(str)  # name of an installed model, "none", or "" for the best
    dropped = Signal(object)  # list[Path] that were dropped on the window
    question_wanted = Signal(str)  # put into the composer and asked (first run, examples)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Passed to every view, first."""

    words: Words
    theme: Theme
    preferences: Preferences
    navigation: Navigation

"""What the window is put together from, each made when it is needed first. A test puts its own in their place.

Importing what lies below (the base, the models) takes a while: ``prepare`` does it on another thread, behind the first
picture of the window.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from app.gui.surroundings import Page, Surroundings

if TYPE_CHECKING:
    from app.gui.conversation.page import ConversationPage
    from app.gui.desk import Desk
    from app.gui.history.keeper import Keeper
    from app.gui.history.list import HistoryList
    from app.gui.source.panel import SourcePanel

SOON = (
    "app.gui.desk",
    "app.gui.history.keeper",
    "app.gui.history.list",
    "app.gui.conversation.page",
)
"""Modules that the window needs as soon as it is seen."""


class Parts:
    """Makes them."""

    def prepare(self) -> None:
        """Import what is needed first. On a thread of its own."""
        for name in SOON:
            importlib.import_module(name)

    def desk(self, surroundings: Surroundings) -> Desk:
        """Return what has the base and the model ready."""
        from app.gui.desk import Desk

        return Desk(surroundings)

    def keeper(self, surroundings: Surroundings) -> Keeper:
        """Return what keeps the conversations."""
        from app.gui.history.keeper import Keeper

        return Keeper(surroundings)

    def history(self, surroundings: Surroundings, keeper: Keeper) -> HistoryList:
        """Return the list of conversations."""
        from app.gui.history.list import HistoryList

        return HistoryList(surroundings, keeper)

    def conversation(self, surroundings: Surroundings, desk: Desk, keeper: Keeper) -> ConversationPage:
        """Return the page of questions and answers."""
        from app.gui.conversation.page import ConversationPage

        return ConversationPage(surroundings, desk, keeper)

    def source(self, surroundings: Surroundings) -> SourcePanel:
        """Return the third column."""
        from app.gui.source.panel import SourcePanel

        return SourcePanel(surroundings)

    def page(self, page: Page, surroundings: Surroundings, desk: Desk) -> QWidget:
        """Return any page but that of the conversation."""
        match page:
            case Page.BASES:
                from app.gui.bases.page import BasesPage

                return BasesPage(surroundings, desk)
            case Page.MODELS:
                from app.gui.models.page import ModelsPage

                return ModelsPage(surroundings, desk)
            case Page.SETTINGS:
                from app.gui.settings.page import SettingsPage

                return SettingsPage(surroundings)
            case _:
                from app.gui.welcome.page import Welcome

                return Welcome(surroundings, desk)

"""The badge that is always true: no network, unless a download that the user confirmed is running at this moment."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel

from app.gui.surroundings import Surroundings
from app.gui.widgets.announcement import announce
from app.gui.widgets.labels import restyle


class NetworkBadge(QLabel):
    """Counts the downloads that ``navigation.network`` tells of; none is the ordinary state."""

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__()
        self._words = surroundings.words
        self._running = 0
        self.setProperty("role", "badge")
        surroundings.navigation.network.connect(self._network)
        self._words.changed.connect(self._say)
        self._say()

    @property
    def allowed(self) -> bool:
        """Whether something may use the network now."""
        return self._running > 0

    def _network(self, begins: bool) -> None:
        self._running = max(0, self._running + (1 if begins else -1))
        restyle(self, state="warning" if self.allowed else "")
        self._say()
        announce(self, self.text())

    def _say(self) -> None:
        allowed = self.allowed
        self.setText(self._words.say("gui.window.network_allowed" if allowed else "gui.window.no_network"))
        hint = self._words.say("gui.window.network_allowed_hint" if allowed else "gui.window.no_network_hint")
        self.setToolTip(hint)
        self.setAccessibleName(self.text())
        self.setAccessibleDescription(hint)

"""What the window says: sentences of the catalogue in a language that can change while it is open."""

from __future__ import annotations

import weakref
from collections.abc import Callable

import shiboken6
from PySide6.QtCore import QObject, Signal

from app.errors import ApplicationError
from app.wording import Language, Wording
from converter.errors import ConverterError
from kb.errors import KnowledgeBaseError
from models.errors import ModelsError


class Words(QObject):
    """The wording of now. ``changed`` is sent after the language became another."""

    changed = Signal()

    def __init__(self, language: Language | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.wording = Wording(language)

    def speak(self, language: Language | None) -> None:
        """Change the language; None is that of the system."""
        wording = Wording(language)
        if wording.language is not self.wording.language:
            self.wording = wording
            self.changed.emit()

    def say(self, key: str, **facts: object) -> str:
        """Return the sentence ``key`` (``Wording.say``)."""
        return self.wording.say(key, **facts)

    def error(self, error: BaseException) -> str:
        """Return what is wrong and what to do, of any exception."""
        if isinstance(error, (KnowledgeBaseError, ApplicationError, ConverterError, ModelsError)):
            return self.wording.error(error)
        if isinstance(error, OSError):
            return self.say("gui.error.system", detail=error.strerror or str(error))
        return self.say("gui.error.unexpected")

    def bind(self, target: QObject, setter: str, key: str, **facts: object) -> None:
        """Call ``target.setter(sentence)`` now and after every change of the language, while the target lives."""
        self.follow(target, lambda owner: getattr(owner, setter)(self.say(key, **facts)))

    def follow(self, target: QObject, update: Callable[[QObject], object]) -> None:
        """Call ``update(target)`` now and after every change of the language, while the target lives.

        ``update`` must not hold the target itself, or it lives as long as the window.
        """
        reference = weakref.ref(target)

        def again() -> None:
            owner = reference()
            if owner is None or not shiboken6.isValid(owner):
                self.changed.disconnect(again)
            else:
                update(owner)

        self.changed.connect(again)
        update(target)

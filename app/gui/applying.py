"""What the user set takes effect at once: language, theme and size of text, now and after every change.

Threads, context and the choice of model are the business of whoever has the model open.
"""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QObject, QTranslator

from app import paths, settings
from app.errors import ApplicationError
from app.gui import motion
from app.gui.job import Job, once
from app.gui.surroundings import Surroundings
from app.gui.theme.theme import Mode
from app.wording import Language

_LOOK = frozenset({"theme", "text_size"})


def apply(surroundings: Surroundings) -> None:
    """Follow the preferences from now on. What takes time (files, the system's motion) happens off this thread."""
    follower = _Follower(surroundings)
    surroundings.preferences.changed.connect(follower.changed)
    surroundings.preferences.failed.connect(follower.failed)
    surroundings.words.changed.connect(follower.translate)
    follower.look()
    follower.speak()
    follower.translate()
    motion.learn()
    follower.set_aside()


def finish_moving() -> Exception | None:
    """Move the data where the user wanted them, before anything is read; return what kept it from happening."""
    from app import relocation

    try:
        relocation.complete()
    except ApplicationError as error:
        return error
    return None


def tell_of_data(surroundings: Surroundings, unmoved: Exception | None) -> None:
    """Say that the data were not moved, or that the folder they were moved to is not there."""
    if unmoved is not None:
        surroundings.navigation.failure.emit(unmoved, "gui.settings.data.not_moved")
    folder = None if paths.is_fixed() else paths.moved()
    if folder is not None and not folder.is_dir():
        surroundings.navigation.notice.emit(surroundings.words.say("gui.settings.data.gone", path=folder))


class _Follower(QObject):
    """Lives as long as the preferences, its parent."""

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__(surroundings.preferences)
        self._surroundings = surroundings
        self._translator = QTranslator(self)

    def changed(self, names: frozenset[str]) -> None:
        """Take over what became different."""
        if names & _LOOK:
            self.look()
        if "language" in names:
            self.speak()

    def look(self) -> None:
        """Theme and size of text."""
        value = self._surroundings.preferences.value
        self._surroundings.theme.use(Mode(value.theme), scale=value.text_size / 100)

    def speak(self) -> None:
        """The language of the interface."""
        chosen = self._surroundings.preferences.value.language
        self._surroundings.words.speak(Language(chosen) if chosen else None)

    def translate(self) -> None:
        """The words that Qt itself has: the menu of a text field, the dialog for files, how dates are written."""
        language = self._surroundings.words.wording.language
        QLocale.setDefault(_locale(language))
        QCoreApplication.removeTranslator(self._translator)
        folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
        if self._translator.load(f"qtbase_{language.value}", folder):
            QCoreApplication.installTranslator(self._translator)

    def failed(self, error: Exception) -> None:
        """Say that the settings cannot be written; they hold until the window closes."""
        self._surroundings.navigation.failure.emit(error, "gui.settings.not_kept")

    def set_aside(self) -> None:
        """Keep a broken file of settings under another name, and say so."""
        job = Job(once(settings.set_aside))
        job.produced.connect(self._tell_of)
        job.start()

    def _tell_of(self, path: object) -> None:
        if path is not None:
            self._surroundings.navigation.notice.emit(self._surroundings.words.say("gui.settings.broken", path=path))


def _locale(language: Language) -> QLocale:
    return QLocale(QLocale.Language.Russian if language is Language.RUSSIAN else QLocale.Language.English)

"""Facts into sentences, in the language of the interface: Russian unless the user's computer speaks English.

Sentences live in ``app.catalogue``; here are the rules around them: which language, plural forms, numbers, sizes,
durations, places and errors. This module knows nothing of terminals, windows or colours.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Mapping
from dataclasses import fields
from enum import StrEnum
from pathlib import Path
from typing import Protocol, TypeAlias, cast

from app.errors import ApplicationError
from converter.errors import ConverterError
from kb.errors import KnowledgeBaseError
from kb.places import Cell, Place, place_to_json
from models.errors import ModelsError

Failure: TypeAlias = KnowledgeBaseError | ApplicationError | ConverterError | ModelsError
"""What ``Wording.error`` knows how to say."""

SIZES = ("size", "limit", "needed", "free")
"""Fields of errors that hold bytes."""

MOST_NAMES = 3
"""Of a list of names in an error, so many are told."""

UNITS = ("unit.kb", "unit.mb", "unit.gb", "unit.tb")

LONGEST_DETAIL = 160
"""Characters of a library's own message that are shown: one or two lines of a terminal."""

LONGEST_NAME = 200
"""Characters of a name out of a foreign file that are shown; a file can call a tensor by a whole book."""


class Language(StrEnum):
    """The languages of the interface; the value is the name of the catalogue module."""

    RUSSIAN = "ru"
    ENGLISH = "en"


class Catalogue(Protocol):
    """What a catalogue module defines (see ``app.catalogue``)."""

    TEXTS: Mapping[str, str]
    ERRORS: Mapping[str, str]
    PLACES: Mapping[str, str]
    PLURALS: Mapping[str, tuple[str, ...]]
    DETAILS: Mapping[str, str]
    ARGPARSE: Mapping[str, str]
    THOUSANDS: str
    DECIMAL: str

    def plural_form(self, count: int) -> int:
        """Return the index of the form that ``count`` asks for."""
        ...


def language_of(environment: Mapping[str, str] = os.environ) -> Language:
    """Return the language to speak: ``OFFLITE_LANG``, else English for an English locale, else Russian."""
    chosen = environment.get("OFFLITE_LANG", "").strip().lower()[:2]
    if chosen in tuple(Language):
        return Language(chosen)
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):  # the order in which POSIX looks for the language of messages
        if environment.get(variable):
            return Language.ENGLISH if environment[variable].lower().startswith("en") else Language.RUSSIAN
    return _language_of_windows() if sys.platform == "win32" else Language.RUSSIAN


def _language_of_windows() -> Language:
    import ctypes

    windll = getattr(ctypes, "windll", None)
    if windll is None:
        return Language.RUSSIAN
    primary = int(windll.kernel32.GetUserDefaultUILanguage()) & 0x3FF
    return Language.ENGLISH if primary == 0x09 else Language.RUSSIAN  # LANG_ENGLISH of winnt.h


class Wording:
    """Sentences of one language."""

    def __init__(self, language: Language | None = None) -> None:
        self.language = language or language_of()
        self._catalogue = cast(Catalogue, importlib.import_module(f"app.catalogue.{self.language.value}"))

    def say(self, key: str, **facts: object) -> str:
        """Return the sentence ``key`` with ``facts`` in it; whole numbers are grouped.

        Raises:
            KeyError: no such sentence, or a fact is missing. Tests keep that from happening.
        """
        return self._catalogue.TEXTS[key].format_map(self._worded(facts))

    def argparse(self, message: str) -> str:
        """Return the standard library's own message in this language; an unknown one is left as it is."""
        return self._catalogue.ARGPARSE.get(message, message)

    def number(self, value: int) -> str:
        """Return a whole number, grouped by thousands: ``3 026`` with a no-break space."""
        return f"{value:,}".replace(",", self._catalogue.THOUSANDS)

    def decimal(self, value: float, *, digits: int = 1) -> str:
        """Return a number with ``digits`` after the decimal sign."""
        whole, _, rest = f"{value:.{digits}f}".partition(".")
        return self.number(int(whole)) + (self._catalogue.DECIMAL + rest if rest else "")

    def count(self, noun: str, value: int) -> str:
        """Return ``value`` with the right form of a noun of the catalogue: «2 документа»."""
        return f"{self.number(value)}\u00a0{self.form(noun, value)}"

    def form(self, noun: str, value: int) -> str:
        """Return the form of the noun alone that stands with ``value``."""
        return self._catalogue.PLURALS[noun][self._catalogue.plural_form(value)]

    def size(self, octets: int) -> str:
        """Return a size of ``octets`` bytes in the unit that suits it (binary multiples)."""
        if octets < 1024:
            return self.count("byte", octets)
        power = min((octets.bit_length() - 1) // 10, len(UNITS))
        value = octets / 1024**power
        return f"{self.decimal(value, digits=1 if value < 100 else 0)}\u00a0{self.say(UNITS[power - 1])}"

    def duration(self, seconds: float) -> str:
        """Return a length of time, as exact as a person cares: «0,4 с», «48 с», «2 мин 05 с», «3 ч 10 мин»."""
        if seconds < 10:
            return f"{self.decimal(seconds)}\u00a0{self.say('unit.s')}"
        whole = round(seconds)
        if whole < 60:
            return f"{whole}\u00a0{self.say('unit.s')}"
        if whole < 3600:
            return f"{whole // 60}\u00a0{self.say('unit.min')} {whole % 60:02d}\u00a0{self.say('unit.s')}"
        return (
            f"{self.number(whole // 3600)}\u00a0{self.say('unit.h')} {whole // 60 % 60:02d}\u00a0{self.say('unit.min')}"
        )

    def billions(self, parameters: int) -> str:
        """Return how many weights a model has: «7,6 млрд параметров», «29 млн параметров»."""
        if parameters < 995 * 10**6:
            return self.say("unit.parameters_m", number=self.decimal(parameters / 10**6, digits=0))
        return self.say("unit.parameters_b", number=self.decimal(parameters / 10**9))

    def rate(self, octets_per_second: float) -> str:
        """Return how fast work goes: «210 МБ/с»."""
        return f"{self.size(round(octets_per_second))}/{self.say('unit.s')}"

    def percent(self, share: float) -> str:
        """Return a share (0..1) in percent: «93,1 %»."""
        return f"{self.decimal(share * 100)}\u00a0%"

    def left(self, seconds: float | None) -> str:
        """Return how long work will take yet, to be put behind its state; nothing where that is unknown."""
        return "" if seconds is None else f" · {self.say('progress.left', time=self.duration(seconds))}"

    def place(self, place: Place) -> str:
        """Return where a passage stands: «стр. 3», «лист «Телефоны», ячейки A7:F7»."""
        kind = type(place).__name__
        if isinstance(place, Cell) and ":" in place.cell:
            kind = "Cells"
        # A line number is something to jump to, so it is not grouped by thousands.
        return self._catalogue.PLACES[kind].format_map(place_to_json(place))

    def error(self, error: Failure) -> str:
        """Return what is wrong and, where something can be done, what to do. A ``ReadError``'s leaves the path out."""
        facts: dict[str, object] = {field.name: getattr(error, field.name) for field in fields(error)}
        for name, value in facts.items():
            if name in ("detail", "pages"):
                facts[name] = self.detail(str(value))
            elif name in SIZES and isinstance(value, int):
                facts[name] = self.size(value)
            elif name == "seconds" and isinstance(value, int):
                facts[name] = self.duration(value)
            elif isinstance(value, tuple):
                facts[name] = ", ".join(map(str, value)) if name == "known" else self._listed(value)
            elif isinstance(value, str):
                facts[name] = _brief(value)
        sentence = self._catalogue.ERRORS[_worded_class(error, self._catalogue.ERRORS)]
        return sentence.format_map(self._worded(facts)).replace(" ()", "")  # no detail, no brackets

    def _listed(self, values: tuple[object, ...]) -> str:
        """Return names with commas, the first few of many; sizes with a multiplication sign; a dash for nothing."""
        if values and all(isinstance(value, int) for value in values):
            return " × ".join(str(value) for value in values)
        shown = ", ".join(_brief(str(value)) for value in values[:MOST_NAMES])
        more = len(values) - MOST_NAMES
        return f"{shown} {self.say('and_more', count=more)}" if more > 0 else shown or "—"

    def note(self, code: str) -> str:
        """Return what a note of a certificate means; what stands behind a colon goes into the sentence."""
        name, _, fact = code.partition(":")
        return self.say(f"convert.note.{name}", fact=fact.strip())

    def finding(self, code: str, where: str) -> str:
        """Return what a check found wrong, and with what."""
        return self.say(f"convert.finding.{code}", where=where)

    def detail(self, detail: str) -> str:
        """Return a message of the system in this language where it is a known one, and never a screenful of it."""
        line = " ".join(detail.split())
        line = self._catalogue.DETAILS.get(line, line)
        return line if len(line) <= LONGEST_DETAIL else line[: LONGEST_DETAIL - 1] + "…"

    def _worded(self, facts: Mapping[str, object]) -> dict[str, object]:
        return {name: self._fact(value) for name, value in facts.items()}

    def _fact(self, value: object) -> object:
        if isinstance(value, bool):
            return value
        if isinstance(value, int):
            return self.number(value)
        return str(value) if isinstance(value, Path) else value


def _brief(name: str) -> str:
    """Return ``name`` on one line, cut where it is longer than any honest one."""
    line = " ".join(name[: 2 * LONGEST_NAME].split())
    return line if len(line) <= LONGEST_NAME else line[: LONGEST_NAME - 1] + "…"


def _worded_class(error: Exception, sentences: Mapping[str, str]) -> str:
    """Return the name of the nearest class of ``error`` that has a sentence: a new subclass is never left silent."""
    return next(kind.__name__ for kind in type(error).__mro__ if kind.__name__ in sentences)

"""The hard facts of a text: numbers with their units, dates, codes and names, in a form in which two texts compare.

They are what a model may not invent. «10 секунд», «10 сек.» and «десять секунд» are one number; «12.03.2024» and
«12 марта 2024 года» one date; «Чернов» and «Чернову» one name; `0x80070005` and `34.11-2018` are codes and must match
to the sign. «10 минут» is not «10 секунд».
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from kb.language.grammar import is_proper
from kb.language.lemmas import lemma
from kb.language.words import fold, stem, words


class Kind(StrEnum):
    """What a fact is."""

    NUMBER = "number"
    DATE = "date"
    CODE = "code"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Fact:
    """``value`` is the form that is compared, ``unit`` what a number counts, or the year of a date, empty if unknown.

    ``shown`` is how it is written.
    """

    kind: Kind
    value: str
    unit: str = ""
    shown: str = ""

    def agrees(self, other: Fact) -> bool:
        """Whether the two say the same: a unit that only one of them names does not set them apart."""
        if self.kind is not other.kind or self.value != other.value:
            return False
        return not self.unit or not other.unit or self.unit == other.unit


_MONTHS = ("январ", "феврал", "март", "апрел", "ма", "июн", "июл", "август", "сентябр", "октябр", "ноябр", "декабр")
_MONTH = "|".join(f"{month}[а-я]{{0,3}}" for month in _MONTHS)
_DATES = (
    re.compile(r"\b(?P<day>\d{1,2})[./](?P<month>\d{1,2})[./](?P<year>\d{4}|\d{2})\b"),
    re.compile(r"\b(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})\b"),
    re.compile(rf"\b(?P<day>\d{{1,2}})\s+(?P<name>{_MONTH})\b(?:\s+(?P<year>\d{{4}}))?"),
)
_CODE = re.compile(
    r"[a-zа-я0-9]*(?:[a-zа-я]\d|\d[a-zа-я])[a-zа-я0-9]*(?:[-._/@:\\][a-zа-я0-9]+)*"  # letters and digits in one word
    r"|\d+-(?:фз|п|н|р|к|кз|рз|ст)\b(?:-[a-zа-я0-9]+)*|[a-zа-я]{1,4}-\d+(?:[-./]\d+)*"  # 152-ФЗ, KB-5001, Ф-12
    r"|(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?"  # 9:00
    r"|[a-z0-9][\w.+-]*@[a-z0-9-]+(?:\.[a-z0-9-]+)+"  # an address
    r"|\d+(?:[-._/:]\d+){2,}"  # 192.168.0.1, 8-800-555-35-35
    r"|\d+-\d+(?:-\d+)*"  # 12-34: an extension, a range
    r"|\d+\.\d+-\d+"  # 34.11-2018
)
_NUMBER = re.compile(r"\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?:[.,]\d+)?|\d+(?:[.,]\d+)?")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_UNIT = re.compile(r"\s?(%|₽|\$|€|°|[a-zа-я]+)")


def is_numeral(word: str) -> bool:
    """Whether a folded word means a number, in figures or spelled: a fact and no ordinary word."""
    return word.isdigit() or _numeral(word) is not None or word in _MULTIPLES


_LATIN = re.compile(r"[A-Za-z][A-Za-z-]+")

_UNITS = {
    "%": "процент", "процент": "процент", "₽": "рубль", "руб": "рубль", "рубль": "рубль", "р": "рубль",
    "с": "секунда", "сек": "секунда", "секунда": "секунда", "мин": "минута", "минута": "минута",
    "ч": "час", "час": "час", "день": "день", "дн": "день", "сутки": "сутки", "неделя": "неделя", "нед": "неделя",
    "месяц": "месяц", "мес": "месяц", "год": "год", "г": "год", "лета": "год", "лето": "год", "квартал": "квартал",
    "кб": "килобайт", "килобайт": "килобайт", "мб": "мегабайт", "мегабайт": "мегабайт", "гб": "гигабайт",
    "гигабайт": "гигабайт", "тб": "терабайт", "терабайт": "терабайт", "kb": "килобайт", "mb": "мегабайт",
    "gb": "гигабайт", "tb": "терабайт", "м": "метр", "метр": "метр", "км": "километр", "километр": "километр",
    "кг": "килограмм", "килограмм": "килограмм", "градус": "градус", "°": "градус", "раз": "раз", "штука": "штука",
    "шт": "штука", "человек": "человек", "страница": "страница", "символ": "символ", "знак": "символ",
}  # fmt: skip
"""Words that count something -> one name for all their spellings. Other words behind a number are no units."""

_NUMERALS = {
    "ноль": 0, "один": 1, "два": 2, "три": 3, "четыре": 4, "пять": 5, "шесть": 6, "семь": 7, "восемь": 8, "девять": 9,
    "десять": 10, "одиннадцать": 11, "двенадцать": 12, "тринадцать": 13, "четырнадцать": 14, "пятнадцать": 15,
    "шестнадцать": 16, "семнадцать": 17, "восемнадцать": 18, "девятнадцать": 19, "двадцать": 20, "тридцать": 30,
    "сорок": 40, "пятьдесят": 50, "шестьдесят": 60, "семьдесят": 70, "восемьдесят": 80, "девяносто": 90, "сто": 100,
    "двести": 200, "триста": 300, "четыреста": 400, "пятьсот": 500, "шестьсот": 600, "семьсот": 700, "восемьсот": 800,
    "девятьсот": 900, "двое": 2, "трое": 3, "оба": 2, "дважды": 2, "трижды": 3, "четырежды": 4,
    "первый": 1, "второй": 2, "третий": 3, "четвертый": 4, "пятый": 5, "шестой": 6, "седьмой": 7, "восьмой": 8,
    "девятый": 9, "десятый": 10, "одиннадцатый": 11, "двенадцатый": 12, "тринадцатый": 13, "четырнадцатый": 14,
    "пятнадцатый": 15, "шестнадцатый": 16, "семнадцатый": 17, "восемнадцатый": 18, "девятнадцатый": 19,
    "двадцатый": 20, "тридцатый": 30,
}  # fmt: skip
_MULTIPLES = {"тысяча": 1_000, "тыс": 1_000, "миллион": 1_000_000, "млн": 1_000_000, "миллиард": 10**9, "млрд": 10**9}


def facts(text: str) -> list[Fact]:
    """Return the facts of ``text`` in no particular order, each once."""
    folded = fold(text)
    found: dict[Fact, None] = {}
    covered = bytearray(len(folded))
    for fact, start, end in (*_dates(folded), *_codes(folded)):
        if not any(covered[start:end]):
            covered[start:end] = b"\x01" * (end - start)
            found[fact] = None
    for fact, start, end in (*_numbers(folded), *_numerals(folded)):
        if not any(covered[start:end]):
            found[fact] = None
    return [*found, *dict.fromkeys(_names(text))]


def without_dates(text: str) -> str:
    """Return ``text`` folded, dates taken out."""
    folded = fold(text)
    for _, start, end in sorted(_dates(folded), key=lambda found: -found[1]):
        behind = re.match(r"\s?(?:г\.|года?\b|год[уе]\b)", folded[end:])
        folded = f"{folded[:start]} {folded[end + (behind.end() if behind else 0) :]}"
    return folded


def unit_of(word: str) -> str:
    """Return the name of the unit that a folded word stands for, empty for other words: «сек» → «секунда»."""
    return _UNITS.get(word, "") if len(word) > 1 else ""


def _dates(text: str) -> Iterator[tuple[Fact, int, int]]:
    for pattern in _DATES:
        for match in pattern.finditer(text):
            parts = match.groupdict()
            name = parts.get("name")
            month = next(i for i, m in enumerate(_MONTHS, 1) if name.startswith(m)) if name else int(parts["month"])
            day, year = int(parts["day"]), parts.get("year") or ""
            if 1 <= day <= 31 and 1 <= month <= 12:
                year = f"20{year}" if len(year) == 2 else year
                yield Fact(Kind.DATE, f"{month:02d}-{day:02d}", year, match[0]), match.start(), match.end()


def _codes(text: str) -> Iterator[tuple[Fact, int, int]]:
    for match in _CODE.finditer(text):
        if not re.fullmatch(r"\d+(?:%|г|с|м|ч|кг|мб|гб|кб|тб|км|gb|mb|kb|tb)", match[0]):  # 10мб is a number
            yield Fact(Kind.CODE, match[0], "", match[0]), match.start(), match.end()


def _numbers(text: str) -> Iterator[tuple[Fact, int, int]]:
    for match in _NUMBER.finditer(text):
        digits = re.sub(r"[ \u00a0\u202f]", "", match[0]).replace(",", ".")
        value = float(digits)
        unit, multiple = _unit_behind(text, match.end())
        yield Fact(Kind.NUMBER, f"{value * multiple:.12g}", unit, match[0]), match.start(), match.end()


def _unit_behind(text: str, at: int) -> tuple[str, int]:
    """Return what is counted by a number that ends at ``at``, and what it is multiplied by: «5 тыс. рублей»."""
    multiple = 1
    for _ in range(2):
        match = _UNIT.match(text, at)
        if match is None:
            return "", multiple
        word = match[1] if match[1] in _UNITS or match[1] in _MULTIPLES else lemma(match[1])
        if word in _UNITS:
            return _UNITS[word], multiple
        if word not in _MULTIPLES:
            return "", multiple
        multiple *= _MULTIPLES[word]
        at = match.end() + (1 if text[match.end() : match.end() + 1] == "." else 0)
    return "", multiple


def _numerals(text: str) -> Iterator[tuple[Fact, int, int]]:
    """Numbers in words. Neighbouring ones add up: «двадцать пять»."""
    total: int | None = None
    start = end = 0
    for match in _WORD.finditer(text):
        value = _numeral(match[0])
        if total is not None and (value is None or text[end : match.start()].strip()):
            yield _spelled(text, total, start, end)
            total = None
        if value is not None:
            start = match.start() if total is None else start
            total, end = (total or 0) + value, match.end()
    if total is not None:
        yield _spelled(text, total, start, end)


def _numeral(word: str) -> int | None:
    """Return the number that a folded word means. «Один» and its forms mean «some» too often to count as one."""
    value = _NUMERALS.get(word)
    if value is None and word[:2] in _NUMERAL_BEGINNINGS:
        value = _NUMERALS.get(lemma(word))
    return None if value in (0, 1) else value


_NUMERAL_BEGINNINGS = {word[:2] for word in _NUMERALS} | {"дв", "об", "ст"}


def _spelled(text: str, total: int, start: int, end: int) -> tuple[Fact, int, int]:
    month = re.compile(rf"\s+(?P<name>{_MONTH})\b(?:\s+(?P<year>\d{{4}}))?").match(text, end)
    if month and total <= 31:  # восьмого ноября
        number = next(i for i, m in enumerate(_MONTHS, 1) if month["name"].startswith(m))
        return Fact(Kind.DATE, f"{number:02d}-{total:02d}", month["year"] or "", text[start : month.end()]), start, end
    unit, multiple = _unit_behind(text, end)
    return Fact(Kind.NUMBER, f"{float(total * multiple):.12g}", unit, text[start:end]), start, end


def _names(text: str) -> Iterator[Fact]:
    """Capitalised words inside a sentence; acronyms, Latin words and known names wherever they stand."""
    begins = True
    for match in re.finditer(r"[^\W_]+(?:[-'][^\W_]+)*|[.!?…]|\S", text):
        word = match[0]
        if any(letter.isdigit() for letter in word):  # a code
            begins = False
            continue
        if not word[0].isalpha():
            begins = begins or word in ".!?…:•—–\n"
            continue
        acronym = len(word) > 1 and word.isupper()
        latin = bool(_LATIN.fullmatch(word)) and len(word) > 2
        capital = word[0].isupper() and (not begins or is_proper(fold(word)))
        if (acronym or latin or capital) and words(word):
            yield Fact(Kind.NAME, stem(fold(word)), "", word)
        begins = False

"""What templates are filled with: invented people, places and institutions, numbers, dates, prices, words of a list.

Every value can say itself in any case and knows its gender, so that what stands around it agrees. Nothing here exists.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from models.nano.inflection import inflected, readings
from models.nano.listing import listed
from models.nano.names import CASES, Named, foreign_man, foreign_woman, man, place, woman

MONTHS = listed("января февраля марта апреля мая июня июля августа сентября октября ноября декабря")
_DAYS = listed("понедельник вторник среда четверг пятница суббота воскресенье")


@dataclass(frozen=True, slots=True)
class Value:
    """What fills a slot. ``parts`` are pieces of it (``last``: the family name); ``amount`` is set for numbers."""

    text: str
    gender: str = "masc"
    number: str = "sing"
    amount: int | None = None
    forms: Mapping[str, str] = field(default_factory=dict)
    parts: Mapping[str, Value] = field(default_factory=dict)
    grammatical: bool = False

    def in_case(self, case: str) -> str:
        """Return it in a case, or in the plural with ``plur``, ``plur.gent``."""
        if case in self.forms:
            return self.forms[case]
        return phrase(self.text, case) if self.grammatical else self.text


def value_of(
    spec: str, chance: random.Random, lists: Mapping[str, Sequence[str]], others: Mapping[str, Value]
) -> Value:
    """Return a value for what a template declares: «int 3 20», «person», «list tools», «after founded 3 20»."""
    kind, *words = spec.split()
    if kind in _MAKERS:
        return _MAKERS[kind](chance, words)
    if kind == "pick":
        return _worded(chance.choice([one.strip() for one in spec[5:].split(";")]))
    if kind == "list":
        return _worded(chance.choice(lists[words[0]]))
    if kind == "after":
        return number(_amount(others[words[0]]) + chance.randint(int(words[1]), int(words[2])))
    if kind == "more":  # a number above another: «more price 100 900 50»
        return number(_amount(others[words[0]]) + chance.randrange(int(words[1]), int(words[2]) + 1, int(words[3])))
    if kind == "sum":
        return number(sum(_amount(others[one]) for one in words))
    raise ValueError(spec)


def _amount(value: Value) -> int:
    assert value.amount is not None
    return value.amount


def number(amount: int) -> Value:
    """Return a number as offices write it: four figures together, more in groups."""
    return Value(f"{amount:,}".replace(",", " ") if amount >= 10_000 else str(amount), amount=amount)


def _worded(text: str) -> Value:
    gender, plural = _gender(text)
    return Value(text, gender, plural, grammatical=True)


@lru_cache(maxsize=20_000)
def _gender(text: str) -> tuple[str, str]:
    head = _head(text)
    if head is None:
        return "masc", "sing"
    found = next((one for one in readings(text.split()[head]) if one.pos == "NOUN" and one.case == "nomn"), None)
    return (found.gender or "masc", found.number) if found is not None else ("masc", "sing")


def _head(text: str) -> int | None:
    """Return the index of the noun that a phrase hangs on."""
    for index, word in enumerate(text.split()):
        if any(one.pos == "NOUN" and one.case == "nomn" for one in readings(word)[:4]) and not _modifies(word):
            return index
    return None


def _modifies(word: str) -> bool:
    return bool(readings(word)) and readings(word)[0].pos in ("ADJF", "PRTF")


@lru_cache(maxsize=50_000)
def phrase(text: str, case: str) -> str:
    """Return «adjective noun of something» in a case; ``plur`` before a point asks for the plural."""
    head = _head(text)
    if head is None:
        return text
    wanted, _, rest = case.partition(".")
    case, number_ = (rest or "nomn", "plur") if wanted == "plur" else (case, "")
    words = text.split()
    noun = next((one for one in readings(words[head]) if one.pos == "NOUN" and one.case == "nomn"), None)
    if noun is None:
        return text
    number_ = number_ or noun.number
    for index in range(head):
        word = next((one for one in readings(words[index]) if one.pos in ("ADJF", "PRTF") and one.case == "nomn"), None)
        if word is None:
            continue
        agreeing = (
            noun.gender if number_ == "sing" else "",
            noun.animacy if case == "accs" and (noun.gender != "femn" or number_ == "plur") else "",
        )
        words[index] = _as(inflected(word, case, number_, *agreeing), words[index])
    words[head] = _as(inflected(noun, case, number_), words[head])
    return " ".join(words)


def _as(form: str | None, sample: str) -> str:
    if form is None:
        return sample
    return form[:1].upper() + form[1:] if sample[:1].isupper() else form


def _named(one: Named) -> Value:
    parts = {name: _named(part) for name, part in one.parts.items()}
    return Value(one.forms["nomn"], one.gender, forms=one.forms, parts=parts)


def _int(chance: random.Random, words: Sequence[str]) -> Value:
    low, high, *step = map(int, words)
    return number(chance.randrange(low, high + 1, step[0] if step else 1))


def _date(chance: random.Random, words: Sequence[str]) -> Value:
    day, month = chance.randint(1, 28), chance.choice(MONTHS)
    text = f"{day} {month}"
    if words:
        text += f" {chance.randint(int(words[0]), int(words[1]))} года"
    return Value(text)


def _time(chance: random.Random, words: Sequence[str]) -> Value:
    low, high = (int(one) for one in words or ("7", "21"))
    return Value(f"{chance.randint(low, high)}:{chance.choice(('00', '00', '15', '30', '30', '45'))}")


def _phone(chance: random.Random, _: Sequence[str]) -> Value:
    a, b, c = chance.randint(200, 999), chance.randint(10, 99), chance.randint(10, 99)
    code = chance.choice((495, 812, 343, 383, 831, 846, 861, 800, 843, 473))
    return Value(
        chance.choice((f"8 {code} {a}-{b}-{c}", f"+7 ({code}) {a}-{b}-{c}", f"{a}-{b}-{c}", f"8-{code}-{a}-{b}-{c}"))
    )


def _extension(chance: random.Random, _: Sequence[str]) -> Value:
    return Value(chance.choice((f"{chance.randint(10, 99)}-{chance.randint(10, 99)}", str(chance.randint(100, 9999)))))


def _room(chance: random.Random, _: Sequence[str]) -> Value:
    return Value(chance.choice((str(chance.randint(100, 940)), f"{chance.randint(1, 9)}{chance.choice('АБВ')}")))


def _code(chance: random.Random, words: Sequence[str]) -> Value:
    style = words[0] if words else chance.choice(("hex", "letter", "dash"))
    if style == "hex":
        return Value(f"0x{chance.getrandbits(32):08X}")
    letters = "".join(chance.choice("ABCDEFGHKLMNPRSTUVXZ") for _ in range(chance.randint(1, 3)))
    return Value(f"{letters}{'-' if style == 'dash' else ''}{chance.randint(10, 9999)}")


_LATIN = listed(
    "nova line vector prime delta sever orion atlas meta lumen terra alfa bridge kvant office servis portal docs"
)


def _mail(chance: random.Random, _: Sequence[str]) -> Value:
    user = chance.choice(
        listed("help support info hr buh it docs zakaz priem kadry sklad ohrana arenda urist pismo obuchenie")
    )
    host = chance.choice(_LATIN) + chance.choice(("", "-group", str(chance.randint(2, 99))))
    return Value(f"{user}@{host}.{chance.choice(('ru', 'ru', 'com'))}")


def _path(chance: random.Random, _: Sequence[str]) -> Value:
    return Value(rf"\\{chance.choice(_LATIN)}\{chance.choice(('obmen', 'docs', 'share', 'arhiv', 'public', 'soft'))}")


_COMPANIES = listed(
    "Вектор Север Орион Технология Лад Гранит Магистраль Рубеж Поток Контур Фарватер Кедр Аврора Меридиан Парус Заря "
    "Исток Горизонт Эталон Спектр Маяк Прогресс Родник Созвездие Тандем Формат Ясень Кристалл Опора Радуга Купол Алмаз "
    "Старт Факел Ритм Полюс Союз Восход Вымпел Гарант Диалог Импульс Каскад Лидер Мост Нива Оазис Пик Рассвет Сатурн"
)


def _org(chance: random.Random, _: Sequence[str]) -> Value:
    first = chance.choice(_COMPANIES)
    last = chance.choice(
        ("", "", "", "-Сервис", "-Строй", "-Трейд", "-Плюс", " Групп", "-М", "-Тех", f"-{chance.randint(2, 99)}")
    )
    return Value(f"«{first}{last}»", "masc")


def _weekday(chance: random.Random, _: Sequence[str]) -> Value:
    return _worded(chance.choice(_DAYS))


def _year(chance: random.Random, words: Sequence[str]) -> Value:
    year = chance.randint(int(words[0]), int(words[1]))
    return Value(str(year), amount=year)


def _version(chance: random.Random, _: Sequence[str]) -> Value:
    return Value(".".join(str(chance.randint(0, 12)) for _ in range(chance.choice((2, 2, 3)))))


_MAKERS: Mapping[str, Callable[[random.Random, Sequence[str]], Value]] = {
    "int": _int,
    "year": _year,
    "date": _date,
    "time": _time,
    "phone": _phone,
    "ext": _extension,
    "room": _room,
    "code": _code,
    "mail": _mail,
    "path": _path,
    "org": _org,
    "weekday": _weekday,
    "version": _version,
    "person": lambda chance, _: _named(chance.choice((man, woman))(chance)),
    "man": lambda chance, _: _named(man(chance)),
    "woman": lambda chance, _: _named(woman(chance)),
    "foreigner": lambda chance, _: _named(chance.choice((foreign_man, foreign_woman))(chance)),
    "anybody": lambda chance, _: _named(chance.choice((man, woman, foreign_man, foreign_woman, foreign_man))(chance)),
    "place": lambda chance, words: _named(place(chance, *words)),
}

__all__ = ["CASES", "MONTHS", "Value", "number", "phrase", "value_of"]

"""Names of people and places that do not exist, with their cases. Made of syllables, so that texts share few."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field

from models.nano.listing import listed

CASES = ("nomn", "gent", "datv", "accs", "ablt", "loct")

_MEN = listed(
    "Иван Пётр Николай Алексей Сергей Андрей Дмитрий Михаил Павел Виктор Олег Григорий Фёдор Степан Антон Роман Максим "
    "Егор Тимофей Кирилл Борис Леонид Юрий Глеб Артём Денис Захар Игнат Марк Савелий Семён Валерий "
    "Геннадий Руслан Тимур "
    "Рустам Вадим Ярослав Всеволод Платон Матвей Родион Эдуард"
)
_WOMEN = listed(
    "Анна Мария Елена Ольга Татьяна Наталья Ирина Светлана Екатерина Вера Надежда Галина Нина Лидия Полина Дарья Алёна "
    "Ксения Софья Юлия Марина Людмила Валентина Тамара Зинаида Алла Раиса Евгения Варвара Антонина Лариса Кира Диана "
    "Алина Жанна Эльвира Регина Гульнара Василиса Инна"
)
_FATHERS = listed(
    "Иванов Петров Николаев Алексеев Сергеев Андреев Дмитриев Михайлов Павлов Викторов Олегов Григорьев "
    "Фёдоров Степанов "
    "Антонов Романов Борисов Леонидов Юрьев Глебов Денисов Захаров Марков Семёнов Валерьев Геннадьев Русланов Тимуров "
    "Владимиров Александров Васильев Аркадьев Игорев Львов Яковлев"
)
_ROOTS = listed(
    "Берез Калин Вороб Морд Тихом Голуб Лап Зуб Крав Сем Гор Медвед Карп Щук Ерш Ряб Дубров Сосн Орл "
    "Сокол Филат Лукьян "
    "Осип Тарас Юдк Сафон Власт Жар Куст Раков Широк Бел Черн Рыж Сизов Глух Малах Панкр Савв Трош Ульян Хохл Шуб Якуш "
    "Бурл Вершк Гурь Долг Жильц Звон Кочет Лыж Мельн Нефед Полет Ракит Снег Толм Утк Чист Стрельц Пересвет Скородум "
    "Лопат Огород Плотн Кузн Бондар Гонч Рыбак Садовн Пасеч Мороз Зим Верт"
)
_ONSETS = listed("б в г д к л м н п р с т ф х ш бр др гр кр тр ст ск сл вл фл пл з ж ч")
_FIRST = listed("эр ар ор ал ил ул ю э я ан ол ам иг эл ур")
_VOWELS = listed("а о у е и э а о е и")
_CODAS = listed("н р л с т м д к рт нд льм рн лт кс рд нс вен тон берг ман стром дер лин ек ард ит он")


@dataclass(frozen=True, slots=True)
class Named:
    """A name in all its cases; ``parts`` are «first», «last», «short» (initials and family name)."""

    forms: Mapping[str, str]
    gender: str
    parts: Mapping[str, Named] = field(default_factory=dict)


def declined(word: str, gender: str) -> dict[str, str]:
    """Return the cases of a name by how it ends; a name that cannot be declined stands in all of them."""
    stem, last = word[:-1], word[-1]
    if gender == "femn" and word.endswith(("ова", "ева", "ина", "ёва")) and len(word) > 5:
        endings = ("а", "ой", "ой", "у", "ой", "ой")
    elif word.endswith(("ая", "яя")):
        stem, endings = word[:-2], ("ая", "ой", "ой", "ую", "ой", "ой")
    elif word.endswith(("кий", "ный")) and gender == "masc":
        hard = word.endswith("ный")
        stem, endings = word[:-2], ("ый" if hard else "ий", "ого", "ому", "ого", "ым" if hard else "им", "ом")
    elif last == "я" and word.endswith("ия"):
        endings = ("я", "и", "и", "ю", "ей", "и")
    elif last == "я":
        endings = ("я", "и", "е", "ю", "ей", "е")
    elif last == "а":
        soft = stem[-1] in "гкхжшчщ"
        endings = ("а", "и" if soft else "ы", "е", "у", "ей" if stem[-1] in "жшчщц" else "ой", "е")
    elif gender == "femn" or last in "оеёуюыиэ":
        return dict.fromkeys(CASES, word)
    elif last == "й":
        endings = ("й", "я", "ю", "я", "ем", "е" if not word.endswith("ий") else "и")
    elif last == "ь":
        endings = ("ь", "я", "ю", "я", "ем", "е")
    else:
        own = "ым" if word.endswith(("ов", "ев", "ин", "ёв")) and len(word) > 4 else "ом"
        stem, endings = word, ("", "а", "у", "а", own if last not in "жшчщц" else "ем", "е")
    return {case: stem + ending for case, ending in zip(CASES, endings, strict=True)}


def _whole(*parts: Mapping[str, str]) -> dict[str, str]:
    return {case: " ".join(part[case] for part in parts) for case in CASES}


def _person(
    first: Mapping[str, str], father: Mapping[str, str] | None, last: Mapping[str, str], gender: str, short: str
) -> Named:
    plain = Named(first, gender)
    family = Named(last, gender)
    initials = {case: f"{short} {last[case]}" for case in CASES}
    parts = {
        "first": plain,
        "last": family,
        "short": Named(initials, gender),
        "both": Named(_whole(first, last), gender),
    }
    if father is None:
        return Named(_whole(first, last), gender, parts)
    polite = Named(_whole(first, father), gender)
    return Named(_whole(last, first, father), gender, {**parts, "polite": polite})


def _family(chance: random.Random) -> str:
    root = chance.choice(_ROOTS)
    if chance.random() < 0.35:
        root = _syllables(chance, 2).capitalize()
    soft = root[-1] in "ьй"
    root = root.rstrip("ьй")
    return root + chance.choice(
        ("ев", "ёв", "ин") if soft else ("ов", "ин", "енков", "ский", "ников", "ушин", "атов", "анов", "ченко", "кин")
    )


def man(chance: random.Random) -> Named:
    """Return a Russian man; the whole name is family name, first name, patronymic or first and family name."""
    first, family, father = chance.choice(_MEN), _family(chance), chance.choice(_FATHERS) + "ич"
    first_forms = {
        "Пётр": declined("Петр", "masc") | {"nomn": "Пётр"},
        "Павел": declined("Павл", "masc") | {"nomn": "Павел"},
    }
    forms = first_forms.get(first) or declined(first, "masc")
    patronymic = declined(father, "masc") | {"ablt": father + "ем"}
    person = _person(forms, patronymic, declined(family, "masc"), "masc", f"{first[0]}. {father[0]}.")
    return _plainer(person, chance)


def woman(chance: random.Random) -> Named:
    """Return a Russian woman."""
    first, family, father = chance.choice(_WOMEN), _family(chance), chance.choice(_FATHERS) + "на"
    family = family[:-2] + "ая" if family.endswith("ский") else family if family.endswith("о") else family + "а"
    patronymic = declined(father, "-") | {"ablt": father[:-1] + "ой"}
    forms = declined(first, "-")
    return _plainer(_person(forms, patronymic, declined(family, "femn"), "femn", f"{first[0]}. {father[0]}."), chance)


def _plainer(person: Named, chance: random.Random) -> Named:
    return Named(person.parts["both"].forms, person.gender, person.parts) if chance.random() < 0.6 else person


def _syllables(chance: random.Random, count: int) -> str:
    opening = chance.choice(_FIRST) if chance.random() < 0.2 else ""
    made = "".join(chance.choice(_ONSETS) + chance.choice(_VOWELS) for _ in range(count))
    return opening + made + chance.choice(_CODAS)


def foreign_man(chance: random.Random) -> Named:
    """Return a man of no country in particular."""
    first, family = _syllables(chance, 1).capitalize(), _syllables(chance, chance.choice((1, 2))).capitalize()
    return _person(declined(first, "masc"), None, declined(family, "masc"), "masc", f"{first[0]}.")


def foreign_woman(chance: random.Random) -> Named:
    """Return a woman of no country in particular."""
    first, family = (_syllables(chance, 1) + "а").capitalize(), _syllables(chance, 2).capitalize()
    return _person(declined(first, "-"), None, declined(family, "femn"), "femn", f"{first[0]}.")


_PLACES = {
    "town": (
        ("ск", "masc"), ("град", "masc"), ("бург", "masc"), ("ин", "masc"), ("ов", "masc"), ("ополь", "masc"),
        ("ка", "femn"), ("", "masc"),
    ),
    "village": (("овка", "femn"), ("ино", "neut"), ("ово", "neut"), ("иха", "femn"), ("ское", "neut")),
    "country": (("ия", "femn"), ("ия", "femn"), ("ландия", "femn"), ("стан", "masc")),
    "river": (("а", "femn"), ("ь", "femn"), ("ка", "femn"), ("ша", "femn"), ("", "masc")),
    "thing": (("", "masc"), ("ит", "masc"), ("ол", "masc"), ("ин", "masc"), ("ея", "femn")),
}  # fmt: skip


def place(chance: random.Random, kind: str) -> Named:
    """Return a town, a village, a country, a river, or the name of something."""
    ending, gender = chance.choice(_PLACES[kind])
    root = _syllables(chance, chance.choice((1, 2))) if ending != "" else _syllables(chance, 2)
    name = (root.rstrip("аоуеиэюя") + ending).capitalize()
    if ending in ("ово", "ино"):
        forms = dict(zip(CASES, (name[:-1] + one for one in ("о", "а", "у", "о", "ом", "е")), strict=True))
    elif ending == "ское":
        forms = dict(zip(CASES, (name[:-2] + one for one in ("ое", "ого", "ому", "ое", "им", "ом")), strict=True))
    elif ending == "ь":
        forms = dict(zip(CASES, (name[:-1] + one for one in ("ь", "и", "и", "ь", "ью", "и")), strict=True))
    else:
        forms = declined(name, gender if gender == "masc" else "-")
        if gender == "masc":
            forms["accs"] = name
            forms["ablt"] = name[:-1] + "ем" if name.endswith("ь") else name + "ом"
    return Named(forms, gender)

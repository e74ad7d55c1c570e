"""How a question begins that asks for a thing, a place, a time, a purpose, a means or a number: «В каком», «Зачем»."""

from __future__ import annotations

import re
from collections.abc import Iterator

from models.nano.clauses import Clause
from models.nano.inflection import counted, like, which
from models.nano.listing import listed
from models.nano.tokens import Chunk

_WHAT = {"gent": "Чего", "datv": "Чему", "accs": "Что", "ablt": "Чем", "loct": "Чём"}
_WHOM = {"gent": "Кого", "datv": "Кому", "accs": "Кого", "ablt": "Кем", "loct": "Ком"}
_TIMES = frozenset(
    listed(
        "год месяц неделя день час минута секунда век утро вечер ночь сутки январь февраль март апрель май "
        "июнь июль август "
        "сентябрь октябрь ноябрь декабрь понедельник вторник четверг пятница суббота воскресенье"
    )
)
_NO_PLACES = frozenset(
    listed(
        "мера случай вид соответствие процесс зависимость качество результат рамка ход течение время основа помощь "
        "роль момент "
        "отличие отношение дополнение состав целом частность число форма режим очередь сочетание ответ конец "
        "начало цель "
        "этап условие связь порядок рабочий образ отсутствие наличие степень основное пример виду правило раз сила"
    )
)
_MOVING = re.compile(
    r"^(?:пере(?:й|н|м)|добав|ввод|ввест|введ|устан|копир|скопир|отправ|наж|загру|сохран|преобраз|перемещ|направл|вставл|вста|постав|полож|вход|войт|вой|"
    r"записыв|записат|помест|помещ|вернуть|верни|впад|поступ|приех|уех|отпр|направ|обра[тщ]|передат|переда)"
)


def naming(chunk: Chunk) -> Iterator[str]:
    """Yield how questions for a thing that is done to begin."""
    reading = chunk.reading
    if chunk.counted:
        if reading is not None and reading.pos == "NOUN" and (how_many := many(chunk)):
            yield how_many
        return
    case = next((one for one in ("accs", "ablt", "datv", "gent") if one in chunk.cases), None)
    if case is None or (reading is not None and reading.is_doubtful):
        return
    living = reading is not None and reading.is_living
    yield (_WHOM if living else _WHAT)[case]
    opening = with_which(chunk, case)
    if opening is not None:
        yield opening


def many(chunk: Chunk) -> str | None:
    noun = chunk.noun
    if " и " in chunk.text() or any(one.low in ("несколько", "много", "мало") for one in chunk.tokens):
        return None
    if noun in ("год", "раз"):
        return f"Сколько {'лет' if noun == 'год' else 'раз'}"
    head = chunk.tokens[chunk.head]
    form = counted(noun, 5) if chunk.reading is not None else ""
    behind = " ".join(one.text for one in chunk.tokens[chunk.head + 1 :])
    return f"Сколько {like(form, head.low)} {behind}".rstrip() if form else None


def with_which(chunk: Chunk, case: str, *, preposition: str = "") -> str | None:
    """Return «Какую политику», «В каком разделе»: where an adjective or a name behind the noun is what is asked for."""
    reading = chunk.reading
    if reading is None or reading.pos != "NOUN" or chunk.counted or " и " in chunk.text() or " или " in chunk.text():
        return None
    head = chunk.tokens[chunk.head]
    behind = chunk.tokens[chunk.head + 1 :]
    named = bool(behind) and (behind[0].is_name or behind[0].is_number)
    telling = [index for index in chunk.modifiers if chunk.tokens[index].readings[0].pos in ("ADJF", "PRTF")]
    if not named and (not telling or any("Apro" in chunk.tokens[i].readings[0].marks for i in telling)):
        return None
    word = which(case, reading.number, reading.gender, reading.animacy)
    if word is None:
        return None
    kept = "" if named else " ".join(one.text for one in behind)
    asked = f"{preposition} {word} {head.low} {kept}".strip()
    return asked[:1].upper() + asked[1:]


_OF_ACTIONS = ("ние", "тие", "ка", "ция", "од", "ост", "уск", "ор", "ство", "иск", "оп")
"""How nouns end that name what is done: «после установки» tells when, «для поиска» tells why."""

_OTHER_PLACES = {
    "от": "gent", "к": "datv", "о": "loct", "об": "loct", "без": "gent", "против": "gent", "из": "gent",
    "с": "ablt", "на": "accs", "в": "accs", "за": "accs", "под": "ablt", "над": "ablt", "между": "ablt",
}  # fmt: skip


def placing(chunk: Chunk, clause: Clause) -> Iterator[str]:
    """Yield how questions for a place, a time, a purpose or a means begin."""
    if chunk.counted:
        yield from _counted_place(chunk)
    elif chunk.preposition == "когда":
        yield from _dated(chunk)
    elif chunk.preposition in _BY_PREPOSITION:
        yield from _BY_PREPOSITION[chunk.preposition]
    elif chunk.preposition == "для":
        yield "Для кого" if _is_living(chunk) else "Для чего"
        if chunk.noun.endswith(_OF_ACTIONS):
            yield "Зачем"
    elif chunk.noun in _TIMES:
        yield "Когда"
    elif chunk.preposition in ("до", "после", "перед"):
        yield from _around(chunk)
    elif chunk.noun not in _NO_PLACES:
        yield from _local(chunk, clause)


def _is_living(chunk: Chunk) -> bool:
    return chunk.reading is not None and chunk.reading.is_living


def _dated(chunk: Chunk) -> Iterator[str]:
    numbers = [one.text for one in chunk.tokens if one.is_number]
    yield "Когда"
    if len(numbers) == 1 and len(chunk.tokens) <= 3 and len(numbers[0]) == 4:
        yield "В каком году"


def _around(chunk: Chunk) -> Iterator[str]:
    """Yield «когда» and «после чего» for what comes before and after something."""
    if chunk.noun.endswith(_OF_ACTIONS):
        yield "Когда"
    case = "ablt" if chunk.preposition == "перед" else "gent"
    yield f"{chunk.preposition.capitalize()} {(_WHOM if _is_living(chunk) else _WHAT)[case].lower()}"


def _local(chunk: Chunk, clause: Clause) -> Iterator[str]:
    preposition, case, living = chunk.preposition, next(iter(chunk.cases), ""), _is_living(chunk)
    if preposition in ("в", "во", "на") and case == "loct" and not living:
        yield "Где"
    elif preposition in ("в", "во", "на") and case == "accs" and clause.moves(_MOVING):
        yield "Куда"
    elif case and _OTHER_PLACES.get(preposition) == case:
        full = {"об": "о"} if living else {"об": "о", "в": "во"}
        yield f"{full.get(preposition, preposition).capitalize()} {(_WHOM if living else _WHAT)[case].lower()}"
    if (opening := with_which(chunk, case, preposition=preposition)) is not None:
        yield opening


_BY_PREPOSITION = {
    "с помощью": ("С помощью чего", "Чем", "Как"),
    "при помощи": ("С помощью чего", "Как"),
    "посредством": ("Посредством чего", "Как"),
    "путем": ("Как", "Каким образом"),
    "путём": ("Как", "Каким образом"),
    "из-за": ("Почему", "Из-за чего"),
    "благодаря": ("Благодаря чему", "Почему"),
    "по причине": ("Почему",),
    "в ходе": ("Когда", "В ходе чего"),
    "во время": ("Когда", "Во время чего"),
    "в случае": ("В каком случае", "Когда"),
    "на основе": ("На основе чего",),
    "в качестве": ("В качестве чего",),
    "в результате": ("В результате чего", "Почему"),
    "в течение": ("Сколько времени", "Как долго"),
    "при": ("Когда", "В каком случае"),
    "среди": ("Среди кого",),
}


def _counted_place(chunk: Chunk) -> Iterator[str]:
    preposition, noun = chunk.preposition, chunk.noun
    if noun in _TIMES:
        if preposition in ("в", "во") and noun in ("год", "век"):
            yield from ("Когда", "В каком " + ("году" if noun == "год" else "веке"))
        elif preposition == "через":
            yield from ("Через сколько времени", "Когда")
        elif preposition in ("за", "в течение", "на"):
            yield from {"за": ("За сколько времени",), "на": ("На какой срок",)}.get(
                preposition, ("Сколько времени", "Как долго", "В течение какого срока")
            )
        elif preposition in ("до", "после", "с", "к"):
            yield {"до": "До какого времени", "после": "Когда", "с": "С какого времени", "к": "К какому времени"}[
                preposition
            ]

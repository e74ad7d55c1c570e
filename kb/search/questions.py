"""What kind of thing a question asks for, and whether a sentence holds something of that kind.

Surface signs only (digits, capitals, connectives), as in the answer typing of early TREC question answering (Voorhees
2001): they cost nothing and lift the sentence that can answer over the one that merely repeats the question.
"""

from __future__ import annotations

import re
from enum import StrEnum

from kb.language.words import stem


class Asks(StrEnum):
    """The kind of answer a question wants."""

    TIME = "time"
    NUMBER = "number"
    PERSON = "person"
    PLACE = "place"
    REASON = "reason"
    WAY = "way"
    THING = "thing"
    OTHER = "other"


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)


_QUESTIONS: tuple[tuple[Asks, re.Pattern[str]], ...] = (
    (
        Asks.TIME,
        _pattern(
            r"\b(когда|(в|с|до|к) как(ом|ого|ому) (год|век|месяц|числ|врем)\w*|какого числа|какой (год|день|срок))"
        ),
    ),
    (
        Asks.NUMBER,
        _pattern(
            r"\b(скольк\w*|как(ое|ово|ова) (количество|число|численность)|как(ая|ой|ова) (доля|процент|сумма|цена)|"
            r"как (долго|часто|много|далеко)|насколько|(во|на) сколько|"
            r"как(ой|ов) (срок|процент|размер|объ[её]м|номер|телефон|код|пин|порт|лимит|пароль)\w*|"
            r"какого (размера|объ[её]ма)|(за|в) какой срок|(за|в течение) как(ое|ого) врем\w+|"
            r"(по|на) как(ому|ой) (номер|телефон|адрес)\w*|куда (по)?звонить)"
        ),
    ),
    (Asks.PERSON, _pattern(r"\b(кто|кого|кому|кем|о ком|чей|чья|чь[её]|чьи|как (зовут|звали))\b")),
    (
        Asks.PLACE,
        _pattern(
            r"\b(где|куда|откуда|"
            r"(в|на|из) как(ом|ой|ого) (стран|город|част|мест|област|регион|район|штат|кабинет)\w*)\b"
        ),
    ),
    (Asks.REASON, _pattern(r"\b(почему|зачем|отчего|по какой причине|из-за чего|с какой целью)\b")),
    (Asks.WAY, _pattern(r"^\W*как\b(?! (зов|наз|имен))|\bкаким образом\b")),
    (Asks.THING, _pattern(r"\b(как (называ|назыв|имен)\w*|как(ой|ая|ое|ие|ого|ому|им|ую|их|ими|ов|ова|ово|овы))\b")),
)

_TIME = _pattern(
    r"\b(1\d{3}|20\d\d|\d{1,2}[.:]\d\d|\d+[- ]?(сек|мин|час|дн|дней|недел|месяц|год|лет)\w*|век\w*|"
    r"январ|феврал|март|апрел|мая|июн|июл|август|сентябр|октябр|ноябр|декабр|понедельник|вторник|сред[уы]|четверг|пятниц)"
)
_NUMBER = _pattern(
    r"\d|\b(од(ин|н)|два|две|дву|три|тр[её]х|четыр|пят|шест|сем[ьи]\b|восем|девят|десят|сто\b|сот|тысяч|миллион|миллиард|"
    r"половин|треть|четверт)"
)
_NAME = re.compile(r"(?<=[\w,;:—–-]\s)[«\"(]?[А-ЯЁA-Z][\w-]+")
_PLACE = re.compile(r"\b([Вв]о?|[Нн]а|[Ии]з|[Пп]од|[Оо]коло|[Мм]ежду|[Кк]|[Уу])\s[«\"]?[А-ЯЁA-Z\d]")
_REASON = _pattern(
    r"потому|поскольку|так как|из-за|чтобы|вследствие|благодаря|причин|поэтому|в результате|в связи|так что|если"
)
_WAY = _pattern(
    r"путем|путём|с помощью|образом|\b(нажм|выбер|откро|введ|перейд|щелкн|установ|настро|включ|отключ|удерж|созда|удал|"
    r"проверь|перезап|можно|нужно|необходимо|следует)"
)

_EVIDENCE: dict[Asks, re.Pattern[str]] = {
    Asks.TIME: _TIME,
    Asks.NUMBER: _NUMBER,
    Asks.PERSON: _NAME,
    Asks.PLACE: _PLACE,
    Asks.REASON: _REASON,
    Asks.WAY: _WAY,
    Asks.THING: _NAME,
}


_SCAFFOLDING = """
    называется называют назвали назвать название имя находится расположен расположена происходит произошло имеет имеется
    существует тип вид форма пример часть количество число численность роль цель причина способ образом вещь время год
    месяц день место используется используют использовать значит означает назовите приведите перечислите расскажите
    опишите объясните подскажите скажите делать делает сделать стал стала новый другой основной главный большой крупный
    первый различный например люди дало дать получить привести привело приводит следует нужно необходимо должен могли
    возможно касается относится составляет помимо кроме согласно проблема пожалуйста помогите вопрос
получает получают возникает возникают появляется появляются выдает показывает пишет хочу хотим надо
"""

SCAFFOLDING = frozenset(stem(form) for form in _SCAFFOLDING.split())
"""Stems of words that build questions: a passage that lacks them may answer as well."""


def names(text: str) -> frozenset[str]:
    """Return the capitalised words of ``text`` that do not open a sentence, in lower case."""
    return frozenset(match.strip(' «"(').lower() for match in _NAME.findall(text))


def asks(question: str) -> Asks:
    """Return what ``question`` asks for, by its question words; the first kind that fits."""
    for kind, pattern in _QUESTIONS:
        if pattern.search(question):
            return kind
    return Asks.OTHER


def holds(kind: Asks, sentence: str) -> bool:
    """Return whether ``sentence`` shows a sign of the ``kind`` of thing asked for."""
    pattern = _EVIDENCE.get(kind)
    return bool(pattern and pattern.search(sentence))

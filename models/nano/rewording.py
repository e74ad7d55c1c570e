"""A question in other words: people seldom use those of the document. Synonyms of the same gender and aspect."""

from __future__ import annotations

import random
import re
from functools import lru_cache

from kb.language.lemmas import analyzer
from models.nano.inflection import like, readings
from models.nano.listing import listed

_PAIRS = listed(
    "использовать применять применять использовать использоваться применяться храниться находиться находиться "
    "располагаться располагаться находиться содержать включать содержаться находиться отображаться показываться "
    "отобразиться появиться создаваться формироваться удалить стереть изменить поменять изменяться меняться "
    "запускаться включаться остановить прекратить определять задавать указать задать настроить сконфигурировать "
    "отправить послать отправлять посылать отправляться посылаться скачать загрузить установить поставить "
    "устанавливать ставить выполнить произвести выполняться производиться выполнять производить завершить "
    "закончить завершаться заканчиваться завершиться закончиться предотвратить исключить обеспечивать "
    "гарантировать просмотреть посмотреть просматривать смотреть найти отыскать устранить исправить добавить "
    "внести добавлять вносить предоставить дать предоставлять давать возникать появляться возникнуть появиться "
    "произойти случиться происходить случаться заменить поменять защитить обезопасить ввести набрать восстановить "
    "вернуть отключить выключить отключать выключать разделить разбить сравнить сопоставить получать принимать "
    "называться именоваться потребоваться понадобиться начинаться стартовать построить возвести основать учредить "
    "купить приобрести покупать приобретать умереть скончаться окончить закончить сведения данные проблема "
    "неполадка неполадка проблема список перечень способ метод метод способ сотрудник работник работник сотрудник "
    "результат итог шаг этап этап шаг размер объем количество число число количество использование применение "
    "применение использование неисправность поломка поломка неисправность цена стоимость стоимость цена "
    "длительность продолжительность продолжительность длительность врач доктор доктор врач здание строение "
    "договор контракт контракт договор соглашение соглашение необходимый нужный нужный необходимый основной "
    "главный главный основной различный разный минимальный наименьший максимальный наибольший известный "
    "знаменитый большой крупный крупный большой"
)
_OTHER = {word: other for word, other in zip(_PAIRS[::2], _PAIRS[1::2], strict=True) if word != other}
_KEPT = frozenset(
    listed("nomn gent datv accs ablt loct sing plur masc femn neut past pres futr 1per 2per 3per anim inan impr")
)
_WORD = re.compile(r"[а-яё]{4,}")


def reworded(question: str, chance: random.Random) -> str:
    """Return ``question`` with one of its words, or two, replaced by a synonym; itself where it has none."""
    found = [(match, other) for match in _WORD.finditer(question) if (other := _synonym(match[0])) is not None]
    chance.shuffle(found)
    for match, other in sorted(found[: chance.choice((1, 1, 2))], key=lambda one: -one[0].start()):
        question = question[: match.start()] + other + question[match.end() :]
    return question


@lru_cache(maxsize=50_000)
def _synonym(word: str) -> str | None:
    reading = next(iter(readings(word)), None)
    if reading is None or reading.lemma not in _OTHER or reading.pos not in _SAME:
        return None
    parses = analyzer().parse(_OTHER[reading.lemma])
    other = next((one for one in parses if str(one.tag.POS) in _SAME[reading.pos]), None)
    wanted = reading.marks & _KEPT
    if reading.pos == "NOUN":  # its gender is its own
        wanted -= {"masc", "femn", "neut", "anim", "inan"}
    form = other.inflect(frozenset(wanted)) if other is not None and reading.pos != "INFN" else other
    return like(str(form.word), word) if form is not None else None


_SAME: dict[str, tuple[str, ...]] = {
    "NOUN": ("NOUN",),
    "ADJF": ("ADJF",),
    "VERB": ("VERB", "INFN"),
    "INFN": ("INFN", "VERB"),
}

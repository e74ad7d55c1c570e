"""What a person asks who looks for a section, made of its title: «Удаление учётной записи» gives «Как удалить …?»."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from models.nano.chunks import thing_at
from models.nano.inflection import formed, like
from models.nano.listing import listed
from models.nano.tokens import Chunk, Kind, Token, tokens_of

_VERBS = listed(
    "настройка настроить установка установить создание создать удаление удалить добавление добавить изменение изменить "
    "просмотр посмотреть включение включить отключение отключить выключение выключить развертывание развернуть "
    "подключение подключить обновление обновить проверка проверить использование использовать запуск запустить "
    "определение определить устранение устранить выбор выбрать назначение назначить импорт импортировать "
    "экспорт экспортировать регистрация зарегистрировать перенос перенести получение получить замена заменить "
    "восстановление восстановить сброс сбросить активация активировать блокировка заблокировать отправка отправить "
    "ввод ввести вывод вывести закрытие закрыть открытие открыть копирование скопировать перемещение переместить "
    "переименование переименовать публикация опубликовать поиск найти загрузка загрузить скачивание скачать "
    "синхронизация синхронизировать разрешение разрешить запрет запретить ограничение ограничить защита защитить "
    "шифрование зашифровать остановка остановить редактирование изменить планирование запланировать указание указать "
    "предоставление предоставить сохранение сохранить оформление оформить заказ заказать оплата оплатить "
    "отмена отменить "
    "продление продлить возврат вернуть подготовка подготовить построение построить вызов вызвать чтение прочитать "
    "запись записать печать напечатать сканирование отсканировать очистка очистить чистка почистить ремонт починить "
    "сборка собрать согласование согласовать утверждение утвердить подписание подписать мониторинг отслеживать "
    "отслеживание отслеживать тестирование протестировать оптимизация оптимизировать миграция перенести "
    "преобразование преобразовать объединение объединить сравнение сравнить фильтрация отфильтровать "
    "сортировка отсортировать форматирование отформатировать расширение расширить сжатие сжать вход войти выход выйти "
    "конфигурирование настроить администрирование администрировать обращение обратиться доступ получить·доступ"
)
ACTIONS = {noun: verb.replace("·", " ") for noun, verb in zip(_VERBS[::2], _VERBS[1::2], strict=True)}
"""Nouns of action and what is done, in the aspect in which people ask how to do it."""

_ALONE = {
    "подключить": "подключиться",
    "подготовить": "подготовиться",
    "зарегистрировать": "зарегистрироваться",
    "войти": "войти",
    "выйти": "выйти",
    "обратиться": "обратиться",
    "получить доступ": "получить доступ",
}
"""What is done to nothing: «подключение к серверу»."""

_NOUNS = {verb: noun for noun, verb in reversed(ACTIONS.items()) if " " not in verb}


def of_purpose(body: Sequence[Token], chance: random.Random) -> Iterator[str]:
    """Yield a purpose as a noun: «удалить старые записи» gives «удаление старых записей»."""
    noun = _NOUNS.get(body[0].low)
    thing = thing_at(body, 1, wanted=frozenset(("accs",))) if noun is not None else None
    narrow = thing.narrowed(("accs",)) if thing is not None else None
    if noun is None or narrow is None or narrow.points or " и " in narrow.text():
        return
    said = narrow.in_case("gent") if narrow.reading is not None else narrow.text()
    behind = " ".join(one.text for one in body[1 + len(narrow.tokens) :])
    if said is not None and not narrow.counted:
        form = chance.choice(
            ("{nomn} {rest}", "{nomn} {rest}", "Как происходит {nomn} {rest}?", "Порядок {gent} {rest}")
        )
        yield form.format(nomn=noun, gent=formed(noun, "gent"), rest=f"{said} {behind}".strip())


_DULL = frozenset(
    listed(
        "синтаксис описание примеры пример параметры параметр примечания ссылки обзор введение заключение итоги общие "
        "требования приложение дополнительные связанные краткое краткий подробное входные выходные следующие сводка "
        "предварительные см ресурсы содержание сведения важно примечание замечания шаг шаги вопросы история"
    )
)
_WHOLE = ("Что такое {}?", "Расскажи про {}", "Что сказано про {}?", "Что известно о {}?")


def of_title(title: str, chance: random.Random) -> Iterator[str]:
    """Yield what a person asks who looks for ``title``; nothing for a title that says nothing («Примечания»)."""
    title = title.strip().rstrip(".:")
    tokens = [one for one in tokens_of(title) if one.text != "."]
    if not tokens or len(tokens) > 9 or tokens[0].low in _DULL or not title[0].isalpha() or title.isupper():
        return
    if title.endswith("?"):
        yield title
        return
    first = tokens[0]
    lemma = first.readings[0].lemma if first.readings else ""
    if lemma in ACTIONS and len(tokens) > 1:
        yield from _doing(ACTIONS[lemma], title, chance)
    elif first.readings and first.readings[0].pos == "INFN" and len(tokens) > 2:
        yield chance.choice(("Как {}?", "Как мне {}?", "Что нужно, чтобы {}?")).format(_small(title))
    elif first.low in ("как", "что", "почему", "где", "когда", "зачем") and len(tokens) > 2:
        yield f"{title}?"
    elif len(tokens) >= 2:
        yield from _about(title, chance)


def _doing(verb: str, title: str, chance: random.Random) -> Iterator[str]:
    """Yield «как …?» with what is done in the accusative."""
    words = tokens_of(title)
    thing = thing_at(words, 1, wanted=frozenset(("gent",)))
    said: str | None = None
    if thing is not None:
        behind = title[thing.end :]
        said = _accusative(thing) if verb not in ("войти", "выйти", "обратиться", "получить доступ") else None
        said = said + behind if said is not None else None
    elif words[1].low in ("в", "на", "к", "из", "с") and len(words) > 2 and verb in _ALONE:
        verb, said = _ALONE[verb], title[words[1].start :]
    if said is not None:
        form = chance.choice(("Как {} {}?", "Как {} {}?", "Как мне {} {}?", "Как можно {} {}?", "как {} {}"))
        yield form.format(verb, said)
        yield _small(title) if chance.random() < 0.3 else f"Что нужно сделать, чтобы {verb} {said}?"


def _accusative(thing: Chunk) -> str | None:
    """Return a thing that stands in the genitive as what is done to it."""
    narrow = thing.narrowed(("gent",))
    if narrow is None or (narrow.reading is None and not thing.tokens[thing.head].is_name):
        return None
    if narrow.reading is None:
        return thing.text()
    if " и " in thing.text() or " или " in thing.text():
        return None
    return narrow.in_case("accs")


def _about(title: str, chance: random.Random) -> Iterator[str]:
    """Yield what is asked about a thing that is named."""
    words = tokens_of(title)
    thing = thing_at(words, 0, wanted=frozenset(("nomn",)))
    if thing is None or len(thing.tokens) != len(words):
        return
    narrow = thing.narrowed(("nomn",))
    if narrow is None or narrow.kind is not Kind.THING:
        return
    name = _small(title)
    form = chance.choice(_WHOLE[:1] if chance.random() < 0.5 else _WHOLE)
    if "про" in form:
        other = narrow.in_case("accs") if narrow.reading is not None else name
    elif " о " in form:
        other = narrow.in_case("loct") if narrow.reading is not None else name
    else:
        other = name
    if other is not None and not (" и " in name and form != _WHOLE[0]):
        said = (" об " if other[0].lower() in "аоуэиaeoiu" else " о ") + other
        yield form.format(other).replace(" о " + other, said)


def _small(text: str) -> str:
    tokens = tokens_of(text)
    first = tokens[0]
    keep = (
        first.is_name or text[1:2].isupper() or (first.readings and first.readings[0].marks & {"Name", "Surn", "Geox"})
    )
    return text if keep else like(first.low, "а") + text[first.end :]

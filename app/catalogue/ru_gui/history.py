"""Слова истории: список разговоров, пароль истории, экспорт."""

from __future__ import annotations

TEXTS: dict[str, str] = {
    "gui.history.untitled": "Разговор без названия",
    "gui.history.aside": "Файл разговоров был повреждён. Он отложен под именем {name}, начата новая история.",
    "gui.history.aside_rescued": "Файл разговоров был повреждён и отложен под именем {name}. "
    "Удалось прочесть и сохранить разговоров: {count}.",
    # in an exported conversation
    "gui.history.export.moment": "{day}.{month}.{year}, {hour}:{minute}",
    "gui.history.export.base": "База знаний: {base}",
    "gui.history.export.model": "Ответила модель {model}",
    "gui.history.export.quotation": "Цитата из документов",
    "gui.history.export.abstained": "В базе знаний нет ответа на этот вопрос.",
    "gui.history.export.stopped": "Ответ остановлен и не закончен.",
    "gui.history.export.failed": "Ответить не удалось: {trouble}",
    "gui.history.export.sources": "Источники",
    "gui.history.export.unsupported": "Не подтверждено источниками",
    "gui.history.export.nearest": "Ближайшие документы",
    "gui.history.export.quote": "«{quote}»",
    "gui.history.export.doubt": "«{sentence}»",
    "gui.history.export.doubt_of": "«{sentence}» — в найденных документах нет: {facts}",
}

PLURALS: dict[str, tuple[str, ...]] = {}

"""Слова истории: список разговоров, пароль истории, экспорт."""

from __future__ import annotations

TEXTS: dict[str, str] = {
    "gui.history.untitled": "Разговор без названия",
    "gui.history.aside": "Файл разговоров был повреждён. Он отложен под именем {name}, начата новая история.",
    "gui.history.aside_rescued": "Файл разговоров был повреждён и отложен под именем {name}. "
    "Удалось прочесть и сохранить разговоров: {count}.",
    # the list
    "gui.history.list": "Разговоры",
    "gui.history.search": "Найти в разговорах",
    "gui.history.group.pinned": "Закреплённые",
    "gui.history.group.today": "Сегодня",
    "gui.history.group.week": "На этой неделе",
    "gui.history.group.earlier": "Раньше",
    "gui.history.is_pinned": "закреплён",
    "gui.history.is_open": "открыт",
    "gui.history.reading": "Читаю разговоры…",
    "gui.history.empty": "Разговоров пока нет. Задайте первый вопрос — разговор появится здесь.",
    "gui.history.nothing_found": "По запросу «{query}» ничего не нашлось. Попробуйте другое слово.",
    "gui.history.failed": "Список разговоров не открывается. {error}",
    "gui.history.again": "Повторить",
    "gui.history.open": "Открыть",
    "gui.history.rename": "Переименовать",
    "gui.history.new_title": "Новое название разговора",
    "gui.history.pin": "Закрепить",
    "gui.history.unpin": "Открепить",
    "gui.history.delete": "Удалить",
    "gui.history.delete_title": "Удалить разговор?",
    "gui.history.delete_text": "Разговор «{title}» будет стёрт из файла вместе с ответами и источниками. "
    "Ещё несколько секунд его можно будет вернуть.",
    "gui.history.deleted": "Разговор «{title}» удалён",
    "gui.history.undo": "Вернуть",
    # a passphrase
    "gui.history.locked": "Разговоры зашифрованы. Введите пароль, чтобы открыть их. Спрашивать можно и без него: "
    "новые разговоры запишутся, когда история откроется.",
    "gui.history.passphrase": "Пароль истории",
    "gui.history.unlock": "Открыть разговоры",
    "gui.history.wrong_passphrase": "Пароль не подошёл. Проверьте раскладку.",
    "gui.history.forgotten": "Не помню пароль",
    "gui.history.forgotten_title": "Начать новую историю?",
    "gui.history.forgotten_text": "Без пароля прежние разговоры не прочесть никому. Их файл останется рядом под другим "
    "именем, новые разговоры будут записываться без шифрования.",
    "gui.history.begin_anew": "Начать новую",
    # export
    "gui.history.export": "Экспорт",
    "gui.history.export_title": "Сохранить разговор",
    "gui.history.export_file": "Разговор",
    "gui.history.export_markdown": "Markdown",
    "gui.history.export_html": "Веб-страница HTML",
    "gui.history.export_pdf": "Документ PDF",
    "gui.history.export_json": "Данные JSON",
    "gui.history.export_text": "Простой текст",
    "gui.history.exported": "Разговор сохранён: {name}, папка {folder}",
    "gui.history.export_failed": "Сохранить разговор не получилось",
    "gui.history.not_written": "Разговоры пока хранятся в памяти: {error} Запись повторится сама.",
    "gui.history.written_again": "Разговоры снова записаны.",
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

PLURALS: dict[str, tuple[str, ...]] = {
    "conversation_found": ("разговор найден", "разговора найдено", "разговоров найдено"),
}

"""Слова панели источника: документ, открытый на месте цитаты."""

from __future__ import annotations

TEXTS: dict[str, str] = {
    "gui.source.name": "Источник",
    "gui.source.close": "Закрыть источник",
    "gui.source.number": "Источник {number}",
    "gui.source.modified": "изменён {date}",
    "gui.source.date": "{day}.{month}.{year}",
    "gui.source.empty": "Здесь откроется источник",
    "gui.source.empty_text": "Нажмите на номер в ответе или на карточку под ним: документ откроется на этом месте.",
    "gui.source.opening": "Открываю документ. Пока — фрагмент, сохранённый в базе.",
    "gui.source.opening_alone": "Открываю документ",
    "gui.source.open_outside": "Открыть в программе",
    "gui.source.copy_quote": "Копировать цитату",
    "gui.source.copied": "Цитата скопирована",
    "gui.source.quoted": "«{quote}» — {title} ({file}{place})",
    "gui.source.quote": "«{quote}»",
    "gui.source.gone_text": "Файла больше нет на месте: {path}. Показан текст, сохранённый в базе.",
    "gui.source.gone": "Файла больше нет на месте: {path}. Показан фрагмент, сохранённый в базе.",
    "gui.source.gone_alone": "Файла больше нет на месте: {path}. Верните его туда или добавьте документ снова.",
    "gui.source.unreadable_text": "Документ не открылся: {reason}. Показан текст, сохранённый в базе.",
    "gui.source.unreadable": "Документ не открылся: {reason}. Показан фрагмент, сохранённый в базе.",
    "gui.source.unreadable_alone": "Документ не открылся: {reason}.",
    "gui.source.changed": "Файл изменился после добавления в базу: этой цитаты в нём больше нет. "
    "Показано место, где она стояла.",
    "gui.source.scan": "На странице только изображение, поэтому отметить на ней ничего нельзя.",
    "gui.source.page": "стр. {page} из {pages}",
    "gui.source.previous_page": "Предыдущая страница",
    "gui.source.next_page": "Следующая страница",
    "gui.source.zoom_in": "Крупнее",
    "gui.source.zoom_out": "Мельче",
    "gui.source.as_text": "Текстом",
    "gui.source.as_text_hint": "Показать страницу текстом, а не картинкой",
    "gui.source.sheet": "лист «{sheet}» · {number} из {count}",
    "gui.source.previous_sheet": "Предыдущий лист",
    "gui.source.next_sheet": "Следующий лист",
    "gui.source.text_name": "Текст документа",
    "gui.source.page_name": "Страница {page} из {pages}",
    "gui.source.grid_name": "Лист «{sheet}»",
    "gui.source.stored_name": "Фрагмент, сохранённый в базе",
    "gui.source.no_program": "Не нашлось программы, которая откроет «{file}». Открыта папка с файлом.",
    "gui.source.not_document": "«{file}» может содержать программу, поэтому открыта папка с файлом.",
    "gui.source.nothing_opens": "Система не открыла ни файл, ни папку: {path}",
}

PLURALS: dict[str, tuple[str, ...]] = {}

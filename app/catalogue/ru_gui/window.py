"""Слова самого окна: рамка, боковая колонка, сообщения."""

from __future__ import annotations

TEXTS: dict[str, str] = {
    "gui.error.system": "Система не дала этого сделать: {detail}",
    "gui.error.unexpected": "Неожиданная ошибка. Введённое не потеряно, подробности можно скопировать.",
    "gui.window.cancel": "Отмена",
    "gui.window.hide_notice": "Скрыть сообщение",
}

PLURALS: dict[str, tuple[str, ...]] = {}

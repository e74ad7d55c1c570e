"""Слова настроек и первого запуска."""

from __future__ import annotations

TEXTS: dict[str, str] = {
    "gui.settings.not_kept": "Настройки не записаны: они действуют до закрытия окна.",
    "gui.settings.broken": "Файл настроек был повреждён. Он сохранён как {path}, настройки начаты заново.",
}

PLURALS: dict[str, tuple[str, ...]] = {}

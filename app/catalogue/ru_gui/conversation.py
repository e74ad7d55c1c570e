"""Слова разговора: заголовок, поле вопроса, состояние базы и модели."""

from __future__ import annotations

TEXTS: dict[str, str] = {
    "gui.conversation.base.own": "Моя база",
    "gui.conversation.base.demo": "База для знакомства",
    "gui.conversation.model_died": "Модель перестала отвечать. Следующий вопрос запустит её снова.",
}

PLURALS: dict[str, tuple[str, ...]] = {}

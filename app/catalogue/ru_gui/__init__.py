"""Слова окна: по модулю на каждую его часть."""

from __future__ import annotations

from app.catalogue.ru_gui import answer, bases, conversation, history, models, settings, source, window

TEXTS = {
    **window.TEXTS,
    **conversation.TEXTS,
    **answer.TEXTS,
    **source.TEXTS,
    **bases.TEXTS,
    **models.TEXTS,
    **history.TEXTS,
    **settings.TEXTS,
}

PLURALS = {
    **window.PLURALS,
    **conversation.PLURALS,
    **answer.PLURALS,
    **source.PLURALS,
    **bases.PLURALS,
    **models.PLURALS,
    **history.PLURALS,
    **settings.PLURALS,
}

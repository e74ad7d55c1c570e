"""Exchanges as a day of work leaves them, and a history that holds some."""

from __future__ import annotations

from pathlib import Path

from app.events import Mode, Note, Timings, Turn
from app.exchange import Exchange, Said, Source, State
from app.history import History
from kb.places import Cell, Moment, Page, Paragraph
from kb.results import NearestDocument

QUOTE = "Тонким предметом нажмите и удерживайте кнопку Reset 10 секунд, пока не мигнёт индикатор питания."

SOURCES = (
    Source(1, "docs/router-faq.docx", "Роутеры: частые вопросы", Paragraph(14), ("Сброс",), QUOTE, 0.93, QUOTE * 3),
    Source(2, "memo.pdf", "Памятка [новому] *сотруднику*", Page(3), (), "после сброса\nдействует пароль", 0.81, "…"),
)


def answered(question: str = "Как сбросить пароль роутера?", **values: object) -> Exchange:
    """Return an exchange with everything that one can have."""
    text = "Нажмите **Reset** и держите 10 секунд [1]. Войдите с паролем с наклейки [2]. Индикатор мигнёт дважды."
    fields: dict[str, object] = {
        "state": State.DONE,
        "asked": "Как сбросить пароль роутера в офисе?",
        "corrected": "как сбросить пароль роутера",
        "found": (*SOURCES, Source(3, "a.xlsx", "Склад", Cell("Модели", "B17"), (), "RX-22", 0.2, "RX-22: кнопки нет")),
        "read": 318,
        "to_read": 318,
        "text": text,
        "said": (
            Said("Нажмите **Reset** и держите 10 секунд.", True, (1,)),
            Said("Войдите с паролем с наклейки.", True, (2,)),
            Said("Индикатор мигнёт дважды.", False, (), ("дважды",)),
        ),
        "mode": Mode.MODEL,
        "sources": SOURCES,
        "nearest": (NearestDocument("a.srt", "Вебинар"),),
        "confidence": 0.9,
        "unsupported": ("Индикатор мигнёт дважды.",),
        "model": "T-lite 1.0",
        "timings": Timings(34, 5100, 1900, 318, 40, 61),
        "note": Note.CUT,
        "turn": Turn(question, question, text, "<|im_start|>system\nОтвечай по отрывкам.", "Нажмите [1]"),
        "rating": 1,
    }
    return Exchange(question, **{**fields, **values})  # type: ignore[arg-type]


def abstained(question: str = "Кто выиграл чемпионат?") -> Exchange:
    """Return an exchange whose question the base does not answer."""
    nearest = (NearestDocument("docs/onec-webinar.srt", "Вебинар по 1С"),)
    return Exchange(question, state=State.DONE, mode=Mode.ABSTAINED, nearest=nearest, confidence=0.04)


def writing(question: str = "А если кнопки Reset нет?", text: str = "Тогда сбросьте его через") -> Exchange:
    """Return an exchange that a model is still writing."""
    found = (Source(1, "a.srt", "Вебинар", Moment("00:12:40"), (), "через меню", 0.7, "Сброс через меню"),)
    return Exchange(question, state=State.WRITING, found=found, text=text, read=10, to_read=10)


def filled(path: Path, *questions: str) -> History:
    """Return a history with a conversation for each question, the last one asked last."""
    history = History.open(path)
    for question in questions:
        history.save(history.create(base="ИТ-поддержка"), 0, answered(question))
    return history

"""The demonstration documents of a made-up company, and questions that they answer."""

from __future__ import annotations

from pathlib import Path

DOCUMENTS = Path(__file__).with_name("documents")
"""The folder of the bundled documents."""

QUESTION = "Как сбросить пароль роутера?"
"""The question that a first run asks."""

QUESTIONS = (
    (QUESTION, "router-password.md"),
    ("Что означает ошибка 0x80070005?", "error-0x80070005.md"),
    ("За сколько дней подавать заявление на отпуск?", "Отпуск и больничный.docx"),
    ("Какие суточные в командировке?", "business-trip.docx"),
    ("Сколько лет хранят трудовые договоры?", "archive-retention.pdf"),
    ("Что делать, если потерял пропуск?", "badge-lost.md"),
    ("Какой внутренний телефон у Геннадия Титова?", "phone-directory.xlsx"),
    ("Когда переносят файловый сервер?", "planning-meeting.srt"),
)
"""Sample questions, each with the name of the document that answers it."""

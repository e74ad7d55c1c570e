"""Exchanges as a day of work brings them: done, being read, written, quoted, without an answer, stopped, failed."""

from __future__ import annotations

from dataclasses import replace

from app.events import Mode, Note, Timings, Turn
from app.exchange import Exchange, Said, Source, State
from kb.places import Cell, Page, Paragraph
from kb.results import NearestDocument

RESET = Source(
    number=1,
    document="/дом/документы/router-faq.docx",
    title="Роутеры: частые вопросы",
    place=Paragraph(14),
    heading=("Роутеры: частые вопросы",),
    quote="удерживайте кнопку Reset 10 секунд, пока не мигнёт индикатор",
    score=0.93,
    passage="Тонким предметом нажмите и удерживайте кнопку Reset 10 секунд, пока не мигнёт индикатор питания.",
)
MEMO = Source(
    number=2,
    document="/дом/документы/memo.pdf",
    title="Памятка новому сотруднику",
    place=Page(3),
    heading=(),
    quote="после сброса действует пароль с наклейки; смените его сразу",
    score=0.81,
)
ADMIN = Source(
    number=1,
    document="/дом/документы/router-admin.html",
    title="Сброс через веб-интерфейс",
    place=Paragraph(3),
    heading=("Настройка", "Сброс"),
    quote="Система → Управление → Заводские настройки",
    score=0.74,
)
SHEET = Source(
    number=2,
    document="/дом/документы/routers.xlsx",
    title="Инвентарь",
    place=Cell("Модели", "B17"),
    heading=(),
    quote="RX-22: кнопки нет, сброс через меню",
    score=0.55,
)

ANSWERED = Exchange(
    question="Как сбросить пароль роутера?",
    key="answered",
    state=State.DONE,
    found=(RESET, MEMO, replace(ADMIN, number=3), replace(SHEET, number=4)),
    text="Нажмите кнопку **Reset** на задней панели роутера и удерживайте её **10 секунд**, пока не мигнёт индикатор "
    "питания. [1] После перезапуска войдите с паролем с наклейки и задайте новый. [2] Индикатор питания мигнёт дважды.",
    said=(
        Said(
            "Нажмите кнопку **Reset** на задней панели роутера и удерживайте её **10 секунд**, пока не мигнёт "
            "индикатор питания.",
            supported=True,
            citations=(1,),
        ),
        Said("После перезапуска войдите с паролем с наклейки и задайте новый.", supported=True, citations=(2,)),
        Said("Индикатор питания мигнёт дважды.", supported=False, missing=("дважды",)),
    ),
    mode=Mode.MODEL,
    sources=(RESET, MEMO),
    confidence=0.91,
    unsupported=("Индикатор питания мигнёт дважды.",),
    model="T-lite 1.0",
    timings=Timings(
        search_ms=84, total_ms=9400, first_token_ms=1900, prompt_tokens=318, reused_tokens=212, generated_tokens=64
    ),
    turn=Turn(
        "Как сбросить пароль роутера?",
        "Как сбросить пароль роутера?",
        "Нажмите кнопку Reset…",
        sent="Отрывки из документов:\n\n[1] Роутеры: частые вопросы\nТонким предметом нажмите и удерживайте кнопку "
        "Reset 10 секунд, пока не мигнёт индикатор питания.\n\nВопрос: Как сбросить пароль роутера?",
        written="Нажмите кнопку…",
    ),
)

READING = Exchange(
    question="А если кнопки Reset нет?",
    key="reading",
    state=State.READING,
    found=(ADMIN, SHEET, replace(RESET, number=3), replace(MEMO, number=4)),
    asked="Как сбросить пароль роутера, если кнопки Reset нет?",
    read=212,
    to_read=318,
    seconds_left=3.4,
)

WRITING = replace(READING, key="writing", state=State.WRITING, text="Откройте веб-интерфейс и найдите **Заводск")

QUOTED = Exchange(
    question="Какой внутренний номер у поддержки?",
    key="quoted",
    state=State.DONE,
    found=(MEMO,),
    text="Заявка в службу поддержки: внутренний номер 4-11. [1]",
    mode=Mode.QUOTATION,
    sources=(replace(MEMO, number=1, quote="Заявка в службу поддержки: внутренний номер 4-11."),),
    confidence=0.88,
    timings=Timings(search_ms=60, total_ms=110),
    turn=Turn("Какой внутренний номер у поддержки?", "Какой внутренний номер у поддержки?", "…"),
)

REJECTED = replace(
    QUOTED, key="rejected", note=Note.UNSUPPORTED, model="T-lite 1.0", unsupported=("Номер поддержки 8-800-555-35-35.",)
)

ABSTAINED = Exchange(
    question="Сколько стоит абонемент в бассейн?",
    key="abstained",
    state=State.DONE,
    mode=Mode.ABSTAINED,
    nearest=(
        NearestDocument("/дом/документы/benefits.docx", "Льготы и компенсации"),
        NearestDocument("/дом/документы/memo.pdf", "Памятка новому сотруднику"),
    ),
    corrected="сколько стоит абонемент в бассейн",
    confidence=0.08,
    timings=Timings(search_ms=70, total_ms=130),
)

STOPPED = replace(WRITING, key="stopped", state=State.STOPPED, text="Откройте веб-интерфейс роутера.")
FAILED = replace(
    READING, key="failed", state=State.FAILED, trouble="Процесс модели закончился неожиданно. Спросите ещё раз."
)

RICH = Exchange(
    question="Сделай таблицу моделей и покажи, как проверить прошивку из командной строки.",
    key="rich",
    state=State.DONE,
    text="## Модели\n"
    "| Модель | Кнопка Reset | Прошивка |\n"
    "|---|---|---|\n"
    "| RX-21 | есть | 1.4.2 | [1]\n"
    "| RX-22 | нет, сброс через меню | 2.0.0 | [2]\n"
    "Проверить прошивку можно так:\n"
    "```bash\n"
    "ssh admin@192.168.0.1\n"
    "cat /etc/version | grep --color=auto -E '^(RX-21|RX-22)' | sort --unique --reverse > /tmp/versions.txt\n"
    "```\n"
    "1. Войдите по `ssh` [1]\n"
    "2. Сравните номер с таблицей: если он меньше, **обновите** прошивку, не выключая питания, иначе роутер не "
    "загрузится [2]\n"
    "- RX-21 обновляется с флешки\n"
    "- RX-22 обновляется сам\n"
    "> Обновление занимает три минуты.\n",
    said=(),
    mode=Mode.MODEL,
    sources=(replace(SHEET, number=1), replace(ADMIN, number=2), replace(RESET, number=3)),
    model="T-lite 1.0",
    timings=Timings(search_ms=84, total_ms=12400, first_token_ms=2100, prompt_tokens=900, generated_tokens=164),
    note=Note.CUT,
    rating=1,
)


def long_conversation(count: int) -> list[Exchange]:
    """Return so many answered exchanges, each with its own key."""
    kinds = (ANSWERED, QUOTED, ABSTAINED, RICH)
    return [replace(kinds[at % len(kinds)], key=f"turn-{at}", question=f"Вопрос номер {at}?") for at in range(count)]

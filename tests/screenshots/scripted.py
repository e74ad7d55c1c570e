"""A model that answers the questions of the walk as a script says, and can be held while it reads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from fake_model import FakeModel

from app.gui.opened_model import Prepared
from app.language_models import Running
from models.runtime.events import Event, Reading, Speeds, Text
from models.runtime.options import Request

NAME = "Модель-пример"

THINKING = 1.9
"""Seconds until the first word, as in the drawing of the window."""

SPEEDS = Speeds(threads=4, reading_threads=4, prefill_tokens_per_second=25.0, decode_tokens_per_second=7.0)
"""As on a laptop, so that there are seconds to tell."""

ROUTER = """Нажмите и удерживайте кнопку **Reset** 10 секунд, пока индикатор питания не начнёт мигать [1]. \
Роутер при этом должен быть включён в розетку [1].

- Кнопка утоплена в корпус рядом с разъёмом питания, удобнее всего нажать её скрепкой [1].
- Если индикатор интернета остаётся оранжевым дольше 5 минут, позвоните в поддержку: 1100 [2].

Гарантия на роутер действует 3 года."""

COPIES = """Резервные копии делаются каждую ночь в 01:30 [1]. Хранятся они так:

| Копия | Сколько хранится |
|---|---|
| Ежедневная | 30 дней [1] |
| Ежемесячная, за последний день месяца | 12 месяцев [1] |
| Годовая, за 31 декабря | 5 лет [1] |
"""

REPORT = """После командировки отчёт сдают не позднее 3 рабочих дней со дня возвращения [1]. \
Если отчёт не сдан вовремя, новый аванс не выдают [1]."""

ANSWERS = {"роутер": ROUTER, "копии": COPIES, "отчёт": REPORT}


class ScriptedModel(FakeModel):
    """Answers by a word of the question. While ``held`` is set it reads no further than two thirds."""

    def __init__(self) -> None:
        super().__init__(ROUTER)
        self.held = threading.Event()
        self._pause = threading.Event()

    def generate(self, request: Request, *, stop: Callable[[], bool] = lambda: False) -> Iterator[Event]:
        asked = request.messages[-1].text
        answer = next((text for word, text in ANSWERS.items() if word in asked.rpartition("Вопрос:")[2]), ROUTER)
        yield Reading(done=0, total=318, reused=0)
        self._pause.wait(THINKING / 2)
        yield Reading(done=212, total=318, reused=0)
        self._pause.wait(THINKING / 2)
        while self.held.is_set() and not stop():
            self._pause.wait(0.02)
        if stop():
            return
        yield Reading(done=318, total=318, reused=0)
        yield Text(delta=answer)
        yield self._finished("end", 318, len(answer.split()))


def prepare(model: ScriptedModel) -> Callable[..., Iterator[Prepared]]:
    """Return what prepares ``model`` unless none is wanted."""

    def prepared(name: str, *_: object) -> Iterator[Prepared]:
        if name == "none":
            yield Prepared()
            return
        yield Prepared(Running(NAME, model, SPEEDS), detail="Q4_K_M", size=4_700_000_000, path=Path(f"{NAME}.gguf"))

    return prepared

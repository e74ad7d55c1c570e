"""Talks into scenes."""

from __future__ import annotations

from itertools import cycle

from kb.blocks import Block, BlockKind
from kb.places import Moment
from kb.scenes import SHORTEST, scenes

SERVER = [
    "Новые диски для файлового сервера пришли в пятницу, восемь штук.",
    "Массив из дисков соберём в среду, сервер проверим за сутки.",
    "Когда переносим данные на новый сервер?",
    "Данные с дисков переносим в субботу, старый сервер оставим включённым.",
    "Диски сервера в это время будут недоступны?",
    "Да, сервер и диски недоступны до вечера, почта работает.",
    "Разошлю письмо, чтобы закрыли файлы на сервере до переноса данных.",
    "Если перенос данных не успеем, вернёмся на старый сервер.",
    "Канал между дисками и сервером расширили, данные пойдут быстро.",
    "Решили: сервер переносим в субботу, запасной день для данных воскресенье.",
]
PRINTER = [
    "Дарья, что с жалобами на принтер и печать?",
    "Принтер мнёт бумагу из второго лотка, печать останавливается.",
    "Ролик захвата бумаги у принтера износился.",
    "Принтер на гарантии, мастер приедет и заменит ролик.",
    "Бухгалтерия просит печать на принтере второго этажа.",
    "Цветная печать каталогов съедает картриджи принтера.",
    "Страница цветной печати обходится в одиннадцать рублей.",
    "В типографии печать каталогов стоит шесть рублей за страницу.",
    "Бумагу для принтера закажем, картриджи тоже.",
    "Решили: каталоги в типографию, цветная печать на принтере только для договоров.",
]
HOLIDAY = [
    "Теперь отпуска: график отпусков утверждают до середины декабря.",
    "Отпуск делят на части, одна часть отпуска не короче двух недель.",
    "Заявление на отпуск подают в отдел кадров за две недели.",
    "Отпускные бухгалтерия платит за три дня до отпуска.",
    "Перенести отпуск можно по заявлению, кадры меняют график.",
    "Кто не взял отпуск в этом году, пишет заявление на перенос.",
    "Больничный продлевает отпуск, кадры ждут номер больничного листа.",
    "Отзыв из отпуска только с согласия сотрудника.",
    "График отпусков повесим на портале, заявления там же.",
    "Решили: заявления на летний отпуск кадры собирают до декабря.",
]


def talk(*topics: list[str], pauses: dict[int, float] | None = None, timed: bool = True) -> list[Block]:
    turns = []
    clock = 0.0
    speakers = cycle(("Анна", "Борис", "Вера"))
    for number, text in enumerate(text for topic in topics for text in topic):
        clock += (pauses or {}).get(number, 0.4)
        stop = clock + len(text.split()) * 0.4
        turns.append(
            Block(
                BlockKind.TURN,
                text,
                Moment.at(clock),
                speaker=next(speakers),
                start=clock if timed else None,
                stop=stop if timed else None,
            )
        )
        clock = stop
    return turns


def cuts(turns: list[Block]) -> list[int]:
    found = scenes(turns)
    assert [turn for scene in found for turn in scene] == turns
    return [sum(map(len, found[:number])) for number in range(1, len(found))]


def near(found: list[int], expected: list[int]) -> bool:
    return len(found) == len(expected) and all(abs(a - b) <= 1 for a, b in zip(found, expected, strict=True))


def test_two_topics_without_times_part_at_the_shift() -> None:
    assert near(cuts(talk(SERVER, PRINTER, timed=False)), [10])


def test_three_topics_part_at_both_shifts() -> None:
    assert near(cuts(talk(SERVER, PRINTER, HOLIDAY)), [10, 20])


def test_a_pause_settles_where_the_shift_is() -> None:
    assert cuts(talk(SERVER, HOLIDAY, pauses={10: 6.0})) == [10]


def test_one_topic_is_one_scene() -> None:
    assert cuts(talk(SERVER)) == []


def test_a_long_silence_divides_even_one_topic() -> None:
    assert cuts(talk(SERVER, SERVER, pauses={10: 60.0})) == [10]


def test_no_scene_is_short() -> None:
    found = scenes(talk(SERVER, PRINTER, HOLIDAY, pauses=dict.fromkeys(range(1, 30), 60.0)))

    assert len(found) > 2
    assert all(sum(len(turn.text.split()) for turn in scene) >= SHORTEST for scene in found)


def test_a_few_turns_are_left_alone() -> None:
    turns = talk(SERVER[:3])

    assert scenes(turns) == [turns]
    assert scenes([]) == [[]]

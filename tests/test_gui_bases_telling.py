"""What the page of bases says and lists, without a screen: known bases, rows, the state of work in words."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from gui_bases_material import BROKEN, make_base, make_folder, row
from pytestqt.qtbot import QtBot

from app import demo_base, paths
from app.errors import BaseWorkDied
from app.gui.bases import contents, known
from app.gui.bases.base_work import Phase, WorkState
from app.gui.bases.contents import Order, Shown, shown
from app.gui.bases.documents_model import ROW, DocumentsModel
from app.gui.bases.errands import Kind
from app.gui.bases.finder import Finder
from app.gui.bases.folders_view import state_of
from app.gui.bases.known import KnownBase, Whose
from app.gui.bases.run_state import RunState, Stage
from app.gui.bases.telling import Action, facts_of, name_of, telling, trouble
from app.gui.job import Job
from app.gui.words import Words
from app.settings import Interface
from app.wording import Language
from kb.errors import BaseDamaged, BaseNotFound, Broken, NeedsOcr, WrongPassphrase
from kb.events import Finished
from kb.store.check import Checking, CheckReport
from kb.store.salvage import Salvaged
from kb.store.transfer import Copying


@pytest.fixture
def words(qtbot: QtBot) -> Words:
    del qtbot
    return Words(Language.RUSSIAN)


# Which bases there are


def test_own_demo_and_opened_bases_are_listed_once_each(tmp_path: Path) -> None:
    assert [base.whose for base in known.known(Interface())] == [Whose.DEMO]
    own = make_base(paths.default_base())
    locked = make_base(tmp_path / "тайная.db", passphrase="ключ")
    gone = tmp_path / "флешка.db"
    interface = Interface(base=str(gone), bases=(str(locked), str(own), str(locked), str(gone), str(demo_base.file())))
    bases = known.known(interface)
    assert [base.path for base in bases] == [own, demo_base.file(), locked, gone]
    assert [base.there for base in bases] == [True, True, True, False]
    assert [base.encrypted for base in bases] == [False, False, True, False]
    assert [base.choice for base in bases] == ["", str(demo_base.file()), str(locked), str(gone)]
    named = known.known(Interface(), used=locked)
    assert [base.path for base in named] == [own, demo_base.file(), locked]
    watched = Interface(watched=((str(own), str(tmp_path)), (str(own), str(gone))))
    assert known.absent(watched) == frozenset([gone])


def test_a_new_base_gets_a_name_that_every_system_takes_and_that_is_free() -> None:
    assert known.free_path('Отдел: "кадры" / 2024') == known.folder() / "Отдел кадры 2024.db"
    assert known.free_path(" .. ").name == "base.db"
    make_base(known.folder() / "Отдел.db")
    assert known.free_path("Отдел").name == "Отдел 2.db"


def test_what_the_list_says_of_a_base(words: Words, tmp_path: Path) -> None:
    own = KnownBase(tmp_path / "knowledge.db", Whose.OWN, there=True, size=3 << 20)
    other = KnownBase(tmp_path / "Кадры.db", Whose.OTHER, there=False)
    assert name_of(own, words) == words.say("gui.conversation.base.own")
    assert name_of(other, words) == "Кадры"
    assert facts_of(own, words, documents=3026, work=None) == "3\u00a0026\u00a0документов · 3,0\u00a0МБ"
    assert facts_of(other, words, documents=None, work=None) == "файла нет на месте"
    reading = WorkState(Phase.WORKING, Kind.ADD, RunState(Stage.READING, 212, 3026))
    assert facts_of(own, words, documents=3, work=reading) == "читаю: 212 из 3\u00a0026\u00a0файлов"


# What is in a base


def test_documents_are_read_with_their_reasons(tmp_path: Path) -> None:
    base = make_base(tmp_path / "база.db", make_folder(tmp_path))
    content = contents.read(base, None)
    assert {(one.name, one.failed) for one in content.rows} == {
        ("роутер.md", False),
        ("принтер.md", False),
        ("почта.txt", False),
        (BROKEN, True),
    }
    assert isinstance(next(one.error for one in content.rows if one.failed), Broken)
    assert content.statistics.documents == 3
    with pytest.raises(BaseNotFound):
        contents.read(tmp_path / "нет.db", None)


def test_documents_are_found_by_all_words_and_sorted_in_every_way() -> None:
    broken = row(3, "Ёлки", error=Broken(Path("/x"), "…"), size=5)
    rows = (row(1, "Счёт за свет"), row(2, "Договор аренды", size=99), broken)
    assert [one.id for one in shown(rows, query="счет СВЕТ").rows] == [1]
    assert shown(rows, query="нет такого").rows == ()
    assert [one.id for one in shown(rows).rows] == [2, 1, 3]
    assert [one.id for one in shown(rows, order=Order.NEWEST).rows] == [3, 2, 1]
    assert [one.id for one in shown(rows, order=Order.LARGEST).rows] == [2, 1, 3]
    assert [one.id for one in shown(rows, order=Order.FAILED).rows] == [3, 2, 1]
    assert shown(rows, failed_only=True) == Shown((broken,), 3, 1)


def test_a_hundred_thousand_documents_are_found_and_listed(qtbot: QtBot, words: Words) -> None:
    rows = tuple(row(number) for number in range(100_000, 0, -1))
    assert [one.id for one in shown(rows, order=Order.NEWEST).rows[:2]] == [100_000, 99_999]
    finder, model = Finder(), DocumentsModel(words)
    finder.put(rows)
    with qtbot.waitSignal(finder.found, timeout=20_000) as found:
        finder.wish(query="77777")
    assert [one.id for one in found.args[0].rows] == [77_777]
    began = time.thread_time()
    model.put(rows)
    assert time.thread_time() - began < 0.05
    assert model.rowCount() == 100_000
    assert model.index(0).data(ROW).id == 100_000
    qtbot.wait_until(lambda: not Job._alive)


def test_only_the_latest_wish_is_answered(qtbot: QtBot) -> None:
    finder = Finder()
    heard: list[Shown] = []
    finder.found.connect(heard.append)
    finder.put((row(1, "Счёт"), row(2, "Договор")))
    finder.wish(query="договор")
    finder.wish(query="счёт")
    qtbot.wait_until(lambda: not Job._alive)
    assert [[one.id for one in value.rows] for value in heard] == [[1]]


def test_the_list_says_what_was_read_of_a_document_and_why_not(words: Words) -> None:
    model = DocumentsModel(words)
    partly = NeedsOcr(Path("/x"), "1-3")
    model.put((row(1), row(2, error=Broken(Path("/x"), "binary data"))))
    assert model.state(model.rows[0]) == "Документ 1.md · 1\u00a0фрагмент · 10\u00a0байт"
    assert "не прочитан: повреждён" in model.state(model.rows[1])
    assert "двоичные данные" in str(model.index(1).data(0x000B))  # Qt.AccessibleTextRole
    ready = row(3)
    ready = type(ready)(*(partly if name == "error" else getattr(ready, name) for name in ready.__slots__))
    assert "прочитан не весь: нужно распознавание" in model.state(ready)


# Work in words

SUM = Finished(3, 0, 0, 1, 0, 2, 9, 1, 31.0, False, True)


def test_every_state_of_adding_is_told(words: Words) -> None:
    def told(run: RunState | None, phase: Phase = Phase.WORKING, **more: object):
        return telling(WorkState(phase, Kind.ADD, run, **more), words)  # type: ignore[arg-type]

    assert telling(WorkState(), words) is None
    assert told(None).title == "Начинаю читать документы"
    assert told(RunState(Stage.COUNTING, 1204)).title == "Ищу документы: 1\u00a0204\u00a0файла"
    reading = told(RunState(Stage.READING, 212, 3026, 40, 240.0, "договор.pdf"))
    assert reading.title == "Читаю документы: 212 из 3\u00a0026\u00a0файлов · осталось 4\u00a0мин 00\u00a0с"
    assert reading.detail == "40\u00a0фрагментов · договор.pdf"
    assert reading.share == pytest.approx(212 / 3026)
    assert reading.actions == (Action.PAUSE, Action.STOP)
    assert "указатель" in told(RunState(Stage.REBUILDING, 1, 2)).title
    assert told(RunState(Stage.PURGING)).title.startswith("Стираю")
    assert told(RunState(Stage.READING, 1, 2), waiting=2).detail == "на очереди ещё задач: 2"
    assert told(RunState(Stage.READING, 1, 2), Phase.PAUSING).actions == ()
    paused = told(RunState(Stage.READING, 1, 2), Phase.PAUSED)
    assert (paused.title, paused.share) == ("Приостановлено: 1 из 2\u00a0файлов", 0.5)
    assert paused.actions == (Action.RESUME, Action.STOP)
    assert told(None, Phase.WAITING).actions == (Action.STOP,)
    done = told(RunState(Stage.DONE, finished=SUM), Phase.IDLE)
    assert done.title == "Готово за 31\u00a0с: 3\u00a0документа добавлено, 1\u00a0документ удалён."
    assert "Не прочитано: 2\u00a0файла." in done.detail
    assert done.actions == (Action.FAILURES, Action.CLOSE)
    failed = told(None, Phase.FAILED, error=BaseWorkDied("signal 9"))
    assert (failed.warning, failed.actions) == (True, (Action.RETRY, Action.CLOSE))


def test_other_work_is_told_with_its_progress_and_what_it_came_to(words: Words) -> None:
    copying = telling(WorkState(Phase.WORKING, Kind.EXPORT, step=Copying(1 << 20, 4 << 20)), words)
    assert copying is not None
    assert (copying.detail, copying.share) == ("Копирую: 1,0\u00a0МБ из 4,0\u00a0МБ", 0.25)
    checking = telling(WorkState(Phase.WORKING, Kind.CHECK, step=Checking("words", 1000, 4000)), words)
    assert checking is not None
    assert checking.detail == "Проверяю слова: 1\u00a0000 из 4\u00a0000"
    sound = telling(WorkState(kind=Kind.CHECK, step=CheckReport()), words)
    assert sound is not None
    assert (sound.title, sound.warning) == ("База в порядке.", False)
    report = CheckReport(wrong_forms=3, index_damaged=True)
    unsound = telling(WorkState(kind=Kind.CHECK, step=report), words)
    assert unsound is not None
    assert unsound.actions == (Action.REPAIR, Action.CLOSE)
    assert unsound.detail.count("•") == 2
    salvaged = CheckReport(damage=("…",), salvaged=Salvaged(Path("/база.salvaged-1.db"), 3, 9, 1))
    lost = telling(WorkState(kind=Kind.REPAIR, step=salvaged), words)
    assert lost is not None
    assert "/база.salvaged-1.db (3\u00a0документа, 9\u00a0фрагментов)" in lost.detail
    stopped = telling(WorkState(kind=Kind.CHECK, step=CheckReport(stopped=True)), words)
    assert stopped is not None
    assert stopped.title == "Проверка прервана."
    for kind in Kind:
        told = telling(WorkState(Phase.WORKING, kind), words)
        assert told is not None
        assert told.title
        failed = telling(WorkState(Phase.FAILED, kind, error=BaseDamaged(Path("/а"), "malformed")), words)
        assert failed is not None
        assert failed.actions[0] is Action.CHECK


def test_errors_say_what_to_do_in_the_window_not_on_the_command_line(words: Words) -> None:
    assert "offlite" not in trouble(BaseNotFound(Path("/а.db")), words)
    assert "offlite" not in trouble(BaseDamaged(Path("/а.db"), "malformed"), words)
    assert trouble(WrongPassphrase(Path("/а.db")), words)


def test_a_watched_folder_says_how_it_is_going(words: Words) -> None:
    watching = WorkState(Phase.WATCHING)
    assert state_of(False, watching, words)[1]
    assert state_of(True, watching, words) == ("наблюдаю", False)
    assert (
        "изменилось документов: 2" in state_of(True, WorkState(Phase.WATCHING, watched=RunState(changed=2)), words)[0]
    )
    assert state_of(True, None, words)[0].startswith("наблюдение начнётся")
    failed = WorkState(Phase.FAILED, Kind.WATCH, error=BaseWorkDied("signal 9"))
    assert "наблюдение остановлено" in state_of(True, failed, words)[0]

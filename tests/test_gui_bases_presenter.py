"""What the page of bases decides, without its widgets: where documents go, what is watched, what is shown of work."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from gui_bases_material import FakeDesk, idle, make_base
from pytestqt.qtbot import QtBot

from app import demo_base, paths
from app.gui.bases.base_work import Phase
from app.gui.bases.errands import Created, Kind, Task
from app.gui.bases.presenter import BasesPresenter
from app.gui.surroundings import Surroundings
from kb.errors import BaseUnwritable, KnowledgeBaseError


class Performed:
    """Keeps tasks; makes bases that are to be made; fails where a test says so."""

    def __init__(self) -> None:
        self.tasks: list[Task] = []
        self.error: KnowledgeBaseError | None = None

    def __call__(self, task: Task, stop: Callable[[], bool]) -> Iterator[object]:
        self.tasks.append(task)
        if self.error is not None:
            raise self.error
        if task.kind is Kind.CREATE:
            make_base(task.base)
            yield Created(task.base)
        nothing = threading.Event()
        while task.kind is Kind.WATCH and not stop():
            nothing.wait(0.01)

    def told(self) -> list[tuple[Kind, Path]]:
        return [(task.kind, task.base) for task in self.tasks]


@pytest.fixture
def performed() -> Performed:
    return Performed()


@pytest.fixture
def desk(surroundings: Surroundings) -> FakeDesk:
    return FakeDesk(surroundings)


@pytest.fixture
def presenter(
    qtbot: QtBot, surroundings: Surroundings, desk: FakeDesk, performed: Performed
) -> Iterator[BasesPresenter]:
    del qtbot
    presenter = BasesPresenter(surroundings, desk, perform=performed)
    yield presenter
    presenter.close()


def test_documents_for_the_demonstration_go_into_a_base_that_is_made_for_them(
    qtbot: QtBot, presenter: BasesPresenter, desk: FakeDesk, performed: Performed
) -> None:
    desk.open_base()
    assert desk.base.demo
    presenter.add([Path("/папка")])
    own = paths.default_base()
    qtbot.wait_until(lambda: performed.told() == [(Kind.CREATE, own), (Kind.ADD, own)])
    idle(qtbot, presenter.work_of(own))
    assert desk.base.path == own


def test_documents_for_the_demonstration_go_into_the_own_base_where_there_is_one(
    qtbot: QtBot, presenter: BasesPresenter, desk: FakeDesk, performed: Performed, surroundings: Surroundings
) -> None:
    own = make_base(paths.default_base())
    surroundings.navigation.base_chosen.emit(str(demo_base.file()))
    assert desk.base.demo
    presenter.add([Path("/папка")])
    qtbot.wait_until(lambda: performed.told() == [(Kind.ADD, own)])
    assert desk.base.path == own


def test_documents_wait_until_the_base_is_open(
    qtbot: QtBot, presenter: BasesPresenter, desk: FakeDesk, performed: Performed
) -> None:
    own = make_base(paths.default_base())
    desk.open_base()
    ready = desk.base
    for not_yet in (replace(ready, opening=True), replace(ready, passphrase_wanted=True)):
        desk.show(not_yet)
        presenter.add([Path("/папка")])
    assert performed.tasks == []
    desk.show(ready)
    qtbot.wait_until(lambda: performed.told() == [(Kind.ADD, own)])
    assert performed.tasks[0].paths == (Path("/папка"), Path("/папка"))


def test_a_base_that_could_not_be_made_is_told_of_on_the_page_of_the_one_in_use(
    qtbot: QtBot, presenter: BasesPresenter, desk: FakeDesk, performed: Performed
) -> None:
    desk.open_base()
    performed.error = BaseUnwritable(paths.default_base(), "No space left on device")
    presenter.create(paths.default_base().with_name("Кадры.db"), None)
    qtbot.wait_until(lambda: presenter.shown_work is not None and presenter.shown_work.phase is Phase.FAILED)
    assert presenter.shown_work is not None
    assert isinstance(presenter.shown_work.error, BaseUnwritable)
    assert desk.base.demo


def test_a_locked_base_is_watched_once_its_passphrase_is_known(
    qtbot: QtBot,
    presenter: BasesPresenter,
    desk: FakeDesk,
    performed: Performed,
    surroundings: Surroundings,
    tmp_path: Path,
) -> None:
    locked = make_base(tmp_path / "тайная.db", passphrase="ключ")
    surroundings.preferences.change(bases=(str(locked),), watched=((str(locked), str(tmp_path)),))
    presenter.start()
    with qtbot.waitSignal(presenter.listed):
        pass
    assert performed.tasks == []
    desk.remember_passphrase(locked, "ключ")
    surroundings.navigation.base_chosen.emit(str(locked))
    qtbot.wait_until(lambda: performed.told() == [(Kind.WATCH, locked)])
    assert performed.tasks[0].passphrase == "ключ"
    presenter.unwatch(tmp_path)
    qtbot.wait_until(lambda: presenter.work_of(locked).state.phase is Phase.IDLE)


def test_what_stands_in_the_way_is_helped_with(presenter: BasesPresenter, desk: FakeDesk) -> None:
    asked: list[Path] = []
    desk.passphrase_wanted.connect(lambda path, _again: asked.append(path))
    make_base(paths.default_base())
    desk.open_base()
    desk.show(replace(desk.base, passphrase_wanted=True))
    presenter.help()
    assert asked == [paths.default_base()]
    desk.show(replace(desk.base, passphrase_wanted=False, error="не открылась"))
    reopened = desk.reopened
    presenter.help()
    assert desk.reopened == reopened + 1

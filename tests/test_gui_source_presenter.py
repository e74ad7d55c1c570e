"""What the source panel shows, without the panel: documents found, gone, changed, broken, and slow ones given up."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from gui_source_material import pdf, source
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.exchange import Source
from app.gui.source.presenter import SourcePresenter
from app.gui.source.subject import Kind, Showing, Subject, described, opens_safely, quoted, warning
from app.wording import Language, Wording
from kb.base import KnowledgeBase
from kb.blocks import BlockKind
from kb.errors import Broken
from kb.events import Finished
from kb.places import Cell, Line, Page, Paragraph, Place
from kb.preview.facts import Excerpt, Grid, PageImage
from kb.preview.process import Previewer, Stopped
from kb.stopping import never

RUSSIAN = Wording(Language.RUSSIAN)
TEXT = "# Роутеры\n\nНайдите кнопку. Держите её 10 секунд.\n\nПотом войдите снова.\n"


class SlowPreviewer(Previewer):
    """Opens nothing until it is told to; ``given_up`` counts those who did not wait."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = threading.Event()
        self.go = threading.Event()
        self.given_up = 0

    def text(
        self,
        path: Path,
        place: Place | None = None,
        quotation: str = "",
        *,
        at: int | None = None,
        stop: Callable[[], bool] = never,
    ) -> Excerpt:
        self.begun.set()
        while not self.go.wait(0.005):
            if stop():
                self.given_up += 1
                raise Stopped
        return super().text(path, place, quotation, at=at, stop=stop)


@pytest.fixture
def presenter(qapp: QApplication) -> Iterator[SourcePresenter]:
    assert qapp is QApplication.instance()
    assert qapp is QApplication.instance()
    made = SourcePresenter()
    yield made
    assert made.close()


@pytest.fixture
def faq(tmp_path: Path) -> Path:
    path = tmp_path / "router-faq.md"
    path.write_text(TEXT, "utf-8")
    return path


def settled(qtbot: QtBot, presenter: SourcePresenter, act: Callable[[], object]) -> list[Showing]:
    """Do something and wait for what comes of it; return everything that was told."""
    told: list[Showing] = []
    presenter.changed.connect(told.append)
    act()
    qtbot.wait_until(lambda: not presenter.busy, timeout=20_000)
    presenter.changed.disconnect(told.append)
    return told


def test_a_citation_opens_the_document_at_its_place(qtbot: QtBot, presenter: SourcePresenter, faq: Path) -> None:
    one = source(faq, Line(3), "Держите её 10 секунд.", number=2, title="Роутеры")
    told = settled(qtbot, presenter, lambda: presenter.show_source(one))
    assert [showing.kind for showing in told] == [Kind.OPENING, Kind.OPENING, Kind.TEXT]
    content = told[-1].content
    assert isinstance(content, Excerpt)
    (mark,) = content.marks
    assert content.blocks[mark.block].text[mark.start : mark.end] == one.quote
    assert not told[-1].changed
    assert described(told[-1], RUSSIAN).startswith("router-faq.md · строка 3 · изменён ")
    assert warning(told[-1], RUSSIAN) == ""


def test_a_file_that_is_gone_leaves_what_the_base_keeps(qtbot: QtBot, presenter: SourcePresenter, faq: Path) -> None:
    faq.unlink()
    one = source(faq, Line(3), "Держите её 10 секунд.", passage="Найдите кнопку. Держите её 10 секунд.")
    last = settled(qtbot, presenter, lambda: presenter.show_source(one))[-1]
    assert (last.kind, last.gone, last.text) == (Kind.STORED, True, one.passage)
    assert warning(last, RUSSIAN) == f"Файла больше нет на месте: {faq}. Показан фрагмент, сохранённый в базе."
    assert settled(qtbot, presenter, lambda: presenter.show_document(str(faq)))[-1].text == ""
    assert warning(presenter.showing, RUSSIAN).endswith("добавьте документ снова.")


def test_a_base_at_hand_shows_all_that_it_keeps(qtbot: QtBot, presenter: SourcePresenter, tmp_path: Path) -> None:
    faq = tmp_path / "router-faq.md"
    faq.write_text(TEXT + "\n## Потом\n\n" + "Ещё одно предложение о роутерах. " * 100, "utf-8")
    with KnowledgeBase.create(tmp_path / "base.db", passphrase="секрет") as base:
        assert [event for event in base.add([faq]) if isinstance(event, Finished)]
    faq.unlink()
    presenter.base = lambda: (tmp_path / "base.db", "секрет")
    one = source(faq, Line(3), "Держите её 10 секунд.")
    last = settled(qtbot, presenter, lambda: presenter.show_source(one))[-1]
    assert (last.kind, last.gone, last.changed) == (Kind.TEXT, True, False)
    assert warning(last, RUSSIAN).endswith("Показан текст, сохранённый в базе.")
    content = last.content
    assert isinstance(content, Excerpt)
    (mark,) = content.marks
    assert content.blocks[mark.block].text[mark.start : mark.end] == one.quote
    assert [block.text for block in content.blocks if block.kind is BlockKind.HEADING] == ["Потом"]
    text = " ".join(block.text for block in content.blocks)
    assert text.count("Ещё одно предложение о роутерах.") == 100, "passages overlap"
    settled(qtbot, presenter, lambda: presenter.more(1))
    assert presenter.showing.gone
    assert isinstance(presenter.showing.content, Excerpt)

    presenter.base = lambda: (tmp_path / "base.db", "не тот")
    assert settled(qtbot, presenter, lambda: presenter.show_source(one))[-1].kind is Kind.STORED


def test_a_document_that_changed_says_so(qtbot: QtBot, presenter: SourcePresenter, faq: Path) -> None:
    one = source(faq, Line(3), "Держите её двадцать минут.")
    last = settled(qtbot, presenter, lambda: presenter.show_source(one))[-1]
    assert last.kind is Kind.TEXT
    assert last.changed
    assert warning(last, RUSSIAN).startswith("Файл изменился")


def test_a_broken_document_says_why(qtbot: QtBot, presenter: SourcePresenter, tmp_path: Path) -> None:
    path = tmp_path / "памятка.pdf"
    path.write_text("не pdf", "utf-8")
    last = settled(qtbot, presenter, lambda: presenter.show_source(source(path, Page(3), "Смените его сразу.")))[-1]
    assert last.kind is Kind.STORED
    assert isinstance(last.error, Broken)
    assert warning(last, RUSSIAN, reason=RUSSIAN.error(last.error)).startswith("Документ не открылся: повреждён")


def test_pages_are_turned_and_their_width_follows(qtbot: QtBot, presenter: SourcePresenter, tmp_path: Path) -> None:
    path = pdf(tmp_path / "memo.pdf", ["One."], ["Change it at once."], ["Three."])
    settled(qtbot, presenter, lambda: presenter.show_source(source(path, Page(2), "Change it at once.")))

    def page() -> PageImage:
        assert isinstance(presenter.showing.content, PageImage)
        return presenter.showing.content

    assert (page().page, page().pages, len(page().marks)) == (2, 3, 1)
    settled(qtbot, presenter, lambda: presenter.turn(1))
    assert (page().page, page().marks) == (3, ())
    assert not presenter.showing.changed
    settled(qtbot, presenter, lambda: presenter.turn(1))
    assert page().page == 3
    settled(qtbot, presenter, lambda: presenter.show_page(1))
    assert page().page == 1
    settled(qtbot, presenter, lambda: presenter.resize_page(333))
    assert page().width == pytest.approx(333, abs=2)


def test_sheets_are_turned_and_rows_follow(qtbot: QtBot, presenter: SourcePresenter, tmp_path: Path) -> None:
    path = tmp_path / "models.csv"
    path.write_text("Модель;Цена\n" + "".join(f"RX-{number};{number}\n" for number in range(1, 300)), "utf-8")
    one = source(path, Cell("models", "A101:B101"), "Модель: RX-100; Цена: 100")
    settled(qtbot, presenter, lambda: presenter.show_source(one))
    settled(qtbot, presenter, lambda: presenter.more(200))
    content = presenter.showing.content
    assert isinstance(content, Grid)
    assert content.first <= 200 <= content.first + len(content.rows)
    assert content.marked_rows == (101, 101)


def test_what_is_clicked_next_does_not_wait_for_what_was_clicked_before(qtbot: QtBot, faq: Path) -> None:
    previewer = SlowPreviewer()
    presenter = SourcePresenter(previewer=previewer)
    presenter.show_source(source(faq, Line(3), "Найдите кнопку."))
    assert previewer.begun.wait(10)
    previewer.begun.clear()
    presenter.show_source(source(faq, Line(5), "Потом войдите снова."))
    assert previewer.begun.wait(10)
    assert previewer.given_up == 1
    previewer.go.set()
    qtbot.wait_until(lambda: presenter.showing.kind is Kind.TEXT)
    assert presenter.showing.subject == Subject.of_source(source(faq, Line(5), "Потом войдите снова."))
    assert presenter.close()


def test_the_process_goes_and_comes_back(qtbot: QtBot, presenter: SourcePresenter, faq: Path) -> None:
    one: Source = source(faq, Line(3), "Найдите кнопку.")
    settled(qtbot, presenter, lambda: presenter.show_source(one))
    presenter.rest()
    assert settled(qtbot, presenter, lambda: presenter.show_source(one))[-1].kind is Kind.TEXT


@pytest.mark.parametrize(("name", "safe"), [("письмо.docx", True), ("отчёт.xlsm", False), ("запуск.sh", False)])
def test_only_documents_are_given_to_the_system(tmp_path: Path, name: str, safe: bool) -> None:
    (tmp_path / name).write_text("x", "utf-8")
    assert opens_safely(tmp_path / name) is safe


def test_a_link_to_a_program_is_no_document(tmp_path: Path) -> None:
    (tmp_path / "запуск.sh").write_text("#!/bin/sh", "utf-8")
    try:
        (tmp_path / "письмо.docx").symlink_to(tmp_path / "запуск.sh")
    except OSError:
        pytest.skip("no links here")
    assert not opens_safely(tmp_path / "письмо.docx")
    assert not opens_safely(tmp_path / "нет.docx")


def test_a_quotation_goes_into_a_letter_with_its_source() -> None:
    one = source(Path("/д/router-faq.docx"), Paragraph(14), "Держите её 10 секунд.", title="Роутеры")
    assert quoted(Subject.of_source(one), RUSSIAN) == "«Держите её 10 секунд.» — Роутеры (router-faq.docx, абзац 14)"

"""The source panel as a user has it: citations clicked, pages turned, text scrolled, quotations copied."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from gui_accessibility import check
from gui_source_material import pdf, source
from gui_watchdog import Watchdog
from pptx import Presentation
from PySide6.QtCore import QObject, QPointF, Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot
from test_gui_source_presenter import SlowPreviewer

from app.demo import DOCUMENTS
from app.exchange import Source
from app.gui.source.panel import SourcePanel
from app.gui.source.presenter import SourcePresenter
from app.gui.surroundings import Surroundings
from app.gui.theme.palette import DARK
from app.gui.theme.theme import Mode
from app.wording import Language
from kb.places import Cell, Line, Moment, Page, Paragraph, Slide

QUOTE = "За обработку персональных данных отвечает Марина Орлова, телефон 1600."


class Opened(QObject):
    """Takes what would be opened by the system."""

    def __init__(self) -> None:
        super().__init__()
        self.paths: list[Path] = []

    @Slot(QUrl)
    def take(self, url: QUrl) -> None:
        self.paths.append(Path(url.toLocalFile()))


@pytest.fixture
def panel(qtbot: QtBot, surroundings: Surroundings) -> Iterator[SourcePanel]:
    made = SourcePanel(surroundings)
    qtbot.addWidget(made)
    made.resize(390, 860)
    made.show()
    qtbot.waitExposed(made)
    yield made
    assert made.end()


@pytest.fixture
def opened() -> Iterator[Opened]:
    taker = Opened()
    QDesktopServices.setUrlHandler("file", taker, "take")
    yield taker
    QDesktopServices.unsetUrlHandler("file")


@pytest.fixture
def routers(tmp_path: Path) -> Path:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.title = "Модели"
    sheet.append(["Модель", "Кнопка", "Цена", "Где стоит"])
    for number in range(1, 400):
        sheet.append([f"RX-{number}", "нет", number * 10, f"Кабинет {number}"])
    workbook.create_sheet("Поставщики").append(["ООО «Вектор»"])
    path = tmp_path / "routers.xlsx"
    workbook.save(path)
    return path


def shown(qtbot: QtBot, panel: SourcePanel, what: Source | Path) -> None:
    """Open a source or a document and wait until it stands there."""
    if isinstance(what, Source):
        panel.show_source(what)
    else:
        panel.show_document(str(what))
    qtbot.wait_until(lambda: not panel.presenter.busy, timeout=20_000)
    QApplication.processEvents()


def visible(view: QWidget) -> bool:
    return view.isVisible()


def settle(qtbot: QtBot, panel: SourcePanel) -> None:
    """Wait until the page has the width of the panel: it is drawn anew when the panel stands."""
    qtbot.wait_until(lambda: not panel.page._timer.isActive() and not panel.presenter.busy, timeout=20_000)
    QApplication.processEvents()


def test_an_empty_panel_says_what_it_is_for(panel: SourcePanel) -> None:
    assert visible(panel.empty)
    assert panel.empty.title.text() == "Здесь откроется источник"
    assert not visible(panel.foot)
    assert not visible(panel.progress)


def test_a_docx_opens_with_the_quotation_marked_and_in_sight(qtbot: QtBot, panel: SourcePanel) -> None:
    path = DOCUMENTS / "personal-data.docx"
    shown(qtbot, panel, source(path, Paragraph(14), QUOTE, number=3, title="Персональные данные"))
    assert visible(panel.text)
    assert panel.text.marked_text() == QUOTE
    cursor = panel.text.textCursor()
    cursor.setPosition(panel.text._laid.mark)
    assert panel.text.viewport().rect().contains(panel.text.cursorRect(cursor).center())
    assert panel.header.number.text() == "3"
    assert panel.header.title.text() == "Персональные данные"
    assert panel.header.place.text().startswith("personal-data.docx · абзац 14 · изменён ")
    assert not visible(panel.notice)
    sizes = {block.charFormat().fontWeight() for block in blocks(panel)}
    assert len(sizes) > 1, "headings look like text"


def blocks(panel: SourcePanel) -> list[object]:
    """Return the beginnings of all text blocks as cursors."""
    cursors = []
    document = panel.text.document()
    for number in range(document.blockCount()):
        cursor = panel.text.textCursor()
        cursor.setPosition(document.findBlockByNumber(number).position())
        cursor.movePosition(cursor.MoveOperation.NextCharacter)
        cursors.append(cursor)
    return cursors


def test_a_page_opens_with_the_quotation_marked(qtbot: QtBot, panel: SourcePanel, tmp_path: Path) -> None:
    path = pdf(tmp_path / "memo.pdf", ["One."], ["Before it.", "Change it at once.", "After it."], ["Three."])
    shown(qtbot, panel, source(path, Page(2), "Change it at once."))
    settle(qtbot, panel)
    assert visible(panel.page)
    assert panel.bar.label.text() == "стр. 2 из 3"
    assert panel.quote.text.text() == "«Change it at once.»"
    (mark,) = panel.page.marked
    assert panel.page.viewport().rect().contains(mark.toRect())
    picture = panel.page.viewport().grab().toImage()
    assert picture.pixelColor(QPointF(mark.left() + 2, mark.center().y()).toPoint()).name() == "#ffe9a8"
    assert not panel.page.horizontalScrollBar().maximum()

    qtbot.mouseClick(panel.bar.next, Qt.MouseButton.LeftButton)
    qtbot.wait_until(lambda: panel.bar.label.text() == "стр. 3 из 3")
    assert not panel.bar.next.isEnabled()
    assert panel.page.marked == []
    assert not visible(panel.notice)
    panel.page.setFocus()
    QTest.keyClick(panel.page, Qt.Key.Key_PageUp)
    qtbot.wait_until(lambda: panel.bar.label.text() == "стр. 2 из 3")
    assert len(panel.page.marked) == 1


def test_a_page_can_be_enlarged_and_read_as_text(qtbot: QtBot, panel: SourcePanel, tmp_path: Path) -> None:
    path = pdf(tmp_path / "memo.pdf", ["Before it.", "Change it at once.", "After it."])
    shown(qtbot, panel, source(path, Page(1), "Change it at once."))
    settle(qtbot, panel)
    before = panel.page._page
    assert before is not None
    with qtbot.waitSignal(panel.page.width_wanted):
        qtbot.mouseClick(panel.bar.larger, Qt.MouseButton.LeftButton)
    settle(qtbot, panel)
    after = panel.page._page
    assert after is not None
    assert after.width > 1.2 * before.width
    assert panel.page.horizontalScrollBar().maximum() > 0
    QTest.keyClick(panel.page, Qt.Key.Key_Minus)
    settle(qtbot, panel)
    assert panel.page.zoom == 1.0

    qtbot.mouseClick(panel.bar.as_text, Qt.MouseButton.LeftButton)
    assert visible(panel.plain)
    assert panel.plain.marked_text() == "Change it at once."
    assert not panel.bar.larger.isEnabled()
    qtbot.mouseClick(panel.bar.as_text, Qt.MouseButton.LeftButton)
    assert visible(panel.page)


def test_the_row_of_a_sheet_is_in_sight_and_tinted(qtbot: QtBot, panel: SourcePanel, routers: Path) -> None:
    quote = "Модель: RX-200; Кнопка: нет; Цена: 2000; Где стоит: Кабинет 200"
    shown(qtbot, panel, source(routers, Cell("Модели", "A201:D201"), quote))
    assert visible(panel.grid)
    model = panel.grid._model
    row = model.row(201)
    assert [model.index(row, column).data() for column in range(3)] == ["RX-200", "нет", "2000"]
    area = panel.grid.visualRect(model.index(row, 0))
    assert panel.grid.viewport().rect().contains(area)
    picture = panel.grid.viewport().grab().toImage()
    assert picture.pixelColor(area.left() + 2, area.top() + 2).name() == "#ffe9a8"
    assert model.headerData(0, Qt.Orientation.Horizontal) == "Модель"
    assert model.headerData(row, Qt.Orientation.Vertical) == "201"
    assert not visible(panel.notice)

    qtbot.mouseClick(panel.bar.next, Qt.MouseButton.LeftButton)
    qtbot.wait_until(lambda: panel.bar.label.text() == "лист «Поставщики» · 2 из 2")
    assert model.index(0, 0).data() == "ООО «Вектор»"
    assert not visible(panel.bar.larger)


def test_more_rows_come_while_scrolling(qtbot: QtBot, panel: SourcePanel, routers: Path) -> None:
    shown(qtbot, panel, source(routers, Cell("Модели", "A201:D201"), ""))
    panel.grid.setFocus()
    with qtbot.waitSignal(panel.grid.more_wanted):
        QTest.keyClick(panel.grid, Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier)
    top = panel.grid._model.number(panel.grid.rowAt(0))
    qtbot.wait_until(lambda: panel.grid._model.row(240) and not panel.presenter.busy)
    assert panel.grid._model.number(panel.grid._model.rowCount() - 1) > 240
    assert panel.grid._model.number(panel.grid.rowAt(0)) in range(top - 1, top + 2)


def test_subtitles_show_the_moment_of_every_line(qtbot: QtBot, panel: SourcePanel) -> None:
    quote = "Лучше запускать после шести вечера."
    shown(qtbot, panel, source(DOCUMENTS / "onec-webinar.srt", Moment("00:00:29"), quote))
    assert panel.text.marked_text() == quote
    lines = panel.text.toPlainText().splitlines()
    assert any(line.startswith("00:00:29  За месяц") for line in lines)
    assert "Юрьев" in lines


def test_slides_are_told_apart(qtbot: QtBot, panel: SourcePanel, tmp_path: Path) -> None:
    presentation = Presentation()
    for number in (1, 2, 3):
        slide = presentation.slides.add_slide(presentation.slide_layouts[1])
        slide.shapes.title.text = f"Тема {number}"
        slide.placeholders[1].text = f"Что говорят на слайде {number}."
    path = tmp_path / "доклад.pptx"
    presentation.save(str(path))
    shown(qtbot, panel, source(path, Slide(2), "Что говорят на слайде 2."))
    assert panel.text.marked_text() == "Что говорят на слайде 2."
    assert panel.text.toPlainText().splitlines()[3:5] == ["Слайд 2", "Тема 2"]


def test_a_file_that_is_gone(qtbot: QtBot, panel: SourcePanel, tmp_path: Path) -> None:
    one = source(tmp_path / "router-faq.docx", Paragraph(14), QUOTE, passage=f"Раньше. {QUOTE} Потом.")
    shown(qtbot, panel, one)
    assert panel.notice.text.startswith("Файла больше нет на месте: ")
    assert panel.plain.toPlainText() == one.passage
    assert panel.plain.marked_text() == QUOTE
    assert not panel.foot.open_outside.isEnabled()
    assert panel.foot.copy_quote.isEnabled()


def test_a_document_that_changed(qtbot: QtBot, panel: SourcePanel) -> None:
    shown(qtbot, panel, source(DOCUMENTS / "backup-policy.md", Line(5), "Этого здесь больше нет."))
    assert panel.notice.text.startswith("Файл изменился")
    assert panel.quote.text.text() == "«Этого здесь больше нет.»"
    assert visible(panel.text)
    assert panel.text.marked_text() == ""


def test_a_document_that_cannot_be_read(qtbot: QtBot, panel: SourcePanel, tmp_path: Path) -> None:
    path = tmp_path / "обман.pdf"
    path.write_text("не pdf", "utf-8")
    shown(qtbot, panel, path)
    assert (
        panel.notice.text == "Документ не открылся: повреждён или не соответствует своему расширению (структура PDF "
        "нарушена)."
    )
    assert visible(panel.waiting)
    assert not visible(panel.foot.copy_quote)


def test_until_a_slow_document_is_open_the_passage_is_there(qtbot: QtBot, surroundings: Surroundings) -> None:
    previewer = SlowPreviewer()
    panel = SourcePanel(surroundings, presenter=SourcePresenter(previewer=previewer))
    qtbot.addWidget(panel)
    panel.resize(390, 700)
    panel.show()
    panel.show_source(source(DOCUMENTS / "personal-data.docx", Paragraph(14), QUOTE))
    assert panel.header.place.text().startswith("personal-data.docx")
    qtbot.wait_until(lambda: visible(panel.progress))
    assert panel.plain.toPlainText() == QUOTE
    assert panel.notice.text.startswith("Открываю документ")
    previewer.go.set()
    qtbot.wait_until(lambda: visible(panel.text))
    assert not visible(panel.notice)
    qtbot.wait_until(lambda: not visible(panel.progress))
    assert panel.end()


def test_the_next_citation_takes_the_place_of_the_last(qtbot: QtBot, panel: SourcePanel, routers: Path) -> None:
    shown(qtbot, panel, source(DOCUMENTS / "personal-data.docx", Paragraph(14), QUOTE))
    shown(qtbot, panel, source(routers, Cell("Модели", "A3:D3"), "Модель: RX-2"))
    assert visible(panel.grid)
    shown(qtbot, panel, DOCUMENTS / "backup-policy.md")
    assert visible(panel.text)
    assert panel.header.title.text() == "Что и как попадает в резервную копию"
    assert panel.text.verticalScrollBar().value() == 0
    assert not visible(panel.header.number)
    assert not visible(panel.foot.copy_quote)
    assert not visible(panel.bar)
    assert not visible(panel.quote)


def test_a_quotation_is_copied(qtbot: QtBot, panel: SourcePanel, surroundings: Surroundings) -> None:
    shown(qtbot, panel, source(DOCUMENTS / "personal-data.docx", Paragraph(14), QUOTE, title="Памятка"))
    with qtbot.waitSignal(surroundings.navigation.notice) as notice:
        qtbot.mouseClick(panel.foot.copy_quote, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == f"«{QUOTE}» — Памятка (personal-data.docx, абзац 14)"
    assert notice.args == ["Цитата скопирована"]


def test_the_system_opens_documents_only(
    qtbot: QtBot, panel: SourcePanel, surroundings: Surroundings, opened: Opened, routers: Path
) -> None:
    shown(qtbot, panel, routers)
    qtbot.mouseClick(panel.foot.open_outside, Qt.MouseButton.LeftButton)
    qtbot.wait_until(lambda: opened.paths == [routers])
    macros = routers.rename(routers.with_suffix(".xlsm"))
    shown(qtbot, panel, macros)
    with qtbot.waitSignal(surroundings.navigation.notice):
        qtbot.mouseClick(panel.foot.open_outside, Qt.MouseButton.LeftButton)
    assert opened.paths == [routers, routers.parent]


@pytest.mark.parametrize("by", ["key", "button"])
def test_the_panel_closes(qtbot: QtBot, panel: SourcePanel, surroundings: Surroundings, by: str) -> None:
    shown(qtbot, panel, source(DOCUMENTS / "personal-data.docx", Paragraph(14), QUOTE))
    with qtbot.waitSignals([panel.closed, surroundings.navigation.source_closed]):
        if by == "key":
            QTest.keyClick(panel.text, Qt.Key.Key_Escape)
        else:
            qtbot.mouseClick(panel.header.close_button, Qt.MouseButton.LeftButton)


def test_a_long_document_is_read_on_and_the_window_stays_free(qtbot: QtBot, panel: SourcePanel, tmp_path: Path) -> None:
    path = tmp_path / "журнал.log"
    line = "2026-03-05 12:00:00 INFO заявка {} принята и передана в отдел сопровождения\n"
    path.write_text("".join(line.format(number) for number in range(1, 700_001)), "utf-8")
    assert path.stat().st_size > 75_000_000
    quote = "заявка 500000 принята и передана"
    with Watchdog() as watchdog:
        shown(qtbot, panel, source(path, Line(500_000), quote))
        assert panel.text.marked_text() == quote
        assert panel.text.document().blockCount() < 1000
        panel.text.setFocus()
        for _ in range(3):
            with qtbot.waitSignal(panel.text.more_wanted, timeout=10_000):
                for _ in range(100):
                    QTest.keyClick(panel.text, Qt.Key.Key_PageDown)
                    if panel.presenter.busy:
                        break
            seen = panel.text.cursorForPosition(panel.text.viewport().rect().topLeft()).block().text()
            qtbot.wait_until(lambda: not panel.presenter.busy, timeout=20_000)
            assert panel.text.cursorForPosition(panel.text.viewport().rect().topLeft()).block().text() == seen
        QTest.keyClick(panel.text, Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier)
        qtbot.wait_until(lambda: "заявка 700000" in panel.text.toPlainText(), timeout=20_000)
        assert panel.text.verticalScrollBar().value() == panel.text.verticalScrollBar().maximum()
    watchdog.check()
    assert panel.text.document().blockCount() < 1000


def test_language_theme_and_size_change_while_a_source_is_open(
    qtbot: QtBot, panel: SourcePanel, surroundings: Surroundings
) -> None:
    shown(qtbot, panel, source(DOCUMENTS / "personal-data.docx", Paragraph(14), QUOTE))
    surroundings.words.speak(Language.ENGLISH)
    assert panel.foot.copy_quote.text() == "Copy the quotation"
    assert "paragraph 14" in panel.header.place.text()
    surroundings.theme.use(Mode.DARK, scale=1.5)
    assert panel.text.marked_text() == QUOTE
    cursor = panel.text.textCursor()
    cursor.setPosition(panel.text._laid.mark + 1)
    assert cursor.charFormat().background().color().name().upper() == DARK.highlight
    surroundings.theme.use(Mode.LIGHT, scale=1.0)


@pytest.mark.parametrize(("scale", "width"), [(1.0, 390), (1.0, 280), (2.0, 780), (2.0, 560)])
def test_everything_can_be_reached_and_read(
    qtbot: QtBot, panel: SourcePanel, surroundings: Surroundings, tmp_path: Path, scale: float, width: int
) -> None:
    surroundings.theme.use(Mode.LIGHT, scale=scale)
    panel.resize(width, 1000)
    check(panel)
    shown(qtbot, panel, source(DOCUMENTS / "personal-data.docx", Paragraph(14), QUOTE, title="Памятка " * 9))
    check(panel, tab=width == 390)
    path = pdf(tmp_path / "memo.pdf", ["One."], ["Change it at once."], ["Three."])
    shown(qtbot, panel, source(path, Page(2), "Change it at once."))
    settle(qtbot, panel)
    check(panel, tab=width == 390)
    surroundings.theme.use(Mode.LIGHT, scale=1.0)


def test_a_dark_panel_is_dark(qtbot: QtBot, panel: SourcePanel, surroundings: Surroundings) -> None:
    surroundings.theme.use(Mode.DARK)
    shown(qtbot, panel, source(DOCUMENTS / "personal-data.docx", Paragraph(14), QUOTE))
    picture: QImage = panel.grab().toImage()
    assert picture.pixelColor(2, 2).name().upper() == DARK.background
    surroundings.theme.use(Mode.LIGHT)

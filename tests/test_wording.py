"""Sentences, plural forms, numbers and places: both languages against each other and against the code."""

from __future__ import annotations

import ast
import importlib
import inspect
import string
from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

import app.errors
import converter.errors
import kb.errors
import models.errors
from app import doctor
from app.bench import report
from app.errors import ApplicationError
from app.events import Note
from app.wording import Language, Wording, language_of
from converter import events, notes
from converter.certificate import Verdict
from converter.errors import ConverterError
from converter.proof.verdict import Finding
from kb.errors import Broken, KnowledgeBaseError, TooLarge, Unreadable
from kb.places import Cell, Line, Moment, Page, Paragraph, Place, Slide
from kb.store.check import Stage
from models import fit
from models.catalog import Purpose
from models.errors import ModelsError
from models.events import Work
from models.records import Kind

APP = Path(app.errors.__file__).parent
LANGUAGES = tuple(Language)
DETAIL_AT = {
    kind.__name__: [field.name for field in fields(kind)].index("detail")
    for module in (kb.errors, converter.errors, models.errors)
    for kind in vars(module).values()
    if isinstance(kind, type) and is_dataclass(kind) and "detail" in {field.name for field in fields(kind)}
}
"""Error classes that state a detail -> its place among their arguments."""
SAMPLES = {
    Path: Path("/дом/база.db"),
    int: 7,
    str: "сведения",
    tuple[str, ...]: ("одно", "другое"),
    tuple[int, ...]: (2, 3),
}
BUILT_KEYS = (
    "answer.note.",  # test_every_code_of_the_libraries_is_worded
    "bench.stage.",
    "bench.way.",
    "fit.slow.",
    "fit.verdict.",
    "fit.part.",
    "models.work.",
    "models.kind.",
    "models.purpose.",
    "convert.stage.",  # test_every_stage_verdict_and_note_of_a_conversion_is_worded
    "convert.verdict.",
    "convert.note.",
    "convert.finding.",
    "help.",  # test_cli_usage asks every command for its help
    "check.stage.",  # test_every_stage_of_a_check_is_worded
    "doctor.",  # test_every_finding_of_doctor_is_worded
)


def error_classes() -> list[type[Exception]]:
    return [
        value
        for module in (kb.errors, app.errors, converter.errors, models.errors)
        for _, value in inspect.getmembers(module, inspect.isclass)
        if issubclass(value, KnowledgeBaseError | ApplicationError | ConverterError | ModelsError)
    ]


def catalogue(language: Language):
    return importlib.import_module(f"app.catalogue.{language.value}")


def braces(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", error_classes(), ids=lambda kind: kind.__name__)
def test_every_error_has_its_own_sentence(language: Language, kind: type[Exception]) -> None:
    assert kind.__name__ in catalogue(language).ERRORS
    hints = get_type_hints(kind)
    error = kind(*(SAMPLES[hints[field.name]] for field in fields(kind)))
    sentence = Wording(language).error(error)
    assert sentence.strip()
    assert not braces(sentence)
    assert type(error).__name__ not in sentence


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_is_left_of_an_error_that_is_gone(language: Language) -> None:
    assert set(catalogue(language).ERRORS) == {kind.__name__ for kind in error_classes()}


def test_both_languages_say_the_same_things_about_the_same_facts() -> None:
    russian, english = (catalogue(language) for language in LANGUAGES)
    for table in ("TEXTS", "ERRORS", "PLACES"):
        ours, theirs = getattr(russian, table), getattr(english, table)
        assert ours.keys() == theirs.keys()
        for key in ours:
            assert braces(ours[key]) == braces(theirs[key]), key
    assert russian.PLURALS.keys() == english.PLURALS.keys()


def test_every_sentence_is_used_and_every_used_sentence_is_there() -> None:
    named: set[str] = set()
    for path in APP.rglob("*.py"):
        if path.parent.name != "catalogue":
            named |= {
                node.value
                for node in ast.walk(ast.parse(path.read_text("utf-8")))
                if isinstance(node, ast.Constant) and isinstance(node.value, str)
            }
    texts = catalogue(Language.RUSSIAN).TEXTS
    unused = {key for key in texts.keys() - named if not key.startswith(BUILT_KEYS)}
    assert not unused
    families = {key.split(".")[0] for key in texts if "." in key}
    asked = {text for text in named if text.split(".")[0] in families and text.count(".") and " " not in text}
    looks_like_keys = {text for text in asked if text.replace(".", "").replace("_", "").isalpha() and text.islower()}
    missing = {key for key in looks_like_keys if not key.endswith((".py", "."))} - texts.keys()
    assert not {key for key in missing if f"help.{key}" not in texts}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_stage_of_a_check_is_worded(language: Language) -> None:
    said = {key for key in catalogue(language).TEXTS if key.startswith("check.stage.")}
    assert said == {f"check.stage.{stage}" for stage in get_args(Stage)}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("prefix", "codes"),
    [
        ("answer.note.", Note),
        ("bench.stage.", report.Stage),
        ("bench.way.", report.Way),
        ("convert.stage.", events.Stage),
        ("convert.verdict.", Verdict),
        ("convert.finding.", Finding),
        ("convert.note.", notes.Note),
        ("models.work.", Work),
        ("models.kind.", Kind),
        ("models.purpose.", Purpose),
        ("fit.verdict.", fit.Verdict),
        ("fit.slow.", fit.Slow),
        ("fit.part.", [part.name for part in fields(fit.Needs)]),
    ],
)
def test_every_code_of_the_libraries_is_worded(language: Language, prefix: str, codes: Iterable[str]) -> None:
    said = {key.removeprefix(prefix) for key in catalogue(language).TEXTS if key.startswith(prefix)}
    assert said == set(codes)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_finding_of_doctor_is_worded(language: Language) -> None:
    said = {key.split(".")[1] for key in catalogue(language).TEXTS if key.count(".") == 2 and key.startswith("doctor.")}
    assert said == {check.__name__.removeprefix("check_").removesuffix("_folder") for check in doctor.CHECKS}


@pytest.mark.parametrize(
    ("count", "worded"),
    [
        (0, "0 документов"),
        (1, "1 документ"),
        (2, "2 документа"),
        (5, "5 документов"),
        (11, "11 документов"),
        (12, "12 документов"),
        (21, "21 документ"),
        (22, "22 документа"),
        (25, "25 документов"),
        (101, "101 документ"),
        (111, "111 документов"),
        (3026, "3 026 документов"),
        (1_000_000, "1 000 000 документов"),
    ],
)
def test_russian_nouns_follow_their_number(count: int, worded: str) -> None:
    assert Wording(Language.RUSSIAN).count("document", count) == worded.replace(" ", "\u00a0")


def test_english_nouns_follow_their_number() -> None:
    wording = Wording(Language.ENGLISH)
    assert wording.count("document", 1) == "1\u00a0document"
    assert wording.count("document", 3026) == "3,026\u00a0documents"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_noun_has_as_many_forms_as_the_language_asks_for(language: Language) -> None:
    words = catalogue(language)
    most = max(words.plural_form(count) for count in range(200))
    assert {len(forms) for forms in words.PLURALS.values()} == {most + 1}


@pytest.mark.parametrize(
    ("place", "russian", "english"),
    [
        (Page(3), "стр. 3", "page 3"),
        (Line(3026), "строка 3026", "line 3026"),
        (Paragraph(9), "абзац 9", "paragraph 9"),
        (Cell("Телефоны", "A7:F7"), "лист «Телефоны», ячейки A7:F7", "sheet “Телефоны”, cells A7:F7"),
        (Cell("Телефоны", "B7"), "лист «Телефоны», ячейка B7", "sheet “Телефоны”, cell B7"),
        (Slide(4), "слайд 4", "slide 4"),
        (Moment("00:12:31"), "00:12:31", "00:12:31"),
    ],
)
def test_places_are_worded(place: Place, russian: str, english: str) -> None:
    assert Wording(Language.RUSSIAN).place(place) == russian
    assert Wording(Language.ENGLISH).place(place) == english


@pytest.mark.parametrize(
    ("octets", "worded"),
    [
        (0, "0 байт"),
        (1, "1 байт"),
        (1023, "1 023 байта"),
        (1024, "1,0 КБ"),
        (1536, "1,5 КБ"),
        (256 * 1024**2, "256 МБ"),
        (5 * 1024**3, "5,0 ГБ"),
        (3 * 1024**5, "3 072 ТБ"),
    ],
)
def test_sizes_are_worded(octets: int, worded: str) -> None:
    assert Wording(Language.RUSSIAN).size(octets) == worded.replace(" ", "\u00a0")


@pytest.mark.parametrize(
    ("seconds", "worded"),
    [(0.4, "0,4 с"), (9.94, "9,9 с"), (48.4, "48 с"), (59.9, "1 мин 00 с"), (125, "2 мин 05 с"), (11400, "3 ч 10 мин")],
)
def test_durations_are_worded(seconds: float, worded: str) -> None:
    assert Wording(Language.RUSSIAN).duration(seconds).replace("\u00a0", " ") == worded


def test_a_reason_tells_sizes_in_units_and_leaves_the_path_out() -> None:
    sentence = Wording(Language.RUSSIAN).error(TooLarge(Path("/тайна.pdf"), 5 * 1024**3, 256 * 1024**2))
    assert sentence.replace("\u00a0", " ") == "слишком велик: 5,0 ГБ при пределе 256 МБ"


def test_messages_of_the_system_are_translated_and_cut() -> None:
    wording = Wording(Language.RUSSIAN)
    assert "нет прав доступа" in wording.error(Unreadable(Path("x"), "Permission denied"))
    long = wording.error(Broken(Path("x"), "boom\n" * 1000))
    assert len(long) < 300
    assert "\n" not in long
    assert "()" not in wording.error(Broken(Path("x"), ""))


def test_every_detail_that_the_library_states_itself_is_translated() -> None:
    stated: set[str] = set()
    for path in (path for package in (kb, converter, models) for path in Path(package.__file__).parent.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in DETAIL_AT:
                at = DETAIL_AT[node.func.id]
                given = [*node.args[at : at + 1], *(k.value for k in node.keywords if k.arg == "detail")]
                stated |= {one.value for one in given if isinstance(one, ast.Constant) and isinstance(one.value, str)}
    assert "binary data" in stated
    assert stated <= catalogue(Language.RUSSIAN).DETAILS.keys()


def test_every_detail_that_goes_through_a_function_is_translated() -> None:
    """``raise self._broken("a tensor twice", name)``: a function, or an exception of a module's own, takes it on."""
    stated: set[str] = set()
    for path in (path for package in (converter, models) for path in Path(package.__file__).parent.rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        takes = _takes_detail(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and (name := _called(node)) in takes and len(node.args) > takes[name]:
                stated |= set(_constants(node.args[takes[name]]))
    assert {"a tensor twice", "is not valid JSON"} <= stated
    assert stated <= catalogue(Language.RUSSIAN).DETAILS.keys()


def _takes_detail(tree: ast.Module) -> dict[str, int]:
    """Return what in a module takes a detail -> its place among the arguments."""
    places = {"broken": 1, "JsonRefused": 0, "Mismatch": 0}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            names = [argument.arg for argument in node.args.args if argument.arg != "self"]
            if "detail" in names:
                places[node.name] = names.index("detail")
    return places


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def _constants(node: ast.expr) -> list[str]:
    if isinstance(node, ast.IfExp):
        return _constants(node.body) + _constants(node.orelse)
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []


def test_an_error_class_of_tomorrow_is_worded_as_its_parent() -> None:
    class BrokenInside(Broken):
        pass

    wording = Wording(Language.RUSSIAN)
    assert wording.error(BrokenInside(Path("x"), "y")) == wording.error(Broken(Path("x"), "y"))


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, Language.RUSSIAN),
        ({"LANG": "C.UTF-8"}, Language.RUSSIAN),
        ({"LANG": "ru_RU.UTF-8"}, Language.RUSSIAN),
        ({"LANG": "de_DE.UTF-8"}, Language.RUSSIAN),
        ({"LANG": "en_US.UTF-8"}, Language.ENGLISH),
        ({"LC_ALL": "ru_RU.UTF-8", "LANG": "en_US.UTF-8"}, Language.RUSSIAN),
        ({"LC_ALL": "", "LANG": "en_GB.UTF-8"}, Language.ENGLISH),
        ({"OFFLITE_LANG": "ru", "LANG": "en_US.UTF-8"}, Language.RUSSIAN),
        ({"OFFLITE_LANG": "EN"}, Language.ENGLISH),
        ({"OFFLITE_LANG": "xx", "LANG": "en_US.UTF-8"}, Language.ENGLISH),
    ],
)
def test_the_language_is_found(environment: dict[str, str], language: Language, monkeypatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    assert language_of(environment) is language

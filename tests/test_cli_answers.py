"""Questions at the command line, over the bundled documents: answers, sources, abstention, JSON, what a base may be."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from command import Done

from app import paths
from app.demo import DOCUMENTS, QUESTION, QUESTIONS

ABSENT = "Сколько спутников у планеты Юпитер?"


pytestmark = pytest.mark.usefixtures("russian")


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A base of the bundled documents, read once for this module and only read by its tests."""
    from kb.base import KnowledgeBase

    path = tmp_path_factory.mktemp("bases") / "документы.db"
    with KnowledgeBase.create(path) as created:
        for _ in created.add([DOCUMENTS]):
            pass
    return path


def test_an_answer_is_a_quotation_with_its_exact_place(offlite, base: Path) -> None:
    done: Done = offlite("ask", QUESTION, "--kb", base)
    assert done.status == 0
    quotation, _, sources = done.out.partition("\n\n")
    assert "10 секунд" in quotation
    assert "[1]" in quotation
    assert "Источники:" in sources
    assert "[1] " in sources
    assert "строка " in sources
    assert str(DOCUMENTS / "router-password.md") in sources


def test_the_json_of_an_answer_is_the_contract(offlite, base: Path) -> None:
    done: Done = offlite("ask", QUESTION, "--kb", base, "--json")
    answer = done.json
    assert done.status == 0
    assert answer["question"] == QUESTION
    assert answer["mode"] == "quotation"
    assert answer["model"] is None
    assert answer["unsupported"] == []
    assert set(answer["timings"]) == {
        "search_ms",
        "first_token_ms",
        "total_ms",
        "prompt_tokens",
        "reused_tokens",
        "generated_tokens",
    }
    citation = answer["citations"][0]
    assert set(citation) == {"number", "document", "title", "place", "heading", "quote", "score"}
    assert citation["number"] == 1
    assert citation["document"] == str(DOCUMENTS / "router-password.md")
    assert isinstance(citation["place"]["line"], int)
    assert citation["quote"] in Path(citation["document"]).read_text("utf-8").replace("\n", " ") or citation["quote"]
    assert 0 <= citation["score"] <= 1


@pytest.mark.parametrize(("question", "document"), QUESTIONS)
def test_every_sample_question_is_answered_from_its_document(offlite, base: Path, question: str, document: str) -> None:
    done: Done = offlite("ask", question, "--kb", base, "--json")
    assert done.json["citations"][0]["document"] == str(DOCUMENTS / document)


def test_the_place_fits_the_kind_of_document(offlite, base: Path) -> None:
    kinds = {".md": {"line"}, ".docx": {"paragraph"}, ".pdf": {"page"}, ".xlsx": {"sheet", "cell"}, ".srt": {"time"}}
    for question, document in QUESTIONS:
        place = offlite("ask", question, "--kb", base, "--json").json["citations"][0]["place"]
        assert set(place) == kinds[Path(document).suffix]


def test_an_absent_answer_is_said_to_be_absent(offlite, base: Path) -> None:
    done: Done = offlite("ask", ABSENT, "--kb", base)
    assert done.status == 3
    assert done.out.startswith("В базе знаний нет ответа на этот вопрос.")
    assert done.out.count("  • ") <= 3
    said = offlite("ask", ABSENT, "--kb", base, "--json")
    assert said.status == 3
    assert said.json["mode"] == "abstained"
    assert said.json["answer"] == ""
    assert said.json["citations"] == []


def test_words_need_no_quotation_marks(offlite, base: Path) -> None:
    done: Done = offlite("ask", *QUESTION.split(), "--kb", base, "--json")
    assert done.json["question"] == QUESTION
    assert done.status == 0


@pytest.mark.parametrize("typed", ["Как сбросить пароль роутира?", "rfr c,hjcbnm gfhjkm hjenthf"])
def test_a_corrected_question_is_shown(offlite, base: Path, typed: str) -> None:
    done: Done = offlite("ask", typed, "--kb", base)
    assert done.status == 0
    assert done.err.startswith("Искали: ")
    assert "роутера" in done.err
    assert "10 секунд" in done.out


def test_a_question_of_10000_characters_is_searched_like_any_other(offlite, base: Path) -> None:
    done: Done = offlite("ask", (QUESTION + " ") * 350, "--kb", base)
    assert done.status in (0, 3)
    assert "Traceback" not in done.err


@pytest.mark.parametrize("question", ["???", "и", "🙂", "'\"; DROP TABLE passage; --", "* OR NEAR(", "\ud800"])
def test_odd_questions_are_just_questions(offlite, base: Path, question: str) -> None:
    done: Done = offlite("ask", question, "--kb", base)
    assert done.status == 3
    assert "непредвиденная" not in done.err


def test_search_prints_passages_and_their_places(offlite, base: Path) -> None:
    done: Done = offlite("kb", "search", "ошибка 0x80070005", "--kb", base, "--limit", 2)
    assert done.status == 0
    assert done.out.startswith("[1] ")
    assert "[3] " not in done.out
    found = offlite("kb", "search", "ошибка 0x80070005", "--kb", base, "--limit", 2, "--json").json
    assert set(found) >= {"query", "passages", "search_ms"}
    assert len(found["passages"]) <= 2
    assert set(found["passages"][0]) == {"document", "title", "place", "heading", "text", "score"}
    assert found["passages"][0]["document"] == str(DOCUMENTS / "error-0x80070005.md")


def test_a_search_that_finds_nothing_exits_3(offlite, base: Path) -> None:
    done: Done = offlite("kb", "search", "ыыыыы", "--kb", base)
    assert done.status == 3
    assert done.out == "Ничего не найдено.\n"
    assert offlite("kb", "search", "ыыыыы", "--kb", base, "--json").json["passages"] == []


def test_without_a_base_the_demonstration_answers_and_says_so(offlite) -> None:
    done: Done = offlite("ask", QUESTION)
    assert done.status == 0
    assert "10 секунд" in done.out
    assert "offlite kb add ПАПКА" in done.err
    assert not paths.default_base().exists()
    (base,) = paths.demo_bases().glob("*.db")
    made = base.stat().st_mtime_ns
    assert "Готовлю" in done.err
    again: Done = offlite("ask", QUESTION, "--json")
    assert "Готовлю" not in again.err
    assert again.json["base"] == str(base)
    assert base.stat().st_mtime_ns == made
    assert [path.name for path in paths.demo_bases().iterdir() if ".part" in path.name] == []


def test_commands_that_change_never_touch_the_demonstration(offlite) -> None:
    for arguments in (["kb", "remove", "router-password.md"], ["kb", "check"]):
        done: Done = offlite(*arguments)
        assert done.status == 1
        assert "offlite kb add ПАПКА" in done.err


def test_a_named_base_must_be_there(offlite, tmp_path: Path) -> None:
    done: Done = offlite("ask", QUESTION, "--kb", tmp_path / "нет.db")
    assert done.status == 1
    assert str(tmp_path / "нет.db") in done.err
    assert done.out == ""
    assert not list(tmp_path.iterdir())


def test_a_folder_is_no_base(offlite, tmp_path: Path) -> None:
    for arguments in (["ask", QUESTION], ["kb", "add", DOCUMENTS], ["kb", "list"]):
        done: Done = offlite(*arguments, "--kb", tmp_path)
        assert done.status == 1
        assert "это папка" in done.err


@pytest.mark.parametrize("content", [b"", b"just text", b"\x00" * 8192])
def test_another_file_is_no_base_and_stays_as_it_is(offlite, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "письмо.db"
    file.write_bytes(content)
    for arguments in (["ask", QUESTION, "--key-file", file], ["ask", QUESTION], ["kb", "add", DOCUMENTS]):
        done: Done = offlite(*arguments, "--kb", file)
        assert done.status == 1
        assert "непредвиденная" not in done.err
        assert file.read_bytes() == content


def test_a_locale_without_cyrillic_loses_no_question(base: Path) -> None:
    poor = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "OFFLITE_LANG": "ru"}
    done = subprocess.run(
        [sys.executable, "-m", "app", "ask", QUESTION, "--kb", str(base), "--json"],
        capture_output=True,
        check=False,
        timeout=60,
        env=poor,
    )
    assert done.returncode == 0
    assert done.stdout.isascii()
    assert json.loads(done.stdout)["question"] == QUESTION


LIGHT = """
import sys
from app.cli import main
status = main(sys.argv[1:])
heavy = {"rich", "prompt_toolkit", "asyncio", "pymorphy3", "lxml", "docx", "openpyxl", "watchfiles", "sqlite_utils",
         "multiprocessing", "unittest", "http.client", "torch", "sentence_transformers"}
sys.stderr.write(" ".join(sorted(heavy & set(sys.modules))))
sys.exit(status)
"""


def test_a_question_loads_nothing_heavy(base: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LIGHT, "ask", QUESTION, "--kb", str(base)], capture_output=True, check=False, timeout=60
    )
    assert done.returncode == 0
    assert done.stderr == b""

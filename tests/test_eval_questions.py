"""The other questions for measuring: what ought to be answered can be, what ought not to be is not asked twice."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import Any

import pytest

from app.demo import DOCUMENTS
from app.demo.make_documents import SOURCES

EVAL = Path(__file__).with_name("eval")


def load(name: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = json.loads((EVAL / name).read_text(encoding="utf-8"))
    return items


def text_of(document: str) -> str:
    """Return what a demonstration document says; of a binary one, what its source says."""
    source = SOURCES / f"{document}.md"
    text = (source if source.is_file() else DOCUMENTS / document).read_text(encoding="utf-8")
    if document.endswith(".html"):
        text = html.unescape(re.sub(r"<[^>]+>", " ", text))
    return re.sub(r"\s+", " ", text)


@pytest.mark.parametrize("name", ["absent.json", "demo_questions.json", "paraphrases.json"])
def test_no_question_is_asked_twice(name: str) -> None:
    questions = [item["question"].casefold() for item in load(name)]
    assert len(set(questions)) == len(questions)


def test_absent_questions_are_half_near_and_half_far() -> None:
    topics = [item["topic"] for item in load("absent.json")]
    assert topics.count("near") >= 30
    assert topics.count("far") >= 30
    assert len(topics) == topics.count("near") + topics.count("far")


def test_there_are_enough_questions_over_the_demonstration() -> None:
    items = load("demo_questions.json")
    assert sum(1 for item in items if item.get("absent")) >= 30
    assert sum(1 for item in items if "document" in item) >= 80


def test_every_demonstration_document_is_asked_about() -> None:
    asked = {item["document"] for item in load("demo_questions.json") if "document" in item}
    assert asked == {path.name for path in DOCUMENTS.iterdir()}


@pytest.mark.parametrize(
    "item", [item for item in load("demo_questions.json") if "document" in item], ids=lambda item: item["question"]
)
def test_the_document_holds_the_answer(item: dict[str, Any]) -> None:
    assert item["contains"] in text_of(item["document"])

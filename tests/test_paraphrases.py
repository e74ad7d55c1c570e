"""The paraphrase questions: enough of them, each answered by an article that shares no word of its title with it."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TypedDict

import pytest

from kb.language.words import stems

PARAPHRASES = Path(__file__).with_name("eval") / "paraphrases.json"
FEWEST = 150


class Paraphrase(TypedDict):
    question: str
    article: str
    also: list[str]


@pytest.fixture(scope="module")
def paraphrases() -> list[Paraphrase]:
    loaded: list[Paraphrase] = json.loads(PARAPHRASES.read_text(encoding="utf-8"))
    return loaded


def title_of(article: Path) -> str:
    """Return the title in the article's front matter, quotation marks of YAML left out."""
    for line in article.read_text(encoding="utf-8-sig").splitlines():
        if line.startswith("title:"):
            return line.removeprefix("title:").strip().strip("\"'")
    raise AssertionError(f"{article} has no title")


def test_there_are_enough_different_questions(paraphrases: list[Paraphrase]) -> None:
    questions = {item["question"].casefold() for item in paraphrases}
    assert len(questions) == len(paraphrases) >= FEWEST


def test_they_are_spread_over_articles(paraphrases: list[Paraphrase]) -> None:
    articles = Counter(item["article"] for item in paraphrases)
    assert len(articles) >= 0.95 * len(paraphrases)
    assert len({article[0] for article in articles}) >= 18, "spread over the alphabet"


def test_an_article_is_not_its_own_duplicate(paraphrases: list[Paraphrase]) -> None:
    for item in paraphrases:
        named = [item["article"], *item["also"]]
        assert len(set(named)) == len(named), item["question"]


def test_questions_hold_words_to_search_for(paraphrases: list[Paraphrase]) -> None:
    assert [item["question"] for item in paraphrases if len(set(stems(item["question"]))) < 3] == []


def test_every_named_article_exists(paraphrases: list[Paraphrase], shared_data: Path) -> None:
    folder = shared_data / "support-kb-ru"
    named = {name for item in paraphrases for name in (item["article"], *item["also"])}
    assert sorted(name for name in named if not (folder / name).is_file()) == []


def test_no_question_shares_a_word_with_the_title(paraphrases: list[Paraphrase], shared_data: Path) -> None:
    folder = shared_data / "support-kb-ru"
    shared = {
        item["question"]: common
        for item in paraphrases
        if (common := set(stems(item["question"])) & set(stems(title_of(folder / item["article"]))))
    }
    assert shared == {}

"""The bases that are searched for the evaluation, and the questions that are asked of them.

Everything is indexed by the product itself from the files in ``shared/data``: each paragraph of XQuAD-ru is a text
file, and the support articles lie around them as distractors.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from kb.base import KnowledgeBase
from kb.events import Finished

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SHARED = ROOT.parent / "shared" / "data"
SUPPORT = SHARED / "support-kb-ru"
DEMO = ROOT / "app" / "demo" / "documents"


@dataclass(frozen=True)
class Question:
    """A question, the documents (file names) that answer it, and strings of which one is the answer."""

    text: str
    documents: frozenset[str]
    answers: tuple[str, ...] = ()
    article: int = -1


def is_fitted(article: int) -> bool:
    """Return whether weights may be fitted on this article of XQuAD-ru: the even ones; the odd ones are reported."""
    return article % 2 == 0


def xquad() -> tuple[dict[str, str], list[Question]]:
    """Return the paragraphs of XQuAD-ru by file name, and its questions."""
    data = json.loads((SHARED / "xquad-ru-dev.json").read_text(encoding="utf-8"))["data"]
    paragraphs: dict[str, str] = {}
    questions: list[Question] = []
    for article, entry in enumerate(data):
        for number, paragraph in enumerate(entry["paragraphs"]):
            name = f"a{article:02d}-{number}.txt"
            paragraphs[name] = paragraph["context"]
            questions += [
                Question(q["question"], frozenset([name]), tuple(a["text"] for a in q["answers"]), article)
                for q in paragraph["qas"]
            ]
    return paragraphs, questions


def article_of(name: str) -> int:
    """Return the article that a paragraph's file name belongs to."""
    match = re.fullmatch(r"a(\d+)-\d+\.txt", name)
    return int(match.group(1)) if match else -1


def paraphrases() -> list[Question]:
    """Return the questions over the support articles that share no word with the title of what answers them."""
    items = json.loads((HERE / "paraphrases.json").read_text(encoding="utf-8"))
    return [Question(item["question"], frozenset([item["article"], *item.get("also", [])])) for item in items]


def absent() -> list[str]:
    """Return questions that no support article answers."""
    return [item["question"] for item in json.loads((HERE / "absent.json").read_text(encoding="utf-8"))]


def demo_questions() -> tuple[list[Question], list[str]]:
    """Return the questions over the demonstration documents: those they answer, and those they do not."""
    items = json.loads((HERE / "demo_questions.json").read_text(encoding="utf-8"))
    answered = [
        Question(item["question"], frozenset([item["document"]]), (item["contains"],))
        for item in items
        if not item.get("absent")
    ]
    return answered, [item["question"] for item in items if item.get("absent")]


def build_base(folder: Path, name: str, *, keep: Callable[[int], bool] = lambda _: True) -> Path:
    """Index the support articles and the XQuAD paragraphs whose article ``keep`` keeps; return the base's path.

    A base that is there already is brought up to date, which takes a second when nothing has changed.
    """
    paragraphs, _ = xquad()
    texts = folder / f"{name}-texts"
    texts.mkdir(parents=True, exist_ok=True)
    for file, text in paragraphs.items():
        if keep(article_of(file)):
            (texts / file).write_text(text, encoding="utf-8")
    return index(folder / f"{name}.offlite", [texts, SUPPORT])


def index(path: Path, folders: list[Path]) -> Path:
    """Index ``folders`` into the base at ``path``, made if need be, and return it."""
    opened = KnowledgeBase.open(path, writable=True) if path.exists() else KnowledgeBase.create(path)
    with opened as base:
        for event in base.add(folders):
            if isinstance(event, Finished) and event.failed:
                raise SystemExit(f"{event.failed} documents of {folders} could not be read")
    return path


def names_of(documents: Iterator[str]) -> list[str]:
    """Return document paths as the names that questions use, repeats left out: relative to the support articles."""
    names = []
    for document in documents:
        path = Path(document)
        names.append(path.relative_to(SUPPORT).as_posix() if path.is_relative_to(SUPPORT) else path.name)
    return list(dict.fromkeys(names))


def tokens(texts: Sequence[str]) -> list[int]:
    """Return about how many tokens of the Qwen2 vocabulary each text is.

    A Cyrillic word of n letters takes n / 3.4, rounded up, a Latin one n / 6, a digit or a run of marks one. Against
    the vocabulary itself the sum is right within 1 % on XQuAD-ru, and 15 % too large on the support articles.
    """
    return [sum(-(-len(word) * 10 // _letters(word)) for word in _PIECES.findall(text)) for text in texts]


def _letters(word: str) -> int:
    """Return ten times the letters of a token of such words."""
    return 34 if "а" <= word[0].lower() <= "я" else 60


_PIECES = re.compile(r"[а-яёА-ЯЁ]+|[a-zA-Z]+|\d|[^\w\s]+|\n")

"""Make the bank: passages with questions, from public documents, public questions, and documents that nobody wrote.

    python -m models.nano.material bank.jsonl.gz [--facts 12000] [--limit N] [--processes 2]

What the fields of the bank mean stands in ``bank.py``. Documents pass through the reader and the
segmentation of ``kb``, so that passages look as they do in the product.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from kb.blocks import Segment
from kb.language.words import words
from kb.readers import markdown
from kb.segmentation import segment
from models.nano import facts
from models.nano.questions import orders, questions
from models.nano.rewording import reworded
from models.nano.titles import of_title
from models.nano.tokens import tokens_of

TRAINING = Path("..", "shared", "data", "training")
SEED = 20_261_121
MOST_ASKED = 12
"""Questions of one passage of a real document."""

_REWORDED = 0.3
"""Share of the questions made by rule that are put in other words, where there are any."""

_SEEN_BEFORE = 0.5
"""Share of a passage that other passages have already said: PowerShell's documents exist once for every version."""

_LEAST_RUSSIAN = 0.5
"""Share of Russian letters: below it a passage is code or a list of names."""

_CELL = re.compile(r"([А-ЯЁA-Z][^:;]{1,40}): ([^;]{1,160})(?:; |$)")
_NAMED_CELL = re.compile(r"[\w«»\"(). -]{2,50}")
_SAYS_LITTLE = re.compile(
    r"Область применения|^(?:Примечание|Важно|Внимание|Совет)\b|дополнительн\w+ сведени|см\. ", re.IGNORECASE
)


def document_passages(document: dict[str, str], number: int) -> list[dict[str, Any]]:
    """Return the entries of one public document."""
    chance = random.Random(SEED + number)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "document.md")
        path.write_text(document["text"], encoding="utf-8")
        title = document["title"].strip() or Path(document["path"]).stem
        read = replace(markdown.read(path), title=title)
    entries: list[dict[str, Any]] = []
    headings: set[tuple[str, ...]] = set()
    for one in segment(read):
        entry = _entry(number, "docs", title, one)
        if not _is_russian(" ".join(entry["s"])):
            continue
        asked = _of_sentences(entry["s"], chance)
        if one.heading not in headings:
            asked += _of_heading(one.heading[-1] if one.heading else title, entry, chance)
            headings.add(one.heading)
        chance.shuffle(asked)
        entry["q"] = _first(asked, MOST_ASKED)
        entries.append(entry)
    return entries


def _entry(number: int, origin: str, title: str, one: Segment) -> dict[str, Any]:
    lines = [index for index, sentence in enumerate(one.sentences) if not index or one.text[sentence.start - 1] == "\n"]
    said = [one.text[sentence.start : sentence.end] for sentence in one.sentences]
    return {"d": number, "o": origin, "t": title, "h": list(one.heading), "s": said, "n": lines, "q": []}


def _is_russian(text: str) -> bool:
    letters = sum(map(str.isalpha, text))
    return letters > 60 and sum(1 for one in text if "а" <= one.lower() <= "я") >= _LEAST_RUSSIAN * letters


def _first(asked: Iterable[list[Any]], most: int) -> list[list[Any]]:
    """Return the first ``most`` questions, each wording once."""
    kept: dict[str, list[Any]] = {}
    for one in asked:
        kept.setdefault(one[1].casefold(), one)
    return list(kept.values())[:most]


def _of_sentences(sentences: Sequence[str], chance: random.Random) -> list[list[Any]]:
    asked: list[list[Any]] = []
    for index, sentence in enumerate(sentences):
        if _CELL.match(sentence) and ";" in sentence:
            asked += _of_row(index, sentence, chance)
        else:
            for one in questions(sentence, chance, most=3):
                said = reworded(one.question, chance) if chance.random() < _REWORDED else one.question
                asked.append([index, said, "rule", one.start, one.end])
    return asked


def _of_row(index: int, row: str, chance: random.Random) -> Iterator[list[Any]]:
    """Yield what is asked of a row of a table: its first cell names what it is about."""
    cells = list(_CELL.finditer(row))
    if len(cells) < 2 or not _NAMED_CELL.fullmatch(cells[0][2]) or len(cells[0][2].split()) > 6:
        return
    name = cells[0][2].strip()
    cell = chance.choice(cells[1:])
    if len(cell[1].split()) > 4:
        return
    what = cell[1][:1].lower() + cell[1][1:]
    form = chance.choice(
        ("{name}: {what}?", "Что в графе «{column}» у {name}?", "{column} для {name}?", "{name} — {what}")
    )
    yield [index, form.format(name=name, what=what, column=cell[1]), "rule", cell.start(2), cell.end(2)]


def _of_heading(heading: str, entry: dict[str, Any], chance: random.Random) -> list[list[Any]]:
    """Return what is asked of a section by its heading, with the first sentence that tells it."""
    asked = list(of_title(heading, chance))
    at = _telling(heading, entry["s"], doing=bool(asked) and _HOW.match(asked[0]) is not None)
    if at is None:
        return []
    kind = "list" if entry["s"][at].endswith(":") and len(entry["s"]) - at > 2 else "title"
    if kind == "title" and not entry["s"][at].endswith((".", "!")):
        return []
    return [[at, one, kind, 0, 0] for one in asked]


_HOW = re.compile(r"(?:как|что нужно) ", re.IGNORECASE)
_OPENING = 4
"""Sentences of a section among which the one is looked for that says what the heading promises."""


def _telling(heading: str, sentences: Sequence[str], *, doing: bool) -> int | None:
    """Return the first sentence that speaks of the heading; where it promises how to, one that says what to do."""
    wanted = {word.stem for word in words(heading)}
    for at, sentence in enumerate(sentences[:_OPENING]):
        if len(sentence.split()) < 5 or _SAYS_LITTLE.search(sentence):
            continue
        told = doing and orders(tokens_of(sentence)) and not sentence.startswith(("Если", "Когда"))
        shared = wanted & {word.stem for word in words(sentence)}
        if told or 2 * len(shared) > len(wanted):
            return at
    return None


def made_entry(made: facts.Made, number: int, chance: random.Random) -> dict[str, Any]:
    """Return the entry of a made document."""
    plain = chance.random() < 0.5

    def spelled(text: str) -> str:
        return text.replace("ё", "е").replace("Ё", "Е") if plain else text

    said = [spelled(one.text) for one in made.sentences]
    asked: list[list[Any]] = []
    short: dict[str, str] = {}
    for index, one in enumerate(made.sentences):
        for at, question in enumerate(one.questions):
            if at < len(one.answers):
                short[str(len(asked))] = spelled(one.answers[at])
            said_so, kind = _named(question, made, chance)
            asked.append([index, spelled(said_so), kind, 0, 0])
        if chance.random() < 0.25:  # the rules ask in other words, and of the very words of the sentence
            ruled = questions(said[index], chance, most=1)
            asked += [[index, reworded(found.question, chance), "rule", found.start, found.end] for found in ruled]
    lines = list(range(len(said))) if made.lines else [0, *_paragraphs(len(said), chance)]
    entry: dict[str, Any] = {"d": number, "o": "facts", "k": made.kind, "t": spelled(made.title), "h": []}
    entry |= {"s": said, "n": lines, "q": asked}
    if made.heading and chance.random() < 0.6:
        entry["h"] = [spelled(made.heading)]
    if short:
        entry["a"] = short
    if made.absent:
        entry["u"] = [spelled(one) for one in made.absent]
    return entry


def _named(question: str, made: facts.Made, chance: random.Random) -> tuple[str, str]:
    """Return a question and whether it names its subject: «loose» ones fit any document of the kind."""
    names = made.names
    if any(name in question for name in names):
        return question, "human"
    if chance.random() < _PREFIXED and any(name in made.title for name in names) and not _CUT.search(made.title):
        return f"{made.title}: {question[:1].lower()}{question[1:]}", "human"
    return question, "loose"


_CUT = re.compile(r"[:?]")
_PREFIXED = 0.12
"""Share of loose questions that are put behind the title of the document, as people do in a search field."""


def _paragraphs(count: int, chance: random.Random) -> list[int]:
    return [index for index in range(1, count) if chance.random() < 0.2]


_PERSONAL = re.compile(r"\b(?:я|ты|мы|вы|мне|тебе|меня|тебя|мой|твой|свой|это|он|она|они)\b", re.IGNORECASE)
_ASKING = re.compile(
    r"(?:кто|что|кого|чего|кому|чему|кем|чем|где|куда|когда|как\w*|сколько|в ч|на ч|о ч|из ч) ", re.IGNORECASE
)


def spoken_passages(path: Path, first: int, chance: random.Random) -> Iterator[dict[str, Any]]:
    """Yield passages put together of public one-sentence premises that stand without their speaker."""
    premises: dict[str, list[tuple[str, str]]] = {}
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            triple = json.loads(line)
            premise = re.sub(r"\s+", " ", triple["premise"][0]).replace(" - ", "-").rstrip(" .")
            if len(premise.split()) < 4 or _PERSONAL.search(premise) or not _ASKING.match(triple["question"]):
                continue
            premises.setdefault(premise, []).append((triple["question"], triple["answer"]))
    names = sorted(premises)
    chance.shuffle(names)
    while len(names) >= 4:
        chosen = [names.pop() for _ in range(min(len(names), chance.randint(4, 9)))]
        asked = [
            [index, question[:1].upper() + question[1:], "qa", *_span(premise, answer)]
            for index, premise in enumerate(chosen)
            for question, answer in chance.sample(premises[premise], min(3, len(premises[premise])))
        ]
        title = chance.choice(("Разное", "Заметки", "Объявления", "Записи", "Выписки", "Короткие сообщения"))
        said = [f"{premise[:1].upper()}{premise[1:]}." for premise in chosen]
        yield {"d": first, "o": "qa", "t": title, "h": [], "s": said, "n": [0], "q": asked}
        first += 1


def _span(premise: str, answer: str) -> tuple[int, int]:
    at = premise.lower().find(answer.lower())
    return (at, at + len(answer)) if at >= 0 else (0, 0)


def _fresh(entries: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the passages that are not mostly a repetition."""
    seen: set[int] = set()
    for entry in entries:
        whole = sum(map(len, entry["s"]))
        again = sum(len(one) for one in entry["s"] if hash(one) in seen)
        seen.update(map(hash, entry["s"]))
        if again < _SEEN_BEFORE * whole:
            yield entry


def _documents(limit: int | None) -> Iterator[tuple[dict[str, str], int]]:
    with gzip.open(TRAINING / "docs-ru.jsonl.gz", "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            if limit is not None and number >= limit:
                return
            yield json.loads(line), number


def _of_pair(pair: tuple[dict[str, str], int]) -> list[dict[str, Any]]:
    return document_passages(*pair)


def bank(*, made: int, limit: int | None, processes: int) -> Iterator[dict[str, Any]]:
    """Yield every entry: public documents, made ones, public sentences."""
    with get_context("spawn").Pool(processes) as pool:
        done = pool.imap(_of_pair, _documents(limit), chunksize=16)
        yield from _fresh(entry for entries in done for entry in entries)
    chance = random.Random(SEED)
    source = facts.documents(chance)
    for number in range(100_000, 100_000 + made):
        yield made_entry(next(source), number, chance)
    yield from spoken_passages(TRAINING / "qa-cc0.jsonl.gz", 900_000, chance)


def write(path: Path, entries: Iterable[dict[str, Any]]) -> dict[str, int]:
    """Write a bank beside ``path`` and move it into place; return what is in it."""
    counted: dict[str, int] = {}
    part = path.with_name(path.name + ".part")
    with gzip.open(part, "wt", encoding="utf-8", compresslevel=9) as lines:
        for entry in entries:
            lines.write(json.dumps(entry, ensure_ascii=False, separators=(",", ":")) + "\n")
            sizes = {"passages": 1, "questions": len(entry["q"]), "absent": len(entry.get("u", ()))}
            for name, size in sizes.items():
                key = f"{entry['o']} {name}"
                counted[key] = counted.get(key, 0) + size
    part.replace(path)
    return counted


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--facts", type=int, default=12_000, help="made documents")
    parser.add_argument("--limit", type=int, help="public documents")
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args(arguments)
    if not TRAINING.exists():
        parser.error(f"{TRAINING} is not there")
    counted = write(options.out, bank(made=options.facts, limit=options.limit, processes=options.processes))
    sys.stdout.write("".join(f"{name}: {size:,}\n" for name, size in counted.items()))
    sys.stdout.write(f"{options.out}: {options.out.stat().st_size / 2**20:.1f} MiB\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

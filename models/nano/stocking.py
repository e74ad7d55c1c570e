"""From the bank to the shelf: texts escaped as prompts have them, rivals found, the assistant's words beside them.

What it writes is all that the training machine needs to make examples; it runs here, since the product's own search
words and escaping do the work.

``python -m models.nano.stocking BANK TOKENIZER OUT``
"""

from __future__ import annotations

import argparse
import dataclasses
import multiprocessing
import shutil
import sys
import time
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path

from app import prompts
from app.prompt import Style, escaped
from models.nano import bank, prompt_texts, shelf
from models.nano.prompt_texts import PromptTexts, title_of
from models.nano.rivals import Rivals
from models.nano.shelf import Asked, Shelved

LONGEST_TITLE = 160
"""Characters. A longer one is a paragraph in a heading's style."""


def assistants_texts() -> PromptTexts:
    """Return what the assistant tells a model."""
    styles = {
        Style.SHORT: prompts.SHORT,
        Style.SENTENCE: prompts.SENTENCE,
        Style.STEPS: prompts.STEPS,
        Style.LETTER: prompts.LETTER,
    }
    return PromptTexts(
        system=prompts.SYSTEM,
        passage=prompts.PASSAGE,
        question=prompts.QUESTION,
        refusal=prompts.REFUSAL,
        styles={style.value: words for style, words in styles.items()},
    )


def stocked(passages: Sequence[bank.Passage], *, processes: int = 1) -> Iterator[Shelved]:
    """Yield the passages of a bank with the rivals of their questions, found by so many processes."""
    plain = [one for one in (_plain(passage) for passage in passages) if one.sentences]
    _index.plain = plain
    _index.rivals = Rivals((f"{one.title} {one.heading}", one.sentences) for one in plain)
    if processes == 1:
        yield from map(_with_rivals, range(len(plain)))
        return
    with multiprocessing.get_context("fork").Pool(processes) as pool:
        yield from pool.imap(_with_rivals, range(len(plain)), chunksize=64)


class _Index:
    """What forked processes find in their memory."""

    plain: Sequence[Shelved]
    rivals: Rivals


_index = _Index()


def _with_rivals(at: int) -> Shelved:
    one = _index.plain[at]
    return dataclasses.replace(one, questions=tuple(_asked(question, at, _index.rivals) for question in one.questions))


def _plain(passage: bank.Passage) -> Shelved:
    """Return a passage ready for a prompt, without rivals."""
    kept: dict[int, str] = {}
    for at, sentence in enumerate(passage.sentences):
        text = _ready(sentence)
        if text:
            kept[at] = text
    places = {at: place for place, at in enumerate(kept)}
    joints = ["\n" if at in passage.lines else " " for at in kept]
    joints[:1] = [""]
    asked = [
        Asked(_ready(one.text), places[one.sentence], one.kind, one.end, _ready(one.answer), (), False)
        for one in passage.questions
        if one.sentence in places and one.text.strip()
    ]
    asked += [Asked(_ready(text), -1, "none", 0, "", (), False) for text in passage.unanswerable if text.strip()]
    return Shelved(
        document=passage.document,
        origin=passage.origin,
        title=_ready(title_of(passage.title, passage.heading))[:LONGEST_TITLE].rstrip(),
        heading=_ready(" › ".join(passage.heading)),
        sentences=tuple(kept.values()),
        joints=tuple(joints),
        questions=tuple(asked),
    )


def _asked(question: Asked, at: int, rivals: Rivals) -> Asked:
    right = question.sentence if question.sentence >= 0 else None
    found, silent = rivals.of(question.text, at=at, sentence=right)
    return question._replace(
        rivals=tuple((rival.passage, rival.best, rival.share) for rival in found),
        silent=silent and question.kind not in ("title", "list"),
    )


def _ready(text: str) -> str:
    return escaped(unicodedata.normalize("NFC", text)).strip()


def main() -> None:
    """Stock a folder from a bank and a tokenizer."""
    parser = argparse.ArgumentParser(description="Make the folder that examples are composed from.")
    parser.add_argument("bank", type=Path)
    parser.add_argument("tokenizer", type=Path, help="the folder of the tokenizer")
    parser.add_argument("out", type=Path)
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    began = time.monotonic()
    options.out.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(options.tokenizer / "tokenizer.json", options.out / "tokenizer.json")
    assistants_texts().write(options.out)
    shelf.write(options.out / shelf.NAME, stocked(list(bank.passages(options.bank)), processes=options.processes))
    sizes = {path.name: path.stat().st_size for path in sorted(options.out.iterdir())}
    told = ", ".join(f"{name} {size / 2**20:.1f} MiB" for name, size in sizes.items())
    sys.stderr.write(f"{told}; {prompt_texts.NAME} as the assistant says it; {time.monotonic() - began:.0f} s\n")


if __name__ == "__main__":
    main()

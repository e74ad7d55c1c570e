"""A question and what was found become what a model reads: messages, with the documents fenced as data.

The order serves reuse: the system message is the same for every question and its state lies on the disk; then the
passages, best first, so that a later question about the same passage finds it read; then the question. What a document
holds is never markup: special tokens of any model and our own fences are written with other brackets. Knows no
sampling, no process and no terminal.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import TypeAlias

from app import prompts
from kb.results import Piece
from models.runtime.options import ANSWERING, Message, Request, Sampling

DEFAULT_BUDGET = 300
"""Tokens of passages where the speed of reading was never measured. On XQuAD-ru they hold the answer of 94.5 of 100
questions, six whole passages (1,620 tokens) that of 97.8 (``make eval``)."""

TARGET_WAIT = 10.0
"""Seconds that reading the passages may take: Nielsen's limit for keeping attention on a dialogue (Usability
Engineering, 1993, chapter 5)."""

LEAST_BUDGET, MOST_BUDGET = 150, 600
"""With fewer the answer gets lost (83 of 100 questions keep it in 150), with more hardly one is won (97 in 600)."""

TURN_PAIR: TypeAlias = tuple[str, str]
"""What was sent to the model as a user's turn, and what it wrote."""

KEPT = "answers"
"""The name under which the state of the system message is kept on the disk."""

_ANGLE = re.compile(r"<(?=[|/!?<\uff5c\w])|(?<=[|/\uff5c\w\"'>])>")
_SQUARE = re.compile(r"\[(?=/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_(?:CALLS|RESULTS))\])", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_ESCAPES = str.maketrans({"<": "‹", ">": "›"})


class Style(StrEnum):
    """How an answer should look. The values belong to the command-line contract."""

    SHORT = "short"
    SENTENCE = "sentence"
    STEPS = "steps"
    LETTER = "letter"


_STYLES = {
    Style.SHORT: prompts.SHORT,
    Style.SENTENCE: prompts.SENTENCE,
    Style.STEPS: prompts.STEPS,
    Style.LETTER: prompts.LETTER,
}
LIMITS = {Style.SHORT: 150, Style.SENTENCE: 80, Style.STEPS: 300, Style.LETTER: 300}
"""New tokens at most. A Russian sentence of an office text takes about 40 of the Qwen2 vocabulary."""

OWN_LIMIT = 300


def budget(prefill_tokens_per_second: float | None) -> int:
    """Return the tokens of passages that are read within ``TARGET_WAIT`` at a measured speed."""
    if not prefill_tokens_per_second:
        return DEFAULT_BUDGET
    return round(min(MOST_BUDGET, max(LEAST_BUDGET, prefill_tokens_per_second * TARGET_WAIT)))


def escaped(text: str) -> str:
    """Return ``text`` as data: nothing in it can be taken for a special token, a role or one of our fences.

    «<|im_start|>» becomes «‹|im_start|›», «[INST]» «⟦INST]»; invisible characters are taken out, since they could hide
    such a word. «5 < 7» stays.
    """
    text = _CONTROL.sub("", text)
    return _SQUARE.sub("⟦", _ANGLE.sub(lambda bracket: bracket[0].translate(_ESCAPES), text))


def unescaped(text: str) -> str:
    """Return what a model wrote with the brackets that the documents have."""
    return text.replace("‹", "<").replace("›", ">").replace("⟦", "[")


def fenced(pieces: Sequence[Piece]) -> tuple[str, tuple[int, ...]]:
    """Return the passages as one text, and where in it the first one and all of them end."""
    texts = [
        prompts.PASSAGE.format(number=piece.number, title=_title(piece), text=escaped(piece.text)) for piece in pieces
    ]
    whole = "".join(texts)
    return whole, tuple(sorted({len(texts[0]), len(whole)})) if texts else ()


def request(
    pieces: Sequence[Piece],
    question: str,
    *,
    conversation: Sequence[TURN_PAIR] = (),
    style: Style | str = Style.SHORT,
    adapter: tuple[str, float] | None = None,
    sampling: Sampling = ANSWERING,
) -> Request:
    """Return what is asked of the model. ``style`` may be the user's own words; an empty ``question`` is a prefill."""
    passages, settled = fenced(pieces)
    asked = _asked(question, style) if question else ""
    return Request(
        messages=(*_beginning(conversation), Message(role="user", text=passages + asked)),
        sampling=sampling,
        limit=LIMITS[style] if isinstance(style, Style) else OWN_LIMIT,
        stops=("</отрывок>", "<отрывок", "\nВопрос:"),
        keep=KEPT,
        settled=settled,
        adapter=adapter,
    )


def _beginning(conversation: Sequence[TURN_PAIR]) -> list[Message]:
    messages = [Message(role="system", text=prompts.SYSTEM)]
    for said, answer in conversation:
        messages += [Message(role="user", text=said), Message(role="assistant", text=answer)]
    return messages


def _asked(question: str, style: Style | str) -> str:
    how = _STYLES[style] if isinstance(style, Style) else escaped(style)
    return prompts.QUESTION.format(question=escaped(question), style=how).rstrip()


def _title(piece: Piece) -> str:
    """Return the title and the last heading on one line; headings above it seldom say more."""
    parts = [piece.title, *piece.heading[-1:]]
    return escaped(" › ".join(dict.fromkeys(" ".join(part.split()) for part in parts if part.strip())))

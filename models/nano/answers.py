"""The answer that is to be learned: sentences of a passage, word for word, each with the passage's number.

A style asks for another form of the same sentences, or for more of them. A very long sentence ends where one of its
clauses does, never before what was asked for.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

from models.nano.shelf import Asked
from models.nano.turns import GAP, Shown

LONG = 400
"""Characters; from here on a sentence may be cut. XQuAD's longest that hold an answer have about 400."""

LEAST_CUT = 60
"""Characters that cutting has to save."""

FORMS = {"short": "plain", "sentence": "one", "steps": "steps", "letter": "letter"}
"""The form of an answer for each of the assistant's styles."""

OWN_STYLES = {
    "Ответь подробно.": "more",
    "Ответь развёрнуто.": "more",
    "Ответь в двух предложениях.": "two",
    "Двумя предложениями.": "two",
    "Ответь списком.": "list",
    "По пунктам, пожалуйста.": "list",
    "Отвечай официально, на «вы».": "one",
    "Только факт.": "brief",
    "Ответь очень коротко.": "brief",
    "Ответь простыми словами.": "one",
    "Ответь так, чтобы понял новый сотрудник.": "one",
    "Цитатой из документа.": "one",
    "Напиши ответ для клиента.": "letter",
}
"""What users may write instead of our styles, and the form that is answered in."""

_MORE = {"more": 2, "two": 1, "steps": 2, "list": 2}
"""Sentences that are told beside the right one, where they follow it."""

_GREETINGS = ("Здравствуйте!", "Здравствуйте!", "Добрый день!")
_FAREWELLS = (
    ("С уважением, служба поддержки",),
    ("С уважением, служба поддержки",),
    ("Если останутся вопросы, обращайтесь.\n", "С уважением, служба поддержки"),
    ("Всего доброго!",),
)
"""Each line is a courtesy to ``app.answer_text``, so that none of them counts as unsupported."""

WORDS = (*OWN_STYLES, *_GREETINGS, *(line for lines in _FAREWELLS for line in lines))
"""All that stands in examples and is neither of a document nor the assistant's."""
_CLAUSE = re.compile(r"[,;](?= )")
_RUSSIAN = re.compile(r"[А-Яа-яЁё]")
_LEANS = re.compile(
    r"(?:Он|Она|Оно|Они|Его|Её|Ее|Их|Ему|Ей|Им|Это|Этот|Эта|Эти|Этого|Этой|Этих|При этом|Там|Тогда|Поэтому|"
    r"В этом случае|Однако|Для этого)\b"
)


def _is_told(sentence: str) -> bool:
    """Whether a sentence says something by itself: it is Russian prose, and does not only lead up to a list."""
    return not sentence.endswith(":") and 2 * len(_RUSSIAN.findall(sentence)) > len(sentence)


def leans(sentence: str) -> bool:
    """Whether a sentence is understood only with the one before it."""
    return bool(_LEANS.match(sentence))


def shortened(sentence: str, end: int) -> str:
    """Return a very long sentence up to the first clause's end behind ``end``; ``end`` 0 leaves it whole."""
    if len(sentence) < LONG or not end:
        return sentence
    for match in _CLAUSE.finditer(sentence, end):
        if len(sentence) - match.start() < LEAST_CUT:
            break
        if sentence.count("(", 0, match.start()) == sentence.count(")", 0, match.start()):
            return sentence[: match.start()] + "."
    return sentence


def chosen(shown: Shown, at: int, asked: Asked, form: str, chance: random.Random) -> tuple[list[str], str]:
    """Return the sentences that answer ``asked`` in the form that was wanted, and how they are to be written.

    ``at`` is the place of the right sentence in ``shown``. What a colon leads up to is told instead of its sentence.
    """
    sentence = shown.sentences[at]
    if (asked.kind == "list" or sentence.endswith(":")) and form not in ("one", "brief"):
        items = [one for one in (sentence, *shown.following(at, most=4)) if _is_told(one)]
        if items:
            return items, form if form in ("steps", "letter") else "list"
    if form == "brief" and asked.answer:
        return [asked.answer], "plain"
    told = [_space(shown, at) + shortened(sentence, asked.end)]
    more = _MORE.get(form, 0)
    if form == "plain" and asked.kind == "title" and chance.random() < 0.4:
        more = 1
    if form == "steps" and asked.kind != "title":
        more = 0
    told += [one for one in shown.following(at, most=more) if _is_told(one)]
    if form == "plain" and leans(sentence) and at and shown.joints[at] != GAP and chance.random() < 0.5:
        told[0] = told[0].lstrip()
        told.insert(0, _space(shown, at - 1) + shown.sentences[at - 1])
    return told, form if form in ("steps", "list", "letter") else "plain"


def _space(shown: Shown, at: int) -> str:
    """Return the space before a sentence, which is repeated with it: to this vocabulary it is part of the word."""
    return " " if shown.joints[at] in (" ", GAP) else ""


def units(sentences: Sequence[str], number: int, form: str, chance: random.Random) -> tuple[str, ...]:
    """Return an answer of ``sentences`` from passage ``number`` as units: ``form`` is plain, steps, list or letter.

    A plain one begins with a space where its sentence does.
    """
    cited = f" [{number}]"
    lead = sentences[0][:1] if form == "plain" and sentences[0].startswith(" ") else ""
    sentences = [sentence.lstrip() for sentence in sentences]
    if form == "steps":
        return _lines([(f"{step}.", f" {sentence}") for step, sentence in enumerate(sentences, start=1)], cited)
    if form == "list":
        return _lines([("-", f" {sentence}") for sentence in sentences], cited)
    said: list[str] = []
    for at, sentence in enumerate(sentences):
        said += [f" {sentence}" if at else lead + sentence, cited]
    if form == "letter":
        said[-1] += "\n\n"
        return (chance.choice(_GREETINGS) + "\n\n", *said, *chance.choice(_FAREWELLS))
    return tuple(said)


def _lines(items: Sequence[tuple[str, str]], cited: str) -> tuple[str, ...]:
    last = len(items) - 1
    return tuple(unit for at, item in enumerate(items) for unit in (*item, cited if at == last else cited + "\n"))

"""Follow-up questions made self-contained, and what of a conversation a model still remembers.

«А если не помогло?» finds nothing in a base. Rules come first: what is asked about is carried over from the question
before («А у ноутбука?» takes the place of a noun in the same case). Where they are not sure and there is a model, it
rewrites the question, and is believed only if it made nothing up.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app import prompts
from app.answer_text import plain
from app.events import Turn
from app.facts import facts
from app.language_models import Running
from app.prompt import TURN_PAIR, escaped
from kb.language.grammar import Part, cases, part
from kb.language.words import fold, stem, tokens, words
from kb.stopping import never
from models.errors import ModelsError
from models.runtime.events import Finished, Text
from models.runtime.options import Message, Request, Sampling

MOST_CARRIED = 6
"""Words taken over from the question before. More would drown what is asked now."""

FEW = 2
"""A question of so few words of its own, and no more, leans on the one before."""

REWRITTEN_LIMIT = 48
"""Tokens of a rewritten question."""

LONGEST_QUOTED = 300
"""Characters of an answer that the model is shown to rewrite the question after it."""

_OPENERS = re.compile(r"^(?:а|и|ну а|но|тогда|а тогда|а вот|а еще|еще|также|а также)\s+(?=\S)")
_PRONOUNS = frozenset(
    word
    for line in (
        "он она оно они его ее их ему ей им ним ней него нее них нем нему ними этот эта это эти этого этой этих этому",
        "этим этими этом эту тот та те того той тех там туда оттуда такой такая такое такие такого таких",
    )
    for word in line.split()
)
_FIXED = frozenset(("том числе", "тем более", "это время", "тот же", "то есть", "там же"))
_BARE = re.compile(
    r"^(?:а |и |но )?(?:почему|зачем|где|когда|кто|как|сколько|куда|откуда|чем|какой|какая|какое|какие|подробнее|"
    r"расскажи подробнее|поясни|например|и все|точно|и что дальше|что дальше|дальше|а потом|потом|а дальше)\W*$"
)
_WORD = re.compile(r"[^\W_]+(?:[-./][^\W_]+)*")
_ASKED_BY = "как что где когда кто кому почему зачем сколько какой какая какое какие каким чем куда ли"
_ASKING = frozenset(_ASKED_BY.split())


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A question as the rules understand it, and whether they are sure."""

    text: str
    sure: bool


def self_contained(
    question: str, turns: Sequence[Turn], *, model: Running | None = None, stop: Callable[[], bool] = never
) -> str:
    """Return ``question`` as it can be understood without ``turns``, the same where it needs none of them."""
    if not turns:
        return question
    before = turns[-1]
    by_rule = by_rules(question, before.asked)
    if by_rule.sure or model is None or model.only_answers:
        return by_rule.text
    if model.model.pid is None:  # loading takes longer than searching
        return by_rule.text
    return _by_model(question, before, model, stop) or by_rule.text


def by_rules(question: str, before: str) -> Rewritten:
    """Return ``question`` with what it takes over from the self-contained question ``before``."""
    folded = " ".join(fold(question).split())
    own = [word.form for word in words(folded) if word.form not in _ASKING]
    opener = bool(_OPENERS.match(folded) or _BARE.match(folded))
    pronoun = _pronoun(folded)
    if not opener and not pronoun and len(own) > FEW:
        return Rewritten(question, sure=True)
    if not opener and not pronoun and _topical(own):
        return Rewritten(question, sure=True)
    subject = _carried(before, instead_of=own, replacing=bool(_OPENERS.match(folded)) and not _has_verb(folded))
    if not subject:
        return Rewritten(question, sure=False)
    sure = (opener and not pronoun) or len(own) <= FEW
    return Rewritten(f"{question.rstrip()} ({' '.join(subject)})", sure=sure)


def read_by(model: Running, turns: Sequence[Turn]) -> tuple[TURN_PAIR, ...]:
    """Return the earlier turns that ``model`` reads with a question: none, if answering is all that it has learned."""
    return () if model.only_answers else pairs(turns)


def pairs(turns: Sequence[Turn]) -> tuple[TURN_PAIR, ...]:
    """Return what a model was sent and wrote, for the turns that it answered."""
    return tuple((turn.sent, turn.written) for turn in turns if turn.sent and turn.written)


def drop_oldest(turns: list[Turn]) -> int:
    """Take the oldest half of the turns that a model answered away; return how many these were.

    Half and not one: what is dropped has to be read anew from the first dropped turn on, so it should happen seldom.
    """
    answered = [turn for turn in turns if turn.sent]
    dropped = answered[: (len(answered) + 1) // 2]
    for turn in dropped:
        turns.remove(turn)
    return len(dropped)


def _pronoun(folded: str) -> bool:
    """Whether a pronoun points out of the question: one behind a noun of the same question points at that."""
    said = tokens(folded)
    for at, word in enumerate(said):
        if word in _PRONOUNS and " ".join(said[at : at + 2]) not in _FIXED:
            if word.startswith(("эт", "т")) and at + 1 < len(said) and part(said[at + 1]) is Part.NOUN:
                return True  # «этот роутер» of the answer before
            return not any(part(other) is Part.NOUN for other in said[:at])
    return False


def _topical(own: Sequence[str]) -> bool:
    """Whether few words are a question of their own: «Wi-Fi пароль» is, «Сколько стоит» is not."""
    return sum(part(form) in (Part.NOUN, Part.NAME) for form in own) >= FEW


def _has_verb(folded: str) -> bool:
    return any(part(token) is Part.VERB for token in tokens(folded))


def _carried(before: str, *, instead_of: Sequence[str], replacing: bool) -> list[str]:
    """Return the words of ``before`` that go on being talked about, as they were written.

    ``replacing``: the new question only names another thing, so the one in the same case is left out.
    """
    new = {stem(form) for form in instead_of}
    found = [match[0] for match in _WORD.finditer(before)]
    kept = [word for word in found if words(word) and fold(word) not in _ASKING and stem(fold(word)) not in new]
    if replacing:
        others = frozenset().union(*(cases(form) for form in instead_of))
        rivals = [word for word in kept if part(fold(word)) is Part.NOUN and cases(fold(word)) & others]
        if rivals and len(kept) > 1:
            kept.remove(rivals[-1])
    return list(dict.fromkeys(kept))[-MOST_CARRIED:]


def _by_model(question: str, before: Turn, model: Running, stop: Callable[[], bool]) -> str | None:
    """Return the question as the model rewrites it; None where it fails or adds what nobody said."""
    text = prompts.REWRITE.format(
        before=escaped(before.asked), answer=escaped(plain(before.answer)[:LONGEST_QUOTED]), question=escaped(question)
    )
    messages = (Message(role="system", text=prompts.REWRITER), Message(role="user", text=text))
    wanted = Request(
        messages=messages, sampling=Sampling(temperature=0.0), limit=REWRITTEN_LIMIT, stops=("\n",), keep="rewriting"
    )
    written, complete = "", False
    try:
        for event in model.model.generate(wanted, stop=stop):
            if isinstance(event, Text):
                written += event.delta
            elif isinstance(event, Finished):
                complete = event.reason in ("end", "stop")
    except ModelsError:
        return None
    written = written.strip().strip('«»"')
    return written if complete and _honest(written, question, before) else None


def _honest(written: str, question: str, before: Turn) -> bool:
    """Whether a rewritten question is a question, and made of what was said."""
    said = f"{question} {before.asked} {before.answer}"
    known = {word.stem for word in words(said)}
    stems = {word.stem for word in words(written)}
    if not stems or not written.endswith("?") or not any(word.stem in stems for word in words(question)):
        return False
    told = facts(said)
    if any(not any(fact.agrees(other) for other in told) and fact.value not in known for fact in facts(written)):
        return False
    return len(stems - known) <= max(1, len(stems) // 4)

"""What the chunks of a clause are to each other: the verb, its subject, and the rest. Knows no questions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from models.nano.inflection import Reading, infinitive, like, verb_for
from models.nano.listing import listed
from models.nano.tokens import Chunk, Kind

_FILLING = frozenset(
    listed("также только уже еще ещё поэтому затем однако обычно теперь далее просто лишь тоже при этом")
)
_NOUNS_THAT_ARE_VERBS = frozenset(("см", "том", "три", "мой", "могли"))


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause that was understood. ``told``: the reader is told or allowed to do it, so that it has no subject."""

    verb: Chunk
    subject: Chunk | None
    others: tuple[Chunk, ...]
    told: bool = False
    said_as: str = ""

    def said(self, *, by: str = "") -> str:
        """Return the verb with its companions; ``by`` «кто» or «что» in the form that this subject wants."""
        if self.said_as:
            return self.said_as
        words = []
        for index, token in enumerate(self.verb.tokens):
            reading = self.verb.reading if index == self.verb.head else token.reading("PRTS", "ADJS")
            if token.low in _FILLING:
                continue
            form = verb_for(reading, living=by == "кто") if by and reading is not None else None
            words.append(like(form, token.low) if form is not None else token.low)
        return " ".join(words)

    def moves(self, pattern: re.Pattern[str]) -> bool:
        """Whether a word of what is done matches ``pattern``: then «в» and «на» tell whither."""
        return any(pattern.match(word) for word in self.said().split())


def clause_from(chunks: Sequence[Chunk]) -> Clause | None:
    """Return the clause that ``chunks`` make; None where they make none that can be asked about."""
    verbs = [one for one in chunks if one.kind is Kind.VERB]
    if len(verbs) != 1 or verbs[0].tokens[verbs[0].head].low in _NOUNS_THAT_ARE_VERBS:
        return None
    verb = verbs[0]
    reading = verb.reading
    others = [one for one in chunks if one is not verb]
    others = [one for one in others if not (one.kind is Kind.THING and one.noun in ("образ", "идеал", "общее"))]
    things = [one for one in others if one.kind is Kind.THING]
    if any(one.points and one.kind is Kind.THING for one in things):
        return None
    you = next((one for one in things if one.tokens[0].low in ("вы", "мы", "вам") and len(one.tokens) == 1), None)
    if reading is None or not others:
        return None
    if you is not None:
        said = _without_you(verb)
        rest = [one for one in others if one is not you]
        return Clause(verb, None, _objects(rest), True, said) if said and not _is_doubled(rest) else None
    if "impr" in reading.marks or _is_imperative(verb):
        return _told(verb, others)
    if reading.pos in ("INFN", "PRED") or verb.tokens[verb.head].low in _IMPERSONAL:
        said = " ".join(one.low for one in verb.tokens if one.low not in _FILLING)
        return Clause(verb, None, _objects(others), True, said) if reading.pos != "INFN" else None
    return _with_subject(verb, reading, chunks, others)


_IMPERSONAL = frozenset(listed("следует требуется рекомендуется нельзя можно нужно необходимо разрешается запрещается"))


def _is_imperative(verb: Chunk) -> bool:
    head = verb.tokens[verb.head]
    return any(one.pos == "VERB" and "impr" in one.marks and "plur" in one.marks for one in head.readings[:2])


def _told(verb: Chunk, others: Sequence[Chunk]) -> Clause | None:
    head = verb.tokens[verb.head]
    reading = next((one for one in head.readings if "impr" in one.marks), None)
    if reading is None or "sing" in reading.marks or _is_doubled(others):
        return None
    form = infinitive(head.text) if reading is head.readings[0] else reading.lemma
    words = [("нужно " + (form or "")) if index == verb.head else one.low for index, one in enumerate(verb.tokens)]
    if verb.tokens[0].low == "не":
        words = ["нельзя", form or "", *(one.low for one in verb.tokens[verb.head + 1 :])]
    return Clause(verb, None, _objects(others), True, " ".join(words)) if form else None


def _without_you(verb: Chunk) -> str:
    """Return «можно открыть» for «вы можете открыть»; empty for what only «вы» can do."""
    words = [one.low for one in verb.tokens if one.low not in _FILLING]
    swapped = {"можете": "можно", "сможете": "можно", "должны": "нужно", "потребуется": "нужно", "нужно": "нужно"}
    if len(words) > 1 and words[0] in swapped:
        return " ".join([swapped[words[0]], *words[1:]])
    if len(words) > 2 and words[0] == "не" and words[1] in ("можете", "сможете"):
        return " ".join(["нельзя", *words[2:]])
    return ""


def _objects(others: Sequence[Chunk]) -> tuple[Chunk, ...]:
    """Return the rest with the cases of things settled: there is no subject among them."""
    return tuple(_settled(one, ("accs", "ablt", "datv", "gent")) for one in others)


def _settled(one: Chunk, cases: Sequence[str]) -> Chunk:
    return one if one.kind is not Kind.THING else one.narrowed(cases) or one


def _with_subject(verb: Chunk, reading: Reading, chunks: Sequence[Chunk], others: Sequence[Chunk]) -> Clause | None:
    if "1per" in reading.marks or "2per" in reading.marks:
        return None
    at = list(chunks).index(verb)
    before = [one for one in chunks[:at] if one.kind is Kind.THING]
    behind = [one for one in chunks[at + 1 :] if one.kind is Kind.THING]
    subject = next((one for one in before if _agrees(one, reading)), None)
    if _WANTS_INFINITIVE.match(reading.lemma) and not any(one.reading("INFN") for one in verb.tokens):
        return None
    if subject is None and not before and (_is_passive(verb) or "intr" in reading.marks):
        subject = next((one for one in behind[:1] if _agrees(one, reading)), None)
    if subject is None:
        return None
    rest = [one for one in others if one is not subject]
    if any(one.kind is Kind.THING and not one.cases & {"accs", "ablt", "datv", "gent"} for one in rest):
        return None
    if _is_doubled(rest):
        return None
    first = ("accs", "ablt", "datv", "gent") if not _is_passive(verb) else ("ablt", "datv", "gent", "accs")
    nominative = subject.narrowed(("nomn",))
    settled = tuple(_settled(one, first) for one in rest)
    return Clause(verb, nominative or subject, settled) if len(settled) == len(rest) else None


def _is_doubled(others: Sequence[Chunk]) -> bool:
    """Whether two things in the same case stand side by side: then one of them was not understood."""
    plain = frozenset(("nomn", "accs"))
    return any(
        one.kind is other.kind is Kind.THING and one.cases & plain and other.cases & plain
        for one, other in pairwise(others)
    )


_WANTS_INFINITIVE = re.compile(r"(?:позволять|позволить|помогать|мочь|смочь|должный|пытаться|хотеть)$")


def _is_passive(verb: Chunk) -> bool:
    return verb.tokens[verb.head].low.endswith(("ся", "сь")) or (
        verb.reading is not None and verb.reading.pos == "PRTS"
    )


def _agrees(thing: Chunk, verb: Reading) -> bool:
    if "nomn" not in thing.cases:
        return False
    head = thing.tokens[thing.head]
    if not head.readings:
        return verb.number == "sing"
    if thing.counted or " и " in thing.text():
        return verb.number == "plur" or thing.counted
    return any(
        one.case == "nomn"
        and one.pos in ("NOUN", "NPRO")
        and one.number == verb.number
        and (verb.number == "plur" or not verb.gender or not one.gender or verb.gender == one.gender)
        for one in head.readings
    )

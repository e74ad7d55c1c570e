"""Questions that a sentence answers, made by rule: who, what, where, when, how many, how, why, whether.

What a question asks for is taken out of the clause, the question word and the verb take the form that Russian wants,
and the rest follows in the order in which people ask. Sentences that ``chunks`` does not understand, and those that
nobody understands alone («Это делается так»), give nothing.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from models.nano.chunks import clause_of
from models.nano.clauses import Clause, clause_from
from models.nano.inflection import verb_for
from models.nano.openings import many, naming, placing, with_which
from models.nano.titles import of_purpose
from models.nano.tokens import Chunk, Kind, Token, tokens_of

_EMPTY = frozenset(("составлять", "составить", "приходиться", "являться", "означать", "стать"))
"""Nobody asks what it is that does so."""

LEAST_WORDS, MOST_WORDS = 3, 15
"""Words of a question; with fewer it fits any passage."""

LONGEST_SENTENCE = 45
"""Words. Longer ones are lists and tables more often than sentences."""

_STOP = re.compile(
    r"\b(?:см\.|ниже|выше|следующ\w+|приведен\w*|рисун\w*|пример\w*|раздел\w*|стать[еяю]\w*|Область применения|"
    r"дополнительн\w+ сведения|дополнительную информацию)\b",
    re.IGNORECASE,
)
_GARBAGE = re.compile(r"[{}|\\=<>@#$*~^]|https?:|\w/\w|…|\.\.|[A-Za-z][а-яё]|[а-яё][A-Z]")
_DEFINED = re.compile(
    r"^([А-ЯЁA-Z«][^.,;:()—–]{2,60}?) (?:—|–|-) (?:это )?(?=[а-яё])|^([А-ЯЁA-Z][^.,;:()]{2,50}?) это (?=[а-яё])"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, and what of the sentence answers it (``sentence[start:end]``; the whole of it where both are 0)."""

    question: str
    start: int = 0
    end: int = 0


def questions(sentence: str, chance: random.Random, *, most: int = 4) -> list[Asked]:
    """Return up to ``most`` different questions that ``sentence`` answers."""
    words = len(sentence.split())
    if not 4 <= words <= LONGEST_SENTENCE or _GARBAGE.search(sentence) or _STOP.search(sentence):
        return []
    if not (sentence[0].isupper() or sentence[0] in '«"0123456789') or sentence.rstrip()[-1:] not in ".;)!":
        return []
    found = [*_definition(sentence), *_of_parts(sentence, chance)]
    kept: dict[str, Asked] = {}
    chance.shuffle(found)
    for one in found:
        if LEAST_WORDS <= len(one.question.split()) <= MOST_WORDS:
            kept.setdefault(one.question.casefold(), one)
    return list(kept.values())[:most]


def _of_parts(sentence: str, chance: random.Random) -> list[Asked]:
    """Return the questions of the parts between commas: a purpose, a condition, and the first clause that stands."""
    parts = _parts(sentence)
    found: list[Asked] = []
    main = 0
    opening = parts[0][0].low if parts and parts[0] else ""
    if opening in ("чтобы", "если", "когда") and len(parts) > 1:
        found += _subordinate(parts[0], parts[1], chance)
        main = 1
    elif len(parts) > 1 and parts[1][0].low in ("чтобы", "если") and (orders(parts[0]) or parts[1][0].low == "если"):
        found += _subordinate(parts[1], parts[0], chance)
    if main < len(parts) and (main == 0 or _tells(parts[main])):
        part = parts[main]
        chunks = clause_of(part)
        clause = clause_from(chunks) if chunks else None
        if clause is not None:
            found += _of_clause(clause, chance)
            found += _conditional(clause, parts[0] if main else ())
            found += _why(clause, parts[main + 1 :])
    return found


def _parts(sentence: str) -> list[list[Token]]:
    parts: list[list[Token]] = [[]]
    for token in tokens_of(sentence):
        if token.text in (",", ";", "—", "–", ":"):
            parts.append([])
        elif token.text not in ".!?" and not (token.low == "то" and not parts[-1]):
            parts[-1].append(token)
    return [part for part in parts if part]


def _subordinate(part: Sequence[Token], main: Sequence[Token], chance: random.Random) -> Iterator[Asked]:
    """Yield «как …?» for a purpose and «что делать, если …?» for a condition."""
    body = part[1:]
    if (
        not _tells(main)
        or not 2 <= len(body) <= 12
        or any(one.low in ("это", "этого", "этот", "эту", "его", "их", "ее", "её", "том") for one in body)
    ):
        return
    said = " ".join(one.text for one in body)
    start, end = main[0].start, main[-1].end
    if part[0].low == "чтобы" and body[0].readings and body[0].readings[0].pos == "INFN":
        forms = (
            "Как {}?",
            "Как {}?",
            "Как мне {}?",
            "Что нужно сделать, чтобы {}?",
            "Как можно {}?",
            "Что сделать, чтобы {}?",
        )
        for form in chance.sample(forms, 2):
            yield Asked(form.format(said), start, end)
        yield from (Asked(one, start, end) for one in of_purpose(body, chance))
    elif part[0].low in ("если", "когда") and clause_of(body) is not None:
        said = re.sub(r"\b(?:вы|вас|вам|у вас)\b ?", "", said) if chance.random() < 0.5 else said
        told = orders(main)
        doing = ("Что делать, если {}?", "Что делать, если {}?", "Как быть, если {}?", "Что нужно сделать, если {}?")
        being = ("Что будет, если {}?", "Что произойдет, если {}?", "Что происходит, если {}?")
        yield Asked(chance.choice(doing if told else being).format(said.strip()), start, end)


def _conditional(clause: Clause, condition: Sequence[Token]) -> Iterator[Asked]:
    """Yield «к кому обратиться, если …?»: what is to be done, asked for with its condition or purpose."""
    if not clause.told or not clause.others or not 3 <= len(condition) <= 9 or clause.others[0].points:
        return
    chunk = clause.others[0]
    openings = list(placing(chunk, clause)) if chunk.kind is Kind.PLACE else list(naming(chunk))
    said = clause.said().removeprefix("нужно ")
    behind = " ".join(one.text for one in condition[1:])
    for opening in openings[:1]:
        yield Asked(f"{opening} {said}, {condition[0].low} {behind}?", chunk.start, chunk.end)


def _tells(part: Sequence[Token]) -> bool:
    """Whether a part says something itself, rather than going on with the part before it."""
    first = part[0]
    if first.low.startswith("котор") or first.reading("PRTF") or first.low in ("на", "в", "пока", "что", "где", "как"):
        return False
    return any(one.reading("VERB", "PRTS", "PRED") and not one.is_label for one in part)


def orders(part: Sequence[Token]) -> bool:
    """Whether a part tells the reader what to do: «нажмите», «нужно нажать»."""
    return any(
        one.low in ("можно", "нужно", "следует", "необходимо", "надо")
        or any("impr" in reading.marks and "plur" in reading.marks for reading in one.readings[:2])
        for one in part
        if not one.is_label
    )


def _why(clause: Clause, behind: Sequence[Sequence[Token]]) -> Iterator[Asked]:
    """Yield «почему …?» where the next part gives a reason."""
    if not behind or clause.subject is None or clause.told:
        return
    low = [one.low for one in behind[0][:2]]
    if low[:1] == ["чтобы"]:
        yield Asked(_put("Зачем", clause, None, subject_first=True), behind[0][0].start, behind[-1][-1].end)
    if low[:1] in (["поскольку"], ["потому"]) or low in (["так", "как"], ["из-за", "того"]):
        start, end = behind[0][0].start, behind[-1][-1].end
        yield Asked(_put("Почему", clause, None, subject_first=True), start, end)
        yield Asked(_put("Почему", clause, None), start, end)


def _of_clause(clause: Clause, chance: random.Random) -> Iterator[Asked]:
    if clause.subject is not None and clause.subject.points:
        return
    if clause.subject is not None:
        yield from _for_subject(clause, clause.subject, chance)
        yield from _whether(clause, chance)
    for chunk in clause.others:
        if chunk.points:
            continue
        if chunk.kind is Kind.PLACE:
            for opening in placing(chunk, clause):
                yield _asked(opening, clause, chunk, chance)
        elif chunk.kind is Kind.THING:
            for opening in naming(chunk):
                yield _asked(opening, clause, chunk, chance)
    yield from _doing(clause, chance)


def _asked(opening: str, clause: Clause, chunk: Chunk, chance: random.Random) -> Asked:
    doing = any(one.kind is Kind.THING and one is not chunk for one in clause.others) or len(clause.said().split()) > 1
    first = clause.subject is not None and (doing or chance.random() < 0.15)
    return Asked(_put(opening, clause, chunk, subject_first=first, chance=chance), chunk.start, chunk.end)


def _for_subject(clause: Clause, subject: Chunk, chance: random.Random) -> Iterator[Asked]:
    reading, verb = subject.reading, clause.verb.reading
    if not clause.others or verb is None or subject.noun in ("вы", "мы", "я"):
        return
    living = reading is not None and reading.is_living
    if (reading is not None and reading.is_doubtful) or verb.lemma in _EMPTY:
        return
    if subject.counted:
        if reading is not None and reading.pos == "NOUN" and (how_many := many(subject)):
            yield Asked(_put(how_many, clause, subject), subject.start, subject.end)
        return
    if verb_for(verb, living=living) is not None:
        said = clause.said(by="кто" if living else "что")
        rest = _rest(clause, subject, chance)
        if rest:
            yield Asked(f"{'Кто' if living else 'Что'} {' '.join([said, *rest])}?", subject.start, subject.end)
    if (opening := with_which(subject, "nomn")) is not None:
        rest = _rest(clause, subject, chance)
        yield Asked(f"{opening} {' '.join([clause.said(), *rest])}?", subject.start, subject.end)


def _whether(clause: Clause, chance: random.Random) -> Iterator[Asked]:
    """Yield a question for yes or no: «Поддерживает ли …?»."""
    verb, subject = clause.verb.reading, clause.subject
    if verb is None or subject is None or not clause.others or clause.told or chance.random() < 0.5:
        return
    words = [one for one in clause.said().split() if one != "не"]
    rest = _rest(clause, None, chance)
    if words and rest and clause.verb.head == (1 if clause.verb.tokens[0].low == "не" else 0):
        words[1:1] = ["ли", _said(subject)]
        yield Asked(_capital(" ".join([*words, *rest])) + "?")


_MEANS = ("в", "на", "с помощью", "при помощи", "через", "путем", "путём", "посредством")


def _doing(clause: Clause, chance: random.Random) -> Iterator[Asked]:
    """Yield «как …?» for what is told to be done: «В меню выберите …» gives «Как выбрать …?»."""
    if clause.subject is not None or not clause.others:
        return
    words = clause.said().split()
    verb = next((one for one in words if one.endswith(("ть", "ться", "ти", "тись", "чь"))), None)
    things = [one for one in clause.others if one.kind is Kind.THING and not one.points]
    if verb is None or not things or len(clause.others) < 2:
        return
    rest = [_said(one) for one in clause.others if not one.points and one.kind is not Kind.HOW]
    means = [one for one in clause.others if one.kind is Kind.PLACE and one.preposition in _MEANS and not one.points]
    if means:
        rest = [_said(things[0])]
        means_ = means[0]
        yield Asked(
            f"{chance.choice(('Как', 'Как можно', 'Как мне'))} {verb} {' '.join(rest)}?", means_.start, means_.end
        )
    negated = "не" in words or words[0] in ("нельзя", "невозможно")
    if negated or (words[0] in ("можно", "разрешается", "допускается") and chance.random() < 0.4):
        rest = [_said(one) for one in clause.others if not one.points and one.kind is not Kind.HOW]
        yield Asked(f"Можно ли {verb} {' '.join(rest)}?")


def _put(
    opening: str,
    clause: Clause,
    asked: Chunk | None,
    *,
    subject_first: bool = False,
    chance: random.Random | None = None,
) -> str:
    """Put a question together: its opening, the verb, the subject, and the rest."""
    subject = [_said(clause.subject)] if clause.subject is not None and clause.subject is not asked else []
    verb = [clause.said()]
    first = subject + verb if subject_first else verb + subject
    rest = _rest(clause, asked, chance)
    return f"{opening} {' '.join([*first, *rest])}?" if subject or rest else ""


def _rest(clause: Clause, asked: Chunk | None, chance: random.Random | None) -> list[str]:
    """Return what else a question names: not what it asks for, nothing that points back, not too much."""
    others = [one for one in clause.others if one is not asked and one is not clause.subject and not one.points]
    others = [one for one in others if one.kind is not Kind.HOW]
    others.sort(key=lambda one: one.kind is not Kind.THING)
    if chance is not None and len(others) > 1 and others[-1].kind is Kind.PLACE and chance.random() < 0.3:
        others.pop()
    while len(others) > 1 and sum(len(one.tokens) for one in others) > 9:
        others.pop()
    return [_said(one) for one in others]


def _said(chunk: Chunk) -> str:
    """Return a chunk as a question repeats it: without brackets."""
    return chunk.text(skip=frozenset(index for index, one in enumerate(chunk.tokens) if one.text[0] == "("))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _definition(sentence: str) -> Iterator[Asked]:
    match = _DEFINED.match(sentence)
    if match is None:
        return
    what = match[1] or match[2]
    words = what.split()
    if len(words) > 5 or words[0].lower() in ("это", "эта", "он", "она", "они", "если", "для", "при", "в", "на"):
        return
    token = tokens_of(what)[0]
    if not token.is_name and token.readings[0].pos not in ("NOUN", "ADJF", "PRTF"):
        return
    if any(one.reading("VERB", "PRTS") for one in tokens_of(what) if not one.is_name):
        return
    said = tokens_of(sentence[match.end() :])[0]
    if said.readings and said.readings[0].pos not in ("NOUN", "ADJF", "PRTF", "NUMR"):
        return
    plain = words[0] if token.is_name or token.readings[0].marks & {"Name", "Surn", "Geox"} else words[0].lower()
    name = " ".join([plain, *words[1:]])
    living = not token.is_name and token.readings[0].is_living and token.readings[0].raw.is_known
    yield Asked(f"{'Кто такой' if living else 'Что такое'} {name}?", match.end(), len(sentence))
    if not living:
        yield Asked(f"Что означает {name}?", match.end(), len(sentence))

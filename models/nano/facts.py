"""Documents that nobody wrote: ``templates/*.txt`` filled with invented offices, people, places, things and events.

A template is a kind of document. It looks like this:

    ## name of the kind, perhaps «x 3» for one that is made three times as often, «lines» for one sentence per line
    = slot: int 3 20            filled anew for every subject; ``== slot:`` once for the whole document
    repeat: 2 4                 the subjects that one document has (1 where it is not said)
    title: one | another        ``head:`` for the heading
    - a sentence that nobody asks about | another
    * a sentence about {slot} [maybe] | the same [in other words|otherwise]
    ? a question that it answers | another
    > a short answer
    ! a question on this topic that no sentence answers

A question behind words in brackets is asked where the sentence holds one of them: «? (из-за, поскольку) Почему …?».

``{slot:gent}`` puts what fills a slot in a case, ``{p.last:datv}`` a part of it, ``{n*рабочий день}`` counts,
``{p^родился}`` agrees in gender and number, ``{slot:plur.gent}`` asks for the plural.

A document tells only some of the facts; questions about the others, and about a subject that it does not have, are
questions that it cannot answer.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from kb.language.lemmas import analyzer
from models.nano.inflection import counted, readings
from models.nano.slots import CASES, Value, value_of

TEMPLATES = Path(__file__).with_name("templates")
MOST_QUESTIONS = 6
_TOLD = 0.72
"""Share of the facts of a template that one document tells."""

_JOINED = 0.12
"""Share of sentences that are joined to the one before."""

_SLOT = re.compile(r"\{(\w+)(?:\.(\w+))?(?::([\w.]+))?(?:\*([^}:]+)(?::(\w+))?)?(?:\^([^}]+))?\}")
_BEFORE_TWO = re.compile(r"(?<!\w)([вВ]) (?=[ВФвф][бвгджзклмнпрстфхцчшщ])")
"""«Во Влтаве», not «в Влтаве»."""

_GUARD = re.compile(r"\(([^)]*)\) ")
_INNERMOST = re.compile(r"\[([^\[\]{}]*(?:\{[^{}]*\}[^\[\]{}]*)*)\]")


@dataclass(frozen=True, slots=True)
class Fact:
    """What one sentence says, in several wordings, and what is asked about it. Without questions it fills the page."""

    sentences: tuple[str, ...]
    questions: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()


@dataclass(slots=True)
class Template:
    """A kind of document."""

    name: str
    weight: int = 1
    lines: bool = False
    repeat: tuple[int, int] = (1, 1)
    shared: dict[str, str] = field(default_factory=dict)
    slots: dict[str, str] = field(default_factory=dict)
    titles: list[str] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence of a made document, with its questions and perhaps a short answer for each."""

    text: str
    questions: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Made:
    """A made document."""

    kind: str
    title: str
    heading: str
    sentences: tuple[Told, ...]
    lines: bool
    absent: tuple[str, ...]
    names: tuple[str, ...]
    """What tells this document from others of its kind, in the forms in which it is written: «Орлов», «Орловым»."""


def split(text: str) -> tuple[str, ...]:
    """Return the alternatives of a line: cut at «|» outside of brackets."""
    parts, depth = [""], 0
    for sign in text:
        depth += (sign == "[") - (sign == "]")
        if sign == "|" and not depth:
            parts.append("")
        else:
            parts[-1] += sign
    return tuple(part.strip() for part in parts if part.strip())


@lru_cache
def templates(folder: Path = TEMPLATES) -> tuple[tuple[Template, ...], Mapping[str, Sequence[str]]]:
    """Return the templates of a folder, and its lists of words («@ name: one, another»)."""
    found: list[Template] = []
    lists: dict[str, list[str]] = {}
    for path in sorted(folder.glob("*.txt")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("## "):
                found.append(_headed(line[3:]))
            elif line.startswith("@ "):
                name, _, words = line[2:].partition(":")
                lists.setdefault(name.strip(), []).extend(one.strip() for one in words.split(",") if one.strip())
            elif line.strip() and not line.startswith("#"):
                _take(found[-1], line.strip())
    return tuple(found), lists


def _headed(line: str) -> Template:
    words = line.split()
    template = Template(words[0], lines="lines" in words)
    if "x" in words:
        template.weight = int(words[words.index("x") + 1])
    return template


def _take(template: Template, line: str) -> None:
    mark, _, rest = line.partition(" ")
    rest = rest.strip()
    if mark in ("=", "=="):
        name, _, spec = rest.partition(":")
        (template.shared if mark == "==" else template.slots)[name.strip()] = spec.strip()
    elif mark == "repeat:":
        low, high = rest.split()
        template.repeat = (int(low), int(high))
    elif mark == "title:":
        template.titles += split(rest)
    elif mark == "head:":
        template.heads += split(rest)
    elif mark in ("*", "-"):
        template.facts.append(Fact(split(rest)))
    elif mark in ("?", ">"):
        last = template.facts[-1]
        more = split(rest)
        template.facts[-1] = (
            Fact(last.sentences, last.questions + more, last.answers)
            if mark == "?"
            else Fact(last.sentences, last.questions, last.answers + more)
        )
    elif mark == "!":
        template.absent += split(rest)
    else:
        raise ValueError(line)


def documents(chance: random.Random, folder: Path = TEMPLATES) -> Iterator[Made]:
    """Yield made documents without end."""
    found, lists = templates(folder)
    weights = [template.weight for template in found]
    while True:
        yield made(chance.choices(found, weights)[0], lists, chance)


def made(template: Template, lists: Mapping[str, Sequence[str]], chance: random.Random) -> Made:
    """Return one document of a template."""
    shared = _filled(template.shared, {}, lists, chance)
    subjects: list[dict[str, Value]] = []
    for _ in range(chance.randint(*template.repeat) + (template.repeat[1] > 1)):
        subjects.append(_filled(template.slots, shared, lists, chance, taken=subjects))
    other = subjects.pop() if template.repeat[1] > 1 else None
    told: list[Told] = []
    absent: list[str] = []
    for values in subjects:
        for fact in _ordered(template, chance):
            if fact.questions and len(template.facts) > 2 and chance.random() > _TOLD:
                absent += _asked(fact, values, chance, most=2)
            else:
                told.append(_told(fact, values, chance))
    if other is not None:
        for fact in template.facts:
            absent += _asked(fact, other, chance, most=1)
    absent += [rendered(one, subjects[0], chance) for one in template.absent]
    chance.shuffle(absent)
    if not template.lines:
        told = _joined(told, chance)
    known = {question for one in told for question in one.questions}
    return Made(
        template.name,
        rendered(chance.choice(template.titles), subjects[0], chance),
        rendered(chance.choice(template.heads), subjects[0], chance) if template.heads else "",
        tuple(told),
        template.lines,
        tuple(dict.fromkeys(one for one in absent if one not in known))[:6],
        _names(subjects),
    )


def _names(subjects: Sequence[Mapping[str, Value]]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for value in (value for values in subjects for value in values.values()):
        own = value.parts.get("last", value)
        told = value.amount is None and (value.forms or value.grammatical or value.text[0] in "«0")
        if told and len(own.text) > 2:
            found.update(dict.fromkeys((own.text, *(own.in_case(case) for case in CASES))))
    return tuple(found)


_ALONE = re.compile(r"[^.]$|(?:[;,] |: ).*|\b\w{1,2}\.$")
"""A sentence that nothing is joined to: it is long enough, or ends in an abbreviation."""


def _joined(told: Sequence[Told], chance: random.Random) -> list[Told]:
    """Return the sentences, now and then two of them as one: encyclopedias write long."""
    done: list[Told] = []
    for one in told:
        last = done[-1] if done else None
        if (
            last is None
            or chance.random() > _JOINED
            or len(last.text) + len(one.text) > 220
            or _ALONE.search(last.text)
        ):
            done.append(one)
            continue
        text = last.text[:-1] + chance.choice(("; ", "; ", ", а ", ", при этом ", ", и ")) + _inside(one.text)
        answers = (*last.answers, *one.answers) if last.answers and one.answers else ()
        done[-1] = Told(text, (*last.questions, *one.questions), answers)
    return done


def _inside(text: str) -> str:
    """Return a sentence as it goes on after a comma."""
    first = text.split(maxsplit=1)[0]
    found = readings(first)
    common = bool(found) and found[0].raw.is_known and not found[0].marks & {"Name", "Surn", "Patr", "Geox", "Orgn"}
    return text[:1].lower() + text[1:] if common and not text[1:2].isupper() else text


def _ordered(template: Template, chance: random.Random) -> list[Fact]:
    """Return the facts, now and then in another order; the first stays, since it says what it is about."""
    first, rest = template.facts[:1], template.facts[1:]
    if chance.random() < 0.5:
        chance.shuffle(rest)
    return first + rest


def _filled(
    specs: Mapping[str, str],
    shared: Mapping[str, Value],
    lists: Mapping[str, Sequence[str]],
    chance: random.Random,
    *,
    taken: Sequence[Mapping[str, Value]] = (),
) -> dict[str, Value]:
    """Return values for slots. Two towns of one document are two towns, and ``taken`` subjects are others."""
    values = dict(shared)
    for name, spec in specs.items():
        used = {one.text for one in values.values()} | {other[name].text for other in taken}
        for _ in range(12):
            values[name] = value_of(spec, chance, lists, values)
            if values[name].text not in used or values[name].amount is not None:
                break
    return values


def _told(fact: Fact, values: Mapping[str, Value], chance: random.Random) -> Told:
    sentence = rendered(chance.choice(fact.sentences), values, chance)
    asked = _asked(fact, values, chance, most=MOST_QUESTIONS, sentence=sentence.lower())
    answers = tuple(rendered(chance.choice(fact.answers), values, chance) for _ in asked) if fact.answers else ()
    return Told(sentence, tuple(asked), answers)


def _asked(
    fact: Fact, values: Mapping[str, Value], chance: random.Random, *, most: int, sentence: str | None = None
) -> list[str]:
    """Return questions about a fact; of those that only some wordings answer, the ones that ``sentence`` does."""
    fitting: list[str] = []
    for question in fact.questions:
        guard = _GUARD.match(question)
        if guard is None or sentence is None or any(one.strip() in sentence for one in guard[1].split(",")):
            fitting.append(question[guard.end() :] if guard is not None else question)
    chosen = [rendered(one, values, chance) for one in chance.sample(fitting, min(most, len(fitting)))]
    return list(dict.fromkeys(chosen))


def rendered(text: str, values: Mapping[str, Value], chance: random.Random) -> str:
    """Return a line of a template with its choices made and its slots filled, beginning with a capital."""
    while True:
        chosen = _INNERMOST.sub(lambda match: chance.choice(match[1].split("|")), text)
        if chosen == text:
            break
        text = chosen
    text = _SLOT.sub(lambda match: _slot(match, values), text)
    text = re.sub(r" {2,}", " ", text).strip()
    text = _BEFORE_TWO.sub(r"\1о ", text)
    text = re.sub(r" ([,.?;:!])", r"\1", text)
    text = re.sub(r"(?<=[.])\.(?!\.)", "", text)
    return text if re.match(r"[a-z]+@", text) else text[:1].upper() + text[1:]


def _slot(match: re.Match[str], values: Mapping[str, Value]) -> str:
    name, part, case, noun, noun_case, agreeing = match.groups()
    value = values[name]
    if part:
        value = value.parts[part]
    if noun:
        amount = value.amount if value.amount is not None else 5
        return f"{value.text}\u00a0{counted(noun, amount, noun_case or 'nomn')}".replace("\u00a0", " ")
    if agreeing:
        return agreed(agreeing, value.gender, value.number)
    return value.in_case(case) if case else value.text


@lru_cache(maxsize=10_000)
def agreed(word: str, gender: str, number: str) -> str:
    """Return a verb in the past, or an adjective, as it stands with a noun of this gender and number."""
    capital = word[:1].isupper()
    word = word.lower()
    wanted = {"VERB", "PRTS", "ADJS", "ADJF", "PRTF"}
    raw = next((one for one in analyzer().parse(word) if str(one.tag.POS) in wanted), None)
    if raw is None:
        return word
    grammemes = {"plur"} if number == "plur" else {"sing", gender}
    other = raw.inflect(grammemes | ({"nomn"} if raw.tag.case else set()))
    form = str(other.word) if other is not None else word
    return form[:1].upper() + form[1:] if capital else form

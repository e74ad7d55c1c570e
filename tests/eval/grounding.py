"""How often grounding is right: sentences of the support articles, reworded by rule or falsified by rule.

A sentence that was read by the model, reworded (other order, shorter, synonyms, other forms, numbers in words, two
joined), has to be found supported. The same with another number, unit, name, code or a turned negation, and sentences
of articles that were not read, have to be found unsupported.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence

from app.facts import _NUMERALS, Kind, facts
from app.grounding import Grounding
from kb.base import KnowledgeBase
from kb.language.grammar import Part, part
from kb.language.lemmas import lemma, other_forms
from kb.language.words import fold, words
from kb.results import Piece

SEED = 4
SENTENCES = 3
"""Sentences taken of each article that was read."""

_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_SYNONYMS = {
    "выберите": "укажите", "нажмите": "щелкните", "щелкните": "нажмите", "откройте": "запустите",
    "перейдите": "зайдите",
    "убедитесь": "проверьте", "проверьте": "убедитесь", "введите": "наберите", "укажите": "задайте",
    "используйте": "применяйте", "можно": "возможно", "следует": "надо", "необходимо": "нужно", "чтобы": "дабы",
    "сотрудник": "работник", "организации": "компании", "дополнительные": "подробные", "сведения": "данные",
    "проблема": "неполадка", "проблему": "неполадку", "появится": "возникнет", "отображается": "показывается",
    "требуется": "нужно", "также": "еще", "кнопку": "клавишу", "затем": "потом", "например": "скажем",
    "создать": "сделать", "изменить": "поменять", "удалить": "стереть", "учетной": "учётной",
    "попробуйте": "попытайтесь",
}  # fmt: skip
_UNITS = {
    "минут": "часов", "минуты": "часа", "часов": "дней", "часа": "дня", "час": "день", "дней": "месяцев", "дня": "года",
    "секунд": "минут", "мб": "гб", "гб": "мб", "месяцев": "лет", "месяца": "года", "рублей": "тысяч рублей",
    "%": "рублей",
    "кб": "мб", "недель": "месяцев", "день": "месяц", "символов": "минут", "лет": "месяцев",
}  # fmt: skip
_NAMES = ("Exchange", "OneDrive", "Linux", "Петров", "Photoshop", "Екатеринбург", "Telegram", "Oracle")
_SPELLED = {value: word for word, value in reversed(_NUMERALS.items()) if value > 1}


def true_variants(sentence: str, following: str, chance: random.Random) -> Iterator[tuple[str, str]]:
    """Yield rewordings, each with its kind."""
    yield "verbatim", sentence
    bare = sentence.rstrip(".!?…;: ")
    said = bare.split()
    turn = chance.randrange(2, max(3, len(said) - 2))
    yield "other order", " ".join([*said[turn:], *said[:turn]]) + "."
    yield "shorter", " ".join(word for at, word in enumerate(said) if at % 4 != 3 or not _plain(word)) + "."
    replaced = _WORD.sub(lambda match: _cased(match[0], _SYNONYMS.get(fold(match[0]), match[0])), sentence)
    if replaced != sentence:
        yield "synonyms", replaced
    inflected = _WORD.sub(lambda match: _inflected(match[0], chance), sentence)
    if inflected != sentence:
        yield "other forms", inflected
    spelled = re.sub(r"(?<![\d.,:/-])\b([2-9]|1\d|20)\b(?![\d.,:/-])", lambda m: _SPELLED[int(m[1])], sentence)
    if spelled != sentence:
        yield "numbers in words", spelled
    if following:
        yield "two joined", f"{bare}, и {following[0].lower()}{following[1:]}"


def false_variants(sentence: str, chance: random.Random) -> Iterator[tuple[str, str]]:
    """Yield falsifications, each with its kind."""
    known = facts(sentence)
    numbers = [fact for fact in known if fact.kind is Kind.NUMBER and fact.shown.isdigit()]
    numbers = [fact for fact in numbers if not re.match(rf"{fact.shown}[.)]", sentence)]  # of a list
    if numbers:
        fact = chance.choice(numbers)
        other = str(int(fact.shown) + chance.choice((1, 3, 70)))
        yield "number", re.sub(rf"(?<!\d){fact.shown}(?!\d)", other, sentence)
    dates = [fact for fact in known if fact.kind is Kind.DATE]
    if dates:
        yield "date", re.sub(r"\d+", lambda m: str(int(m[0]) % 27 + 1), sentence, count=1)
    codes = [fact for fact in known if fact.kind is Kind.CODE]
    if codes:
        code = chance.choice(codes).shown
        other = re.sub(r"\d", lambda m: str((int(m[0]) + 1) % 10), code)
        yield "code", re.sub(re.escape(code), lambda _: other, sentence, flags=re.IGNORECASE)
    unit = re.sub(r"(\d\s?)(\w+|%)", lambda m: m[1] + _UNITS.get(m[2].lower(), m[2]), sentence)
    if unit != sentence:
        yield "unit", unit
    names = re.findall(r"(?<=\s)[A-Z][a-z]{3,}\b(?!\s[A-Z])", sentence)
    if names:
        old = chance.choice(names)
        yield "name", sentence.replace(old, chance.choice([name for name in _NAMES if name not in sentence]))
    verb = next((match for match in _WORD.finditer(sentence) if part(fold(match[0])) is Part.VERB), None)
    if re.search(r"\bне\s", sentence):
        yield "negation", re.sub(r"\bне\s", "", sentence)
    elif verb:
        yield "negation", f"{sentence[: verb.start()]}не {sentence[verb.start() :]}"


def rates(base: KnowledgeBase, titles: Sequence[str]) -> dict[str, float]:
    """Return the share judged rightly, by kind of change, of articles with these titles."""
    chance = random.Random(SEED)
    right: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    wrong: list[tuple[str, str]] = []
    for title in titles:
        pieces = base.consult(title).context(budget=300, count=_approximate).pieces
        if not pieces:
            continue
        grounding = Grounding(pieces, question="")
        for kind, sentence, true in _judged(base, title, pieces, chance):
            seen[kind] += 1
            if grounding.check(sentence).supported is true:
                right[kind] += 1
            else:
                wrong.append((kind, sentence))
    rates.wrong = wrong  # type: ignore[attr-defined]
    return {f"{kind} ({seen[kind]})": right[kind] / seen[kind] for kind in seen}


def _judged(
    base: KnowledgeBase, title: str, pieces: Sequence[Piece], chance: random.Random
) -> Iterator[tuple[str, str, bool]]:
    found = [
        (piece.text[s.start : s.end], piece.text[n.start : n.end])
        for piece in pieces
        for s, n in zip(piece.sentences, (*piece.sentences[1:], piece.sentences[-1]), strict=True)
    ]
    usable = [(one, after if after != one else "") for one, after in found if 6 <= len(words(one)) <= 30]
    for sentence, after in chance.sample(usable, min(SENTENCES, len(usable))):
        for kind, text in true_variants(sentence, after, chance):
            yield f"supported: {kind}", text, True
        for kind, text in false_variants(sentence, chance):
            if text != sentence:
                yield f"unsupported: {kind}", text, False
    read = {piece.document for piece in pieces}
    text = " ".join(piece.text for piece in pieces)
    for passage in base.search(title, limit=12).passages[6:]:
        for s in passage.sentences[:2]:
            other = passage.text[s.start : s.end]
            if passage.document not in read and len(words(other)) >= 6 and not _nearly(other, text):
                yield "unsupported: neighbouring article", other, False


def _nearly(other: str, text: str) -> bool:
    """Whether nearly all words of a sentence stand in ``text``: the articles repeat each other."""
    own, there = {lemma(w.form) for w in words(other)}, {lemma(w.form) for w in words(text)}
    return len(own - there) <= len(own) * 0.3


def _approximate(texts: Sequence[str]) -> list[int]:
    from corpora import tokens

    return tokens(texts)


def _plain(word: str) -> bool:
    return word.isalpha() and word.islower() and fold(word) not in ("не", "нет", "без", "ни")


def _cased(old: str, new: str) -> str:
    return new.capitalize() if old[0].isupper() else new


def _inflected(word: str, chance: random.Random) -> str:
    folded = fold(word)
    if len(folded) < 5 or word[0].isupper() or not re.fullmatch("[а-я]+", folded) or chance.random() > 0.35:
        return word
    forms = [form for form in other_forms(folded) if not form.startswith(("по", "наи"))]
    return chance.choice(forms) if forms else word

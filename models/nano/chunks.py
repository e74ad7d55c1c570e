"""A Russian sentence cut into its chunks: who, does, what, where, when. By dictionary and word order, without a parser.

Strict rather than complete: a clause in which a word fits nowhere is given up, since half-understood sentences make
odd questions and there are sentences enough.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from models.nano.listing import listed
from models.nano.tokens import MODIFIERS, Chunk, Kind, Token

PREPOSITIONS = {
    "в": "loct accs", "во": "loct accs", "на": "loct accs", "для": "gent", "с": "ablt gent", "со": "ablt gent",
    "из": "gent", "от": "gent", "до": "gent", "после": "gent", "перед": "ablt", "через": "accs", "по": "datv",
    "при": "loct", "без": "gent", "между": "ablt", "под": "ablt accs", "над": "ablt", "о": "loct", "об": "loct",
    "к": "datv", "ко": "datv", "у": "gent", "за": "accs ablt", "благодаря": "datv", "из-за": "gent", "против": "gent",
    "среди": "gent", "около": "gent", "вместо": "gent", "кроме": "gent", "вокруг": "gent", "из-под": "gent",
    "вдоль": "gent", "возле": "gent", "внутри": "gent", "путем": "gent", "путём": "gent", "посредством": "gent",
}  # fmt: skip
_LONG_PREPOSITIONS = {
    ("с", "помощью"): "gent", ("при", "помощи"): "gent", ("в", "течение"): "gent", ("в", "ходе"): "gent",
    ("по", "причине"): "gent", ("в", "качестве"): "gent", ("в", "отличие"): "", ("во", "время"): "gent",
    ("на", "основе"): "gent", ("в", "случае"): "gent", ("в", "результате"): "gent", ("в", "соответствии"): "",
}  # fmt: skip
_FINITE = frozenset(("VERB", "PRTS", "ADJS", "PRED"))
_VERBAL = _FINITE | {"INFN"}
_ALL_CASES = ("nomn", "gent", "datv", "accs", "ablt", "loct")


def clause_of(tokens: Sequence[Token]) -> list[Chunk] | None:
    """Return the chunks of a clause, which hold all its tokens; None where that cannot be done."""
    chunks: list[Chunk] = []
    at = 0
    while at < len(tokens):
        chunk = _place(tokens, at) or _verb(tokens, at) or thing_at(tokens, at) or _how(tokens, at)
        if chunk is None or any(one.low.startswith("котор") or one.low in ("более", "менее") for one in chunk.tokens):
            return None
        chunks.append(chunk)
        at += len(chunk.tokens)
    return _attached(chunks)


_WANTED_BY_NOUN = frozenset(
    listed("к ко о об от с со из по без между против для на в перед за при через под над около среди вокруг внутри")
)
_WANTED_BY_VERB = {
    "для": r"использ|примен|служ|предназнач|нуж|требу|необходим|подход|созда|разработ|пригод",
    "к": r"подключ|относ|привод|привед|обра[тщ]|пере|примен|добав|прикреп|привяз|приступ|готов",
    "от": r"завис|защи[тщ]|отлич|избав|получ|отказ|происх|отдел",
    "из": r"состо|получ|выб[ир]|удал|извле|экспорт|импорт|скач|загру|вы[йхв]|сдела|изготов|построен",
    "с": r"связ|совпад|работ|синхрон|начин|начн|сравн|соедин|сотрудн|встре|граничит|подпис",
    "о": r"сообщ|узна|рассказ|напис|говор|преду|забы|помн|дума",
    "по": r"звон|обра[тщ]|отправ|наход|перей|провод|прох|расположен|опла",
    "без": r"раб|обой|мож|включ|выключ|можно",
    "через": r"подключ|вход|вой|отправ|прох|переда|оформ|пода|удал|исте|откр|заверш|отключ|включ|выключ",
    "перед": r".",
    "за": r"отвеч|нес|след|плат|голос|боро",
    "на": r"влия|устан|отправ|наж|пере|подпис|отвеч|работ|делит|дели|рассчит|хран|наход|лежит|располож|созда|указ|откр|"
    r"увелич|умень|выш|вой|оформ|выда|замен|размещ|провер|появ|отобр|введ|вводи|выбер|выбир|запуск|запуст|провод",
    "в": r".",
    "при": r".",
}


def _attached(chunks: Sequence[Chunk]) -> list[Chunk]:
    """Return the chunks with those that belong to the noun before them joined to it: «путь к файлу»."""
    done = " ".join(one.low for chunk in chunks if chunk.kind is Kind.VERB for one in chunk.tokens)
    joined: list[Chunk] = []
    before_verb = bool(done)
    for chunk in chunks:
        before_verb = before_verb and chunk.kind is not Kind.VERB
        last = joined[-1] if joined else None
        if (
            last is not None
            and last.kind in (Kind.THING, Kind.PLACE)
            and chunk.kind is Kind.PLACE
            and chunk.preposition in _WANTED_BY_NOUN
            and ((before_verb and last.kind is Kind.THING) or not _governs(done, chunk))
        ) or (last is not None and last.kind is not Kind.VERB and _is_means_of(last, chunk)):
            joined[-1] = replace(last, tokens=last.tokens + chunk.tokens)
        else:
            joined.append(chunk)
    return joined


def _is_means_of(last: Chunk, chunk: Chunk) -> bool:
    """Whether a thing belongs to the noun of action before it: «управление выводом», «замена батареи мастером»."""
    nouns = [one for token in last.tokens if (one := token.reading("NOUN")) is not None]
    acting = bool(nouns) and any(one.lemma.endswith(("ние", "тие", "вие")) for one in nouns)
    return acting and chunk.kind is Kind.THING and chunk.cases <= {"ablt", "datv", "loct"}


def _governs(done: str, chunk: Chunk) -> bool:
    """Whether a place belongs to what is done rather than to the noun before it."""
    preposition = {"со": "с", "ко": "к", "об": "о", "во": "в"}.get(chunk.preposition, chunk.preposition)
    if preposition == "на" and "loct" in chunk.cases:
        return True
    pattern = _WANTED_BY_VERB.get(preposition)
    return pattern is not None and re.search(rf"\b(?:{pattern})", done) is not None


def _place(tokens: Sequence[Token], at: int) -> Chunk | None:
    wanted, length = _preposition(tokens, at)
    bare = at if not wanted and _date(tokens, at) else at + length
    if (end := _date(tokens, bare)) is not None and (wanted or bare == at):
        return Chunk(Kind.PLACE, tuple(tokens[at:end]), bare - at, None, (), _DATED, frozenset(("loct",)))
    if not wanted:
        return None
    thing = thing_at(tokens, at + length, wanted=frozenset(wanted.split()))
    if thing is None:
        return None
    found = thing.narrowed(wanted.split())
    if found is None:
        return None
    used = tuple(tokens[at : at + length]) + found.tokens
    return Chunk(
        Kind.PLACE,
        used,
        found.head + length,
        found.reading,
        tuple(index + length for index in found.modifiers),
        " ".join(one.low for one in tokens[at : at + length]),
        found.cases,
        found.counted,
    )


_DATED = "когда"
"""Stands for the preposition of a date, which may have none: «10 июля 2015 года»."""

_MONTHS = frozenset(
    listed(
        "января февраля марта апреля мая июня июля августа сентября октября ноября декабря январе феврале "
        "марте апреле мае "
        "июне июле августе сентябре октябре ноябре декабре"
    )
)
_YEARS = frozenset(("год", "году", "года", "г", "годы", "годах", "годов", "гг"))


def _date(tokens: Sequence[Token], at: int) -> int | None:
    """Return where a date that begins ``at`` ends: «10 июля 2015 г», «мае 1980 года», «1907 году»."""
    end, dated = at, False
    while end < len(tokens):
        token = tokens[end]
        behind = tokens[end + 1].low if end + 1 < len(tokens) else ""
        if (
            token.low in _MONTHS
            or (dated and token.low in _YEARS)
            or (token.is_number and (behind in _MONTHS or (behind in _YEARS and len(token.text) >= 3)))
        ):
            dated = True
        else:
            break
        end += 1
    return end if dated else None


def _preposition(tokens: Sequence[Token], at: int) -> tuple[str, int]:
    if at + 2 < len(tokens):
        long = _LONG_PREPOSITIONS.get((tokens[at].low, tokens[at + 1].low))
        if long is not None:
            return long, 2
    return PREPOSITIONS.get(tokens[at].low, ""), 1


def thing_at(tokens: Sequence[Token], at: int, *, wanted: frozenset[str] = frozenset(_ALL_CASES)) -> Chunk | None:
    """Return the longest thing that begins ``at``: adjectives, a noun, what belongs to it, and its companions."""
    first = _single(tokens, at, wanted)
    if first is None:
        return None
    end = at + len(first.tokens)
    while end + 1 < len(tokens) and tokens[end].low in ("и", "или"):
        other = _single(tokens, end + 1, first.cases)
        if other is None or not other.cases & first.cases or _is_verb(tokens[end + 1]):
            break
        end += 1 + len(other.tokens)
        first = Chunk(
            Kind.THING,
            tuple(tokens[at:end]),
            first.head,
            first.reading,
            (),
            "",
            first.cases & other.cases,
            first.counted,
        )
    return first


def _single(tokens: Sequence[Token], at: int, wanted: frozenset[str]) -> Chunk | None:
    index = at
    modifiers: list[int] = []
    counted = False
    while index < len(tokens):
        token = tokens[index]
        if token.is_label:
            break
        if token.is_number or _counts(token):
            counted = True
        elif token.reading(*MODIFIERS) and not _is_head(tokens, index):
            modifiers.append(index - at)
        elif not (_is_adverb(token) and index + 1 < len(tokens) and tokens[index + 1].reading("PRTF")):
            break
        index += 1
    if index >= len(tokens):
        return None
    head = tokens[index]
    if head.text[0] in "([" or not (head.is_name or head.reading("NOUN", "NPRO")):
        return None
    if head.low in PREPOSITIONS and head.low not in ("путем", "путём"):
        return None
    fitting = _fitting(tokens, at, modifiers, head, wanted, counted=counted)
    if not fitting:
        return None
    end = _tail(tokens, index + 1, head)
    nouns = [one for one in head.readings if one.pos in ("NOUN", "NPRO")]
    best = next((one for one in nouns if counted or one.case in fitting), None)
    agreeing = tuple(modifiers) if not counted else ()
    return Chunk(Kind.THING, tuple(tokens[at:end]), index - at, best, agreeing, "", frozenset(fitting), counted)


def _counts(token: Token) -> bool:
    """Whether it is a number in words that «сколько» asks for."""
    return any(one.pos == "NUMR" and one.case in ("nomn", "accs") for one in token.readings)


def _is_head(tokens: Sequence[Token], index: int) -> bool:
    """Whether a word that could be an adjective is rather the noun: «данные», «рабочий» before a verb."""
    likeliest = tokens[index].readings[0]
    return likeliest.pos not in MODIFIERS and likeliest.pos == "NOUN"


def _fitting(
    tokens: Sequence[Token], at: int, modifiers: Sequence[int], head: Token, wanted: frozenset[str], *, counted: bool
) -> set[str]:
    """Return the cases that the noun and all its adjectives may stand in together."""
    if head.is_name:
        return set(wanted) if not modifiers else set()
    found = {(one.case, one.number, one.gender) for one in head.readings if one.pos in ("NOUN", "NPRO") and one.case}
    if counted:
        return set(wanted) if any(case == "gent" for case, _, _ in found) or found else set()
    for index in modifiers:
        own = [(one.case, one.number, one.gender) for one in tokens[at + index].readings if one.pos in MODIFIERS]
        found = {
            one
            for one in found
            if any(
                one[0] == case and one[1] == number and (number == "plur" or not gender or gender == one[2])
                for case, number, gender in own
            )
        }
    return {case for case, _, _ in found} & wanted


def _tail(tokens: Sequence[Token], end: int, head: Token) -> int:
    """Return where what belongs to a noun ends: genitives, names, numbers, quotes and brackets behind it."""
    while end < len(tokens):
        token = tokens[end]
        if token.is_name or token.text[0] == "(" or (token.is_number and _may_number(tokens, end)):
            end += 1
            continue
        if token.text[0].isupper() and tokens[end - 1].text[0].isupper() and token.reading("NOUN"):
            end += 1
            continue
        if (
            tokens[end - 1].is_label
            and token.reading("NOUN", "ADJF")
            and not _is_verb(token)
            and token.low not in PREPOSITIONS
        ):
            end += 1
            continue
        if _is_verb(token) or token.low in PREPOSITIONS or head.reading("NPRO"):
            break
        genitive = _single(tokens, end, frozenset(("gent",))) if token.readings else None
        if genitive is None or genitive.reading is None or genitive.reading.pos == "NPRO":
            break
        end += len(genitive.tokens)
    return end


def _may_number(tokens: Sequence[Token], at: int) -> bool:
    """Whether a number belongs to what stands before it: «комната 204», «Windows 10»."""
    behind = tokens[at + 1] if at + 1 < len(tokens) else None
    return behind is None or not (behind.reading("NOUN") or behind.text == "%")


def _is_verb(token: Token) -> bool:
    return bool(token.readings) and token.readings[0].pos in _VERBAL and not token.is_label


def _verb(tokens: Sequence[Token], at: int) -> Chunk | None:
    """Return what is done: «не может быть установлен», «следует нажать», «автоматически будет включен»."""
    index = at
    finite: int | None = None
    while index < len(tokens):
        token = tokens[index]
        if _is_verb(token):
            if finite is None and token.readings[0].pos in _FINITE:
                finite = index
        elif not ((token.low in ("не", "ли", "бы") or _is_adverb(token)) and _leads_to_verb(tokens, index + 1)):
            break
        index += 1
    if not any(_is_verb(one) for one in tokens[at:index]):
        return None
    head = finite if finite is not None else next(i for i in range(at, index) if _is_verb(tokens[i]))
    return Chunk(Kind.VERB, tuple(tokens[at:index]), head - at, tokens[head].readings[0])


def _leads_to_verb(tokens: Sequence[Token], at: int) -> bool:
    return at < len(tokens) and (_is_verb(tokens[at]) or (tokens[at].low == "не" and _leads_to_verb(tokens, at + 1)))


def _is_adverb(token: Token) -> bool:
    return bool(token.readings) and token.readings[0].pos == "ADVB"


def _how(tokens: Sequence[Token], at: int) -> Chunk | None:
    token = tokens[at]
    if _is_adverb(token) or token.low in ("только", "также", "уже", "еще", "ещё", "не", "лишь", "же"):
        return Chunk(Kind.HOW, (token,), 0, token.readings[0] if token.readings else None)
    return None

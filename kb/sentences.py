"""Russian text into sentences, as spans: razdel (https://github.com/natasha/razdel), with its known slips mended.

Rejoined after razdel: a list marker torn off its text («3.5.»), an abbreviation from its number («доб. 5», «рис. 2»), a
piece that begins in lower case, clauses between semicolons. Knows nothing of blocks and places.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

LONGEST = 400
"""Words. What razdel gives as one sentence beyond this is a list or a dump without punctuation and may be cut."""

PIECE = 200
"""Words. The size of the pieces that such a monster is cut into."""

SIGNS_PER_WORD = 12
"""Characters. What has no white space counts as a word for each so many (a Russian word and its space take 7)."""

CLAUSES = 60
"""Words. Up to here clauses between semicolons stay one sentence; a longer enumeration is split at them."""

_PAST_OPENING = 8
"""Words. A year further into a sentence than this seldom opens it («В 2020 г. Иванов переехал») and mostly ends it."""

_MAY_END = re.compile(r"[.!?…;:][\"»”')\]]*\s")
_MARKER = re.compile(r"(?:\(?(?:\d{1,3}(?:\.\d{1,3}){0,4}|[а-яёa-z]|[ivxIVX]{1,4})[.)]|[-•*–—])$")
_ABBREVIATED = re.compile(
    r"(?:^|[\s(«\"])(?:доб|тел|моб|факс|рис|табл|илл?|прил|п|пп|ст|ч|гл|разд|абз|стр|с|сс|л|лл|т|тт|вып|изд|см|ср|им|ул|пер|просп|"
    r"пр|пл|наб|ш|бул|б-р|д|дом|кв|корп|стр|оф|каб|комн|ауд|эт|г|гг|обл|р-н|пос|дер|ст-ца|№|no|ok|инв|уч|зав|нач|гр|акад|проф|"
    r"напр|т\.\s?е|т\.\s?к|т\.\s?н|т\.\s?ч|в\s?т\.\s?ч|и\.\s?о|руб|коп|тыс|млн|млрд|экз|шт|мин|сек|макс|vs|etc|fig|vol|e\.g|i\.e)\.$",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?P<year>\d{4}\s?г\.)\s+(?=[А-ЯЁ«\"])")
_HAS_WORD = re.compile(r"\w")
_LOWER = re.compile(r"[\"«(]?[а-яё]")
_QUOTED = re.compile(r"(?:разд|гл|подразд|абз|им|пос|пл|ул)\.$", re.IGNORECASE)
_WORD = re.compile(r"\S{1,1000}")  # an unbroken run of thousands is base64 or worse: cut it anywhere


def length(text: str) -> int:
    """Return the length of ``text`` in words."""
    return max(len(text.split()), len(text) // SIGNS_PER_WORD)


def spans(text: str) -> list[tuple[int, int]]:
    """Return the sentences of ``text`` in order as ``(start, end)``, without the white space around them."""
    if not text.strip():
        return []
    if not _MAY_END.search(text):
        start = len(text) - len(text.lstrip())
        found = [(start, len(text.rstrip()))]
    else:
        found = _mended(text)
    return [piece for start, end in found for piece in _bearable(text, start, end)]


def _mended(text: str) -> list[tuple[int, int]]:
    from razdel import sentenize

    joined: list[tuple[int, int]] = []
    for sentence in sentenize(text):
        start, end = sentence.start, sentence.stop
        if start >= end:
            continue
        if joined and _belong(text, joined[-1], start, end):
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return [piece for start, end in joined for piece in _parted_at_years(text, start, end)]


def _parted_at_years(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Part what razdel keeps together because it takes the «г.» of a year for that of a town: «5 мая 2020 г. Далее»."""
    for match in _YEAR.finditer(text, start, end):
        if len(text[start : match.end()].split()) >= _PAST_OPENING and match.end() < end:
            yield start, match.end("year")
            start = match.end()
    yield start, end


def _belong(text: str, before: tuple[int, int], start: int, end: int) -> bool:
    """Return whether razdel tore ``text[start:end]`` off the sentence ``before`` it."""
    left, right = text[before[0] : before[1]], text[start:end]
    if not _HAS_WORD.search(right) or not _HAS_WORD.search(left) or _MARKER.match(left):
        return True
    last = left[-1]
    if last == ";":
        return len(text[before[0] : end].split()) <= CLAUSES
    if last == ":":
        return True
    if last == "." and _ABBREVIATED.search(left[-24:]):
        named = right[0] in '«"' and _QUOTED.search(left)
        return right[0].isdigit() or bool(named or _LOWER.match(right))
    return last not in "!?…" and not left.endswith("...") and bool(_LOWER.match(right))


def _bearable(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Cut a monster of more than ``LONGEST`` words after its own semicolons or commas, failing these at white space."""
    if length(text[start:end]) <= LONGEST:
        yield start, end
        return
    words = [match.span() for match in _WORD.finditer(text, start, end)]
    first = 0
    while first < len(words):
        count = _piece(text, words, first)
        yield words[first][0], words[first + count - 1][1]
        first += count


def _piece(text: str, words: list[tuple[int, int]], first: int) -> int:
    """Return how many words from ``first`` make the next piece: up to the last list boundary of its second half."""
    begin = words[first][0]
    most = 1
    while most < PIECE and first + most < len(words) and words[first + most][1] - begin <= PIECE * SIGNS_PER_WORD:
        most += 1
    if first + most == len(words):
        return most
    for sign in ";,":
        for count in range(most, most // 2, -1):
            if text[words[first + count - 1][1] - 1] == sign:
                return count
    return most

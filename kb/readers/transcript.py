"""Plain transcripts: lines of "speaker: text", with or without time codes, become turns of speech.

A text file counts as a transcript by the share of its lines that look like turns and by its speakers coming back. Turns
are placed by time where the file tells it, by line where it does not. Only beginnings are told, so turns have no
``stop``.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from kb.blocks import Block, BlockKind
from kb.places import Line, Moment, Place
from kb.readers.tidy import clean

_CLOCK = r"(?:\d{1,2}:)?\d{1,3}:[0-5]\d"
_CODE = re.compile(
    rf"^\s*(?P<open>[\[(])?\s*(?P<clock>{_CLOCK})(?:[.,]\d{{1,3}})?(?(open)[^\])]*[\])]|(?!\d))\s*[-–—:]?\s*"
)
_NAME = r"(?P<name>[A-ZА-ЯЁ][\w.\-]*(?:[ \t]+(?:[A-ZА-ЯЁ(№#][\w.\-)]*|\d{1,3})){0,4})"
_SPEAKER = re.compile(
    rf"^{_NAME}\s*(?:[\[(]\s*(?P<clock>{_CLOCK})[^\])]*[\])])?\s*:(?!//)(?:\s+(?P<said>.*)|\s*)$", re.DOTALL
)
_SPEAKER_LINE = re.compile(rf"^{_NAME}[ \t]+[\[(]?(?P<clock>{_CLOCK})[\])]?\s*$")

SHARE = 0.5
"""Share of the non-blank lines that must open a turn, or of the text when turns are several lines long."""

FEWEST = 4
"""Turns. Fewer "name: value" lines are a form, not a talk."""

LATEST_BEGINNING = 900
"""Seconds. Bare time codes that begin later than a recording's first quarter of an hour are a log's clock."""


@dataclass(frozen=True, slots=True)
class _Opening:
    """The beginning of a turn, found in one line."""

    speaker: str
    start: float | None
    said: str
    bracketed: bool = False


def _seconds(clock: str) -> float:
    total = 0
    for part in clock.split(":"):
        total = total * 60 + int(part)
    return float(total)


def speaker_of(text: str) -> tuple[str, str]:
    """Split «Имя: реплика» into speaker and words; the speaker is empty where the text names none."""
    match = _SPEAKER.match(text)
    if match is None or not match["said"]:
        return "", text
    return clean(match["name"]), match["said"]


def _opening(line: str) -> _Opening | None:
    """Return the turn that a line opens, if it opens one."""
    code = _CODE.match(line)
    rest = line[code.end() :].strip() if code else line.strip()
    start = _seconds(code["clock"]) if code else None
    if match := _SPEAKER.match(rest):
        if start is None and match["clock"]:
            start = _seconds(match["clock"])
        return _Opening(clean(match["name"]), start, match["said"] or "")
    if code is None and (match := _SPEAKER_LINE.match(rest)):
        return _Opening(clean(match["name"]), _seconds(match["clock"]), "")
    return _Opening("", start, rest, bracketed=bool(code["open"])) if code else None


def turns_of(lines: Sequence[str]) -> tuple[Block, ...] | None:
    """Return the turns of speech in ``lines`` (the first is line 1), or ``None`` where the text is no transcript."""
    openings = [_opening(line) for line in lines]
    if not _is_talk([opening for opening in openings if opening], sum(bool(line.strip()) for line in lines)):
        return None
    timed = sum(opening is not None and opening.start is not None for opening in openings)
    by_time = 2 * timed > sum(opening is not None for opening in openings)
    turns: list[Block] = []
    current = _Opening("", None, "")
    said: list[tuple[str, int]] = []
    for number, (line, opening) in enumerate(zip([*lines, ""], [*openings, current], strict=True), 1):
        if opening is None:
            said.append((line, number))
            continue
        turns.extend(_turn(current, said, by_time=by_time))
        current, said = opening, [(opening.said, number)]
    return tuple(turns)


def _turn(opening: _Opening, said: Sequence[tuple[str, int]], *, by_time: bool) -> list[Block]:
    text = clean(" ".join(line for line, _ in said))
    if not text:
        return []
    place: Place = Line(next(number for line, number in said if line.strip()))
    if by_time and opening.start is not None:
        place = Moment.at(opening.start)
    kind = BlockKind.TURN if opening.speaker or opening.start is not None else BlockKind.PARAGRAPH
    return [Block(kind, text, place, speaker=opening.speaker, start=opening.start)]


def _is_talk(found: Sequence[_Opening], lines: int) -> bool:
    """Return whether the turns found make a talk: enough of them, most of the lines, by speakers who come back."""
    if len(found) < FEWEST or len(found) < SHARE * lines:
        return False
    named = [opening for opening in found if opening.speaker]
    starts = [opening.start for opening in found if opening.start is not None]
    if len(starts) < SHARE * len(found):
        return len(named) == len(found) and _come_back(named)
    rising = sum(before <= after for before, after in itertools.pairwise(starts))
    if rising < 0.9 * (len(starts) - 1):
        return False
    if named:
        return len(named) >= SHARE * len(found)
    return starts[0] <= LATEST_BEGINNING and all(opening.bracketed for opening in found)


def _come_back(named: Sequence[_Opening]) -> bool:
    """Speakers return; the keys of a form or a configuration file each stand once."""
    names = Counter(opening.speaker for opening in named)
    return len(names) >= 2 and len(named) >= 2 * len(names)

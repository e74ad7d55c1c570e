"""SRT and VTT, through pysubs2: cues put together to turns of speech; places are moments of the recording.

A cue is what fits on a screen, often half a sentence. Cues of one speaker are joined until a pause
comes, those of nobody until a sentence ends; each keeps its own moment inside the turn.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pysubs2
from pysubs2.exceptions import Pysubs2Error

from kb.blocks import Block, BlockKind, ReadDocument
from kb.errors import Broken
from kb.places import Moment
from kb.readers.encoding import decoded
from kb.readers.tidy import clean, flowing
from kb.readers.transcript import speaker_of

PAUSE = 2.0
"""Seconds of silence that end a turn whatever its punctuation."""

LONGEST_TURN = 60
"""Words. Recognised speech may have no full stops at all; a turn then ends at the first cue after this."""

_VOICE = re.compile(r"^\s*<v(?:\.[\w.]+)?\s+([^>]+)>")
_TAG = re.compile(r"</?[a-zA-Z][^>\n]*>|<\d\d:[\d:.]+>|\{\\[^}]*\}")
_DASH = re.compile(r"^\s*[-–—]\s*(?=\S)")
_ENDS_SENTENCE = re.compile(r"[.!?…][\"»”')\]]*$")


@dataclass(frozen=True, slots=True)
class _Cue:
    start: float
    stop: float
    speaker: str
    text: str
    fresh: bool
    """Another speaker begins, though nobody says who: a dash."""


def read(path: Path) -> ReadDocument:
    """Read subtitles.

    Raises:
        Broken: no cue in them.
    """
    suffix = path.suffix.lower().removeprefix(".")
    try:
        subtitles = pysubs2.SSAFile.from_string(decoded(path.read_bytes()), format_=suffix, keep_unknown_html_tags=True)
    except (Pysubs2Error, ValueError) as error:
        raise Broken(path, f"{type(error).__name__}: {error}") from error
    cues = [cue for event in subtitles if not event.is_comment for cue in _cues(event)]
    if not cues:
        raise Broken(path, "no cues")
    return ReadDocument("", suffix, tuple(_turns(_without_repetition(cues))))


def _cues(event: pysubs2.SSAEvent) -> Iterator[_Cue]:
    """Split a cue at lines that begin with a dash: each is another's words."""
    voice = _VOICE.match(event.text)
    text = _TAG.sub("", event.text).replace("\\N", "\n").replace("\\n", "\n").replace("\\h", " ")
    speaker = clean(voice[1]) if voice else clean(event.name)
    said: list[str] = []
    fresh = False
    for line in [*text.split("\n"), "- "]:
        dash = _DASH.match(line) or line == "- "
        if not dash:
            said.append(line)
            continue
        if whole := clean(" ".join(said)):
            named, words = ("", whole) if speaker else speaker_of(whole)
            yield _Cue(event.start / 1000, event.end / 1000, speaker or named, words, fresh)
        said, fresh = [_DASH.sub("", line)], True


def _without_repetition(cues: Sequence[_Cue]) -> list[_Cue]:
    """Drop what rolling captions repeat: a cue that only shows the end of the one before again."""
    kept: list[_Cue] = []
    for cue in cues:
        if kept and cue.text == kept[-1].text and cue.start - kept[-1].stop < PAUSE:
            kept[-1] = replace(kept[-1], stop=cue.stop)
            continue
        kept.append(cue)
    return kept


def _turns(cues: Sequence[_Cue]) -> Iterator[Block]:
    turn: list[_Cue] = []
    for cue in cues:
        if turn and not cue.fresh and not cue.speaker:
            cue = replace(cue, speaker=turn[-1].speaker)  # a name stands before its first words only
        if turn and _ends(turn, cue):
            yield from _turn(turn)
            turn = []
        turn.append(cue)
    yield from _turn(turn)


def _ends(turn: Sequence[_Cue], cue: _Cue) -> bool:
    """Return whether ``cue`` begins a new turn."""
    last = turn[-1]
    if cue.fresh or (cue.speaker and cue.speaker != turn[0].speaker) or cue.start - last.stop >= PAUSE:
        return True
    if _ENDS_SENTENCE.search(last.text) and not last.speaker:
        return True
    return sum(len(one.text.split()) for one in turn) >= LONGEST_TURN


def _turn(turn: Sequence[_Cue]) -> Iterator[Block]:
    block = flowing(BlockKind.TURN, [(cue.text, Moment.at(cue.start)) for cue in turn])
    if block is not None:
        yield replace(block, speaker=turn[0].speaker, start=turn[0].start, stop=turn[-1].stop)

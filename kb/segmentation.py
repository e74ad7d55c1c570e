"""Blocks of a document into segments: about 200 tokens each, whole sentences only, one heading path each.

Structure comes first. Headings divide; only leaf sections of a few words are put together with their neighbours under
the same parent. Inside a section sentences are grouped so that segments come near ``TARGET`` and end where paragraphs
end rather than inside them; what introduces a list or a table stays with it, and a question with its answer. Long
talks are divided into scenes first (``kb.scenes``).

Neighbouring segments of one section overlap by one sentence of prose. Table rows and lines of code are not repeated:
each stands for itself. A token here is a word between white space.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from kb import sentences
from kb.blocks import Block, BlockKind, ReadDocument, Segment, Sentence
from kb.language.words import fold
from kb.places import Place

TARGET = 200
"""Tokens. What a segment comes near to."""

LONGEST = 320
"""Tokens. Passed only by a single sentence that is longer by itself."""

TINY = 25
"""Tokens. A leaf section shorter than this, heading included, says too little alone to be found or understood."""

LONGEST_HEADING = 40
"""Tokens. A longer "heading" is a paragraph in a heading's style."""

LONGEST_OVERLAP = 60
"""Tokens. A longer sentence is not repeated."""

LONGEST_ROW = 80
"""Tokens. A table row up to this is one sentence; a longer one holds prose and is split like prose."""

_LEAD = 12
"""Tokens. A paragraph up to this without a full stop is taken for a heading of what follows."""

_OPENING = 2
"""Tokens. A first sentence up to this announces the next one: «Примечание.», «Важно!», «Ответ.»."""

_LINE = re.compile(r"\S(?:.*\S)?")
_ENDS = re.compile(r"[.!?…;][\"»”')\]]*$")

# What it costs to end a segment at a boundary, in the units of the squared relative miss of TARGET: an end inside a
# paragraph is as bad as missing the target by 70 %, one after a heading-like line is out of the question.
_AFTER_LEAD = 5.0
_INSIDE = 0.5
_AFTER_QUESTION = 0.5
_INSIDE_CODE = 0.3
_BETWEEN_ITEMS = 0.15
_BETWEEN_ROWS = 0.05


@dataclass(frozen=True, slots=True)
class _Atom:
    """A sentence on its way into a segment. ``opens``: it is the first of its block. ``leads``: what follows needs
    it."""

    text: str
    place: Place
    words: int
    kind: BlockKind
    opens: bool
    leads: bool = False
    indent: str = ""
    begins_scene: bool = False


@dataclass(frozen=True, slots=True)
class _Section:
    """What stands under one heading without its subheadings. ``path`` ends in the heading unless that is the title."""

    parent: tuple[str, ...]
    path: tuple[str, ...]
    heading: _Atom | None
    atoms: tuple[_Atom, ...]
    leaf: bool

    @property
    def words(self) -> int:
        return sum(atom.words for atom in self.atoms) + (self.heading.words if self.heading else 0)


def segment(document: ReadDocument) -> list[Segment]:
    """Return the segments of a document in order."""
    return [
        made
        for section in _merged(_sections(document))
        for run in _runs(section.atoms)
        for made in _segments(run, section.path)
    ]


def _sections(document: ReadDocument) -> list[_Section]:
    title = fold(document.title)
    groups: list[tuple[Block | None, list[Block]]] = [(None, [])]
    for block in document.blocks:
        if _is_heading(block):
            groups.append((block, []))
        elif block.text:
            groups[-1][1].append(block)
    sections = []
    above: list[tuple[int, str]] = []  # the title repeated as a heading stands here without text
    for index, (heading, blocks) in enumerate(groups):
        level = heading.level if heading else 0
        while above and above[-1][0] >= level:
            above.pop()
        parent = tuple(text for _, text in above if text)
        name = "" if heading is None or fold(heading.text) == title else heading.text
        if heading is not None:
            above.append((level, name))
        following = groups[index + 1][0] if index + 1 < len(groups) else None
        leaf = following is None or following.level <= level
        atom = _heading_atom(heading) if heading else None
        sections.append(_Section(parent, (*parent, name) if name else parent, atom, tuple(_atoms(blocks)), leaf))
    return [_findable(section) for section in sections if section.atoms or (section.heading and section.leaf)]


def _is_heading(block: Block) -> bool:
    return block.kind is BlockKind.HEADING and 0 < len(block.text.split()) <= LONGEST_HEADING


def _heading_atom(block: Block) -> _Atom:
    return _Atom(block.text, block.place, len(block.text.split()), BlockKind.HEADING, opens=True, leads=True)


def _findable(section: _Section) -> _Section:
    """Turn a heading with nothing below it into text under its parent."""
    if section.atoms or section.heading is None:
        return section
    return _Section(section.parent, section.parent, None, (section.heading,), leaf=True)


def _merged(sections: Sequence[_Section]) -> Iterator[_Section]:
    """Put runs of tiny leaf sections under one parent together, their headings becoming part of the text."""
    for (tiny, parent), group in groupby(
        sections, lambda section: (section.leaf and section.words < TINY, section.parent)
    ):
        run = list(group)
        if not tiny or len(run) == 1:
            yield from run
            continue
        atoms: list[_Atom] = []
        for section in run:
            if section.heading is not None:
                atoms.append(section.heading)
            atoms.extend(section.atoms)
        yield _Section(parent, parent, None, tuple(atoms), leaf=True)


def _runs(atoms: Sequence[_Atom]) -> Iterator[Sequence[_Atom]]:
    """Divide the atoms of a section where no segment may pass: at the scenes of a talk."""
    start = 0
    for index in range(1, len(atoms)):
        if atoms[index].begins_scene:
            yield atoms[start:index]
            start = index
    if start < len(atoms):
        yield atoms[start:]


def _atoms(blocks: Sequence[Block]) -> Iterator[_Atom]:
    for talk, group in groupby(blocks, lambda block: block.kind is BlockKind.TURN):
        if not talk:
            for block in group:
                yield from _atoms_of(block)
            continue
        from kb.scenes import scenes  # stemming is loaded for talks only

        for number, scene in enumerate(scenes(tuple(group))):
            for index, turn in enumerate(scene):
                yield from _atoms_of(turn, begins_scene=number > 0 and index == 0)


def _atoms_of(block: Block, *, begins_scene: bool = False) -> Iterator[_Atom]:
    text = block.text
    if block.kind is BlockKind.CODE:
        pieces = _lines(text)
    elif block.kind is BlockKind.TABLE_ROW and len(text.split()) <= LONGEST_ROW:
        pieces = [(0, len(text))]
    else:
        pieces = sentences.spans(text)
    marks = [offset for offset, _ in block.marks]
    last = len(pieces) - 1
    for index, (start, end) in enumerate(pieces):
        mark = bisect_right(marks, start)
        said = text[start:end]
        if block.speaker and index == 0:
            said = f"{block.speaker}: {said}"
        yield _Atom(
            said,
            block.marks[mark - 1][1] if mark else block.place,
            sentences.length(said),
            block.kind,
            opens=index == 0,
            leads=_leads(block, said, first=index == 0, last=index == last),
            indent=_indent(text, start) if block.kind is BlockKind.CODE else "",
            begins_scene=begins_scene and index == 0,
        )


def _lines(text: str) -> list[tuple[int, int]]:
    return [match.span() for match in _LINE.finditer(text)]


def _indent(text: str, start: int) -> str:
    return text[text.rfind("\n", 0, start) + 1 : start]


def _leads(block: Block, said: str, *, first: bool, last: bool) -> bool:
    """Return whether what follows needs the sentence ``said`` of ``block``.

    So it is with the end of a block that ends in a colon or is a short question, with a short line alone, and with an
    opening like «Примечание.».
    """
    if block.kind not in (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM):
        return False
    words = len(block.text.split())
    if last and (said.endswith(":") or (said.endswith("?") and words <= 2 * _LEAD)):
        return True
    if not first or block.kind is not BlockKind.PARAGRAPH:
        return False
    return len(said.split()) <= _OPENING or (last and words <= _LEAD and not _ENDS.search(said))


def _segments(atoms: Sequence[_Atom], path: tuple[str, ...]) -> Iterator[Segment]:
    previous: Sequence[_Atom] = ()
    for start, end in _partition(atoms):
        chosen = atoms[start:end]
        repeated = _overlap(previous, chosen)
        yield _joined([*repeated, *chosen], path, overlap=len(repeated))
        previous = chosen


def _partition(atoms: Sequence[_Atom]) -> list[tuple[int, int]]:
    """Return the cheapest division of ``atoms`` into segments (dynamic programming over the boundaries)."""
    if sum(atom.words for atom in atoms) <= TARGET * 5 // 4:
        return [(0, len(atoms))]
    best = [0.0] + [float("inf")] * len(atoms)
    begin = [0] * (len(atoms) + 1)
    for end in range(1, len(atoms) + 1):
        boundary = _boundary(atoms, end)
        words = 0
        for start in range(end - 1, -1, -1):
            words += atoms[start].words
            if words > LONGEST and start < end - 1:
                break
            cost = best[start] + boundary + ((words - TARGET) / TARGET) ** 2
            if cost < best[end]:
                best[end], begin[end] = cost, start
    parts = []
    end = len(atoms)
    while end:
        parts.append((begin[end], end))
        end = begin[end]
    return parts[::-1]


def _boundary(atoms: Sequence[_Atom], end: int) -> float:
    """Return what it costs to end a segment before ``atoms[end]``."""
    if end == len(atoms):
        return 0.0
    before, after = atoms[end - 1], atoms[end]
    if before.leads:
        return _AFTER_LEAD
    if not after.opens:
        return _INSIDE_CODE if after.kind is BlockKind.CODE else _INSIDE
    if before.kind is BlockKind.TURN and before.text.endswith("?"):
        return _AFTER_QUESTION
    if before.kind is not after.kind:
        return 0.0
    return {BlockKind.LIST_ITEM: _BETWEEN_ITEMS, BlockKind.TABLE_ROW: _BETWEEN_ROWS}.get(before.kind, 0.0)


def _overlap(previous: Sequence[_Atom], chosen: Sequence[_Atom]) -> list[_Atom]:
    """Return the sentence of ``previous`` that the next segment repeats, if it is prose and not all of ``previous``."""
    unrepeated = (BlockKind.TABLE_ROW, BlockKind.CODE)
    if len(previous) < 2 or previous[-1].kind in unrepeated or chosen[0].kind in unrepeated:
        return []
    return [previous[-1]] if previous[-1].words <= LONGEST_OVERLAP else []


def _joined(atoms: Sequence[_Atom], path: tuple[str, ...], *, overlap: int) -> Segment:
    text = ""
    spans = []
    for atom in atoms:
        if text:
            text += "\n" if atom.opens or atom.kind is BlockKind.CODE else " "
        text += atom.indent
        spans.append(Sentence(len(text), len(text) + len(atom.text), atom.place))
        text += atom.text
    return Segment(text, path, atoms[overlap].place, tuple(spans), overlap)

"""Passages with longer sentences: some that stand side by side become one.

Half of a manual's sentences have ten words or fewer, half of an encyclopedia's nineteen or more, and whoever
has only met short ones does not find the beginning of a long one. Standard library only.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

from models.nano.shelf import Asked, Shelved

SHARE = 0.75
"""Of documents that are lengthened."""

LONGEST = (150, 340)
"""Characters of a lengthened sentence at most, drawn for each passage. XQuAD's longest that hold an answer have 400."""

JOINED = 0.85
"""Chance that two sentences which may become one do."""

JOINTS = (", ", ", а ", " и ", "; ", " — ", ", причём ", ", при этом ", ", так как ", " (", ", что ")
"""What stands between them then."""


def lengthened(passages: Sequence[Shelved], *, seed: int, share: float = SHARE) -> list[Shelved]:
    """Return all passages, those of some documents with fewer and longer sentences; questions go with their sentence.

    What a passage has in common with the one before it or after it stays as it is: it is the same in both.
    """
    alone = _alone(passages)
    made: list[Shelved] = []
    places: list[list[int]] = []
    for at, one in enumerate(passages):
        chance = random.Random(f"{seed} {one.document}")
        groups = [[index] for index in range(len(one.sentences))]
        if chance.random() < share:
            chance = random.Random(f"{seed} {one.document} {at}")
            groups = _groups(one, chance, edges=alone[at])
        longer, where = _joined(one, groups, chance)
        made.append(longer)
        places.append(where)
    return [
        replace(one, questions=tuple(_asked(question, own, places) for question in one.questions))
        for one, own in zip(made, places, strict=True)
    ]


def _alone(passages: Sequence[Shelved]) -> list[bool]:
    """Return for every passage whether it is all of its document."""
    documents = [one.document for one in passages]
    beside = [-1, *documents, -1]
    return [beside[at] != one and beside[at + 2] != one for at, one in enumerate(documents)]


def _groups(one: Shelved, chance: random.Random, *, edges: bool) -> list[list[int]]:
    """Return which sentences become one; with ``edges`` the first and the last may, too."""
    longest = chance.randint(*LONGEST)
    groups: list[list[int]] = []
    size = 0
    last = len(one.sentences) - 1
    for at, sentence in enumerate(one.sentences):
        free = edges or 1 < at < last
        if groups and free and size + len(sentence) < longest and _may_join(one, at) and chance.random() < JOINED:
            groups[-1].append(at)
            size += len(sentence)
        else:
            groups.append([at])
            size = len(sentence)
    return groups


def _may_join(one: Shelved, at: int) -> bool:
    """Whether sentence ``at`` may go on with the one before it: both are told, neither leads up to anything."""
    before, sentence = one.sentences[at - 1], one.sentences[at]
    return before.endswith(".") and sentence.endswith(".") and len(before) > 1 and sentence[0].isalpha()


def _joined(one: Shelved, groups: Sequence[Sequence[int]], chance: random.Random) -> tuple[Shelved, list[int]]:
    """Return the passage with ``groups`` for sentences, and where each of its old ones stands now.

    The very answers' ends move with their sentences.
    """
    texts: list[str] = []
    where: list[int] = []
    ahead: list[int] = []
    for group in groups:
        text = ""
        for at in group:
            sentence = one.sentences[at]
            if text:
                joint = chance.choice(JOINTS)
                text = text.rstrip(".") + joint
                sentence = sentence[0].lower() + sentence[1:]
                if joint == " (":
                    sentence = sentence[:-1] + ")."
            where.append(len(texts))
            ahead.append(len(text))
            text += sentence
        texts.append(text)
    asked = tuple(
        question._replace(end=question.end + ahead[question.sentence] if question.end else 0)
        if question.sentence >= 0
        else question
        for question in one.questions
    )
    joints = tuple(one.joints[group[0]] for group in groups)
    return replace(one, sentences=tuple(texts), joints=joints, questions=asked), where


def _asked(question: Asked, own: Sequence[int], places: Sequence[Sequence[int]]) -> Asked:
    """Return a question whose sentence, and those of its rivals, are counted as they stand now."""
    rivals = tuple((at, places[at][best], share) for at, best, share in question.rivals)
    return question._replace(sentence=own[question.sentence] if question.sentence >= 0 else -1, rivals=rivals)

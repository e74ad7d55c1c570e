"""Ten thousand heights, some guessed, some measured: where each begins and which of them are seen."""

from __future__ import annotations

import random

from app.gui.transcript.stack import Stack


def test_offsets_follow_every_change() -> None:
    chance = random.Random(1)
    heights = [chance.randrange(20, 900) for _ in range(300)]
    stack = Stack(heights)
    for step in range(400):
        if step % 3 == 0:
            heights.append(chance.randrange(20, 900))
            stack.append(heights[-1])
        else:
            index = chance.randrange(len(heights))
            heights[index] = chance.randrange(20, 900)
            stack.set(index, heights[index])
    assert stack.total() == sum(heights)
    for index in range(0, len(heights), 7):
        begin = sum(heights[:index])
        assert stack.offset(index) == begin
        assert stack.at(begin) == stack.at(begin + heights[index] - 1) == index
        assert stack.height(index) == heights[index]


def test_what_is_seen() -> None:
    stack = Stack([100, 200, 300])
    assert stack.between(0, 100) == range(1)
    assert stack.between(99, 101) == range(2)
    assert stack.between(250, 10_000) == range(1, 3)
    assert stack.between(-500, 0) == range(0)
    assert stack.between(600, 700) == range(0)
    assert stack.at(-5) == 0
    assert stack.at(10_000) == 2
    assert len(stack) == 3


def test_nothing_is_nowhere() -> None:
    stack = Stack()
    assert stack.total() == 0
    assert stack.at(0) == 0
    assert stack.between(0, 100) == range(0)
    stack.append(50)
    assert stack.between(0, 100) == range(1)

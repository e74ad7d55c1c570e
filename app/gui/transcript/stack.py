"""Where each exchange of a conversation stands when only those that are seen have been measured.

Heights of the others are estimates; offsets are kept in a tree of partial sums (Fenwick), so that ten thousand
exchanges cost a change or a question twenty steps.
"""

from __future__ import annotations

from collections.abc import Iterable


class Stack:
    """Heights, one below the other, each with its own room included."""

    def __init__(self, heights: Iterable[int] = ()) -> None:
        self._heights = list(heights)
        self._tree = self._built()

    def __len__(self) -> int:
        return len(self._heights)

    def height(self, index: int) -> int:
        """Return the height of one."""
        return self._heights[index]

    def total(self) -> int:
        """Return the height of all."""
        return self.offset(len(self._heights))

    def append(self, height: int) -> None:
        """Put one below the last."""
        self._heights.append(height)
        at = len(self._heights)
        low = at & -at
        self._tree.append(height + self.offset(at - 1) - self.offset(at - low))

    def set(self, index: int, height: int) -> None:
        """Give one another height."""
        change = height - self._heights[index]
        self._heights[index] = height
        at = index + 1
        while at <= len(self._heights):
            self._tree[at] += change
            at += at & -at

    def offset(self, index: int) -> int:
        """Return where one begins: the sum of the heights before it."""
        total = 0
        while index > 0:
            total += self._tree[index]
            index -= index & -index
        return total

    def at(self, position: int) -> int:
        """Return the index of the one that covers ``position``; the last one below them all, 0 above."""
        index, left = 0, position
        step = 1 << len(self._heights).bit_length()
        while step:
            following = index + step
            if following <= len(self._heights) and self._tree[following] <= left:
                index = following
                left -= self._tree[following]
            step >>= 1
        return max(0, min(index, len(self._heights) - 1))

    def between(self, top: int, bottom: int) -> range:
        """Return the indices of those that reach into ``top`` to ``bottom``."""
        if not self._heights or bottom <= 0 or top >= self.total():
            return range(0)
        return range(self.at(max(0, top)), self.at(max(0, bottom - 1)) + 1)

    def _built(self) -> list[int]:
        tree = [0, *self._heights]
        for at in range(1, len(tree)):
            above = at + (at & -at)
            if above < len(tree):
                tree[above] += tree[at]
        return tree

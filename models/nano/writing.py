"""Examples and documents as tokens, as the runtime tokenises: markup and texts apart, special tokens in markup only.

Units are tokenised once and remembered: a sentence of the shelf comes back in thousands of examples.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

from tokenizers import Tokenizer

from models.nano.disguise import Exchange
from models.nano.examples import Example
from models.nano.prompt_texts import PromptTexts
from models.nano.tokenizer import END_OF_TEXT, TURN_BEGINS, TURN_ENDS

ANSWER, DECISION, REFUSING, DOCUMENT, LEFTOVER, QUESTION = 100, 200, 20, 100, 50, 15
"""What predicting a token counts, in hundredths: those of an answer; its first one and the passage's number, where the
model decides; the first one of a refusal, since in doubt a small model refuses everything; those of a document; those
of a document that fills a row of examples up; those of a question behind its passages, which teach where its words come
from."""

REMEMBERED = 3_000_000
"""Units. All sentences with and without a space before and a line's end behind are two million, 800 MB."""


@dataclass(frozen=True, slots=True)
class Written:
    """Tokens that see each other, and what each counts."""

    tokens: list[int]
    weights: list[int]


class Writer:
    """Writes with one tokenizer."""

    def __init__(self, tokenizer: Tokenizer, texts: PromptTexts) -> None:
        self._tokenizer = tokenizer
        self._units: dict[str, tuple[int, ...]] = {}
        begins, ends, self._end_of_text = (_number(tokenizer, one) for one in (TURN_BEGINS, TURN_ENDS, END_OF_TEXT))
        line = self._plain("\n")
        opened = {role: (begins, *self._plain(f"{role}\n")) for role in ("system", "user", "assistant")}
        self._opening = (*opened["system"], *self._plain(texts.system), ends, *line, *opened["user"])
        self._between = (ends, *line, *opened["assistant"])
        self._again = (*line, *opened["user"])
        self._ends = ends
        self._bracket = self._plain(" [")
        self._exchange: Exchange | None = None

    def disguised(self, exchange: Exchange | None) -> Writer:
        """Return a writer that exchanges the words of all it writes; what it remembers it has in common with this."""
        other = copy.copy(self)
        other._exchange = exchange
        return other

    def example(self, example: Example) -> Written:
        """Return a conversation, from the system's message to the end of the last answer."""
        tokens, weights = list(self._opening), [0] * len(self._opening)
        for at, turn in enumerate(example.turns):
            if at:
                tokens += self._again
            tokens += self.units(turn.asked)
            tokens += self._between
            weights += [0] * (len(tokens) - len(weights))
            self._say(turn.answer, turn.number, tokens, weights)
        return Written(tokens, weights)

    def stem(self, passages: Sequence[str]) -> Written:
        """Return what stands before a question: the system's message and the passages."""
        tokens = [*self._opening, *self.units(passages)]
        return Written(tokens, [0] * len(tokens))

    def branch(
        self,
        question: Sequence[str],
        answer: Sequence[str],
        number: int,
        reworded: Callable[[list[int]], list[int]] = list,
    ) -> Written:
        """Return a question and its answer, to be put behind their stem; the question's words count a little.

        ``reworded`` gets the tokens of the question's words, and returns those that are written.
        """
        opening, words, style = question
        asked = reworded(list(self._unit(words)))
        begin, end = self._unit(opening), (*self._unit(style), *self._between)
        tokens = [*begin, *asked, *end]
        weights = [0] * len(begin) + [QUESTION] * len(asked) + [0] * len(end)
        self._say(answer, number, tokens, weights)
        return Written(tokens, weights)

    def _say(self, answer: Sequence[str], number: int, tokens: list[int], weights: list[int]) -> None:
        """Append an answer and what its tokens count."""
        begins = len(tokens)
        for unit in answer:
            said = self._unit(unit)
            tokens += said
            weights += [ANSWER] * len(said)
            if number and said[: len(self._bracket)] == self._bracket:
                weights[len(tokens) - len(said) + len(self._bracket)] = DECISION
        weights[begins] = DECISION if number else REFUSING
        tokens.append(self._ends)
        weights.append(ANSWER)

    def prompt(self, example: Example) -> list[int]:
        """Return a conversation up to where its last answer begins."""
        tokens = list(self._opening)
        for at, turn in enumerate(example.turns):
            tokens += [*(self._again if at else ()), *self.units(turn.asked), *self._between]
            if at + 1 < len(example.turns):
                tokens += [*self.units(turn.answer), self._ends]
        return tokens

    def document(self, units: Iterable[str], *, most: int) -> Written:
        """Return a document as plain text, cut after ``most`` tokens."""
        tokens = self.units(units)
        tokens.append(self._end_of_text)
        return Written(tokens[:most], [DOCUMENT] * min(len(tokens), most))

    def units(self, units: Iterable[str]) -> list[int]:
        """Return the tokens of texts that stand side by side."""
        return list(chain.from_iterable(map(self._unit, units)))

    def text(self, tokens: Iterable[int]) -> str:
        """Return tokens as text, special ones included."""
        return str(self._tokenizer.decode(list(tokens), skip_special_tokens=False))

    def _unit(self, unit: str) -> tuple[int, ...]:
        known = self._units.get(unit)
        if known is None:
            if len(self._units) >= REMEMBERED:
                self._units.clear()
            known = self._units[unit] = self._plain(unit)
        if self._exchange is None:
            return known
        return tuple(chain.from_iterable(map(self._exchange.__getitem__, known)))

    def _plain(self, text: str) -> tuple[int, ...]:
        return tuple(self._tokenizer.encode(text, add_special_tokens=False).ids)


def _number(tokenizer: Tokenizer, special: str) -> int:
    number = tokenizer.token_to_id(special)
    if number is None:
        raise ValueError(f"the tokenizer does not know {special}")
    return int(number)

"""What a model is told, as the assistant tells it, where there is no assistant: on the machine that trains.

``stocking`` writes the texts of ``app.prompts`` into a file, ``PromptTexts`` builds from it the very turns that
``app.prompt.request`` builds. Only the standard library; texts of documents come in escaped already.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

NAME = "prompts.json"


@dataclass(frozen=True, slots=True)
class PromptTexts:
    """The texts of ``app.prompts`` that an answer from passages needs; ``{…}`` are filled here."""

    system: str
    passage: str
    """Holds {number}, {title} and {text}, in this order."""
    question: str
    """Holds {question} and {style}, in this order."""
    refusal: str
    styles: dict[str, str]
    """By the name that the command line has for them."""

    def turn(self, passages: Sequence[tuple[str, str]], question: str, style: str) -> str:
        """Return what the user's turn says: passages as (title, text), numbered from 1, and a style's own words."""
        fenced = [
            self.passage.format(number=number, title=title, text=text)
            for number, (title, text) in enumerate(passages, start=1)
        ]
        return "".join(fenced) + self.question.format(question=question, style=style).rstrip()

    @property
    def everything(self) -> tuple[str, ...]:
        """All of these words."""
        return (
            self.system,
            self.passage,
            self.question,
            self.refusal,
            *self.styles.values(),
            "assistant",
            "user",
            "system",
        )

    def write(self, folder: Path) -> None:
        """Write them into ``folder``."""
        text = json.dumps(asdict(self), ensure_ascii=False, indent=2)
        (folder / NAME).write_text(text + "\n", encoding="utf-8")


def read(folder: Path) -> PromptTexts:
    """Return the texts that ``folder`` holds."""
    return PromptTexts(**json.loads((folder / NAME).read_text(encoding="utf-8")))


def title_of(title: str, heading: Sequence[str]) -> str:
    """Return a title and the last heading on one line, as ``app.prompt`` puts them over a passage."""
    parts = [title, *heading[-1:]]
    return " › ".join(dict.fromkeys(" ".join(part.split()) for part in parts if part.strip()))

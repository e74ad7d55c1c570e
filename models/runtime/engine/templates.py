"""A model's chat template: messages become markup and texts, alternating, so that texts can be kept from acting.

The template is rendered with a mark in place of every text; the result is cut at the marks. What lies between is the
template's own and may hold special tokens; the texts themselves never pass through it.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from models.runtime.engine.sandbox import TemplateRefused, compile_template, render
from models.runtime.options import Message

CHATML = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
"""https://github.com/openai/openai-python/blob/release-v0.28.1/chatml.md: what Qwen2.5 and T-lite speak."""


@dataclass(frozen=True, slots=True)
class Markup:
    """A part that the template wrote."""

    text: str


@dataclass(frozen=True, slots=True)
class Content:
    """A message's text, in its place; ``message`` counts from 0."""

    text: str
    message: int
    merged: int = 0
    """Characters at its beginning that are the system's message, where the template knows none."""


class ChatTemplate:
    """How a model wants a conversation written."""

    def __init__(self, source: str | None, *, begin: str, end: str) -> None:
        """``source`` as the file brings it; ``begin`` and ``end`` name the tokens that frame a document.

        A template that is missing, does not parse or cannot write the simplest conversation is replaced by ChatML.
        """
        self._names = {"bos_token": begin, "eos_token": end}
        self.from_file = False
        self.source = CHATML
        self._template = compile_template(CHATML)
        if source is not None:
            self._try(source)

    def _try(self, source: str) -> None:
        fallback = self._template
        try:
            self._template = compile_template(source)
            self.parts([Message(role="user", text="?")], generation=True)
        except TemplateRefused:
            self._template = fallback
        else:
            self.source, self.from_file = source, True

    def parts(self, messages: Sequence[Message], *, generation: bool) -> list[Markup | Content]:
        """Return the conversation as markup and texts in turn; with ``generation`` up to where the model goes on.

        A template that knows no system role (Gemma's) gets that text at the head of the first turn of the user. Raises
        ``TemplateRefused``, also when a text would be lost.
        """
        try:
            return self._parts(messages, generation=generation)
        except TemplateRefused:
            if len(messages) < 2 or messages[0].role != "system" or messages[1].role != "user":
                raise
            head = messages[0].text.strip() + "\n\n"
            merged = [Message(role="user", text=head + messages[1].text), *messages[2:]]
            parts = self._parts(merged, generation=generation)
            return [_moved(part, len(head)) if isinstance(part, Content) else part for part in parts]

    def _parts(self, messages: Sequence[Message], *, generation: bool) -> list[Markup | Content]:
        nonce = secrets.token_hex(8)
        marks = [f"TEXT{nonce}N{i}END" for i in range(len(messages))]
        rendered = self._render([(m.role, mark) for m, mark in zip(messages, marks, strict=True)], generation)
        pieces = re.split(f"TEXT{nonce}N([0-9]+)END", rendered)
        order = [int(number) for number in pieces[1::2]]
        if order != list(range(len(messages))):
            raise TemplateRefused("loses or repeats a text")
        stripped = self._strips(messages, rendered, marks, generation)
        parts: list[Markup | Content] = []
        for i, piece in enumerate(pieces):
            if i % 2:
                text = messages[int(piece)].text
                parts.append(Content(text.strip() if stripped else text, int(piece)))
            elif piece:
                parts.append(Markup(piece))
        return parts

    def _strips(self, messages: Sequence[Message], rendered: str, marks: Sequence[str], generation: bool) -> bool:
        """Find out whether the template trims texts, which it cannot do to marks."""
        if all(message.text == message.text.strip() for message in messages):
            return False
        try:
            plain = self._render([(message.role, message.text) for message in messages], generation)
        except TemplateRefused:  # of its length: the marks were short
            return False
        whole = rendered
        for mark, message in zip(marks, messages, strict=True):
            whole = whole.replace(mark, message.text)
        return plain != whole

    def _render(self, messages: Sequence[tuple[str, str]], generation: bool) -> str:
        return render(
            self._template,
            {
                **self._names,
                "messages": [{"role": role, "content": text} for role, text in messages],
                "add_generation_prompt": generation,
                "tools": None,
                "documents": None,
                # Qwen3: answer at once. Thinking aloud is paid for in minutes on a processor.
                "enable_thinking": False,
            },
        )


def _moved(part: Content, head: int) -> Content:
    """Number a text as if the system's message still stood before it."""
    return Content(part.text, part.message + 1, head if part.message == 0 else 0)

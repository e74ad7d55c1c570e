"""An answer as it comes: how far the model has read on standard error, its words on a terminal as it writes them.

Into a file or a pipe nothing is written before the answer is complete.
"""

from __future__ import annotations

import re

from app import assistant
from app.assistant import Answer, Mode, Note
from app.cli import answers
from app.cli.progress import ProgressLine
from app.cli.terminal import Terminal, clean, flat

MARK = "⚠"
"""Stands behind a sentence that no passage supports."""

_NUMBER = re.compile(r"\[\d+\]")


class LiveView:
    """Shows the events of one question; ``show`` returns the answer when it has come. A context manager."""

    def __init__(self, terminal: Terminal, *, model: str | None = None, silent: bool = False) -> None:
        """``silent``: only what belongs on standard error is shown."""
        self._terminal = terminal
        self._model = model or ""
        self._progress = ProgressLine(terminal)
        self._flow = Flow(terminal) if terminal.output_is_terminal and not silent else None
        self._silent = silent
        self._text = ""
        self._missing: list[str] = []

    def __enter__(self) -> LiveView:
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.clear()
        if self._flow is not None:
            self._flow.end()

    def show(self, event: assistant.Event) -> Answer | None:
        """Show one event."""
        say = self._terminal.say
        match event:
            case assistant.Found():
                answers.show_correction(self._terminal, event.corrected)
                if event.asked and not event.corrected:
                    self._terminal.note(say("answer.understood", question=flat(event.asked)))
            case assistant.Loading(done=done) if done < 1:
                percent = self._terminal.wording.percent(done)
                self._progress.show(say("answer.loading", name=flat(self._model), percent=percent))
            case assistant.Reading():
                self._reading(event)
            case assistant.TurnsDropped(count=count):
                self._note(say("answer.turns_dropped", turns=self._terminal.wording.count("turn", count)))
            case assistant.Text(delta=delta):
                self._write(clean(delta))
            case assistant.Sentence():
                self._judged(event)
            case assistant.Trouble(error=error):
                self._note(say("error", sentence=clean(self._terminal.wording.error(error))))
            case assistant.Answer():
                self._answer(event)
                return event
        return None

    def _reading(self, event: assistant.Reading) -> None:
        wording = self._terminal.wording
        total = wording.count("token_of", event.total)
        left = wording.left(event.seconds_left) if event.done < event.total else ""
        self._progress.show(self._terminal.say("answer.reading", done=event.done, total=total) + left)

    def _note(self, text: str) -> None:
        self._progress.clear()
        if self._flow is not None:
            self._flow.end()
        self._terminal.note(text)

    def _write(self, text: str) -> None:
        self._text += text
        self._progress.clear()
        if self._flow is not None:
            self._flow.write(text)

    def _judged(self, event: assistant.Sentence) -> None:
        if not event.supported:
            self._missing += event.missing
            self._write(f" {MARK}")

    def _answer(self, answer: Answer) -> None:
        """Write what follows the words that are on the screen already, or everything."""
        self._progress.clear()
        shown = self._flow is not None and self._flow.end()
        if self._silent:
            return
        if answer.note in (Note.UNSUPPORTED, Note.TROUBLE):
            if shown:
                self._terminal.line()
            self._terminal.line(self._terminal.say(f"answer.note.{answer.note.value}"))
            self._terminal.line()
            answers.show(self._terminal, answer)
        elif answer.mode is Mode.MODEL:
            if not shown:
                text = self._terminal.wrap(self._text)
                self._terminal.line(_NUMBER.sub(lambda number: self._terminal.accent(number[0]), text))
            answers.show_model_answer(self._terminal, answer, missing=tuple(dict.fromkeys(self._missing)))
        else:
            answers.show(self._terminal, answer, shown=shown)


class Flow:
    """Text that is written word by word and broken at the width of the terminal."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._width = terminal.width()
        self._column = 0
        self._word = ""
        self._space = ""

    def write(self, text: str) -> None:
        """Write ``text``; its last word waits until it is complete."""
        for piece in re.findall(r"\n|[^\S\n]+|\S+", text):
            if piece == "\n":
                self._flush()
                self._terminal.write("\n")
                self._column, self._space = 0, ""
            elif piece.isspace():
                self._flush()
                self._space = " " if self._column else ""
            else:
                self._word += piece

    def end(self) -> bool:
        """End the line; return whether anything was written on it or before."""
        self._flush()
        written = self._column > 0
        if written:
            self._terminal.write("\n")
        self._column, self._space = 0, ""
        return written

    def _flush(self) -> None:
        if not self._word:
            return
        if self._column and self._column + len(self._space) + len(self._word) > self._width:
            self._terminal.write("\n")
            self._column, self._space = 0, ""
        word = _NUMBER.sub(lambda number: self._terminal.accent(number[0]), self._word)
        self._terminal.write(self._space + word)
        self._column += len(self._space) + len(self._word)
        self._word = self._space = ""

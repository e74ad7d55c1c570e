"""A conversation with a language model at a real terminal: words as they come, Ctrl+C, what is typed is heard."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest
from engine_material import write_model

from app.demo import QUESTION

if sys.platform == "win32":
    pytest.skip("pseudo-terminals are a thing of POSIX", allow_module_level=True)

from pseudo_terminal import PseudoTerminal

CTRL_C, CTRL_D = b"\x03", b"\x04"
PROMPT = "› "

TALK = """
import sys
sys.path.insert(0, sys.argv.pop(1))
from contextlib import contextmanager
from pathlib import Path
from fake_model import FakeModel
from app import language_models
from app.cli import main
from app.language_models import Chosen, Running

ANSWER = "Держите кнопку Reset 10 секунд [1]. Потом позвоните Сидорову."

class Slow(FakeModel):
    def generate(self, request, *, stop=lambda: False):
        events = super().generate(request, stop=stop)
        for event in events:
            yield event
            while self.forever and not stop():
                pass

    forever = len(sys.argv) > 1 and sys.argv[1] == "forever"

@contextmanager
def opened(chosen, *, adapter=None):
    yield Running("Малютка", Slow(ANSWER))

language_models.choose = lambda name: Chosen("Малютка", Path("/m.gguf"), None)
language_models.opened = opened
sys.exit(main(["chat"]))
"""

LISTEN = """
import time
from app.cli import typed
seen = []
with typed.heard(seen.append):
    line = input("> ")
print("HEARD", line, sorted(set(seen), key=len)[-1])
input("again> ")
print("STILL", len(seen) == len(list(seen)))
"""


def talking(*arguments: str) -> PseudoTerminal:
    return PseudoTerminal(*arguments, program=("-c", TALK, str(Path(__file__).parent)))


def test_words_marks_and_sources_at_a_terminal() -> None:
    with talking() as terminal:
        assert "Отвечает модель Малютка." in terminal.expect(PROMPT)
        terminal.type(QUESTION)
        shown = terminal.expect(PROMPT)
        assert "⚠" in shown
        assert "Сидорову. ⚠" in shown.replace("\r\n", " ")
        assert "Источники:" in shown
        assert shown.count("Держите") == 1
        terminal.type("А если не помогло?")
        assert "Вопрос понят так" in terminal.expect(PROMPT)
        terminal.type("/помощь")
        assert "/заново" in terminal.expect(PROMPT)
        terminal.press(CTRL_D)
        assert terminal.end() == 0


def test_ctrl_c_stops_the_answer_and_not_the_conversation() -> None:
    with talking("forever") as terminal:
        terminal.expect(PROMPT)
        terminal.type(QUESTION)
        terminal.expect("Читаю")
        terminal.press(CTRL_C)
        assert "Прервано." in terminal.expect(PROMPT)
        terminal.press(CTRL_C)
        assert terminal.end() == 0
        assert "Traceback" not in terminal.seen


def test_a_real_model_talks_while_the_next_question_is_typed(tmp_path: Path) -> None:
    model = write_model(tmp_path / "Малютка.gguf")
    with PseudoTerminal("chat", "--model", str(model)) as terminal:
        terminal.expect(PROMPT)
        for word in QUESTION.split():
            terminal.press(f"{word} ".encode())
            time.sleep(0.15)
        time.sleep(0.5)
        terminal.press(b"\n")
        assert "router-password.md" in terminal.expect(PROMPT)
        terminal.press(CTRL_D)
        assert terminal.end() == 0
        assert "Traceback" not in terminal.seen


def test_what_is_typed_is_heard_before_enter() -> None:
    with PseudoTerminal(program=("-c", LISTEN)) as terminal:
        terminal.expect("> ")
        terminal.press("Как сбро".encode())
        time.sleep(0.5)
        terminal.press("\x15да\n".encode())  # the line is taken back
        assert "HEARD да Как сбро" in terminal.expect("again> ")
        terminal.type("нет")
        terminal.expect("STILL True")
        assert terminal.end() == 0

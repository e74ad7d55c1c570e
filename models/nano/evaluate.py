"""How good and how fast a model of ours is (``make eval-nano``): every bar that it has to reach, through the product.

The prompts are the assistant's, the model runs as it does for a user, the answers are read by what checks them there.
XQuAD-ru is read from the shared data; sampling is the product's, with a seed for each question.

``python -m models.nano.evaluate MODEL.gguf [--questions 100] [--bars half]``
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

from app import assistant, demo
from app.events import Answer, Mode
from app.language_models import Running
from app.prompt import request
from kb.base import KnowledgeBase
from models.nano import trials
from models.nano.judging import Judged, broken, judged, repeated
from models.nano.trials import Trial
from models.runtime.client import Model
from models.runtime.events import Finished
from models.runtime.options import LoadOptions, Request

ROOT = Path(__file__).resolve().parents[2]
XQUAD = ROOT.parent / "shared" / "data" / "xquad-ru-dev.json"
DEMO = ROOT / "tests" / "eval" / "demo_questions.json"
OUTPUT = ROOT / "eval-results" / "nano.json"

CONTEXT = 2048
PROMPT = 500
"""Tokens of the prompt whose first word is waited for."""

MARKUP = 12
"""Tokens of it that ChatML puts around two messages and before the answer."""

ANSWERS = 500
"""Answers that are looked through for loops, at most."""

STARTS = 5


@dataclass(frozen=True, slots=True)
class Bar:
    """What a figure has to reach: at least ``value``, or at most."""

    value: float
    at_most: bool = False

    def reached(self, figure: float, *, halved: bool) -> bool:
        """Whether ``figure`` reaches it, or half of it: half as many, or twice as much where less is better."""
        if self.at_most:
            return figure <= self.value * (2 if halved else 1)
        return figure >= self.value / (2 if halved else 1)


BARS = {
    "answer inside": Bar(0.55),
    "right citation": Bar(0.85),
    "supported sentences": Bar(0.95),
    "refuses without the paragraph": Bar(0.75),
    "refuses with the paragraph": Bar(0.10, at_most=True),
    "repeated four words": Bar(0.01, at_most=True),
    "tokens per second": Bar(100),
    "first token, seconds": Bar(0.5, at_most=True),
    "memory, MB": Bar(150, at_most=True),
}

Figures = dict[str, float]


def quality(present: Sequence[Judged], absent: Sequence[Judged]) -> Figures:
    """Return how good answers are; shares of citations and sentences are of the trials that were answered."""
    answered = [one for one in present if not one.refused]
    given = [*answered, *(one for one in absent if not one.refused)]
    words = [one.written for one in given[:ANSWERS]]
    return {
        "answer inside": _share(one.holds_answer for one in present),
        "right citation": _share(one.cites_right for one in answered),
        "right citation as shown": _share(one.shows_right for one in answered),
        "supported sentences": _share(chain.from_iterable(one.supported for one in answered)),
        "supported sentences as shown": _share(chain.from_iterable(one.shown_supported for one in answered)),
        "refuses without the paragraph": _share(one.refused for one in absent),
        "refuses with the paragraph": _share(one.refused for one in present),
        "repeated four words": repeated(words),
        "answers with a broken word": _share(bool(broken(one)) for one in given[:ANSWERS]),
        "answers cut at the limit": _share(one.end.reason == "limit" for one in given),
    }


def writing_speed(answers: Iterable[Judged]) -> Figures:
    """Return the speed of writing over all answers, the first token left out."""
    ends = [one.end for one in answers if one.end.first_token_ms is not None]
    seconds = sum(end.total_ms - (end.first_token_ms or 0) for end in ends) / 1000
    return {"tokens per second": sum(end.generated_tokens - 1 for end in ends) / seconds if seconds else 0.0}


def reading_speed(options: LoadOptions, trial: Trial) -> Figures:
    """Return how long the first token of a prompt of about 500 tokens takes where nothing of it was read before."""
    waits, tokens = [], []
    for _ in range(STARTS):
        with Model(options) as model:
            text = "\n".join(piece.text for piece in trial.pieces)
            wanted = _one_passage(text, trial.question)
            while sum(model.count([message.text for message in wanted.messages])) > PROMPT - MARKUP:
                text = text.rpartition(" ")[0]
                wanted = _one_passage(text, trial.question)
            for event in model.generate(replace(wanted, limit=1)):
                if isinstance(event, Finished):
                    waits.append((event.first_token_ms or 0) / 1000)
                    tokens.append(event.prompt_tokens)
    return {"first token, seconds": statistics.median(waits), "prompt, tokens": statistics.median(tokens)}


def _one_passage(text: str, question: str) -> Request:
    return request([trials.piece(1, "Статья", text)], question)


def memory(model: Model) -> Figures:
    """Return the most memory that the process of the model ever had (Linux alone; elsewhere after loading)."""
    try:
        lines = Path(f"/proc/{model.pid}/status").read_text().splitlines()
        kilobytes = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
        return {"memory, MB": kilobytes * 1024 / 1e6}
    except (OSError, StopIteration):
        return {"memory, MB": model.facts().resident_bytes / 1e6}


def of_demo(model: Model, folder: Path) -> Figures:
    """Return how the whole assistant fares over the demonstration documents, search included."""
    items = json.loads(DEMO.read_text("utf-8"))
    running = Running("nano", model, only_answers=True)
    right, abstained, written = [], [], []
    with KnowledgeBase.create(folder / "demo.offlite") as base:
        for _ in base.add([demo.DOCUMENTS]):
            pass
        for item in items:
            answer = next(
                event
                for event in assistant.ask(item["question"], base=base, model=running)
                if isinstance(event, Answer)
            )
            if item.get("absent"):
                abstained.append(answer.mode is Mode.ABSTAINED)
            else:
                right.append(item["contains"].casefold() in answer.text.casefold())
                written.append(answer.mode is Mode.MODEL)
    return {
        "demo: answer inside": _share(right),
        "demo: written by the model": _share(written),
        "demo: abstains when absent": _share(abstained),
    }


def evaluated(
    options: LoadOptions, *, xquad: Path, limit: int | None, tell: Callable[[str], object]
) -> dict[str, object]:
    """Return all figures and the answers that they were made from."""
    present, absent = trials.xquad(xquad, limit=limit)
    with Model(options) as model, TemporaryDirectory() as folder:
        with_it = list(_asked(model, present, tell=tell))
        without = list(_asked(model, absent, tell=tell))
        figures = quality(with_it, without) | writing_speed([*with_it, *without]) | memory(model)
        figures |= of_demo(model, Path(folder))
    figures |= reading_speed(options, present[0])
    return {
        "model": options.path.name,
        "questions": len(present),
        "figures": figures,
        "answers": [_record(one) for one in (*with_it, *without)],
    }


def table(figures: Figures, *, halved: bool) -> str:
    """Return the figures as text: those that have a bar first, with whether it is reached."""
    lines = []
    for name, bar in BARS.items():
        sign = "<=" if bar.at_most else ">="
        verdict = "reached" if bar.reached(figures[name], halved=halved) else "MISSED"
        half = " (half of it)" if halved else ""
        lines.append(f"  {name:34} {figures[name]:9.3f}   bar {sign} {bar.value:g}{half}  {verdict}")
    lines += [f"  {name:34} {value:9.3f}" for name, value in figures.items() if name not in BARS]
    return "\n".join(lines)


def _asked(model: Model, asked: Sequence[Trial], *, tell: Callable[[str], object]) -> Iterator[Judged]:
    for number, trial in enumerate(asked):
        yield judged(model, trial)
        if number % 25 == 24:
            tell(f"{number + 1} of {len(asked)}\n")


def _record(one: Judged) -> dict[str, object]:
    return {
        "question": one.trial.question,
        "gold": one.trial.gold,
        "answers": one.trial.answers,
        "written": one.written,
        "refused": one.refused,
        "holds answer": one.holds_answer,
        "cited": one.cited,
        "supported": one.supported,
        "broken": broken(one),
        "end": asdict(one.end),
    }


def _share(flags: Iterable[bool]) -> float:
    seen = list(flags)
    return sum(seen) / len(seen) if seen else 0.0


def main() -> int:
    """Evaluate, print the table, write the JSON; return 1 where a bar is missed, 2 without the shared data."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("--xquad", type=Path, default=XQUAD)
    parser.add_argument("--questions", type=int, help="so many, drawn at random; default: all")
    parser.add_argument("--threads", type=int, help="default: as many as the product takes")
    parser.add_argument("--bars", choices=("full", "half"), default="full")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    options = parser.parse_args()
    if not options.xquad.is_file():
        sys.stderr.write(f"The evaluation needs {options.xquad}.\n")
        return 2
    loaded = LoadOptions(path=options.model, context=CONTEXT, threads=options.threads)
    results = evaluated(loaded, xquad=options.xquad, limit=options.questions, tell=sys.stderr.write)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps(results, ensure_ascii=False, indent=1), encoding="utf-8")
    figures, halved = results["figures"], options.bars == "half"
    assert isinstance(figures, dict)
    sys.stdout.write(f"{options.model.name}, {results['questions']} questions\n{table(figures, halved=halved)}\n")
    return 0 if all(bar.reached(figures[name], halved=halved) for name, bar in BARS.items()) else 1


if __name__ == "__main__":
    sys.exit(main())

"""A model in training: one step after another, what it has learned so far, its state kept and taken up again."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from models.nano import beginning
from models.nano.course import Course
from models.nano.model import Qwen2, together
from models.nano.pointing import LINKS, TOLD, Link
from models.nano.supply import Batch

DECISIVE = 2.0
"""What a prediction counts, at least, that decides something: to refuse or not, which passage is cited."""

LONGEST_STEP = 1.0
"""The norm that gradients are cut to."""


@dataclass(slots=True)
class Position:
    """How far a training is; what is kept beside the weights."""

    steps: int = 0
    tokens: int = 0
    seconds: float = 0.0
    taken: dict[str, int] = field(default_factory=dict)
    """Batches taken of each kind, by its name."""


class Training:
    """The model, its optimizers and its position."""

    def __init__(self, course: Course, *, device: torch.device, attention: str, compiled: bool) -> None:
        torch.manual_seed(course.seed)
        torch.set_float32_matmul_precision("high")
        self.course, self.device, self.attention = course, device, attention
        self.model = Qwen2(course.shape, seed=course.seed)
        if course.beginning:
            beginning.prepare(self.model, seed=course.seed)
        self.model.to(device)
        self.position = Position()
        self._optimizers = list(_optimizers(self.model, course))
        body = self.model.model.tapped
        self._body: Any = torch.compile(body, dynamic=False) if compiled else body
        self._losses: Any = torch.compile(self._plain_losses, dynamic=False) if compiled else self._plain_losses

    def step(self, batches: list[Batch], *, rate: float) -> Tensor:
        """Learn from ``batches``; return the mean loss, which is still where the model is."""
        self.model.train()
        total = torch.zeros((), device=self.device)
        for batch in batches:
            loss = self._loss(batch) / len(batches)
            loss.backward()
            total += loss.detach()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), LONGEST_STEP)
        for optimizer in self._optimizers:
            for group in optimizer.param_groups:
                group["lr"] = rate * group["share"]
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        self.position.steps += 1
        self.position.tokens += sum(batch.tokens.numel() for batch in batches)
        return total

    def measured(self, batches: list[Batch]) -> dict[str, float]:
        """Return how well ``batches``, which were not learned from, are predicted where they are answers."""
        sums = torch.zeros(7, device=self.device)
        with torch.no_grad():
            for batch in batches:
                losses, right, pointed = self._judged(batch)
                sums[5] += pointed.exp().sum()
                sums[6] += len(pointed)
                answers, deciding = batch.counts >= 1, batch.counts >= DECISIVE
                for at, (what, where) in enumerate(((losses, answers), (right, answers), (right, deciding))):
                    sums[at] += (what * where).sum()
                sums[3] += answers.sum()
                sums[4] += deciding.sum()
        loss, known, decided, answers, deciding, pointed_right, begun = (float(one) for one in sums)
        return {
            "loss": loss / max(answers, 1),
            "right": known / max(answers, 1),
            "decided right": decided / max(deciding, 1),
            "pointed right": pointed_right / max(begun, 1),
        }

    def weights(self) -> dict[str, NDArray[np.float16]]:
        """Return the weights by the names that Hugging Face has for them."""
        return {name: weight.detach().half().cpu().numpy() for name, weight in self.model.state_dict().items()}

    def keep(self, path: Path) -> None:
        """Write everything that going on needs."""
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(path.name + ".new")
        torch.save(
            {
                "model": self.model.state_dict(),
                "optimizers": [one.state_dict() for one in self._optimizers],
                "position": {name: getattr(self.position, name) for name in Position.__slots__},
            },
            beside,
        )
        beside.replace(path)

    def take_up(self, path: Path) -> None:
        """Go on from what ``keep`` wrote."""
        state = torch.load(path, map_location=self.device, weights_only=True)
        self.model.load_state_dict(state["model"])
        for optimizer, kept in zip(self._optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(kept)
        self.position = Position(**state["position"])

    def begin_from(self, weights: dict[str, NDArray[np.float16]]) -> None:
        """Take the weights of an earlier training; nothing else is known of it."""
        self.model.load_state_dict({name: torch.tensor(weight).float() for name, weight in weights.items()})

    def _loss(self, batch: Batch) -> Tensor:
        with self._precision():
            states, before = self._body(batch.tokens, batch.positions, batch.mask(self.attention), layers=self._tapped)
            losses, _ = self._losses(states, batch.places, batch.targets)
            loss = (losses * batch.counts).sum() / batch.counts.sum().clamp(min=1)
            if self.course.pointing:
                for number, link in enumerate(LINKS):
                    if len(batch.looks[number]):
                        seen = self._seen(batch, before, number).mean()
                        loss = loss - self.course.pointing * link.weight * seen
        return loss

    @property
    def _tapped(self) -> tuple[int, ...]:
        """The layers whose heads are told where to look."""
        return tuple(sorted({self._layer(link) for link in LINKS}))

    def _layer(self, link: Link) -> int:
        return max(self.course.shape.layers - 1 - link.layer, 0)

    def _seen(self, batch: Batch, before: list[Tensor], number: int) -> Tensor:
        """Return, as a logarithm, how much of its look a head gives what it is to see, for each look of a link."""
        link, looks, length = LINKS[number], batch.looks[number], batch.tokens.shape[1]
        layer, group = self._layer(link), min(link.group, self.course.shape.kv_heads - 1)
        rows, columns = looks[:, 0] // length, (looks[:, 0] % length)[:, None]
        states = before[self._tapped.index(layer)]
        scores = self.model.model.looks(states, batch.positions, layer, group, rows=rows, columns=columns[:, 0])
        at = torch.arange(length, device=scores.device)[None]
        documents = batch.documents[rows]
        visible = together(documents.gather(1, columns), documents) & (at <= columns)
        right = (at >= (looks[:, 1] % length)[:, None]) & (at < ((looks[:, 2] - 1) % length + 1)[:, None])
        everything = scores.masked_fill(~visible, -torch.inf).logsumexp(-1)
        return scores.masked_fill(~right, -torch.inf).logsumexp(-1) - everything

    def _judged(self, batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
        """Judge without what was compiled: without gradients all of it would be compiled once more."""
        with self._precision():
            mask = batch.mask("dense")
            states, before = self.model.model.tapped(batch.tokens, batch.positions, mask, layers=self._tapped)
            return *self._plain_losses(states, batch.places, batch.targets), self._seen(batch, before, TOLD)

    def _plain_losses(self, states: Tensor, places: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        """Return the loss of every prediction and whether its likeliest token was the right one."""
        scores = self.model.scores(states.flatten(0, 1)[places]).float()
        right = (scores.detach().argmax(-1) == targets).float()
        return functional.cross_entropy(scores, targets, reduction="none"), right

    def _precision(self) -> contextlib.AbstractContextManager[object]:
        return torch.autocast(self.device.type, torch.bfloat16)


def _optimizers(model: Qwen2, course: Course) -> Iterator[torch.optim.Optimizer]:
    """Yield what moves the weights: AdamW, and Muon for the matrices of the layers where the course has it."""
    matrices = [one for name, one in model.named_parameters() if one.ndim == 2 and ".layers." in name]
    embedding = [model.model.embed_tokens.weight]
    vectors = [one for one in model.parameters() if one.ndim == 1]
    groups = [
        {"params": embedding, "weight_decay": course.decay, "share": course.words},
        {"params": vectors, "weight_decay": 0.0, "share": course.words},
    ]
    if not course.muon:
        groups.append({"params": matrices, "weight_decay": course.decay, "share": 1.0})
    yield torch.optim.AdamW(groups, lr=course.rate, betas=(0.9, 0.95), fused=True)
    if course.muon:
        yield torch.optim.Muon(
            [{"params": matrices, "share": 1.0}],
            lr=course.rate,
            weight_decay=course.decay,
            momentum=0.95,
            adjust_lr_fn="match_rms_adamw",
        )

"""Where an answer comes from, found again in rows of tokens."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from nano_material import write_shelf
from tokenizers import Tokenizer

from app import prompts
from models.nano.feed import Kind, Kitchen, Plan
from models.nano.pointing import NOTHING, Pointers
from models.nano.rows import BRANCHES, FILLER, Rows

PLAN = Plan(rows=4, length=768)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_shelf(tmp_path_factory.mktemp("pointing") / "shelf")


@pytest.mark.parametrize("kind", [Kind.SHORT, Kind.QUIZZES, Kind.TASKS])
def test_most_answers_point_at_what_they_repeat(folder: Path, kind: Kind) -> None:
    rows = Kitchen(folder, PLAN).rows(kind, 0)
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokens, documents = rows.tokens.reshape(-1), rows.documents.reshape(-1)
    pointers = Pointers.of(rows)
    answers = sum(len(np.unique(row[(row != FILLER) & (row % BRANCHES > 0)])) for row in rows.documents)
    assert len(pointers.places) > (0.7 * answers if answers else PLAN.rows - 1)
    refused = 0
    for place, begin, end in zip(pointers.places, pointers.begins, pointers.ends, strict=True):
        said = tokenizer.decode(tokens[place + 1 : place + 40].tolist())
        shown = tokenizer.decode(tokens[begin:end].tolist()).strip()
        assert begin < end <= place
        assert documents[begin] // BRANCHES == documents[place] // BRANCHES
        if said.startswith(prompts.REFUSAL):
            refused += 1
            assert end - begin == NOTHING
            assert begin % PLAN.length == 0 or documents[begin - 1] != documents[begin]
        else:
            assert shown[2:20] in said
    assert refused


def test_documents_point_at_nothing(folder: Path) -> None:
    assert not len(Pointers.of(Kitchen(folder, PLAN).rows(Kind.DOCUMENTS, 0)).places)


def test_what_stands_in_two_tokens_halves_is_not_found() -> None:
    # 0x0201 0x0403 0x0605 in bytes is 01 02 03 04 05 06: shifted by a byte it is 0x0302 0x0504.
    stem = [0x0201, 0x0403, 0x0605, 0x0807, 0x0A09]
    halves, whole = [0x0302, 0x0504, 0x0706, 0x0908], [0x0403, 0x0605, 0x0807, 0x0A09]
    documents = np.array([[0] * 5 + [1] * 8], np.uint16)
    weights = np.array([[0] * 6 + [200, 100, 100, 100, 100, 100, 200]], np.uint8)
    for words, wanted in ((halves, ([], [], [])), (whole, ([5], [0], [4]))):
        tokens = np.array([[*stem, 8, 9, *words, 10, 11]], np.uint16)
        pointers = Pointers.of(Rows(tokens, documents, weights))
        assert (pointers.places.tolist(), pointers.begins.tolist(), pointers.ends.tolist()) == wanted

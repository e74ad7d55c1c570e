"""Where to look: what answers repeat, found again in rows of tokens."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from nano_material import write_shelf
from tokenizers import Tokenizer

from app import prompts
from models.nano import disguise, pointing
from models.nano.feed import Kind, Kitchen, Plan
from models.nano.pointing import LINKS, NOTHING, links
from models.nano.rows import BRANCHES, FILLER, Rows
from models.nano.writing import QUESTION

PLAN = Plan(rows=4, length=768)
STARTS, NUMBERS, ASKED, GATHERED, TOLD, AGAIN, FIRST, CITED, NEXT = range(len(LINKS))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_shelf(tmp_path_factory.mktemp("pointing") / "shelf")


@pytest.fixture(autouse=True)
def as_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let words be what they are, and every refusal look."""
    monkeypatch.setattr(disguise, "SHARE", 0.0)
    monkeypatch.setattr(disguise, "REWORDED", 0.0)
    monkeypatch.setattr(pointing, "REFUSALS", 1)


@pytest.mark.parametrize("kind", [Kind.SHORT, Kind.QUIZZES, Kind.TASKS])
def test_answers_look_at_what_they_repeat(folder: Path, kind: Kind) -> None:
    kitchen = Kitchen(folder, PLAN)
    rows = kitchen.rows(kind, 0)
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokens, documents = rows.tokens.reshape(-1), rows.documents.reshape(-1)
    looks = links(rows, fence=tokenizer.encode(kitchen.fence, add_special_tokens=False).ids)
    answers = sum(len(np.unique(row[(row != FILLER) & (row % BRANCHES > 0)])) for row in rows.documents)
    assert len(looks[FIRST]) > (0.7 * answers if answers else PLAN.rows - 1)
    assert np.array_equal(looks[TOLD], looks[AGAIN])
    for table in looks:
        assert (table[:, 1] < table[:, 2]).all()
        assert (table[:, 1] <= table[:, 0]).all()
        assert (documents[table[:, 0]] // BRANCHES == documents[table[:, 1]] // BRANCHES).all()

    def text(begin: int, end: int) -> str:
        return tokenizer.decode(tokens[begin:end].tolist())

    sentences = {place: text(begin, end).strip() for place, begin, end in looks[TOLD]}
    refused = 0
    for place, begin, _ in looks[FIRST]:
        said = text(place + 1, place + 40)
        if said.startswith(prompts.REFUSAL):
            refused += 1
            assert (place, begin, begin + NOTHING) in {tuple(look) for look in looks[TOLD].tolist()}
            assert begin == 0 or documents[begin - 1] != documents[begin]
        else:
            assert sentences[place].partition(" ")[2][:16] in said
    assert refused
    assert len(looks[CITED]) >= len(looks[FIRST]) - refused - 1
    for place, begin, end in looks[CITED]:
        assert text(place + 1, place + 2) == text(begin, end)
        assert text(begin - 9, begin).endswith("отрывок ")
    assert (len(looks[ASKED]) > 0) is (kind is not Kind.TASKS)  # questions are predicted in quizzes alone
    assert (len(looks[GATHERED]) > 0) is (kind is not Kind.TASKS)
    assert all(tokens[word] in tokens[begin:end] for word, begin, end in looks[ASKED])
    assert set(looks[STARTS][:, 0]) == set(looks[NUMBERS][:, 0]) != set()
    assert len(looks[NEXT]) > 3 * len(looks[CITED])
    assert (tokens[looks[NEXT][:, 0] + 1] == tokens[looks[NEXT][:, 1]]).all()  # what is seen is what is written next


def test_documents_look_at_nothing(folder: Path) -> None:
    rows = Kitchen(folder, PLAN).rows(Kind.DOCUMENTS, 0)
    assert [len(looks) for looks in links(rows, fence=(1,))] == [0] * len(LINKS)


def test_what_stands_in_two_tokens_halves_is_not_found() -> None:
    # 0x0201 0x0403 0x0605 in bytes is 01 02 03 04 05 06: shifted by a byte it is 0x0302 0x0504.
    stem = [7, 10, 0x0201, 0x0403, 0x0605, 0x0807, 0x0A09]
    halves, whole = [0x0302, 0x0504, 0x0706, 0x0908], [0x0403, 0x0605, 0x0807, 0x0A09]
    documents = np.array([[0] * 7 + [1] * 8], np.uint16)
    weights = np.array([[0] * 7 + [QUESTION, 200, 100, 100, 100, 100, 100, 200]], np.uint8)
    for words, found in ((halves, False), (whole, True)):
        tokens = np.array([[*stem, 8, 9, *words, 11, 10]], np.uint16)
        looks = links(Rows(tokens, documents, weights), fence=(7,))
        assert [table.tolist() for table in looks] == (
            [
                [[3, 2, 3], [4, 2, 3], [5, 2, 3]],
                [[3, 1, 2], [4, 1, 2], [5, 1, 2]],
                [],
                [[7, 7, 8], [13, 7, 8]],
                [[7, 2, 6], [13, 2, 6]],
                [[7, 2, 6], [13, 2, 6]],
                [[7, 2, 3]],
                [[13, 1, 2]],
                [[8, 3, 4], [9, 4, 5], [10, 5, 6]],
            ]
            if found
            else [[]] * len(LINKS)
        )

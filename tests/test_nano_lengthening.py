"""Longer sentences: some become one, and everything that counts sentences goes with them."""

from __future__ import annotations

from dataclasses import replace

from models.nano.lengthening import LONGEST, lengthened
from models.nano.shelf import Asked, Shelved

SENTENCES = (
    "Станция открыта в 1907 году.",
    "Дежурит на ней Ильин.",
    "Чтобы войти:",
    "Позвоните дежурному.",
    "Назовите номер 17.",
    "Зимой она закрыта.",
)
ENDS = (27, 20, 0, 19, 17, 17)
"""Where in a sentence the very answer ends."""


def passage(document: int, rivals: tuple[tuple[int, int, int], ...] = ()) -> Shelved:
    """Return a passage of which every sentence answers a question, and one question that nothing answers."""
    asked = [
        Asked(f"Что сказано в {at}?", at, "rule", end, "", rivals, False) for at, end in enumerate(ENDS) if at != 2
    ]
    asked.append(Asked("Сколько стоит вход?", -1, "none", 0, "", rivals, False))
    joints = ("", " ", " ", "\n", "\n", " ")
    return Shelved(document, "facts", "Станция", "", SENTENCES, joints, tuple(asked))


def test_sentences_become_one_and_their_questions_find_them() -> None:
    passages = [passage(number, ((number - 1, 5, 20),) if number > 1 else ()) for number in range(1, 200)]
    made = lengthened(passages, seed=1)
    assert made == lengthened(passages, seed=1)
    longer = [one for one in made if len(one.sentences) < len(SENTENCES)]
    assert 0.5 < len(longer) / len(made) < 1
    for before, one in zip(passages, made, strict=True):
        assert len(one.joints) == len(one.sentences)
        assert "Чтобы войти:" in one.sentences  # it leads up to something
        assert all(sentence.endswith((".", ":")) and len(sentence) < LONGEST[1] + 60 for sentence in one.sentences)
        for old, new in zip(before.questions, one.questions, strict=True):
            if old.sentence < 0:
                assert new == replace_rivals(old, new)
                continue
            told = SENTENCES[old.sentence].rstrip(".")
            assert told[1:] in one.sentences[new.sentence]
            assert one.sentences[new.sentence][: new.end].endswith(told[max(0, old.end - 6) : old.end])
            for at, best, _ in new.rivals:
                assert "имой она закрыта" in made[at].sentences[best]


def replace_rivals(old: Asked, new: Asked) -> Asked:
    """Return ``old`` with the rivals of ``new``."""
    return old._replace(rivals=new.rivals)


def test_what_neighbours_have_in_common_stays_the_same_in_both() -> None:
    one = passage(7)
    first = replace(one, sentences=(*one.sentences[:5], "Общая фраза."), questions=())
    second = replace(one, sentences=("Общая фраза.", *one.sentences[1:]), questions=())
    for seed in range(30):
        made = lengthened([passage(1), first, second, passage(9)], seed=seed)
        assert made[1].sentences[-1] == made[2].sentences[0] == "Общая фраза."
        assert made[1].sentences[0] == SENTENCES[0]
        assert made[2].sentences[-1] == SENTENCES[5]


def test_nothing_changes_without_a_share() -> None:
    passages = [passage(1), passage(2)]
    assert lengthened(passages, seed=3, share=0.0) == passages

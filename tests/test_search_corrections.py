"""Typos in words that the base holds in other forms only."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kb.base import KnowledgeBase


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeBase]:
    """Return the base of a document in which the long words stand in one form each."""
    folder = tmp_path_factory.mktemp("corrections")
    (folder / "склад.txt").write_text("Списанными маршрутизаторами распоряжается кладовщик Гаврилов.", encoding="utf-8")
    with KnowledgeBase.create(folder / "base.db") as base:
        list(base.add([folder / "склад.txt"]))
        yield base


@pytest.mark.parametrize("typed", ["маршрутизаотор", "маршрутизатоор", "маршрутизтора"])
def test_a_typo_in_a_form_that_the_base_has_not_seen(base: KnowledgeBase, typed: str) -> None:
    found = base.search(f"кто отвечает за {typed}")

    assert [passage.title for passage in found.passages] == ["склад"]
    assert found.corrected == "кто отвечает за маршрутизаторами"


def test_two_typos_are_not_guessed_at(base: KnowledgeBase) -> None:
    assert base.search("мрашрутизаотор").passages == ()


def test_a_typo_in_the_beginning_needs_the_very_form(base: KnowledgeBase) -> None:
    assert base.search("маршрутизатораим").corrected == "маршрутизаторами"
    assert base.search("амршрутизатор").passages == ()

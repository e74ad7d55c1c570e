"""Blocks into segments: structure first, then whole sentences, towards 200 tokens, with exact places."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from kb.blocks import Block, BlockKind, ReadDocument, Segment
from kb.places import Line, Moment, Page, Place
from kb.readers import read
from kb.segmentation import LONGEST, TARGET, TINY, segment

HEADING, PARAGRAPH, ITEM = BlockKind.HEADING, BlockKind.PARAGRAPH, BlockKind.LIST_ITEM


def document(*blocks: Block, title: str = "Документ") -> ReadDocument:
    return ReadDocument(title, "md", blocks)


def block(kind: BlockKind, text: str, line: int = 1, level: int = 0) -> Block:
    return Block(kind, text, Line(line), level=level)


def sentence(number: int, words: int = 10) -> str:
    return f"Предложение {number} " + " ".join(["слово"] * (words - 3)) + " конец."


def prose(count: int, words: int = 10, first: int = 0) -> str:
    return " ".join(sentence(number, words) for number in range(first, first + count))


def said(made: Segment, *, fresh: bool = False) -> list[str]:
    return [made.text[one.start : one.end] for one in made.sentences[made.overlap if fresh else 0 :]]


def tokens(made: Segment) -> int:
    return len(made.text.split())


def test_a_short_section_is_one_segment_with_exact_sentences() -> None:
    (made,) = segment(
        document(
            block(HEADING, "Роутер", 1, 1),
            block(PARAGRAPH, "Раз. Два.", 3),
            block(ITEM, "Три.", 5),
            title="Руководство",
        )
    )

    assert made.text == "Раз. Два.\nТри."
    assert made.heading == ("Роутер",)
    assert made.place == Line(3)
    assert [(said(made)[index], one.place) for index, one in enumerate(made.sentences)] == [
        ("Раз.", Line(3)),
        ("Два.", Line(3)),
        ("Три.", Line(5)),
    ]


def test_sentences_stand_where_the_marks_of_their_block_say() -> None:
    text = "Первое предложение. Второе предложение. Третье."
    marks: tuple[tuple[int, Place], ...] = ((8, Page(2)), (text.index("Третье"), Page(3)))

    (made,) = segment(document(Block(PARAGRAPH, text, Page(1), marks=marks)))

    assert [one.place for one in made.sentences] == [Page(1), Page(2), Page(3)]


def test_headings_divide_and_make_paths() -> None:
    made = segment(
        document(
            block(HEADING, "Документ", 1, 1),
            block(PARAGRAPH, prose(4), 2),
            block(HEADING, "Глава", 3, 2),
            block(PARAGRAPH, prose(4), 4),
            block(HEADING, "Раздел", 5, 3),
            block(PARAGRAPH, prose(4), 6),
            block(HEADING, "Другая", 7, 2),
            block(PARAGRAPH, prose(4), 8),
        )
    )

    assert [one.heading for one in made] == [(), ("Глава",), ("Глава", "Раздел"), ("Другая",)]
    assert all(one.overlap == 0 for one in made)


def test_long_text_becomes_segments_near_the_target_of_whole_sentences_with_one_of_overlap() -> None:
    source = prose(100)

    made = segment(document(*(block(PARAGRAPH, prose(5, first=5 * number), number + 1) for number in range(20))))

    assert all(abs(tokens(one) - TARGET) <= 0.4 * TARGET for one in made)
    assert [one for part in made for one in said(part, fresh=True)] == [sentence(number) for number in range(100)]
    assert " ".join(" ".join(said(part, fresh=True)) for part in made) == source
    assert [one.overlap for one in made] == [0, *([1] * (len(made) - 1))]
    for before, after in pairwise(made):
        assert said(after)[0] == said(before)[-1]
        assert after.place == after.sentences[1].place


def test_segments_end_where_paragraphs_end() -> None:
    made = segment(document(*(block(PARAGRAPH, prose(9, first=9 * number), number + 1) for number in range(8))))

    assert len(made) == 4
    assert all(said(one)[-1] == sentence(18 * number + 17) for number, one in enumerate(made))


def test_a_long_sentence_is_not_repeated_and_not_cut() -> None:
    long = sentence(1, 150)

    made = segment(document(block(PARAGRAPH, " ".join([long] * 4))))

    assert all(said(one) == [long] for one in made) or all(set(said(one)) == {long} for one in made)
    assert sum(len(one.sentences) - one.overlap for one in made) == 4
    assert all(one.overlap == 0 for one in made)


def test_only_a_monster_passes_the_limit() -> None:
    made = segment(document(block(PARAGRAPH, f"{prose(3)} {sentence(9, 380)} {prose(3)}")))

    assert [len(one.sentences) - one.overlap for one in made if tokens(one) > LONGEST] == [1]


def test_what_introduces_a_list_stays_with_it() -> None:
    blocks = [block(PARAGRAPH, prose(19), 1), block(PARAGRAPH, "Чтобы сбросить пароль:", 2)]
    blocks += [block(ITEM, sentence(number), number) for number in range(3, 25)]

    made = segment(document(*blocks))

    assert all(not said(one)[-1].endswith(":") for one in made)
    assert any(said(one, fresh=True)[0].endswith(":") for one in made)


def test_a_line_like_a_heading_stays_with_what_follows() -> None:
    blocks = [
        block(PARAGRAPH, prose(20), 1),
        block(PARAGRAPH, "Если ничего не помогло", 2),
        block(PARAGRAPH, prose(18), 3),
    ]

    made = segment(document(*blocks))

    assert [said(one, fresh=True)[0] for one in made] == [sentence(0), "Если ничего не помогло"]


def test_an_opening_word_stays_with_what_it_announces() -> None:
    blocks = [block(PARAGRAPH, prose(20), 1), block(PARAGRAPH, f"Примечание. {prose(18)}", 2)]

    made = segment(document(*blocks))

    assert [said(one, fresh=True)[0] for one in made] == [sentence(0), "Примечание."]


def test_a_heading_with_nothing_below_is_findable() -> None:
    made = segment(
        document(
            block(HEADING, "Глава", 1, 1),
            block(HEADING, "Где лежат ключи от архива на третьем этаже", 2, 2),
            block(HEADING, "Следующая", 3, 1),
            block(PARAGRAPH, prose(5), 4),
        )
    )

    assert (made[0].heading, made[0].text) == (("Глава",), "Где лежат ключи от архива на третьем этаже")
    assert made[0].place == Line(2)
    assert made[1].heading == ("Следующая",)


def test_tiny_sections_under_one_parent_are_put_together_with_their_headings() -> None:
    blocks = [block(HEADING, "Словарь", 1, 1)]
    for number in range(3):
        blocks += [
            block(HEADING, f"Термин {number}", 2 * number + 2, 2),
            block(PARAGRAPH, "Краткое значение.", 2 * number + 3),
        ]
    blocks += [block(HEADING, "Большой", 20, 2), block(PARAGRAPH, prose(5), 21)]

    made = segment(document(*blocks))

    assert [one.heading for one in made] == [("Словарь",), ("Словарь", "Большой")]
    assert made[0].text == "\n".join(f"Термин {number}\nКраткое значение." for number in range(3))
    assert [one.place for one in made[0].sentences] == [Line(number) for number in range(2, 8)]


def test_many_tiny_sections_do_not_become_one_endless_segment() -> None:
    blocks = []
    for number in range(100):
        blocks += [
            block(HEADING, f"Термин {number}", 2 * number, 2),
            block(PARAGRAPH, "Краткое значение слова.", 2 * number + 1),
        ]

    made = segment(document(*blocks))

    assert all(tokens(one) <= LONGEST for one in made)
    assert all(not said(one)[-1].startswith("Термин") for one in made)


def test_tiny_is_what_alone_says_too_little() -> None:
    blocks = [block(HEADING, "Раз", 1, 2), block(PARAGRAPH, sentence(1, TINY), 2)] * 2

    assert len(segment(document(*blocks))) == 2


def test_table_rows_are_whole_and_not_repeated() -> None:
    rows = [block(BlockKind.TABLE_ROW, f"Отдел: ИТ. Москва; Имя: Анна {number}", number) for number in range(100)]

    made = segment(document(*rows))

    assert [text for one in made for text in said(one)] == [row.text for row in rows]
    assert all(one.overlap == 0 for one in made)


def test_code_keeps_its_lines_and_indentation() -> None:
    code = Block(BlockKind.CODE, "if a:\n    b()", Line(5), marks=((6, Line(6)),))

    (made,) = segment(document(block(PARAGRAPH, "Команда:", 3), code))

    assert made.text == "Команда:\nif a:\n    b()"
    assert said(made) == ["Команда:", "if a:", "b()"]
    assert [one.place for one in made.sentences] == [Line(3), Line(5), Line(6)]


def test_turns_name_their_speakers() -> None:
    turns = (
        Block(BlockKind.TURN, "Когда срок? Мы ждём.", Moment.at(1), speaker="Анна"),
        Block(BlockKind.TURN, "В пятницу.", Moment.at(5), speaker="Борис"),
    )

    (made,) = segment(document(*turns))

    assert made.text == "Анна: Когда срок? Мы ждём.\nБорис: В пятницу."
    assert [one.place for one in made.sentences] == [Moment("00:00:01"), Moment("00:00:01"), Moment("00:00:05")]


def test_a_paragraph_in_the_style_of_a_heading_is_text() -> None:
    (made,) = segment(document(block(HEADING, sentence(1, 60), 1, 1)))

    assert made.heading == ()
    assert made.text == sentence(1, 60)


@pytest.mark.parametrize("blocks", [(), (block(PARAGRAPH, ""),)])
def test_nothing_makes_nothing(blocks: tuple[Block, ...]) -> None:
    assert segment(document(*blocks)) == []


def test_the_real_articles_lose_no_word(shared_data: Path) -> None:
    for path in sorted((shared_data / "support-kb-ru").rglob("*.md"))[::40]:
        found = read(path)
        made = segment(found)
        words = sum(len(one.text.split()) for one in found.blocks if one.kind is not HEADING)
        given = sum(len(text.split()) for one in made for text in said(one, fresh=True))
        assert given >= words, path
        for one in made:
            assert tokens(one) <= LONGEST + 60
            ends = [0, *(span.end for span in one.sentences)]
            assert all(end <= span.start < span.end for end, span in zip(ends, one.sentences, strict=False))
            assert all(text == text.strip() for text in said(one))

"""The order of passages and of sentences in them: what counts for a passage, and that probabilities are such."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest

from kb.blocks import Sentence
from kb.language.words import stem
from kb.places import Line
from kb.search import weights
from kb.search.confidence import CONFIDENCE_FEATURES, confidence, confidence_features
from kb.search.features import PASSAGE_FEATURES, SENTENCE_FEATURES, Measure, Measured
from kb.search.query import Query, Term
from kb.search.ranking import Ranked, rank, sentence_texts, sigmoid, softmax
from kb.store.records import StoredPassage


def query(text: str, *, weight: float = 0.9, unknown: str = "") -> Query:
    """Return a query whose words are all known but those of ``unknown``; capitalised ones are names."""
    terms = [
        Term(
            word.lower(), frozenset() if word in unknown else frozenset({stem(word.lower())}), 1, weight, word.istitle()
        )
        for word in text.split()
    ]
    return Query(text, text, tuple(terms))


def passage(
    *sentences: str, identity: int = 1, document: int = 1, title: str = "Заметка", heading: Sequence[str] = ()
) -> StoredPassage:
    spans, at = [], 0
    for sentence in sentences:
        spans.append(Sentence(at, at + len(sentence), Line(1)))
        at += len(sentence) + 1
    text = " ".join(sentences)
    return StoredPassage(
        identity, document, f"/{document}", title, 0, text, tuple(heading), Line(1), tuple(spans), overlap=0
    )


def measured(asked: Query, *sentences: str, heading: Sequence[str] = ()) -> Measured:
    return Measure(asked)(heading, sentences)


def passage_feature(name: str, asked: Query, *sentences: str, heading: Sequence[str] = ()) -> float:
    return measured(asked, *sentences, heading=heading).passage[PASSAGE_FEATURES.index(name)]


def sentence_feature(name: str, asked: Query, *sentences: str) -> list[float]:
    return [row[SENTENCE_FEATURES.index(name)] for row in measured(asked, *sentences).sentences()]


def order(asked: Query, *passages: StoredPassage) -> list[int]:
    return [one.passage.id for one in rank(asked, passages)]


def test_there_is_a_weight_for_every_feature() -> None:
    asked = query("пароль роутера")
    one = measured(asked, "Пароль роутера.", "Другое.")
    assert len(one.passage) == len(PASSAGE_FEATURES) == len(weights.PASSAGE)
    assert [len(row) for row in one.sentences()] == [len(SENTENCE_FEATURES)] * 2
    assert len(SENTENCE_FEATURES) == len(weights.SENTENCE)
    assert len(confidence_features(asked, rank(asked, [passage("Пароль.")]))) == len(weights.CONFIDENCE)
    assert len(confidence_features(asked, [])) == len(CONFIDENCE_FEATURES)


def test_more_of_the_question_is_better() -> None:
    asked = query("сбросить пароль роутера")
    assert order(
        asked,
        passage("Роутер стоит в шкафу.", identity=1),
        passage("Сбросить пароль роутера может каждый.", identity=2),
        passage("Пароль роутера на наклейке.", identity=3),
        passage("Ничего подобного.", identity=4),
    ) == [2, 3, 1, 4]


def test_the_title_counts() -> None:
    asked = query("замена картриджа")
    text = "Откройте крышку и выньте старый блок."
    assert order(asked, passage(text, identity=1), passage(text, identity=2, title="Замена картриджа")) == [2, 1]
    assert order(asked, passage(text, identity=1), passage(text, identity=2, heading=["Замена картриджа"])) == [2, 1]


def test_together_in_one_sentence_is_better_than_scattered() -> None:
    asked = query("пароль роутера")
    assert order(
        asked,
        passage("Пароль меняют раз в год.", "Бумагу закупают весной.", "Роутер стоит в шкафу.", identity=1),
        passage("Пароль роутера меняют раз в год.", "Бумагу закупают весной.", "Шкаф стоит в углу.", identity=2),
    ) == [2, 1]


def test_passages_that_are_equally_good_keep_their_order() -> None:
    asked = query("пароль")
    same = [passage("Пароль тут.", identity=number) for number in (5, 2, 9)]
    assert order(asked, *same) == [5, 2, 9]


def test_the_likeliest_sentence_is_the_one_that_answers() -> None:
    asked = query("сбросить пароль роутера")
    (one,) = rank(
        asked, [passage("Роутер чёрный.", "Чтобы сбросить пароль роутера, нажмите кнопку.", "Пароль новый.", "Конец.")]
    )
    assert one.best == 1
    assert sentence_texts(one.passage)[one.best].startswith("Чтобы сбросить")


def test_chances_of_sentences_sum_to_one() -> None:
    (one,) = rank(query("пароль"), [passage("Пароль.", "Роутер.", "Кнопка.")])
    assert math.fsum(one.sentence_probabilities) == pytest.approx(1)
    assert all(0 < chance < 1 for chance in one.sentence_probabilities)


def test_a_passage_without_sentences_or_words_is_measured_too() -> None:
    asked = query("пароль")
    for empty in (passage(), passage("…"), passage("", "")):
        (one,) = rank(asked, [empty])
        assert one.best == 0
        assert 0 <= one.probability <= 1
    (one,) = rank(Query("", "", ()), [passage("Пароль.")])
    assert 0 <= one.probability <= 1


def test_better_passages_are_likelier() -> None:
    asked = query("сбросить пароль роутера")
    ranked = rank(asked, [passage("Сбросить пароль роутера."), passage("Роутер."), passage("Прочее.")])
    chances = [one.probability for one in ranked]
    assert chances == sorted(chances, reverse=True)
    assert chances[0] > chances[1] > chances[2]


def test_a_rare_word_says_more_than_a_frequent_one() -> None:
    frequent, rare = query("сервер", weight=0.1).terms[0], query("мигание", weight=0.9).terms[0]
    asked = Query("сервер мигание", "сервер мигание", (frequent, rare))
    assert order(asked, passage("Сервер новый.", identity=1), passage("Мигание лампы.", identity=2)) == [2, 1]


# Features one by one


def test_covered_is_a_share_of_weight() -> None:
    asked = query("красный зеленый синий желтый")
    assert passage_feature("covered", asked, "Красный и синий.") == pytest.approx(0.5)
    assert passage_feature("terms", asked, "Красный и синий.") == pytest.approx(0.5)
    assert sentence_feature("covered", asked, "Красный.", "Синий и зелёный и жёлтый.") == pytest.approx([0.25, 0.75])


def test_alike_words_count_in_part_and_only_softly() -> None:
    asked = query("закрыть")
    assert passage_feature("covered", asked, "Закрытие окна.") == 0
    assert 0.4 < passage_feature("covered_softly", asked, "Закрытие окна.") < 1
    assert passage_feature("covered_softly", asked, "Заклинание змей.") == 0


def test_the_very_form_is_told_from_another_form() -> None:
    asked = query("пароля")
    assert passage_feature("forms", asked, "Нет пароля.") == 1
    assert passage_feature("forms", asked, "Есть пароль.") == 0
    assert passage_feature("covered", asked, "Есть пароль.") == 1


def test_pairs_want_neighbours() -> None:
    asked = query("пароль роутера")
    near, apart, far = sentence_feature(
        "pairs",
        asked,
        "Пароль роутера тут.",
        "Пароль старого синего роутера.",
        "Пароль длинный, лежит, стоит, висит, роутер.",
    )
    assert near > apart > far == 0


def test_neighbouring_sentences_lend_what_is_missing() -> None:
    asked = query("курьер накладная")
    before = sentence_feature("gained_before", asked, "Курьер пришёл.", "Накладная потеряна.")
    after = sentence_feature("gained_after", asked, "Курьер пришёл.", "Накладная потеряна.")
    assert before == pytest.approx([0, 0.5])
    assert after == pytest.approx([0.5, 0])
    assert passage_feature("best_pair", asked, "Курьер пришёл.", "Накладная потеряна.") == pytest.approx(1)


def test_a_name_stays_in_mind() -> None:
    asked = query("Чернов копии")
    with_name = sentence_feature("carried", asked, "Пришёл Чернов.", "Он делает копии.")
    without = sentence_feature("carried", asked, "Пришёл кто-то.", "Он делает копии.")
    assert with_name[1] > without[1]


def test_missing_names_are_noticed() -> None:
    asked = query("телефон Титова")
    assert passage_feature("missing_names", asked, "Телефон Титова есть.") == 0
    assert passage_feature("missing_names", asked, "Телефон есть.") == 1
    assert passage_feature("missing_weight", asked, "Телефон есть.") == 1


def test_close_words_are_nearer_than_distant_ones() -> None:
    asked = query("пароль роутера")
    filler = ["Слово дело тело село мело пело ело."] * 6
    near = passage_feature("proximity", asked, "Пароль роутера.", *filler)
    far = passage_feature("proximity", asked, "Пароль.", *filler, "Роутер.")
    assert near > far > 0


def test_a_question_in_the_text_is_known_as_one() -> None:
    assert sentence_feature("question", query("пароль"), "Где пароль?", "Пароль тут.") == [1, 0]


# Confidence


def test_confidence_falls_with_what_is_missing() -> None:
    full = query("сбросить пароль роутера")
    text = passage("Сбросить пароль роутера можно кнопкой.", title="Сброс")
    sure = confidence(full, rank(full, [text]))
    partly = query("сбросить пароль стратостата", unknown="стратостата")
    hardly = query("раскрасить обивку стратостата пароль", unknown="раскрасить обивку стратостата")
    assert 1 >= sure > confidence(partly, rank(partly, [text])) > confidence(hardly, rank(hardly, [text])) >= 0
    assert confidence(hardly, rank(hardly, [text])) < weights.THRESHOLD < sure


def test_nothing_found_is_no_confidence() -> None:
    assert confidence(query("пароль"), []) == 0.0


def test_a_rival_of_another_document_lowers_confidence_a_neighbour_does_not() -> None:
    asked = query("пароль роутера принтера")
    text = "Пароль роутера."
    alone = confidence(asked, rank(asked, [passage(text)]))
    neighbour = confidence(asked, rank(asked, [passage(text), passage(text, identity=2)]))
    rival = confidence(asked, rank(asked, [passage(text), passage(text, identity=2, document=2)]))
    assert rival < neighbour == alone


# Arithmetic


@pytest.mark.parametrize("odds", [-1e9, -60, -1, 0, 1, 60, 1e9])
def test_sigmoid_neither_overflows_nor_leaves_its_range(odds: float) -> None:
    assert 0 <= sigmoid(odds) <= 1
    assert sigmoid(odds) + sigmoid(-odds) == pytest.approx(1)


def test_softmax() -> None:
    assert softmax([0, math.log(3)]) == pytest.approx([0.25, 0.75])
    assert softmax([10_000, 10_000]) == pytest.approx([0.5, 0.5])
    assert softmax([]) == []


def test_probability_follows_the_odds() -> None:
    one = passage("Пароль.")
    read = measured(query("пароль"), "Пароль.")
    chances = [Ranked(one, read, odds).probability for odds in (-50, 0, 5, 10, 15, 50)]
    assert chances == sorted(chances)

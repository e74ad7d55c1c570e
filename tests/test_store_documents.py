"""Putting, replacing, failing, moving and removing documents; reading them back; exact counts throughout."""

from __future__ import annotations

import os
import random
import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from fake_extraction import segment
from store_material import facts, matches, put, remove, stem_counts, vocabulary

from kb.blocks import Segment, Sentence
from kb.errors import Broken, DocumentNotFound, NeedsOcr, Unreadable
from kb.language.lemmas import lemma
from kb.language.spelling import keys
from kb.language.words import stem, words
from kb.places import Cell, Moment, Page
from kb.store import documents, purge
from kb.store.changes import changing
from kb.store.connection import Connection, connect
from kb.store.pathtext import to_path, to_text


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    connection = connect(tmp_path / "база.kb", mode="create")
    yield connection
    connection.close()


def recount(connection: Connection) -> tuple[Counter[str], Counter[str]]:
    forms: Counter[str] = Counter()
    stems: Counter[str] = Counter()
    for title, heading, text in documents.texts(connection):
        found = {*words("\n".join((title, *heading))), *words(text)}
        forms.update({word.form for word in found})
        stems.update({word.stem for word in found})
    return forms, stems


def assert_exact(connection: Connection) -> None:
    """Check the vocabulary, the spelling keys and the full-text index against the passages."""
    forms, stems = recount(connection)
    assert vocabulary(connection) == forms
    assert stem_counts(connection) == stems
    rows = connection.execute("SELECT id, form, stem, lemma FROM form").fetchall()
    assert all((stem(form), lemma(form)) == (kept_stem, kept_lemma) for _, form, kept_stem, kept_lemma in rows)
    wanted = {(key, identity) for identity, form, _, _ in rows for key in keys(form)}
    assert set(connection.execute("SELECT key, form_id FROM spelling").fetchall()) == wanted
    connection.execute("CREATE VIRTUAL TABLE temp.term USING fts5vocab(main, passage_index, row)")
    indexed = dict(connection.execute("SELECT term, doc FROM temp.term").fetchall())
    connection.execute("DROP TABLE temp.term")
    assert indexed == stems
    connection.execute("INSERT INTO passage_index(passage_index) VALUES ('integrity-check')")


def test_a_passage_comes_back_as_it_was_put(connection: Connection) -> None:
    made = Segment(
        "Первое. Второе. Третье.",
        ("Раздел", "Подраздел «А»"),
        Page(3),
        (Sentence(0, 7, Page(3)), Sentence(8, 15, Page(3)), Sentence(16, 23, Page(4))),
        overlap=1,
    )
    put(connection, "/д/а.pdf", made, title="Название", format="pdf")
    (stored,) = documents.load_passages(connection, [1])
    assert (stored.text, stored.heading, stored.place) == (made.text, made.heading, made.place)
    assert (stored.sentences, stored.overlap, stored.position) == (made.sentences, 1, 0)
    assert (stored.document, stored.title, stored.document_id) == ("/д/а.pdf", "Название", 1)


@pytest.mark.parametrize("place", [Cell("Лист 1", "A7:F7"), Moment("00:12:31"), Page(1)])
def test_every_place_survives(connection: Connection, place: Page | Cell | Moment) -> None:
    put(connection, "/а", Segment("Да. Нет.", (), place, (Sentence(0, 3, place), Sentence(4, 8, Page(9)))))
    (stored,) = documents.passages_of(connection, 1)
    assert stored.place == place
    assert [sentence.place for sentence in stored.sentences] == [place, Page(9)]


def test_passages_come_in_the_order_asked_for(connection: Connection) -> None:
    put(connection, "/а.md", *(f"Слово {number}." for number in range(1200)))
    asked = list(range(1200, 0, -1))
    assert [passage.id for passage in documents.load_passages(connection, asked)] == asked
    assert [passage.id for passage in documents.load_passages(connection, [5, 99_999, 3])] == [5, 3]


def test_replacing_keeps_the_document_and_its_neighbours(connection: Connection) -> None:
    first = put(connection, "/а.md", "Старый роутер.", "Вторая часть.")
    other = put(connection, "/б.md", "Старый принтер.")
    assert put(connection, "/а.md", "Новый роутер.") == first
    assert [passage.text for passage in documents.passages_of(connection, first)] == ["Новый роутер."]
    assert [passage.text for passage in documents.passages_of(connection, other)] == ["Старый принтер."]
    assert len(matches(connection, stem("старый"))) == 1
    assert_exact(connection)


def test_ids_of_passages_are_never_given_twice(connection: Connection) -> None:
    identity = put(connection, "/а.md", "Раз.", "Два.")
    remove(connection, identity)
    put(connection, "/б.md", "Три.")
    assert [row[0] for row in connection.execute("SELECT id FROM passage")] == [3]


def test_a_failure_takes_the_passages_and_keeps_the_reason(connection: Connection) -> None:
    put(connection, "/а.md", "Текст роутера.")
    with changing(connection) as changes:
        assert changes.fail(facts("/а.md"), Broken(Path("/а.md"), "обрыв")) == (1, True)
    (record,) = documents.listing(connection)
    assert (record.state, record.error, record.passages) == ("failed", Broken(Path("/а.md"), "обрыв"), 0)
    assert vocabulary(connection) == {}
    assert_exact(connection)
    put(connection, "/а.md", "Снова читается.")
    (record,) = documents.listing(connection)
    assert (record.state, record.error, record.passages) == ("ready", None, 1)


def test_a_doubt_keeps_the_passages(connection: Connection) -> None:
    identity = put(connection, "/а.md", "Текст.")
    error = Unreadable(Path("/а.md"), "Permission denied")
    with changing(connection) as changes:
        changes.doubt(identity, error)
    (record,) = documents.listing(connection)
    assert (record.state, record.error, record.passages) == ("ready", error, 1)
    with changing(connection) as changes:
        changes.trust(identity)
    assert documents.listing(connection)[0].error is None


def test_a_partly_read_document_says_so(connection: Connection) -> None:
    error = NeedsOcr(Path("/а.pdf"), "2, 5-7")
    with changing(connection) as changes:
        changes.put(facts("/а.pdf"), title="А", format="pdf", segments=[segment("Текст.")], error=error)
    (record,) = documents.listing(connection)
    assert (record.state, record.error) == ("ready", error)


def test_moving_keeps_passages_and_a_title_of_its_own(connection: Connection) -> None:
    identity = put(connection, "/старое имя.md", "Текст.", title="Название")
    with changing(connection) as changes:
        changes.move(identity, facts("/папка/новое имя.md", modified_ns=7))
    (record,) = documents.listing(connection)
    assert (record.id, record.path, record.title) == (identity, "/папка/новое имя.md", "Название")
    assert record.modified_ns == 7
    assert [passage.id for passage in documents.passages_of(connection, identity)] == [1]
    assert_exact(connection)


def test_a_title_that_was_the_name_of_the_file_moves_with_it(connection: Connection) -> None:
    identity = put(connection, "/старое имя.md", "Текст.", "Ещё текст.")
    with changing(connection) as changes:
        changes.move(identity, facts("/новое имя.md"))
    assert documents.listing(connection)[0].title == "новое имя"
    assert matches(connection, stem("старое")) == []
    assert matches(connection, stem("новое")) == [1, 2]
    assert_exact(connection)


def test_words_of_the_title_and_the_headings_are_indexed(connection: Connection) -> None:
    put(connection, "/а.md", "Держите кнопку.", title="Сброс пароля", heading=["Роутеры", "Wi-Fi и KB5005565"])
    for word in ("сброс", "роутеры", "wi-fi", "kb5005565", "кнопку"):
        assert matches(connection, stem(word)) == [1], word
    assert_exact(connection)


def test_counts_stay_exact_through_any_changes(connection: Connection) -> None:
    rng = random.Random(3)
    vocabulary_ = [f"{first}{second}{end}" for first in ("рут", "кноп", "сет") for second in "аеио" for end in "кмн"]
    for _ in range(25):
        with changing(connection) as changes:
            for _ in range(rng.randint(1, 6)):
                path = f"/{rng.randint(0, 12)}.md"
                row = connection.execute("SELECT id FROM document WHERE path = ?", (path,)).fetchone()
                choice = rng.random()
                if row is not None and choice < 0.25:
                    changes.remove(row[0])
                elif (
                    row is not None and choice < 0.4 and not _taken(connection, target := f"/{rng.randint(13, 30)}.md")
                ):
                    changes.move(row[0], facts(target))
                elif choice < 0.5:
                    changes.fail(facts(path), Broken(Path(path), "обрыв"))
                else:
                    texts = [" ".join(rng.choices(vocabulary_, k=rng.randint(0, 9))) for _ in range(rng.randint(0, 3))]
                    heading = (rng.choice(vocabulary_),)
                    segments = [segment(text, heading=heading) for text in texts if text]
                    changes.put(facts(path), title=Path(path).stem, format="md", segments=segments)
        assert_exact(connection)
    purge.purge(connection)
    assert_exact(connection)


def _taken(connection: Connection, path: str) -> bool:
    return connection.execute("SELECT 1 FROM document WHERE path = ?", (path,)).fetchone() is not None


def test_a_document_is_found_by_path_name_or_title(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    decomposed = unicodedata.normalize("NFD", "/д/Й/Чай.md")
    put(connection, decomposed, "Текст.", title="О чае")
    put(connection, "/д/К/Чай.md", "Текст.", title="О другом")
    assert documents.find(connection, "/д/Й/Чай.md").id == 1
    assert documents.find(connection, "К/чай.md").id == 2
    assert documents.find(connection, "о ЧАЕ").id == 1
    monkeypatch.chdir("/")
    assert documents.find(connection, "д/К/Чай.md").id == 2
    for unknown in ("Чай.md", "нет.md", "", "ай.md"):
        with pytest.raises(DocumentNotFound):
            documents.find(connection, unknown)


def test_an_ambiguous_name_that_is_one_documents_path_means_that_one(connection: Connection) -> None:
    put(connection, "/а.md", "Раз.")
    put(connection, "/б/а.md", "Два.")
    assert documents.find(connection, "/а.md").id == 1


@pytest.mark.skipif(os.name == "nt", reason="names are Unicode there")
def test_a_name_that_is_no_unicode(connection: Connection) -> None:
    path = Path(os.fsdecode(b"/\xef\xee\xf0\xf2/\xff.md"))
    put(connection, path, "Текст.")
    (record,) = documents.listing(connection)
    record.path.encode()
    record.title.encode()
    assert to_path(record.path) == path
    assert documents.find(connection, to_text(path)).id == 1
    assert documents.find(connection, os.fspath(path)).id == 1


def test_statistics(connection: Connection) -> None:
    put(connection, "/а.md", "Роутер.", "Принтер.")
    put(connection, "/б.pdf", "Роутер.", format="pdf")
    put(connection, "/в.md", "Роутер.")
    with changing(connection) as changes:
        changes.fail(facts("/г.md"), Broken(Path("/г.md"), "обрыв"))
    numbers = documents.statistics(connection)
    assert (numbers.documents, numbers.failed, numbers.passages, numbers.bytes) == (3, 1, 4, 30)
    assert numbers.formats == (("md", 2), ("pdf", 1))
    assert numbers.words == len(vocabulary(connection))
    assert numbers.file_bytes >= 4096

"""The vectors of a base: exact and quantized search, the move between them, removal, several processes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from dense_base import new_base, numbered
from fakes_dense import RandomEmbedder, clustered
from numpy.typing import NDArray

from kb.dense import quantized, vectors
from kb.dense.exact import ExactVectors
from kb.dense.quantized import QuantizedVectors
from kb.dense.record import EmbedderRecord, claim_embedder, recorded_embedder, verify_embedder
from kb.dense.vectors import VectorStore
from kb.errors import EmbedderMismatch
from kb.store.connection import connect
from kb.store.opened import Connection, transaction

DIMENSION = 64
COUNT = 600


@pytest.fixture
def base(tmp_path: Path) -> Iterator[Connection]:
    connection = new_base(tmp_path / "base.kb", numbered(COUNT))
    claim_embedder(connection, RandomEmbedder(dimension=DIMENSION))
    yield connection
    connection.close()


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make chunks and moves small, so that a few hundred vectors need many of them."""
    monkeypatch.setattr(quantized, "CHUNK_ROWS", 64)
    monkeypatch.setattr(vectors, "MOVED_AT_ONCE", 40)
    monkeypatch.setattr(vectors, "CENTRE_SAMPLE", 50)


@pytest.fixture
def matrix() -> NDArray[np.float32]:
    return clustered(COUNT, DIMENSION)


def exactly(matrix: NDArray[np.float32], vector: NDArray[np.float32], k: int) -> list[int]:
    return [int(row) + 1 for row in np.argsort(-(matrix @ vector), kind="stable")[:k]]


def found(store: VectorStore, vector: NDArray[np.float32], k: int = 10) -> list[int]:
    return [id_ for id_, _ in store.search(vector, k)]


def fill(store: VectorStore, matrix: NDArray[np.float32], ids: Sequence[int], *, at_once: int = 50) -> None:
    for start in range(0, len(ids), at_once):
        part = list(ids[start : start + at_once])
        store.add(part, matrix[[id_ - 1 for id_ in part]])


def places(connection: Connection) -> tuple[int, int]:
    return len(ExactVectors(connection)), len(QuantizedVectors(connection))


def everything_in(path: Path) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(path.parent.glob(f"{path.name}*")))


def test_a_small_base_is_searched_exactly(base: Connection, matrix: NDArray[np.float32]) -> None:
    store = VectorStore(base)
    fill(store, matrix, range(1, COUNT + 1))
    assert places(base) == (COUNT, 0)
    for vector in clustered(20, DIMENSION, seed=1):
        result = store.search(vector, 10)
        assert [id_ for id_, _ in result] == exactly(matrix, vector, 10)
        assert [cosine for _, cosine in result] == pytest.approx(
            [matrix[id_ - 1] @ vector for id_, _ in result], abs=1e-5
        )


@pytest.mark.usefixtures("small_steps")
def test_a_large_base_is_searched_by_codes(base: Connection, matrix: NDArray[np.float32]) -> None:
    store = VectorStore(base, exact_limit=0, candidates=200)
    fill(store, matrix, range(1, COUNT + 1))
    assert places(base) == (0, COUNT)
    queries = clustered(50, DIMENSION, seed=1)
    hits = [len(set(found(store, vector)) & set(exactly(matrix, vector, 10))) for vector in queries]
    assert np.mean(hits) / 10 > 0.9  # 64 bits tell less than 384
    for id_, cosine in store.search(queries[0], 10):
        assert cosine == pytest.approx(matrix[id_ - 1] @ queries[0], abs=0.01)


@pytest.mark.usefixtures("small_steps")
def test_growing_past_the_limit_moves_vectors_step_by_step(base: Connection, matrix: NDArray[np.float32]) -> None:
    store = VectorStore(base, exact_limit=200, candidates=COUNT)
    seen = set()
    for id_ in range(1, COUNT + 1, 10):
        fill(store, matrix, range(id_, id_ + 10))
        exact, coded = places(base)
        assert exact + coded == len(store) == id_ + 9
        seen.add((exact > 0, coded > 0))
        vector = clustered(1, DIMENSION, seed=id_)[0]
        expected = exactly(matrix[: id_ + 9], vector, 10)
        assert len(set(found(store, vector)) & set(expected)) >= 9  # int8 may swap the tenth and the eleventh
    assert seen == {(True, False), (True, True), (False, True)}


@pytest.mark.usefixtures("small_steps")
def test_an_interrupted_move_is_continued_by_another_process(
    base: Connection, matrix: NDArray[np.float32], tmp_path: Path
) -> None:
    store = VectorStore(base, exact_limit=200)
    fill(store, matrix, range(1, 201))
    with pytest.raises(KeyboardInterrupt), transaction(base):
        fill(store, matrix, range(201, 251))
        raise KeyboardInterrupt
    assert places(base) == (200, 0)
    fill(store, matrix, range(201, 211))
    assert places(base) == (160, 50)
    base.close()
    again = connect(tmp_path / "base.kb", mode="write")
    continued = VectorStore(again, exact_limit=200, candidates=COUNT)
    fill(continued, matrix, range(211, COUNT + 1))
    assert places(again) == (0, COUNT)
    assert continued.missing_ids() == []
    assert found(continued, matrix[4], 1) == [5]
    again.close()


@pytest.mark.usefixtures("small_steps")
@pytest.mark.parametrize("limit", [0, 300, 10_000])
def test_removed_vectors_are_found_no_more(base: Connection, matrix: NDArray[np.float32], limit: int) -> None:
    store = VectorStore(base, exact_limit=limit, candidates=COUNT)
    fill(store, matrix, range(1, COUNT + 1))
    assert found(store, matrix[9], 1) == [10]
    gone = list(range(10, 500))
    store.remove([*gone, 12_345])
    assert len(store) == COUNT - len(gone)
    assert store.missing_ids() == gone
    assert set(found(store, matrix[9], COUNT)) == set(range(1, COUNT + 1)) - set(gone)
    store.add([10], matrix[9:10])
    assert found(store, matrix[9], 1) == [10]


@pytest.mark.usefixtures("small_steps")
@pytest.mark.parametrize("limit", [0, 10_000])
def test_adding_again_replaces(base: Connection, matrix: NDArray[np.float32], limit: int) -> None:
    store = VectorStore(base, exact_limit=limit, candidates=COUNT)
    fill(store, matrix, range(1, 101))
    store.add([7], -matrix[6:7])
    assert len(store) == 100
    assert store.cosines(matrix[6], [7])[7] == pytest.approx(-1.0, abs=0.01)


@pytest.mark.usefixtures("small_steps")
@pytest.mark.parametrize("limit", [0, 300, 10_000])
def test_cosines_of_given_passages(base: Connection, matrix: NDArray[np.float32], limit: int) -> None:
    store = VectorStore(base, exact_limit=limit)
    fill(store, matrix, range(1, 401))
    vector = clustered(1, DIMENSION, seed=5)[0]
    cosines = store.cosines(vector, [1, 400, 399, 599])
    assert sorted(cosines) == [1, 399, 400]
    assert [cosines[id_] for id_ in (1, 399, 400)] == pytest.approx(
        [matrix[id_ - 1] @ vector for id_ in (1, 399, 400)], abs=0.01
    )
    assert store.cosines(vector, []) == {}


@pytest.mark.usefixtures("small_steps")
@pytest.mark.parametrize("limit", [0, 100, 10_000])
def test_a_removed_vector_leaves_no_trace_in_the_file(
    base: Connection, matrix: NDArray[np.float32], limit: int, tmp_path: Path
) -> None:
    store = VectorStore(base, exact_limit=limit)
    fill(store, matrix, range(1, 201))
    forms = [
        matrix[99].tobytes()[:64],
        base.execute("SELECT coalesce((SELECT components FROM vector WHERE passage_id = 100), x'')").fetchone()[0][:32],
    ]
    base.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = everything_in(tmp_path / "base.kb")
    assert any(form and form in before for form in forms)
    store.remove([100])
    base.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    after = everything_in(tmp_path / "base.kb")
    assert not any(form and form in after for form in forms)
    assert (100).to_bytes(8, "little") not in b"".join(row[0] for row in base.execute("SELECT ids FROM vector_chunk"))


@pytest.mark.usefixtures("small_steps")
@pytest.mark.parametrize("limit", [100, 10_000])
def test_clearing_leaves_no_trace_and_takes_any_other_embedder(
    base: Connection, matrix: NDArray[np.float32], limit: int, tmp_path: Path
) -> None:
    store = VectorStore(base, exact_limit=limit, candidates=COUNT)
    fill(store, matrix, range(1, 201))
    assert found(store, matrix[0], 1) == [1]
    components = [row[0] for row in base.execute("SELECT components FROM vector")]
    store.clear()
    base.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    after = everything_in(tmp_path / "base.kb")
    assert not any(form[:32] in after for form in [*components, *(row.tobytes() for row in matrix)])
    assert len(store) == 0
    assert store.embedder is None
    claim_embedder(base, RandomEmbedder(dimension=100))
    other = clustered(300, 100)
    store.add(range(1, 301), other)
    assert found(store, other[41], 1) == [42]


def test_no_vector_stands_in_the_clear_in_an_encrypted_base(tmp_path: Path, matrix: NDArray[np.float32]) -> None:
    path = tmp_path / "secret.kb"
    connection = new_base(path, numbered(300), passphrase="пароль")
    claim_embedder(connection, RandomEmbedder(dimension=DIMENSION))
    store = VectorStore(connection, exact_limit=100)
    fill(store, matrix, range(1, 101))
    fill(store, matrix, range(101, 301))
    bytes_ = everything_in(path)
    components = [row[0] for row in connection.execute("SELECT components FROM vector")]
    assert components
    assert not any(form[:16] in bytes_ for form in [*components, *(row.tobytes() for row in matrix)])
    connection.close()


@pytest.mark.usefixtures("small_steps")
def test_a_reader_sees_what_another_process_changed(
    base: Connection, matrix: NDArray[np.float32], tmp_path: Path
) -> None:
    writer = VectorStore(base, exact_limit=0, candidates=COUNT)
    fill(writer, matrix, range(1, 301))
    reading = connect(tmp_path / "base.kb", mode="read")
    reader = VectorStore(reading, candidates=COUNT)
    assert found(reader, matrix[0], 1) == [1]
    fill(writer, matrix, range(301, 501))
    assert found(reader, matrix[450], 1) == [451]
    writer.remove(range(1, 130))
    assert set(found(reader, matrix[0], COUNT)) == set(range(130, 501))
    fill(writer, matrix, range(1, 130))
    assert found(reader, matrix[0], 1) == [1]
    assert set(found(reader, matrix[0], COUNT)) == set(range(1, 501))
    reading.close()


@pytest.mark.usefixtures("small_steps")
def test_a_rolled_back_change_is_forgotten(base: Connection, matrix: NDArray[np.float32]) -> None:
    store = VectorStore(base, exact_limit=0, candidates=COUNT)
    fill(store, matrix, range(1, 101))
    with pytest.raises(KeyboardInterrupt), transaction(base):
        fill(store, matrix, range(101, 201))
        assert found(store, matrix[150], 1) == [151]
        raise KeyboardInterrupt
    assert set(found(store, matrix[150], COUNT)) == set(range(1, 101))
    fill(store, matrix, range(201, 301))
    assert set(found(store, matrix[150], COUNT)) == {*range(1, 101), *range(201, 301)}


@pytest.mark.usefixtures("small_steps")
def test_an_addition_that_fails_changes_nothing(base: Connection, matrix: NDArray[np.float32]) -> None:
    store = VectorStore(base, exact_limit=0)
    fill(store, matrix, range(1, 101))
    base.execute(
        "CREATE TRIGGER full BEFORE INSERT ON vector WHEN NEW.passage_id = 180 BEGIN SELECT RAISE(ABORT, 'full'); END"
    )
    with pytest.raises(Exception, match="full"):
        store.add(range(101, 201), matrix[100:200])
    assert len(store) == 100
    assert store.missing_ids() == list(range(101, COUNT + 1))
    assert not base.in_transaction


def test_missing_and_stray_vectors_are_told(base: Connection, matrix: NDArray[np.float32]) -> None:
    store = VectorStore(base, exact_limit=100)
    fill(store, matrix, range(1, 51))
    assert store.missing_ids(limit=3) == [51, 52, 53]
    assert store.missing_ids(after=598) == [599, 600]
    fill(store, matrix, range(52, COUNT + 1))
    assert store.missing_ids() == [51]
    assert store.stray_ids() == []
    base.execute("DELETE FROM passage WHERE id IN (7, 599)")
    assert store.stray_ids() == [7, 599]


def test_a_base_without_vectors_needs_nothing(base: Connection) -> None:
    store = VectorStore(base)
    store.remove([1, 2])
    assert len(store) == 0
    assert store.search(clustered(1, DIMENSION)[0], 5) == []
    with pytest.raises(Exception, match="no such function"):  # sqlite-vec was not even loaded
        base.execute("SELECT vec_version()")


def test_what_is_no_vector_is_refused(base: Connection, matrix: NDArray[np.float32]) -> None:
    store = VectorStore(base)
    with pytest.raises(ValueError, match="vectors of 64"):
        store.add([1], clustered(1, 32))
    with pytest.raises(ValueError, match="vectors of 64"):
        store.add([1, 2], matrix[:1])
    with pytest.raises(ValueError, match="twice"):
        store.add([1, 1], matrix[:2])
    for wrong in (0.0, 2.0, np.nan):
        with pytest.raises(ValueError, match="length 1"):
            store.add([1, 2], matrix[:2] * np.array([[1.0], [wrong]], dtype=np.float32))
    with pytest.raises(ValueError, match="one vector of 64"):
        store.search(clustered(1, 32)[0], 5)
    assert len(store) == 0


def test_a_base_keeps_to_its_embedder(base: Connection) -> None:
    assert recorded_embedder(base) == EmbedderRecord("random", DIMENSION)
    claim_embedder(base, RandomEmbedder(dimension=DIMENSION))
    with pytest.raises(EmbedderMismatch):
        claim_embedder(base, RandomEmbedder(dimension=DIMENSION + 1))
    other = RandomEmbedder(dimension=DIMENSION)
    other.name = "other"
    with pytest.raises(EmbedderMismatch) as caught:
        verify_embedder(base, other)
    assert (caught.value.recorded, caught.value.given) == ("random", "other")
    VectorStore(base).clear()
    with pytest.raises(EmbedderMismatch) as caught:
        verify_embedder(base, other)
    assert caught.value.recorded == ""
    claim_embedder(base, other)

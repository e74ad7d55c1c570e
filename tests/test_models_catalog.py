"""The catalogue: its numbers follow from each other, its names lead to one model, and damage to it is a fact."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from gguf_material import STRING, U32, Raw

from models import catalog, gguf_header, tensors
from models.catalog import PATH, UNSTATED, Catalog, Entry, Purpose, SourceKind
from models.errors import CatalogBroken, ModelNotInCatalog
from models.sizes import FILE_TYPES, file_size
from models.tensors import expected

ENTRIES = catalog.load().entries
WANTED = (
    "T-lite-it-1.0 T-lite-it-2.1 T-pro-it-1.0 Qwen2.5-7B-Instruct Qwen3-0.6B Qwen3-1.7B Qwen3-4B Qwen3-8B "
    "Phi-4-mini-instruct Gemma-3-1B-it Gemma-3-4B-it Llama-3-8B-Instruct Saiga-Llama-3-8B BitNet-b1.58-2B-4T "
    "offlite-nano multilingual-e5-small bge-m3 USER-bge-m3 rubert-tiny2 Qwen3-Embedding-0.6B"
)
GB = 1e9


def every(entry: Entry) -> str:
    return entry.name


def test_the_models_of_this_field_are_there() -> None:
    assert set(catalog.load().names) == set(WANTED.split())
    assert {entry.purpose for entry in ENTRIES} == set(Purpose)


@pytest.mark.parametrize("entry", ENTRIES, ids=every)
def test_stated_parameters_follow_from_the_shape(entry: Entry) -> None:
    assert tensors.parameters(entry.geometry) == pytest.approx(entry.parameters, rel=0.01)


@pytest.mark.parametrize("entry", ENTRIES, ids=every)
def test_what_is_stated_fits_together(entry: Entry) -> None:
    assert entry.geometry.heads % entry.geometry.kv_heads == 0
    assert entry.geometry.sliding_layers <= entry.geometry.layers
    assert bool(entry.embedding) == (entry.purpose is Purpose.EMBEDS)
    assert entry.geometry.causal or entry.purpose is Purpose.EMBEDS
    assert entry.licence == entry.licence.lower()
    assert "ru" in entry.languages or "en" in entry.languages
    assert set(entry.uncertain) <= {"licence", "geometry", "files"}
    for file in entry.files:
        assert not file.type or file.type in FILE_TYPES or not entry.runs_here
        assert file.sha256 is None or len(file.sha256) == 64


# As their makers' pages and files on the hub have them.
@pytest.mark.parametrize(
    ("name", "file_type", "size"),
    [
        ("T-lite-it-1.0", "Q4_K_M", 4.68),
        ("T-lite-it-1.0", "Q8_0", 8.10),
        ("T-lite-it-1.0", "BF16", 15.24),
        ("Qwen3-4B", "Q4_K_M", 2.50),
        ("Qwen3-8B", "Q4_K_M", 5.03),
        ("Phi-4-mini-instruct", "Q4_K_M", 2.49),
        ("Gemma-3-1B-it", "Q4_K_M", 0.806),
        ("Llama-3-8B-Instruct", "Q4_K_M", 4.92),
        ("T-pro-it-1.0", "Q4_K_M", 19.85),
        ("bge-m3", "Q8_0", 0.635),
        ("Qwen3-0.6B", "Q8_0", 0.639),
    ],
)
def test_sizes_are_those_of_the_files_that_exist(name: str, file_type: str, size: float) -> None:
    assert catalog.load().find(name).size(file_type) / GB == pytest.approx(size, rel=0.01)


def test_bits_per_weight_grow_with_the_type() -> None:
    geometry = catalog.load().find("T-lite-it-1.0").geometry
    weights = sum(tensor.elements for tensor in expected(geometry) if tensor.counted)
    types = ("Q4_K_S", "Q4_K_M", "Q5_K_M", "Q6_K", "Q8_0", "F16")
    bits = [file_size(geometry, name) * 8 / weights for name in types]
    assert bits == sorted(bits)
    assert bits[1] == pytest.approx(4.92, abs=0.02)
    with pytest.raises(KeyError):
        file_size(geometry, "Q3_X")


def test_the_licence_of_t_lite_is_not_made_up() -> None:
    assert catalog.load().find("t-lite").licence == UNSTATED


def test_what_llama_cpp_cannot_compute_is_said() -> None:
    assert [entry.name for entry in ENTRIES if not entry.runs_here] == ["BitNet-b1.58-2B-4T"]
    assert catalog.load().find("bitnet").size("I2_S") == 1_187_801_280


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("t-lite", "T-lite-it-1.0"),
        ("T-LITE", "T-lite-it-1.0"),
        ("t lite it 1.0", "T-lite-it-1.0"),
        ("t_lite-it-1.0", "T-lite-it-1.0"),
        ("t-lite-2.1", "T-lite-it-2.1"),
        ("saiga", "Saiga-Llama-3-8B"),
        ("qwen3", "Qwen3-8B"),
        ("QWEN3-0.6B", "Qwen3-0.6B"),
        ("gemma-3-4b", "Gemma-3-4B-it"),
        ("e5", "multilingual-e5-small"),
    ],
)
def test_names_are_found_however_they_are_written(asked: str, name: str) -> None:
    assert catalog.load().find(asked).name == name


@pytest.mark.parametrize("asked", ["", "  ", "-", "gpt-4", "t-lite-it-1.0-Q4_K_M"])
def test_an_unknown_name_is_answered_with_the_known_ones(asked: str) -> None:
    with pytest.raises(ModelNotInCatalog) as raised:
        catalog.load().find(asked)
    assert "T-lite-it-1.0" in raised.value.known


@pytest.mark.parametrize(
    ("file", "bare"),
    [
        ("t-lite-it-1.0-q4_k_m.gguf", "t-lite-it-1.0"),
        ("Qwen3-0.6B-Q8_0", "Qwen3-0.6B"),
        ("model-q4_K", "model"),
        ("x.BF16", "x"),
        ("x-IQ4_XS", "x"),
        ("T-lite-it-1.0", "T-lite-it-1.0"),
    ],
)
def test_a_file_name_without_its_type(file: str, bare: str) -> None:
    assert catalog.without_type(file) == bare


def test_a_file_is_recognised_by_its_names_and_its_shape(tmp_path: Path) -> None:
    known = Raw().key("qwen2.block_count", U32, 28).key("qwen2.embedding_length", U32, 3584)
    path = tmp_path / "model.gguf"

    def named(raw: Raw, name: str, file_name: str = "") -> str:
        header = gguf_header.read(raw.key("general.name", STRING, name).write(path))
        entry = catalog.load().identify(header, file_name)
        return entry.name if entry else ""

    assert named(known, "T lite It 1.0") == "T-lite-it-1.0"
    assert named(known, "моя", "T-lite-it-1.0-Q4_K_M") == "T-lite-it-1.0"
    assert named(known, "Qwen2.5 7B Instruct") == "Qwen2.5-7B-Instruct"
    assert named(known, "моя") == ""
    assert named(Raw(), "T lite It 1.0") == ""  # of another shape


def changed(folder: Path, old: str, new: str) -> Path:
    path = folder / "catalog.toml"
    text = PATH.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    return path


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("schema = 1", "schema = 2"),
        ("schema = 1", "schema = "),
        ("schema = 1", "schema = 1\nmore = 1"),
        ('name = "T-lite-it-1.0"\n', ""),
        ('name = "T-lite-it-1.0"', "name = 1"),
        ('name = "T-lite-it-1.0"', 'name = ""'),
        ('name = "T-lite-it-1.0"', 'name = "Qwen3-8B"'),
        ('"t-lite-1"', '"qwen3"'),
        ('"t-lite-1"', "1"),
        ('purpose = "answers"', 'purpose = "sings"'),
        ("parameters = 7_615_616_512", "parameters = -1"),
        ("parameters = 7_615_616_512", "parameters = true"),
        ("parameters = 7_615_616_512", 'parameters = "7B"'),
        ("layers = 28, ", ""),
        ("layers = 28", 'layers = "28"'),
        ("layers = 28", "layers = 28, wheels = 4"),
        ('kind = "checkpoint"', 'kind = "floppy"'),
        ('repository = "t-tech/T-lite-it-1.0"', 'repository = "../../etc"'),
        (', pattern = "*q8_0.gguf"', ""),
        ('licence = "check"', 'licence = "check"\nprice = 1'),
        ('languages = ["ru", "en"]', 'languages = "ru"'),
    ],
)
def test_a_damaged_catalogue_is_a_fact(old: str, new: str, tmp_path: Path) -> None:
    with pytest.raises(CatalogBroken) as raised:
        catalog.load(changed(tmp_path, old, new))
    assert raised.value.detail


def test_no_catalogue_is_a_fact(tmp_path: Path) -> None:
    with pytest.raises(CatalogBroken):
        catalog.load(tmp_path / "no.toml")
    (tmp_path / "latin.toml").write_bytes(b"a = '\xff'")
    with pytest.raises(CatalogBroken):
        catalog.load(tmp_path / "latin.toml")


def test_the_sources_can_be_asked_for() -> None:
    entry = catalog.load().find("t-lite")
    gguf, checkpoint = entry.source(SourceKind.GGUF, "Q8_0"), entry.source(SourceKind.CHECKPOINT)
    assert gguf is not None and gguf.repository == "t-tech/T-lite-it-1.0-Q8_0-GGUF"
    assert checkpoint is not None and checkpoint.repository == "t-tech/T-lite-it-1.0"
    assert entry.source(SourceKind.GGUF, "Q2_K") is None
    assert isinstance(catalog.load(), Catalog)
    assert tomllib.loads(PATH.read_text("utf-8"))["schema"] == 1

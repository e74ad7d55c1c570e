"""What a GGUF says of its model: from the name of the folder, the model card, the configurations.

What is expected was compared, case by case, with llama.cpp's own converter; ``None`` are things it stops at.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from checkpoint_material import write_json
from gguf_dump import keyvalues_of

from converter import metadata
from converter.keyvalues import encode

SEVEN_BILLIONS = 7_615_616_512


def general(
    folder: Path, *, card: str | bytes | None = None, parameters: int = SEVEN_BILLIONS, **config: object
) -> dict[str, Any]:
    """Return the keys of a model in ``folder``, without the general. in front, in order."""
    folder.mkdir(exist_ok=True, parents=True)
    if card is not None:
        (folder / "README.md").write_bytes(card.encode() if isinstance(card, str) else card)
    keys = metadata.general(folder, config, parameters=parameters)
    return {name.removeprefix("general."): value for name, _, value in keyvalues_of(b"".join(map(encode, keys)))}


def front(yaml: str) -> str:
    return f"---\n{yaml}\n---\n# Title\n"


@pytest.mark.parametrize(
    ("folder", "expected"),
    [
        ("T-lite-it-1.0", {"name": "T Lite It 1.0", "version": "1.0", "basename": "T-lite-it", "size_label": "7.6B"}),
        (
            "Qwen2.5-7B-Instruct",
            {"name": "Qwen2.5 7B Instruct", "finetune": "Instruct", "basename": "Qwen2.5", "size_label": "7B"},
        ),
        (
            "Phi-4-mini-instruct",
            {
                "name": "Phi 4 Mini Instruct",
                "finetune": "instruct",
                "basename": "Phi-4",
                "size_label": "mini",
            },
        ),
        (
            "Phi-3-mini-128k-instruct",
            {
                "name": "Phi 3 Mini 128k Instruct",
                "finetune": "128k-instruct",
                "basename": "Phi-3",
                "size_label": "mini",
            },
        ),
        ("saiga_llama3_8b", {"name": "Saiga_Llama3_8B", "size_label": "7.6B"}),
        ("model", {"name": "Model", "size_label": "7.6B"}),
        ("Моя модель", {"name": "Моя Модель", "size_label": "7.6B"}),
        ("foo-7_5b-q8_0", {"name": "Foo 7_5b Q8_0", "basename": "foo", "size_label": "7.5B"}),
        ("x-7B-13B", {"name": "X 7B 13B", "basename": "x", "size_label": "7B-13B"}),
    ],
)
def test_the_name_of_the_folder_tells(tmp_path: Path, folder: str, expected: dict[str, str]) -> None:
    assert general(tmp_path / folder) == {"type": "model", **expected}


@pytest.mark.parametrize(
    ("parameters", "label"),
    [
        (999, "1.0K"),
        (1500, "1.5K"),
        (134_515_008, "135M"),
        (999_999_999, "1000M"),
        (1_235_814_400, "1.2B"),
        (32_763_876_352, "33B"),
        (1_500_000_000_000, "1.5T"),
        (0, None),
    ],
)
def test_the_size_comes_from_the_weights(tmp_path: Path, parameters: int, label: str | None) -> None:
    assert general(tmp_path / "m", parameters=parameters).get("size_label") == label


def test_the_name_in_the_configuration_goes_before_the_folder(tmp_path: Path) -> None:
    assert general(tmp_path / "a", _name_or_path="Qwen/Qwen2.5-7B")["organization"] == "Qwen"
    assert general(tmp_path / "a", _name_or_path="/home/someone/x/model")["name"] == "A"
    assert "name" not in general(tmp_path / "a", _name_or_path="")  # so does the reference


def test_the_card_goes_before_names(tmp_path: Path) -> None:
    card = front(
        "license: apache-2.0\nlanguage:\n- ru\n- no\ntags: [a, b]\npipeline_tag: text-generation\n"
        'version: "3"\nmodel_name: Мой\nmodel_creator: я\n'
        "base_model:\n- Qwen/Qwen2.5-7B-Instruct\n- https://huggingface.co/c/d-v2\n- name: N\n  author: A\n- 5\n"
        "datasets: https://example.org/x"
    )

    assert general(tmp_path / "Qwen2.5-7B", card=card) == {
        "type": "model",
        "name": "Мой",
        "author": "я",
        "version": "3",
        "basename": "Qwen2.5",
        "size_label": "7B",
        "license": "apache-2.0",
        "base_model.count": 4,
        "base_model.0.name": "Qwen2.5 7B Instruct",
        "base_model.0.organization": "Qwen",
        "base_model.0.repo_url": "https://huggingface.co/Qwen/Qwen2.5-7B-Instruct",
        "base_model.1.name": "D v2",
        "base_model.1.version": "v2",
        "base_model.1.organization": "C",
        "base_model.1.repo_url": "https://huggingface.co/c/d-v2",
        "base_model.2.name": "N",
        "base_model.2.author": "A",
        "dataset.count": 1,
        "dataset.0.repo_url": "https://example.org/x",
        "tags": ["a", "b", "text-generation"],
        "languages": ["ru", "no"],
    }


@pytest.mark.parametrize(
    "card",
    ["", "no front matter", "---\n", front("- a\n- b"), " ---\nlicense: mit\n---\n", front("license: ''"), front("")],
)
def test_a_card_may_say_nothing(tmp_path: Path, card: str) -> None:
    assert general(tmp_path / "m", card=card) == {"type": "model", "name": "M", "size_label": "7.6B"}


@pytest.mark.parametrize("card", ["---\r\nlicense: mit\r\n---\r\n", "---\nlicense: mit", front("license:\tmit")])
def test_a_card_may_be_sloppy(tmp_path: Path, card: str) -> None:
    assert general(tmp_path / "m", card=card)["license"] == "mit"


def test_values_that_are_no_text_are_passed_over(tmp_path: Path) -> None:
    card = front(
        "name: 5\nversion: 1.0\nlicense: [a, 1]\nlanguage: [ru, no]\ntags: {a: 1}\nauthor: 2024-01-01\n"
        "base_model: [{name: 7, url: [x]}]"
    )

    assert general(tmp_path / "m", card=card) == {
        "type": "model",
        "name": "M",
        "size_label": "7.6B",
        "base_model.count": 1,
        "languages": ["ru"],
    }


MERGES = "a0: &a0 {k: 1}\n" + "".join(f"a{n + 1}: &a{n + 1} {{<<: [{','.join([f'*a{n}'] * 9)}]}}\n" for n in range(30))


@pytest.mark.parametrize(
    "card",
    [
        b"---\n\xff\xfe\n---\n",
        b"---\nlicense: mit\n---\n" + b"x" * 9 * 2**20,
        front("license: mit\nx: " + "y" * 600_000),
        front("a: b: c"),
        front("license: !!python/object/apply:os.system [ls]"),
        front("x: " + "[" * 200_000),
        front("- " * 200_000),
        front(MERGES),
        front("x: &x [*x, " + "[" * 30 + "]" * 30 + "]"),
        front("date: 2024-99-99"),
        front("number: " + "1" * 10_000),
        front("? [a, b]\n: c"),
        front("x: \x00"),
    ],
    ids=lambda card: str(card[:30]),
)
def test_a_hostile_card_counts_as_none(tmp_path: Path, card: str | bytes) -> None:
    folder = tmp_path / "m"

    assert general(folder, card=card) == {"type": "model", "name": "M", "size_label": "7.6B"}
    assert metadata.read(folder, {}, parameters=1).notes == ("model_card_ignored",)


def test_aliases_without_merges_are_fine(tmp_path: Path) -> None:
    assert general(tmp_path / "m", card=front("tags: &t [a]\nlanguage: *t"))["languages"] == ["a"]


def test_a_card_that_is_a_folder_counts_as_none(tmp_path: Path) -> None:
    (tmp_path / "m" / "README.md").mkdir(parents=True)

    assert general(tmp_path / "m")["name"] == "M"


def test_sampling_comes_from_the_generation_configuration(tmp_path: Path) -> None:
    write_json(
        tmp_path / "generation_config.json",
        {
            "temperature": 0.5,
            "top_k": 20,
            "top_p": 1,
            "repetition_penalty": 1.25,
            "mirostat": 2,
            "sequence": "top_k",
            "min_p": None,
        },
    )

    keys = general(tmp_path)

    assert list(keys)[:7] == [
        "type",
        *(f"sampling.{name}" for name in ("sequence", "top_k", "top_p", "temp", "penalty_repeat", "mirostat")),
    ]
    assert [keys[f"sampling.{name}"] for name in ("top_k", "top_p", "temp", "penalty_repeat")] == [20, 1.0, 0.5, 1.25]


@pytest.mark.parametrize(
    "sampling",
    [{"top_k": 20.5}, {"top_k": 2**40}, {"top_k": True}, {"temperature": "hot"}, {"top_p": 1e300}, {"top_p": 10**400}],
)
def test_impossible_sampling_is_passed_over(tmp_path: Path, sampling: dict[str, object]) -> None:
    write_json(tmp_path / "generation_config.json", sampling)

    assert not [name for name in general(tmp_path) if name.startswith("sampling.")]


@pytest.mark.parametrize("content", [b"not json", b"[]", b'{"top_p": NaN}', b"\xff", b"[" * 100_000])
def test_a_broken_generation_configuration_counts_as_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "generation_config.json").write_bytes(content)

    assert not [name for name in general(tmp_path) if name.startswith("sampling.")]
    assert metadata.read(tmp_path, {}, parameters=1).notes == ("generation_config_ignored",)


def test_an_adapter_says_so_and_keeps_larger_sizes(tmp_path: Path) -> None:
    keys = metadata.general(tmp_path / "x-7B-lora", {}, parameters=-1_000_000, kind="adapter")

    found = {name: value for name, _, value in keyvalues_of(b"".join(map(encode, keys)))}
    assert (found["general.type"], found["general.size_label"]) == ("adapter", "7B")
    assert "general.finetune" not in found


def test_this_folder_has_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "Qwen-7B").mkdir()
    monkeypatch.chdir(tmp_path / "Qwen-7B")

    keys = {key.name: key.value for key in metadata.general(Path(), {}, parameters=SEVEN_BILLIONS)}

    assert keys["general.name"] == "Qwen 7B"

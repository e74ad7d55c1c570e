"""config.json that is broken, impossible, of another model, or of one that GGUF cannot represent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from checkpoint_material import config, write_json
from malformed_material import Offlite, checkpoint, content, refused, setting

pytestmark = pytest.mark.usefixtures("russian")

CONFIG = "config.json"


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("", "это не JSON"),
        ("{", "это не JSON"),
        ("{'hidden_size': 96}", "это не JSON"),
        ("[]", "должен быть объект"),
        ("null", "должен быть объект"),
        ('"config"', "должен быть объект"),
        (b'{"a": "\xff"}', "это не текст в UTF-8"),
        ("{}".encode("utf-16"), "это не текст в UTF-8"),
        ('{"hidden_size": 96, "hidden_size": 128}', "один ключ дважды"),
        ('{"rope_scaling": {"factor": 1, "factor": 2}}', "один ключ дважды"),
        ('{"rms_norm_eps": NaN}', "NaN или бесконечность вместо числа"),
        ('{"rms_norm_eps": -Infinity}', "NaN или бесконечность вместо числа"),
        ("{" + '"a":{' * 100_000, "слишком глубокая вложенность"),
        ('{"a": 1' + "0" * 5000 + "}", "это не JSON"),
        ('{"a": "' + "x" * 9_000_000 + '"}', "больше допустимого"),
        ("version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "указатель Git LFS"),
        ("<!DOCTYPE html>", "это страница сайта"),
    ],
)
def test_a_file_that_is_no_configuration(tmp_path: Path, offlite: Offlite, text: str | bytes, detail: str) -> None:
    folder = checkpoint(tmp_path)
    content(CONFIG, text)(folder)
    refused(offlite, folder, CONFIG, "повреждён", detail)


@pytest.mark.parametrize("entry", ["hidden_size", "num_hidden_layers", "intermediate_size", "num_attention_heads"])
@pytest.mark.parametrize(
    ("value", "detail"),
    [
        (None, "отсутствует"),
        (0, "должно быть больше нуля"),
        (-96, "должно быть больше нуля"),
        (96.0, "должно быть целое число"),
        (True, "должно быть целое число"),
        ("96", "должно быть целое число"),
        ([96], "должно быть целое число"),
        (2**40, "больше допустимого"),
        (10**400, "больше допустимого"),
    ],
)
def test_a_size_that_is_no_size(tmp_path: Path, offlite: Offlite, entry: str, value: object, detail: str) -> None:
    folder = checkpoint(tmp_path)
    setting(**{entry: value})(folder)
    refused(offlite, folder, "Неверное значение", CONFIG, f"{entry} — {detail}")


@pytest.mark.parametrize(
    ("changes", "fragments"),
    [
        ({"vocab_size": None}, ("vocab_size — отсутствует",)),
        ({"vocab_size": 2**30}, ("vocab_size — больше допустимого",)),
        ({"vocab_size": 321}, ("model.embed_tokens.weight", "320 × 96", "321 × 96")),
        ({"hidden_size": 128}, ("num_attention_heads — hidden_size на это не делится",)),
        ({"hidden_size": 192}, ("model.embed_tokens.weight", "320 × 96", "320 × 192")),
        ({"intermediate_size": 175}, ("mlp.gate_proj.weight", "176 × 96", "175 × 96")),
        ({"num_hidden_layers": 2}, ("не хватает тензоров", "model.layers.1.input_layernorm.weight", "и ещё")),
        ({"num_hidden_layers": 513}, ("num_hidden_layers — больше допустимого",)),
        ({"num_attention_heads": 5}, ("num_attention_heads — hidden_size на это не делится",)),
        ({"num_key_value_heads": 2}, ("num_key_value_heads — num_attention_heads на это не делится",)),
        ({"num_key_value_heads": 3}, ("self_attn.k_proj.weight", "32 × 96", "96 × 96")),
        ({"num_key_value_heads": -1}, ("num_key_value_heads — должно быть больше нуля",)),
        ({"head_dim": 31}, ("head_dim — должно быть чётное число",)),
        ({"head_dim": 64}, ("head_dim — в GGUF такого не записать",)),
        ({"max_position_embeddings": 2**31}, ("max_position_embeddings — больше допустимого",)),
        ({"rms_norm_eps": 0}, ("rms_norm_eps — должно быть больше нуля",)),
        ({"rms_norm_eps": -1e-6}, ("rms_norm_eps — должно быть больше нуля",)),
        ({"rms_norm_eps": "1e-06"}, ("rms_norm_eps — должно быть число",)),
        ({"rms_norm_eps": 10.0}, ("rms_norm_eps — больше допустимого",)),
        ({"rms_norm_eps": 1e-300}, ("rms_norm_eps — слишком мало",)),
        ({"rope_theta": 1e-300}, ("rope_theta — слишком мало",)),
        ({"rope_theta": 0}, ("rope_theta — должно быть больше нуля",)),
        ({"rope_theta": True}, ("rope_theta — должно быть число",)),
        ({"tie_word_embeddings": "false"}, ("tie_word_embeddings — должно быть true или false",)),
        ({"hidden_act": "gelu"}, ("hidden_act — в GGUF такого не записать",)),
        ({"is_causal": False}, ("is_causal — в GGUF такого не записать",)),
        ({"use_sliding_window": 1}, ("use_sliding_window — должно быть true или false",)),
        ({"text_config": 5}, ("text_config — должен быть объект",)),
        ({"text_config": {"hidden_size": 64}}, ("hidden_size на это не делится",)),
    ],
)
def test_a_configuration_that_contradicts_itself_or_the_weights(
    tmp_path: Path, offlite: Offlite, changes: dict[str, object], fragments: tuple[str, ...]
) -> None:
    folder = checkpoint(tmp_path)
    setting(**changes)(folder)
    refused(offlite, folder, CONFIG, *fragments)


def test_a_number_beyond_every_number(tmp_path: Path, offlite: Offlite) -> None:
    folder = checkpoint(tmp_path)
    text = (folder / CONFIG).read_text("utf-8").replace("1e-06", "1e999")
    content(CONFIG, text)(folder)
    refused(offlite, folder, "rms_norm_eps — больше допустимого")


def test_more_layers_in_the_weights_than_in_the_configuration(tmp_path: Path, offlite: Offlite) -> None:
    folder = checkpoint(tmp_path, layers=3)
    setting(num_hidden_layers=2)(folder)
    refused(offlite, folder, "которых по config.json быть не должно", "model.layers.2.", "и ещё 9")


def test_embeddings_that_are_said_to_have_a_head_of_their_own(tmp_path: Path, offlite: Offlite) -> None:
    folder = checkpoint(tmp_path, size="tied")
    setting(tie_word_embeddings=False)(folder)
    refused(offlite, folder, "не хватает тензоров: lm_head.weight")


@pytest.mark.parametrize(
    ("changes", "fragments"),
    [
        ({"architectures": None}, ("architectures — отсутствует",)),
        ({"architectures": []}, ("architectures — должен быть список имён",)),
        ({"architectures": "Qwen2ForCausalLM"}, ("architectures — должен быть список имён",)),
        ({"architectures": [2]}, ("architectures — должен быть список имён",)),
        ({"architectures": ["T5ForConditionalGeneration"]}, ("«T5ForConditionalGeneration» не поддерживается",)),
        ({"architectures": ["Qwen2MoeForCausalLM"]}, ("«Qwen2MoeForCausalLM» не поддерживается", "Qwen2 (T-lite")),
        ({"architectures": ["x" * 100_000]}, ("не поддерживается", "xxx…»")),
        ({"model_type": None}, ("model_type — отсутствует",)),
        ({"model_type": "llama"}, ("model_type — противоречит architectures",)),
        ({"model_type": 2}, ("model_type — должен быть текст",)),
        ({"quantization_config": {"quant_method": "gptq", "bits": 4}}, ("quantization_config — веса уже квантованы",)),
        ({"quantization_config": {"quant_method": "fp8"}}, ("quantization_config — веса уже квантованы",)),
        ({"quantization_config": {"load_in_4bit": True}}, ("quantization_config — веса уже квантованы",)),
    ],
)
def test_a_model_of_another_kind(
    tmp_path: Path, offlite: Offlite, changes: dict[str, object], fragments: tuple[str, ...]
) -> None:
    folder = checkpoint(tmp_path)
    setting(**changes)(folder)
    refused(offlite, folder, *fragments)


@pytest.mark.parametrize(
    ("stated", "weights", "fragments"),
    [
        ("llama", "qwen2", ("быть не должно", "self_attn.k_proj.bias")),
        ("qwen2", "llama", ("не хватает", "self_attn.q_proj.bias")),
        ("qwen3", "qwen2", ("не хватает", "self_attn.q_norm.weight")),
        ("qwen2", "phi3", ("не хватает", "self_attn.q_proj.weight")),
        ("phi3", "llama", ("не хватает", "self_attn.qkv_proj.weight")),
        ("gemma3", "llama", ("не хватает", "pre_feedforward_layernorm.weight")),
    ],
)
def test_an_architecture_other_than_that_of_the_weights(
    tmp_path: Path, offlite: Offlite, stated: str, weights: str, fragments: tuple[str, ...]
) -> None:
    folder = checkpoint(tmp_path, weights)
    write_json(folder / CONFIG, config(stated, size="odd", layers=1))
    refused(offlite, folder, *fragments)


FACTORS = [1.0] * 12


@pytest.mark.parametrize(
    ("architecture", "scaling", "named"),
    [
        ("qwen2", {"type": "dynamic", "factor": 4.0}, "«dynamic»"),
        ("qwen2", {"rope_type": "llama3", "factor": 8.0}, "«llama3»"),
        ("qwen2", {"rope_type": "longrope", "short_factor": [1.0], "long_factor": [1.0]}, "«longrope»"),
        ("qwen2", {"type": "mrope", "mrope_section": [16, 24, 24]}, "«mrope»"),
        ("qwen2", {"type": "default", "mrope_section": [16, 24, 24]}, "«mrope_section»"),
        ("qwen2", {"type": "yarn", "factor": 4.0, "mscale": 1.0}, "«mscale»"),
        ("qwen2", {"type": "yarn", "factor": 4.0, "truncate": False}, "«yarn, truncate»"),
        ("qwen3", {"rope_type": "ntk-by-parts", "factor": 4.0}, "«ntk-by-parts»"),
        ("llama", {"rope_type": "longrope", "short_factor": FACTORS, "long_factor": FACTORS}, "«longrope»"),
        ("llama", {"type": "dynamic", "factor": 2.0}, "«dynamic»"),
        ("llama", {"type": "xdrope", "alpha": 1000.0}, "«xdrope»"),
        ("phi3", {"type": "linear", "factor": 2.0}, "«linear»"),
        ("gemma3", {"rope_type": "yarn", "factor": 2.0}, "«yarn»"),
    ],
)
def test_a_scaling_of_positions_that_gguf_cannot_represent(
    tmp_path: Path, offlite: Offlite, architecture: str, scaling: dict[str, Any], named: str
) -> None:
    folder = checkpoint(tmp_path, architecture)
    setting(rope_scaling=scaling)(folder)
    refused(offlite, folder, named, "rope_scaling")


@pytest.mark.parametrize(
    ("architecture", "changes", "fragment"),
    [
        ("qwen2", {"rope_scaling": "linear"}, "rope_scaling — должен быть объект"),
        ("qwen2", {"rope_scaling": {"type": 5}}, "rope_scaling.type — должен быть текст"),
        ("qwen2", {"rope_scaling": {"type": "linear"}}, "rope_scaling.factor — отсутствует"),
        ("qwen2", {"rope_scaling": {"type": "linear", "factor": 0}}, "rope_scaling.factor — должно быть больше нуля"),
        ("qwen2", {"rope_scaling": {"type": "linear", "factor": 1e30}}, "rope_scaling.factor — больше допустимого"),
        ("qwen2", {"rope_parameters": {"rope_type": "yarn"}}, "rope_parameters.factor — отсутствует"),
        ("llama", {"rope_scaling": {"rope_type": "llama3", "low_freq_factor": 4.0}}, "rope_scaling.high_freq_factor"),
        (
            "phi3",
            {"rope_scaling": {"type": "longrope", "long_factor": [1.0], "short_factor": FACTORS}},
            "rope_scaling.long_factor — должен быть список нужной длины",
        ),
        (
            "phi3",
            {"rope_scaling": {"type": "longrope", "long_factor": [*FACTORS[1:], "1"], "short_factor": FACTORS}},
            "rope_scaling.long_factor — должно быть число",
        ),
        ("phi3", {"partial_rotary_factor": 0.01}, "partial_rotary_factor — в GGUF такого не записать"),
        ("phi3", {"original_max_position_embeddings": 1}, "original_max_position_embeddings — слишком мало"),
        ("qwen3", {"attention_bias": True}, "attention_bias — в GGUF такого не записать"),
        ("gemma3", {"query_pre_attn_scalar": 100}, "query_pre_attn_scalar — в GGUF такого не записать"),
        ("gemma3", {"sliding_window_pattern": 2}, "sliding_window_pattern — в GGUF такого не записать"),
        ("gemma3", {"layer_types": ["full_attention"]}, "layer_types — в GGUF такого не записать"),
        ("gemma3", {"use_bidirectional_attention": True}, "use_bidirectional_attention — в GGUF такого не записать"),
        ("gemma3", {"rope_parameters": {"rope_type": "default"}}, "rope_parameters.full_attention — отсутствует"),
    ],
)
def test_entries_of_one_architecture(
    tmp_path: Path, offlite: Offlite, architecture: str, changes: dict[str, object], fragment: str
) -> None:
    folder = checkpoint(tmp_path, architecture)
    setting(**changes)(folder)
    refused(offlite, folder, CONFIG, fragment)


def test_a_model_that_only_compares_texts(tmp_path: Path, offlite: Offlite) -> None:
    folder = checkpoint(tmp_path, "qwen3")
    setting(_name_or_path="Qwen/Qwen3-Reranker-0.6B")(folder)
    refused(offlite, folder, "«Qwen3-Reranker» не поддерживается")


def test_the_message_tells_the_whole_path(tmp_path: Path, offlite: Offlite) -> None:
    folder = checkpoint(tmp_path / "Иванов Иван" / "Документы")
    (folder / CONFIG).write_text(json.dumps({"architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2"}))
    refused(offlite, folder, str(folder / CONFIG))

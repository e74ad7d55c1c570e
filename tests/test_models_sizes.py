"""The size that is foretold for a quantization is, byte for byte, what llama.cpp's own quantizer makes of a model."""

from __future__ import annotations

import ctypes
from pathlib import Path

import gguf
import llama_cpp
import numpy as np
import pytest

from models import gguf_header, tensors
from models.geometry import Geometry
from models.gguf_types import FILE_TYPES, TYPES_BY_NAME
from models.sizes import FILE_TYPES as MADE
from models.sizes import _tensor_type

SILENT = llama_cpp.llama_log_callback(lambda *_: None)

SHAPES = {
    "nine layers": Geometry("qwen2", 9, 256, 512, 4, 2, 64, 64, 256, 512),
    "tied": Geometry("qwen3", 8, 256, 256, 4, 1, 64, 64, 256, 512, tied=True),
    "rows of 96 and 80": Geometry("qwen2", 4, 96, 160, 3, 1, 32, 32, 256, 512),
    "fused": Geometry("phi3", 8, 256, 256, 4, 2, 64, 64, 256, 512, rope_dimensions=64),
}


def write(path: Path, geometry: Geometry) -> Path:
    writer = gguf.GGUFWriter(path, geometry.architecture)
    writer.add_block_count(geometry.layers)
    writer.add_context_length(geometry.context)
    writer.add_embedding_length(geometry.embedding)
    writer.add_feed_forward_length(geometry.feed_forward)
    writer.add_head_count(geometry.heads)
    writer.add_head_count_kv(geometry.kv_heads)
    writer.add_key_length(geometry.key_length)
    writer.add_value_length(geometry.value_length)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_tokenizer_model("none")
    writer.add_vocab_size(geometry.vocabulary)
    random = np.random.default_rng(3)
    for tensor in tensors.expected(geometry):
        if tensor.counted:
            writer.add_tensor(tensor.name, random.standard_normal(tensor.shape[::-1], np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


@pytest.mark.parametrize("geometry", SHAPES.values(), ids=SHAPES.keys())
def test_every_type_is_what_the_quantizer_chooses(geometry: Geometry, tmp_path: Path) -> None:
    llama_cpp.llama_log_set(SILENT, ctypes.c_void_p())
    source = write(tmp_path / "source.gguf", geometry)
    gguf_header.validate_model(gguf_header.read(source))
    numbers = {name: number for number, name in FILE_TYPES.items()}
    for file_type in MADE:
        target = tmp_path / f"{file_type}.gguf"
        options = llama_cpp.llama_model_quantize_default_params()
        options.ftype = numbers[file_type]
        options.nthread = 1
        assert llama_cpp.llama_model_quantize(str(source).encode(), str(target).encode(), options) == 0
        made = {tensor.name: tensor for tensor in gguf_header.read(target).tensors}
        for tensor in tensors.expected(geometry):
            if tensor.counted:
                base = {"Q4_K_M": "Q4_K", "Q4_K_S": "Q4_K", "Q5_K_M": "Q5_K"}.get(file_type, file_type)
                foretold = _tensor_type(tensor, geometry, file_type, base)
                assert foretold == made[tensor.name].type, (file_type, tensor.name)
                assert TYPES_BY_NAME[foretold].size(tensor.elements) == made[tensor.name].size

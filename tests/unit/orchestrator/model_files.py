"""Small model files with real headers and no weights worth the name."""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

_UINT32, _BOOL, _TEXT, _ARRAY = 4, 7, 8, 9

LLAMA = {
    "general.architecture": "llama",
    "llama.block_count": 30,
    "llama.context_length": 8192,
    "llama.embedding_length": 576,
    "llama.feed_forward_length": 1536,
    "llama.attention.head_count": 9,
    "llama.attention.head_count_kv": 3,
    "tokenizer.ggml.tokens": [f"w{n}" for n in range(5000)],
}

CONFIG = {
    "num_hidden_layers": 30,
    "num_attention_heads": 9,
    "num_key_value_heads": 3,
    "hidden_size": 576,
    "intermediate_size": 1536,
    "vocab_size": 5000,
    "max_position_embeddings": 8192,
}


def write_gguf(
    path: Path,
    values: dict[str, Any],
    weights: int = 4096,
    tensors: Sequence[tuple[str, int, int, int]] = (("token_embd.weight", 8, 8, 0),),
) -> Path:
    """A GGUF file of version 3 with `weights` bytes of `tensors`: name, length and number of rows, type."""
    data = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(values))
    for name, value in values.items():
        data += _text(name) + _value(value)
    for name, length, rows, kind in tensors:
        data += _text(name) + struct.pack("<IQQIQ", 2, length, rows, kind, 0)
    path.write_bytes(data + bytes(weights))
    return path


def write_folder(folder: Path, config: dict[str, Any], tensors: dict[str, tuple[str, list[int]]]) -> Path:
    """A folder with ``config.json`` and safetensors holding `tensors` (type and shape by name)."""
    widths = {"F32": 4, "BF16": 2, "F16": 2, "I32": 4, "F8_E4M3": 1}
    folder.mkdir()
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    end = 0
    for name, (kind, shape) in tensors.items():
        begin, size = end, widths[kind]
        for length in shape:
            size *= length
        end = begin + size
        header[name] = {"dtype": kind, "shape": shape, "data_offsets": [begin, end]}
    text = json.dumps(header).encode()
    (folder / "model.safetensors").write_bytes(len(text).to_bytes(8, "little") + text + bytes(end))
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    return folder


def _value(value: Any) -> bytes:
    if isinstance(value, str):
        return struct.pack("<I", _TEXT) + _text(value)
    if isinstance(value, list):
        kind = _TEXT if isinstance(value[0], str) else _BOOL if isinstance(value[0], bool) else _UINT32
        items = b"".join(_value(item)[4:] for item in value)
        return struct.pack("<IIQ", _ARRAY, kind, len(value)) + items
    if isinstance(value, bool):
        return struct.pack("<I?", _BOOL, value)
    return struct.pack("<II", _UINT32, value)


def _text(text: str) -> bytes:
    return struct.pack("<Q", len(text.encode())) + text.encode()

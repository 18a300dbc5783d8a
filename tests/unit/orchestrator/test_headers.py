"""The size of a model is read from its own files, and files that lie about themselves are refused."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jarvis_desktop.errors import ModelError
from jarvis_desktop.orchestrator.headers import ModelShape, read_shape
from tests.unit.orchestrator.model_files import CONFIG, LLAMA, write_folder, write_gguf

KIB = 1024


def test_the_cache_of_a_gguf_model_follows_from_its_header(tmp_path: Path) -> None:
    shape = read_shape(write_gguf(tmp_path / "model.gguf", LLAMA, weights=4096))
    # 30 layers, 3 key-value heads of 64, keys and values, 2 bytes each: 22.5 KiB a token.
    assert shape.kv_bytes(1) == 22.5 * KIB
    assert shape.kv_bytes(2048) == 45 * KIB * KIB
    assert (shape.weights_bytes, shape.vocabulary, shape.trained_context) == (4096, 5000, 8192)
    assert (shape.layers, shape.embedding, shape.feed_forward) == (30, 576, 1536)


def test_both_formats_tell_the_same_about_the_same_model(tmp_path: Path) -> None:
    gguf = read_shape(write_gguf(tmp_path / "model.gguf", LLAMA, weights=4096))
    tensors = {"embed": ("BF16", [32, 64])}
    assert read_shape(write_folder(tmp_path / "folder", CONFIG, tensors)) == gguf


def test_weights_count_as_they_are_loaded(tmp_path: Path) -> None:
    tensors = {"full": ("F32", [10, 10]), "half": ("F16", [10, 10]), "packed": ("I32", [10, 10])}
    shape = read_shape(write_folder(tmp_path / "folder", CONFIG, tensors))
    assert shape.weights_bytes == 200 + 200 + 400


def test_the_language_part_of_a_model_that_sees_is_found(tmp_path: Path) -> None:
    tensors = {"embed": ("BF16", [32, 64])}
    plain = read_shape(write_folder(tmp_path / "plain", CONFIG, tensors))
    assert read_shape(write_folder(tmp_path / "seeing", {"text_config": CONFIG}, tensors)) == plain


def test_heads_may_differ_from_layer_to_layer(tmp_path: Path) -> None:
    heads = {"llama.attention.head_count_kv": [3] * 15 + [1] * 15}
    shape = read_shape(write_gguf(tmp_path / "model.gguf", LLAMA | heads))
    assert shape.kv_bytes(1) == (15 * 3 + 15) * 64 * 2 * 2


def test_layers_that_look_back_only_so_far_keep_no_more(tmp_path: Path) -> None:
    gemma = {name.replace("llama.", "gemma3."): value for name, value in LLAMA.items()}
    gemma |= {"general.architecture": "gemma3", "gemma3.attention.sliding_window": 512}
    shape = read_shape(write_gguf(tmp_path / "model.gguf", gemma))
    layer = 3 * 64 * 2 * 2
    assert shape.kv_bytes(8192) == 5 * layer * 8192 + 25 * layer * 512
    told = {"gemma3.attention.sliding_window_pattern": [True] * 10 + [False] * 20}
    shape = read_shape(write_gguf(tmp_path / "told.gguf", gemma | told))
    assert shape.kv_bytes(8192) == 20 * layer * 8192 + 10 * layer * 512


def test_what_llama_keeps_a_second_time_is_told_from_the_types_of_its_weights(tmp_path: Path) -> None:
    q4_0, q6_k, q4_k = 2, 14, 12
    tensors = [
        ("blk.0.ffn_up.weight", 576, 1536, q4_0),  # 18 bytes for 32 weights
        ("blk.0.ffn_down.weight", 1536, 576, q4_k),  # 144 bytes for 256 weights
        ("blk.0.attn_q.weight", 576, 576, q6_k),  # has no such order
        ("blk.0.odd.weight", 576, 3, q4_0),  # rows that do not go up in eights
        ("token_embd.weight", 576, 5000, q4_0),  # is looked up, not multiplied with
    ]
    shape = read_shape(write_gguf(tmp_path / "model.gguf", LLAMA, 2_000_000, tensors))
    assert shape.repacked_bytes == 576 * 1536 * 18 // 32 + 1536 * 576 * 144 // 256


@pytest.mark.parametrize("name", ["nothing.gguf", "text.gguf"])
def test_what_is_no_model_is_refused_with_its_name(tmp_path: Path, name: str) -> None:
    (tmp_path / "text.gguf").write_text("This is a letter to my aunt.")
    with pytest.raises(ModelError) as raised:
        read_shape(tmp_path / name)
    assert raised.value.code == "model.unreadable"
    assert name in raised.value.message


def test_a_folder_without_weights_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps(CONFIG))
    with pytest.raises(ModelError, match="safetensors"):
        read_shape(tmp_path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(cut=st.integers(0, 400), where=st.integers(0, 500), byte=st.integers(0, 255))
def test_damaged_headers_are_refused_or_read_and_nothing_else(
    tmp_path: Path, cut: int, where: int, byte: int
) -> None:
    """No damage makes the reader fail in another way, read for minutes or take memory it does not have."""
    small = LLAMA | {"tokenizer.ggml.tokens": ["a", "b"]}
    whole = bytearray(write_gguf(tmp_path / "model.gguf", small, weights=64).read_bytes())
    whole[where % len(whole)] = byte
    (tmp_path / "model.gguf").write_bytes(whole[: len(whole) - cut])
    with suppress(ModelError):
        assert isinstance(read_shape(tmp_path / "model.gguf"), ModelShape)

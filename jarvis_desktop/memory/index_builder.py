"""The child process that makes a folder of vectors: ``python -m jarvis_desktop.memory.index_builder``.

Standard input: a line of JSON (folder, encoder, count, dimensions), the keys (int64), the vectors (float32).
It is fresh and sees nothing but the vectors it has to write, because Chroma's files also hold what its memory
held before: in a process that knew a forgotten vector, the new files could get pieces of it.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import threading
from pathlib import Path
from typing import BinaryIO

import numpy as np

from jarvis_desktop.errors import StorageError
from jarvis_desktop.memory import index_folder
from jarvis_desktop.memory.chroma_index import create_in_folder
from jarvis_desktop.memory.vector_index import Keys, Vectors
from jarvis_desktop.processes.lifeline import die_with_parent

_LEAST_SYNC = 100
"""Chroma damages its own files when it writes them every few vectors."""

_SAMPLES = 20
_NICENESS = 10


def main() -> int:
    die_with_parent()
    if hasattr(os, "nice"):
        os.nice(_NICENESS)  # never in the way of an answer
    order = json.loads(sys.stdin.buffer.readline())
    count, dimensions = order["count"], order["dimensions"]
    keys = np.frombuffer(_exactly(sys.stdin.buffer, 8 * count), "<i8")
    vectors = np.frombuffer(_exactly(sys.stdin.buffer, 4 * count * dimensions), "<f4")
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        make(Path(order["folder"]), order["encoder"], keys, vectors.reshape(count, dimensions))
    except StorageError as error:
        sys.stderr.write(f"{error.message}\n")
        return 1
    return 0


def make(made: Path, encoder: str, keys: Keys, vectors: Vectors) -> None:
    """Fill an empty folder, and look whether what is in it can be found."""
    # All is written at once at the last vector; what is not written waits in SQLite and slows each start.
    index = create_in_folder(made / index_folder.CHROMA, max(len(keys), _LEAST_SYNC))
    index.add(keys, vectors)
    index.close()
    index_folder.keep_database(made)
    np.save(made / index_folder.KEYS, keys)
    index_folder.write_manifest(made, encoder)
    with contextlib.closing(index_folder.open_made(made).index) as index:
        for row in range(0, len(keys), max(1, len(keys) // _SAMPLES)):
            (_, cosine), *_ = index.search(vectors[row], 1)
            if cosine < 0.999 or len(index) != len(keys):
                raise StorageError("memory.index_failed", "The new vector index does not find what is in it.")


def _exactly(stream: BinaryIO, size: int) -> bytes:
    if len(data := stream.read(size)) != size:
        os._exit(1)  # the parent has gone
    return data


def _end_with_parent() -> None:
    os.read(0, 1)  # not through `sys.stdin`, whose lock would be held when the program ends
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main())

"""Vectors of tokens in a file beside the store: by far the most bytes of all, and no truth.

Were they in the store, forgetting would have to write them all anew. Here nothing has to be: a row's vectors
begin only on the second of its pages, and SQLite never copies pages of that kind; they are overwritten with
zeros when the row is deleted (`secure_delete`). A damaged file is deleted, and the vectors computed again.
"""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from jarvis_desktop.errors import StorageError
from jarvis_desktop.memory.database import Migrations, empty_log, open_database, transaction, translated
from jarvis_desktop.memory.encryption import remove

_LOG = logging.getLogger(__name__)

_MIGRATIONS: Migrations = (
    (
        """CREATE TABLE token_vectors (
            key INTEGER NOT NULL,
            nonce INTEGER NOT NULL,
            model TEXT NOT NULL,
            type TEXT NOT NULL,
            tokens INTEGER NOT NULL,
            first_page BLOB NOT NULL,  -- zeros, as many as a row can have in a page with others
            vectors BLOB NOT NULL,
            UNIQUE (model, key, nonce)
        )""",
        "CREATE INDEX token_vectors_by_key ON token_vectors (key, nonce)",
    ),
)
_PAGE_BYTES = 4096
_TYPES = {"int8": np.int8, "float16": np.float16}

_UNUSABLE = (
    "storage.corrupt",
    "storage.newer",
    "memory.wrong_key",
    "memory.encrypted",
    "memory.not_encrypted",
)

Names = Mapping[int, int]
"""Keys of passages and their nonces: in a store that was lost or restored, a key may have been another's."""

_Result = TypeVar("_Result")


class TokenFile:
    """One thread. Raises `StorageError` for a full disk and the like; what cannot be read is not there."""

    def __init__(self, file: Path, connect: Callable[[Path], sqlite3.Connection]) -> None:
        self._file = file
        self._connect = connect
        self._connection: sqlite3.Connection | None = None

    def close(self) -> None:
        """Safe to call twice."""
        if self._connection is not None:
            with translated(self._file):
                self._connection.close()
            self._connection = None

    def put(self, model: str, vectors: Mapping[int, npt.NDArray[np.generic]], names: Names) -> None:
        """Those of passages that are not in `names` are left out."""
        rows = []
        for key, matrix in vectors.items():
            if matrix.dtype.name not in _TYPES or matrix.ndim != 2:
                raise ValueError(f"token vectors of type {matrix.dtype} and {matrix.ndim} dimensions")
            if key in names:
                kind, data = matrix.dtype.name, matrix.tobytes()
                rows.append((int(key), names[key], model, kind, len(matrix), _PAGE_BYTES, data))

        def write(connection: sqlite3.Connection) -> None:
            with transaction(connection):
                connection.executemany(
                    "INSERT OR REPLACE INTO token_vectors VALUES (?, ?, ?, ?, ?, zeroblob(?), ?)", rows
                )

        self._run(write, None)

    def get(self, model: str, names: Names) -> dict[int, npt.NDArray[np.generic]]:
        rows = self._read(
            """SELECT key, nonce, type, tokens, vectors FROM token_vectors
                WHERE model = ? AND key IN (SELECT value FROM json_each(?))""",
            (model, json.dumps(list(names))),
        )
        return {
            key: np.frombuffer(data, _TYPES[kind]).reshape(tokens, -1 if tokens else 0)
            for key, nonce, kind, tokens, data in rows
            if names[key] == nonce
        }

    def missing(self, model: str, names: Names) -> list[int]:
        """The keys that have nothing of this model, in the order of `names`."""
        there = self._read(
            """SELECT key, nonce FROM token_vectors
                WHERE model = ? AND key IN (SELECT value FROM json_each(?))""",
            (model, json.dumps(list(names))),
        )
        held = set(there)
        return [key for key, nonce in names.items() if (key, nonce) not in held]

    def keep_only(self, names: Names) -> None:
        """Delete the vectors of all other passages for good."""

        def delete(connection: sqlite3.Connection) -> None:
            held = connection.execute("SELECT DISTINCT key, nonce FROM token_vectors").fetchall()
            gone = [(key, nonce) for key, nonce in held if names.get(key) != nonce]
            with transaction(connection):
                connection.executemany("DELETE FROM token_vectors WHERE key = ? AND nonce = ?", gone)
            empty_log(connection, self._file)

        if self._file.exists():
            self._run(delete, None)

    def bytes_on_disk(self) -> int:
        return self._file.stat().st_size if self._file.exists() else 0

    def _read(self, sql: str, values: Sequence[str]) -> list[tuple[Any, ...]]:
        if not self._file.exists():
            return []
        return self._run(lambda connection: connection.execute(sql, values).fetchall(), [])

    def _run(self, work: Callable[[sqlite3.Connection], _Result], otherwise: _Result) -> _Result:
        """Nothing is lost with a file that cannot be used, whatever the reason: the next call begins anew."""
        try:
            connection = self._opened()
            with translated(self._file):
                return work(connection)
        except StorageError as error:
            if error.code not in _UNUSABLE:
                raise
            _LOG.warning("the vectors of tokens are computed anew: %s", error)
            self.close()
            with translated(self._file):
                remove(self._file)
            return otherwise

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            opened = open_database(self._file, _MIGRATIONS, self._connect, checked_bytes=0)
            self._connection = opened.connection
            with translated(self._file):
                if opened.recovered is not None:
                    remove(opened.recovered)
                self._connection.execute("PRAGMA secure_delete = ON")
                self._connection.execute("PRAGMA temp_store = MEMORY")
        return self._connection

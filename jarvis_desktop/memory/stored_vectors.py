"""Vectors of passages in the tables, and what has changed for the indexes beside them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from jarvis_desktop.memory.documents import PASSAGE, passage
from jarvis_desktop.memory.items import Change, Passage


def set_vectors(
    connection: sqlite3.Connection, model: str, keys: Sequence[int], vectors: npt.NDArray[np.float32]
) -> None:
    """Within a transaction. Keys that were forgotten meanwhile are left out."""
    number = _model(connection, model)
    rows = np.asarray(vectors, dtype=np.float16)
    if len(rows) and (width(connection, model) or rows[0].nbytes) != rows[0].nbytes:
        raise ValueError(f"vectors of {rows.shape[1]} dimensions, unlike those there of {model}")
    there = _there(connection, keys)
    kept = [(int(key), number, row.tobytes()) for key, row in zip(keys, rows, strict=True) if key in there]
    connection.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)", kept)
    connection.executemany(
        "INSERT OR REPLACE INTO changes (key, gone) VALUES (?, 0)", [(key,) for key, _, _ in kept]
    )


def vectors(
    connection: sqlite3.Connection, model: str, keys: Iterable[int] | None
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    """Keys [n] in rising order and vectors [n, d] of one model; those of `keys` only, where given."""
    sql = "SELECT key, vector FROM vectors WHERE model = (SELECT number FROM models WHERE name = ?)"
    if keys is None:
        rows = connection.execute(sql, (model,)).fetchall()
    else:
        chosen = f"{sql} AND key IN (SELECT value FROM json_each(?))"
        rows = connection.execute(chosen, (model, _list(keys))).fetchall()
    if not rows:
        return np.empty(0, np.int64), np.empty((0, 0), np.float32)
    found = np.fromiter((key for key, _ in rows), np.int64, len(rows))
    matrix = np.frombuffer(b"".join(row for _, row in rows), np.float16).reshape(len(rows), -1)
    order = np.argsort(found)
    return found[order], matrix[order].astype(np.float32)


def width(connection: sqlite3.Connection, model: str) -> int:
    """Bytes of a vector of this model; 0 where there is none yet."""
    row = connection.execute(
        "SELECT length(vector) FROM vectors WHERE model = (SELECT number FROM models WHERE name = ?) LIMIT 1",
        (model,),
    ).fetchone()
    return row[0] if row else 0


def without(connection: sqlite3.Connection, model: str, limit: int) -> list[Passage]:
    """Passages that have no vector, the newest first: they are asked about soonest."""
    rows = connection.execute(
        f"""{PASSAGE} WHERE NOT EXISTS (SELECT 1 FROM vectors AS v WHERE v.key = p.key
            AND v.model = (SELECT number FROM models WHERE name = ?)) ORDER BY p.key DESC LIMIT ?""",
        (model, limit),
    )
    return [passage(row) for row in rows]


def names(connection: sqlite3.Connection, keys: Iterable[int] | None) -> dict[int, int]:
    """Nonces of passages by their keys: of `keys`, in their order, or of all."""
    if keys is None:
        return dict(connection.execute("SELECT key, nonce FROM passages").fetchall())
    wanted = list(keys)
    rows = connection.execute(
        "SELECT key, nonce FROM passages WHERE key IN (SELECT value FROM json_each(?))", (_list(wanted),)
    )
    found = dict(rows.fetchall())
    return {key: found[key] for key in wanted if key in found}


def newest(connection: sqlite3.Connection, below: int, limit: int) -> dict[int, int]:
    """Nonces of the newest passages with keys below a key."""
    rows = connection.execute(
        "SELECT key, nonce FROM passages WHERE key < ? ORDER BY key DESC LIMIT ?", (below, limit)
    )
    return dict(rows.fetchall())


def revision(connection: sqlite3.Connection) -> int:
    row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'changes'").fetchone()
    return row[0] if row else 0


def changes_since(connection: sqlite3.Connection, revision: int) -> list[Change]:
    rows = connection.execute(
        "SELECT revision, key, gone FROM changes WHERE revision > ? ORDER BY revision", (revision,)
    )
    return [Change(number, key, bool(gone)) for number, key, gone in rows]


def _model(connection: sqlite3.Connection, name: str) -> int:
    connection.execute("INSERT OR IGNORE INTO models (name) VALUES (?)", (name,))
    return int(connection.execute("SELECT number FROM models WHERE name = ?", (name,)).fetchone()[0])


def _there(connection: sqlite3.Connection, keys: Iterable[int]) -> set[int]:
    rows = connection.execute(
        "SELECT key FROM passages WHERE key IN (SELECT value FROM json_each(?))", (_list(keys),)
    )
    return {key for (key,) in rows}


def _list(keys: Iterable[int]) -> str:
    return json.dumps([int(key) for key in keys])

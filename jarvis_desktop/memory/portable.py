"""The memory as a file that anything can read: JSON, one object a line (NDJSON).

The first line is ``{"format": "jarvis-memory", "version": 1}``. Each other line has a ``type``: ``item`` (its
text, its passages as ``spans`` of [start, end, context], and for a fact what superseded it), ``use`` (an
answer that used it), ``receipt`` (what was forgotten: ids and counts) and, where asked for, ``vector``
(base64 of little-endian float16).
"""

from __future__ import annotations

import base64
import json
import math
import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

import numpy as np

from jarvis_desktop.errors import StorageError
from jarvis_desktop.events.memories import MemoryKind
from jarvis_desktop.memory.documents import add_item
from jarvis_desktop.memory.items import NewItem, Span
from jarvis_desktop.memory.stored_vectors import set_vectors, width
from jarvis_desktop.memory.words import Stemming

FORMAT, VERSION = "jarvis-memory", 1

_Record = dict[str, Any]
_Value = TypeVar("_Value")


def records(connection: sqlite3.Connection, vectors: bool) -> Iterator[_Record]:
    """Every line of an export, the header first; items in the order in which they came."""
    yield {"format": FORMAT, "version": VERSION}
    yield from _items(connection)
    for turn, item, place, at in connection.execute(
        "SELECT turn_id, id, passage, at FROM uses JOIN items ON items.number = item ORDER BY uses.number"
    ):
        yield {"type": "use", "turn": turn, "item": item, "passage": place, "at": at}
    for receipt, at, owner, passages, lost, ids in connection.execute(
        """SELECT receipt, at, owner, passages, vectors,
            (SELECT json_group_array(id) FROM tombstones AS t WHERE t.receipt = r.receipt)
            FROM receipts AS r ORDER BY at, rowid"""
    ):
        yield {
            "type": "receipt",
            "receipt": receipt,
            "at": at,
            "owner": owner,
            "passages": passages,
            "vectors": lost,
            "items": json.loads(ids),
        }
    if vectors:
        for item, place, model, vector in connection.execute(
            """SELECT i.id, p.number, m.name, v.vector FROM vectors AS v
                JOIN models AS m ON m.number = v.model JOIN passages AS p USING (key)
                JOIN items AS i ON i.number = p.item ORDER BY p.key"""
        ):
            encoded = base64.b64encode(vector).decode()
            yield {"type": "vector", "item": item, "passage": place, "model": model, "float16": encoded}


def restore(connection: sqlite3.Connection, lines: Iterable[bytes], stemming: Stemming) -> list[str]:
    """Within a transaction; returns the ids of the items that are new.

    Items that are there stay as they are, forgotten ones stay forgotten. Raises `StorageError`:
    ``memory.not_an_export``, ``memory.export_newer``, ``memory.bad_line``.
    """
    reading = _Reading(connection, stemming)
    begun = False
    for number, line in enumerate(lines, start=1):
        try:
            record = json.loads(line.decode())
            if begun:
                reading.take(record)
            else:
                _check_header(record)
        except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
            raise (_bad_line(number, error) if begun else _not_an_export()) from error
        begun = True
    if not begun:
        raise _not_an_export()
    reading.finish()
    return list(reading.new)


class _Reading:
    """What was taken in of an export so far. Its methods raise `ValueError` and the like for a bad record."""

    def __init__(self, connection: sqlite3.Connection, stemming: Stemming) -> None:
        self._connection = connection
        self._stemming = stemming
        self._widths: dict[str, int] = {}  # bytes of a vector, by model
        self.new: dict[str, None] = {}  # ids, in their order

    def take(self, record: _Record) -> None:
        kinds = {"item": self._item, "use": self._use, "receipt": self._receipt, "vector": self._vector}
        kinds[_of(str, record["type"])](record)

    def finish(self) -> None:
        """Facts whose successor is not there count."""
        self._connection.execute(
            """UPDATE items SET superseded_by = '', superseded_at = NULL
                WHERE superseded_by != '' AND superseded_by NOT IN (SELECT id FROM items)"""
        )

    def _item(self, record: _Record) -> None:
        item = NewItem(
            id=_of(str, record["id"]),
            kind=MemoryKind(record["kind"]),
            text=_of(str, record["text"]),
            spans=tuple(Span(_of(int, a), _of(int, b), _of(str, c)) for a, b, c in record["spans"]),
            source=_of(str, record["source"]),
            location=_of(str, record["location"]),
            created_at=_number(record["created_at"]),
            owner=_of(str, record["owner"]),
            metadata={key: _metadatum(value) for key, value in _of(dict, record["metadata"]).items()},
            content_hash=_of(str, record["content_hash"]),
            position=_number(record["position"]),
        )
        pinned = _of(bool, record["pinned"])
        newer = _of(str, record.get("superseded_by", ""))
        since = _number(record["superseded_at"]) if newer else None
        if not item.id:
            raise ValueError("an item without an id")
        known = "SELECT 1 FROM items WHERE id = ?1 UNION ALL SELECT 1 FROM tombstones WHERE id = ?1"
        if self._connection.execute(known, (item.id,)).fetchone() is None:
            add_item(self._connection, item, self._stemming)
            self._connection.execute(
                "UPDATE items SET pinned = ?, superseded_by = ?, superseded_at = ? WHERE id = ?",
                (pinned, newer, since, item.id),
            )
            self.new[item.id] = None

    def _use(self, record: _Record) -> None:
        turn, item = _of(str, record["turn"]), _of(str, record["item"])
        place, at = _of(int, record["passage"]), _number(record["at"])
        if item in self.new:
            self._connection.execute(
                """INSERT OR IGNORE INTO uses (turn_id, item, passage, at)
                    SELECT ?, number, ?, ? FROM items WHERE id = ? AND ? BETWEEN -1 AND passages - 1""",
                (turn, place, at, item, place),
            )

    def _receipt(self, record: _Record) -> None:
        receipt, at, owner = _of(str, record["receipt"]), _number(record["at"]), record["owner"]
        row = (
            receipt,
            at,
            None if owner is None else _of(str, owner),
            _of(int, record["passages"]),
            _of(int, record["vectors"]),
        )
        self._connection.execute("INSERT OR IGNORE INTO receipts VALUES (?, ?, ?, ?, ?)", row)
        for item in record["items"]:
            self._connection.execute(
                """INSERT OR IGNORE INTO tombstones (id, receipt) SELECT ?1, ?2
                    WHERE NOT EXISTS (SELECT 1 FROM items WHERE id = ?1)""",
                (_of(str, item), receipt),
            )

    def _vector(self, record: _Record) -> None:
        item, place, model = _of(str, record["item"]), _of(int, record["passage"]), _of(str, record["model"])
        data = base64.b64decode(_of(str, record["float16"]), validate=True)
        if item not in self.new:
            return
        if not data or len(data) != self._widths.setdefault(
            model, width(self._connection, model) or len(data)
        ):
            raise ValueError("a vector of another size")
        row = self._connection.execute(
            """SELECT p.key FROM passages AS p JOIN items AS i ON i.number = p.item
                WHERE i.id = ? AND p.number = ?""",
            (item, place),
        ).fetchone()
        if row is not None:
            vector = np.frombuffer(data, np.float16).astype(np.float32)
            set_vectors(self._connection, model, [row[0]], vector[np.newaxis])


def _items(connection: sqlite3.Connection) -> Iterator[_Record]:
    columns = (
        "number, id, kind, text, source, location, created_at, owner, metadata, content_hash, position, "
        "pinned, superseded_by, superseded_at"
    )
    for row in connection.execute(f"SELECT {columns} FROM items ORDER BY number"):
        number, *values = row
        record = {"type": "item", **dict(zip(columns.split(", ")[1:], values, strict=True))}
        spans = connection.execute(
            "SELECT first, last, context FROM passages WHERE item = ? ORDER BY number", (number,)
        )
        record |= {
            "metadata": json.loads(record["metadata"]),
            "pinned": bool(record["pinned"]),
            "spans": spans.fetchall(),
        }
        yield record


def _check_header(record: _Record) -> None:
    if record["format"] != FORMAT:
        raise ValueError("another format")
    if _of(int, record["version"]) > VERSION:
        raise StorageError(
            "memory.export_newer",
            "This export was written by a newer Jarvis (format {version}; this one knows {known}).",
            "Update Jarvis. Nothing was changed.",
            version=record["version"],
            known=VERSION,
        )


def _not_an_export() -> StorageError:
    return StorageError(
        "memory.not_an_export",
        "The file is not an export of Jarvis's memory: its first line does not say so.",
        "Choose a file that was written by the export of memory. Nothing was changed.",
    )


def _bad_line(number: int, error: Exception) -> StorageError:
    return StorageError(
        "memory.bad_line",
        "Line {line} of the export cannot be read ({reason}).",
        "Mend or remove that line, or use another export. Nothing was changed.",
        line=number,
        reason=f"{type(error).__name__}: {error}",
    )


def _of(kind: type[_Value], value: object) -> _Value:
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise ValueError(f"{type(value).__name__} where {kind.__name__} belongs")
    return value


def _number(value: object) -> float:
    number = float(value) if isinstance(value, int) else _of(float, value)
    if not math.isfinite(number):
        raise ValueError("a number that is not finite")
    return number


def _metadatum(value: object) -> str | int | float | bool:
    if not isinstance(value, (str, int, float)):
        raise ValueError(f"{type(value).__name__} in metadata")
    return value

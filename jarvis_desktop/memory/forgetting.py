"""Forgetting for good: out of every table at once, then out of the bytes of the file."""

from __future__ import annotations

import json
import sqlite3
import uuid
from collections.abc import Sequence
from pathlib import Path

from jarvis_desktop.events.memories import Forgotten, MemoryKind
from jarvis_desktop.memory.database import empty_log, transaction

_INDEXED = """p.key, CASE p.context WHEN '' THEN '' ELSE p.context || char(10) END
    || coalesce(p.text, i.text), p.stems FROM passages AS p JOIN items AS i ON i.number = p.item"""
"""What the word index was given: rowid, plain, stems."""


def delete_items(connection: sqlite3.Connection, numbers: Sequence[int]) -> tuple[int, int]:
    """Within a transaction: rows, words, vectors, graph and uses; returns counts of passages and vectors."""
    rows = _list(numbers)
    of_these = "WHERE p.item IN (SELECT value FROM json_each(?))"
    vectors = connection.execute(
        f"SELECT count(*) FROM vectors JOIN passages AS p USING (key) {of_these}", (rows,)
    ).fetchone()[0]
    # The word index keeps no texts: it has to be told what stood there to take it out.
    connection.execute(
        f"INSERT INTO words (words, rowid, plain, stems) SELECT 'delete', {_INDEXED} {of_these}", (rows,)
    )
    passages = connection.execute(
        f"INSERT OR REPLACE INTO changes (key, gone) SELECT p.key, 1 FROM passages AS p {of_these}", (rows,)
    ).rowcount
    connection.execute("DELETE FROM items WHERE number IN (SELECT value FROM json_each(?))", (rows,))
    return passages, vectors


def forget_items(
    connection: sqlite3.Connection, numbers: Sequence[int], owner: str | None, at: float
) -> Forgotten:
    """Within a transaction: as `drop_items`, with a receipt."""
    hashes = dict(
        connection.execute(
            """SELECT id, content_hash FROM items
                WHERE kind = ? AND number IN (SELECT value FROM json_each(?))""",
            (MemoryKind.DOCUMENT.value, _list(numbers)),
        ).fetchall()
    )
    ids, passages, vectors = drop_items(connection, numbers)
    receipt = uuid.uuid4().hex
    connection.execute("INSERT INTO receipts VALUES (?, ?, ?, ?, ?)", (receipt, at, owner, passages, vectors))
    connection.executemany(
        "INSERT INTO tombstones VALUES (?, ?, ?)",
        [(item_id, receipt, hashes.get(item_id, "")) for item_id in ids],
    )
    return Forgotten(receipt, at, ids, passages, vectors)


def drop_items(connection: sqlite3.Connection, numbers: Sequence[int]) -> tuple[tuple[str, ...], int, int]:
    """Within a transaction; returns the ids, and counts of passages and vectors.

    Facts that one of them had superseded count again.
    """
    rows = _list(numbers)
    named = connection.execute(
        "SELECT id FROM items WHERE number IN (SELECT value FROM json_each(?)) ORDER BY number", (rows,)
    ).fetchall()
    ids = tuple(item_id for (item_id,) in named)
    connection.execute(
        """UPDATE items SET superseded_by = '', superseded_at = NULL
            WHERE superseded_by != '' AND superseded_by IN (SELECT value FROM json_each(?))""",
        (json.dumps(ids),),
    )
    passages, vectors = delete_items(connection, numbers)
    mark_unscrubbed(connection)
    return ids, passages, vectors


def forgotten(connection: sqlite3.Connection, owner: str) -> dict[str, float]:
    """Ids of what was forgotten of one owner, hashes of the files among them, and when."""
    rows = connection.execute(
        """SELECT id, content_hash, at FROM tombstones JOIN receipts USING (receipt)
            WHERE receipts.owner IS NULL OR receipts.owner = ?""",
        (owner,),
    )
    return {name: at for item_id, content_hash, at in rows for name in (item_id, content_hash) if name}


def want_again(connection: sqlite3.Connection, item_id: str, content_hash: str, owner: str) -> None:
    """Within a transaction: what was forgotten with this id, or from these bytes, is taken in again."""
    connection.execute(
        """DELETE FROM tombstones WHERE id = ?1 OR (content_hash != '' AND content_hash = ?2
            AND receipt IN (SELECT receipt FROM receipts WHERE owner IS NULL OR owner = ?3))""",
        (item_id, content_hash, owner),
    )


def mark_unscrubbed(connection: sqlite3.Connection) -> None:
    """Remember, through a crash too, that bytes of what was deleted may be left."""
    connection.execute("INSERT OR IGNORE INTO unscrubbed VALUES (1)")


def is_unscrubbed(connection: sqlite3.Connection) -> bool:
    return connection.execute("SELECT 1 FROM unscrubbed").fetchone() is not None


def receipts(connection: sqlite3.Connection, owner: str | None) -> tuple[Forgotten, ...]:
    """Newest first, of one owner or (None) of all."""
    rows = connection.execute(
        """SELECT receipt, at, (SELECT json_group_array(id) FROM tombstones AS t WHERE t.receipt = r.receipt),
            passages, vectors FROM receipts AS r
            WHERE ?1 IS NULL OR owner = ?1 ORDER BY at DESC, rowid DESC""",
        (owner,),
    )
    return tuple(
        Forgotten(receipt, at, tuple(json.loads(ids)), passages, vectors)
        for receipt, at, ids, passages, vectors in rows
    )


def scrub(connection: sqlite3.Connection, file: Path) -> None:
    """Take deleted text out of the bytes of the file; about 1 s for 100,000 passages.

    `secure_delete` has overwritten deleted rows already, but not the copies of rows that SQLite leaves in the
    unused part of a page when it moves rows between pages; and the word index only marks words as deleted. It
    is made anew: to merge it ("optimize") would drop them too, but leaves a level more each time, and SQLite
    takes an index of 2,000 levels for a damaged file.
    """
    with transaction(connection):
        connection.execute("INSERT INTO words (words) VALUES ('delete-all')")
        connection.execute(f"INSERT INTO words (rowid, plain, stems) SELECT {_INDEXED}")
    empty_log(connection, file)  # also makes room: the next step needs as much as the file has
    connection.execute("VACUUM")  # every page anew
    empty_log(connection, file)
    connection.execute("DELETE FROM unscrubbed")


def _list(numbers: Sequence[int]) -> str:
    return json.dumps(list(numbers))

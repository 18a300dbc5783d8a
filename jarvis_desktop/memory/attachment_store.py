"""Files that belong to stored conversations, and what answers rested on of them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence

from jarvis_desktop.events import Attachment, Recalled

MIGRATION = (
    """CREATE TABLE attachments (
        number INTEGER PRIMARY KEY,  -- order in which they came
        id TEXT NOT NULL UNIQUE,
        conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
        name TEXT NOT NULL,
        size INTEGER NOT NULL,
        text TEXT NOT NULL,
        passages TEXT NOT NULL,  -- JSON: [start, end, context] of each
        added_at REAL NOT NULL,
        location TEXT NOT NULL
    )""",
    "CREATE INDEX attachments_by_conversation ON attachments (conversation_id)",
    """CREATE TABLE attachment_uses (
        turn_id TEXT NOT NULL,
        attachment TEXT NOT NULL REFERENCES attachments (id) ON DELETE CASCADE,
        passage INTEGER NOT NULL,
        PRIMARY KEY (turn_id, attachment, passage)
    )""",
)

_COLUMNS = "id, name, size, text, passages, added_at, location"


def add(connection: sqlite3.Connection, conversation_id: str, attachment: Attachment) -> None:
    """Within a transaction; one that is there already stays as it is."""
    connection.execute(
        f"""INSERT INTO attachments (conversation_id, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO NOTHING""",
        (
            conversation_id,
            attachment.id,
            attachment.name,
            attachment.size,
            attachment.text,
            json.dumps(attachment.passages),
            attachment.added_at,
            attachment.location,
        ),
    )


def of_conversation(connection: sqlite3.Connection, conversation_id: str) -> tuple[Attachment, ...]:
    """In the order in which they came."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM attachments WHERE conversation_id = ? ORDER BY number", (conversation_id,)
    )
    return tuple(
        Attachment(id_, name, size, text, tuple(map(tuple, json.loads(passages))), added_at, location)
        for id_, name, size, text, passages, added_at, location in rows
    )


def remove(connection: sqlite3.Connection, attachment_id: str, owner: str) -> None:
    connection.execute(
        """DELETE FROM attachments WHERE id = ?
            AND conversation_id IN (SELECT id FROM conversations WHERE owner = ?)""",
        (attachment_id, owner),
    )


def note_use(connection: sqlite3.Connection, turn_id: str, used: Sequence[Recalled]) -> None:
    """What is no longer there is left out."""
    connection.executemany(
        """INSERT OR IGNORE INTO attachment_uses (turn_id, attachment, passage)
            SELECT ?1, id, ?3 FROM attachments WHERE id = ?2""",
        [(turn_id, each.item, number_of(each)) for each in used],
    )


def uses(connection: sqlite3.Connection, conversation_id: str) -> Mapping[str, Sequence[tuple[str, int]]]:
    """Attachments and passages that answers rest on, by turn."""
    found: dict[str, list[tuple[str, int]]] = {}
    rows = connection.execute(
        """SELECT turn_id, attachment, passage FROM attachment_uses AS u
            JOIN attachments AS a ON a.id = u.attachment WHERE conversation_id = ? ORDER BY u.rowid""",
        (conversation_id,),
    )
    for turn_id, attachment, passage in rows:
        found.setdefault(turn_id, []).append((attachment, passage))
    return found


def number_of(passage: Recalled) -> int:
    """The number, from 0, of a passage of an attachment."""
    return int(passage.id.rpartition("#")[2]) - 1

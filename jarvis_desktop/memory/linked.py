"""What the tables know beside the texts: who and what they speak of, and which answers used them."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

from jarvis_desktop.events.memories import Citation, MemoryKind
from jarvis_desktop.memory.documents import PASSAGE, clean, located, passage, passage_id
from jarvis_desktop.memory.items import Passage


class Mention(NamedTuple):
    """A passage names an entity."""

    name: str
    kind: str
    key: int


def set_graph(connection: sqlite3.Connection, key: int, entities: Sequence[tuple[str, str]]) -> None:
    """Within a transaction; in place of what was known of the passage. A forgotten one is left out."""
    if connection.execute("UPDATE passages SET graphed = 1 WHERE key = ?", (key,)).rowcount == 0:
        return
    connection.execute("DELETE FROM mentions WHERE key = ?", (key,))
    connection.executemany(
        "INSERT OR IGNORE INTO mentions VALUES (?, ?, ?)",
        [(key, clean(name), clean(kind)) for name, kind in entities],
    )


def without_graph(connection: sqlite3.Connection, limit: int) -> list[Passage]:
    """The newest first."""
    rows = connection.execute(f"{PASSAGE} WHERE p.graphed = 0 ORDER BY p.key DESC LIMIT ?", (limit,))
    return [passage(row) for row in rows]


def mentions(connection: sqlite3.Connection) -> list[Mention]:
    """By passage."""
    return [
        Mention(*row) for row in connection.execute("SELECT name, kind, key FROM mentions ORDER BY key, name")
    ]


def note_use(connection: sqlite3.Connection, turn_id: str, passage_ids: Sequence[str], at: float) -> None:
    """Within a transaction. Ids that were forgotten meanwhile are left out."""
    for used in passage_ids:
        if (place := located(connection, used, None)) is not None:
            item, number = place
            connection.execute(
                "INSERT OR IGNORE INTO uses (turn_id, item, passage, at) VALUES (?, ?, ?, ?)",
                (turn_id, item, -1 if number is None else number, at),
            )


def why(connection: sqlite3.Connection, turn_id: str, owner: str) -> tuple[Citation, ...]:
    """In the order in which they were noted."""
    rows = connection.execute(
        """SELECT i.id, i.kind, i.passages, u.passage, coalesce(p.text, i.text), i.source, i.location,
            i.created_at FROM uses AS u JOIN items AS i ON i.number = u.item
            LEFT JOIN passages AS p ON p.item = u.item AND p.number = u.passage
            WHERE u.turn_id = ? AND i.owner = ? ORDER BY u.number""",
        (turn_id, owner),
    )
    cited = []
    for item_id, kind, count, number, quote, source, location, created_at in rows:
        shown = item_id if number < 0 else passage_id(item_id, MemoryKind(kind), number, count)
        cited.append(Citation(shown, source, quote, MemoryKind(kind), location, created_at))
    return tuple(cited)

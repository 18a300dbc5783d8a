"""Versions of questions and answers: a conversation is a tree of messages, of which one path is on show."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from jarvis_desktop.events import Message, Versions

MIGRATION = (
    "ALTER TABLE messages ADD COLUMN parent TEXT NOT NULL DEFAULT ''",  # what it follows; "": it is the first
    "ALTER TABLE messages ADD COLUMN shown INTEGER NOT NULL DEFAULT 1",  # of those with one parent, one is
    """UPDATE messages SET parent = coalesce(
        (SELECT id FROM messages AS before
            WHERE before.conversation_id = messages.conversation_id AND before.number < messages.number
            ORDER BY before.number DESC LIMIT 1), '')""",
)


@dataclass(frozen=True, slots=True)
class Node:
    """A message in its tree."""

    message: Message
    parent: str
    shown: bool


class Tree:
    """The messages of one conversation, given in order of writing."""

    def __init__(self, nodes: Sequence[Node]) -> None:
        known = {node.message.id for node in nodes}
        self._children: dict[str, list[Node]] = {}
        for node in nodes:  # what is left after a damaged file was put aside begins anew
            self._children.setdefault(node.parent if node.parent in known else "", []).append(node)

    def path(self) -> tuple[Message, ...]:
        """What is on show, oldest first."""
        return tuple(node.message for node, _ in self._shown())

    def versions(self) -> tuple[Versions, ...]:
        """Those of each message on show that has others in its place."""
        return tuple(
            Versions(
                node.message.turn_id,
                node.message.role,
                tuple(each.message.id for each in place),
                place.index(node),
            )
            for node, place in self._shown()
            if len(place) > 1
        )

    def _shown(self) -> Iterator[tuple[Node, list[Node]]]:
        """Each node of the path, and those in its place."""
        place = self._children.get("")
        while place:
            node = next((each for each in reversed(place) if each.shown), place[-1])
            yield node, place
            place = self._children.get(node.message.id)


def place(connection: sqlite3.Connection, message_id: str, conversation_id: str, parent: str) -> None:
    """Within a transaction: put a new message behind `parent`, as the version on show there."""
    connection.execute("UPDATE messages SET parent = ? WHERE id = ?", (parent, message_id))
    _show(connection, message_id, conversation_id, parent)


def show(connection: sqlite3.Connection, message_id: str, owner: str) -> None:
    """Within a transaction: have this version and what it follows on show; an unknown one changes nothing."""
    while found := connection.execute(
        """SELECT conversation_id, parent FROM messages WHERE id = ?
            AND conversation_id IN (SELECT id FROM conversations WHERE owner = ?)""",
        (message_id, owner),
    ).fetchone():
        _show(connection, message_id, *found)
        message_id = found[1]


def _show(connection: sqlite3.Connection, message_id: str, conversation_id: str, parent: str) -> None:
    connection.execute(
        "UPDATE messages SET shown = (id = ?) WHERE conversation_id = ? AND parent = ?",
        (message_id, conversation_id, parent),
    )

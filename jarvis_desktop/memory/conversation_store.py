"""Conversations and their messages in the tables of a database.

A conversation of another owner is as unknown as one that is not there.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from jarvis_desktop.errors import StorageError
from jarvis_desktop.events import FORGOTTEN, Attachment, Conversation, Message, Recalled, Role, Versions
from jarvis_desktop.memory import attachment_store, branches
from jarvis_desktop.memory.branches import Node, Tree
from jarvis_desktop.memory.conversation_files import Whole, bad_export
from jarvis_desktop.memory.database import Migrations, empty_log, transaction
from jarvis_desktop.memory.history_search import COLUMNS, message_of

TITLE_CHARACTERS = 60
"""What the sidebar can show of the first question."""

MIGRATIONS: Migrations = (
    (
        """CREATE TABLE conversations (
            id TEXT PRIMARY KEY,
            title TEXT NOT NULL DEFAULT '',
            updated_at REAL NOT NULL
        )""",
        """CREATE TABLE messages (
            number INTEGER PRIMARY KEY,  -- order of writing: the clock may jump
            id TEXT NOT NULL UNIQUE,
            conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
            turn_id TEXT NOT NULL,
            role TEXT NOT NULL CHECK (role IN ('user', 'assistant')),
            text TEXT NOT NULL,
            created_at REAL NOT NULL,
            interrupted INTEGER NOT NULL,
            error_code TEXT NOT NULL
        )""",
        "CREATE INDEX messages_by_conversation ON messages (conversation_id, number)",
        "CREATE INDEX conversations_by_time ON conversations (updated_at)",
    ),
    # The profile that keeps a conversation to itself; those of everybody have none.
    ("ALTER TABLE conversations ADD COLUMN owner TEXT NOT NULL DEFAULT ''",),
    # What is deleted is seen by nobody any more, and erased some seconds later.
    (
        "ALTER TABLE conversations ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE conversations ADD COLUMN deleted INTEGER NOT NULL DEFAULT 0",
    ),
    branches.MIGRATION,
    attachment_store.MIGRATION,
)

_PLACES = ", ".join("?" * len(COLUMNS.split(",")))


def title_of(question: str) -> str:
    """The question on one line, cut at a word to at most `TITLE_CHARACTERS`."""
    line = " ".join(question.split())
    if len(line) <= TITLE_CHARACTERS:
        return line
    cut = line[:TITLE_CHARACTERS]  # one place is for the ellipsis
    words, _, _ = cut.rpartition(" ")
    return (words or cut[:-1]) + "…"


def begin(connection: sqlite3.Connection, conversation: Conversation, owner: str) -> bool:
    """Have a conversation there; whether it is new."""
    made = connection.execute(
        """INSERT INTO conversations (id, title, updated_at, pinned, owner) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (id) DO NOTHING""",
        (conversation.id, conversation.title, conversation.updated_at, conversation.pinned, owner),
    )
    return made.rowcount > 0


def put(connection: sqlite3.Connection, message: Message, owner: str, after: str | None) -> None:
    """Store a message behind `after`, or where that is None behind the last one on show; see `branches`."""
    text = message.text.encode(errors="replace").decode()  # half an emoji is no text to SQLite
    message = replace(message, text=text)
    with transaction(connection):
        conversation = Conversation(message.conversation_id, "", message.created_at)
        begin(connection, conversation, owner)
        is_new = not connection.execute("SELECT 1 FROM messages WHERE id = ?", (message.id,)).fetchone()
        if is_new and after is None:
            path = Tree(_nodes(connection, message.conversation_id)).path()
            after = path[-1].id if path else ""
        connection.execute(
            f"""INSERT INTO messages ({COLUMNS}) VALUES ({_PLACES})
                ON CONFLICT (id) DO UPDATE SET
                    text = excluded.text, created_at = excluded.created_at,
                    interrupted = excluded.interrupted, error_code = excluded.error_code""",
            _row(message),
        )
        if is_new:
            branches.place(connection, message.id, message.conversation_id, after or "")
        connection.execute(
            "UPDATE conversations SET updated_at = ?, title = iif(title = '', ?, title) WHERE id = ?",
            (
                message.created_at,
                title_of(text) if message.role is Role.USER else "",
                message.conversation_id,
            ),
        )


def _row(message: Message) -> tuple[str | float | bool, ...]:
    """What is stored of a message, in the order of `COLUMNS`."""
    return (
        message.id,
        message.conversation_id,
        message.turn_id,
        message.role.value,
        message.text,
        message.created_at,
        message.interrupted,
        message.error_code,
    )


def unknown_conversation(conversation_id: str) -> StorageError:
    """The error of a conversation that is not there, or not to be seen."""
    return StorageError(
        "storage.unknown_conversation",
        "There is no conversation {conversation}.",
        "It may have been deleted, or stored in a file that was put aside as damaged.",
        conversation=conversation_id,
    )


def tree(connection: sqlite3.Connection, conversation_id: str, owner: str) -> Tree:
    """The messages of a conversation that an owner may see."""
    _check(connection, conversation_id, owner)
    return Tree(_nodes(connection, conversation_id))


def versions(connection: sqlite3.Connection, conversation_id: str, owner: str) -> tuple[Versions, ...]:
    """Those of the messages on show that have others in their place."""
    several = connection.execute(
        """SELECT 1 FROM messages WHERE conversation_id = ?
            GROUP BY parent HAVING count(*) > 1 LIMIT 1""",
        (conversation_id,),
    ).fetchone()  # else thousands of texts would be read to find that there are none
    return tree(connection, conversation_id, owner).versions() if several else ()


def _nodes(connection: sqlite3.Connection, conversation_id: str) -> list[Node]:
    rows = connection.execute(
        f"SELECT {COLUMNS}, parent, shown FROM messages WHERE conversation_id = ? ORDER BY number",
        (conversation_id,),
    )
    return [Node(message_of(tuple(row)), parent, bool(shown)) for *row, parent, shown in rows]


def all_messages(connection: sqlite3.Connection, owner: str) -> tuple[Message, ...]:
    """Those of all conversations of an owner, in order of writing."""
    rows = connection.execute(
        f"""SELECT {COLUMNS} FROM messages
            WHERE conversation_id IN (SELECT id FROM conversations WHERE owner = ?) ORDER BY number""",
        (owner,),
    )
    return tuple(map(message_of, rows))


def show_version(connection: sqlite3.Connection, message_id: str, owner: str) -> None:
    """See `branches.show`."""
    with transaction(connection):
        branches.show(connection, message_id, owner)


def has_turn(connection: sqlite3.Connection, turn_id: str, owner: str) -> bool:
    """Whether anything was said in this turn, in a conversation of an owner."""
    found = connection.execute(
        """SELECT 1 FROM messages JOIN conversations ON conversations.id = conversation_id
            WHERE turn_id = ? AND owner = ?""",
        (turn_id, owner),
    )
    return found.fetchone() is not None


def blank(connection: sqlite3.Connection, message_ids: Sequence[str], owner: str, file: Path) -> None:
    """Take what these messages said, and titles made of it, out of the bytes of the file."""
    chosen = """id IN (SELECT value FROM json_each(?))
        AND conversation_id IN (SELECT id FROM conversations WHERE owner = ?)"""
    which = json.dumps(list(message_ids)), owner
    with transaction(connection):
        rows = connection.execute(
            f"SELECT conversation_id, text FROM messages WHERE {chosen}", which
        ).fetchall()
        connection.execute(f"UPDATE messages SET text = ? WHERE {chosen}", (FORGOTTEN, *which))
        connection.executemany(
            "UPDATE conversations SET title = ? WHERE id = ? AND title = ?",
            [(FORGOTTEN, conversation, title_of(text)) for conversation, text in rows],
        )
    _scrub(connection, file)


def change(
    connection: sqlite3.Connection,
    column: str,
    value: str | bool,
    conversation_id: str,
    owner: str,
    *,
    was_deleted: bool = False,
) -> None:
    """Give a column of a conversation another value."""
    changed = connection.execute(
        f"UPDATE conversations SET {column} = ? WHERE id = ? AND owner = ? AND deleted = ?",
        (value, conversation_id, owner, was_deleted),
    )
    if not changed.rowcount:
        raise unknown_conversation(conversation_id)


def _check(connection: sqlite3.Connection, conversation_id: str, owner: str) -> None:
    """Raise where an owner may not see a conversation, or it is not there."""
    found = connection.execute(
        "SELECT 1 FROM conversations WHERE id = ? AND owner = ? AND NOT deleted", (conversation_id, owner)
    ).fetchone()
    if found is None:
        raise unknown_conversation(conversation_id)


def attach(connection: sqlite3.Connection, conversation_id: str, file: Attachment, owner: str) -> None:
    """Keep a file with its conversation, which is as new as it then."""
    _check(connection, conversation_id, owner)
    with transaction(connection):
        attachment_store.add(connection, conversation_id, file)
        connection.execute(
            "UPDATE conversations SET updated_at = ? WHERE id = ?", (file.added_at, conversation_id)
        )


def attachments(connection: sqlite3.Connection, conversation_id: str, owner: str) -> tuple[Attachment, ...]:
    """The files of a conversation that an owner may see."""
    _check(connection, conversation_id, owner)
    return attachment_store.of_conversation(connection, conversation_id)


def detach(connection: sqlite3.Connection, attachment_id: str, owner: str, file: Path) -> None:
    """Take a file out of its conversation, and out of the bytes of the database."""
    with transaction(connection):
        attachment_store.remove(connection, attachment_id, owner)
    _scrub(connection, file)


def note_use(connection: sqlite3.Connection, turn_id: str, used: Sequence[Recalled]) -> None:
    """An answer rests on these passages of files."""
    with transaction(connection):
        attachment_store.note_use(connection, turn_id, used)


def attachment_uses(
    connection: sqlite3.Connection, conversation_id: str, owner: str
) -> Mapping[str, Sequence[tuple[str, int]]]:
    """Files and passages that answers rest on, by turn."""
    _check(connection, conversation_id, owner)
    return attachment_store.uses(connection, conversation_id)


def deleted(connection: sqlite3.Connection) -> tuple[tuple[str, str], ...]:
    """Ids and owners of conversations that are deleted and not erased yet."""
    return tuple(connection.execute("SELECT id, owner FROM conversations WHERE deleted"))


def erase_deleted(connection: sqlite3.Connection, file: Path) -> None:
    """Take deleted conversations out of the bytes of the file."""
    gone = "(SELECT id FROM conversations WHERE deleted)"
    with transaction(connection):
        for table in ("messages", "attachments"):
            connection.execute(f"DELETE FROM {table} WHERE conversation_id IN {gone}")
        connection.execute("UPDATE conversations SET title = '' WHERE deleted")
    _scrub(connection, file)
    # Last: until then the mark tells, through a crash too, that something may be left in the file.
    connection.execute("DELETE FROM conversations WHERE deleted")


def _scrub(connection: sqlite3.Connection, file: Path) -> None:
    """Pages keep what was overwritten, also by the snapshots of a growing answer: the file is made anew."""
    connection.execute("PRAGMA secure_delete = ON")
    connection.execute("VACUUM")
    empty_log(connection, file)


def add(connection: sqlite3.Connection, conversations: Sequence[Whole], file: Path, owner: str) -> int:
    """Store conversations that were read from `file`, all or none; returns how many are new."""
    new = 0
    with transaction(connection):
        for place, whole in enumerate(conversations, start=1):
            if not begin(connection, whole.conversation, owner):
                continue
            new += 1
            try:
                before = ""
                for message in whole.messages:
                    connection.execute(f"INSERT INTO messages ({COLUMNS}) VALUES ({_PLACES})", _row(message))
                    branches.place(connection, message.id, message.conversation_id, before)
                    before = message.id
                for attachment in whole.attachments:
                    attachment_store.add(connection, whole.conversation.id, attachment)
            except sqlite3.IntegrityError as error:
                raise bad_export(file, place) from error
    return new

"""Conversations in a SQLite file."""

from __future__ import annotations

import asyncio
import json
import logging
import sqlite3
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from jarvis_desktop.errors import StorageError
from jarvis_desktop.events import (
    FORGOTTEN,
    Attachment,
    Conversation,
    ConversationMatch,
    Message,
    Recalled,
    Role,
    Versions,
)
from jarvis_desktop.memory import attachment_store, branches, history_search
from jarvis_desktop.memory.branches import Node, Tree
from jarvis_desktop.memory.conversation_files import Whole, bad_export
from jarvis_desktop.memory.database import (
    Migrations,
    empty_log,
    open_database,
    put_aside,
    transaction,
    translated,
)
from jarvis_desktop.memory.history_search import COLUMNS, message_of

_LOG = logging.getLogger(__name__)

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

_Result = TypeVar("_Result")


class SqliteHistory:
    """Conversations on disk, each of one owner: a profile, or "" for those that all share.

    One thread of its own does all the work, so the event loop never waits. The file is opened by the first
    call; a call that fails leaves everything as it was, and the next one tries again. All methods raise
    `StorageError`.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="history")
        self._connection: sqlite3.Connection | None = None
        self._recovered: Path | None = None
        self._closed = False

    @property
    def recovered(self) -> Path | None:
        """Where the stored conversations were put because they were damaged; None when they were sound."""
        return self._recovered

    async def open(self) -> Path | None:
        """Open the file now instead of at the first call; returns `recovered`."""
        await self._run(lambda connection: None)
        return self._recovered

    async def close(self) -> None:
        """Finish what was asked for and close the file. Safe to call twice; then nothing more is stored."""
        if self._closed:
            return
        self._closed = True
        await asyncio.get_running_loop().run_in_executor(self._executor, self._disconnect)
        self._executor.shutdown()

    async def new_conversation(self, owner: str = "") -> Conversation:
        conversation = Conversation(uuid.uuid4().hex, "", time.time())
        await self._run(lambda connection: _ensure_conversation(connection, conversation, owner))
        return conversation

    async def conversations(self, owner: str = "") -> tuple[Conversation, ...]:
        """Newest first, those of one owner."""
        return await self._run(lambda connection: history_search.conversations(connection, owner))

    async def messages(self, conversation_id: str, owner: str = "") -> tuple[Message, ...]:
        """What is on show, oldest first.

        A conversation of another owner is as unknown as one that is not there.
        """
        return (await self._run(lambda connection: _tree(connection, conversation_id, owner))).path()

    async def versions(self, conversation_id: str, owner: str = "") -> tuple[Versions, ...]:
        """Those of the messages on show that have others in their place."""
        return await self._run(lambda connection: _versions(connection, conversation_id, owner))

    async def all_messages(self, owner: str = "") -> tuple[Message, ...]:
        """Those of all conversations of an owner, on show or not, in order of writing."""
        return await self._run(lambda connection: _all_messages(connection, owner))

    async def show_version(self, message_id: str, owner: str = "") -> None:
        """Have this version of a message on show, with what it follows and what follows it."""
        await self._run(lambda connection: _show_version(connection, message_id, owner))

    async def append(self, message: Message, owner: str = "", after: str | None = None) -> None:
        """Store a message. Its conversation takes its title from the first question.

        It stands behind the message `after` ("": it is the first), by default behind the last one on show,
        and is itself on show, instead of those that stood there. `owner` gets the conversation where it is
        not there any more.
        """
        await self._run(lambda connection: _store(connection, message, owner, after))

    async def replace(self, message: Message, owner: str = "") -> None:
        # The same as `append`: after a damaged file was put aside, the earlier version may be gone with it.
        await self.append(message, owner)

    async def search(self, words: str, limit: int, owner: str = "") -> tuple[Message, ...]:
        """Messages of one owner that hold each of the words, newest first, at most `limit`.

        Case and accents do not count. A question without an answer yet is left out: it is being asked.
        """
        return await self._run(
            lambda connection: history_search.messages_with(connection, words, limit, owner)
        )

    async def find(self, words: str, limit: int, owner: str = "") -> tuple[ConversationMatch, ...]:
        """Conversations of one owner that hold each of the words, newest first, at most `limit`."""
        return await self._run(
            lambda connection: history_search.conversations_with(connection, words, limit, owner)
        )

    async def rename(self, conversation_id: str, title: str, owner: str = "") -> None:
        """Give a conversation another title, of one line and at most `TITLE_CHARACTERS`."""
        await self._run(
            lambda connection: _change(connection, "title", title_of(title), conversation_id, owner)
        )

    async def pin(self, conversation_id: str, pinned: bool, owner: str = "") -> None:
        await self._run(lambda connection: _change(connection, "pinned", pinned, conversation_id, owner))

    async def delete(self, conversation_id: str, owner: str = "") -> None:
        """From now on nobody sees a conversation; `restore` brings it back until it is erased."""
        await self._run(lambda connection: _change(connection, "deleted", True, conversation_id, owner))

    async def restore(self, conversation_id: str, owner: str = "") -> None:
        await self._run(
            lambda connection: _change(connection, "deleted", False, conversation_id, owner, was_deleted=True)
        )

    async def deleted(self) -> tuple[tuple[str, str], ...]:
        """Ids and owners of the conversations that are deleted and not erased yet."""
        return await self._run(_deleted)

    async def erase_deleted(self) -> None:
        """Take deleted conversations out of the bytes of the file and of its log, for good."""
        await self._run(lambda connection: _erase_deleted(connection, self._file))

    async def add(self, conversations: Sequence[Whole], file: Path, owner: str = "") -> int:
        """Store conversations that were read from `file`, for one owner; returns how many are new.

        Those that are there, of whoever, stay as they are. Raises ``conversations.bad_export`` where a
        message is in another conversation already; then nothing is stored.
        """
        return await self._run(lambda connection: _add(connection, conversations, file, owner))

    async def attach(self, conversation_id: str, attachment: Attachment, owner: str = "") -> None:
        """Keep a file with its conversation; one of another owner is as unknown as one that is not there."""
        await self._run(lambda connection: _attach(connection, conversation_id, attachment, owner))

    async def attachments(self, conversation_id: str, owner: str = "") -> tuple[Attachment, ...]:
        """The files of a conversation, in the order in which they came."""
        return await self._run(lambda connection: _attachments(connection, conversation_id, owner))

    async def detach(self, attachment_id: str, owner: str = "") -> None:
        """Take a file out of its conversation, and out of the bytes of the database."""
        await self._run(lambda connection: _detach(connection, attachment_id, owner, self._file))

    async def note_attachment_use(self, turn_id: str, used: Sequence[Recalled]) -> None:
        """An answer rests on these passages of files."""
        await self._run(lambda connection: _note_use(connection, turn_id, used))

    async def attachment_uses(
        self, conversation_id: str, owner: str = ""
    ) -> Mapping[str, Sequence[tuple[str, int]]]:
        """Files and the numbers of their passages that the answers of a conversation rest on, by turn."""
        return await self._run(lambda connection: _attachment_uses(connection, conversation_id, owner))

    async def has_turn(self, turn_id: str, owner: str = "") -> bool:
        """Whether anything was said in this turn, in a conversation of one owner."""
        return await self._run(lambda connection: _has_turn(connection, turn_id, owner))

    async def blank(self, message_ids: Sequence[str], owner: str = "") -> None:
        """Put `FORGOTTEN` in the place of these messages of an owner, and of titles made of them.

        Afterwards the file, its log included, holds nothing of what they said.
        """
        if message_ids:
            await self._run(lambda connection: _blank(connection, message_ids, owner, self._file))

    async def _run(self, work: Callable[[sqlite3.Connection], _Result]) -> _Result:
        if self._closed:
            raise StorageError("storage.closed", "The conversations are closed: Jarvis is shutting down.")
        return await asyncio.get_running_loop().run_in_executor(self._executor, self._work, work)

    def _work(self, work: Callable[[sqlite3.Connection], _Result]) -> _Result:
        """In the executor: one piece of work on the open file."""
        connection = self._connect()
        try:
            with translated(self._file):
                return work(connection)
        except StorageError as error:
            if error.code == "storage.corrupt":
                self._disconnect()
                with translated(self._file):
                    self._report(put_aside(self._file))
            raise

    def _connect(self) -> sqlite3.Connection:
        if self._connection is None:
            opened = open_database(self._file, MIGRATIONS)
            self._connection = opened.connection
            if opened.recovered is not None:
                self._report(opened.recovered)
        return self._connection

    def _report(self, aside: Path) -> None:
        self._recovered = aside
        _LOG.warning("the stored conversations were damaged and put aside as %s", aside.name)

    def _disconnect(self) -> None:
        if self._connection is not None:
            with translated(self._file):
                self._connection.close()
            self._connection = None


def title_of(question: str) -> str:
    """The question on one line, cut at a word to at most `TITLE_CHARACTERS`."""
    line = " ".join(question.split())
    if len(line) <= TITLE_CHARACTERS:
        return line
    cut = line[:TITLE_CHARACTERS]  # one place is for the ellipsis
    words, _, _ = cut.rpartition(" ")
    return (words or cut[:-1]) + "…"


def _ensure_conversation(connection: sqlite3.Connection, conversation: Conversation, owner: str) -> bool:
    """Whether it was not there yet."""
    made = connection.execute(
        """INSERT INTO conversations (id, title, updated_at, pinned, owner) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (id) DO NOTHING""",
        (conversation.id, conversation.title, conversation.updated_at, conversation.pinned, owner),
    )
    return made.rowcount > 0


def _store(connection: sqlite3.Connection, message: Message, owner: str, after: str | None) -> None:
    text = message.text.encode(errors="replace").decode()  # half an emoji is no text to SQLite
    message = replace(message, text=text)
    with transaction(connection):
        conversation = Conversation(message.conversation_id, "", message.created_at)
        _ensure_conversation(connection, conversation, owner)
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


def _tree(connection: sqlite3.Connection, conversation_id: str, owner: str) -> Tree:
    _check(connection, conversation_id, owner)
    return Tree(_nodes(connection, conversation_id))


def _versions(connection: sqlite3.Connection, conversation_id: str, owner: str) -> tuple[Versions, ...]:
    several = connection.execute(
        """SELECT 1 FROM messages WHERE conversation_id = ?
            GROUP BY parent HAVING count(*) > 1 LIMIT 1""",
        (conversation_id,),
    ).fetchone()  # else thousands of texts would be read to find that there are none
    return _tree(connection, conversation_id, owner).versions() if several else ()


def _nodes(connection: sqlite3.Connection, conversation_id: str) -> list[Node]:
    rows = connection.execute(
        f"SELECT {COLUMNS}, parent, shown FROM messages WHERE conversation_id = ? ORDER BY number",
        (conversation_id,),
    )
    return [Node(message_of(tuple(row)), parent, bool(shown)) for *row, parent, shown in rows]


def _all_messages(connection: sqlite3.Connection, owner: str) -> tuple[Message, ...]:
    rows = connection.execute(
        f"""SELECT {COLUMNS} FROM messages
            WHERE conversation_id IN (SELECT id FROM conversations WHERE owner = ?) ORDER BY number""",
        (owner,),
    )
    return tuple(map(message_of, rows))


def _show_version(connection: sqlite3.Connection, message_id: str, owner: str) -> None:
    with transaction(connection):
        branches.show(connection, message_id, owner)


def _has_turn(connection: sqlite3.Connection, turn_id: str, owner: str) -> bool:
    found = connection.execute(
        """SELECT 1 FROM messages JOIN conversations ON conversations.id = conversation_id
            WHERE turn_id = ? AND owner = ?""",
        (turn_id, owner),
    )
    return found.fetchone() is not None


def _blank(connection: sqlite3.Connection, message_ids: Sequence[str], owner: str, file: Path) -> None:
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


def _change(
    connection: sqlite3.Connection,
    column: str,
    value: str | bool,
    conversation_id: str,
    owner: str,
    *,
    was_deleted: bool = False,
) -> None:
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


def _attach(connection: sqlite3.Connection, conversation_id: str, file: Attachment, owner: str) -> None:
    _check(connection, conversation_id, owner)
    with transaction(connection):
        attachment_store.add(connection, conversation_id, file)
        connection.execute(
            "UPDATE conversations SET updated_at = ? WHERE id = ?", (file.added_at, conversation_id)
        )


def _attachments(connection: sqlite3.Connection, conversation_id: str, owner: str) -> tuple[Attachment, ...]:
    _check(connection, conversation_id, owner)
    return attachment_store.of_conversation(connection, conversation_id)


def _detach(connection: sqlite3.Connection, attachment_id: str, owner: str, file: Path) -> None:
    with transaction(connection):
        attachment_store.remove(connection, attachment_id, owner)
    _scrub(connection, file)


def _note_use(connection: sqlite3.Connection, turn_id: str, used: Sequence[Recalled]) -> None:
    with transaction(connection):
        attachment_store.note_use(connection, turn_id, used)


def _attachment_uses(
    connection: sqlite3.Connection, conversation_id: str, owner: str
) -> Mapping[str, Sequence[tuple[str, int]]]:
    _check(connection, conversation_id, owner)
    return attachment_store.uses(connection, conversation_id)


def _deleted(connection: sqlite3.Connection) -> tuple[tuple[str, str], ...]:
    return tuple(connection.execute("SELECT id, owner FROM conversations WHERE deleted"))


def _erase_deleted(connection: sqlite3.Connection, file: Path) -> None:
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


def _add(connection: sqlite3.Connection, conversations: Sequence[Whole], file: Path, owner: str) -> int:
    new = 0
    with transaction(connection):
        for place, whole in enumerate(conversations, start=1):
            if not _ensure_conversation(connection, whole.conversation, owner):
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

"""Conversations in a SQLite file."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from jarvis_desktop.errors import StorageError
from jarvis_desktop.events import (
    Attachment,
    Conversation,
    ConversationMatch,
    Message,
    Recalled,
    Versions,
)
from jarvis_desktop.memory import conversation_store, history_search
from jarvis_desktop.memory.conversation_files import Whole
from jarvis_desktop.memory.database import open_database, put_aside, translated

_LOG = logging.getLogger(__name__)

_Arguments = ParamSpec("_Arguments")
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
        await self._run(conversation_store.begin, conversation, owner)
        return conversation

    async def conversations(self, owner: str = "") -> tuple[Conversation, ...]:
        """Newest first, those of one owner."""
        return await self._run(history_search.conversations, owner)

    async def messages(self, conversation_id: str, owner: str = "") -> tuple[Message, ...]:
        """What is on show, oldest first.

        A conversation of another owner is as unknown as one that is not there.
        """
        return (await self._run(conversation_store.tree, conversation_id, owner)).path()

    async def versions(self, conversation_id: str, owner: str = "") -> tuple[Versions, ...]:
        """Those of the messages on show that have others in their place."""
        return await self._run(conversation_store.versions, conversation_id, owner)

    async def all_messages(self, owner: str = "") -> tuple[Message, ...]:
        """Those of all conversations of an owner, on show or not, in order of writing."""
        return await self._run(conversation_store.all_messages, owner)

    async def show_version(self, message_id: str, owner: str = "") -> None:
        """Have this version of a message on show, with what it follows and what follows it."""
        await self._run(conversation_store.show_version, message_id, owner)

    async def append(self, message: Message, owner: str = "", after: str | None = None) -> None:
        """Store a message. Its conversation takes its title from the first question.

        It stands behind the message `after` ("": it is the first), by default behind the last one on show,
        and is itself on show, instead of those that stood there. `owner` gets the conversation where it is
        not there any more.
        """
        await self._run(conversation_store.put, message, owner, after)

    async def replace(self, message: Message, owner: str = "") -> None:
        # The same as `append`: after a damaged file was put aside, the earlier version may be gone with it.
        await self.append(message, owner)

    async def search(self, words: str, limit: int, owner: str = "") -> tuple[Message, ...]:
        """Messages of one owner that hold each of the words, newest first, at most `limit`.

        Case and accents do not count. A question without an answer yet is left out: it is being asked.
        """
        return await self._run(history_search.messages_with, words, limit, owner)

    async def find(self, words: str, limit: int, owner: str = "") -> tuple[ConversationMatch, ...]:
        """Conversations of one owner that hold each of the words, newest first, at most `limit`."""
        return await self._run(history_search.conversations_with, words, limit, owner)

    async def rename(self, conversation_id: str, title: str, owner: str = "") -> None:
        """Give a conversation another title, see `conversation_store.title_of`."""
        title = conversation_store.title_of(title)
        await self._run(conversation_store.change, "title", title, conversation_id, owner)

    async def pin(self, conversation_id: str, pinned: bool, owner: str = "") -> None:
        await self._run(conversation_store.change, "pinned", pinned, conversation_id, owner)

    async def delete(self, conversation_id: str, owner: str = "") -> None:
        """From now on nobody sees a conversation; `restore` brings it back until it is erased."""
        await self._run(conversation_store.change, "deleted", True, conversation_id, owner)

    async def restore(self, conversation_id: str, owner: str = "") -> None:
        await self._run(conversation_store.change, "deleted", False, conversation_id, owner, was_deleted=True)

    async def deleted(self) -> tuple[tuple[str, str], ...]:
        """Ids and owners of the conversations that are deleted and not erased yet."""
        return await self._run(conversation_store.deleted)

    async def erase_deleted(self) -> None:
        """Take deleted conversations out of the bytes of the file and of its log, for good."""
        await self._run(conversation_store.erase_deleted, self._file)

    async def add(self, conversations: Sequence[Whole], file: Path, owner: str = "") -> int:
        """Store conversations that were read from `file`, for one owner; returns how many are new.

        Those that are there, of whoever, stay as they are. Raises ``conversations.bad_export`` where a
        message is in another conversation already; then nothing is stored.
        """
        return await self._run(conversation_store.add, conversations, file, owner)

    async def attach(self, conversation_id: str, attachment: Attachment, owner: str = "") -> None:
        """Keep a file with its conversation; one of another owner is as unknown as one that is not there."""
        await self._run(conversation_store.attach, conversation_id, attachment, owner)

    async def attachments(self, conversation_id: str, owner: str = "") -> tuple[Attachment, ...]:
        """The files of a conversation, in the order in which they came."""
        return await self._run(conversation_store.attachments, conversation_id, owner)

    async def detach(self, attachment_id: str, owner: str = "") -> None:
        """Take a file out of its conversation, and out of the bytes of the database."""
        await self._run(conversation_store.detach, attachment_id, owner, self._file)

    async def note_attachment_use(self, turn_id: str, used: Sequence[Recalled]) -> None:
        """An answer rests on these passages of files."""
        await self._run(conversation_store.note_use, turn_id, used)

    async def attachment_uses(
        self, conversation_id: str, owner: str = ""
    ) -> Mapping[str, Sequence[tuple[str, int]]]:
        """Files and the numbers of their passages that the answers of a conversation rest on, by turn."""
        return await self._run(conversation_store.attachment_uses, conversation_id, owner)

    async def has_turn(self, turn_id: str, owner: str = "") -> bool:
        """Whether anything was said in this turn, in a conversation of one owner."""
        return await self._run(conversation_store.has_turn, turn_id, owner)

    async def blank(self, message_ids: Sequence[str], owner: str = "") -> None:
        """Put `FORGOTTEN` in the place of these messages of an owner, and of titles made of them.

        Afterwards the file, its log included, holds nothing of what they said.
        """
        if message_ids:
            await self._run(conversation_store.blank, message_ids, owner, self._file)

    async def _run(
        self,
        work: Callable[Concatenate[sqlite3.Connection, _Arguments], _Result],
        *args: _Arguments.args,
        **named: _Arguments.kwargs,
    ) -> _Result:
        """Have `work` done on the open file, with these arguments."""
        if self._closed:
            raise StorageError("storage.closed", "The conversations are closed: Jarvis is shutting down.")
        return await asyncio.get_running_loop().run_in_executor(
            self._executor, self._work, lambda connection: work(connection, *args, **named)
        )

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
            opened = open_database(self._file, conversation_store.MIGRATIONS)
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

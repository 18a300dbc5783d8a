"""The conversations that the profile in use may see; those of a private one never reach the disk."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable

from jarvis_desktop.config.profiles import MemoryScope
from jarvis_desktop.events import Conversation, Message
from jarvis_desktop.memory.history import SqliteHistory

_PRIVATE = "private-"
"""Begins the id of a conversation that must not be stored, whatever profile is in use by then."""


class ScopedHistory:
    """`ports.History` as `scope` has it: lists and begins conversations of the profile in use only.

    Of those that are not stored the last one is kept in memory, so that it can be continued.
    """

    def __init__(self, stored: SqliteHistory, scope: Callable[[], MemoryScope]) -> None:
        self._stored = stored
        self._scope = scope
        self._private_id = ""
        self._private: dict[str, Message] = {}  # by id, in order

    async def new_conversation(self) -> Conversation:
        scope = self._scope()
        self._private_id, self._private = "", {}
        if scope.stored:
            return await self._stored.new_conversation(scope.owner)
        self._private_id = f"{_PRIVATE}{uuid.uuid4().hex}"
        return Conversation(self._private_id, "", time.time())

    async def conversations(self) -> tuple[Conversation, ...]:
        scope = self._scope()
        return await self._stored.conversations(scope.owner) if scope.stored else ()

    async def search(self, words: str, limit: int) -> tuple[Message, ...]:
        scope = self._scope()
        return await self._stored.search(words, limit, scope.owner) if scope.stored else ()

    async def messages(self, conversation_id: str) -> tuple[Message, ...]:
        if conversation_id.startswith(_PRIVATE):
            return tuple(self._private.values()) if conversation_id == self._private_id else ()
        return await self._stored.messages(conversation_id)

    async def append(self, message: Message) -> None:
        if not message.conversation_id.startswith(_PRIVATE):
            await self._stored.append(message, self._scope().owner)
        elif message.conversation_id == self._private_id:
            self._private[message.id] = message

    async def replace(self, message: Message) -> None:
        await self.append(message)

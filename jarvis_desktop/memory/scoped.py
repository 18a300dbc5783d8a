"""The conversations that the profile in use may see; those of a private one never reach the disk."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import replace

from jarvis_desktop.config.profiles import MemoryScope
from jarvis_desktop.events import FORGOTTEN, Conversation, Message, Versions
from jarvis_desktop.memory.branches import Node, Tree
from jarvis_desktop.memory.history import SqliteHistory, unknown_conversation

_PRIVATE = "private-"
"""Begins the id of a conversation that must not be stored, whatever profile is in use by then."""

_BOUND: ContextVar[MemoryScope | None] = ContextVar("scope of the answer under way", default=None)


class ScopedHistory:
    """`ports.Memory`: lists, shows, begins and searches conversations of the profile in use only.

    Of those that are not stored the last one is kept in memory, so that it can be continued.
    """

    def __init__(self, stored: SqliteHistory, scope: MemoryScope) -> None:
        self._stored = stored
        self._scope = scope
        self._private_id = ""
        self._private: dict[str, Node] = {}  # by the message's id, in order

    @property
    def scope(self) -> MemoryScope:
        return _BOUND.get() or self._scope

    def use(self, scope: MemoryScope) -> None:
        self._scope = scope

    def bound(self) -> AbstractContextManager[None]:
        return _bound(self._scope)

    async def new_conversation(self) -> Conversation:
        scope = self.scope
        self._private_id, self._private = "", {}
        if scope.stored:
            return await self._stored.new_conversation(scope.owner)
        self._private_id = f"{_PRIVATE}{uuid.uuid4().hex}"
        return Conversation(self._private_id, "", time.time())

    async def conversations(self) -> tuple[Conversation, ...]:
        scope = self.scope
        found = await self._stored.conversations(scope.owner) if scope.stored else ()
        # Those of a profile that was left meanwhile are not for the one in use now.
        return found if self.scope == scope else await self.conversations()

    async def search(self, words: str, limit: int) -> tuple[Message, ...]:
        scope = self.scope
        return await self._stored.search(words, limit, scope.owner) if scope.stored else ()

    async def blank(self, message_ids: Sequence[str]) -> None:
        wanted = frozenset(message_ids)
        self._private = {
            key: replace(node, message=replace(node.message, text=FORGOTTEN)) if key in wanted else node
            for key, node in self._private.items()
        }
        if self.scope.stored:
            await self._stored.blank(message_ids, self.scope.owner)

    async def messages(self, conversation_id: str) -> tuple[Message, ...]:
        if self._is_private(conversation_id):
            return self._tree(conversation_id).path()
        return await self._stored.messages(conversation_id, self.scope.owner)

    async def versions(self, conversation_id: str) -> tuple[Versions, ...]:
        if self._is_private(conversation_id):
            return self._tree(conversation_id).versions()
        return await self._stored.versions(conversation_id, self.scope.owner)

    async def all_messages(self) -> tuple[Message, ...]:
        scope = self.scope
        if scope.stored:
            return await self._stored.all_messages(scope.owner)
        return tuple(node.message for node in self._private.values())

    async def show_version(self, message_id: str) -> None:
        if message_id in self._private:
            self._show(self._private[message_id])
        elif self.scope.stored:
            await self._stored.show_version(message_id, self.scope.owner)

    async def append(self, message: Message, after: str | None = None) -> None:
        if not message.conversation_id.startswith(_PRIVATE):
            await self._stored.append(message, self.scope.owner, after)
        elif message.conversation_id == self._private_id:
            if (known := self._private.get(message.id)) is not None:
                self._private[message.id] = replace(known, message=message)
                return
            path = self._tree(message.conversation_id).path()
            last = path[-1].id if path else ""
            self._show(Node(message, last if after is None else after, shown=True))

    async def replace(self, message: Message) -> None:
        await self.append(message)

    def _is_private(self, conversation_id: str) -> bool:
        """Raises for a conversation that the profile in use may not see."""
        private = conversation_id.startswith(_PRIVATE)
        if private == self.scope.stored:
            raise unknown_conversation(conversation_id)
        return private

    def _tree(self, conversation_id: str) -> Tree:
        return Tree(tuple(self._private.values()) if conversation_id == self._private_id else ())

    def _show(self, shown: Node) -> None:
        self._private[shown.message.id] = shown
        for key, node in self._private.items():
            if node.parent == shown.parent:
                self._private[key] = replace(node, shown=key == shown.message.id)


@contextmanager
def _bound(scope: MemoryScope) -> Iterator[None]:
    token = _BOUND.set(scope)
    try:
        yield
    finally:
        _BOUND.reset(token)

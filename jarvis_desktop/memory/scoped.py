"""The conversations that the profile in use may see; private ones never reach the disk."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import replace
from pathlib import Path

from jarvis_desktop.config.profiles import MemoryScope
from jarvis_desktop.errors import StorageError
from jarvis_desktop.events import (
    FORGOTTEN,
    Attachment,
    Conversation,
    ConversationMatch,
    Message,
    Recalled,
    Versions,
)
from jarvis_desktop.memory.attachment_store import number_of
from jarvis_desktop.memory.branches import Node, Tree
from jarvis_desktop.memory.conversation_files import Cited, Whole, bad_export, read, write
from jarvis_desktop.memory.conversation_store import unknown_conversation
from jarvis_desktop.memory.history import SqliteHistory

_PRIVATE = "private-"
"""Begins the id of a conversation that must not be stored, whatever profile is in use by then."""

_BOUND: ContextVar[MemoryScope | None] = ContextVar("scope of the answer under way", default=None)


class ScopedHistory:
    """`ports.Memory`: lists, shows, begins and searches conversations of the profile in use only.

    Of those that are not stored, because of the profile or because they are private, the last one is kept in
    memory, so that it can be continued until it is left. What the disk refuses is kept in memory too, and
    stored before what is said next, once there is room.
    """

    def __init__(self, stored: SqliteHistory, scope: MemoryScope) -> None:
        self._stored = stored
        self._scope = scope
        self._private_id = ""
        self._private_begun = scope  # in force when it was begun
        self._private: dict[str, Node] = {}  # by the message's id, in order
        self._private_files: dict[str, Attachment] = {}
        self._private_uses: dict[str, list[tuple[str, int]]] = {}  # by turn
        self._refused: dict[str, tuple[Message, str, str | None]] = {}  # by id: owner, what it follows

    @property
    def scope(self) -> MemoryScope:
        return _BOUND.get() or self._scope

    def use(self, scope: MemoryScope) -> None:
        self._scope = scope

    def bound(self, conversation_id: str = "") -> AbstractContextManager[None]:
        private = conversation_id.startswith(_PRIVATE)
        return _bound(MemoryScope(stored=False) if private else self._scope)

    async def new_conversation(self, *, private: bool = False) -> Conversation:
        scope = self.scope
        self._drop_private()
        if scope.stored and not private:
            return await self._stored.new_conversation(scope.owner)
        self._private_id, self._private_begun = f"{_PRIVATE}{uuid.uuid4().hex}", self._scope
        return Conversation(self._private_id, "", time.time())

    def is_private(self, conversation_id: str) -> bool:
        return conversation_id.startswith(_PRIVATE)

    def leave(self, conversation_id: str) -> None:
        if conversation_id and conversation_id == self._private_id:
            self._drop_private()

    async def conversations(self) -> tuple[Conversation, ...]:
        scope = self.scope
        found = await self._stored.conversations(scope.owner) if scope.stored else ()
        # Those of a profile that was left meanwhile are not for the one in use now.
        return found if self.scope == scope else await self.conversations()

    async def search(self, words: str, limit: int) -> tuple[Message, ...]:
        scope = self.scope
        return await self._stored.search(words, limit, scope.owner) if scope.stored else ()

    async def find(self, words: str, limit: int) -> tuple[ConversationMatch, ...]:
        scope = self.scope
        found = await self._stored.find(words, limit, scope.owner) if scope.stored else ()
        return found if self.scope == scope else ()

    async def rename(self, conversation_id: str, title: str) -> None:
        await self._stored.rename(conversation_id, title, self._owner_of(conversation_id))

    async def pin(self, conversation_id: str, pinned: bool) -> None:
        await self._stored.pin(conversation_id, pinned, self._owner_of(conversation_id))

    async def delete(self, conversation_id: str) -> None:
        self._forget_refused(lambda message: message.conversation_id == conversation_id)
        await self._stored.delete(conversation_id, self._owner_of(conversation_id))

    async def restore(self, conversation_id: str) -> None:
        await self._stored.restore(conversation_id, self._owner_of(conversation_id))

    async def deleted(self) -> tuple[tuple[str, str], ...]:
        return await self._stored.deleted()

    async def erase_deleted(self) -> None:
        await self._stored.erase_deleted()

    async def export(self, file: Path, conversation_ids: Sequence[str], cited: Cited) -> int:
        with self.bound():
            chosen = [
                Whole(each, await self.messages(each.id), await self.attachments(each.id))
                for each in await self.conversations()
                if not conversation_ids or each.id in conversation_ids
            ]
        await asyncio.to_thread(write, file, chosen, cited)
        return len(chosen)

    async def import_file(self, file: Path) -> tuple[int, int]:
        scope = self.scope
        if not scope.stored:
            raise StorageError(
                "conversations.private",
                "Nothing is kept in this profile, and so nothing can be imported.",
                "Choose another profile, and import again.",
            )
        found = await asyncio.to_thread(read, file)
        for place, whole in enumerate(found, start=1):
            if self.is_private(whole.conversation.id):  # it would never be shown
                raise bad_export(file, place)
        new = await self._stored.add(found, file, scope.owner)
        return new, len(found) - new

    async def blank(self, message_ids: Sequence[str]) -> None:
        wanted = frozenset(message_ids)
        self._private = {
            key: replace(node, message=replace(node.message, text=FORGOTTEN)) if key in wanted else node
            for key, node in self._private.items()
        }
        self._forget_refused(lambda message: message.id in wanted)
        if self.scope.stored:
            await self._stored.blank(message_ids, self.scope.owner)

    async def messages(self, conversation_id: str) -> tuple[Message, ...]:
        if self.is_private(conversation_id):
            return self._private_tree(conversation_id).path()
        stored = await self._stored.messages(conversation_id, self._owner_of(conversation_id))
        known = {message.id for message in stored}
        refused = [each for each, *_ in self._refused.values() if each.conversation_id == conversation_id]
        return (*stored, *(each for each in refused if each.id not in known))

    async def versions(self, conversation_id: str) -> tuple[Versions, ...]:
        if self.is_private(conversation_id):
            return self._private_tree(conversation_id).versions()
        return await self._stored.versions(conversation_id, self._owner_of(conversation_id))

    async def all_messages(self) -> tuple[Message, ...]:
        scope = self.scope
        stored = await self._stored.all_messages(scope.owner) if scope.stored else ()
        return (*stored, *(node.message for node in self._private.values()))

    async def show_version(self, message_id: str) -> None:
        if message_id in self._private:
            self._show(self._private[message_id])
        elif self.scope.stored:
            await self._stored.show_version(message_id, self.scope.owner)

    async def append(self, message: Message, after: str | None = None) -> None:
        if not self.is_private(message.conversation_id):
            self._refused[message.id] = message, self.scope.owner, after
            for key, (each, owner, follows) in tuple(self._refused.items()):
                await self._stored.append(each, owner, follows)
                self._refused.pop(key, None)
        elif (known := self._private.get(message.id)) is not None:
            self._private[message.id] = replace(known, message=message)
        elif message.conversation_id == self._private_id:
            path = Tree(tuple(self._private.values())).path()
            last = path[-1].id if path else ""
            self._show(Node(message, last if after is None else after, shown=True))

    async def replace(self, message: Message) -> None:
        await self.append(message)

    async def attach(self, conversation_id: str, attachment: Attachment) -> None:
        if not self.is_private(conversation_id):
            await self._stored.attach(conversation_id, attachment, self._owner_of(conversation_id))
        elif conversation_id == self._private_id:
            self._private_files[attachment.id] = attachment

    async def attachments(self, conversation_id: str) -> tuple[Attachment, ...]:
        if self.is_private(conversation_id):
            self._private_tree(conversation_id)
            return tuple(self._private_files.values()) if conversation_id == self._private_id else ()
        return await self._stored.attachments(conversation_id, self._owner_of(conversation_id))

    async def detach(self, attachment_id: str) -> None:
        if attachment_id in self._private_files:
            del self._private_files[attachment_id]
        elif self.scope.stored:
            await self._stored.detach(attachment_id, self.scope.owner)

    async def note_attachment_use(self, turn_id: str, used: Sequence[Recalled]) -> None:
        if any(each.item in self._private_files for each in used):
            self._private_uses[turn_id] = [(each.item, number_of(each)) for each in used]
        else:
            await self._stored.note_attachment_use(turn_id, used)

    async def attachment_uses(self, conversation_id: str) -> Mapping[str, Sequence[tuple[str, int]]]:
        if self.is_private(conversation_id):
            return self._private_uses if conversation_id == self._private_id else {}
        return await self._stored.attachment_uses(conversation_id, self._owner_of(conversation_id))

    def _forget_refused(self, gone: Callable[[Message], bool]) -> None:
        self._refused = {key: each for key, each in self._refused.items() if not gone(each[0])}

    def _drop_private(self) -> None:
        self._private_id, self._private = "", {}
        self._private_files, self._private_uses = {}, {}

    def _private_tree(self, conversation_id: str) -> Tree:
        scope = self.scope
        if scope.stored and scope != self._private_begun:
            raise unknown_conversation(conversation_id)
        return Tree(tuple(self._private.values()) if conversation_id == self._private_id else ())

    def _show(self, shown: Node) -> None:
        self._private[shown.message.id] = shown
        for key, node in self._private.items():
            if node.parent == shown.parent:
                self._private[key] = replace(node, shown=key == shown.message.id)

    def _owner_of(self, conversation_id: str) -> str:
        """Of what may be seen now; where nothing is stored, every id is unknown."""
        if not self.scope.stored:
            raise unknown_conversation(conversation_id)
        return self.scope.owner


@contextmanager
def _bound(scope: MemoryScope) -> Iterator[None]:
    token = _BOUND.set(scope)
    try:
        yield
    finally:
        _BOUND.reset(token)

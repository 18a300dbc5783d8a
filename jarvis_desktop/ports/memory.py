"""Conversations that are kept."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from jarvis_desktop.config.profiles import MemoryScope
from jarvis_desktop.events import Conversation, Message


class History(Protocol):
    """Conversations on disk. A call that returned is durable: it survives kill -9."""

    async def new_conversation(self) -> Conversation: ...

    async def conversations(self) -> tuple[Conversation, ...]:
        """Newest first."""
        ...

    async def messages(self, conversation_id: str) -> tuple[Message, ...]:
        """Oldest first; raises `StorageError` for an unknown id."""
        ...

    async def append(self, message: Message) -> None: ...

    async def replace(self, message: Message) -> None:
        """Store a newer version of a message with the same id (a reply that grew or was cut)."""
        ...

    async def search(self, words: str, limit: int) -> tuple[Message, ...]:
        """Messages that hold each of the words, newest first, at most `limit`."""
        ...

    async def blank(self, message_ids: Sequence[str]) -> None:
        """Put `FORGOTTEN` in the place of what messages said, so that no file holds it any more."""
        ...


class Memory(History, Protocol):
    """A history that shows what the profile in use may see, as if there were nothing else."""

    @property
    def scope(self) -> MemoryScope:
        """What may be seen now."""
        ...

    def use(self, scope: MemoryScope) -> None:
        """From now on this may be seen."""
        ...

    def bound(self) -> AbstractContextManager[None]:
        """Inside, what may be seen now stays so, for an answer that outlives its profile's use."""
        ...

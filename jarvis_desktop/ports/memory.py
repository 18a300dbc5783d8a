"""Conversations that are kept."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from jarvis_desktop.config.profiles import MemoryScope
from jarvis_desktop.events import Conversation, Message, Versions


class History(Protocol):
    """Conversations on disk. A call that returned is durable: it survives kill -9."""

    async def new_conversation(self) -> Conversation: ...

    async def conversations(self) -> tuple[Conversation, ...]:
        """Newest first."""
        ...

    async def messages(self, conversation_id: str) -> tuple[Message, ...]:
        """What is on show, oldest first; raises `StorageError` for an unknown id."""
        ...

    async def versions(self, conversation_id: str) -> tuple[Versions, ...]:
        """Those of the messages on show that have others in their place; raises like `messages`."""
        ...

    async def all_messages(self) -> tuple[Message, ...]:
        """Those of all conversations, on show or not, in order of writing."""
        ...

    async def show_version(self, message_id: str) -> None:
        """Have this version of a message on show, and what follows it."""
        ...

    async def append(self, message: Message, after: str | None = None) -> None:
        """Store a message behind the one `after` ("": as the first), by default behind the last on show.

        It is on show itself then, instead of those that stood there.
        """
        ...

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

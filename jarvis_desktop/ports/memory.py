"""Conversations that are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from jarvis_desktop.config.profiles import MemoryScope
from jarvis_desktop.events import (
    Attachment,
    Citation,
    Conversation,
    ConversationMatch,
    Message,
    Recalled,
    Versions,
)


class History(Protocol):
    """Conversations on disk. A call that returned is durable: it survives kill -9."""

    async def new_conversation(self, *, private: bool = False) -> Conversation:
        """Begin one; a `private` one is kept in memory only, until another is begun or it is left."""
        ...

    def is_private(self, conversation_id: str) -> bool:
        """Whether nothing of a conversation is kept."""
        ...

    def leave(self, conversation_id: str) -> None:
        """Nobody looks at a conversation any more; a private one is gone."""
        ...

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
        """Have this version of a message on show, with what it follows and what follows it."""
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

    async def find(self, words: str, limit: int) -> tuple[ConversationMatch, ...]:
        """Conversations that hold each of the words in a message or the title, newest first."""
        ...

    async def rename(self, conversation_id: str, title: str) -> None: ...

    async def pin(self, conversation_id: str, pinned: bool) -> None: ...

    async def delete(self, conversation_id: str) -> None:
        """Nobody sees it any more; it can be restored until `erase_deleted`."""
        ...

    async def restore(self, conversation_id: str) -> None: ...

    async def deleted(self) -> tuple[tuple[str, str], ...]:
        """Ids and owners of what is deleted and not erased, of all profiles."""
        ...

    async def erase_deleted(self) -> None:
        """Delete for good, so that no file holds anything of it."""
        ...

    async def export(
        self, file: Path, conversation_ids: Sequence[str], cited: Mapping[str, Sequence[Citation]]
    ) -> int:
        """Write conversations (none named: all) to a file, with what answers were given to read, by turn.

        Returns how many.
        """
        ...

    async def import_file(self, file: Path) -> tuple[int, int]:
        """Take in an export; returns how many conversations were new, and how many there already."""
        ...

    async def blank(self, message_ids: Sequence[str]) -> None:
        """Put `FORGOTTEN` in the place of what messages said, so that no file holds it any more."""
        ...

    async def attach(self, conversation_id: str, attachment: Attachment) -> None:
        """Keep a file with its conversation."""
        ...

    async def attachments(self, conversation_id: str) -> tuple[Attachment, ...]:
        """The files of a conversation, in the order in which they came."""
        ...

    async def detach(self, attachment_id: str) -> None:
        """Take a file out of its conversation, so that no file of the program holds it any more."""
        ...

    async def note_attachment_use(self, turn_id: str, used: Sequence[Recalled]) -> None:
        """An answer rests on these passages of files."""
        ...

    async def attachment_uses(self, conversation_id: str) -> Mapping[str, Sequence[tuple[str, int]]]:
        """Files and the numbers (from 0) of their passages that answers rest on, by turn."""
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

    def bound(self, conversation_id: str = "") -> AbstractContextManager[None]:
        """Inside, what may be seen now stays so, for an answer that outlives its profile's use.

        For a private conversation nothing may be seen or kept inside, as in a private profile.
        """
        ...

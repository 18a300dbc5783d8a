"""Stored conversations, which of them is shown, and what the user wants done with them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import ClassVar

from jarvis_desktop.events.base import Event, Intent


class Role(StrEnum):
    """Who wrote a message."""

    USER = "user"
    ASSISTANT = "assistant"


FORGOTTEN = "[…]"
"""Stands where a message said what the user wants forgotten."""


@dataclass(frozen=True, slots=True)
class Message:
    """One stored utterance of a conversation. `interrupted` marks an answer cut at the last word heard."""

    id: str
    conversation_id: str
    turn_id: str
    role: Role
    text: str
    created_at: float  # seconds since the epoch
    interrupted: bool = False
    error_code: str = ""


@dataclass(frozen=True, slots=True)
class Conversation:
    """One conversation as the sidebar lists it."""

    id: str
    title: str
    updated_at: float  # seconds since the epoch
    pinned: bool = False


@dataclass(frozen=True, slots=True)
class ConversationMatch:
    """A conversation that holds the words of a search.

    `snippet` is a piece of the newest message that holds them all, on one line, `marks` where they stand in
    it (start and end, in characters). Where only the title holds them, `message_id` and `snippet` are empty.
    """

    conversation: Conversation
    message_id: str = ""
    snippet: str = ""
    marks: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Versions:
    """The versions of a question or an answer; what follows each of them is its own."""

    turn_id: str  # of the one on show
    role: Role
    ids: tuple[str, ...]  # of messages, in order of writing
    shown: int  # index of the one on show


@dataclass(frozen=True, slots=True)
class ConversationsListed(Event):
    name: ClassVar[str] = "conversations"
    conversations: tuple[Conversation, ...]


@dataclass(frozen=True, slots=True)
class ConversationOpened(Event):
    """The window shows this conversation now; `messages` are in order of time.

    `message_id` names the one to bring into view. Of a `private` one nothing is kept. `versions` are those of
    the messages that have others in their place.
    """

    name: ClassVar[str] = "conversation"
    conversation_id: str
    messages: tuple[Message, ...] = ()
    message_id: str = ""
    private: bool = False
    versions: tuple[Versions, ...] = ()


@dataclass(frozen=True, slots=True)
class VersionsListed(Event):
    """A question or an answer has a version more: all those of the messages on show."""

    name: ClassVar[str] = "versions"
    conversation_id: str
    versions: tuple[Versions, ...]


@dataclass(frozen=True, slots=True)
class ConversationsFound(Event):
    """What a search found, the conversation last talked in first."""

    name: ClassVar[str] = "conversations_found"
    query: str
    matches: tuple[ConversationMatch, ...]


@dataclass(frozen=True, slots=True)
class ConversationDeleted(Event):
    """A conversation is listed no more; until `ConversationErased` follows it can be had back."""

    name: ClassVar[str] = "conversation_deleted"
    conversation: Conversation


@dataclass(frozen=True, slots=True)
class ConversationErased(Event):
    """No file holds anything of a deleted conversation any more."""

    name: ClassVar[str] = "conversation_erased"
    conversation_id: str


@dataclass(frozen=True, slots=True)
class ConversationsExported(Event):
    name: ClassVar[str] = "conversations_exported"
    file: Path
    conversations: int


@dataclass(frozen=True, slots=True)
class ConversationsImported(Event):
    """`conversations` were new, `known` were there already and stayed as they are."""

    name: ClassVar[str] = "conversations_imported"
    file: Path
    conversations: int
    known: int


@dataclass(frozen=True, slots=True)
class ConversationIntent(Intent):
    """A wish that concerns stored conversations; `Failed` tells why one was not carried out."""


@dataclass(frozen=True, slots=True)
class RenameConversation(ConversationIntent):
    conversation_id: str
    title: str


@dataclass(frozen=True, slots=True)
class PinConversation(ConversationIntent):
    """Whether a conversation stands above all others."""

    conversation_id: str
    pinned: bool


@dataclass(frozen=True, slots=True)
class DeleteConversation(ConversationIntent):
    """`ConversationDeleted` answers; after some seconds, in which it can be restored, it is erased."""

    conversation_id: str


@dataclass(frozen=True, slots=True)
class RestoreConversation(ConversationIntent):
    """Have a deleted conversation back that is not erased yet."""

    conversation_id: str


@dataclass(frozen=True, slots=True)
class SearchConversations(ConversationIntent):
    """Which conversations hold each of these words? `ConversationsFound` answers the newest question only."""

    query: str


@dataclass(frozen=True, slots=True)
class ExportConversations(ConversationIntent):
    """Write conversations, or all where none is named, to a file; `ConversationsExported` answers.

    Markdown where the file's name ends in ``.md``, else JSON.
    """

    file: Path
    conversation_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportConversations(ConversationIntent):
    """Take in what `ExportConversations` wrote as JSON; `ConversationsImported` answers."""

    file: Path

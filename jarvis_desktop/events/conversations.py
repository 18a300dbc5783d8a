"""Stored conversations and which of them is shown."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from jarvis_desktop.events.base import Event


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

    `versions` are those of the messages that have others in their place.
    """

    name: ClassVar[str] = "conversation"
    conversation_id: str
    messages: tuple[Message, ...] = ()
    versions: tuple[Versions, ...] = ()


@dataclass(frozen=True, slots=True)
class VersionsListed(Event):
    """A question or an answer has a version more: all those of the messages on show."""

    name: ClassVar[str] = "versions"
    conversation_id: str
    versions: tuple[Versions, ...]

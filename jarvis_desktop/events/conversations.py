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
class ConversationsListed(Event):
    name: ClassVar[str] = "conversations"
    conversations: tuple[Conversation, ...]


@dataclass(frozen=True, slots=True)
class ConversationOpened(Event):
    """The window shows this conversation now; `messages` are in order of time."""

    name: ClassVar[str] = "conversation"
    conversation_id: str
    messages: tuple[Message, ...] = ()

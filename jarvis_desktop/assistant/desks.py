"""Hands what the windows ask for to the desk that carries out wishes of its kind."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from jarvis_desktop.assistant.attachment_desk import AttachmentDesk
from jarvis_desktop.assistant.client_desk import ClientDesk
from jarvis_desktop.assistant.conversation_desk import ConversationDesk
from jarvis_desktop.assistant.conversation_page import ConversationPage
from jarvis_desktop.assistant.loading import Loader
from jarvis_desktop.assistant.look_ups import LookUp, LookUps
from jarvis_desktop.assistant.memory_desk import MemoryDesk
from jarvis_desktop.assistant.model_desk import ModelDesk
from jarvis_desktop.assistant.parts import Parts
from jarvis_desktop.assistant.privacy_desk import PrivacyDesk
from jarvis_desktop.assistant.profile_desk import ProfileDesk
from jarvis_desktop.assistant.sound_desk import SoundDesk
from jarvis_desktop.config.schema import Config
from jarvis_desktop.events import (
    AttachmentIntent,
    ClientIntent,
    ConversationIntent,
    Event,
    MemoryIntent,
    ModelIntent,
    PrivacyIntent,
    ProfileAnswer,
)

Wish = (
    AttachmentIntent
    | ClientIntent
    | ConversationIntent
    | MemoryIntent
    | ModelIntent
    | PrivacyIntent
    | ProfileAnswer
    | LookUp
)
"""What is carried out beside the dialogue, and changes nothing of it."""


class Desks:
    """One of each kind; `close_conversation` and `characters` as their desks want them."""

    def __init__(
        self,
        parts: Parts,
        loader: Loader,
        config: Callable[[], Config],
        emit: Callable[[Event], None],
        page: ConversationPage,
        close_conversation: Callable[[str], Awaitable[bool]],
        characters: Callable[[], float],
    ) -> None:
        self.memory = MemoryDesk(parts, lambda: parts.history.scope, emit)
        self.sound = SoundDesk(parts, loader, config, emit)
        self.models = ModelDesk(parts.shelf, emit, loader.load_failed)
        self.conversations = ConversationDesk(parts, emit, close_conversation, page.reopen, page.list_all)
        self.privacy = PrivacyDesk(parts.privacy, emit)
        self.clients = ClientDesk(parts.clients, emit)
        self.attachments = AttachmentDesk(parts, page, characters, emit)
        self.profile = ProfileDesk(parts.recorder, emit)
        self.look_ups = LookUps(parts, emit)

    def take(self, wish: Wish) -> None:
        """Begin to carry out a wish; returns at once."""
        match wish:
            case AttachmentIntent():
                self.attachments.take(wish)
            case ClientIntent():
                self.clients.take(wish)
            case ConversationIntent():
                self.conversations.take(wish)
            case MemoryIntent():
                self.memory.take(wish)
            case ModelIntent():
                self.models.take(wish)
            case PrivacyIntent():
                self.privacy.take(wish)
            case ProfileAnswer():
                self.profile.take(wish)
            case _:
                self.look_ups.take(wish)

    async def stop(self) -> None:
        """End what is under way, but for what is done with conversations: see `ConversationDesk.settle`."""
        self.profile.stop()
        await self.attachments.stop()
        await self.memory.stop()
        await self.sound.stop()
        await self.models.stop()

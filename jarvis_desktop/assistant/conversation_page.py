"""The conversation on show, in which the next question is asked."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

from jarvis_desktop.assistant.parts import Parts
from jarvis_desktop.errors import JarvisError
from jarvis_desktop.events import (
    ConversationOpened,
    ConversationsListed,
    Event,
    Failed,
    NewConversation,
    OpenConversation,
    ShowVersion,
)

RESUMED_SECONDS = 8 * 3600.0
"""A conversation last talked in so long ago is over, and the program starts with an empty page.

A night lies between, or a day of work; the list still has it at the top.
"""


@dataclass(slots=True)
class Visit:
    """One look at a conversation; an empty page has no `id` until something is asked or attached there."""

    id: str = ""


class ConversationPage:
    """`id` names the conversation, "" is an empty page: its row is made with the first question or file.

    `left_private` is called when a private conversation was left, which ends it. What goes wrong is told.
    """

    def __init__(
        self, parts: Parts, emit: Callable[[Event], None], left_private: Callable[[], Awaitable[None]]
    ) -> None:
        self._history = parts.history
        self._emit = emit
        self._left_private = left_private
        self.visit = Visit()
        self._beginning = asyncio.Lock()

    @property
    def id(self) -> str:
        return self.visit.id

    async def take(self, wish: NewConversation | OpenConversation | ShowVersion) -> None:
        """Show what the user wants to see."""
        match wish:
            case NewConversation(private):
                await self.open("", private=private)
            case OpenConversation(conversation_id, message_id):
                await self.open(conversation_id, message_id)
            case ShowVersion(message_id):
                await self._show_version(message_id)

    async def open(self, conversation_id: str, message_id: str = "", *, private: bool = False) -> None:
        """Show a stored conversation, perhaps at a message, or an empty page for ""."""
        history = self._history
        try:
            if private:
                conversation_id = (await history.new_conversation(private=True)).id
            elif message_id:  # it may be in a version that is not on show
                await history.show_version(message_id)
            messages = await history.messages(conversation_id) if conversation_id else ()
            versions = await history.versions(conversation_id) if conversation_id else ()
        except JarvisError as error:
            self._emit(Failed(error))
            return
        left = self.id
        if left != conversation_id or not left:
            self.visit = Visit(conversation_id)
        shown_privately = history.is_private(conversation_id)
        self._emit(ConversationOpened(conversation_id, messages, message_id, shown_privately, versions))
        if left != conversation_id and history.is_private(left):
            history.leave(left)
            await self._left_private()

    async def open_latest(self) -> None:
        """Show the conversation last talked in, unless that is long ago."""
        with suppress(JarvisError):  # whoever listed them has told
            conversations = await self._history.conversations()
            if conversations and time.time() - conversations[0].updated_at < RESUMED_SECONDS:
                await self.open(conversations[0].id)

    async def begin(self) -> bool:
        """See to it that there is a conversation for a question or a file; whether it was begun just now."""
        async with self._beginning:
            if self.id:
                return False
            try:
                self.visit.id = (await self._history.new_conversation()).id
            except JarvisError as error:
                self._emit(Failed(error))  # the answer matters more than its record
                self.visit.id = (await self._history.new_conversation(private=True)).id
            return True

    async def close(self, conversation_id: str) -> bool:
        """Show an empty page where a conversation is on show; returns whether it was."""
        shown = conversation_id == self.id
        if shown:
            await self.open("")
        return shown

    async def reopen(self, conversation_id: str) -> None:
        """Show a conversation where no other is on show."""
        if not self.id:
            await self.open(conversation_id)

    async def list_all(self) -> None:
        """Tell which conversations there are."""
        try:
            self._emit(ConversationsListed(await self._history.conversations()))
        except JarvisError as error:
            self._emit(Failed(error))

    async def _show_version(self, message_id: str) -> None:
        try:
            await self._history.show_version(message_id)
        except JarvisError as error:
            self._emit(Failed(error))
        await self.open(self.id)

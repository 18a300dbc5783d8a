"""Carries out what the user wants done with stored conversations: name, pin, delete, find, export, import."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any

from jarvis_desktop.assistant.attachment_desk import cited
from jarvis_desktop.assistant.memories.remembering import every
from jarvis_desktop.assistant.parts import Parts
from jarvis_desktop.assistant.tasks import spawn
from jarvis_desktop.errors import JarvisError
from jarvis_desktop.events import (
    Citation,
    ConversationDeleted,
    ConversationErased,
    ConversationIntent,
    ConversationsExported,
    ConversationsFound,
    ConversationsImported,
    DeleteConversation,
    Event,
    ExportConversations,
    Failed,
    ImportConversations,
    MemoriesChanged,
    MemoryKind,
    PinConversation,
    RenameConversation,
    RestoreConversation,
    SearchConversations,
)

log = logging.getLogger(__name__)

UNDO_SECONDS = 8.0
"""A deleted conversation can be had back for so long."""

FOUND = 50
"""Conversations that a search finds at most."""


class ConversationDesk:
    """Each wish is a task of its own; wishes that change something are carried out in their order.

    `close` ends what is under way in a conversation, takes it off the screen and returns whether it was
    there; `reopen` shows one where no other is on show; `tell_list` tells the list of conversations anew.
    """

    def __init__(
        self,
        parts: Parts,
        emit: Callable[[Event], None],
        close: Callable[[str], Awaitable[bool]],
        reopen: Callable[[str], Awaitable[None]],
        tell_list: Callable[[], Awaitable[None]],
    ) -> None:
        self._parts = parts
        self._emit = emit
        self._close = close
        self._reopen = reopen
        self._tell_list = tell_list
        self._search: SearchConversations | None = None
        self._closed = ""  # the conversation that was on show when it was deleted
        self._order = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._erasing: asyncio.TimerHandle | None = None  # what can still be had back

    def take(self, wish: ConversationIntent) -> None:
        """Begin to carry out a wish; returns at once."""
        if isinstance(wish, SearchConversations):
            self._search = wish
        self._begin(self._carry_out(wish))

    def erase_deleted(self) -> None:
        """Begin to erase for good what is deleted; returns at once."""
        self._begin(self._erase_for_good())

    async def settle(self) -> None:
        """Finish what is under way; what was deleted can be had back no longer."""
        if self._erasing is not None:
            self._erasing.cancel()
            self._erasing = None
            self.erase_deleted()
        if self._tasks:
            await asyncio.wait(self._tasks)

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = spawn(work, "conversations", self._emit)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _carry_out(self, wish: ConversationIntent) -> None:
        try:
            if isinstance(wish, SearchConversations):
                await self._find(wish)
            else:
                async with self._order:
                    await self._change(wish)
        except JarvisError as error:
            self._emit(Failed(error))

    async def _find(self, wish: SearchConversations) -> None:
        found = await self._parts.history.find(wish.query, FOUND)
        if wish is self._search:
            self._emit(ConversationsFound(wish.query, found))

    async def _change(self, wish: ConversationIntent) -> None:
        history = self._parts.history
        match wish:
            case RenameConversation(conversation_id, title):
                await history.rename(conversation_id, title)
            case PinConversation(conversation_id, pinned):
                await history.pin(conversation_id, pinned)
            case DeleteConversation(conversation_id):
                await self._delete(conversation_id)
            case RestoreConversation(conversation_id):
                await history.restore(conversation_id)
                if conversation_id == self._closed:
                    await self._reopen(conversation_id)
            case ExportConversations(file, conversation_ids):
                await self._export(file, conversation_ids)
                return
            case ImportConversations(file):
                self._emit(ConversationsImported(file, *await history.import_file(file)))
        await self._tell_list()

    async def _delete(self, conversation_id: str) -> None:
        history = self._parts.history
        listed = {each.id: each for each in await history.conversations()}
        if conversation_id not in listed:  # the key was pressed twice
            return
        if await self._close(conversation_id):  # first: an answer that grows would be stored again
            self._closed = conversation_id
        await history.delete(conversation_id)
        self._emit(ConversationDeleted(listed[conversation_id]))
        if self._erasing is not None:
            self._erasing.cancel()
        self._erasing = asyncio.get_running_loop().call_later(UNDO_SECONDS, self._time_is_up)

    def _time_is_up(self) -> None:
        self._erasing = None
        self.erase_deleted()

    async def _erase_for_good(self) -> None:
        try:
            async with self._order:
                await self._erase()
        except JarvisError as error:  # at the next start it is done
            self._emit(Failed(error))

    async def _erase(self) -> None:
        deleted = await self._parts.history.deleted()
        if not deleted:
            return
        for owner in {owner for _, owner in deleted}:
            await self._forget_said({conversation for conversation, of in deleted if of == owner}, owner)
        await self._parts.answers.clear()
        await self._parts.history.erase_deleted()
        for conversation_id, _ in deleted:
            self._emit(ConversationErased(conversation_id))

    async def _forget_said(self, conversation_ids: set[str], owner: str) -> None:
        """Forget what was said there; facts and notes stay, the window of the memory shows them."""
        if (memory := self._parts.memory) is None:
            return
        said = await every(memory, owner, MemoryKind.TURN)
        if gone := [item.id for item in said if item.location in conversation_ids]:
            await memory.forget(gone, owner=owner)
            self._emit(MemoriesChanged())

    async def _export(self, file: Path, conversation_ids: tuple[str, ...]) -> None:
        history = self._parts.history
        chosen = conversation_ids or tuple(each.id for each in await history.conversations())
        exported = await history.export(file, chosen, await self._cited(chosen))
        self._emit(ConversationsExported(file, exported))

    async def _cited(self, conversation_ids: Sequence[str]) -> dict[str, tuple[Citation, ...]]:
        """What answers were given to read, by turn; nothing where the memory cannot tell."""
        history, memory = self._parts.history, self._parts.memory
        found = dict[str, tuple[Citation, ...]]()
        for conversation_id in conversation_ids:
            found |= await cited(history, conversation_id)
        if memory is None:
            return found
        turns = {
            message.turn_id
            for conversation_id in conversation_ids
            for message in await history.messages(conversation_id)
        }
        owner = history.scope.owner
        try:
            return {turn: (*found.get(turn, ()), *await memory.why(turn, owner=owner)) for turn in turns}
        except JarvisError as error:
            log.info("conversations are exported without what answers were given to read: %s", error.code)
            return found

"""The files of the conversation on show: read, kept with it, and given to the model with each question."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from jarvis_desktop.assistant import attached
from jarvis_desktop.assistant.attached import Attached
from jarvis_desktop.assistant.conversation_page import ConversationPage, Visit
from jarvis_desktop.assistant.parts import Parts
from jarvis_desktop.assistant.tasks import cancel, spawn
from jarvis_desktop.errors import JarvisError, StorageError
from jarvis_desktop.events import (
    AttachFiles,
    Attachment,
    AttachmentIntent,
    AttachmentListed,
    AttachmentShown,
    AttachmentsListed,
    AttachmentState,
    AttachText,
    Citation,
    ConversationOpened,
    Event,
    Failed,
    ListAttachments,
    OpenAttachment,
    Recalled,
    RemoveAttachment,
)
from jarvis_desktop.ports import History

log = logging.getLogger(__name__)

MOST_FILES = 20
"""In one conversation; more are for the memory, which has an index of its own."""


@dataclass(slots=True)
class _Pending:
    """A file that is being read for a visit, or could not be."""

    visit: Visit
    listed: AttachmentListed
    task: asyncio.Task[None] | None = None


class AttachmentDesk:
    """`characters` gives how long a prompt may be now."""

    def __init__(
        self,
        parts: Parts,
        page: ConversationPage,
        characters: Callable[[], float],
        emit: Callable[[Event], None],
    ) -> None:
        self._parts = parts
        self._page = page
        self._characters = characters
        self._emit = emit
        self._pending: dict[str, _Pending] = {}  # by id, in the order in which they came
        self._tasks: set[asyncio.Task[None]] = set()
        self._keeping = asyncio.Lock()
        self._in_parts: frozenset[str] = frozenset()  # in the newest prompt

    def take(self, wish: AttachmentIntent) -> None:
        """Begin to carry out a wish; returns at once."""
        reader = self._parts.reader
        match wish:
            case AttachFiles(paths):
                for path in paths:
                    self._read(path.name, str(path), reader.read(path))
                self._spawn(self._list())
            case AttachText(text):
                self._read("", "", reader.divide("", text))
                self._spawn(self._list())
            case ListAttachments():
                self._spawn(self._list())
            case RemoveAttachment(attachment_id):
                self._spawn(self._remove(attachment_id))
            case OpenAttachment(attachment_id, quote):
                self._spawn(self._show(attachment_id, quote))

    async def given(self, conversation_id: str, question: str, characters: float) -> Attached:
        """What a prompt of so many characters holds of the files, once those that came are read."""
        while reading := [each.task for each in self._of(conversation_id) if each.task is not None]:
            await asyncio.wait(reading)
        if not conversation_id:
            return Attached()
        try:
            files = await self._parts.history.attachments(conversation_id)
        except JarvisError as error:
            self._emit(Failed(error))
            return Attached()
        whole, others = attached.divided(files, characters)
        in_parts = frozenset(each.id for each in others)
        if in_parts != self._in_parts:
            self._in_parts = in_parts
            self._spawn(self._list())
        if not others:
            return Attached(tuple(whole))
        found = await self._parts.reader.find(question, others)
        return Attached(tuple(whole), attached.chosen(found, whole, others, characters))

    async def note_use(self, turn_id: str, used: Sequence[Recalled]) -> None:
        """Remember, with the conversation, which passages an answer rests on."""
        try:
            await self._parts.history.note_attachment_use(turn_id, used)
        except JarvisError as error:
            log.warning("what an answer rests on was not kept: %s", error.code)

    async def stop(self) -> None:
        """End whatever is under way."""
        for task in tuple(self._tasks):
            await cancel(task)
        await self._parts.reader.close()

    def _of(self, conversation_id: str) -> list[_Pending]:
        return [each for each in self._pending.values() if each.visit.id == conversation_id != ""]

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = spawn(work, "attachments", self._emit)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _read(self, name: str, location: str, reading: Coroutine[Any, Any, Attachment]) -> None:
        listed = AttachmentListed(uuid.uuid4().hex, name, 0, location, AttachmentState.READING)
        pending = self._pending[listed.id] = _Pending(self._page.visit, listed)
        pending.task = self._spawn(self._take_in(pending, reading))

    async def _take_in(self, pending: _Pending, reading: Coroutine[Any, Any, Attachment]) -> None:
        try:
            attachment = replace(await reading, id=pending.listed.id)
            async with self._keeping:
                await self._keep(pending.visit, attachment)
            del self._pending[attachment.id]
        except JarvisError as error:
            pending.listed = replace(pending.listed, state=AttachmentState.FAILED, error=error)
        finally:
            reading.close()  # it was never begun, where the file was taken away first
            pending.task = None
            if not any(each.task for each in self._pending.values()):
                await self._parts.reader.close()
        await self._list()

    async def _keep(self, visit: Visit, attachment: Attachment) -> None:
        if not visit.id:
            if visit is not self._page.visit:  # the empty page was left: the file is nobody's
                return
            if await self._page.begin():
                private = self._parts.history.is_private(visit.id)
                self._emit(ConversationOpened(visit.id, private=private))
                await self._page.list_all()
        if not visit.id or len(await self._parts.history.attachments(visit.id)) >= MOST_FILES:
            raise _too_many() if visit.id else _not_kept(attachment.name)
        await self._parts.history.attach(visit.id, attachment)

    async def _list(self) -> None:
        """Tell which files the conversation on show has."""
        visit = self._page.visit
        try:
            stored = await self._parts.history.attachments(visit.id) if visit.id else ()
        except JarvisError as error:
            log.warning("the files of a conversation cannot be listed: %s", error.code)
            stored = ()
        if visit is not self._page.visit:
            return
        _, others = attached.divided(stored, self._characters())
        parts = self._in_parts | {each.id for each in others}
        listed = [_listed(each, in_parts=each.id in parts) for each in stored]
        for key, each in [*self._pending.items()]:
            if each.visit is visit:
                listed.append(each.listed)
            elif each.task is None:  # it could not be read, and the conversation was left
                del self._pending[key]
        self._emit(AttachmentsListed(tuple(listed)))

    async def _remove(self, attachment_id: str) -> None:
        pending = self._pending.pop(attachment_id, None)
        if pending is not None and pending.task is not None:
            await cancel(pending.task)
        elif pending is None:
            try:
                await self._parts.history.detach(attachment_id)
                await self._page.list_all()  # a chat of which nothing is left is none
            except JarvisError as error:
                self._emit(Failed(error))
        await self._list()

    async def _show(self, attachment_id: str, quote: str) -> None:
        try:
            files = await self._parts.history.attachments(self._page.id) if self._page.id else ()
        except JarvisError as error:
            self._emit(Failed(error))
            return
        wanted = attachment_id.partition("#")[0]
        found = next((each for each in files if each.id == wanted), None)
        self._emit(AttachmentShown(found, quote) if found is not None else Failed(_gone()))


async def cited(history: History, conversation_id: str) -> Mapping[str, tuple[Citation, ...]]:
    """What the answers of a conversation rest on of its files, by turn. Raises `StorageError`."""
    files = {each.id: each for each in await history.attachments(conversation_id)}
    uses = await history.attachment_uses(conversation_id)
    return {
        turn: attached.citations([files[file].passage(number) for file, number in used if file in files])
        for turn, used in uses.items()
    }


def _listed(attachment: Attachment, *, in_parts: bool) -> AttachmentListed:
    state = AttachmentState.PARTS if in_parts else AttachmentState.WHOLE
    return AttachmentListed(attachment.id, attachment.name, attachment.size, attachment.location, state)


def _too_many() -> StorageError:
    return StorageError(
        "attachments.too_many",
        "A chat takes {most} files at most.",
        "Remove one of them, or have files remembered: the memory takes whole folders.",
        most=MOST_FILES,
    )


def _gone() -> StorageError:
    return StorageError(
        "attachments.gone",
        "This file does not belong to the chat any more.",
        "Add it again to have it read.",
    )


def _not_kept(name: str) -> StorageError:
    return StorageError(
        "attachments.not_kept",
        "{file} could not be kept with the chat.",
        "Nothing of the file was lost. Try again once chats can be stored.",
        file=name,
    )

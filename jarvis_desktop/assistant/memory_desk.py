"""Carries out what the user asks of the memory: look, search, edit, forget, take in files, keep copies."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path
from typing import Any

from jarvis_desktop.assistant.attachment_desk import cited
from jarvis_desktop.assistant.memories.forgetting import edit, forget_everywhere
from jarvis_desktop.assistant.parts import Parts
from jarvis_desktop.assistant.tasks import spawn
from jarvis_desktop.config.profiles import MemoryScope
from jarvis_desktop.errors import JarvisError, StorageError
from jarvis_desktop.events import (
    AddNote,
    AnswerExplained,
    BackupsListed,
    EditMemory,
    Event,
    ExplainAnswers,
    ExportMemory,
    ForgetMemory,
    Ingested,
    IngestFiles,
    ListBackups,
    ListMemory,
    MemoriesChanged,
    MemoryCounted,
    MemoryExported,
    MemoryFailed,
    MemoryForgotten,
    MemoryFound,
    MemoryIngested,
    MemoryIntent,
    MemoryItem,
    MemoryKind,
    MemoryListed,
    MemoryRestored,
    MemoryShown,
    OpenMemory,
    PinMemory,
    Recalled,
    Recollection,
    RestoreMemory,
    RestoreUndone,
    SearchMemory,
    StopIngesting,
    UndoRestore,
)
from jarvis_desktop.ports import LongTermMemory

log = logging.getLogger(__name__)

PAGE = 100
"""Items in one `MemoryListed`."""

FOUND = 40
"""Passages that a search asks for; several may be of one document."""

_FACTS = 1000  # looked through for those that one fact took the place of


class MemoryDesk:
    """Each wish is a task of its own, told of in an event; `scope` gives whose memory is meant now."""

    def __init__(self, parts: Parts, scope: Callable[[], MemoryScope], emit: Callable[[Event], None]) -> None:
        self._parts = parts
        self._scope = scope
        self._emit = emit
        self._search: SearchMemory | None = None
        self._searching = asyncio.Lock()
        self._ingesting = asyncio.Lock()
        self._tasks: dict[asyncio.Task[None], MemoryIntent] = {}

    def take(self, wish: MemoryIntent) -> None:
        """Begin to carry out a wish; returns at once."""
        if isinstance(wish, StopIngesting):
            for task, each in self._tasks.items():
                if isinstance(each, IngestFiles):
                    task.cancel()
            return
        if isinstance(wish, SearchMemory):
            self._search = wish
        task = spawn(self._carry_out(wish), "memory", self._emit)
        self._tasks[task] = wish
        task.add_done_callback(lambda done: self._tasks.pop(done))

    async def stop(self, kind: type[MemoryIntent] = MemoryIntent) -> None:
        """End whatever is under way, or what is of one kind."""
        tasks = [task for task, wish in self._tasks.items() if isinstance(wish, kind)]
        for task in tasks:  # all at once: the next one must not begin when the one before it ends
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _carry_out(self, wish: MemoryIntent) -> None:
        scope = self._scope()
        try:
            if isinstance(wish, ExplainAnswers):
                await self._explain(wish, scope)
                return
            memory = self._memory(scope)
            match wish:
                case ListMemory():
                    await self._list(memory, wish, scope)
                case SearchMemory():
                    await self._find(memory, wish, scope)
                case OpenMemory(item_id):
                    await self._show(memory, await memory.show(item_id, owner=scope.owner), scope)
                case ForgetMemory(item_ids):
                    await self._forget(memory, item_ids, scope.owner)
                case IngestFiles(paths):
                    await self._ingest(memory, paths, scope.owner)
                case ExportMemory() | ListBackups() | RestoreMemory() | UndoRestore():
                    await self._copy(memory, wish)
                case _:
                    await self._change(memory, wish, scope)
        except JarvisError as error:
            if isinstance(wish, ExplainAnswers):  # nobody asked: the answers stand without their sources
                log.info("answers are shown without what they were given to read: %s", error.code)
            else:
                self._emit(MemoryFailed(error))

    def _memory(self, scope: MemoryScope) -> LongTermMemory:
        if self._parts.memory is None:
            raise StorageError(
                "memory.off",
                "Nothing is remembered: long-term memory is not running.",
                "Switch “Remember” on in the settings, on the page Memory.",
            )
        if not scope.stored:
            raise StorageError(
                "memory.private",
                "Nothing is remembered in this profile.",
                "Choose another profile to see or change what is remembered.",
            )
        return self._parts.memory

    def _tell(self, scope: MemoryScope, event: Event) -> None:
        """Unless another profile is in use by now, which may not see it."""
        if scope == self._scope():
            self._emit(event)

    async def _list(self, memory: LongTermMemory, wish: ListMemory, scope: MemoryScope) -> None:
        items = await memory.listed(owner=scope.owner, kind=wish.kind, limit=PAGE, offset=wish.offset)
        self._tell(scope, MemoryListed(wish.kind, wish.offset, items, more=len(items) == PAGE))
        if wish.offset == 0:
            self._tell(scope, MemoryCounted(await memory.stats(owner=scope.owner)))

    async def _find(self, memory: LongTermMemory, wish: SearchMemory, scope: MemoryScope) -> None:
        async with self._searching:  # while one is searched for, only the newest of those after it is kept
            if wish is not self._search:
                return
            found = await memory.recall(wish.query, owner=scope.owner, limit=FOUND)
        if wish is self._search:
            self._tell(scope, MemoryFound(wish.query, wish.kind, _of_kind(found, wish.kind)))

    async def _show(self, memory: LongTermMemory, item: MemoryItem, scope: MemoryScope) -> None:
        replaced_by = None
        if item.superseded_by:
            replaced_by = await memory.show(item.superseded_by, owner=scope.owner)
        earlier: tuple[MemoryItem, ...] = ()
        if item.kind is MemoryKind.FACT:
            facts = await memory.listed(owner=scope.owner, kind=MemoryKind.FACT, limit=_FACTS)
            earlier = tuple(fact for fact in facts if fact.superseded_by == item.id)
        self._tell(scope, MemoryShown(item, replaced_by, earlier))

    async def _change(self, memory: LongTermMemory, wish: MemoryIntent, scope: MemoryScope) -> None:
        match wish:
            case AddNote(text):
                item = await memory.remember(text, owner=scope.owner)
            case EditMemory(item_id, text):
                with self._parts.history.bound():  # also if another profile is chosen meanwhile
                    item = await edit(item_id, text, memory, self._parts.history, scope.owner)
            case PinMemory(item_id, pinned):
                item = await memory.pin(item_id, pinned, owner=scope.owner)
            case _:
                raise NotImplementedError(type(wish).__name__)
        await self._show(memory, item, scope)
        self._emit(MemoriesChanged())

    async def _forget(self, memory: LongTermMemory, item_ids: tuple[str, ...], owner: str) -> None:
        items = [await memory.show(item_id, owner=owner) for item_id in item_ids]
        with self._parts.history.bound():  # also if another profile is chosen meanwhile
            told = await forget_everywhere(items, memory, self._parts.history, self._parts.answers, owner)
        self._emit(MemoryForgotten(*told))

    async def _ingest(self, memory: LongTermMemory, paths: tuple[Path, ...], owner: str) -> None:
        async with self._ingesting:
            last: Ingested | None = None
            steps: Any = memory.ingest(paths, owner=owner)
            try:
                async with aclosing(steps):
                    async for last in steps:
                        self._emit(MemoryIngested(last))
            finally:
                if last is None or last.file:  # stopped, or failed
                    done, total = (last.done, last.total) if last else (0, 0)
                    self._emit(MemoryIngested(Ingested(done, total)))
                self._emit(MemoriesChanged())

    async def _copy(self, memory: LongTermMemory, wish: MemoryIntent) -> None:
        """To a file or from one, for all profiles."""
        match wish:
            case ExportMemory(file):
                self._emit(MemoryExported(file, await memory.export(file)))
            case ListBackups():
                self._emit(BackupsListed(tuple(await memory.backups())))
            case RestoreMemory(file):
                self._emit(MemoryRestored(file, tuple(await memory.restore(file))))
                self._emit(MemoriesChanged())
            case UndoRestore(item_ids):
                await memory.undo_restore(item_ids)
                self._emit(RestoreUndone(len(item_ids)))
                self._emit(MemoriesChanged())

    async def _explain(self, wish: ExplainAnswers, scope: MemoryScope) -> None:
        memory = self._parts.memory if scope.stored else None
        files = await cited(self._parts.history, wish.conversation_id) if wish.conversation_id else {}
        for turn_id in wish.turn_ids:
            recalled = await memory.why(turn_id, owner=scope.owner) if memory is not None else ()
            if citations := (*files.get(turn_id, ()), *recalled):
                self._tell(scope, AnswerExplained(turn_id, citations))


def _of_kind(found: Recollection, kind: MemoryKind | None) -> Recollection:
    if kind is None:
        return found
    results: tuple[Recalled, ...] = tuple(each for each in found.results if each.kind is kind)
    return Recollection(results, found.timings_ms, found.skipped, found.confident and bool(results))

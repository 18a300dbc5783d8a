"""Carries out what the user asks of the memory: look, search, edit, pin, forget, take in files, export."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path
from typing import Any

from jarvis_desktop.assistant.parts import Parts
from jarvis_desktop.assistant.tasks import cancel, spawn
from jarvis_desktop.config.profiles import MemoryScope
from jarvis_desktop.errors import JarvisError, StorageError
from jarvis_desktop.events import (
    AddNote,
    AnswerExplained,
    EditMemory,
    Event,
    ExplainAnswers,
    ExportMemory,
    ForgetMemory,
    Ingested,
    IngestFiles,
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
    MemoryShown,
    OpenMemory,
    PinMemory,
    Recalled,
    Recollection,
    SearchMemory,
    StopIngesting,
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

    async def stop(self) -> None:
        """End whatever is under way."""
        for task in list(self._tasks):
            await cancel(task)

    async def _carry_out(self, wish: MemoryIntent) -> None:
        try:
            memory = self._memory()
            match wish:
                case ListMemory(kind, offset):
                    await self._list(memory, kind, offset)
                case SearchMemory():
                    await self._find(memory, wish)
                case OpenMemory(item_id):
                    await self._show(memory, await memory.show(item_id, owner=self._owner))
                case ForgetMemory(item_ids):
                    self._emit(MemoryForgotten(await memory.forget(item_ids, owner=self._owner)))
                case IngestFiles(paths):
                    await self._ingest(memory, paths)
                case ExportMemory(file):
                    self._emit(MemoryExported(file, await memory.export(file)))
                case ExplainAnswers(turn_ids):
                    await self._explain(memory, turn_ids)
                case _:
                    await self._change(memory, wish)
        except JarvisError as error:
            if isinstance(wish, ExplainAnswers):  # nobody asked: the answers stand without their sources
                log.info("answers are shown without what they were given to read: %s", error.code)
            else:
                self._emit(MemoryFailed(error))

    @property
    def _owner(self) -> str:
        return self._scope().owner

    def _memory(self) -> LongTermMemory:
        if self._parts.memory is None:
            raise StorageError(
                "memory.off",
                "Nothing is remembered: long-term memory is not running.",
                "Switch “Remember” on in the settings, on the page Memory.",
            )
        if not self._scope().stored:
            raise StorageError(
                "memory.private",
                "Nothing is remembered in this profile.",
                "Choose another profile to see or change what is remembered.",
            )
        return self._parts.memory

    async def _list(self, memory: LongTermMemory, kind: MemoryKind | None, offset: int) -> None:
        items = await memory.listed(owner=self._owner, kind=kind, limit=PAGE, offset=offset)
        self._emit(MemoryListed(kind, offset, items, more=len(items) == PAGE))
        if offset == 0:
            self._emit(MemoryCounted(await memory.stats(owner=self._owner)))

    async def _find(self, memory: LongTermMemory, wish: SearchMemory) -> None:
        async with self._searching:  # while one is searched for, only the newest of those after it is kept
            if wish is not self._search:
                return
            found = await memory.recall(wish.query, owner=self._owner, limit=FOUND)
        if wish is self._search:
            self._emit(MemoryFound(wish.query, wish.kind, _of_kind(found, wish.kind)))

    async def _show(self, memory: LongTermMemory, item: MemoryItem) -> None:
        replaced_by = None
        if item.superseded_by:
            replaced_by = await memory.show(item.superseded_by, owner=self._owner)
        earlier: tuple[MemoryItem, ...] = ()
        if item.kind is MemoryKind.FACT:
            facts = await memory.listed(owner=self._owner, kind=MemoryKind.FACT, limit=_FACTS)
            earlier = tuple(fact for fact in facts if fact.superseded_by == item.id)
        self._emit(MemoryShown(item, replaced_by, earlier))

    async def _change(self, memory: LongTermMemory, wish: MemoryIntent) -> None:
        match wish:
            case AddNote(text):
                item = await memory.remember(text, owner=self._owner)
            case EditMemory(item_id, text):
                item = await memory.edit(item_id, text, owner=self._owner)
            case PinMemory(item_id, pinned):
                item = await memory.pin(item_id, pinned, owner=self._owner)
            case _:
                raise NotImplementedError(type(wish).__name__)
        await self._show(memory, item)
        self._emit(MemoriesChanged())

    async def _ingest(self, memory: LongTermMemory, paths: tuple[Path, ...]) -> None:
        async with self._ingesting:
            last: Ingested | None = None
            steps: Any = memory.ingest(paths, owner=self._owner)
            try:
                async with aclosing(steps):
                    async for last in steps:
                        self._emit(MemoryIngested(last))
            finally:
                if last is None or last.file:  # stopped, or failed
                    done, total = (last.done, last.total) if last else (0, 0)
                    self._emit(MemoryIngested(Ingested(done, total)))
                self._emit(MemoriesChanged())

    async def _explain(self, memory: LongTermMemory, turn_ids: tuple[str, ...]) -> None:
        for turn_id in turn_ids:
            if citations := await memory.why(turn_id, owner=self._owner):
                self._emit(AnswerExplained(turn_id, citations))


def _of_kind(found: Recollection, kind: MemoryKind | None) -> Recollection:
    if kind is None:
        return found
    results: tuple[Recalled, ...] = tuple(each for each in found.results if each.kind is kind)
    return Recollection(results, found.timings_ms, found.skipped, found.confident and bool(results))

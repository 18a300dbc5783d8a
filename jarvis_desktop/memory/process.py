"""Long-term memory in a child process: a crash in the vector index takes nothing of the program with it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import time
import uuid
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from jarvis_desktop.config.schema import Memory
from jarvis_desktop.errors import Category, JarvisError, ModelError, StorageError
from jarvis_desktop.events import (
    Citation,
    Forgotten,
    Ingested,
    MemoryBackup,
    MemoryItem,
    MemoryKind,
    MemoryStats,
    Reason,
    Recalled,
    Recollection,
)
from jarvis_desktop.memory import wire
from jarvis_desktop.memory.embedding import WORKER_ENVIRONMENT
from jarvis_desktop.memory.encryption import is_encrypted
from jarvis_desktop.memory.ingest import Ingest, Kept
from jarvis_desktop.memory.items import STORE, NewItem
from jarvis_desktop.memory.memory_key import memory_key
from jarvis_desktop.ports import Embeddings
from jarvis_desktop.processes.model_process import Load, ModelProcess
from jarvis_desktop.processes.pipe import Reply, error_from_json

_LOG = logging.getLogger(__name__)

WORDS_MODEL = "minilm-words"
"""Name in the catalogue of what puts results in order."""

SERVER_KEY_VARIABLE = "JARVIS_MEMORY_KEY"
"""Environment variable with the key of a server that keeps the vectors; never in the settings."""

_MODULE = "jarvis_desktop.memory.memory_worker"
_DIED = "memory.worker_died"
_SLICE_MS = 40  # what a question may have to wait for work in the background
_LONG_SLICE_MS = 1000  # where somebody waits for that work
_LOOK_S = 0.2  # between looks whether an index is made
_IDLE_S = 2.0  # between looks at what else there may be to do, as what another process forgot; 0.1 ms each
_EMBEDDED = 4  # texts in one call
_EMBEDDED_CHARACTERS = 10_000  # of a text; the models read about 512 tokens
_CHARACTERS_PER_TOKEN = 4
_ADDED_CHARACTERS = 50_000  # of documents that are stored in one call, or of a single one


class MemoryProcess:
    """`ports.LongTermMemory` over one worker process, which alone has the files open.

    What is written is on the disk, and found by its words, when the call returns; vectors and the graph
    follow in the background, in slices so short that a question never waits long, at half a core at most.
    A call whose process dies is made once more by a new one, and so is one after the settings that it depends
    on have changed. `model_folder` gives the place of a model that has to be fetched (raises `ModelError`).
    `tell` hears, once each, what was lost when the files were opened.
    """

    def __init__(
        self,
        folder: Path,
        settings: Callable[[], Memory],
        model_folder: Callable[[str], Path],
        tell: Callable[[JarvisError], None] = lambda problem: None,
    ) -> None:
        self._folder = folder
        self._settings = settings
        self._model_folder = model_folder
        self.tell = tell
        self._told: set[str] = set()
        self._process = ModelProcess(
            _MODULE, name="memory", wanted=self._wanted, died=_died, env=WORKER_ENVIRONMENT
        )
        self._background: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()
        self._ends = 0
        self._chosen: Memory | None = None  # what the process was started with

    @property
    def pid(self) -> int | None:
        return self._process.pid

    async def load(self) -> None:
        """Start the process and open the files; goes on with what was left to be done."""
        await self._process.load()
        self._tell_problems()
        self._work_on()

    async def unload(self) -> None:
        """End the process, which gives all its memory back; the next call starts it again.

        Calls under way fail.
        """
        self._ends += 1
        background, self._background = self._background, None
        if background is not None:
            background.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await background
        await self._process.close()

    async def settled(self, tell: Callable[[int], None] = lambda waiting: None) -> None:
        """Until nothing is left to be done in the background; `tell` hears how many passages still wait."""
        while await self._work(_LONG_SLICE_MS):
            tell((await self.stats()).waiting)

    async def recall(
        self, question: str, *, owner: str = "", limit: int = 10, stages: Sequence[str] = ()
    ) -> Recollection:
        data = await self._ask(
            "recall", question=_whole(question), owner=owner, limit=limit, stages=list(stages)
        )
        return wire.recollection(data)

    async def remember(
        self,
        text: str,
        *,
        kind: MemoryKind = MemoryKind.NOTE,
        item_id: str = "",
        source: str = "",
        location: str = "",
        created_at: float | None = None,
        owner: str = "",
        metadata: Mapping[str, str | int | float | bool] | None = None,
    ) -> MemoryItem:
        data = await self._ask(
            "remember",
            text=_whole(text),
            kind=kind,
            item_id=item_id,
            # Chosen here, so that a call made twice does not store twice.
            new_id=uuid.uuid4().hex,
            source=_whole(source),
            location=_whole(location),
            created_at=time.time() if created_at is None else created_at,
            owner=owner,
            metadata=dict(metadata or {}),
        )
        return wire.item(data)

    def ingest(
        self, paths: Sequence[Path], *, owner: str = "", forgotten: Mapping[str, float] | None = None
    ) -> AsyncIterator[Ingested]:
        return Ingest(self, own=(self._folder,)).run(paths, owner=owner, forgotten=forgotten)

    async def documents(self, owner: str) -> Sequence[Kept]:
        """All that came from files, as `Ingest` asks for them."""
        data = await self._ask("documents", owner=owner)
        return [Kept(*each) for each in data["documents"]]

    async def add(self, items: Sequence[NewItem]) -> Sequence[str]:
        """Keep items as they are; the ids of those that are new or changed.

        In calls so short that a question never waits long.
        """
        changed: list[str] = []
        some: list[dict[str, Any]] = []
        characters = 0
        for number, item in enumerate(items, 1):
            some.append(asdict(item))
            characters += len(item.text)
            if characters > _ADDED_CHARACTERS or number == len(items):
                changed += (await self._ask("add", items=some))["changed"]
                some, characters = [], 0
        return changed

    async def drop(self, item_ids: Sequence[str], owner: str) -> None:
        """Delete documents whose files are gone; they may come back."""
        await self._ask("drop", item_ids=list(item_ids))

    async def forgotten(self, owner: str) -> Mapping[str, float]:
        """Ids of what was forgotten and not taken in again, hashes of the files among them, and when."""
        data = await self._ask("forgotten", owner=owner)
        return {str(each): float(at) for each, at in data["forgotten"].items()}

    async def embed(self, texts: Sequence[str]) -> Embeddings:
        """Vectors of texts that are kept nowhere, in calls so short that a question never waits long."""
        replies = [
            await self._call(
                "embed", texts=[_whole(text)[:_EMBEDDED_CHARACTERS] for text in texts[at : at + _EMBEDDED]]
            )
            for at in range(0, len(texts), _EMBEDDED)
        ]
        vectors = [
            np.frombuffer(reply.payload, np.float32).reshape(reply.data["texts"], -1) for reply in replies
        ]
        tokens = sum(len(text) // _CHARACTERS_PER_TOKEN + 1 for text in texts)
        return Embeddings(np.concatenate(vectors), self._settings().encoder, tokens)

    async def listed(
        self, *, owner: str = "", kind: MemoryKind | None = None, limit: int = 100, offset: int = 0
    ) -> tuple[MemoryItem, ...]:
        data = await self._ask("listed", owner=owner, kind=kind, limit=limit, offset=offset)
        return tuple(map(wire.item, data["items"]))

    async def show(self, item_id: str, *, owner: str = "") -> MemoryItem:
        return wire.item(await self._ask("show", item_id=item_id, owner=owner))

    async def edit(
        self, item_id: str, text: str, *, owner: str = "", traces: Sequence[str] = ()
    ) -> MemoryItem:
        data = await self._ask("edit", item_id=item_id, text=_whole(text), owner=owner, traces=list(traces))
        return wire.item(data)

    async def pin(self, item_id: str, pinned: bool, *, owner: str = "") -> MemoryItem:
        return wire.item(await self._ask("pin", item_id=item_id, pinned=pinned, owner=owner))

    async def forget(self, item_ids: Sequence[str], *, owner: str = "") -> Forgotten:
        return wire.forgotten(await self._ask("forget", item_ids=list(item_ids), owner=owner))

    async def forget_conversation(self, conversation_id: str, *, owner: str = "") -> Forgotten:
        data = await self._ask("forget_conversation", conversation_id=conversation_id, owner=owner)
        return wire.forgotten(data)

    async def note_use(self, turn_id: str, used: Sequence[Recalled]) -> None:
        await self._ask("note_use", turn_id=turn_id, passages=[each.id for each in used], at=time.time())

    async def why(self, turn_id: str, *, owner: str = "") -> tuple[Citation, ...]:
        data = await self._ask("why", turn_id=turn_id, owner=owner)
        return tuple(map(wire.citation, data["citations"]))

    async def stats(self, *, owner: str | None = None) -> MemoryStats:
        return wire.stats(await self._ask("stats", owner=owner))

    async def export(self, file: Path) -> int:
        return int((await self._ask("export", file=str(file)))["items"])

    async def restore(self, file: Path) -> Sequence[str]:
        return list(map(str, (await self._ask("restore", file=str(file)))["items"]))

    async def undo_restore(self, item_ids: Sequence[str]) -> None:
        await self._ask("undo_restore", item_ids=list(item_ids))

    async def rebuild(self) -> int:
        vectors = int((await self._ask("rebuild"))["vectors"])
        while True:
            if (await self._ask("indexed"))["done"]:
                return vectors
            await asyncio.sleep(_LOOK_S)

    async def backup(self) -> Path:
        """Copy the store into the folder of backups now, and keep the last ones only."""
        return Path((await self._ask("backup"))["file"])

    async def backups(self) -> Sequence[MemoryBackup]:
        return list(map(wire.backup, (await self._ask("backups"))["backups"]))

    async def _ask(self, method: str, **args: object) -> dict[str, Any]:
        """A call to the process, and then in the background what it left to be done."""
        ends = self._ends
        try:
            data = (await self._call(method, **args)).data
        except JarvisError:  # not when it is cancelled: the process may be about to end
            if ends == self._ends:
                self._work_on()
            raise
        if ends == self._ends:
            self._work_on()
        return data

    async def _call(self, method: str, **args: Any) -> Reply:
        if self._chosen is not None and self._chosen != _of_process(self._settings()):
            await self._process.unload()
        reply = await self._process.call(method, **args)
        self._tell_problems()
        return reply

    def _tell_problems(self) -> None:
        for problem in map(error_from_json, self._process.facts["problems"]):
            if str(problem) not in self._told:
                self._told.add(str(problem))
                self.tell(problem)

    def _work_on(self) -> None:
        self._changed.set()
        if self._background is None or self._background.done():
            self._background = asyncio.create_task(self._work_in_slices(), name="memory in the background")

    async def _work_in_slices(self) -> None:
        """Until it is cancelled; looks now and then for what another process changed, or is due."""
        while True:
            self._changed.clear()
            began = time.monotonic()
            try:
                more = await self._work(_SLICE_MS)
            except JarvisError as error:
                _LOG.warning("the memory's work in the background stopped: %s", error.code)
                more = False
            if more:
                await asyncio.sleep(time.monotonic() - began)
            else:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_IDLE_S):
                        await self._changed.wait()

    async def _work(self, budget_ms: int) -> bool:
        reply = await self._call("work", budget_ms=budget_ms, backup_days=self._settings().backup_days)
        return bool(reply.data["more"])

    def _wanted(self) -> Load:
        settings = self._chosen = _of_process(self._settings())
        models: dict[str, str] = {}
        if settings.encoder != "e5-small":
            models[settings.encoder] = str(self._model_folder(settings.encoder))
        with contextlib.suppress(ModelError):  # the order is less good without it
            models[WORDS_MODEL] = str(self._model_folder(WORDS_MODEL))
        args = {
            "folder": str(self._folder),
            "settings": settings.model_dump(mode="json"),
            "models": models,
            "key": self._key(settings),
            "server_key": os.environ.get(SERVER_KEY_VARIABLE, ""),
        }
        reason = Reason.VECTOR_SERVER if settings.server_url else Reason.UNEXPECTED
        return Load(settings.encoder, args, reason)

    def _key(self, settings: Memory) -> str:
        """To open the files with, and to encrypt them where they are not yet; "" where there is none."""
        encrypted = is_encrypted(self._folder / STORE)
        if not (settings.encrypted or encrypted):
            return ""
        return memory_key(self._folder, create=not encrypted)


def _of_process(settings: Memory) -> Memory:
    """What a process is started with: another one is needed when it changes."""
    return Memory(
        encoder=settings.encoder,
        device=settings.device,
        encrypted=settings.encrypted,
        server_url=settings.server_url,
    )


def _whole(text: str) -> str:
    """Half an emoji is no text to SQLite."""
    return text.encode(errors="replace").decode()


def _died() -> StorageError:
    return StorageError(
        _DIED,
        "The memory stopped unexpectedly.",
        "It starts again by itself; nothing that was remembered is lost.",
        Category.TRANSIENT,
    )

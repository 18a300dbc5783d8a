"""The service of workers on this or other machines, which take their work from a queue."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import Any

from jarvis_desktop.errors import Category, JarvisError
from jarvis_desktop.events import Part
from jarvis_desktop.ports import (
    ChatDelta,
    ChatRequest,
    Embeddings,
    Grounds,
    Readiness,
    Samples,
    ServedModel,
    SpeechClip,
    Transcript,
)
from jarvis_desktop.processes.retrying import retried
from jarvis_desktop.server import queue_wire as wire

TRIES = 3
"""How many workers may die of one request, or at it, before it is given up."""

WAIT_LIMIT_S = 120.0
"""Seconds a request may wait for a worker to take it."""

_LOOK_MS = 500
_AT_ONCE = 100  # items read in one go


class QueueService:
    """`ports.Service`: Redis at `url` holds the queue, `jarvis worker` processes the models.

    Belongs to the loop it is made on, and works inside `running`. A worker that dies before the first piece
    of its answer is replaced by another; later the answer fails with ``server.worker_died``. Raises
    `JarvisError` ``server.no_celery`` where the packages are missing.
    """

    def __init__(self, url: str, password: str = "") -> None:
        self._url = url
        self._celery = wire.celery_app(url, password, results=False)
        self._redis = wire.redis_client(url, password)
        self._failures = wire.failures()
        self._workers: dict[str, wire.WorkerState] = {}
        self._gone = 0  # workers that have left, or died
        self._error: JarvisError | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[QueueService]:
        """Follow how the workers are. Raises what keeps Redis from being reached."""
        try:
            await asyncio.to_thread(wire.expect, self._url)
        except self._failures as error:
            raise wire.unreachable(self._url) from error
        await self._look()
        if self._error is not None:
            await self._redis.aclose()
            raise self._error
        watching = asyncio.create_task(self._watch(), name="workers")
        try:
            yield self
        finally:
            await wire.end(watching)
            await self._redis.aclose()

    # --- ports.Service ----------------------------------------------------------------------------------

    async def chat(self, request: ChatRequest) -> AsyncGenerator[ChatDelta | Grounds, None]:
        asked = wire.REQUEST.dump_python(request, mode="json")
        async with aclosing(self._items("chat", {"request": asked})) as items:
            async for item in items:
                if "delta" in item:
                    yield wire.DELTA.validate_python(item["delta"])
                else:
                    yield wire.GROUNDS.validate_python(item["grounds"])

    def models(self) -> Sequence[ServedModel]:
        return tuple(dict.fromkeys(model for worker in self._workers.values() for model in worker.models))

    async def embed(self, texts: Sequence[str]) -> Embeddings:
        return wire.embeddings_of(await self._only("embed", {"texts": list(texts)}))

    async def transcribe(self, samples: Samples, language: str = "auto") -> Transcript:
        item = await self._only("transcribe", {"samples": wire.packed(samples), "language": language})
        return wire.TRANSCRIPT.validate_python(item)

    async def speak(self, text: str, voice: str = "", speed: float = 1.0) -> AsyncGenerator[SpeechClip, None]:
        wanted = {"text": text, "voice": voice, "speed": speed}
        async with aclosing(self._items("speak", wanted)) as items:
            async for item in items:
                yield wire.clip_of(item)

    def readiness(self) -> Readiness:
        workers = tuple(self._workers.values())
        best = next((worker for worker in workers if worker.ready), workers[0] if workers else None)
        if best is None:
            return Readiness(False, {}, ((Part.ENGINE, self._error or _no_worker()),))
        return Readiness(
            best.ready, best.parts, tuple((part, wire.error_of(error)) for part, error in best.reasons)
        )

    # --- one request ------------------------------------------------------------------------------------

    async def _only(self, what: str, arguments: dict[str, Any]) -> dict[str, Any]:
        async with aclosing(self._items(what, arguments)) as items:
            return await anext(items)

    async def _items(self, what: str, arguments: dict[str, Any]) -> AsyncGenerator[dict[str, Any], None]:
        answer = retried(lambda: self._try(what, arguments), TRIES, {"server.worker_died"})
        try:
            async with aclosing(answer) as items:
                async for item in items:
                    yield item
        except self._failures as error:
            raise wire.unreachable(self._url) from error

    async def _try(self, what: str, arguments: dict[str, Any]) -> AsyncGenerator[dict[str, Any], None]:
        keys = wire.Keys(uuid.uuid4().hex)  # anew each time: a worker thought dead may come back
        wire.announce(self._url)
        await self._redis.set(keys.wanted, 1, px=round(wire.LEASE_S * 1000))
        keeping = asyncio.create_task(self._keep(keys.wanted), name="request")
        try:
            await asyncio.to_thread(
                self._celery.send_task,
                f"jarvis.{what}",
                args=(keys.identity, arguments),
                task_id=keys.identity,
                argsrepr="...",  # what is asked is no business of monitors and logs
                expires=WAIT_LIMIT_S,
            )
            async with aclosing(self._answer(keys)) as items:
                async for item in items:
                    yield item
        finally:
            await wire.end(keeping)
            await asyncio.shield(self._redis.delete(keys.wanted, keys.answer))

    async def _answer(self, keys: wire.Keys) -> AsyncGenerator[dict[str, Any], None]:
        read, taken, deadline = "0", False, time.monotonic() + WAIT_LIMIT_S
        gone = self._gone
        while True:
            found = await self._redis.xread({keys.answer: read}, count=_AT_ONCE, block=_LOOK_MS)
            for number, fields in found[0][1] if found else ():
                read = number
                if "end" in fields:
                    return
                if "error" in fields:
                    raise wire.error_of(json.loads(fields["error"]))
                yield json.loads(fields["item"])
            if found or await self._redis.exists(keys.taken):
                taken = True
            elif taken or gone != self._gone:  # one may have had it from the queue and not begun
                raise _worker_died()
            elif not self._workers:
                raise self._error or _no_worker()
            elif time.monotonic() > deadline:
                raise _busy()

    async def _keep(self, key: str) -> None:
        while True:
            await asyncio.sleep(wire.LEASE_S / 4)
            await self._redis.pexpire(key, round(wire.LEASE_S * 1000))

    # --- the workers ------------------------------------------------------------------------------------

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(wire.BEAT_S)
            await self._look()

    async def _look(self) -> None:
        try:
            wire.announce(self._url)
            names = sorted(await self._redis.smembers(wire.WORKERS))
            told = await self._redis.mget(map(wire.worker_key, names)) if names else []
            states = dict(zip(names, told, strict=True))
            if gone := [name for name, state in states.items() if state is None]:
                await self._redis.srem(wire.WORKERS, *gone)
                self._gone += len(gone)
            self._workers = {
                name: wire.STATE.validate_json(state) for name, state in states.items() if state is not None
            }
            self._error = None
        except self._failures:
            self._workers, self._error = {}, wire.unreachable(self._url)
        except JarvisError as error:
            self._workers, self._error = {}, error


def _no_worker() -> JarvisError:
    return JarvisError(
        "server.no_worker",
        "No worker is there to answer.",
        "Start one with: jarvis worker",
        Category.TRANSIENT,
    )


def _worker_died() -> JarvisError:
    return JarvisError(
        "server.worker_died",
        "The worker that was answering has stopped.",
        "Ask again: another one will take it.",
        Category.TRANSIENT,
    )


def _busy() -> JarvisError:
    return JarvisError(
        "server.busy",
        "Jarvis is answering as many requests as it can.",
        "Ask again in {retry_after} s.",
        Category.TRANSIENT,
        retry_after=60,
    )

"""Takes requests from the queue and has them answered by the models of this machine."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager, suppress
from typing import Any

from jarvis_desktop.errors import JarvisError, defective
from jarvis_desktop.ports import ChatDelta, Service
from jarvis_desktop.server import queue_wire as wire

_log = logging.getLogger(__name__)

LOOK_S = 0.25
"""How often it is looked whether anybody still waits for an answer under way."""

Operation = Callable[[Service, dict[str, Any]], AsyncGenerator[dict[str, Any], None]]
"""Carries out one kind of request."""

_KEPT_S = 60  # an answer that nobody fetches


class QueueWorker:
    """Answers requests with `service`, `concurrent` at once, inside `running`. Belongs to one loop.

    `name` is unlike that of any other worker. Raises `JarvisError` ``server.no_celery`` where the packages
    are missing.
    """

    def __init__(self, service: Service, name: str, concurrent: int, url: str, password: str = "") -> None:
        self._service = service
        self._name = name
        self._concurrent = concurrent
        self._url = url
        self._celery = wire.celery_app(url, password, results=True)
        self._redis = wire.redis_client(url, password)
        self._loop = asyncio.get_running_loop()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Take requests for the block; at its end those under way are answered first.

        Raises what keeps Redis from being reached.
        """
        from celery.worker import state

        try:
            await asyncio.to_thread(wire.expect, self._url)
            await self._beat()
        except wire.failures() as error:
            await self._redis.aclose()
            raise wire.unreachable(self._url) from error
        self._celery.set_default()  # or threads of the pool would take another one's settings
        for what, operation in _OPERATIONS.items():
            self._celery.task(self._task(operation), name=f"jarvis.{what}", shared=False)
        state.should_stop = None
        controller = self._celery.WorkController(
            pool="threads",
            concurrency=self._concurrent,
            hostname=f"jarvis@{self._name}",
            without_heartbeat=True,
            without_mingle=True,
            without_gossip=True,
        )
        thread = threading.Thread(target=controller.start, name="celery", daemon=True)
        thread.start()
        beating = asyncio.create_task(self._keep_beating(), name="beat")
        try:
            yield
        finally:
            state.should_stop = 0  # Celery's way to be asked from another thread
            await asyncio.to_thread(thread.join)
            await wire.end(beating)
            with suppress(*wire.failures()):
                await self._redis.delete(wire.worker_key(self._name))
            await self._redis.aclose()

    # --- one request ------------------------------------------------------------------------------------

    def _task(self, operation: Operation) -> Callable[[str, dict[str, Any]], dict[str, Any]]:
        def task(identity: str, arguments: dict[str, Any]) -> dict[str, Any]:
            work = self._carry_out(wire.Keys(identity), operation(self._service, arguments))
            return asyncio.run_coroutine_threadsafe(work, self._loop).result()

        return task

    async def _carry_out(
        self, keys: wire.Keys, items: AsyncGenerator[dict[str, Any], None]
    ) -> dict[str, Any]:
        """Have `items` answered unless nobody wants them any more, or another worker is at it."""
        lease = round(wire.LEASE_S * 1000)
        told = {"worker": self._name, "answered": False}
        if not await self._redis.exists(keys.wanted):
            return told
        if not await self._redis.set(keys.taken, self._name, nx=True, px=lease):
            return told
        answering = asyncio.create_task(self._answer(keys, items), name="answer")
        try:
            while not answering.done():
                await asyncio.wait({answering}, timeout=LOOK_S)
                async with self._redis.pipeline(transaction=False) as ask:
                    ask.exists(keys.wanted)
                    ask.pexpire(keys.taken, lease)
                    ask.expire(keys.answer, _KEPT_S)
                    wanted, *_ = await ask.execute()
                if not wanted:
                    break
            told["answered"] = answering.done()
        finally:
            await wire.end(answering)
            await self._redis.expire(keys.answer, _KEPT_S)  # what was told last may have made it anew
        return told

    async def _answer(self, keys: wire.Keys, items: AsyncGenerator[dict[str, Any], None]) -> None:
        try:
            async with aclosing(items):
                async for item in items:
                    await self._tell(keys, "item", item)
            await self._tell(keys, "end")
        except JarvisError as error:
            await self._tell(keys, "error", wire.error_item(error))
        except wire.failures():
            _log.warning("an answer was lost: Redis does not take it")
        except Exception:
            _log.exception("a request could not be answered")
            await self._tell(keys, "error", wire.error_item(defective("worker")))

    async def _tell(self, keys: wire.Keys, field: str, content: object = None) -> None:
        await self._redis.xadd(keys.answer, {field: json.dumps(content)})

    # --- how it is --------------------------------------------------------------------------------------

    async def _keep_beating(self) -> None:
        while True:
            await asyncio.sleep(wire.BEAT_S)
            with suppress(*wire.failures()):  # Celery tells, and connects again
                wire.announce(self._url)
                await self._beat()

    async def _beat(self) -> None:
        now = self._service.readiness()
        state = wire.WorkerState(
            now.ready,
            tuple(self._service.models()),
            dict(now.parts),
            tuple((part, wire.error_item(error)) for part, error in now.reasons),
        )
        async with self._redis.pipeline() as tell:
            tell.sadd(wire.WORKERS, self._name)
            tell.set(
                wire.worker_key(self._name),
                wire.STATE.dump_json(state).decode(),
                px=round(wire.LEASE_S * 1000),
            )
            await tell.execute()


async def _chat(service: Service, arguments: dict[str, Any]) -> AsyncGenerator[dict[str, Any], None]:
    request = wire.REQUEST.validate_python(arguments["request"])
    async with aclosing(service.chat(request)) as pieces:  # type: ignore[type-var]
        async for piece in pieces:
            if isinstance(piece, ChatDelta):
                yield {"delta": wire.DELTA.dump_python(piece, mode="json")}
            else:
                yield {"grounds": wire.GROUNDS.dump_python(piece, mode="json")}


async def _embed(service: Service, arguments: dict[str, Any]) -> AsyncGenerator[dict[str, Any], None]:
    yield wire.embeddings_item(await service.embed(arguments["texts"]))


async def _transcribe(service: Service, arguments: dict[str, Any]) -> AsyncGenerator[dict[str, Any], None]:
    samples = wire.unpacked(arguments["samples"])
    transcript = await service.transcribe(samples, arguments["language"])
    yield wire.TRANSCRIPT.dump_python(transcript, mode="json")


async def _speak(service: Service, arguments: dict[str, Any]) -> AsyncGenerator[dict[str, Any], None]:
    async with aclosing(service.speak(**arguments)) as clips:  # type: ignore[type-var]
        async for clip in clips:
            yield wire.clip_item(clip)


_OPERATIONS = {"chat": _chat, "embed": _embed, "transcribe": _transcribe, "speak": _speak}

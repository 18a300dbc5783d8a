"""What goes through Redis between the server and workers on other machines, as JSON and nothing else.

A request is a Celery task, whose result tells who has answered it. The answer itself comes as a Redis stream
of ``item``, closed by ``end`` or ``error``. Keys of one request: `wanted` lives as long as somebody waits for
the answer, `taken` as long as a worker is at it, both renewed within `LEASE_S`.
"""

from __future__ import annotations

import asyncio
import base64
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit, urlunsplit

import numpy as np
from pydantic import TypeAdapter

from jarvis_desktop import errors
from jarvis_desktop.errors import Category, JarvisError
from jarvis_desktop.events import Part, PartState, Reason
from jarvis_desktop.network.gate import GATE
from jarvis_desktop.ports import (
    ChatDelta,
    ChatRequest,
    Embeddings,
    Grounds,
    ServedModel,
    SpeechClip,
    Transcript,
)

if TYPE_CHECKING:
    from celery import Celery

PASSWORD_VARIABLE = "JARVIS_REDIS_PASSWORD"

LEASE_S = 4.0
"""A worker, or whoever waits for an answer, that was not heard of for so long is gone."""

BEAT_S = 1.0
"""How often workers tell how they are."""

WORKERS = "jarvis:workers"
"""The names of workers, also of some that are gone."""

_REDELIVERED_S = 60  # what a worker had reserved when it died; the one who waits asks again sooner

REQUEST = TypeAdapter(ChatRequest)
DELTA = TypeAdapter(ChatDelta)
GROUNDS = TypeAdapter(Grounds)
TRANSCRIPT = TypeAdapter(Transcript)


def worker_key(name: str) -> str:
    """Where the worker of that name tells how it is."""
    return f"jarvis:worker:{name}"


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of one request."""

    identity: str

    @property
    def wanted(self) -> str:
        return f"jarvis:wanted:{self.identity}"

    @property
    def taken(self) -> str:
        return f"jarvis:taken:{self.identity}"

    @property
    def answer(self) -> str:
        return f"jarvis:answer:{self.identity}"


@dataclass(frozen=True, slots=True)
class WorkerState:
    """What a worker tells of itself."""

    ready: bool
    models: tuple[ServedModel, ...]
    parts: dict[Part, PartState]
    reasons: tuple[tuple[Part, dict[str, Any]], ...]


STATE = TypeAdapter(WorkerState)


def celery_app(url: str, password: str, *, results: bool) -> Celery:
    """Celery with Redis as broker and, where `results` are written, as result backend.

    Raises `JarvisError` ``server.no_celery``.
    """
    try:
        from celery import Celery
    except ImportError as error:
        raise _no_celery() from error
    address = _with_password(url, password)
    app = Celery("jarvis", broker=address, backend=address if results else None, set_as_current=False)
    app.conf.update(
        task_serializer="json",
        result_serializer="json",
        accept_content=["json"],
        result_accept_content=["json"],
        result_expires=3600,
        task_default_queue="jarvis",
        task_acks_late=True,
        worker_prefetch_multiplier=1,  # nothing waits at one worker while another is free
        broker_transport_options={"visibility_timeout": _REDELIVERED_S},
        broker_connection_retry_on_startup=True,
        worker_hijack_root_logger=False,
    )
    return app


def redis_client(url: str, password: str) -> Any:
    """A `redis.asyncio.Redis` for the running loop, which gives text; its own types allow for all else.

    Raises `JarvisError` ``server.no_celery``.
    """
    try:
        from redis.asyncio import Redis
    except ImportError as error:
        raise _no_celery() from error
    client = Redis.from_url(_with_password(url, password), decode_responses=True)
    pool = client.connection_pool
    pool.connection_class = type("Connection", (_Cancellable, pool.connection_class), {})
    return client


class _Cancellable:
    """Over a connection of Redis' client, which sends with `asyncio.wait_for`: before Python 3.12 that loses
    a cancellation in the moment in which it is done.
    """

    socket_timeout: float | None

    async def send_packed_command(self, *command: Any, **options: Any) -> None:
        limit, self.socket_timeout = self.socket_timeout, None  # with None it sends without `wait_for`
        try:
            async with asyncio.timeout(limit):
                await super().send_packed_command(*command, **options)  # type: ignore[misc]
        finally:
            self.socket_timeout = limit


def announce(url: str) -> None:
    """Tell the list of connections that Redis is going to be reached; raises as `Gate.announce`."""
    parts = urlsplit(url)
    GATE.announce(Reason.QUEUE, parts.hostname or "", parts.port or 6379, who="server")


def expect(url: str) -> None:
    """As `announce`, for all connections to Redis from now on; raises `OSError` for an unknown name."""
    parts = urlsplit(url)
    GATE.expect(Reason.QUEUE, parts.hostname or "", parts.port or 6379, who="server")


def failures() -> tuple[type[Exception], ...]:
    """What Celery and the client raise when Redis does not answer, or not as it should."""
    from kombu.exceptions import OperationalError
    from redis.exceptions import RedisError

    return RedisError, OperationalError, OSError


def unreachable(url: str) -> JarvisError:
    """For whoever needs Redis; never with the password."""
    parts = urlsplit(url)
    return JarvisError(
        "server.no_queue",
        "Redis at {host}:{port} does not answer, or refuses the password.",
        "Start it, or set server.redis_url and the environment variable {variable}.",
        Category.TRANSIENT,
        host=parts.hostname,
        port=parts.port or 6379,
        variable=PASSWORD_VARIABLE,
    )


async def end(task: asyncio.Task[Any]) -> None:
    """Cancel a task and wait until it has let go of its connection."""
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


# --- items ------------------------------------------------------------------------------------------------


def clip_item(clip: SpeechClip) -> dict[str, Any]:
    """Speech as an item; word marks stay behind, as no protocol of ours tells them."""
    return {"samples": packed(clip.samples), "rate": clip.sample_rate, "text": clip.text}


def clip_of(item: dict[str, Any]) -> SpeechClip:
    return SpeechClip(unpacked(item["samples"]), item["rate"], item["text"])


def embeddings_item(found: Embeddings) -> dict[str, Any]:
    return {"vectors": packed(found.vectors), "model": found.model, "tokens": found.tokens}


def embeddings_of(item: dict[str, Any]) -> Embeddings:
    return Embeddings(unpacked(item["vectors"]), item["model"], item["tokens"])


def packed(numbers: np.ndarray) -> dict[str, Any]:
    """An array of 32-bit numbers as JSON."""
    return {"shape": numbers.shape, "base64": base64.b64encode(numbers.astype("<f4").tobytes()).decode()}


def unpacked(item: dict[str, Any]) -> np.ndarray:
    numbers = np.frombuffer(base64.b64decode(item["base64"]), "<f4").astype(np.float32)
    return numbers.reshape(item["shape"])


def error_item(error: JarvisError) -> dict[str, Any]:
    return {"class": type(error).__name__, **error.as_json()}


def error_of(item: dict[str, Any]) -> JarvisError:
    """The error as it was raised by the worker, of a class that all know."""
    kind = getattr(errors, item["class"], JarvisError)
    known = kind if isinstance(kind, type) and issubclass(kind, JarvisError) else JarvisError
    category = Category(item["category"])
    return known(item["code"], "{told}", "{advice}", category, told=item["message"], advice=item["hint"])


def _with_password(url: str, password: str) -> str:
    if not password:
        return url
    parts = urlsplit(url)
    user, _, place = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{user}:{quote(password, safe='')}@{place}"))


def _no_celery() -> JarvisError:
    return JarvisError(
        "server.no_celery",
        "Sharing the work with other machines needs Celery, which is not installed.",
        "Install it with: {command}",
        command=f'{sys.executable} -m pip install "celery[redis]>=5.7"',
    )

"""One request and its answer, as they pass the guard: measured, bounded, and cut off where it has to be."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from jarvis_desktop.errors import JarvisError
from jarvis_desktop.server import rules
from jarvis_desktop.server.errors import RequestError, error_data, status_of

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

PAUSE_SECONDS = 10.0
"""The longest wait for the next piece of a body."""
BODY_SECONDS = 60.0
"""The longest wait for a whole body."""
READ_SECONDS = 60.0
"""The longest that a client may leave an answer unread."""

RETRY_SECONDS = 5
"""After which a request that found no room for its body may come again."""

ABORT = "jarvis.abort"
"""The extension of the scope that breaks a connection off."""

_CHALLENGE = (b"www-authenticate", b"Bearer")
_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"referrer-policy", b"no-referrer"),
)


class Budget:
    """What the bodies of all requests under way take, in bytes; `most` of them, asked for each time."""

    def __init__(self, most: Callable[[], int]) -> None:
        self._most = most
        self._taken = 0

    def take(self, count: int) -> None:
        """Raises `RequestError` (503), and takes nothing, where there is no room."""
        if self._taken + count > self._most():
            raise rules.no_room(RETRY_SECONDS)
        self._taken += count

    def give_back(self, count: int) -> None:
        self._taken -= count


class Exchange:
    """`receive` and `send` are given to the application; what it streams passes untouched.

    A request that is refused while its body is read is answered with the refusal, whatever the application
    makes of it. What its body takes of the budget is given back by `close`.
    """

    def __init__(self, scope: Message, receive: Receive, send: Send, budget: Budget) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._budget = budget
        self._taken = 0
        self._refusal: RequestError | None = None
        self._whole: bytes | None = None  # the body, where it was read before
        self._arrived = False  # all of the body
        self._until: float | None = None  # the body has to be there
        self._started = False
        self.most = 0  # bytes of the body
        self.weight = 1  # bytes in memory for each of them
        self.status = 0
        self.received = self.sent = 0

    async def read(self) -> bytes:
        """The whole body, which the application can receive all the same. Raises `RequestError`."""
        pieces = []
        while not self._arrived:
            message = await self.receive()
            if message["type"] != "http.request":
                raise rules.too_slow()  # nobody is there to read it
            pieces.append(message.get("body", b""))
        self._whole = b"".join(pieces)
        return self._whole

    async def receive(self) -> Message:
        """The next piece of the body, or that the client has gone."""
        if self._whole is not None:
            body, self._whole = self._whole, None
            return {"type": "http.request", "body": body, "more_body": False}
        if self._arrived:
            return await self._receive()
        now = asyncio.get_running_loop().time()
        self._until = self._until or now + BODY_SECONDS
        try:
            async with asyncio.timeout_at(min(self._until, now + PAUSE_SECONDS)):
                message = await self._receive()
        except TimeoutError:
            self._refusal = rules.too_slow()
            raise self._refusal from None
        self._arrived = not message.get("more_body")
        try:
            self._count(len(message.get("body", b"")))
        except RequestError as error:
            self._refusal = error
            raise
        return message

    def _count(self, arrived: int) -> None:
        self.received += arrived
        if self.received > self.most:
            raise rules.too_large(self.most)
        self._budget.take(arrived * self.weight)
        self._taken += arrived * self.weight

    def close(self) -> None:
        """It is over, and nothing holds its body any more."""
        self._budget.give_back(self._taken)
        self._taken = 0

    async def send(self, message: Message) -> None:
        """A piece of the answer."""
        if self._refusal is not None and not self._started:
            await self.refuse(self._refusal)
        if self._refusal is None:
            await self._pass(message)

    async def refuse(self, error: JarvisError) -> None:
        """Answer with an error, unless an answer has begun already."""
        if self._started:
            return
        body = json.dumps(error_data(error), ensure_ascii=False).encode()
        about = (b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())
        headers = [*about, *_advice(error)]
        start = {"type": "http.response.start", "status": status_of(error), "headers": headers}
        await self._pass(start)
        await self._pass({"type": "http.response.body", "body": body})

    async def end(self, error: JarvisError) -> None:
        """Answer with an error; or break the connection off, where half an answer was sent."""
        if self._started:
            await self._abort()
        else:
            await self.refuse(error)

    async def _abort(self) -> None:
        self._scope["extensions"][ABORT]["call"]()
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def _pass(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._started, self.status = True, message["status"]
            message = {**message, "headers": _secured(message.get("headers", ()))}
        else:
            self.sent += len(message.get("body", b""))
        try:
            async with asyncio.timeout(READ_SECONDS):
                await self._send(message)
        except TimeoutError:
            await self._abort()


def _advice(error: JarvisError) -> list[tuple[bytes, bytes]]:
    if (seconds := error.params.get("retry_after")) is not None:
        return [(b"retry-after", str(seconds).encode())]
    return [_CHALLENGE] if error.code == "server.no_token" else []


def _secured(headers: Any) -> list[tuple[bytes, bytes]]:
    own = {name for name, _ in _HEADERS}
    return [*(each for each in headers if each[0].lower() not in own), *_HEADERS]

"""Answers that come piece by piece, and clients that leave."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping
from contextlib import aclosing
from typing import Any, TypeVar

from fastapi import Request, Response

from jarvis_desktop.errors import JarvisError
from jarvis_desktop.server.errors import RequestError, error_data

HEARTBEAT_SECONDS = 10.0
"""Between two signs of life where there is nothing to tell; proxies close what is silent for longer."""

PATIENCE_SECONDS = 5.0
"""An error within them becomes the status of the answer; after them the stream is open."""

NO_STREAM = "x-jarvis-no-stream"
"""Header of a client behind a proxy that breaks streams: the same events come as one plain body."""

_TYPE = "text/event-stream"
_HEADERS: Mapping[str, str] = {
    "Cache-Control": "no-store, no-transform",
    "X-Accel-Buffering": "no",  # nginx and those that follow it hold answers back else
}

T = TypeVar("T")
Events = AsyncGenerator[Mapping[str, Any] | str, None]


async def event_response(request: Request, events: Events) -> Response:
    """An answer that tells `events` as they come: objects, or a word such as ``[DONE]``.

    Raises what the first one raises, if it comes soon. A client that leaves closes `events`.
    """
    pieces = _encoded(events)
    if NO_STREAM in request.headers:
        return Response(await while_connected(request, _whole(pieces)), media_type=_TYPE)
    return await ByteStream.begun(request, pieces, _TYPE, b": still at work\n\n", _error_event)


async def while_connected(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """What `work` returns; it is cancelled when the client leaves."""
    working = asyncio.ensure_future(work)
    leaving = asyncio.ensure_future(_left(request.receive))
    try:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
        raise left()
    finally:
        await _cancelled(working, leaving)


def left() -> RequestError:
    """What nobody gets to read."""
    return RequestError("server.client_left", "The client has left.", status=499)


class ByteStream(Response):
    """Sends pieces as they come, until the client leaves; `heartbeat` where none comes for a while.

    `ending` makes the last piece of an error; without it the connection breaks off, for half a file must not
    look whole.
    """

    def __init__(
        self,
        first: asyncio.Future[bytes],
        pieces: AsyncGenerator[bytes, None],
        media_type: str,
        heartbeat: bytes,
        ending: Callable[[JarvisError], bytes] | None,
    ) -> None:
        super().__init__(headers=dict(_HEADERS), media_type=media_type)
        del self.headers["content-length"]
        self._next = first
        self._pieces = pieces
        self._heartbeat = heartbeat
        self._ending = ending

    @classmethod
    async def begun(
        cls,
        request: Request,
        pieces: AsyncGenerator[bytes, None],
        media_type: str,
        heartbeat: bytes = b"",
        ending: Callable[[JarvisError], bytes] | None = None,
    ) -> ByteStream:
        """One of which the first piece is there, or late. Raises what that raises."""
        first = asyncio.ensure_future(anext(pieces))
        leaving = asyncio.ensure_future(_left(request.receive))
        try:
            await asyncio.wait(
                {first, leaving}, timeout=PATIENCE_SECONDS, return_when=asyncio.FIRST_COMPLETED
            )
            if first.done():
                first.result()
            elif leaving.done():
                raise left()
            return cls(first, pieces, media_type, heartbeat, ending)
        except BaseException:
            await _end(first, pieces)
            raise
        finally:
            await _cancelled(leaving)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        sending = asyncio.ensure_future(self._send(send))
        leaving = asyncio.ensure_future(_left(receive))
        try:
            await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if sending.done():
                sending.result()
        finally:
            await _cancelled(sending, leaving)
            await _end(self._next, self._pieces)

    async def _send(self, send: Any) -> None:
        start = {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
        await send(start)
        try:
            while True:
                await asyncio.wait({self._next}, timeout=HEARTBEAT_SECONDS)
                piece = self._heartbeat
                if self._next.done():
                    piece = self._next.result()
                    self._next = asyncio.ensure_future(anext(self._pieces))
                if piece:
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
        except StopAsyncIteration:
            last = b""
        except JarvisError as error:
            if self._ending is None:
                raise
            last = self._ending(error)
        await send({"type": "http.response.body", "body": last, "more_body": False})


async def _encoded(events: Events) -> AsyncGenerator[bytes, None]:
    async with aclosing(events):
        async for event in events:
            yield _event(event)


def _event(event: Mapping[str, Any] | str) -> bytes:
    text = event if isinstance(event, str) else json.dumps(event, ensure_ascii=False)
    return f"data: {text}\n\n".encode()


def _error_event(error: JarvisError) -> bytes:
    return _event(error_data(error))


async def _whole(pieces: AsyncGenerator[bytes, None]) -> bytes:
    """All of them; an error behind the first one is an event as well, and the last."""
    told: list[bytes] = []
    async with aclosing(pieces):
        try:
            async for piece in pieces:
                told.append(piece)
        except JarvisError as error:
            if not told:
                raise
            told.append(_error_event(error))
    return b"".join(told)


async def _left(receive: Any) -> None:
    """Until the client closes the connection; its body has been read."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _end(first: asyncio.Future[bytes], pieces: AsyncGenerator[bytes, None]) -> None:
    await _cancelled(first)
    await pieces.aclose()


async def _cancelled(*tasks: asyncio.Future[Any]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)

"""A language engine that answers at once, by OpenAI's protocol, and keeps nothing of what it was asked."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

WORDS = "All is well, and the answer to that is quite short.".split()

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"


@asynccontextmanager
async def quick_engine(token_s: float = 0.002) -> AsyncIterator[str]:
    """Its base URL; `token_s` seconds pass before each word."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):  # who asked may leave
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            length = head.partition(b"content-length: ")[2].partition(b"\r\n")[0]
            await reader.readexactly(int(length or b"0"))
            writer.write(_HEAD)
            for word in WORDS:
                await asyncio.sleep(token_s)
                writer.write(_event({"choices": [{"index": 0, "delta": {"content": f"{word} "}}]}))
                await writer.drain()
            writer.write(_event({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}))
            writer.write(b"data: [DONE]\n\n")
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"


def _event(payload: object) -> bytes:
    return b"data: " + json.dumps(payload).encode() + b"\n\n"

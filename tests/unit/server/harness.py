"""Serves an assistant on fakes over a real socket of loopback."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from jarvis_desktop.assistant import Assistant, Parts
from jarvis_desktop.audio.files import read_audio
from jarvis_desktop.config.schema import Config
from jarvis_desktop.config.schema import Server as ServerSettings
from jarvis_desktop.events import Part
from jarvis_desktop.server.app import guarded_app
from jarvis_desktop.server.context import CLIENT, Admission, Asgi, ServerContext, Unlimited
from jarvis_desktop.server.core_link import CoreLink
from jarvis_desktop.server.http_server import HttpServer
from tests.unit.assistant.harness import running

QUESTION = [{"role": "user", "content": "How are you?"}]


@dataclass
class Served:
    """`client` asks the server that lends `assistant`; the header X-Client says for whom."""

    assistant: Assistant
    client: httpx.AsyncClient
    server: HttpServer

    async def chat(self, **body: Any) -> httpx.Response:
        return await self.client.post("/v1/chat/completions", json={"messages": QUESTION, **body})


def by_header(app: Asgi) -> Asgi:
    """A guard that believes whoever says who they are."""

    async def guarded(scope: Any, receive: Any, send: Any) -> None:
        scope[CLIENT] = dict(scope["headers"]).get(b"x-client", b"").decode()
        await app(scope, receive, send)

    return guarded


@asynccontextmanager
async def served(
    parts: Parts,
    folder: Path,
    *,
    config: Config | None = None,
    ready: bool = True,
    admission: Admission | None = None,
) -> AsyncIterator[Served]:
    """Where not `ready`, nothing is loaded before it is asked for. Without `admission` everybody may ask."""
    async with running(parts, config=config) as (assistant, _):
        if ready:
            await assistant.prepare(Part.ENGINE)
        context = ServerContext(
            service=assistant.service,
            link=CoreLink(asyncio.get_running_loop()),
            settings=lambda: ServerSettings(),
            admission=admission or Unlimited(),
            guard=by_header,
            read_recording=lambda name, content: read_audio(Path(name), content, 1),
        )
        server = HttpServer(guarded_app(context), "127.0.0.1", 20_000, folder / "server.json")
        await asyncio.to_thread(server.start)
        try:
            async with httpx.AsyncClient(base_url=server.address, trust_env=False, timeout=20) as client:
                yield Served(assistant, client, server)
        finally:
            await asyncio.to_thread(server.stop)


def events(body: str) -> list[Any]:
    """What a body of server-sent events tells; ``[DONE]`` as that word."""
    told = [line.removeprefix("data: ") for line in body.splitlines() if line.startswith("data: ")]
    return [text if text == "[DONE]" else json.loads(text) for text in told]

"""The local API beside a session: there when the settings want it, and an engine that died comes back."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from jarvis_desktop.app.serving import Serving
from jarvis_desktop.assistant import Assistant
from jarvis_desktop.config.paths import Paths
from jarvis_desktop.config.store import ConfigStore
from jarvis_desktop.errors import EngineError
from jarvis_desktop.events import Part, ServerChanged
from tests.fakes import FakeChat, fake_parts
from tests.unit.assistant.harness import running, until
from tests.witness import Witness


@dataclass
class Session:
    assistant: Assistant
    witness: Witness
    config: ConfigStore
    servers: Serving
    chat: FakeChat

    def lives(self) -> bool:
        return httpx.get(f"{self.servers.address}/health", trust_env=False).is_success


@asynccontextmanager
async def session(folder: Path) -> AsyncIterator[Session]:
    paths, chat = Paths.choose(folder), FakeChat()
    config = ConfigStore(paths.config_file, {})
    config.load()
    async with (
        running(fake_parts(chat=chat)) as (assistant, witness),
        Serving(paths, config, assistant) as servers,
    ):
        yield Session(assistant, witness, config, servers, chat)


def test_it_comes_moves_and_goes_with_the_settings(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with session(tmp_path) as it:
            assert (await it.witness.next(ServerChanged)).address == ""
            with socket.create_server(("127.0.0.1", 0)) as taken:
                port = taken.getsockname()[1]
                it.config.patch({"server.enabled": True, "server.port": port})
                told = (await it.witness.next(ServerChanged)).address
            assert told == it.servers.address
            assert not told.endswith(f":{port}")  # another program has that one, and the address tells
            assert await asyncio.to_thread(it.lives)
            it.config.patch({"server.enabled": False})
            assert (await it.witness.next(ServerChanged)).address == ""

    asyncio.run(scenario())


def test_what_decides_whether_others_may_reach_it_holds_at_once(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with session(tmp_path) as it:
            await it.witness.next(ServerChanged)
            for change, code in (
                ({"server.enabled": True, "server.host": "192.0.2.1"}, "server.open_without_names"),
                ({"server.allowed_hosts": "studio.lan"}, "server.no_address"),  # it is no address of ours
                ({"privacy.offline": True}, "network.sealed_port"),
            ):
                it.config.patch(change)
                error = (await it.witness.next(ServerChanged)).error
                assert error is not None
                assert error.code == code

    asyncio.run(scenario())


def test_an_engine_that_died_is_started_again_unless_it_died_too_often(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with session(tmp_path) as it:
            it.config.patch({"server.enabled": True, "server.port": 20_900})
            while not (await it.witness.next(ServerChanged)).address:
                pass
            await it.assistant.prepare(Part.ENGINE)
            it.assistant.loader.failed(Part.ENGINE, EngineError("engine.died", "It stopped."))
            assert not it.assistant.service.readiness().ready
            await until(lambda: it.assistant.service.readiness().ready)
            it.assistant.loader.failed(Part.ENGINE, EngineError("engine.crash_loop", "Too often."))
            await it.assistant.prepare(Part.HEARING)  # whatever was to begin has begun
            assert not it.assistant.service.readiness().ready
            assert it.chat.loads == 2

    asyncio.run(scenario())

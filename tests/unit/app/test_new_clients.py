"""A program asks for the first time while a window is open: the user answers, and the program is answered."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from jarvis_desktop.app.clients import token_store
from jarvis_desktop.app.serving import Serving
from jarvis_desktop.config.paths import Paths
from jarvis_desktop.config.store import ConfigStore
from jarvis_desktop.errors import JarvisError
from jarvis_desktop.events import (
    AddClient,
    AllowClient,
    ClientAdded,
    ClientAsked,
    ClientSettled,
    Decided,
    RevokeClient,
    Scope,
    ServerChanged,
)
from tests.fakes import fake_parts
from tests.raw_http import RawClient
from tests.unit.assistant.harness import running

EVERYTHING = frozenset(Scope)


def config_of(paths: Paths, **settings: str) -> ConfigStore:
    variables = {f"JARVIS_SERVER__{name.upper()}": value for name, value in settings.items()}
    store = ConfigStore(paths.config_file, {"JARVIS_SERVER__ENABLED": "true", **variables})
    store.load()
    return store


def program(address: str, token: str) -> RawClient:
    client = RawClient()
    client.port, client.token = int(address.rpartition(":")[2]), token
    return client


def test_the_user_answers_and_the_program_goes_on(tmp_path: Path) -> None:
    async def run() -> None:
        paths = Paths.choose(tmp_path)
        parts = fake_parts()
        parts.clients = token_store(paths)
        async with (
            running(parts) as (assistant, witness),
            Serving(paths, config_of(paths), assistant, asks=True) as servers,
        ):
            asking = program(servers.address, paths.server_token.read_text().strip())
            waiting = asyncio.create_task(asyncio.to_thread(asking.ask))
            asked = await witness.next(ClientAsked)
            assert asked.program
            assistant.post(AllowClient(asked.client.id, EVERYTHING))
            assert (await waiting).status == 200
            await witness.next(ClientSettled)

            assistant.post(AddClient("Notebook", EVERYTHING))
            added = await witness.next(ClientAdded)
            made = program(servers.address, added.token)
            assert (await asyncio.to_thread(made.ask)).status == 200  # the user made it: nobody is asked
            assistant.post(RevokeClient(added.client.id))
            while token_store(paths).client(added.client.id) is not None:  # noqa: ASYNC110
                await asyncio.sleep(0)
            assert (await asyncio.to_thread(made.ask)).status == 401

    asyncio.run(run())


def test_without_a_window_nobody_is_asked(tmp_path: Path) -> None:
    async def run() -> None:
        paths = Paths.choose(tmp_path)
        async with (
            running(fake_parts()) as (assistant, witness),
            Serving(paths, config_of(paths), assistant) as servers,
        ):
            asking = program(servers.address, paths.server_token.read_text().strip())
            assert (await asyncio.to_thread(asking.ask)).status == 200
            assert witness.of(ClientAsked) == []

    asyncio.run(run())


@pytest.mark.parametrize("names", ["", "studio.lan"])
def test_a_server_that_others_reach_needs_names_and_is_told_loudly(tmp_path: Path, names: str) -> None:
    async def run() -> tuple[JarvisError | None, list[Decided]]:
        paths = Paths.choose(tmp_path)
        config = config_of(paths, host="0.0.0.0", allowed_hosts=names)
        async with (
            running(fake_parts()) as (assistant, witness),
            Serving(paths, config, assistant) as servers,
        ):
            changed = await witness.next(ServerChanged)
            assert bool(changed.address) == bool(names)
            assert changed.error is servers.error
            return servers.error, witness.of(Decided)

    error, told = asyncio.run(run())
    if names:
        assert error is None
        assert "not encrypted" in str(told[-1].remark)
    else:
        assert error is not None
        assert error.code == "server.open_without_names"
        assert told == []

"""When the Wyoming server listens, and what the user is told of it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest
from wyoming.audio import AudioStart
from wyoming.client import AsyncClient
from wyoming.info import Describe, Info
from wyoming.tts import Synthesize

from jarvis_desktop.app import wyoming
from jarvis_desktop.app.serving import Serving
from jarvis_desktop.app.wyoming import WyomingServing, offered
from jarvis_desktop.config.paths import Paths
from jarvis_desktop.config.store import ConfigStore
from jarvis_desktop.events import Decided, Event, Failed, ModelState
from jarvis_desktop.server.admission import Admission
from jarvis_desktop.server.listening import opens_to_network
from tests.fakes import fake_parts
from tests.unit.assistant.harness import running


@pytest.fixture
def store(tmp_path: Path) -> ConfigStore:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    return ConfigStore(tmp_path / "config.toml", {"JARVIS_SERVER__WYOMING_PORT": str(port)})


def serving(
    home: Path, store: ConfigStore, visit: Callable[[WyomingServing], Awaitable[None]]
) -> list[Event]:
    """What the user is told while `visit` lasts."""
    told: list[Event] = []

    async def live() -> None:
        assistant: Any = SimpleNamespace(service=None, emit=told.append)
        admission = Admission(lambda: store.current.server)
        async with WyomingServing(Paths.choose(home), store, assistant, admission) as servers:
            await visit(servers)

    asyncio.run(live())
    return told


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not true():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


def accepts(address: str) -> bool:
    place = urlsplit(address)
    with socket.socket() as client:
        return client.connect_ex((place.hostname, place.port)) == 0


def test_it_listens_while_the_setting_says_so_and_never_unasked(tmp_path: Path, store: ConfigStore) -> None:
    async def visit(servers: WyomingServing) -> None:
        assert servers.address == ""
        store.patch({"server.wyoming": True})
        await until(lambda: servers.address != "")
        address = servers.address
        async with AsyncClient.from_uri(address, read_timeout=10) as client:
            await client.write_event(Describe().event())
            event = await client.read_event()
            assert event is not None
            assert Info.is_type(event.type)
        store.patch({"server.wyoming": False})
        await until(lambda: servers.address == "")
        assert not accepts(address)

    assert serving(tmp_path, store, visit) == []


def test_a_port_that_is_taken_is_told(tmp_path: Path, store: ConfigStore) -> None:
    store.patch({"server.wyoming": True})

    async def visit(servers: WyomingServing) -> None:
        assert accepts(servers.address)

    with socket.create_server(("127.0.0.1", store.current.server.wyoming_port)):
        (told,) = serving(tmp_path, store, visit)
    assert isinstance(told, Decided)
    assert "is taken" in str(told.remark)


def test_that_others_reach_it_is_told_loudly(
    tmp_path: Path, store: ConfigStore, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(wyoming, "opens_to_network", lambda host: True)  # the test itself is heard by nobody
    store.patch({"server.wyoming": True})

    async def visit(servers: WyomingServing) -> None: ...

    (told,) = serving(tmp_path, store, visit)
    assert isinstance(told, Decided)
    assert str(told.remark).startswith("Everybody in your network")
    assert "Everybody in your network" in caplog.text


def test_offline_it_is_for_this_computer_only(tmp_path: Path, store: ConfigStore) -> None:
    store.patch({"server.wyoming": True})
    store.patch({"server.wyoming_host": "0.0.0.0"})
    store.patch({"privacy.offline": True})

    async def visit(servers: WyomingServing) -> None:
        assert servers.address == ""

    (told,) = serving(tmp_path, store, visit)
    assert isinstance(told, Failed)
    assert told.error.code == "network.sealed_port"


def test_working_offline_changes_nothing_for_this_computer(tmp_path: Path, store: ConfigStore) -> None:
    store.patch({"server.wyoming": True})

    async def visit(servers: WyomingServing) -> None:
        async with AsyncClient.from_uri(servers.address, read_timeout=10) as client:
            store.patch({"privacy.offline": True})
            for _ in range(5):  # what is to be done about it has begun
                await asyncio.sleep(0)
            await client.write_event(Describe().event())
            assert await client.read_event() is not None

    assert serving(tmp_path, store, visit) == []


def test_an_address_that_is_not_ours_is_explained(tmp_path: Path, store: ConfigStore) -> None:
    store.patch({"server.wyoming": True})
    store.patch({"server.wyoming_host": "192.0.2.1"})

    async def visit(servers: WyomingServing) -> None: ...

    (told,) = serving(tmp_path, store, visit)
    assert isinstance(told, Failed)
    assert told.error.code == "server.no_address"


def test_its_clients_and_programs_wait_for_the_same_places(tmp_path: Path, store: ConfigStore) -> None:
    store.patch({"server.wyoming": True, "server.concurrent": 1})

    async def scenario() -> None:
        paths = Paths.choose(tmp_path)
        async with (
            running(fake_parts()) as (assistant, _),
            Serving(paths, store, assistant) as api,
            WyomingServing(paths, store, assistant, api.admission) as servers,
            AsyncClient.from_uri(servers.address, read_timeout=10) as client,
        ):
            async with api.admission.place("a program"):
                await client.write_event(Synthesize("Good morning.").event())
                await until(lambda: api.admission.waiting == 1)
            event = await client.read_event()
            assert event is not None
            assert AudioStart.is_type(event.type)

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("host", "opens"),
    [("127.0.0.1", False), ("::1", False), ("0.0.0.0", True), ("::", True), ("192.168.1.5", True)],
)
def test_only_loopback_is_for_this_computer(host: str, opens: bool) -> None:
    assert opens_to_network(host) is opens


def test_models_of_the_settings_are_offered_when_they_are_here(tmp_path: Path, store: ConfigStore) -> None:
    from jarvis_desktop.models.catalogue import Catalogue

    present = {"piper-en-joe", "hey-jarvis"}
    models: Any = SimpleNamespace(
        catalogue=Catalogue.load(),
        state=lambda name: ModelState.PRESENT if name in present else ModelState.ABSENT,
    )
    store.patch({"speech.spanish_voice": "piper-es-davefx"})
    offer = offered(models, store.current)
    assert offer.transcription is None
    assert [voice.name for voice in offer.voices] == ["piper-en-joe"]
    assert offer.wake_word is not None

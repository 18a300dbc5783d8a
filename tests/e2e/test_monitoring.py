"""A real Prometheus reads a real server; each question of the dashboard gets an answer."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from jarvis_desktop.config.schema import Server
from jarvis_desktop.resources import resource
from jarvis_desktop.server.app import guarded_app
from jarvis_desktop.server.context import ServerContext, Unlimited, unguarded
from jarvis_desktop.server.core_link import CoreLink
from jarvis_desktop.server.http_server import HttpServer
from jarvis_desktop.server.measuring import MeasuredService
from jarvis_desktop.telemetry.metrics import Metrics
from tests.conftest import ROOT
from tests.e2e.screen import wait_for
from tests.fakes import fake_parts
from tests.monitored import see_everything
from tests.unit.assistant.harness import running

PATIENCE_S = 60.0
CANARY = "Where is Zanzibar?"
GRAFANA = {"$__rate_interval": "30s", "$__range": "1m", "$model": ".*"}

pytestmark = pytest.mark.skipif(
    shutil.which("prometheus") is None, reason="needs prometheus (a Debian package)"
)


def test_each_panel_of_the_dashboard_shows_what_a_server_tells(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with served(tmp_path) as (metrics, address):
            with prometheus(tmp_path, address) as api:
                async with httpx.AsyncClient(base_url=api) as client, asyncio.timeout(PATIENCE_S):
                    times, empty = 0, questions()
                    while empty:
                        times += 1
                        see_everything(metrics, times)
                        empty = {asked for asked in empty if not await answered(client, asked)}
                        await asyncio.sleep(0.5)
                    rules = (await client.get("/api/v1/rules")).json()["data"]["groups"][0]["rules"]
                    assert {rule["health"] for rule in rules} <= {"ok", "unknown"}

    asyncio.run(scenario())


def test_a_server_of_its_own_is_read_with_a_token_for_that(tmp_path: Path, models_home: Path) -> None:
    (tmp_path / "models").symlink_to(models_home / "models")
    address = f"http://127.0.0.1:{free_port()}"
    with serving(tmp_path, address):
        token = (tmp_path / "data" / "server.token").read_text(encoding="utf-8").strip()
        with httpx.Client(
            base_url=address, headers={"Authorization": f"Bearer {token}"}, timeout=60
        ) as client:
            wait_for("the engine", lambda: client.get("/ready").status_code == 200)
            asked = {"model": "jarvis", "messages": [{"role": "user", "content": CANARY}], "max_tokens": 8}
            assert client.post("/v1/chat/completions", json=asked).status_code == 200
        made = jarvis(tmp_path, "serve", "token", "add", "prometheus", "--scope", "metrics")
        reader = {"Authorization": f"Bearer {json.loads(made.stdout)['token']}"}
        with httpx.Client(base_url=address, headers=reader, timeout=60) as client:
            assert client.get("/v1/models").status_code == 403
            client.get("/metrics")
            told = client.get("/metrics").text
    checked = subprocess.run(["promtool", "check", "metrics"], input=told, capture_output=True, text=True)
    assert (checked.returncode, checked.stderr) == (0, "")
    assert CANARY not in told
    samples = dict(line.rsplit(" ", 1) for line in told.splitlines() if not line.startswith("#"))
    assert float(samples["jarvis_ready"]) == 1
    assert float(samples['jarvis_part_memory_bytes{part="engine"}']) > 100 * 1024**2
    answers = [value for key, value in samples.items() if key.startswith("jarvis_answers_total{")]
    assert answers == ["1.0"]
    assert any('route="/v1/models",status="403"' in key for key in samples)
    assert any('client="prometheus"' in key and 'route="/metrics"' in key for key in samples)


def jarvis(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "jarvis_desktop", "--home", str(home), "--json", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)


@contextlib.contextmanager
def serving(home: Path, address: str) -> Iterator[None]:
    """`jarvis serve`, once it listens."""
    command = [sys.executable, "-m", "jarvis_desktop", "--home", str(home), "serve", "--port"]
    process = subprocess.Popen(
        [*command, address.rpartition(":")[2]], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )

    def lives() -> bool:
        with contextlib.suppress(httpx.TransportError):
            return httpx.get(f"{address}/health").status_code == 200
        return False

    try:
        wait_for("the server", lives)
        yield
    finally:
        process.terminate()
        process.wait(30)


def questions() -> set[str]:
    dashboard = json.loads(resource("resources", "grafana", "jarvis.json").read_text(encoding="utf-8"))
    asked = {target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", ())}
    for variable, value in GRAFANA.items():
        asked = {each.replace(variable, value) for each in asked}
    assert asked
    return asked


async def answered(client: httpx.AsyncClient, question: str) -> bool:
    with contextlib.suppress(httpx.TransportError):  # it is still starting
        reply = await client.get("/api/v1/query", params={"query": question})
        if reply.status_code == 503:
            return False
        assert reply.status_code == 200, (question, reply.text)
        found: list[Any] = reply.json()["data"]["result"]
        return bool(found)
    return False


@contextlib.asynccontextmanager
async def served(folder: Path) -> AsyncIterator[tuple[Metrics, str]]:
    """A server over an assistant, on loopback."""
    async with running(fake_parts()) as (assistant, _):
        metrics = Metrics()
        context = ServerContext(
            service=MeasuredService(assistant.service, metrics, lambda: assistant.answered_by),
            link=CoreLink(asyncio.get_running_loop()),
            settings=Server,
            admission=Unlimited(),
            guard=unguarded,
            metrics=metrics,
            measure=assistant.measure,
        )
        server = HttpServer(guarded_app(context), "127.0.0.1", free_port(), folder / "server.json")
        server.start()
        try:
            yield metrics, server.address.removeprefix("http://")
        finally:
            await asyncio.to_thread(server.stop)


@contextlib.contextmanager
def prometheus(folder: Path, target: str) -> Iterator[str]:
    """One that reads the target each second, by the configuration that ships with Jarvis."""
    source = resource("resources", "prometheus", "scrape.yml").read_text(encoding="utf-8")
    ours = source.replace("127.0.0.1:8765", target).replace("15s", "1s")
    assert ours != source
    (folder / "scrape.yml").write_text(ours)
    (folder / "jarvis.token").write_text("secret")
    shutil.copy(resource("resources", "prometheus", "alerts.yml"), folder)
    address = f"127.0.0.1:{free_port()}"
    process = subprocess.Popen(
        [
            "prometheus",
            f"--config.file={folder / 'scrape.yml'}",
            f"--storage.tsdb.path={folder / 'series'}",
            f"--web.listen-address={address}",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield f"http://{address}"
    finally:
        process.terminate()
        process.wait(20)


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])

"""Tools on real parts: servers of the Model Context Protocol as processes and over HTTP, and a real model."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import psutil
import pytest

from jarvis_desktop.events import Remark
from jarvis_desktop.ports import ToolResult
from jarvis_desktop.tools.built_in import SPECS, BuiltInTools
from jarvis_desktop.tools.server import Limits
from jarvis_desktop.tools.toolbox import Toolbox
from tests.engine_parts import GOOD, GOOD_FILE, ROOT, gguf, until
from tests.fakes import FakeHistory

SERVER = Path(__file__).parent / "tool_server.py"
SHELF = {"command": sys.executable, "args": [str(SERVER), "stdio"]}


@asynccontextmanager
async def toolbox(
    folder: Path,
    servers: Mapping[str, object],
    told: list[Remark] | None = None,
    limits: Limits = Limits(),  # noqa: B008 - frozen
) -> AsyncIterator[Toolbox]:
    """Tools with these servers; at the end no process is left below this one that was not there before."""
    before = set(psutil.Process().children(recursive=True))
    file = folder / "mcp.json"
    file.write_text(json.dumps({"mcpServers": servers}), encoding="utf-8")
    remarks: list[Remark] = told if told is not None else []
    built_in = BuiltInTools(FakeHistory(), lambda _: None)
    tools = Toolbox(built_in, file, lambda: True, remarks.append, limits, wait_s=30.0)
    try:
        yield tools
    finally:
        await tools.close()
        left = [each for each in set(psutil.Process().children(recursive=True)) - before if alive(each)]
        assert left == []
    assert told is not None or remarks == []


def alive(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def gone(pid: int) -> bool:
    try:
        return not alive(psutil.Process(pid))
    except psutil.NoSuchProcess:
        return True


def test_a_server_that_is_started_here_is_used_and_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It gets a small environment, and what it starts goes with it, whether or not it wants to."""
    monkeypatch.setenv("JARVIS_REMOTE_API_KEY", "secret")
    monkeypatch.setenv("SOME_TOKEN", "secret")

    async def run() -> list[int]:
        entry = {**SHELF, "env": {"SHELF_KEY": "mine"}}
        async with toolbox(tmp_path, {"my shelf": entry}) as tools:
            specs = {spec.name: spec for spec in await tools.specs()}
            assert {spec.name for spec in SPECS} < set(specs)
            add = specs["my_shelf__add"]
            assert (add.title, add.server, add.description) == ("Add", "my shelf", "Adds two numbers.")
            assert add.quotes
            assert set(add.parameters["properties"]) == {"a", "b"}  # type: ignore[call-overload]
            assert await tools.call("my_shelf__add", {"a": 2, "b": 40}) == ToolResult("42")
            names = (await tools.call("my_shelf__environment", {})).text.split()
            assert "SHELF_KEY" in names
            assert "PATH" in names
            assert not {"JARVIS_REMOTE_API_KEY", "SOME_TOKEN"} & set(names)
            failed = await tools.call("my_shelf__fail", {})
            assert failed.failed
            wrong = await tools.call("my_shelf__add", {"a": "two"})
            assert wrong.failed
            assert (await tools.call("my_shelf__nothing", {})).failed
            assert (await tools.call("other__add", {})).failed
            return [int(pid) for pid in (await tools.call("my_shelf__processes", {})).text.split()]

    pids = asyncio.run(run())
    asyncio.run(until(lambda: all(map(gone, pids))))  # its guardian ends them


def test_a_server_that_dies_or_hangs_fails_its_call_and_is_started_anew(tmp_path: Path) -> None:
    async def run() -> None:
        async with toolbox(tmp_path, {"shelf": SHELF}, limits=Limits(call_s=5.0)) as tools:
            await tools.specs()
            for name, told in (("die", "stopped"), ("hang", "no answer within 5 s")):
                result = await tools.call(f"shelf__{name}", {})
                assert result.failed
                assert told in result.text
                assert "\n" not in result.text
                assert await tools.call("shelf__add", {"a": 1, "b": 1}) == ToolResult("2")
            pid = int((await tools.call("shelf__processes", {})).text.split()[0])
            os.kill(pid, signal.SIGKILL)  # between two calls
            link = tools._servers["shelf"]._link
            assert link is not None
            await until(lambda: not link.alive)
            assert await tools.call("shelf__add", {"a": 1, "b": 2}) == ToolResult("3")

    asyncio.run(run())


def test_a_call_that_is_given_up_leaves_the_server_usable(tmp_path: Path) -> None:
    async def run() -> None:
        async with toolbox(tmp_path, {"shelf": SHELF}) as tools:
            await tools.specs()
            call = asyncio.create_task(tools.call("shelf__hang", {}))
            done, _ = await asyncio.wait({call}, timeout=0.2)
            assert not done
            call.cancel()
            await asyncio.wait({call})
            assert await tools.call("shelf__add", {"a": 1, "b": 1}) == ToolResult("2")

    asyncio.run(run())


def test_servers_that_cannot_be_used_are_told_once_and_the_others_work(tmp_path: Path) -> None:
    async def run() -> None:
        told: list[Remark] = []
        servers = {
            "absent": {"command": "no-such-program-anywhere"},
            "quits": {"command": sys.executable, "args": ["-c", "raise SystemExit(3)"]},
            "mute": {"command": sys.executable, "args": ["-c", "import time; time.sleep(600)"]},
            "noise": {"command": sys.executable, "args": ["-c", "print('hello'); input()"]},
            "far": {"url": "http://127.0.0.1:9/mcp"},
            "shelf": SHELF,
        }
        async with toolbox(tmp_path, servers, told, Limits(start_s=20.0)) as tools:
            for _ in range(2):
                offered = [spec.name for spec in await tools.specs()]
                assert "shelf__add" in offered
                assert not [name for name in offered if name.startswith(("absent", "quits", "mute", "far"))]
            names = sorted(str(remark.params["name"]) for remark in told)
            assert names == ["absent", "far", "mute", "noise", "quits"]
            assert "no program no-such-program-anywhere" in " ".join(map(str, told))
            assert await tools.call("shelf__add", {"a": 1, "b": 1}) == ToolResult("2")

    asyncio.run(run())


def test_a_changed_file_changes_the_servers(tmp_path: Path) -> None:
    async def run() -> None:
        async with toolbox(tmp_path, {"old": SHELF}) as tools:
            assert "old__add" in {spec.name for spec in await tools.specs()}
            (tmp_path / "mcp.json").write_text(json.dumps({"mcpServers": {"newer": SHELF}}), encoding="utf-8")
            names = {spec.name for spec in await tools.specs()}
            assert "newer__add" in names
            assert "old__add" not in names

    asyncio.run(run())


def test_a_server_over_http_is_used(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen([sys.executable, str(SERVER), "http", str(port)])

    async def run() -> None:
        await until(lambda: listens(port))
        async with toolbox(tmp_path, {"shelf": {"url": f"http://127.0.0.1:{port}/mcp"}}) as tools:
            assert "shelf__add" in {spec.name for spec in await tools.specs()}
            assert await tools.call("shelf__add", {"a": 2, "b": 3}) == ToolResult("5")
            assert (await tools.call("shelf__fail", {})).failed
            server.kill()
            server.wait()
            lost = await tools.call("shelf__add", {"a": 2, "b": 3})
            assert lost.failed
            assert "'shelf' failed" in lost.text

    try:
        asyncio.run(run())
    finally:
        server.kill()
        server.wait()


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


HOST = """
import asyncio, sys
from pathlib import Path
from jarvis_desktop.tools.toolbox import Toolbox
from jarvis_desktop.tools.built_in import BuiltInTools
from tests.fakes import FakeHistory

async def run():
    tools = Toolbox(BuiltInTools(FakeHistory(), print), Path(sys.argv[1]), lambda: True, print, wait_s=30)
    await tools.specs()
    print((await tools.call("shelf__processes", {})).text, flush=True)
    await tools.call("shelf__hang", {})

asyncio.run(run())
"""


def test_no_server_outlives_a_program_that_is_killed(tmp_path: Path) -> None:
    file = tmp_path / "mcp.json"
    file.write_text(json.dumps({"mcpServers": {"shelf": SHELF}}), encoding="utf-8")
    command = [sys.executable, "-c", HOST, str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as program:
        assert program.stdout is not None
        pids = [int(pid) for pid in program.stdout.readline().split()]
        assert len(pids) == 2
        assert not any(map(gone, pids))
        program.kill()
    asyncio.run(until(lambda: all(map(gone, pids))))


# --- with a real model ------------------------------------------------------------------------------------


def test_a_question_on_the_command_line_is_answered_with_a_tool(models_home: Path, tmp_path: Path) -> None:
    gguf(models_home, GOOD, GOOD_FILE)
    (tmp_path / "models").symlink_to(models_home / "models")
    (tmp_path / "config").mkdir()
    settings = "[engine]\ntemperature = 0.0\nmax_tokens = 64\n"
    (tmp_path / "config" / "config.toml").write_text(settings, encoding="utf-8")
    question = "What is 1234 * 5678? Use the calculator."
    command = [sys.executable, "-m", "jarvis_desktop", "ask", question, "--json", "--home", str(tmp_path)]
    allowing = [*command, "--allow-tools", "calculator,current_time"]
    done = subprocess.run(allowing, capture_output=True, text=True, cwd=ROOT, check=True)
    told = json.loads(done.stdout)
    (use,) = told["tools"]
    assert (use["tool"], use["allowed"], use["failed"]) == ("calculator", True, False)
    assert "7006652" in told["reply"].replace(",", "")
    assert "not allowed" not in done.stderr

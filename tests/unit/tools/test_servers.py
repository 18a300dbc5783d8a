"""The file that names tool servers, and what happens while tools are switched off."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest

from jarvis_desktop.events import Remark
from jarvis_desktop.tools.built_in import SPECS, BuiltInTools
from jarvis_desktop.tools.server import by_name
from jarvis_desktop.tools.servers_file import read_servers
from jarvis_desktop.tools.toolbox import Toolbox
from tests.fakes import FakeHistory

ROOT = Path(__file__).parents[3]


def written(folder: Path, text: str) -> Path:
    file = folder / "mcp.json"
    file.write_text(text, encoding="utf-8")
    return file


def test_both_kinds_of_server_are_read_as_other_programs_write_them(tmp_path: Path) -> None:
    entries = {
        "My files": {"command": "npx", "args": ["-y", "server"], "env": {"KEY": "s3cret"}, "type": "stdio"},
        "far": {"url": "https://example.org/mcp", "headers": {"Authorization": "Bearer s3cret"}},
        "resting": {"command": "x", "disabled": True},
    }
    servers, problems = read_servers(written(tmp_path, json.dumps({"mcpServers": entries, "other": 1})))
    assert problems == ()
    files, far = servers
    assert (files.name, files.slug, files.command) == ("My files", "My_files", "npx")
    assert files.args == ("-y", "server")
    assert files.env == (("KEY", "s3cret"),)
    assert far.url == "https://example.org/mcp"
    assert far.headers == (("Authorization", "Bearer s3cret"),)
    assert "s3cret" not in repr(servers)


def test_no_file_means_no_servers(tmp_path: Path) -> None:
    assert read_servers(tmp_path / "mcp.json") == ((), ())


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{\n  "mcpServers": {\n    "a": {"command": "x",}\n  }\n}', "line 3"),
        ("", "line 1"),
        ("[]", "mcpServers"),
        ('{"servers": {}}', "mcpServers"),
        ('{"mcpServers": []}', "mcpServers"),
        ("[" * 100_000, "RecursionError"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_with_its_place(tmp_path: Path, text: str, told: str) -> None:
    servers, problems = read_servers(written(tmp_path, text))
    assert servers == ()
    assert [told in str(problem) and "mcp.json" in str(problem) for problem in problems] == [True]


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ({}, "command or a url"),
        ({"command": "x", "url": "http://x"}, "command or a url"),
        ({"command": 3}, "command"),
        ({"command": "x", "args": "s3cret"}, "args"),
        ({"command": "x", "env": {"KEY": 3}}, "env.KEY"),
        ({"url": "file:///etc/passwd"}, "http"),
        ({"url": "http://"}, "http"),
        ("s3cret", "bad"),
        (None, "bad"),
    ],
)
def test_one_bad_entry_costs_the_others_nothing(tmp_path: Path, entry: object, told: str) -> None:
    file = written(tmp_path, json.dumps({"mcpServers": {"bad": entry, "good": {"command": "x"}}}))
    servers, (problem,) = read_servers(file)
    assert [server.name for server in servers] == ["good"]
    assert told in str(problem)
    assert "“bad”" in str(problem)
    assert "s3cret" not in str(problem)


def test_names_that_come_to_the_same_are_told(tmp_path: Path) -> None:
    entries = {"a b": {"command": "x"}, "a_b": {"command": "y"}, "¡!": {"command": "z"}}
    servers, problems = read_servers(written(tmp_path, json.dumps({"mcpServers": entries})))
    assert [server.name for server in servers] == ["a b"]
    assert len(problems) == 2


@pytest.mark.parametrize("name", ["a" * 23 + " bc", "a" * 24 + "_", "_" * 3 + "a" * 30])
def test_a_server_s_beginning_of_names_can_be_told_from_the_rest(tmp_path: Path, name: str) -> None:
    file = written(tmp_path, json.dumps({"mcpServers": {name: {"command": "x"}}}))
    (server,), _ = read_servers(file)
    assert f"{server.slug}__tool".partition("__") == (server.slug, "__", "tool")


def test_of_tools_whose_names_come_to_the_same_the_first_is_kept(caplog: pytest.LogCaptureFixture) -> None:
    from mcp_types import Tool

    tools = [Tool(name=name, input_schema={}) for name in ("a b", "a_b", "c", "x" * 80, "x" * 90)]
    named = by_name("s", tools)
    assert [tool.name for tool in named.values()] == ["a b", "c", "x" * 80]
    assert caplog.text.count("left out") == 2


def test_switched_off_while_the_file_is_read_nothing_is_started(tmp_path: Path) -> None:
    async def run() -> None:
        wanted = iter([True])  # off from the second look on
        entry = {"command": sys.executable, "args": ["-c", ""]}
        file = written(tmp_path, json.dumps({"mcpServers": {"a": entry}}))
        tools = Toolbox(
            BuiltInTools(FakeHistory(), lambda _: None), file, lambda: next(wanted, False), [].append
        )
        assert await tools.specs() == ()
        assert not [task for task in asyncio.all_tasks() if task.get_name().startswith("start ")]
        await tools.close()

    asyncio.run(run())


def test_whoever_asks_while_the_file_is_read_waits_for_its_servers(tmp_path: Path) -> None:
    async def run() -> None:
        told: list[Remark] = []
        built_in = BuiltInTools(FakeHistory(), lambda _: None)
        tools = Toolbox(built_in, written(tmp_path, "{"), lambda: True, told.append)

        async def ask() -> int:
            await tools.specs()
            return len(told)

        assert await asyncio.gather(*(ask() for _ in range(3))) == [1, 1, 1]
        await tools.close()

    asyncio.run(run())


def test_switched_on_without_a_file_only_the_built_in_tools_are_there(tmp_path: Path) -> None:
    async def run() -> None:
        told: list[Remark] = []
        built_in = BuiltInTools(FakeHistory(), lambda _: None)
        tools = Toolbox(built_in, tmp_path / "mcp.json", lambda: True, told.append)
        assert await tools.specs() == SPECS
        assert (await tools.call("calculator", {"expression": "6*7"})).text == "42"
        assert (await tools.call("nothing", {})).failed
        (tmp_path / "mcp.json").write_text("{", encoding="utf-8")
        assert await tools.specs() == SPECS
        assert await tools.specs() == SPECS
        assert len(told) == 1
        await tools.close()

    asyncio.run(run())


OFF = """
import asyncio, sys
from pathlib import Path
from jarvis_desktop import app
from jarvis_desktop.config.paths import Paths
from jarvis_desktop.config.store import ConfigStore
import psutil

async def run():
    paths = Paths.choose(Path(sys.argv[1]))
    store = ConfigStore(paths.config_file, {})
    store.load()
    async with app.session(paths, store) as assistant:
        assert await assistant._parts.tools.specs() == ()
        assert "mcp" not in sys.modules
        assert psutil.Process().children() == []

asyncio.run(run())
"""


def test_switched_off_nothing_is_imported_or_started(tmp_path: Path) -> None:
    """Not even with servers in the file."""
    (tmp_path / "config").mkdir()
    entry = {"command": sys.executable, "args": ["-c", "open('started', 'w')"]}
    written(tmp_path / "config", json.dumps({"mcpServers": {"a": entry}}))
    subprocess.run([sys.executable, "-c", OFF, str(tmp_path)], check=True, cwd=ROOT, timeout=120)
    assert not (ROOT / "started").exists()

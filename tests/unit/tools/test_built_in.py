"""The tools Jarvis brings along, as a model uses them."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from jarvis_desktop.errors import StorageError
from jarvis_desktop.events import Message, Role
from jarvis_desktop.memory.history import SqliteHistory
from jarvis_desktop.ports import History, ToolResult
from jarvis_desktop.tools.built_in import SPECS, BuiltInTools
from tests.fakes import FakeHistory


def use(name: str, arguments: Mapping[str, object], history: History | None = None) -> ToolResult:
    async def scenario() -> ToolResult:
        tools = BuiltInTools(history or FakeHistory(), lambda _: None)
        try:
            return await tools.call(name, arguments)
        finally:
            tools.close()

    return asyncio.run(scenario())


def test_each_offered_tool_can_be_used_and_described_as_json() -> None:
    tools = BuiltInTools(FakeHistory(), lambda _: None)
    assert all(tools.knows(spec.name) for spec in SPECS)
    json.dumps([spec.parameters for spec in SPECS])  # type: ignore[arg-type]


def test_only_the_search_quotes_what_was_said() -> None:
    assert [spec.name for spec in SPECS if spec.quotes] == ["search_memory"]


def test_the_clock_tells_the_time_here_and_elsewhere() -> None:
    assert time.strftime("%Y-%m-%d") in use("current_time", {}).text
    tokyo = use("current_time", {"timezone": "Asia/Tokyo"}).text
    assert "+0900" in tokyo
    assert "Asia/Tokyo" in tokyo


@pytest.mark.parametrize("zone", ["Atlantis/Deep", "../../etc/passwd", "/etc/localtime", "x" * 5000, "\0"])
def test_a_time_zone_that_is_none_is_told(zone: str) -> None:
    result = use("current_time", {"timezone": zone})
    assert result.failed
    assert "time zone" in result.text


def test_the_calculator_tells_what_it_cannot_do() -> None:
    assert use("calculator", {"expression": "12*7"}) == ToolResult("84")
    assert use("calculator", {"expression": "import os"}).failed
    assert use("calculator", {}) == ToolResult("Error: the argument 'expression' is missing.", failed=True)
    assert use("calculator", {"expression": ["12"]}).failed


def test_a_timer_rings_once_with_its_label() -> None:
    async def scenario() -> None:
        rung = asyncio.Queue[str]()
        tools = BuiltInTools(FakeHistory(), rung.put_nowait)
        set_ = await tools.call("set_timer", {"seconds": 1, "label": "tea"})
        assert not set_.failed
        assert "tea" in (await tools.call("list_timers", {})).text
        assert await asyncio.wait_for(rung.get(), 5) == "tea"
        assert (await tools.call("list_timers", {})).text == "No timer is running."

    asyncio.run(scenario())


def test_a_cancelled_timer_is_gone() -> None:
    async def scenario() -> None:
        tools = BuiltInTools(FakeHistory(), lambda _: None)
        await tools.call("set_timer", {"minutes": 10})
        await tools.call("set_timer", {"minutes": "1.5", "label": "eggs"})
        listed = (await tools.call("list_timers", {})).text.splitlines()
        assert listed == ["Timer 2 (eggs): 1 min 30 s left", "Timer 1: 10 min left"]
        assert not (await tools.call("cancel_timer", {"number": 2})).failed
        assert (await tools.call("cancel_timer", {"number": 2})).failed
        assert "eggs" not in (await tools.call("list_timers", {})).text
        tools.close()
        assert (await tools.call("list_timers", {})).text == "No timer is running."

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "arguments",
    [{}, {"minutes": -1}, {"minutes": "soon"}, {"seconds": 1e9}, {"seconds": float("nan")}, {"minutes": []}],
)
def test_a_timer_that_makes_no_sense_is_refused(arguments: Mapping[str, object]) -> None:
    assert use("set_timer", arguments).failed


def test_timers_do_not_fill_the_memory() -> None:
    async def scenario() -> None:
        tools = BuiltInTools(FakeHistory(), lambda _: None)
        results = [await tools.call("set_timer", {"minutes": 1}) for _ in range(30)]
        assert [result.failed for result in results].count(False) == 20
        tools.close()

    asyncio.run(scenario())


def said(number: int, role: Role, text: str, turn: str = "") -> Message:
    return Message(f"m{number}", f"c{number // 10}", turn or f"t{number // 2}", role, text, 1e9 + number)


def test_the_search_finds_what_was_said_in_any_conversation_newest_first(tmp_path: Path) -> None:
    async def scenario() -> None:
        history = SqliteHistory(tmp_path / "history.sqlite3")
        try:
            for number, text in enumerate(
                ("Mi café favorito", "Anotado.", "My sister is Ana", "A nice name.", *["more", "talk"] * 9)
            ):
                await history.append(said(number, Role.ASSISTANT if number % 2 else Role.USER, text))
            await history.append(said(99, Role.USER, "What did I say about my sister?", "now"))
            tools = BuiltInTools(history, lambda _: None)
            found = await tools.call("search_memory", {"query": "SISTER"})
            assert found.text.count("\n") == 0
            assert found.text.endswith("the user: My sister is Ana")  # not the question being asked
            assert "café" in (await tools.call("search_memory", {"query": "cafe FAVORITO"})).text
            many = (await tools.call("search_memory", {"query": "talk"})).text.splitlines()
            assert len(many) == 5
            assert "Nothing" in (await tools.call("search_memory", {"query": "sister café"})).text
            assert "Nothing" in (await tools.call("search_memory", {"query": "100%_"})).text
        finally:
            await history.close()

    asyncio.run(scenario())


def test_a_history_that_cannot_be_read_fails_the_search_only() -> None:
    history = FakeHistory()
    history.error = StorageError("storage.failed", "The disk is gone.")
    assert use("search_memory", {"query": "Ana"}, history) == ToolResult(
        "Error: The disk is gone.", failed=True
    )

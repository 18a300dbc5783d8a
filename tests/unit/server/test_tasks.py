"""Tasks: begun, followed, fetched, cancelled, forgotten; each client's own."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from jarvis_desktop.errors import EngineError, JarvisError
from jarvis_desktop.ports import ChatDelta
from jarvis_desktop.server.context import Unlimited
from jarvis_desktop.server.task_store import MOST_BYTES, State, Task, TaskStore
from jarvis_desktop.server.tasks import shown
from tests.fakes import FakeChat, fake_parts
from tests.unit.assistant.harness import until
from tests.unit.server.harness import QUESTION, Served, events, served

CHAT = {"url": "/v1/chat/completions", "body": {"messages": QUESTION}}


async def ended(api: Served, task_id: str) -> Any:
    """The task once it is over; its events tell when."""
    told = events((await api.client.get(f"/v1/tasks/{task_id}/events")).text)
    assert told[-1] == "[DONE]"
    return (await api.client.get(f"/v1/tasks/{task_id}")).json()


def test_a_task_goes_on_without_a_connection_and_keeps_its_answer(tmp_path: Path) -> None:
    chat = FakeChat("I am well.")
    chat.hold = asyncio.Semaphore(1)

    async def scenario() -> None:
        async with served(fake_parts(chat=chat), tmp_path) as api:
            begun = await api.client.post("/v1/tasks", json=CHAT)
            assert begun.status_code == 202
            task_id = begun.json()["id"]
            assert chat.hold is not None
            await until(chat.hold.locked)
            half = (await api.client.get(f"/v1/tasks/{task_id}")).json()
            assert half["status"] in ("queued", "running")
            assert "result" not in half
            for _ in range(3):
                chat.hold.release()
            done = await ended(api, task_id)
            assert done["status"] == "done"
            assert done["progress"] == ""
            assert done["result"]["choices"][0]["message"]["content"] == "I am well."

    asyncio.run(scenario())


def test_a_task_that_fails_tells_why(tmp_path: Path) -> None:
    chat = FakeChat("I")
    chat.error = EngineError("engine.died", "It stopped.", "Ask again.")

    async def scenario() -> None:
        async with served(fake_parts(chat=chat), tmp_path) as api:
            begun = (await api.client.post("/v1/tasks", json=CHAT)).json()
            failed = await ended(api, begun["id"])
            assert failed["status"] == "failed"
            assert (failed["error"]["code"], failed["error"]["hint"]) == ("engine.died", "Ask again.")

    asyncio.run(scenario())


@pytest.mark.expects_error_logs
def test_a_task_that_meets_a_defect_says_so(tmp_path: Path) -> None:
    class Broken(FakeChat):
        async def stream(self, *_: Any) -> AsyncIterator[ChatDelta]:
            raise ZeroDivisionError
            yield

    async def scenario() -> None:
        async with served(fake_parts(chat=Broken()), tmp_path) as api:
            begun = (await api.client.post("/v1/tasks", json=CHAT)).json()
            failed = await ended(api, begun["id"])
            assert (failed["status"], failed["error"]["code"]) == ("failed", "app.defect")

    asyncio.run(scenario())


def test_a_task_waits_for_its_turn_however_full_the_queue_is(tmp_path: Path) -> None:
    class Full(Unlimited):
        refused = 0

        @asynccontextmanager
        async def place(self, client: str) -> AsyncIterator[None]:
            self.refused += 1
            if self.refused < 3:
                raise JarvisError("server.busy", "Busy.", retry_after=0)
            yield

    async def scenario() -> None:
        async with served(fake_parts(), tmp_path, admission=Full()) as api:
            for task in (CHAT, {"url": "/v1/embeddings", "body": {"input": "one"}}):
                begun = (await api.client.post("/v1/tasks", json=task)).json()
                assert begun["status"] == "queued"
                assert (await ended(api, begun["id"]))["status"] == "done"

    asyncio.run(scenario())


def test_vectors_can_be_a_task_too(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with served(fake_parts(), tmp_path) as api:
            task = {"url": "/v1/embeddings", "body": {"input": "one"}}
            done = await ended(api, (await api.client.post("/v1/tasks", json=task)).json()["id"])
            assert len(done["result"]["data"]) == 1
            wrong = await api.client.post("/v1/tasks", json={"url": "/v1/nothing", "body": {}})
            assert wrong.status_code == 400

    asyncio.run(scenario())


def test_a_task_under_way_is_cancelled_and_one_that_is_over_forgotten(tmp_path: Path) -> None:
    chat = FakeChat("This takes long.")
    chat.hold = asyncio.Semaphore(1)

    async def scenario() -> None:
        async with served(fake_parts(chat=chat), tmp_path) as api:
            task_id = (await api.client.post("/v1/tasks", json=CHAT)).json()["id"]
            assert chat.hold is not None
            await until(chat.hold.locked)
            cancelled = await api.client.delete(f"/v1/tasks/{task_id}")
            assert cancelled.json()["status"] == "cancelled"
            await until(lambda: chat.aborted == 1)
            assert (await api.client.get(f"/v1/tasks/{task_id}")).json()["status"] == "cancelled"
            await api.client.delete(f"/v1/tasks/{task_id}")
            assert (await api.client.get(f"/v1/tasks/{task_id}")).status_code == 404

    asyncio.run(scenario())


def test_a_task_belongs_to_the_client_that_made_it(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with served(fake_parts(), tmp_path) as api:
            mine, other = {"X-Client": "me"}, {"X-Client": "you"}
            begun = await api.client.post("/v1/tasks", json=CHAT, headers=mine)
            path = f"/v1/tasks/{begun.json()['id']}"
            assert (await api.client.get(path, headers=mine)).status_code == 200
            for method, below in (("GET", ""), ("GET", "/events"), ("DELETE", "")):
                assert (await api.client.request(method, path + below, headers=other)).status_code == 404

    asyncio.run(scenario())


async def at_once(task: Task) -> str:
    return "{}"


async def never(task: Task) -> str:
    await asyncio.Event().wait()
    return "{}"


def test_tasks_are_bounded_in_number_and_in_age() -> None:
    async def scenario() -> None:
        store = TaskStore(most=2, kept_s=3600)
        over = store.begin("over", "", "", at_once)
        await until(lambda: over.state is State.DONE)
        running = [store.begin(name, "", "", never) for name in ("a", "b")]  # the one that is over makes room
        with pytest.raises(JarvisError):
            store.find("over", "")
        with pytest.raises(JarvisError) as refused:
            store.begin("c", "", "", never)
        assert refused.value.code == "server.too_many"
        for task in running:
            await store.cancel(task)
        assert {task.state for task in running} == {State.CANCELLED}
        fair = TaskStore(most=4, most_of_one=2)
        kept = fair.begin("kept", "you", "", at_once)
        await until(lambda: kept.over)
        greedy = [fair.begin(f"{number}", "me", "", at_once) for number in range(2)]
        await until(lambda: all(task.over for task in greedy))
        for name in ("c", "d"):  # my own results make room, not yours
            fair.begin(name, "me", "", never)
        assert fair.find("kept", "you") is kept
        with pytest.raises(JarvisError):
            fair.begin("e", "me", "", never)
        fair.begin("f", "you", "", at_once)
        short = TaskStore(kept_s=0)
        brief = short.begin("brief", "", "", at_once)
        await until(lambda: brief.over)
        with pytest.raises(JarvisError):
            short.find("brief", "")

    asyncio.run(scenario())


def test_to_tell_of_a_long_result_takes_no_longer_than_to_read_it() -> None:
    """All others wait meanwhile."""
    result = json.dumps({"data": [0.123456789] * 200_000})
    task = Task("task-1", "anna", "/v1/embeddings", 0.0, state=State.DONE, result=result)

    def seconds(what: Callable[[], object]) -> float:
        began = time.process_time()
        what()
        return time.process_time() - began

    telling = min(seconds(lambda: shown(task)) for _ in range(5))
    reading = min(seconds(lambda: json.loads(result)) for _ in range(5))
    assert telling < reading
    assert json.loads(shown(task))["result"] == json.loads(result)


def test_results_are_bounded_in_bytes_and_the_oldest_make_room() -> None:
    async def long(task: Task) -> str:
        return "x" * 40

    async def scenario() -> None:
        store = TaskStore(most_bytes=200)
        yours = store.begin("yours", "you", "", long)
        mine = [store.begin(f"{number}", "me", "", long) for number in range(4)]
        await until(lambda: all(task.over for task in (yours, *mine)))
        assert store.find("yours", "you") is yours  # half of the room is for others
        assert [kept(store, task) for task in mine] == [False, False, True, True]
        for name in ("a", "b"):  # so do those that have come in, and wait
            store.begin(name, "me", "", never, size=50)
        assert not any(kept(store, task) for task in mine)
        with pytest.raises(JarvisError) as refused:
            store.begin("c", "me", "", never, size=1)
        assert refused.value.code == "server.too_many"

    def kept(store: TaskStore, task: Task) -> bool:
        try:
            return store.find(task.id, task.client) is task
        except JarvisError:
            return False

    asyncio.run(scenario())


def test_what_a_task_was_asked_counts_as_well(tmp_path: Path) -> None:
    chat = FakeChat()
    chat.hold = asyncio.Semaphore(0)

    async def scenario() -> None:
        async with served(fake_parts(chat=chat), tmp_path) as api:
            long = [{"role": "user", "content": "x" * (MOST_BYTES // 3)}]
            body = {"url": CHAT["url"], "body": {"messages": long}}
            assert (await api.client.post("/v1/tasks", json=body)).status_code == 202
            refused = await api.client.post("/v1/tasks", json=body)
            assert refused.status_code == 429
            assert "retry-after" in refused.headers

    asyncio.run(scenario())

"""The queue is fair between clients, never longer than allowed, and loses no place and no request."""

from __future__ import annotations

import asyncio
import functools
import threading
from collections import Counter
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jarvis_desktop.config.schema import Server
from jarvis_desktop.errors import JarvisError
from jarvis_desktop.server.admission import Admission

CLIENTS = ("anna", "bert", "carl")


class House:
    """Requests to an `Admission`, each of which keeps its place until it is told to go."""

    def __init__(self, concurrent: int, waiting: int, **options: Any) -> None:
        self.limits = Server(concurrent=concurrent, waiting=waiting)
        self.seen: list[tuple[int, int]] = []
        self.refused: list[str] = []
        self.admission = Admission(
            lambda: self.limits, lambda *now: self.seen.append(now), self.refused.append, **options
        )
        self.requests: list[tuple[str, asyncio.Task[None]]] = []
        self.inside: list[tuple[str, asyncio.Event]] = []
        self.served: list[str] = []

    async def ask(self, client: str) -> asyncio.Task[None]:
        request = asyncio.create_task(self._request(client))
        self.requests.append((client, request))
        await settled()
        return request

    async def _request(self, client: str) -> None:
        async with self.admission.place(client):
            self.served.append(client)
            visit = client, asyncio.Event()
            self.inside.append(visit)
            try:
                await visit[1].wait()
            finally:
                self.inside.remove(visit)

    async def finish(self, number: int = 0) -> None:
        """The one that is under way for the longest, or the next, ends."""
        if self.inside:
            self.inside[number % len(self.inside)][1].set()
            await settled()

    async def empty(self) -> None:
        while self.inside:
            await self.finish()


async def settled() -> None:
    """Until everything has happened that waits for nothing else."""
    for _ in range(6):
        await asyncio.sleep(0)


def code_of(request: asyncio.Task[None]) -> str:
    error = request.exception()
    assert isinstance(error, JarvisError)
    assert str(error.params["retry_after"]) in error.hint
    return error.code


def runs(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    @functools.wraps(test)
    def run(*arguments: Any, **options: Any) -> None:
        asyncio.run(test(*arguments, **options))

    return run


# --- fairness ---------------------------------------------------------------------------------------------


@runs
async def test_one_request_is_not_behind_the_fifty_of_another_program() -> None:
    house = House(1, 100)
    for _ in range(50):
        await house.ask("greedy")
    await house.ask("modest")
    await house.finish()
    assert house.served == ["greedy", "modest"]
    await house.empty()
    assert Counter(house.served) == {"greedy": 50, "modest": 1}


@runs
async def test_who_asks_again_and_again_does_not_starve_who_waits() -> None:
    """Two that ask one thing after the other leave their turn to a third that has asked before."""
    house = House(1, 100)
    for client in ("patient", "patient", "busy", "restless"):
        await house.ask(client)
    for _ in range(6):
        client = house.inside[0][0]
        await house.finish()
        if client != "patient":
            await house.ask(client)
    assert house.served.count("patient") == 2
    await house.empty()


@settings(deadline=None)
@given(
    st.integers(1, 4),
    st.lists(st.integers(3, 30), min_size=2, max_size=3),
    st.lists(st.integers(0, 9), min_size=200, max_size=200),
)
def test_a_place_goes_to_who_has_the_fewest(concurrent: int, wishes: list[int], ends: list[int]) -> None:
    async def run() -> None:
        house = House(concurrent, 200)
        wanted = Counter(dict(zip(CLIENTS, wishes, strict=False)))
        for client, count in wanted.items():
            for _ in range(count):
                await house.ask(client)
        first = len(house.served)  # before the others had asked
        for end in ends:
            gone, _ = house.inside[end % len(house.inside)]
            has = Counter(client for client, _ in house.inside)
            has[gone] -= 1
            waiting = [client for client in wanted if house.served.count(client) < wanted[client]]
            await house.finish(end)
            if len(waiting) < len(wanted):
                break
            assert has[house.served[-1]] == min(has[client] for client in waiting)
            got = Counter(house.served[first:])
            if concurrent == 1:
                assert max(got[client] for client in wanted) - min(got[client] for client in wanted) <= 1
        await house.empty()
        assert Counter(house.served) == wanted

    asyncio.run(run())


def test_requests_on_several_loops_share_the_places() -> None:
    """The servers have a loop each; whoever asks there is woken there."""
    admission = Admission(lambda: Server(concurrent=2, waiting=10_000))
    inside, most = 0, 0
    lock = threading.Lock()

    async def ask(client: str) -> None:
        nonlocal inside, most
        async with admission.place(client):
            with lock:
                inside += 1
                most = max(most, inside)
            await asyncio.sleep(0)
            with lock:
                inside -= 1

    async def ask_often(client: str) -> int:
        requests = [asyncio.create_task(ask(client)) for _ in range(200)]
        for request in requests[::7]:
            await asyncio.sleep(0)
            request.cancel()
        ended = await asyncio.gather(*requests, return_exceptions=True)
        return sum(result is None for result in ended)

    with ThreadPoolExecutor(len(CLIENTS)) as threads:
        served = list(threads.map(lambda client: asyncio.run(ask_often(client)), CLIENTS))
    assert most <= 2
    assert all(count >= 200 - len(range(0, 200, 7)) for count in served)
    assert (admission.running, admission.waiting) == (0, 0)


# --- bounds and refusals ----------------------------------------------------------------------------------


@runs
async def test_a_full_queue_refuses_and_says_when_to_come_again() -> None:
    house = House(1, 1)
    await house.ask("anna")
    await house.ask("bert")
    assert code_of(await house.ask("carl")) == "server.busy"
    assert code_of(await house.ask("bert")) == "server.too_many"
    assert house.refused == ["server.busy", "server.too_many"]
    await house.empty()
    assert house.served == ["anna", "bert"]


@runs
async def test_a_program_that_fills_the_queue_gives_way_to_others() -> None:
    house = House(1, 4)
    greedy = [await house.ask("greedy") for _ in range(5)]
    modest = await house.ask("modest")
    assert not modest.done()
    assert code_of(greedy[-1]) == "server.too_many"
    assert [request.done() for request in greedy[:-1]] == [False] * 4
    await house.empty()
    assert Counter(house.served) == {"greedy": 4, "modest": 1}


@runs
async def test_nobody_waits_for_ever() -> None:
    house = House(1, 5, wait_limit_s=0.02)
    await house.ask("anna")
    waiting = await house.ask("bert")
    await asyncio.wait([waiting])
    assert code_of(waiting) == "server.busy"
    assert house.admission.waiting == 0
    await house.empty()


@pytest.mark.parametrize(("seconds", "expected"), [(0.0, 1), (7.0, 7), (1000.0, 60)])
@runs
async def test_when_to_come_again_follows_from_how_long_answers_take(seconds: float, expected: int) -> None:
    now = [0.0]
    house = House(2, 1, clock=lambda: now[0])
    await house.ask("anna")
    now[0] = seconds
    await house.finish()
    for client in ("anna", "bert", "carl"):
        await house.ask(client)
    error = (await house.ask("dora")).exception()
    assert isinstance(error, JarvisError)
    assert error.params["retry_after"] == expected
    await house.empty()


@runs
async def test_more_places_are_given_when_the_settings_allow_more() -> None:
    house = House(1, 5)
    for client in CLIENTS:
        await house.ask(client)
    house.limits = Server(concurrent=3, waiting=5)
    await house.finish()
    assert len(house.inside) == 2
    await house.empty()


@runs
async def test_how_long_the_queue_is_can_be_seen() -> None:
    house = House(1, 5)
    await house.ask("anna")
    await house.ask("bert")
    assert house.seen[-1] == (1, 1)
    await house.empty()
    assert house.seen[-1] == (0, 0)


# --- nothing is lost --------------------------------------------------------------------------------------


@runs
async def test_a_place_given_to_one_who_leaves_at_that_moment_is_given_on() -> None:
    house = House(1, 5)
    await house.ask("anna")
    leaving, staying = await house.ask("bert"), await house.ask("carl")
    house.inside[0][1].set()
    while house.admission.waiting == 2:  # noqa: ASYNC110 (the very next step counts)
        await asyncio.sleep(0)
    leaving.cancel()  # the place is given, and not yet taken
    await settled()
    assert house.served == ["anna", "carl"]
    await house.empty()
    assert staying.done()


@runs
async def test_who_has_left_is_given_no_place() -> None:
    house = House(1, 5)
    await house.ask("anna")
    leaving = await house.ask("bert")
    await house.ask("carl")
    house.inside[0][1].set()
    leaving.cancel()
    await settled()
    assert house.served == ["anna", "carl"]
    await house.empty()


STEPS = st.one_of(
    st.tuples(st.just("ask"), st.integers(0, 2)),
    st.tuples(st.just("finish"), st.integers(0, 9)),
    st.tuples(st.just("cancel"), st.integers(0, 60)),
    st.tuples(st.just("finish and cancel"), st.integers(0, 60)),
)


@settings(deadline=None)
@given(st.integers(1, 3), st.integers(0, 4), st.lists(STEPS, max_size=60))
def test_whatever_happens_no_place_is_lost_and_no_bound_broken(
    concurrent: int, waiting: int, steps: list[tuple[str, int]]
) -> None:
    async def run() -> None:
        house = House(concurrent, waiting)
        for step, number in steps:
            if step == "ask":
                await house.ask(CLIENTS[number])
            if step.startswith("finish") and house.inside:
                house.inside[number % len(house.inside)][1].set()
            if step.endswith("cancel") and house.requests:
                house.requests[number % len(house.requests)][1].cancel()
            await settled()
            assert len(house.inside) == house.admission.running <= concurrent
            assert house.admission.waiting <= waiting
            assert not house.admission.waiting or house.admission.running == concurrent
        await house.empty()
        assert (house.admission.running, house.admission.waiting) == (0, 0)
        ended = [request for _, request in house.requests]
        assert all(request.done() for request in ended)
        assert all(
            request.cancelled() or request.exception() is None or code_of(request) for request in ended
        )

    asyncio.run(run())

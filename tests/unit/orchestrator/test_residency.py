"""Models come and go: never more than fit, never one that is in use."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jarvis_desktop.errors import EngineError, ModelError
from jarvis_desktop.orchestrator.plan import RESERVE_MIB, Machine, Memory, PlanPart
from jarvis_desktop.orchestrator.residency import Need, Residency, to_release
from jarvis_desktop.orchestrator.resident import ResidentChat, ResidentSynthesizer, ResidentTranscriber
from jarvis_desktop.ports import ChatMessage, ChatOptions
from tests.fakes import VOICE, FakeChat, FakeModel, FakeSynthesizer, FakeTranscriber

# --- the policy -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Model:
    mib: float
    last_used: float
    in_use: bool
    number: int


held_models = st.lists(
    st.builds(Model, st.floats(1, 5000), st.floats(0, 1000), st.booleans(), st.integers()),
    max_size=8,
    unique=True,
)


@given(held_models, st.floats(0, 9000), st.floats(0, 20_000))
def test_the_policy_makes_room_without_touching_what_is_in_use(
    held: list[Model], need: float, budget: float
) -> None:
    gone, missing = to_release(held, need, budget)
    left = [model for model in held if model not in gone]
    assert not any(model.in_use for model in gone)
    over = sum(model.mib for model in left) + need - budget
    assert missing == pytest.approx(max(0.0, over), abs=1e-6)
    if missing > 1e-6:  # then everything that could go has gone
        assert all(model.in_use for model in left)


@given(held_models, st.floats(0, 9000), st.floats(0, 20_000))
def test_the_policy_releases_the_least_recently_used_and_no_more_than_needed(
    held: list[Model], need: float, budget: float
) -> None:
    gone, _ = to_release(held, need, budget)
    kept = [model.last_used for model in held if not model.in_use and model not in gone]
    assert not kept or not gone or max(model.last_used for model in gone) <= min(kept)
    if gone:
        last = max(gone, key=lambda model: model.last_used)
        without_last = sum(model.mib for model in held if model not in gone) + last.mib + need
        assert without_last > budget - 1e-6


# --- models in charge -------------------------------------------------------------------------------------


class Body(FakeModel):
    """A model that knows whether it is in memory."""

    def __init__(self, name: str, mib: float) -> None:
        super().__init__(name)
        self.mib = mib
        self.present = False

    async def load(self) -> None:
        await asyncio.sleep(0)
        await super().load()
        self.present = True

    async def unload(self) -> None:
        await asyncio.sleep(0)
        self.present = False


class Slow(FakeModel):
    """A model that loads until it `may_end`."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.began, self.may_end = asyncio.Event(), asyncio.Event()

    async def load(self) -> None:
        self.began.set()
        await self.may_end.wait()


def ample() -> Machine:
    return Machine(Memory(1e6, 1e6))


def planned(name: str, mib: float) -> Need:
    return lambda _: PlanPart(name, "chat", "cpu", mib, 0, 0)


class World:
    """A residency over bodies on a machine with `budget` MiB, and a clock the test moves."""

    def __init__(self, budget: float, sizes: dict[str, float], idle_s: float = 1e9) -> None:
        self.time = 0.0
        self.others = 0.0
        self.released: list[str] = []
        self.bodies = {name: Body(name, mib) for name, mib in sizes.items()}
        self._budget = budget
        self.residency = Residency(
            self.machine, idle_s=lambda: idle_s, on_release=self.released.append, now=lambda: self.time
        )
        self.residents = {
            name: self.residency.add(name, body, planned(name, body.mib))
            for name, body in self.bodies.items()
        }

    def machine(self) -> Machine:
        return Machine(Memory(self.budget + RESERVE_MIB["cpu"], 1e6))

    @property
    def budget(self) -> float:
        return self._budget - self.others

    def present(self) -> set[str]:
        return {name for name, body in self.bodies.items() if body.present}


def run(story: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(story())


def test_the_least_recently_used_makes_room() -> None:
    async def story() -> None:
        world = World(250, {"a": 100, "b": 100, "c": 100})
        for name in ("a", "b", "a"):
            world.time += 1
            await world.residency.load(world.residents[name])
        await world.residency.load(world.residents["c"])
        assert world.present() == {"a", "c"}
        assert world.released == ["b"]

    run(story)


def test_what_is_in_use_is_not_released_and_the_newcomer_is_told_why() -> None:
    async def story() -> None:
        world = World(250, {"a": 100, "b": 100, "c": 100})
        for name in ("a", "b"):
            await world.residency.load(world.residents[name])
        with world.residency.using(world.residents["a"]), world.residency.using(world.residents["b"]):
            with pytest.raises(ModelError) as raised:
                await world.residency.load(world.residents["c"])
            assert raised.value.code == "model.no_room"
            assert raised.value.params["missing"] == 50
            assert world.present() == {"a", "b"}
        await world.residency.load(world.residents["c"])
        assert "c" in world.present()

    run(story)


def test_several_stay_where_they_fit() -> None:
    async def story() -> None:
        world = World(300, {"a": 100, "b": 100, "c": 100})
        await asyncio.gather(*(world.residency.load(world.residents[name]) for name in "abc"))
        assert world.present() == {"a", "b", "c"}

    run(story)


@pytest.mark.parametrize("at_once", [1, 2, 4])
def test_no_more_load_at_once_than_there_are_cores_for(at_once: int) -> None:
    async def story() -> None:
        residency = Residency(ample, at_once=at_once, turn_s=60)
        loading = most = 0

        class Counted(FakeModel):
            async def load(self) -> None:
                nonlocal loading, most
                loading += 1
                most = max(most, loading)
                for _ in range(20):  # long enough for all others to begin, if they may
                    await asyncio.to_thread(lambda: None)
                loading -= 1

        await asyncio.gather(
            *(residency.load(residency.add(name, Counted(name), planned(name, 1))) for name in "abcd")
        )
        assert most == at_once

    run(story)


def test_a_model_does_not_wait_for_ever_for_one_that_takes_long_to_load() -> None:
    async def story() -> None:
        slow, other = Slow("slow"), Slow("other")
        residency = Residency(ample, at_once=1, turn_s=0.05)
        loading = asyncio.create_task(residency.load(residency.add("slow", slow, planned("slow", 1))))
        await slow.began.wait()
        other.may_end.set()
        await asyncio.wait_for(residency.load(residency.add("other", other, planned("other", 1))), 5)
        assert not slow.may_end.is_set()
        slow.may_end.set()
        await loading

    run(story)


def test_what_is_idle_is_released_and_comes_back_when_asked_for() -> None:
    async def story() -> None:
        world = World(300, {"a": 100, "b": 100}, idle_s=60)
        await world.residency.load(world.residents["a"])
        await world.residency.load(world.residents["b"])
        world.time = 50
        with world.residency.using(world.residents["b"]):
            pass
        world.time = 70
        await world.residency.tidy()
        assert world.present() == {"b"}
        await world.residency.load(world.residents["a"])
        assert world.present() == {"a", "b"}

    run(story)


def test_memory_another_program_takes_is_given_up() -> None:
    async def story() -> None:
        world = World(300, {"a": 100, "b": 100})
        await world.residency.load(world.residents["a"])
        world.time = 1
        await world.residency.load(world.residents["b"])
        world.others = 150
        await world.residency.tidy()
        assert world.present() == {"b"}

    run(story)


def test_a_model_that_fails_to_load_takes_no_room() -> None:
    async def story() -> None:
        world = World(100, {"a": 100, "b": 100})
        world.bodies["a"].load_error = EngineError("engine.start_failed", "it does not start")
        with pytest.raises(EngineError):
            await world.residency.load(world.residents["a"])
        await world.residency.load(world.residents["b"])
        assert world.present() == {"b"}

    run(story)


def test_asked_to_release_it_does_at_once_also_what_is_in_use() -> None:
    async def story() -> None:
        world = World(100, {"a": 100})
        await world.residency.load(world.residents["a"])
        with world.residency.using(world.residents["a"]):
            await world.residency.unload(world.residents["a"])
            assert world.present() == set()
        assert world.released == []

    run(story)


NAMES = ("a", "b", "c", "d")
steps = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["load", "begin", "end", "unload"]), st.sampled_from(NAMES)),
        st.tuples(st.just("wait"), st.integers(1, 100)),
        st.tuples(st.just("others"), st.integers(0, 300)),
        st.tuples(st.just("both"), st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES))),
        st.tuples(st.just("tidy"), st.none()),
    ),
    max_size=25,
)


class Play:
    """Carries out steps and checks after each what must always hold."""

    def __init__(self, budget: int) -> None:
        self.world = World(budget, {"a": 40, "b": 90, "c": 160, "d": 250}, idle_s=120)
        self.uses: dict[str, list[AbstractContextManager[None]]] = {name: [] for name in NAMES}

    async def do(self, step: str, what: Any) -> None:
        busy = self.in_use() & self.world.present()
        await getattr(self, step)(what)
        assert busy - ({what} if step == "unload" else set()) <= self.world.present()
        counted = {name for name, resident in self.world.residents.items() if resident.loaded}
        assert self.world.present() == counted

    def in_use(self) -> set[str]:
        return {name for name in NAMES if self.uses[name]}

    def total(self) -> float:
        return sum(self.world.bodies[name].mib for name in self.world.present())

    async def load(self, name: str) -> None:
        try:
            await self.world.residency.load(self.world.residents[name])
        except ModelError as error:
            assert error.code == "model.no_room"  # noqa: PT017
        else:
            assert self.total() <= self.world.budget or self.world.others

    async def both(self, names: tuple[str, str]) -> None:
        await asyncio.gather(*map(self.load, names))

    async def begin(self, name: str) -> None:
        self.uses[name].append(self.world.residency.using(self.world.residents[name]))
        self.uses[name][-1].__enter__()

    async def end(self, name: str) -> None:
        if self.uses[name]:
            self.uses[name].pop().__exit__(None, None, None)

    async def unload(self, name: str) -> None:
        await self.world.residency.unload(self.world.residents[name])

    async def wait(self, seconds: int) -> None:
        self.world.time += seconds

    async def others(self, mib: int) -> None:
        self.world.others = mib

    async def tidy(self, _: None) -> None:
        await self.world.residency.tidy()
        assert self.world.present() <= self.in_use() or self.total() <= max(0.0, self.world.budget)


@settings(deadline=None)
@given(steps, st.integers(50, 500))
def test_whatever_happens_it_keeps_to_the_budget_and_to_what_is_in_use(
    steps: list[tuple[str, Any]], budget: int
) -> None:
    async def story() -> None:
        play = Play(budget)
        for step, what in steps:
            await play.do(step, what)

    run(story)


# --- the ports --------------------------------------------------------------------------------------------


def test_each_call_loads_what_it_needs_and_holds_it_meanwhile() -> None:
    async def story() -> None:
        world = World(1000, {})
        chat = ResidentChat(world.residency, "chat", FakeChat(), planned("chat", 100))
        ears = ResidentTranscriber(world.residency, "ears", FakeTranscriber(), planned("ears", 100))
        voice = ResidentSynthesizer(world.residency, "voice", FakeSynthesizer(), planned("voice", 100))
        deltas = chat.stream([ChatMessage("user", "Hello?")], ChatOptions())
        await anext(deltas)
        session = ears.session()
        session.feed(VOICE)
        await ears.load()
        await voice.synthesize("Hello.")
        world.others = 1000
        await world.residency.tidy()
        assert world.released == ["voice"]
        await deltas.aclose()
        await session.cancel()
        await world.residency.tidy()
        assert set(world.released) == {"voice", "chat", "ears"}

    run(story)

"""Each question gets the prompt, the sampling and the model of its tier, and known answers come again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from jarvis_desktop.config.schema import Config, Conversation, Engine, Profile, Routing
from jarvis_desktop.errors import EngineError
from jarvis_desktop.events import Tier
from jarvis_desktop.orchestrator.answer_cache import AnswerCache
from jarvis_desktop.orchestrator.routing import KnownAnswers, approach, beginnings, instructions
from jarvis_desktop.orchestrator.tiers import TieredChat
from jarvis_desktop.ports import Asked, ChatMessage, ChatOptions
from tests.fakes import FakeChat

TALK = "Good morning, how are you?"
FACT = "How does a hash table resolve collisions?"
PUZZLE = (
    "A train leaves at nine with eighty people, half of them get off and twice as many get on. "
    "Compare both plans step by step and prove which one needs fewer seats."
)
KNOWLEDGE = "What is the capital of France?"


def test_harder_questions_get_the_longer_prompt() -> None:
    found = [approach(question, Config()) for question in (TALK, FACT, PUZZLE)]
    assert [each.route.tier for each in found] == [Tier.CHAT, Tier.TECHNICAL, Tier.REASONING]
    assert [each.instructions for each in found] == [instructions(tier) for tier in Tier]
    lengths = [len(each.instructions) for each in found]
    assert lengths == sorted(lengths)
    scores = [each.route.difficulty for each in found]
    assert scores == sorted(scores)


def test_facts_are_told_with_less_variety_and_never_more_than_the_user_wants() -> None:
    assert approach(TALK, Config()).options.temperature == Engine().temperature
    assert approach(FACT, Config()).options.temperature == Routing().technical_temperature
    strict = Config().model_copy(update={"engine": Engine(temperature=0.0)})
    assert approach(PUZZLE, strict).options.temperature == 0.0


def test_the_user_may_overrule_the_judgement() -> None:
    fixed = Config().model_copy(update={"routing": Routing(tier="reasoning", reasoning_model="large")})
    found = approach(TALK, fixed)
    assert found.route.tier is Tier.REASONING
    assert found.options.model == "large"


def test_the_engines_own_model_is_not_taken_for_another() -> None:
    same = Config().model_copy(update={"routing": Routing(tier="technical", technical_model=Engine().model)})
    assert approach(TALK, same).options.model == ""


def test_the_route_tells_the_profile_in_use() -> None:
    asked = Config().model_copy(update={"conversation": Conversation(profile="Work")})
    assert approach(TALK, asked).route.profile == ""  # it is not there
    used = asked.model_copy(update={"profiles": {"Work": Profile()}})
    assert approach(TALK, used).route.profile == "Work"


def test_the_users_own_words_follow_the_shipped_ones() -> None:
    own = Config().model_copy(update={"conversation": Conversation(instructions="Call me Ana. ")})
    assert approach(TALK, own).instructions == f"{instructions(Tier.CHAT)}\n\nCall me Ana."


def test_every_prompt_a_question_may_get_is_read_beforehand() -> None:
    own = Config().model_copy(update={"conversation": Conversation(instructions="Call me Ana.")})
    assert beginnings(own) == [approach(question, own).instructions for question in (TALK, FACT, PUZZLE)]
    fixed = own.model_copy(update={"routing": Routing(tier="technical")})
    assert beginnings(fixed) == [approach(TALK, fixed).instructions]


# --- models for tiers -------------------------------------------------------------------------------------


class Bench:
    """A tiered chat over fakes, and what it told."""

    def __init__(self) -> None:
        self.main = FakeChat("From the main one.")
        self.others: dict[str, FakeChat] = {}
        self.told: list[str] = []
        self.chat = TieredChat(self.main, self.other, lambda remark: self.told.append(str(remark)))

    def other(self, name: str) -> FakeChat:
        self.others[name] = FakeChat(f"From {name}.")
        self.others[name].model = name
        return self.others[name]

    async def ask(self, model: str = "") -> str:
        question = [ChatMessage("user", "Hello?")]
        return "".join([delta.text async for delta in self.chat.stream(question, ChatOptions(model=model))])


def test_the_model_that_is_named_answers_and_is_made_once() -> None:
    async def run() -> None:
        bench = Bench()
        assert await bench.ask() == "From the main one."
        assert await bench.ask("large") == "From large."
        first = bench.others["large"]
        await bench.ask("large")
        assert bench.others["large"] is first
        assert len(first.prompts) == 2

    asyncio.run(run())


def test_the_main_model_stands_in_for_one_that_fails_and_says_so() -> None:
    async def run() -> None:
        bench = Bench()
        await bench.ask("large")
        bench.others["large"].reply = ""
        bench.others["large"].error = EngineError("engine.died", "It is gone.")
        assert await bench.ask("large") == "From the main one."
        assert bench.told == ["large cannot be used now: fake-chat answers instead."]

    asyncio.run(run())


def test_an_answer_that_has_begun_is_not_begun_again_by_the_main_model() -> None:
    async def run() -> None:
        bench = Bench()
        await bench.ask("large")
        bench.others["large"].error = EngineError("engine.died", "It is gone.")
        with pytest.raises(EngineError):
            await bench.ask("large")
        assert bench.main.prompts == []

    asyncio.run(run())


# --- known answers ----------------------------------------------------------------------------------------


def asked(question: str = KNOWLEDGE, **changes: object) -> Asked:
    return replace(Asked(question, "en", approach(question, Config()), "small", ()), **changes)  # type: ignore[arg-type]


def answers(path: Path, wanted: Callable[[], bool] = lambda: True) -> KnownAnswers:
    return KnownAnswers(AnswerCache(path / "answers.sqlite3"), wanted)


def test_a_known_answer_is_found_again_after_a_restart(tmp_path: Path) -> None:
    async def run() -> None:
        await answers(tmp_path).keep(asked(), "Paris.")
        assert await answers(tmp_path).find(asked("what is the capital of france")) == "Paris."

    asyncio.run(run())


def test_a_cleared_answer_is_not_found_again(tmp_path: Path) -> None:
    async def run() -> None:
        known = answers(tmp_path)
        await known.keep(asked(), "Paris.")
        await known.clear()
        assert await known.find(asked()) is None

    asyncio.run(run())


@pytest.mark.parametrize(
    "other",
    [
        asked("What is the capital of Spain?"),
        asked(model="large"),
        asked(language="es"),
        asked(earlier=(ChatMessage("user", "We speak of Texas."), ChatMessage("assistant", "Yes."))),
        asked(
            approach=approach(KNOWLEDGE, Config().model_copy(update={"routing": Routing(tier="technical")}))
        ),
    ],
)
def test_what_an_answer_depends_on_must_be_the_same(tmp_path: Path, other: Asked) -> None:
    async def run() -> None:
        await answers(tmp_path).keep(asked(), "Paris.")
        assert await answers(tmp_path).find(other) is None

    asyncio.run(run())


@pytest.mark.parametrize("question", ["What is my name?", "What time is it?", "Tell me a joke."])
def test_personal_and_passing_answers_are_never_kept(tmp_path: Path, question: str) -> None:
    async def run() -> None:
        await answers(tmp_path).keep(asked(question), "An answer.")
        assert await answers(tmp_path).find(asked(question)) is None
        assert not (tmp_path / "answers.sqlite3").exists()

    asyncio.run(run())


def test_switched_off_nothing_is_kept_or_found(tmp_path: Path) -> None:
    async def run() -> None:
        await answers(tmp_path).keep(asked(), "Paris.")
        assert await answers(tmp_path, lambda: False).find(asked()) is None

    asyncio.run(run())

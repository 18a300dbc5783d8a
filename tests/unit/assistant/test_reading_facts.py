"""While nobody asks, the language model reads what was told, and only what quotes it becomes a fact."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from jarvis_desktop.assistant.memories import reading_facts
from jarvis_desktop.assistant.memories.facts import fact_of, label, to_user
from jarvis_desktop.assistant.memories.reading_facts import grounded, untold
from jarvis_desktop.config.profiles import MemoryScope
from jarvis_desktop.config.schema import Config
from jarvis_desktop.events import MemoryItem, MemoryKind, SubmitText, TurnFinished
from tests.fakes import FakeChat, FakeMemory, fake_parts
from tests.unit.assistant.harness import running, until
from tests.witness import Witness

CELLO = "I play the cello in the city orchestra every Thursday."
FOUND = "user | play | the cello"


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_facts, "IDLE_SECONDS", 0.0)


class Talk:
    """An assistant whose model answers everything with `FOUND`."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.chat, self.memory = FakeChat(FOUND), FakeMemory()
        self.parts = fake_parts(chat=self.chat)
        self.parts.memory = self.memory
        self.witness: Witness

    def run(self, scenario: Callable[[Callable[[str], Coroutine[Any, Any, None]]], Any]) -> None:
        async def life() -> None:
            async with running(self.parts, config=self.config) as (assistant, self.witness):

                async def say(text: str) -> None:
                    assistant.post(SubmitText(text))
                    await self.witness.next(TurnFinished)

                await scenario(say)

        asyncio.run(life())

    @property
    def facts(self) -> list[MemoryItem]:
        return [item for _, item in self.memory.items.values() if item.kind is MemoryKind.FACT]

    def read(self) -> list[str]:
        """The texts that the model was asked for facts about."""
        return [p[-1].content for p in self.chat.prompts if p[0].content.startswith("You list")]


@pytest.fixture
def talk() -> Talk:
    return Talk(Config())


def test_what_no_rule_understood_is_read_and_kept_in_the_users_words(talk: Talk) -> None:
    async def scenario(say: Callable[[str], Any]) -> None:
        await say(f"My sister is called Eva. {CELLO} Do you like music?")
        await until(lambda: len(talk.facts) == 2)

    talk.run(scenario)
    by_rule, by_model = talk.facts
    assert talk.read() == [CELLO]
    assert by_model.text == 'The user said of themselves "I play the cello".'
    assert (by_rule.metadata["by"], by_model.metadata["by"]) == ("rules", "model")
    assert by_model.metadata["turn"] == by_rule.metadata["turn"]
    fact = fact_of(by_model)
    assert fact is not None
    assert to_user(fact, "en") == 'You said of yourself "I play the cello".'
    assert label(fact, "en") == "something about you"  # in receipts, which tell nothing of what is forgotten


def test_a_question_ends_the_reading_which_is_made_good_later(talk: Talk) -> None:
    async def scenario(say: Callable[[str], Any]) -> None:
        await say(CELLO)
        talk.chat.hold = asyncio.Semaphore(0)
        await until(lambda: talk.read() == [CELLO])
        asking = asyncio.create_task(say("What is an orchestra?"))
        await until(lambda: talk.chat.aborted == 1)
        assert not talk.facts
        for _ in range(100):
            talk.chat.hold.release()
        await asking
        await until(lambda: bool(talk.facts))
        assert talk.read() == [CELLO, CELLO]

    talk.run(scenario)


def test_what_is_told_in_private_is_never_read(talk: Talk) -> None:
    async def scenario(say: Callable[[str], Any]) -> None:
        talk.parts.history.use(MemoryScope(stored=False))
        await say("I collect old stamps from Portugal.")
        talk.parts.history.use(MemoryScope("work"))
        await say(CELLO)
        await until(lambda: bool(talk.facts))

    talk.run(scenario)
    assert talk.read() == [CELLO]
    assert [owner for owner, _ in talk.memory.items.values()] == ["work", "work"]


def test_what_was_forgotten_meanwhile_leaves_no_fact(talk: Talk) -> None:
    async def scenario(say: Callable[[str], Any]) -> None:
        await say(CELLO)
        talk.chat.hold = asyncio.Semaphore(0)
        await until(lambda: talk.read() == [CELLO])
        talk.memory.items.clear()
        for _ in range(100):
            talk.chat.hold.release()
        await say("I collect old stamps from Portugal.")
        await until(lambda: len(talk.read()) > 1 and talk.read()[-1].startswith("I collect"))

    talk.run(scenario)
    assert not talk.facts


def test_switched_off_or_elsewhere_the_model_is_asked_nothing() -> None:
    for off in (True, False):
        talk = Talk(Config.model_validate({"memory": {"read_facts": not off}}))
        talk.chat.engine = "fake" if off else "remote"

        async def scenario(say: Callable[[str], Any], talk: Talk = talk) -> None:
            await say(CELLO)
            await until(lambda: bool(talk.memory.items))
            await say("What is an orchestra?")
            for _ in range(100):
                await asyncio.sleep(0)  # which is enough for it where it is wanted

        talk.run(scenario)
        assert not talk.read()


@pytest.mark.parametrize(
    ("line", "text", "quote"),
    [
        ("user | conduzco | un Volvo verde", "Conduzco un Volvo verde.", "Conduzco un Volvo verde"),
        ("Clara | old clocks", "My neighbour Clara repairs old clocks.", ""),
        ("Clara | old | clocks", "My neighbour Clara repairs old clocks.", "repairs old clocks"),
        ("user | violin | the Albert Hall", CELLO, ""),  # made up
        ("Bruno | play | the cello", CELLO, ""),  # nobody there
        ("user | repairs | old clocks", "My neighbour Clara repairs old clocks.", ""),  # somebody else does
        ("uncle | drive | a green Volvo", "I drive a green Volvo that was my uncle's.", ""),
        ("user | repairs | old clocks", "Clara repairs old clocks.", ""),
        ("mom | repairs | old clocks", "My mother repairs old clocks.", ""),
        ("my mother | repairs | old clocks", "My mother repairs old clocks.", "repairs old clocks"),
        ("I cannot help with that.", CELLO, ""),
        ("user || ", CELLO, ""),
    ],
)
def test_only_what_the_text_says_of_that_one_is_a_fact(line: str, text: str, quote: str) -> None:
    assert [fact.value for fact in grounded(line, text)] == ([quote] if quote else [])


@pytest.mark.parametrize(
    ("line", "text", "told"),
    [
        ("user | hermana | dentista", "Mi hermana es dentista.", 'Dijiste de tu hermana "es dentista".'),
        ("user | sister | dentist", "My sister is a dentist.", 'You said of your sister "is a dentist".'),
        ("vecina | médica", "Mi vecina es médica.", None),
        ("user | vecina | médica", "Mi vecina es médica.", 'Dijiste de tu vecina "es médica".'),
        ("user | husband | dentist", "My sister's husband is a dentist.", None),
    ],
)
def test_what_is_said_of_the_users_family_is_not_said_of_the_user(
    line: str, text: str, told: str | None
) -> None:
    assert [to_user(fact, "en") for fact in grounded(line, text)] == ([told] if told else [])


@pytest.mark.parametrize(
    "text",
    [
        "I do not play the cello in an orchestra.",
        "Ya no toco el violonchelo en la orquesta.",
        "Maybe the orchestra buys me a cello some day.",
        "Do I play the cello in the city orchestra?",
        "I live in Leeds.",
    ],
)
def test_denied_supposed_asked_and_known_is_not_read(text: str) -> None:
    assert untold(text) == ""

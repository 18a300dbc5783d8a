"""Questions suggested after an answer, on fakes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest

from jarvis_desktop.assistant import follow_ups
from jarvis_desktop.assistant.follow_ups import questions_in
from jarvis_desktop.config.schema import Config, Conversation
from jarvis_desktop.events import (
    FollowUpsSuggested,
    Interrupt,
    ReplyToken,
    SubmitText,
    TurnFinished,
    TurnStarted,
    Usage,
)
from jarvis_desktop.ports import ChatDelta, ChatMessage, ChatOptions
from tests.fakes import FakeChat, fake_parts
from tests.unit.assistant.harness import running, until


class SuggestingChat(FakeChat):
    """Answers like any other, and whoever wants questions gets these."""

    questions = "1. Which bread is best?\n2. How long does bread rise?\nThat is all.\n"

    async def stream(self, messages: Sequence[ChatMessage], options: ChatOptions) -> AsyncIterator[ChatDelta]:
        if "questions" in messages[-1].content:
            self.prompts.append(list(messages))
            yield ChatDelta(self.questions, Usage(1, 1, 1.0))
            return
        async for delta in super().stream(messages, options):
            yield delta


@pytest.fixture(autouse=True)
def no_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow_ups, "IDLE_SECONDS", 0.0)


def test_questions_follow_an_answer_and_the_model_goes_on_from_its_prompt() -> None:
    async def scenario() -> None:
        chat = SuggestingChat("Bread rises.")
        parts = fake_parts(chat=chat)
        async with running(parts) as (assistant, witness):
            assistant.post(SubmitText("What does bread do?"))
            done = await witness.next(TurnFinished)
            suggested = await witness.next(FollowUpsSuggested)
            answered, wished = chat.prompts
            stored = [row.text for rows in parts.history.rows.values() for row in rows]  # type: ignore[attr-defined]
        assert suggested.turn_id == done.turn_id
        assert suggested.questions == ("Which bread is best?", "How long does bread rise?")
        assert wished[: len(answered)] == answered
        assert wished[len(answered)] == ChatMessage("assistant", "Bread rises.")
        assert stored == ["What does bread do?", "Bread rises."]

    asyncio.run(scenario())


@pytest.mark.parametrize("why_not", ["switched off", "an engine elsewhere", "nothing usable"])
def test_nothing_is_suggested(why_not: str) -> None:
    async def scenario() -> None:
        chat = SuggestingChat("Bread rises.")
        config = Config()
        if why_not == "switched off":
            config = Config(conversation=Conversation(follow_ups=False))
        elif why_not == "an engine elsewhere":
            chat.engine = "remote"
        else:
            chat.questions = "I cannot think of any"
        async with running(fake_parts(chat=chat), config=config) as (assistant, witness):
            assistant.post(SubmitText("What does bread do?"))
            await witness.next(TurnFinished)
            if why_not == "nothing usable":
                await until(lambda: len(chat.prompts) == 2)
            for _ in range(50):
                await asyncio.sleep(0)
            assert not witness.of(FollowUpsSuggested)
            assert len(chat.prompts) == (2 if why_not == "nothing usable" else 1)

    asyncio.run(scenario())


def test_whoever_asks_at_once_is_not_kept_waiting_by_suggestions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow_ups, "IDLE_SECONDS", 0.05)

    async def scenario() -> None:
        chat = SuggestingChat("Bread rises.")
        async with running(fake_parts(chat=chat)) as (assistant, witness):
            assistant.post(SubmitText("What does bread do?"))
            await witness.next(TurnFinished)
            assistant.post(SubmitText("And wine?"))
            second = await witness.next(TurnStarted)
            assert (await witness.next(FollowUpsSuggested)).turn_id == second.turn_id
            assert len(witness.of(FollowUpsSuggested)) == 1

    asyncio.run(scenario())


def test_an_answer_that_was_stopped_suggests_nothing() -> None:
    async def scenario() -> None:
        chat = SuggestingChat("Bread rises.")
        chat.hold = asyncio.Semaphore(1)
        async with running(fake_parts(chat=chat)) as (assistant, witness):
            assistant.post(SubmitText("What does bread do?"))
            await witness.next(ReplyToken)
            assistant.post(Interrupt())
            await witness.next(TurnFinished)
            for _ in range(50):
                await asyncio.sleep(0)
            assert len(chat.prompts) == 1

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("written", "questions"),
    [
        ('1. "Which flour?"\n- **Which yeast?**', ("Which flour?", "Which yeast?")),
        ("Sure! Here are some flours:\nWhite flour?\nwhite flour?", ("White flour?",)),
        ("Rye bread?\nDark bread?\nOld bread?\nFresh bread?", ("Rye bread?", "Dark bread?", "Old bread?")),
        ("3 kilos of flour cost how much?", ("3 kilos of flour cost how much?",)),
        (f"{'Flour and water ' * 9}?", ()),
        ("Why does bread rise?\nWhat does bread do?", ()),  # that was asked
        ("What is the capital of France?", ()),  # of that nobody spoke
        ("", ()),
    ],
)
def test_only_short_questions_that_lead_on_are_taken_from_what_the_model_writes(
    written: str, questions: tuple[str, ...]
) -> None:
    told = "The yeast eats what is in the flour and makes gas."
    assert questions_in(written, "Why does bread rise?", told) == questions


def test_questions_in_spanish_lead_on_too() -> None:
    written = "¿Qué comida es típica de París?\n¿Cuál es la capital de Francia?"
    asked, told = "¿Cuál es la capital de Francia?", "La capital de Francia es París."
    assert questions_in(written, asked, told) == ("¿Qué comida es típica de París?",)

"""Questions edited and answers asked for again: on fakes, with conversations in a real file."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from jarvis_desktop.assistant import Assistant
from jarvis_desktop.config.profiles import MemoryScope
from jarvis_desktop.events import (
    ConversationOpened,
    Interrupted,
    ReplyToken,
    Role,
    ShowVersion,
    SubmitText,
    TurnFinished,
    TurnStarted,
    VersionsListed,
)
from jarvis_desktop.memory.history import SqliteHistory
from jarvis_desktop.memory.scoped import ScopedHistory
from tests.fakes import FakeAnswers, FakeChat, FakeMemory, fake_parts
from tests.unit.assistant.harness import running
from tests.witness import Witness


class Talk:
    """An assistant with its conversation on disk."""

    def __init__(self, chat: FakeChat, history: ScopedHistory, assistant: Assistant, witness: Witness):
        self.chat = chat
        self.history = history
        self.assistant = assistant
        self.witness = witness

    async def ask(self, text: str, reply: str, instead_of: str = "") -> str:
        """Have a question answered like this; returns the turn's id."""
        self.chat.reply = reply
        self.assistant.post(SubmitText(text, instead_of=instead_of))
        return (await self.witness.next(TurnFinished)).turn_id

    async def versions(self) -> VersionsListed:
        return await self.witness.next(VersionsListed)

    async def shown(self) -> list[str]:
        (conversation,) = await self.history.conversations()
        return [message.text for message in await self.history.messages(conversation.id)]

    @property
    def prompt(self) -> str:
        """What the model was given last of what was said before, and the question."""
        return "\n".join(message.content for message in self.chat.prompts[-1][1:])


def talk(folder: Path, scenario: Callable[[Talk], Awaitable[None]], *, memory: bool = False) -> None:
    async def life() -> None:
        stored = SqliteHistory(folder / "jarvis.sqlite3")
        chat, history = FakeChat(), ScopedHistory(stored, MemoryScope())
        parts = fake_parts(chat=chat)
        parts.history, parts.answers = history, FakeAnswers()
        parts.memory = FakeMemory() if memory else None
        async with running(parts) as (assistant, witness):
            await scenario(Talk(chat, history, assistant, witness))
        await stored.close()

    asyncio.run(life())


def test_an_edited_question_leads_a_branch_that_knows_nothing_of_the_other(tmp_path: Path) -> None:
    async def scenario(talk: Talk) -> None:
        await talk.ask("Tell me of bread.", "It rises.")
        second = await talk.ask("And of rye?", "It is dark.")
        await talk.ask("Go on.", "Rye grows in the cold.")
        await talk.ask("And of wheat?", "It is light.", instead_of=second)
        assert "Rye" not in talk.prompt
        assert "rises" in talk.prompt
        assert await talk.shown() == ["Tell me of bread.", "It rises.", "And of wheat?", "It is light."]
        (versions,) = (await talk.versions()).versions
        assert (versions.role, versions.shown) == (Role.USER, 1)

        talk.assistant.post(ShowVersion(versions.ids[0]))
        opened = await talk.witness.next(ConversationOpened)
        assert [message.text for message in opened.messages][2:5] == ["And of rye?", "It is dark.", "Go on."]
        await talk.ask("What now?", "Bake.")
        assert "Rye grows" in talk.prompt
        assert "light" not in talk.prompt

    talk(tmp_path, scenario)


def test_another_answer_to_a_question_does_not_see_the_first_and_stands_in_its_place(tmp_path: Path) -> None:
    async def scenario(talk: Talk) -> None:
        first = await talk.ask("Name a flower.", "Rose.")
        await talk.ask("And a tree?", "Oak.")
        assert await talk.ask("Name a flower.", "Tulip.", instead_of=first) == first
        assert "Rose" not in talk.prompt
        assert await talk.shown() == ["Name a flower.", "Tulip."]
        (versions,) = (await talk.versions()).versions
        assert (versions.turn_id, versions.role, len(versions.ids)) == (first, Role.ASSISTANT, 2)
        talk.assistant.post(ShowVersion(versions.ids[0]))
        await talk.witness.next(ConversationOpened)
        assert await talk.shown() == ["Name a flower.", "Rose.", "And a tree?", "Oak."]

    talk(tmp_path, scenario)


def test_the_window_is_shown_the_beginning_before_the_new_version(tmp_path: Path) -> None:
    async def scenario(talk: Talk) -> None:
        await talk.ask("One?", "Yes.")
        second = await talk.ask("Two?", "No.")
        since = len(talk.witness.events)
        await talk.ask("Two?", "Perhaps.", instead_of=second)
        told = [
            each for each in talk.witness.events[since:] if isinstance(each, ConversationOpened | TurnStarted)
        ]
        assert isinstance(told[0], ConversationOpened)
        assert [message.text for message in told[0].messages] == ["One?", "Yes."]
        assert isinstance(told[1], TurnStarted)
        assert told[1].turn_id == second

    talk(tmp_path, scenario)


def test_an_answer_under_way_that_is_asked_for_again_ends_and_is_kept_as_a_version(tmp_path: Path) -> None:
    async def scenario(talk: Talk) -> None:
        talk.chat.hold = asyncio.Semaphore(1)
        talk.chat.reply = "Once upon a time."
        talk.assistant.post(SubmitText("A story?"))
        turn = (await talk.witness.next(TurnStarted)).turn_id
        await talk.witness.next(ReplyToken)
        talk.chat.hold = None
        talk.chat.reply = "There was a king."
        talk.assistant.post(SubmitText("A story?", instead_of=turn))
        await talk.witness.next(Interrupted)
        (versions,) = (await talk.versions()).versions
        assert len(versions.ids) == 2
        assert await talk.shown() == ["A story?", "There was a king."]

    talk(tmp_path, scenario)


def test_an_answer_given_before_is_not_given_again_when_another_is_wanted(tmp_path: Path) -> None:
    async def scenario(talk: Talk) -> None:
        turn = await talk.ask("What is a lion?", "A cat.")
        assert isinstance(talk.assistant._parts.answers, FakeAnswers)
        talk.assistant._parts.answers.known = {"What is a lion?": "A cat."}
        await talk.ask("What is a lion?", "An animal.", instead_of=turn)
        assert (await talk.shown())[1] == "An animal."

    talk(tmp_path, scenario)


def test_a_turn_that_is_not_stored_is_asked_at_the_end(tmp_path: Path) -> None:
    async def scenario(talk: Talk) -> None:
        await talk.ask("One?", "Yes.")
        await talk.ask("Two?", "No.", instead_of="unknown")
        assert await talk.shown() == ["One?", "Yes.", "Two?", "No."]

    talk(tmp_path, scenario)


@pytest.mark.parametrize("shown", [0, 1, 2])
def test_forgetting_reaches_every_version(tmp_path: Path, shown: int) -> None:
    async def scenario(talk: Talk) -> None:
        turn = await talk.ask("My sister is called Lucía.", "Lucía is a fine name.")
        await talk.ask("My sister is called Lucía.", "Greetings to Lucía.", instead_of=turn)
        (answers,) = (await talk.versions()).versions
        await talk.ask("Hello.", "Good day.", instead_of=turn)
        listed = (await talk.versions()).versions
        if shown:
            talk.assistant.post(ShowVersion(listed[0].ids[0]))
            await talk.witness.next(ConversationOpened)
            talk.assistant.post(ShowVersion(answers.ids[shown - 1]))
            await talk.witness.next(ConversationOpened)
        await talk.ask("Forget what you know about my sister.", "")
        everything = await talk.history.all_messages()
        said = [message.text for message in everything if message.turn_id == turn]
        assert len(said) == 3
        assert "Lucía" not in " ".join(said)

    talk(tmp_path, scenario, memory=True)


def test_a_fact_that_was_replaced_does_not_come_back_with_another_answer(tmp_path: Path) -> None:
    async def scenario(talk: Talk) -> None:
        first = await talk.ask("My name is Ana.", "Hello Ana.")
        await talk.ask("My name is Berta.", "Hello Berta.")
        await talk.ask("My name is Ana.", "Welcome.", instead_of=first)
        await talk.ask("What do you know about me?", "")
        told = (await talk.shown())[-1]
        assert "Berta" in told
        assert "Ana" not in told

    talk(tmp_path, scenario, memory=True)

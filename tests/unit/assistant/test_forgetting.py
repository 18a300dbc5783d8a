"""The memory forgets what the user wants forgotten, in every place, and asks where that is not clear."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from jarvis_desktop.errors import StorageError
from jarvis_desktop.events import (
    FORGOTTEN,
    ConversationOpened,
    EditMemory,
    Failed,
    ForgetMemory,
    Forgotten,
    Interrupt,
    Interrupted,
    MemoriesChanged,
    MemoryForgotten,
    MemoryItem,
    MemoryKind,
    MemoryShown,
    Message,
    NewConversation,
    OpenConversation,
    Recollection,
    Role,
    SubmitText,
)
from tests.fakes import FakeHistory, FakeMemory
from tests.unit.assistant.harness import until
from tests.unit.assistant.talk import Talk, talk

MANY, MANY_S = 5000, 30
"""Facts, and the seconds in which they have to be forgotten on a machine that has other things to do, too."""


def test_what_was_told_last_is_forgotten_in_every_place() -> None:
    async def scenario(talk: Talk) -> None:
        talk.answers.known = {"Whose day is December 13?": "Lucía's."}
        await talk.say("I live in Leeds.")
        talk.chat.reply = "Nice to hear of Lucía."
        await talk.say("My sister is called Lucía.")
        told = await talk.told("Forget that.")
        assert told.startswith("Forgotten: your sister's name. 1 entry of my memory")
        assert "receipt-" in told
        assert [item.text for item in talk.items] == ["The user lives in Leeds."]
        assert "Lucía" not in talk.stored
        assert "Leeds" in talk.stored
        assert not talk.answers.known

    talk("Fine.", scenario)


@pytest.mark.parametrize("told", ["My sister is called Lucía.", "Remember that Lucía has the spare key."])
@pytest.mark.parametrize("before", ["here", "in another conversation"])
def test_what_was_told_last_is_forgotten_wholly_also_if_it_was_known_before(told: str, before: str) -> None:
    async def scenario(talk: Talk) -> None:
        await talk.say(told)
        if before == "in another conversation":
            talk.assistant.post(NewConversation())
            await talk.witness.next(ConversationOpened)
        await talk.say("I live in Leeds.")
        await talk.say(told)
        known = [item for item in talk.items if "Lucía" in item.text]
        assert "1 entry" in await talk.told("Forget that.")
        (forgotten,) = talk.witness.of(MemoryForgotten)
        assert forgotten.receipt.items == tuple(item.id for item in known)
        assert [item.text for item in talk.items] == ["The user lives in Leeds."]
        assert "Lucía" not in talk.stored
        assert "Leeds" in talk.stored

    talk("Fine.", scenario)


def test_a_fact_that_was_told_twice_is_forgotten_in_both_conversations() -> None:
    async def scenario(talk: Talk) -> None:
        async def cannot(question: str, **_: object) -> Recollection:  # so no answer is known to have used it
            raise StorageError("storage.busy", "Another program is holding the memory.")

        await talk.say("My sister is called Lucía.")
        talk.memory.recall = cannot  # type: ignore[assignment]
        talk.assistant.post(NewConversation())
        await talk.witness.next(ConversationOpened)
        await talk.say("My sister is called Lucía.")
        await talk.say("Forget that my sister is called Lucía.")
        assert "Lucía" not in talk.stored

    talk("Fine.", scenario)


def test_what_was_begun_to_be_forgotten_is_forgotten_though_the_answer_is_interrupted() -> None:
    async def scenario(talk: Talk) -> None:
        begun, go_on = asyncio.Event(), asyncio.Event()

        class Slow(FakeMemory):
            async def forget(self, item_ids: Sequence[str], *, owner: str = "") -> Forgotten:
                begun.set()
                await go_on.wait()
                return await super().forget(item_ids, owner=owner)

        talk.parts.memory = Slow()
        await talk.say("My sister is called Lucía.")
        talk.assistant.post(SubmitText("Forget that."))
        await begun.wait()
        talk.assistant.post(Interrupt())
        await talk.witness.next(Interrupted)
        go_on.set()
        await talk.witness.next(MemoryForgotten)
        assert talk.items == []

    talk("Fine.", scenario)


def test_a_question_about_forgetting_that_nobody_heard_is_answered_by_no_yes() -> None:
    async def scenario(talk: Talk) -> None:
        await talk.say("My sister is called Lucía.")
        listed, go_on = asyncio.Event(), asyncio.Event()

        class Slow(FakeMemory):
            async def listed(self, **asked: Any) -> tuple[MemoryItem, ...]:
                listed.set()
                await go_on.wait()
                return await super().listed(**asked)

        slow = Slow()
        slow.items = talk.memory.items
        talk.parts.memory = slow
        talk.assistant.post(SubmitText("Forget everything you know about me."))
        await listed.wait()
        talk.assistant.post(Interrupt())
        await talk.witness.next(Interrupted)
        go_on.set()
        await talk.witness.next(MemoriesChanged)
        assert await talk.told("Yes, please.") == "Fine."
        assert talk.texts(MemoryKind.FACT) == ["The user's sister is called Lucía."]

    talk("Fine.", scenario)


def test_an_answer_that_repeats_what_is_forgotten_is_blanked_too() -> None:
    async def scenario(talk: Talk) -> None:
        await talk.say("My sister is called Lucía.")
        await talk.say("What is my sister called?")
        await talk.say("What do you know about me?")
        talk.assistant.post(NewConversation())
        await talk.witness.next(ConversationOpened)
        talk.chat.reply = "Lucía is also a saint."  # another one: nothing of the memory in it
        await talk.say("Whose day is December 13?")
        await talk.say("Olvida que mi hermana se llama Lucía.")
        assert talk.items == []
        assert [line for line in talk.stored.splitlines() if "Lucía" in line] == ["Lucía is also a saint."]
        assert FORGOTTEN in talk.stored

    talk("Your sister is called Lucía.", scenario)


@pytest.mark.parametrize("way", ["by voice", "in the window"])
def test_a_fact_goes_with_its_sentence_and_leaves_the_other_facts_of_its_message(way: str) -> None:
    async def scenario(talk: Talk) -> None:
        talk.answers.known = {"Whose day is December 13?": "Lucía's."}
        await talk.say("My sister is called Lucía and I live in Leeds. My sister Lucía has a heron.")
        await until(lambda: len(talk.items) == 3)
        if way == "by voice":
            await talk.say("Forget what you know about my sister.")
        else:
            (fact,) = (item for item in talk.items if item.metadata.get("value") == "Lucía")
            talk.assistant.post(ForgetMemory((fact.id,)))
            await talk.witness.next(MemoryForgotten)
        (forgotten,) = talk.witness.of(MemoryForgotten)
        assert len(forgotten.receipt.items) == 2
        assert [item.text for item in talk.items] == ["The user lives in Leeds."]
        assert "Lucía" not in talk.stored
        assert not talk.answers.known

    talk("Fine.", scenario)


def test_a_sentence_goes_with_the_facts_that_were_drawn_from_it() -> None:
    async def scenario(talk: Talk) -> None:
        await talk.say("My sister is called Lucía and I live in Leeds. My sister Lucía has a heron.")
        await until(lambda: len(talk.items) == 3)
        (sentence,) = (item for item in talk.items if item.kind is MemoryKind.TURN)
        talk.assistant.post(ForgetMemory((sentence.id,)))
        await talk.witness.next(MemoryForgotten)
        assert [item.text for item in talk.items] == ["The user lives in Leeds."]

    talk("Fine.", scenario)


def test_the_words_that_a_fact_had_before_it_was_edited_are_forgotten_with_it() -> None:
    async def scenario(talk: Talk) -> None:
        await talk.say("My sister is called Lucía.")
        talk.assistant.post(NewConversation())
        await talk.witness.next(ConversationOpened)
        await talk.say("What is my sister called?")
        (fact,) = talk.items
        for text in ("The user's sister is called Marta.", "The user's sister is called Berta."):
            talk.assistant.post(EditMemory(fact.id, text))
            await talk.witness.next(MemoryShown)
            assert "Your sister is called Lucía." in talk.stored, "an edit leaves the chats as they are"
            talk.chat.reply = text
            await talk.say("What is my sister called?")
        assert "Lucía" not in str(talk.items)
        talk.assistant.post(ForgetMemory((fact.id,)))
        await talk.witness.next(MemoryForgotten)
        for name in ("Lucía", "Marta", "Berta"):
            assert name not in talk.stored

    talk("Your sister is called Lucía.", scenario)


def test_forgetting_a_thing_by_its_name_takes_the_older_words_for_it_too() -> None:
    async def scenario(talk: Talk) -> None:
        await talk.say("My sister is called Lucía.")
        await talk.say("Mi hermana se llama Sofía.")
        await talk.say("I live in Leeds.")
        await talk.say("olvida lo de mi hermana")
        assert talk.texts(MemoryKind.FACT) == ["The user lives in Leeds."]
        assert [item.text for item in talk.items if "Lucía" in item.text or "Sofía" in item.text] == []

    talk("Fine.", scenario)


@pytest.mark.parametrize(
    ("answer", "gone"), [("Sí, por favor.", True), ("no", False), ("What is two?", False)]
)
def test_where_several_things_are_meant_the_user_is_asked(answer: str, gone: bool) -> None:
    async def scenario(talk: Talk) -> None:
        await talk.say("My dentist is called Dr. Ruiz.")
        await talk.say("I have an appointment with the dentist on Tuesday at 9.")
        asked = await talk.told("Olvida lo que sabes de mi dentista.")
        assert "- Tu dentista se llama Dr. Ruiz." in asked
        assert "Tuesday" in asked
        assert asked.endswith("¿Lo olvido?")
        assert len(talk.texts(MemoryKind.FACT)) == 2
        told = await talk.told(answer)
        assert (talk.texts(MemoryKind.FACT) == []) is gone
        assert ("Ruiz" not in talk.stored) is gone
        if gone:
            assert told.startswith("Olvidado: ")
        await talk.say("yes")  # to nothing any more
        assert bool(talk.texts(MemoryKind.FACT)) is not gone

    talk("Fine.", scenario)


def test_everything_is_forgotten_only_after_a_yes_and_documents_stay() -> None:
    async def scenario(talk: Talk) -> None:
        await talk.memory.remember("The tower is high.", kind=MemoryKind.DOCUMENT, source="tower.txt")
        await talk.say("My sister is called Lucía.")
        assert "Shall I?" in await talk.told("Forget everything you know about me.")
        assert len(talk.items) == 2
        assert (await talk.told("Yes.")).startswith("I have forgotten everything")
        assert [item.source for item in talk.items] == ["tower.txt"]
        assert "Lucía" not in talk.stored

    talk("Fine.", scenario)


def test_thousands_of_facts_are_forgotten_in_seconds() -> None:
    async def scenario(talk: Talk) -> None:
        await talk.say("Hello.")
        assert isinstance(talk.parts.history, FakeHistory)
        (conversation,) = talk.parts.history.rows
        for number in range(MANY):
            told = {"subject": "user", "slot": f"attribute:{number}", "value": f"secret{number}"}
            text, turn = f"It is secret{number}.", f"turn-{number}"
            item = MemoryItem(f"fact-{number}", MemoryKind.FACT, text, metadata={**told, "turn": turn})
            talk.memory.items[item.id] = "", item
            for role in Role:
                message = Message(f"{role}-{number}", conversation, turn, role, text, float(number))
                await talk.parts.history.append(message)
        await talk.say("Forget everything you know about me.")
        async with asyncio.timeout(MANY_S):
            await talk.say("Yes.")
        assert talk.items == []
        assert "secret" not in talk.stored

    talk("Hello.", scenario)


def test_a_document_is_never_forgotten_without_a_question() -> None:
    async def scenario(talk: Talk) -> None:
        await talk.memory.remember("The tower is high.", kind=MemoryKind.DOCUMENT, source="tower.txt")
        assert "- tower.txt" in await talk.told("Forget what you know about the tower.")
        assert len(talk.items) == 1
        await talk.say("yes")
        assert talk.items == []

    talk("Fine.", scenario)


def test_what_nobody_told_cannot_be_forgotten() -> None:
    async def scenario(talk: Talk) -> None:
        assert await talk.told("Forget what you know about my dentist.") == "I remember nothing about that."
        assert await talk.told("Olvida eso.") == "En esta conversación no me has contado nada que recordar."

    talk("Fine.", scenario)


def test_what_was_forgotten_is_left_out_of_the_next_prompt_and_of_the_window() -> None:
    async def scenario(talk: Talk) -> None:
        await talk.say("My sister is called Lucía.")
        await talk.say("Forget that.")
        shown = await talk.witness.next(ConversationOpened)
        assert "Lucía" not in "".join(message.text for message in shown.messages)
        await talk.say("Who am I?")
        assert "Lucía" not in "".join(message.content for message in talk.chat.prompts[-1])
        assert FORGOTTEN not in "".join(message.content for message in talk.chat.prompts[-1])

    talk("Fine.", scenario)


def test_a_wish_that_cannot_be_carried_out_is_a_failed_turn() -> None:
    async def scenario(talk: Talk) -> None:
        await talk.say("My sister is called Lucía.")
        await until(lambda: len(talk.items) == 1)
        talk.memory.error = StorageError("storage.corrupt", "The memory is damaged.")
        talk.assistant.post(SubmitText("Forget that."))
        assert (await talk.witness.next(Failed)).error.code == "storage.corrupt"
        assert "Lucía" in talk.stored

    talk("Fine.", scenario)


def test_a_conversation_that_is_continued_later_can_still_be_forgotten_from() -> None:
    async def scenario(talk: Talk) -> None:
        await talk.say("My sister is called Lucía.")
        talk.assistant.post(NewConversation())
        await talk.witness.next(ConversationOpened)
        await talk.say("I live in Leeds.")
        talk.assistant.post(OpenConversation("c1"))
        await talk.witness.next(ConversationOpened)
        await talk.say("Forget what I told you.")
        assert talk.texts(MemoryKind.FACT) == ["The user lives in Leeds."]
        assert isinstance(talk.parts.history, FakeHistory)
        assert talk.parts.history.rows["c1"][0].role is Role.USER

    talk("Fine.", scenario)

"""What the user tells is kept, and the memory does as it is told, by voice or in writing, without a model."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import pytest

from jarvis_desktop.assistant import Assistant, Parts
from jarvis_desktop.assistant.memories.wishes import agrees, read
from jarvis_desktop.config.profiles import MemoryScope
from jarvis_desktop.errors import EngineError, StorageError
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
    PlaybackEnded,
    Recollection,
    ReplyToken,
    Role,
    SubmitText,
    TurnFinished,
)
from tests.fakes import FakeAnswers, FakeChat, FakeHistory, FakeMemory, fake_parts
from tests.unit.assistant.harness import running, until
from tests.witness import Witness

MANY, MANY_S = 5000, 30
"""Facts, and the seconds in which they have to be forgotten on a machine that has other things to do, too."""


class Talk:
    """A conversation with an assistant that has a memory."""

    def __init__(self, parts: Parts, assistant: Assistant, witness: Witness) -> None:
        self.parts = parts
        self.assistant = assistant
        self.witness = witness

    async def say(self, text: str) -> TurnFinished:
        self.assistant.post(SubmitText(text))
        return await self.witness.next(TurnFinished)

    async def told(self, text: str) -> str:
        return (await self.say(text)).reply

    @property
    def memory(self) -> FakeMemory:
        assert isinstance(self.parts.memory, FakeMemory)
        return self.parts.memory

    @property
    def chat(self) -> FakeChat:
        assert isinstance(self.parts.chat, FakeChat)
        return self.parts.chat

    @property
    def answers(self) -> FakeAnswers:
        assert isinstance(self.parts.answers, FakeAnswers)
        return self.parts.answers

    @property
    def items(self) -> list[MemoryItem]:
        return [item for _, item in self.memory.items.values()]

    def texts(self, kind: MemoryKind) -> list[str]:
        return [item.text for item in self.items if item.kind is kind and not item.superseded_by]

    @property
    def stored(self) -> str:
        """Everything that the history holds."""
        assert isinstance(self.parts.history, FakeHistory)
        return "\n".join(message.text for rows in self.parts.history.rows.values() for message in rows)


def talk(reply: str, scenario: Callable[[Talk], Coroutine[Any, Any, None]]) -> None:
    async def life() -> None:
        parts = fake_parts(chat=FakeChat(reply))
        parts.memory = FakeMemory()
        async with running(parts) as (assistant, witness):
            await scenario(Talk(parts, assistant, witness))

    asyncio.run(life())


# --- what is kept ---------------------------------------------------------------------------------------


def test_what_is_told_is_kept_with_its_facts_and_the_answer_is_not() -> None:
    async def scenario(talk: Talk) -> None:
        done = await talk.say("Hello. My sister Eva has a dog. My sister is called Eva. Is that a good name?")
        await until(lambda: len(talk.items) == 2)
        turn, fact = talk.items
        assert (turn.kind, turn.text) == (MemoryKind.TURN, "User: My sister Eva has a dog.")
        assert (fact.kind, fact.text) == (MemoryKind.FACT, "The user's sister is called Eva.")
        assert isinstance(talk.parts.history, FakeHistory)
        (conversation, rows), *_ = talk.parts.history.rows.items()
        assert turn.id == rows[0].id
        assert turn.location == fact.location == conversation
        assert turn.metadata["turn"] == fact.metadata["turn"] == done.turn_id
        assert fact.metadata["slot"] == "sister.name"

    talk("A book.", scenario)


def test_questions_orders_and_greetings_are_not_kept() -> None:
    async def scenario(talk: Talk) -> None:
        for said in ("Hello!", "What is my sister called?", "Tell me a story about dragons.", "Thank you."):
            await talk.say(said)
        await talk.say("I bought a new guitar.")
        await until(lambda: bool(talk.items))
        assert [item.text for item in talk.items] == ["User: I bought a new guitar."]

    talk("Fine.", scenario)


def test_a_correction_in_the_other_language_takes_the_place_of_the_fact() -> None:
    async def scenario(talk: Talk) -> None:
        await talk.say("My sister is called Lucía.")
        await talk.say("No, se llama Sofía.")
        await until(lambda: talk.texts(MemoryKind.FACT) == ["La hermana del usuario se llama Sofía."])

    talk("Fine.", scenario)


@pytest.mark.parametrize("without", ["private", "no conversation", "no memory"])
def test_nothing_is_kept_where_nothing_is_to_be(without: str) -> None:
    async def scenario(talk: Talk) -> None:
        memory = talk.memory
        if without == "private":
            talk.parts.history.use(MemoryScope(stored=False))
        if without == "no memory":
            talk.parts.memory = None
        remember = without != "no conversation"
        await talk.assistant.ask("My sister is called Lucía.", asked_at=0.0, remember=remember)
        done = await talk.assistant.ask("Remember that I like tea.", asked_at=0.0, remember=remember)
        assert "no memory" in done.reply
        await talk.assistant.stop()
        assert memory.items == {}

    talk("Fine.", scenario)


def test_a_question_right_after_finds_what_was_told() -> None:
    async def scenario(talk: Talk) -> None:
        await talk.say("My sister is called Lucía.")
        done = await talk.say("What is my sister called?")
        assert [citation.quote for citation in done.citations] == ["The user's sister is called Lucía."]

    talk("Lucía.", scenario)


def test_a_turn_that_fails_keeps_what_was_told() -> None:
    async def scenario(talk: Talk) -> None:
        talk.chat.error = EngineError("engine.died", "The engine died.")
        talk.assistant.post(SubmitText("My sister is called Lucía."))
        await talk.witness.next(Failed)
        await until(lambda: bool(talk.texts(MemoryKind.FACT)))

    talk("Fine.", scenario)


def test_what_cannot_be_kept_is_told_and_costs_no_answer() -> None:
    async def scenario(talk: Talk) -> None:
        talk.memory.error = StorageError("storage.disk_full", "The disk is full.")
        assert await talk.told("My sister is called Lucía.") == "Fine."
        await talk.assistant.stop()
        assert "The disk is full." in talk.witness.of(Failed)[0].error.message
        assert len(talk.witness.of(Failed)) == 1

    talk("Fine.", scenario)


def test_what_was_told_last_is_kept_before_the_program_ends() -> None:
    async def scenario(talk: Talk) -> None:
        await talk.assistant.ask("My sister is called Lucía.", asked_at=0.0)
        await talk.assistant.stop()
        assert talk.texts(MemoryKind.FACT) == ["The user's sister is called Lucía."]

    talk("Fine.", scenario)


# --- what the user wants of it --------------------------------------------------------------------------


def test_remembering_on_request_is_acknowledged_without_a_model() -> None:
    async def scenario(talk: Talk) -> None:
        done = await talk.say("Recuerda que la basura sale los lunes.")
        assert done.reply == "Lo recordaré: La basura sale los lunes"
        assert (done.model, done.engine) == ("", "memory")
        assert done.timings.recall is not None, "the time went there"
        assert await talk.told("Remember that my sister is called Lucía") == (
            "I will remember that: Your sister is called Lucía."
        )
        assert talk.texts(MemoryKind.NOTE) == ["La basura sale los lunes"]
        assert talk.texts(MemoryKind.FACT) == ["The user's sister is called Lucía."]
        assert talk.texts(MemoryKind.TURN) == []
        assert talk.chat.prompts == []

    talk("Never said.", scenario)


def test_an_answer_of_the_memory_is_streamed_spoken_and_stored_like_any_other() -> None:
    async def scenario(talk: Talk) -> None:
        talk.assistant.post(SubmitText("What do you know about me?", speak=True))
        assert (await talk.witness.next(PlaybackEnded)).heard_text == "I remember nothing about you yet."
        done = await talk.witness.next(TurnFinished)
        assert "".join(token.text for token in talk.witness.of(ReplyToken)) == done.reply
        assert done.reply in talk.stored

    talk("Never said.", scenario)


def test_what_is_known_is_told_in_the_language_of_the_question() -> None:
    async def scenario(talk: Talk) -> None:
        await talk.say("My sister is called Lucía and I live in Leeds.")
        await talk.say("No, ahora vivo en Sevilla.")
        told = await talk.told("¿Qué sabes de mí?")
        assert told.startswith("Esto es lo que sé de ti:")
        assert "- Tu hermana se llama Lucía." in told
        assert "- Vives en Sevilla." in told
        assert "Leeds" not in told

    talk("Fine.", scenario)


def test_a_fact_that_was_edited_by_hand_is_told_and_found_as_it_stands_now() -> None:
    async def scenario(talk: Talk) -> None:
        await talk.say("My sister is called Lucía.")
        await talk.told("What do you know about me?")  # once she is kept
        (fact,) = talk.items
        await talk.memory.edit(fact.id, "The user's sister is called Berta, a nurse.")
        assert "- The user's sister is called Berta, a nurse." in await talk.told("¿Qué sabes de mí?")
        await talk.say("¿Cómo se llama mi hermana?")
        assert "called Berta" in str(talk.chat.prompts[-1])
        assert "your sister's name" in await talk.told("Forget what you know about my sister.")
        assert talk.texts(MemoryKind.FACT) == []

    talk("Fine.", scenario)


def test_why_names_what_the_last_answer_rests_on() -> None:
    async def scenario(talk: Talk) -> None:
        await talk.say("My sister is called Lucía.")
        await until(lambda: len(talk.items) == 1)
        await talk.say("What is my sister called?")
        because = await talk.told("¿Por qué lo dices?")
        assert because.startswith("Por esto:")
        assert "«The user's sister is called Lucía.»" in because
        assert "2023-11-1" in because  # the day it was told
        talk.assistant.post(NewConversation())
        await talk.witness.next(ConversationOpened)
        await talk.say("How high is the tower?")
        assert "came from the language model" in await talk.told("Why do you think that?")

    talk("Your sister is called Lucía.", scenario)


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


@pytest.mark.parametrize(
    "said",
    [
        "Forget it.",
        "Forget about the weather, tell me a joke.",
        "Do you remember that day?",
        "Remember when we went to Rome?",
        "What do you know about the moon?",
        "Why do you think that cats purr?",
        "How do you know that the earth is round?",
        "No recuerdo qué te dije",
        "yes",
    ],
)
def test_what_only_sounds_like_a_wish_goes_to_the_model(said: str) -> None:
    assert read(said) is None


@pytest.mark.parametrize(
    ("said", "means"),
    [
        *(("Sí, claro.", True), ("go ahead", True), ("no", False), ("mejor no", False), ("don't", False)),
        *(("What time is it?", None), ("", None), ("yes but first tell me what the weather is like", None)),
    ],
)
def test_yes_and_no_are_told_from_another_subject(said: str, means: bool | None) -> None:
    assert agrees(said) is means


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

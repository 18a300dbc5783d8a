"""What the user tells is kept, and the memory tells of it, by voice or in writing, without a model."""

from __future__ import annotations

import pytest

from jarvis_desktop.assistant.memories.wishes import agrees, read
from jarvis_desktop.config.profiles import MemoryScope
from jarvis_desktop.errors import EngineError, StorageError
from jarvis_desktop.events import (
    ConversationOpened,
    Failed,
    MemoryKind,
    NewConversation,
    PlaybackEnded,
    ReplyToken,
    SubmitText,
    TurnFinished,
)
from tests.fakes import FakeHistory
from tests.unit.assistant.harness import until
from tests.unit.assistant.talk import Talk, talk

# --- what is kept -----------------------------------------------------------------------------------------


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


# --- what the user wants of it ----------------------------------------------------------------------------


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

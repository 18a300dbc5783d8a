"""What is remembered in an answer: recalled in time, quoted as data, named afterwards."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from jarvis_desktop.assistant import Parts
from jarvis_desktop.assistant.memories import recalling
from jarvis_desktop.assistant.memories.citing import rests_on
from jarvis_desktop.assistant.memories.framing import fitting, framed
from jarvis_desktop.config.profiles import MemoryScope
from jarvis_desktop.errors import EngineError, StorageError
from jarvis_desktop.events import (
    Failed,
    Interrupt,
    Interrupted,
    MemoryItem,
    MemoryKind,
    Part,
    Phase,
    Recalled,
    Recollection,
    ReplyToken,
    SetHandsFree,
    SubmitText,
    TurnFinished,
)
from tests.fakes import (
    SILENCE,
    VOICE,
    FakeAnswers,
    FakeChat,
    FakeHistory,
    FakeMemory,
    FakeMicrophone,
    FakeTranscriber,
    fake_parts,
)
from tests.unit.assistant.harness import running, until

DENTIST = "The dentist is on Tuesday at nine."
ASKED = "When must I go to the dentist?"


HASTY_SECONDS = 0.05


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Turns that wait for the memory less long."""
    monkeypatch.setattr(recalling, "RECALL_SECONDS", HASTY_SECONDS)
    monkeypatch.setattr(recalling, "OPENING_SECONDS", HASTY_SECONDS)


def remembering(reply: str = "On Tuesday at nine.", **parts: object) -> tuple[Parts, FakeChat, FakeMemory]:
    chat, memory = FakeChat(reply), FakeMemory()
    made = fake_parts(**{"chat": chat, **parts})  # type: ignore[arg-type]
    made.memory = memory
    return made, chat, memory


def test_what_is_remembered_is_read_named_and_noted() -> None:
    async def scenario() -> None:
        parts, chat, memory = remembering()
        item = await memory.remember(DENTIST, source="appointments.txt")
        await memory.remember("Lucía plays the cello.")
        async with running(parts) as (assistant, witness):
            assistant.post(SubmitText(ASKED))
            done = await witness.next(TurnFinished)
        question = chat.prompts[0][-1].content
        assert "> The dentist is on Tuesday at nine." in question
        assert "appointments.txt" in question
        assert "cello" not in question
        assert question.endswith(f"\n\n{ASKED}")
        assert [(each.id, each.source, each.quote) for each in done.citations] == [
            (item.id, "appointments.txt", DENTIST)
        ]
        assert done.timings.recall is not None
        assert done.skipped == {}
        assert [each.id for each in await memory.why(done.turn_id)] == [item.id]

    asyncio.run(scenario())


def test_what_is_found_but_far_behind_the_best_is_not_read() -> None:
    async def scenario() -> None:
        parts, chat, memory = remembering()
        await memory.remember("When I must go to the dentist: on Tuesday.")
        await memory.remember("The cello must be tuned.")  # one word of the question, not all of them
        async with running(parts) as (assistant, witness):
            assistant.post(SubmitText(ASKED))
            await witness.next(TurnFinished)
        question = chat.prompts[0][-1].content
        assert "on Tuesday" in question
        assert "cello" not in question

    asyncio.run(scenario())


def test_a_part_that_fails_leaves_no_search_of_the_memory_behind() -> None:
    async def scenario() -> None:
        parts, chat, memory = remembering()
        chat.load_error = EngineError("engine.gone", "There is no engine.")
        memory.hold = asyncio.Semaphore(0)
        async with running(parts) as (assistant, _):
            before = asyncio.all_tasks()
            with pytest.raises(EngineError):
                await assistant.prepare(Part.ENGINE, memory=True)
            assert asyncio.all_tasks() <= before

    asyncio.run(scenario())


def test_all_before_the_question_stays_as_it_was_for_the_engine_to_reuse() -> None:
    async def scenario() -> None:
        parts, chat, memory = remembering("Fine.")
        async with running(parts) as (assistant, witness):
            assistant.post(SubmitText("Hello there."))
            await witness.next(TurnFinished)
            await memory.remember(DENTIST)
            for _ in range(2):
                assistant.post(SubmitText(ASKED))
                await witness.next(TurnFinished)
        first, second, third = ([m.content for m in prompt] for prompt in chat.prompts)
        assert second[1:3] == ["Hello there.", "Fine."]
        assert third[3:5] == [ASKED, "Fine."]  # what was recalled for it is not repeated
        assert first[0] == second[0] == third[0]

    asyncio.run(scenario())


@pytest.mark.parametrize("without", ["conversation", "memory", "private profile"])
def test_nothing_is_recalled_where_nothing_is_to_be_kept(without: str) -> None:
    async def scenario() -> None:
        parts, chat, memory = remembering()
        await memory.remember(DENTIST)
        if without == "memory":
            parts.memory = None
        if without == "private profile":
            parts.history.use(MemoryScope(stored=False))
        async with running(parts) as (assistant, _):
            done = await assistant.ask(ASKED, asked_at=0.0, remember=without != "conversation")
        assert (done.citations, done.timings.recall) == ((), None)
        assert "Tuesday" not in chat.prompts[0][-1].content
        assert memory.asked == []

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("told", "question", "found"),
    [
        ("Mi hermana se llama Lucía.", "What is my sister's name?", True),
        ("Mi hermana se llama Lucía.", "Who is my brother?", False),
        ("Mi hermana se llama Lucía.", "What is the sister act about?", False),
        ("Mi hermana vive en Oslo.", "What is my sister's name?", False),
        ("Trabajo en el hospital.", "Where do I work?", True),
        ("My birthday is on May 3rd.", "¿Cuándo es mi cumpleaños?", True),
        ("Soy alérgica al marisco.", "What am I allergic to?", True),
        ("My favourite colour is green.", "¿Cuál es mi color favorito?", True),
        ("I have an appointment with the dentist on Tuesday.", "¿Cuándo tengo cita con mi dentista?", True),
        ("Vivo en Cádiz.", "Where do I live?", True),
        ("I live in Bilbao.", "¿Dónde vivo?", True),
        ("Mi perro se llama Tofu.", "What is my dog called?", True),
        ("My dog is called Tofu.", "¿Cómo se llama mi perro?", True),
        ("Mi cumpleaños es el 3 de mayo.", "When is my birthday?", True),
        ("I am allergic to nuts.", "¿A qué soy alérgico?", True),
        ("Vivo en Cádiz.", "What is the capital of France?", False),
    ],
)
def test_a_fact_is_found_in_the_other_language_without_a_search(
    told: str, question: str, found: bool
) -> None:
    async def scenario() -> None:
        parts, chat, memory = remembering("Fine.")
        async with running(parts) as (assistant, _):
            await assistant.ask(told, asked_at=0.0)
            await assistant.ask(question, asked_at=0.0)
        (fact,) = (item for _, item in memory.items.values())
        assert (f"> {fact.text}" in chat.prompts[-1][-1].content) is found

    asyncio.run(scenario())


def test_a_profile_recalls_only_its_own() -> None:
    async def scenario() -> None:
        parts, chat, memory = remembering("I do not know.")
        await memory.remember(DENTIST, owner="Work")
        await memory.remember("The dentist costs eighty euros.")
        parts.history.use(MemoryScope("Work"))
        async with running(parts) as (assistant, _):
            await assistant.ask(ASKED, asked_at=0.0)
        assert "Tuesday" in chat.prompts[0][-1].content
        assert "eighty" not in chat.prompts[0][-1].content

    asyncio.run(scenario())


def test_a_memory_that_is_being_opened_holds_no_answer_up_and_helps_with_the_next(hasty: None) -> None:
    async def scenario() -> None:
        parts, chat, memory = remembering()
        await memory.remember(DENTIST)
        memory.hold = asyncio.Semaphore(0)
        async with running(parts) as (assistant, _):
            done = await assistant.ask(ASKED, asked_at=0.0)
            assert done.reply == "On Tuesday at nine."
            assert done.skipped == {"recall": "opening"}
            assert done.citations == ()
            assert "Tuesday" not in chat.prompts[0][-1].content
            memory.hold.release()  # for what opens it: that was not given up with the turn
            memory.hold.release()
            done = await assistant.ask(ASKED, asked_at=0.0)
            assert (done.skipped, len(done.citations)) == ({}, 1)

    asyncio.run(scenario())


def test_the_first_question_waits_longer_for_a_memory_that_is_just_being_opened(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(recalling, "RECALL_SECONDS", HASTY_SECONDS)

    async def scenario() -> None:
        parts, _, memory = remembering()
        await memory.remember(DENTIST)
        memory.hold = asyncio.Semaphore(0)
        now = asyncio.get_running_loop().time
        async with running(parts) as (assistant, _):
            began = now()
            asking = asyncio.create_task(assistant.ask(ASKED, asked_at=began))
            await until(lambda: now() > began + 2 * HASTY_SECONDS)  # longer than later questions wait
            memory.hold.release()
            memory.hold.release()
            done = await asking
        assert (done.skipped, len(done.citations)) == ({}, 1)

    asyncio.run(scenario())


def test_a_slow_memory_holds_no_answer_up(hasty: None) -> None:
    async def scenario() -> None:
        parts, _, memory = remembering()
        async with running(parts) as (assistant, _):
            await assistant.ask(ASKED, asked_at=0.0)
            memory.hold = asyncio.Semaphore(0)
            done = await assistant.ask(ASKED, asked_at=0.0)
        assert done.reply == "On Tuesday at nine."
        assert done.skipped == {"recall": "over_budget"}

    asyncio.run(scenario())


def test_a_memory_that_opens_while_the_model_loads_is_waited_for_and_costs_no_time(hasty: None) -> None:
    class Loading(FakeChat):
        loaded = asyncio.Event()

        async def load(self) -> None:
            await self.loaded.wait()

    async def scenario() -> None:
        chat = Loading("On Tuesday at nine.")
        parts, _, memory = remembering(chat=chat)
        await memory.remember(DENTIST)
        memory.hold = asyncio.Semaphore(0)
        now = asyncio.get_running_loop().time
        async with running(parts) as (assistant, _):
            began = now()
            asking = asyncio.create_task(assistant.ask(ASKED, asked_at=began))
            await until(lambda: now() > began + 2 * HASTY_SECONDS)  # longer than a turn waits
            memory.hold.release()
            memory.hold.release()
            await until(lambda: now() > began + 4 * HASTY_SECONDS)
            loaded = now()
            chat.loaded.set()
            done = await asking
        assert (done.skipped, len(done.citations)) == ({}, 1)
        assert done.timings.recall is not None
        assert done.timings.recall < (loaded - began) * 1000

    asyncio.run(scenario())


def test_facts_are_looked_for_while_the_search_is_under_way() -> None:
    class Slow(FakeMemory):
        listing = asyncio.Event()

        async def recall(self, question: str, **about: Any) -> Recollection:
            if question != "jarvis":
                await self.listing.wait()
            return await super().recall(question, **about)

        async def listed(self, **about: Any) -> tuple[MemoryItem, ...]:
            self.listing.set()
            return await super().listed(**about)

    async def scenario() -> None:
        parts, _, _ = remembering()
        parts.memory = Slow()
        async with running(parts) as (assistant, _):
            done = await assistant.ask("Where do I live?", asked_at=0.0)
        assert done.skipped == {}

    asyncio.run(scenario())


def test_a_memory_that_fails_is_told_once_and_costs_no_answer() -> None:
    async def scenario() -> None:
        parts, _, memory = remembering()
        memory.error = StorageError("storage.corrupt", "The memory is damaged.")
        async with running(parts) as (assistant, witness):
            for _ in range(2):
                assistant.post(SubmitText(ASKED))
                done = await witness.next(TurnFinished)
                assert done.reply == "On Tuesday at nine."
                assert done.skipped == {"recall": "storage.corrupt"}
            (failed,) = witness.of(Failed)
            assert "The memory is damaged." in failed.error.message

    asyncio.run(scenario())


def test_an_answer_begun_in_advance_has_recalled_the_same() -> None:
    async def scenario() -> None:
        microphone = FakeMicrophone()
        parts, chat, memory = remembering(
            "On Tuesday.", microphone=microphone, transcriber=FakeTranscriber(ASKED)
        )
        await memory.remember(DENTIST)
        async with running(parts) as (assistant, witness):
            await assistant.prepare(*parts.models())
            assistant.post(SetHandsFree(True))
            await witness.phase(Phase.LISTENING)
            microphone.hear(VOICE, VOICE, VOICE, SILENCE)
            done = await witness.next(TurnFinished)
        assert done.speculation.used
        assert "Tuesday" in chat.prompts[-1][-1].content
        assert [each.quote for each in done.citations] == [DENTIST]

    asyncio.run(scenario())


def test_an_answer_of_general_knowledge_that_used_memory_is_neither_kept_nor_given() -> None:
    async def scenario() -> None:
        parts, _, memory = remembering("It is on Tuesday.")
        parts.answers = answers = FakeAnswers({ASKED: "Never said."})
        await memory.remember(DENTIST)
        async with running(parts) as (assistant, _):
            done = await assistant.ask(ASKED, asked_at=0.0)
        assert done.reply == "It is on Tuesday."
        assert answers.remembered == []

    asyncio.run(scenario())


def test_interrupting_while_memory_is_searched_ends_the_turn() -> None:
    async def scenario() -> None:
        parts, chat, memory = remembering()
        memory.hold = asyncio.Semaphore(0)
        async with running(parts) as (assistant, witness):
            assistant.post(SubmitText(ASKED))
            await until(lambda: bool(memory.asked))
            assistant.post(Interrupt())
            await witness.next(Interrupted)
            await witness.phase(Phase.IDLE)
            assert chat.prompts == []
            assert witness.of(ReplyToken) == []
            assert isinstance(parts.history, FakeHistory)
            assert [m.text for rows in parts.history.rows.values() for m in rows] == [ASKED]

    asyncio.run(scenario())


def passage(text: str, number: int = 1, kind: MemoryKind = MemoryKind.NOTE) -> Recalled:
    return Recalled(f"i{number}", f"i{number}", kind, text, "", 1.0)


@pytest.mark.parametrize(
    ("question", "answer", "named"),
    [
        ("When is the dentist?", "On Tuesday at 9.", ["i1"]),
        ("¿Cuándo es el dentista?", "El martes a las 9.", ["i1"]),
        ("What is my sister called?", "Your sister is called Lucía.", ["i2"]),
        ("When is the dentist and who is my sister?", "On Tuesday, and she is Lucia.", ["i1", "i2"]),
        ("Do I see a dentist?", "Yes.", ["i1"]),
        ("What is the capital of France?", "The capital of France is Paris.", []),
        ("What is my shoe size?", "I don't know your shoe size.", []),
        ("¿Cuánto calzo?", "No tengo esa información.", []),
        ("When is the dentist?", "", []),
    ],
)
def test_an_answer_names_only_what_it_rests_on(question: str, answer: str, named: list[str]) -> None:
    given = [
        passage("The dentist is on Tuesday at 9.", 1),
        passage("The user's sister is called Lucía.", 2),
        passage("Coffee beans are in the cupboard.", 3),
    ]
    assert [each.id for each in rests_on(question, answer, given)] == named


def test_what_is_quoted_fits_the_room_there_is() -> None:
    long = [passage(f"{number} " + "word " * 400, number) for number in range(9)]
    for room in (0, 300, 900, 2000, 100_000):
        kept = fitting(long, room)
        assert not kept or len(framed(kept, "en")) <= room
    assert fitting(long, 100_000) == tuple(long[: len(fitting(long, 100_000))])
    assert 3 <= len(fitting(long, 100_000)) <= 5

"""What the user asks of the memory is carried out, and told in events."""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from pathlib import Path

from jarvis_desktop.config.profiles import MemoryScope
from jarvis_desktop.errors import StorageError
from jarvis_desktop.events import (
    AddNote,
    AnswerExplained,
    BackupsListed,
    EditMemory,
    ExplainAnswers,
    ExportMemory,
    Failed,
    ForgetMemory,
    IngestFiles,
    ListBackups,
    ListMemory,
    MemoriesChanged,
    MemoryCounted,
    MemoryExported,
    MemoryFailed,
    MemoryForgotten,
    MemoryFound,
    MemoryIngested,
    MemoryItem,
    MemoryKind,
    MemoryListed,
    MemoryRestored,
    MemoryShown,
    OpenMemory,
    PinMemory,
    Recalled,
    RestoreMemory,
    RestoreUndone,
    SearchMemory,
    StopIngesting,
    SubmitText,
    TurnFinished,
    UndoRestore,
)
from tests.fakes import FakeAnswers, FakeChat, FakeMemory, fake_parts
from tests.unit.assistant.harness import running, until

KEY = "The spare key is with Ana."


async def fact(memory: FakeMemory, text: str) -> str:
    told = {"subject": "you", "slot": "home"}
    return (await memory.remember(text, kind=MemoryKind.FACT, metadata=told)).id


def test_lists_are_of_one_kind_and_followed_by_how_much_there_is() -> None:
    async def scenario() -> None:
        parts, memory = fake_parts(), FakeMemory()
        parts.memory = memory
        await memory.remember(KEY)
        await fact(memory, "You live in Valencia.")
        async with running(parts) as (assistant, witness):
            assistant.post(ListMemory())
            listed = await witness.next(MemoryListed)
            assert {item.kind for item in listed.items} == {MemoryKind.NOTE, MemoryKind.FACT}
            assert not listed.more
            assert (await witness.next(MemoryCounted)).stats.passages == 2
            assistant.post(ListMemory(MemoryKind.NOTE))
            assert [item.text for item in (await witness.next(MemoryListed)).items] == [KEY]

    asyncio.run(scenario())


def test_a_long_list_comes_in_pages() -> None:
    async def scenario() -> None:
        parts, memory = fake_parts(), FakeMemory()
        parts.memory = memory
        for number in range(103):
            await memory.remember(f"Note {number}")
        async with running(parts) as (assistant, witness):
            assistant.post(ListMemory())
            first = await witness.next(MemoryListed)
            assistant.post(ListMemory(None, len(first.items)))
            second = await witness.next(MemoryListed)
        assert first.more
        assert not second.more
        assert len({item.id for item in (*first.items, *second.items)}) == 103

    asyncio.run(scenario())


def test_while_one_search_runs_only_the_newest_after_it_is_carried_out() -> None:
    async def scenario() -> None:
        parts, memory = fake_parts(), FakeMemory()
        parts.memory = memory
        await memory.remember(KEY)
        memory.hold = asyncio.Semaphore(0)
        async with running(parts) as (assistant, witness):
            assistant.post(SearchMemory("sp"))
            await until(lambda: memory.asked == [("sp", "")])
            assistant.post(SearchMemory("spare"))
            assistant.post(SearchMemory("spare key", MemoryKind.NOTE))
            assistant.post(ListMemory())
            await witness.next(MemoryListed)
            memory.hold.release()
            memory.hold.release()
            found = await witness.next(MemoryFound)
        assert [question for question, _ in memory.asked] == ["sp", "spare key"]
        assert (found.query, found.kind) == ("spare key", MemoryKind.NOTE)
        assert [each.text for each in found.found.results] == [KEY]
        assert len(witness.of(MemoryFound)) == 1

    asyncio.run(scenario())


def test_a_search_for_one_kind_finds_no_other() -> None:
    async def scenario() -> None:
        parts, memory = fake_parts(), FakeMemory()
        parts.memory = memory
        await memory.remember(KEY)
        async with running(parts) as (assistant, witness):
            assistant.post(SearchMemory("spare key", MemoryKind.DOCUMENT))
            found = (await witness.next(MemoryFound)).found
        assert not found.results
        assert not found.confident

    asyncio.run(scenario())


def test_a_fact_is_shown_with_what_it_replaced_and_what_replaced_it() -> None:
    async def scenario() -> None:
        parts, memory = fake_parts(), FakeMemory()
        parts.memory = memory
        old = await fact(memory, "You live in Madrid.")
        new = await fact(memory, "You live in Valencia.")
        async with running(parts) as (assistant, witness):
            assistant.post(OpenMemory(new))
            shown = await witness.next(MemoryShown)
            assert [each.id for each in shown.earlier] == [old]
            assert shown.replaced_by is None
            assistant.post(OpenMemory(old))
            shown = await witness.next(MemoryShown)
            assert shown.replaced_by is not None
            assert shown.replaced_by.id == new

    asyncio.run(scenario())


def test_what_is_written_edited_and_pinned_is_kept_and_told() -> None:
    async def scenario() -> None:
        parts, memory = fake_parts(), FakeMemory()
        parts.memory = memory
        async with running(parts) as (assistant, witness):
            assistant.post(AddNote(KEY))
            note = (await witness.next(MemoryShown)).item
            await witness.next(MemoriesChanged)
            assistant.post(EditMemory(note.id, "Ana has the spare key."))
            await witness.next(MemoriesChanged)
            assistant.post(PinMemory(note.id, True))
            await witness.next(MemoriesChanged)
            kept = await memory.show(note.id)
        assert (kept.text, kept.pinned, kept.kind) == ("Ana has the spare key.", True, MemoryKind.NOTE)
        assert witness.of(MemoryShown)[-1].item == kept

    asyncio.run(scenario())


def test_an_edited_fact_says_what_it_says_and_a_newer_one_still_replaces_it() -> None:
    async def scenario() -> None:
        parts, memory = fake_parts(), FakeMemory()
        parts.memory = memory
        told = {"subject": "user", "slot": "home", "value": "Madrid"}
        old = await memory.remember("The user lives in Madrid.", kind=MemoryKind.FACT, metadata=told)
        async with running(parts) as (assistant, witness):
            assistant.post(EditMemory(old.id, "The user lives near Madrid."))
            edited = (await witness.next(MemoryShown)).item
            await witness.next(MemoriesChanged)
        assert (edited.id, edited.text) == (old.id, "The user lives near Madrid.")
        assert "value" not in edited.metadata
        newer = await memory.remember("The user lives in Rome.", kind=MemoryKind.FACT, metadata=told)
        assert (await memory.show(old.id)).superseded_by == newer.id

    asyncio.run(scenario())


def test_forgetting_brings_a_receipt_and_what_is_unknown_an_error() -> None:
    async def scenario() -> None:
        parts, memory = fake_parts(), FakeMemory()
        parts.memory = memory
        note = await memory.remember(KEY)
        async with running(parts) as (assistant, witness):
            assistant.post(ForgetMemory((note.id,)))
            assert (await witness.next(MemoryForgotten)).receipt.items == (note.id,)
            assistant.post(OpenMemory(note.id))
            assert (await witness.next(MemoryFailed)).error.code == "memory.unknown_item"
        assert not witness.of(Failed)

    asyncio.run(scenario())


def test_what_was_told_is_forgotten_in_the_conversation_too() -> None:
    async def scenario() -> None:
        answers, memory = FakeAnswers({"Who is a saint?": "Lucía."}), FakeMemory()
        parts = fake_parts(chat=FakeChat("Good to know."))
        parts.memory, parts.answers = memory, answers
        async with running(parts) as (assistant, witness):
            assistant.post(SubmitText("My daughter's name is Lucía."))
            await witness.next(TurnFinished)
            await until(lambda: bool(memory.items))
            await until(lambda: any(item.kind is MemoryKind.FACT for _, item in memory.items.values()))
            fact_id = next(item.id for _, item in memory.items.values() if item.kind is MemoryKind.FACT)
            assistant.post(ForgetMemory((fact_id,)))
            forgotten = await witness.next(MemoryForgotten)
            left = await parts.history.search("Lucía", 10)
        assert not memory.items
        assert forgotten.messages
        assert not left
        assert not answers.known

    asyncio.run(scenario())


def test_files_are_taken_in_one_after_another(tmp_path: Path) -> None:
    for name in ("one.txt", "two.txt"):
        (tmp_path / name).write_text(f"This is {name}.")

    async def scenario() -> None:
        parts, memory = fake_parts(), FakeMemory()
        parts.memory = memory
        async with running(parts) as (assistant, witness):
            assistant.post(IngestFiles((tmp_path / "one.txt", tmp_path / "two.txt")))
            await witness.next(MemoriesChanged)
        told = [event.progress for event in witness.of(MemoryIngested)]
        assert [(each.done, each.file) for each in told] == [(1, "one.txt"), (2, "two.txt"), (2, "")]
        assert [item.source for item in await memory.listed()] == ["two.txt", "one.txt"]

    asyncio.run(scenario())


def test_taking_in_files_can_be_stopped(tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_text("First.")
    endless = tmp_path / "endless.txt"
    os.mkfifo(endless)  # reading it lasts as long as somebody may write

    def writers() -> list[int]:
        with suppress(OSError):  # not before it is read
            return [os.open(endless, os.O_WRONLY | os.O_NONBLOCK)]
        return []

    async def scenario() -> None:
        parts, memory = fake_parts(), FakeMemory()
        parts.memory = memory
        held: list[int] = []
        async with running(parts) as (assistant, witness):
            assistant.post(IngestFiles((tmp_path / "one.txt", endless)))
            await until(lambda: bool(held or held.extend(writers())))
            assistant.post(StopIngesting())
            await witness.next(MemoriesChanged)
            os.close(held[0])
        last = witness.of(MemoryIngested)[-1].progress
        assert (last.done, last.total, last.file) == (1, 2, "")
        assert [item.text for item in await memory.listed()] == ["First."]

    asyncio.run(scenario())


def test_everything_is_exported(tmp_path: Path) -> None:
    async def scenario() -> None:
        parts = fake_parts()
        parts.memory = FakeMemory()
        async with running(parts) as (assistant, witness):
            assistant.post(ExportMemory(tmp_path / "all.jsonl"))
            assert (await witness.next(MemoryExported)).file == tmp_path / "all.jsonl"

    asyncio.run(scenario())


def test_a_backup_is_restored_and_that_is_undone(tmp_path: Path) -> None:
    async def scenario() -> None:
        parts, memory = fake_parts(), FakeMemory()
        parts.memory = memory
        note = await memory.remember(KEY)
        lost = MemoryItem("lost", MemoryKind.NOTE, "Bins go out on Tuesday.")
        backup = tmp_path / "backup.sqlite3"
        memory.files[backup] = [note, lost]
        async with running(parts) as (assistant, witness):
            assistant.post(ListBackups())
            (listed,) = (await witness.next(BackupsListed)).backups
            assert (listed.file, listed.items) == (backup, 2)
            assistant.post(RestoreMemory(backup))
            assert (await witness.next(MemoryRestored)).items == (lost.id,)
            await witness.next(MemoriesChanged)
            assert await memory.show(lost.id) == lost
            assistant.post(UndoRestore((lost.id,)))
            assert (await witness.next(RestoreUndone)).items == 1
            await witness.next(MemoriesChanged)
        assert await memory.listed() == (note,)

    asyncio.run(scenario())


def test_only_answers_that_used_the_memory_are_explained_and_trouble_with_that_is_not_told() -> None:
    async def scenario() -> None:
        parts, memory = fake_parts(), FakeMemory()
        parts.memory = memory
        await memory.note_use("t2", [Recalled("i1", "i1", MemoryKind.NOTE, KEY, "", 1.0)])
        async with running(parts) as (assistant, witness):
            assistant.post(ExplainAnswers(("t1", "t2", "t3")))
            explained = await witness.next(AnswerExplained)
            memory.error = StorageError("memory.broken", "The memory is damaged.")
            assistant.post(ExplainAnswers(("t2",)))
            assistant.post(ListMemory())
            assert (await witness.next(MemoryFailed)).error.code == "memory.broken"
        assert (explained.turn_id, [each.quote for each in explained.citations]) == ("t2", [KEY])
        assert len(witness.of(AnswerExplained)) == len(witness.of(MemoryFailed)) == 1

    asyncio.run(scenario())


def test_each_profile_sees_its_own_and_a_private_one_nothing() -> None:
    async def scenario() -> None:
        parts, memory = fake_parts(), FakeMemory()
        parts.memory = memory
        await memory.remember(KEY)
        await memory.remember("The budget is 840 euros.", owner="Work")
        async with running(parts) as (assistant, witness):
            assistant.use_memory(MemoryScope("Work"))
            await witness.next(MemoriesChanged)
            assistant.post(ListMemory())
            assert [item.owner for item in (await witness.next(MemoryListed)).items] == ["Work"]
            assistant.use_memory(MemoryScope(stored=False))
            await witness.next(MemoriesChanged)
            assistant.post(AddNote("Not to be kept."))
            assert (await witness.next(MemoryFailed)).error.code == "memory.private"
        assert len(memory.items) == 2

    asyncio.run(scenario())


def test_what_was_found_before_a_switch_of_profiles_is_not_shown_after_it() -> None:
    async def scenario() -> None:
        parts, memory = fake_parts(), FakeMemory()
        parts.memory = memory
        await memory.remember(KEY)
        memory.hold = asyncio.Semaphore(0)
        async with running(parts) as (assistant, witness):
            assistant.post(SearchMemory("spare key"))
            await until(lambda: bool(memory.asked))
            assistant.use_memory(MemoryScope("Work"))
            await witness.next(MemoriesChanged)
            memory.hold.release()
            assistant.post(ListMemory())
            await witness.next(MemoryCounted)
        assert not witness.of(MemoryFound)

    asyncio.run(scenario())


def test_without_a_memory_the_user_is_told_what_to_do() -> None:
    async def scenario() -> None:
        async with running(fake_parts()) as (assistant, witness):
            assistant.post(ListMemory())
            error = (await witness.next(MemoryFailed)).error
        assert error.code == "memory.off"
        assert "settings" in error.hint

    asyncio.run(scenario())


def test_what_is_told_and_forgotten_in_so_many_words_is_told_to_the_window() -> None:
    async def scenario() -> None:
        parts, memory = fake_parts(chat=FakeChat("Good to know.")), FakeMemory()
        parts.memory = memory
        async with running(parts) as (assistant, witness):
            assistant.post(SubmitText("My daughter's name is Lucía."))
            await witness.next(MemoriesChanged)
            kept = set(memory.items)
            assistant.post(SubmitText("Forget that."))
            forgotten = await witness.next(MemoryForgotten)
            await witness.next(MemoriesChanged)
        assert kept
        assert set(forgotten.receipt.items) == kept
        assert forgotten.messages

    asyncio.run(scenario())

"""Conversations as the window manages them: on a real file, with fakes for everything else."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from jarvis_desktop.assistant import Assistant, Parts, conversation_desk
from jarvis_desktop.assistant.conversation_page import RESUMED_SECONDS
from jarvis_desktop.config.profiles import MemoryScope
from jarvis_desktop.config.schema import Config
from jarvis_desktop.errors import StorageError
from jarvis_desktop.events import (
    Conversation,
    ConversationDeleted,
    ConversationErased,
    ConversationOpened,
    ConversationsExported,
    ConversationsFound,
    ConversationsImported,
    ConversationsListed,
    DeleteConversation,
    ExportConversations,
    Failed,
    ImportConversations,
    MemoryKind,
    NewConversation,
    OpenConversation,
    PinConversation,
    RenameConversation,
    ReplyToken,
    RestoreConversation,
    SearchConversations,
    SubmitText,
    TurnFinished,
)
from jarvis_desktop.memory.history import SqliteHistory
from jarvis_desktop.memory.scoped import ScopedHistory
from tests.fakes import FakeAnswers, FakeChat, FakeMemory, fake_parts
from tests.witness import Witness

SECRET = "my sister is called Lucinda"


class Program:
    """One life of the program on a file."""

    def __init__(self, file: Path, parts: Parts, stored: SqliteHistory) -> None:
        self.file = file
        self.parts = parts
        self.stored = stored
        self.witness = Witness()
        self.assistant = Assistant(parts, Config)
        self.assistant.subscribe(self.witness)

    async def say(self, text: str) -> str:
        """Ask and wait for the answer; returns the id of the conversation."""
        self.assistant.post(SubmitText(text))
        await self.witness.next(TurnFinished)
        return (await self.listed())[0].id

    async def listed(self) -> tuple[Conversation, ...]:
        return (await self.witness.next(ConversationsListed)).conversations

    @property
    def shown(self) -> ConversationOpened:
        return self.witness.of(ConversationOpened)[-1]

    def holds(self, words: bytes) -> list[str]:
        return [file.name for file in self.file.parent.iterdir() if words in file.read_bytes()]


def run(folder: Path, use: Callable[[Program], Awaitable[None]], *, memory: FakeMemory | None = None) -> None:
    async def life() -> None:
        file = folder / "data" / "jarvis.sqlite3"
        stored, parts = SqliteHistory(file), fake_parts()
        parts.history, parts.memory = ScopedHistory(stored, MemoryScope()), memory
        program = Program(file, parts, stored)
        await program.assistant.start(preload=False, resume=True)
        try:
            await program.listed()
            await use(program)
        finally:
            await program.assistant.stop()
            await stored.close()

    asyncio.run(life())


def test_a_conversation_is_renamed_and_pinned_and_the_list_told_anew(tmp_path: Path) -> None:
    async def use(program: Program) -> None:
        conversation = await program.say("where to in May?")
        program.assistant.post(RenameConversation(conversation, "Trip to Rome"))
        assert [each.title for each in await program.listed()] == ["Trip to Rome"]
        program.assistant.post(PinConversation(conversation, True))
        assert [each.pinned for each in await program.listed()] == [True]
        program.assistant.post(RenameConversation("nowhere", "Trip"))
        assert (await program.witness.next(Failed)).error.code == "storage.unknown_conversation"

    run(tmp_path, use)


def test_the_conversation_last_talked_in_is_open_again_at_the_next_start(tmp_path: Path) -> None:
    async def first(program: Program) -> None:
        assert not program.witness.of(ConversationOpened)
        await program.say("bread?")
        program.assistant.post(NewConversation())
        await program.say("where to in May?")

    async def second(program: Program) -> None:
        assert [message.text for message in program.shown.messages] == ["where to in May?", "All is well."]
        assert len(await program.stored.conversations()) == 2
        await program.say("and in June?")
        assert len(await program.stored.messages(program.shown.conversation_id)) == 4

    run(tmp_path, first)
    run(tmp_path, second)


def test_after_a_night_the_program_starts_with_a_new_chat(tmp_path: Path) -> None:
    async def first(program: Program) -> None:
        conversation = await program.say("bread?")
        asked, _ = await program.stored.messages(conversation)
        long_ago = replace(asked, created_at=asked.created_at - RESUMED_SECONDS)
        await program.stored.replace(long_ago)

    async def second(program: Program) -> None:
        assert not program.witness.of(ConversationOpened)
        await program.say("where to in May?")
        assert [each.title for each in await program.stored.conversations()] == ["where to in May?", "bread?"]

    run(tmp_path, first)
    run(tmp_path, second)


def test_what_is_deleted_leaves_the_screen_can_be_had_back_and_then_is_gone_from_every_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = FakeMemory()

    async def use(program: Program) -> None:
        secret = await program.say(SECRET)
        note = await memory.remember("rents a flat", kind=MemoryKind.NOTE, location=secret)
        turn = await memory.remember(SECRET, kind=MemoryKind.TURN, location=secret)
        other = await memory.remember("Bread?", kind=MemoryKind.TURN, location="another")
        program.assistant.post(DeleteConversation(secret))
        deleted = await program.witness.next(ConversationDeleted)
        assert deleted.conversation.title == SECRET
        assert (program.shown.conversation_id, await program.listed()) == ("", ())
        program.assistant.post(RestoreConversation(secret))
        assert (await program.witness.next(ConversationOpened)).conversation_id == secret
        assert [each.id for each in await program.listed()] == [secret]
        assert turn.id in memory.items
        monkeypatch.setattr(conversation_desk, "UNDO_SECONDS", 0.0)
        program.assistant.post(DeleteConversation(secret))
        program.assistant.post(DeleteConversation(secret))
        assert (await program.witness.next(ConversationErased)).conversation_id == secret
        assert program.holds(b"Lucinda") == []
        assert turn.id not in memory.items
        assert {note.id, other.id} <= memory.items.keys()
        assert isinstance(program.parts.answers, FakeAnswers)
        assert program.parts.answers.remembered == []
        assert not program.witness.of(Failed)
        program.assistant.post(RestoreConversation(secret))
        assert (await program.witness.next(Failed)).error.code == "storage.unknown_conversation"

    run(tmp_path, use, memory=memory)


def test_a_conversation_deleted_under_its_growing_answer_stays_deleted(tmp_path: Path) -> None:
    async def use(program: Program) -> None:
        assert isinstance(program.parts.chat, FakeChat)
        program.parts.chat.hold = asyncio.Semaphore(1)
        program.assistant.post(SubmitText(SECRET))
        await program.witness.next(ReplyToken)
        (conversation,) = await program.stored.conversations()
        program.assistant.post(DeleteConversation(conversation.id))
        await program.witness.next(ConversationDeleted)
        assert program.parts.chat.aborted == 1
        program.parts.chat.hold = None
        await program.say("bread?")
        assert [each.title for each in await program.stored.conversations()] == ["bread?"]

    run(tmp_path, use)


@pytest.mark.parametrize("ending", ["quit", "profile"])
def test_what_is_deleted_is_erased_at_once_when_nobody_could_have_it_back(
    tmp_path: Path, ending: str
) -> None:
    async def use(program: Program) -> None:
        program.assistant.post(DeleteConversation(await program.say(SECRET)))
        await program.witness.next(ConversationDeleted)
        if ending == "profile":
            program.assistant.use_memory(MemoryScope("Work"))
            await program.witness.next(ConversationOpened)
        else:
            await program.assistant.stop()
        assert program.holds(b"Lucinda") == []

    run(tmp_path, use)


def test_what_a_crash_left_deleted_is_erased_at_the_next_start(tmp_path: Path) -> None:
    async def first(program: Program) -> None:
        await program.stored.delete(await program.say(SECRET))

    async def second(program: Program) -> None:
        await program.witness.next(ConversationErased, 0)
        assert program.holds(b"Lucinda") == []

    run(tmp_path, first)
    run(tmp_path, second)


def test_only_the_newest_search_is_answered_and_its_message_is_opened(tmp_path: Path) -> None:
    async def use(program: Program) -> None:
        conversation = await program.say("a café in Rome?")
        program.assistant.post(NewConversation())
        program.assistant.post(SearchConversations("caf"))
        program.assistant.post(SearchConversations("cafe"))
        found = await program.witness.next(ConversationsFound)
        (match,) = found.matches
        assert (found.query, match.conversation.id) == ("cafe", conversation)
        program.assistant.post(OpenConversation(conversation, match.message_id))
        while not (opened := await program.witness.next(ConversationOpened)).conversation_id:
            pass
        assert opened.message_id == match.message_id
        assert match.message_id in {message.id for message in opened.messages}
        assert [found.query for found in program.witness.of(ConversationsFound)] == ["cafe"]

    run(tmp_path, use)


def test_conversations_travel_by_file_with_what_answers_were_given_to_read(tmp_path: Path) -> None:
    file, memory = tmp_path / "chats.json", FakeMemory()

    async def use(program: Program) -> None:
        await memory.remember("The sister is called Lucinda")
        conversation = await program.say("what is my sister called?")
        (recalled,) = (await memory.recall("sister")).results
        turn = (await program.stored.messages(conversation))[1].turn_id
        await memory.note_use(turn, [recalled])
        program.assistant.post(ExportConversations(file))
        assert await program.witness.next(ConversationsExported) == ConversationsExported(file, 1)
        (record,) = json.loads(file.read_text())["conversations"]
        assert [bool(message.get("citations")) for message in record["messages"]] == [False, True]
        program.assistant.post(DeleteConversation(conversation))
        await program.witness.next(ConversationDeleted)
        program.assistant.use_memory(MemoryScope("Work"))
        await program.witness.next(ConversationErased)
        program.assistant.post(ImportConversations(file))
        assert await program.witness.next(ConversationsImported) == ConversationsImported(file, 1, 0)
        assert [each.id for each in await program.listed()] == [conversation]
        file.write_text("{}")
        program.assistant.post(ImportConversations(file))
        assert (await program.witness.next(Failed)).error.code == "conversations.not_an_export"

    run(tmp_path, use, memory=memory)


def test_an_export_does_without_a_memory_that_fails(tmp_path: Path) -> None:
    memory = FakeMemory()

    async def use(program: Program) -> None:
        await program.say("bread?")
        memory.error = StorageError("memory.failed", "The memory failed.")
        program.assistant.post(ExportConversations(tmp_path / "chats.md"))
        assert (await program.witness.next(ConversationsExported)).conversations == 1

    run(tmp_path, use, memory=memory)


def test_what_waited_to_be_asked_in_private_is_asked_nowhere_else(tmp_path: Path) -> None:
    async def use(program: Program) -> None:
        assert isinstance(program.parts.chat, FakeChat)
        program.parts.chat.hold = asyncio.Semaphore(1)
        program.assistant.post(NewConversation(private=True))
        program.assistant.post(SubmitText("hello"))
        await program.witness.next(ReplyToken)
        program.assistant.post(SubmitText(SECRET))
        program.assistant.post(NewConversation())
        while (await program.witness.next(ConversationOpened)).private:
            pass
        program.parts.chat.hold.release()
        program.parts.chat.hold.release()
        await program.witness.next(TurnFinished)
        program.parts.chat.hold = None
        await program.say("bread?")
        assert [each.title for each in await program.stored.conversations()] == ["bread?"]
        assert program.holds(b"Lucinda") == []

    run(tmp_path, use)


def test_nothing_of_a_private_conversation_is_kept_or_recalled_and_it_is_gone_when_left(
    tmp_path: Path,
) -> None:
    memory = FakeMemory()

    async def use(program: Program) -> None:
        await memory.remember("The user likes bread")
        program.assistant.post(NewConversation(private=True))
        opened = await program.witness.next(ConversationOpened)
        assert opened.private
        program.assistant.post(SubmitText(SECRET))
        await program.witness.next(TurnFinished)
        program.assistant.post(SubmitText("do I like bread?"))
        await program.witness.next(TurnFinished)
        assert isinstance(program.parts.chat, FakeChat)
        asked = str(program.parts.chat.prompts[-1])
        assert SECRET in asked  # it goes on
        assert "The user likes bread" not in asked
        assert [item.text for _, item in memory.items.values()] == ["The user likes bread"]
        program.assistant.post(NewConversation())
        assert not (await program.witness.next(ConversationOpened)).private
        program.assistant.post(OpenConversation(opened.conversation_id))
        assert (await program.witness.next(ConversationOpened)).messages == ()
        program.assistant.post(NewConversation())
        await program.say("do I like bread?")
        assert "The user likes bread" in str(program.parts.chat.prompts[-1])
        assert [each.title for each in await program.stored.conversations()] == ["do I like bread?"]
        assert program.holds(b"Lucinda") == []

    run(tmp_path, use, memory=memory)

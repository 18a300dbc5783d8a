"""Which conversations a profile sees, and that nothing of a private one reaches the disk."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from jarvis_desktop.config.profiles import MemoryScope
from jarvis_desktop.errors import StorageError
from jarvis_desktop.events import FORGOTTEN, Message, Role
from jarvis_desktop.memory import database
from jarvis_desktop.memory.conversation_store import MIGRATIONS
from jarvis_desktop.memory.database import open_database
from jarvis_desktop.memory.history import SqliteHistory
from jarvis_desktop.memory.scoped import ScopedHistory

SHARED, OWN, PRIVATE = MemoryScope(), MemoryScope("Work"), MemoryScope(stored=False)


class Room:
    """A scoped history on a real file, and the scope in force."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.stored = SqliteHistory(file)
        self.history = ScopedHistory(self.stored, SHARED)

    async def said(self, text: str, scope: MemoryScope) -> str:
        self.history.use(scope)
        conversation = (await self.history.new_conversation()).id
        await self.history.append(message(conversation, text))
        return conversation

    async def listed(self, scope: MemoryScope) -> list[str]:
        self.history.use(scope)
        return [each.title for each in await self.history.conversations()]


def message(conversation: str, text: str) -> Message:
    return Message(f"m-{text}", conversation, "t", Role.USER, text, 1000.0)


def answer(conversation: str) -> Message:
    return Message(f"a-{conversation}", conversation, "t", Role.ASSISTANT, "Indeed.", 1001.0)


def in_room(folder: Path, use: Callable[[Room], Awaitable[None]]) -> None:
    async def life() -> None:
        room = Room(folder / "data" / "jarvis.sqlite3")
        try:
            await use(room)
        finally:
            await room.stored.close()

    asyncio.run(life())


def test_a_search_finds_only_what_the_profile_may_see(tmp_path: Path) -> None:
    async def use(room: Room) -> None:
        for text, scope in (("a shared secret", SHARED), ("a secret of work", OWN)):
            conversation = await room.said(text, scope)
            await room.history.append(answer(conversation))
        for scope, found in ((SHARED, ["a shared secret"]), (OWN, ["a secret of work"]), (PRIVATE, [])):
            room.history.use(scope)
            assert [each.text for each in await room.history.search("secret", 10)] == found

    in_room(tmp_path, use)


def test_what_is_blanked_is_in_no_file_any_more_and_other_profiles_keep_theirs(tmp_path: Path) -> None:
    async def use(room: Room) -> None:
        told = "my sister is called Lucinda"
        conversations = []
        for number, scope in enumerate((OWN, SHARED)):
            room.history.use(scope)
            conversations.append((await room.history.new_conversation()).id)
            await room.history.append(replace(message(conversations[-1], told), id=f"q{number}"))
        own, shared = conversations
        for grown in ("Lucinda", "Lucinda is", "Lucinda is a fine name"):
            await room.history.append(replace(answer(shared), text=grown))
        everything = ["q0", "q1", f"a-{shared}"]
        await room.history.blank(everything)
        assert [m.text for m in await room.history.messages(shared)] == [FORGOTTEN, FORGOTTEN]
        assert await room.listed(SHARED) == [FORGOTTEN]
        assert await room.listed(OWN) == [told]
        await room.history.blank(everything)
        assert [m.text for m in await room.history.messages(own)] == [FORGOTTEN]
        files = list((tmp_path / "data").iterdir())
        assert files
        assert [file.name for file in files if b"Lucinda" in file.read_bytes()] == []

    in_room(tmp_path, use)


def test_while_another_program_reads_what_was_there_blanking_says_so_and_can_be_done_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.01)

    async def use(room: Room) -> None:
        conversation = (await room.history.new_conversation()).id
        await room.history.append(replace(message(conversation, "my sister is called Lucinda"), id="q"))
        reader = database.connect(room.file)
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM messages").fetchall()
        with pytest.raises(StorageError, match="Another program"):
            await room.history.blank(["q"])
        reader.close()
        await room.history.blank(["q"])
        assert [file.name for file in room.file.parent.iterdir() if b"Lucinda" in file.read_bytes()] == []

    in_room(tmp_path, use)


def test_a_private_conversation_is_blanked_in_memory(tmp_path: Path) -> None:
    async def use(room: Room) -> None:
        conversation = await room.said("a secret", PRIVATE)
        await room.history.blank(["m-a secret"])
        assert [m.text for m in await room.history.messages(conversation)] == [FORGOTTEN]

    in_room(tmp_path, use)


def test_a_profile_of_its_own_memory_sees_only_its_own(tmp_path: Path) -> None:
    async def use(room: Room) -> None:
        await room.said("for all", SHARED)
        own = await room.said("for work", OWN)
        assert await room.listed(SHARED) == ["for all"]
        assert await room.listed(OWN) == ["for work"]
        assert await room.listed(MemoryScope("Other")) == []
        room.history.use(OWN)
        assert [m.text for m in await room.history.messages(own)] == ["for work"]

    in_room(tmp_path, use)


def test_a_private_conversation_goes_on_in_memory_and_never_reaches_the_disk(tmp_path: Path) -> None:
    async def use(room: Room) -> None:
        secret = await room.said("a secret", PRIVATE)
        grown = replace(message(secret, "a secret"), text="a longer secret")
        await room.history.replace(grown)
        assert await room.history.messages(secret) == (grown,)
        assert await room.listed(PRIVATE) == []
        assert not room.file.exists()
        room.history.use(SHARED)  # an answer that ends after the profile was changed
        await room.history.append(replace(grown, id="late", text="a late secret"))
        with pytest.raises(StorageError):
            await room.history.messages(secret)
        room.history.use(PRIVATE)
        assert [m.text for m in await room.history.messages(secret)] == ["a longer secret", "a late secret"]
        await room.said("open", SHARED)
        await room.history.append(replace(grown, id="later", text="a secret still"))
        assert await room.listed(SHARED) == ["open"]
        await room.stored.close()
        assert all(b"secret" not in file.read_bytes() for file in room.file.parent.iterdir())

    in_room(tmp_path, use)


@pytest.mark.parametrize("scope", [SHARED, MemoryScope("Other"), PRIVATE])
def test_a_conversation_of_another_profile_is_as_unknown_as_none(tmp_path: Path, scope: MemoryScope) -> None:
    async def use(room: Room) -> None:
        own = await room.said("for work", OWN)
        room.history.use(scope)
        with pytest.raises(StorageError) as refused:
            await room.history.messages(own)
        assert refused.value.code == "storage.unknown_conversation"

    in_room(tmp_path, use)


@pytest.mark.parametrize(("scope", "seen"), [(PRIVATE, []), (SHARED, ["for all"])])
def test_a_list_asked_for_before_the_switch_shows_nothing_of_the_profile_left(
    tmp_path: Path, scope: MemoryScope, seen: list[str]
) -> None:
    async def use(room: Room) -> None:
        await room.said("for all", SHARED)
        await room.said("for work", OWN)
        listing = asyncio.create_task(room.listed(OWN))
        await asyncio.sleep(0)  # it is asked for
        room.history.use(scope)
        assert await listing == seen

    in_room(tmp_path, use)


def test_an_answer_keeps_to_the_memory_it_was_begun_in(tmp_path: Path) -> None:
    async def use(room: Room) -> None:
        for scope, text in ((SHARED, "a shared secret"), (OWN, "a secret of work")):
            conversation = await room.said(text, scope)
            await room.history.append(answer(conversation))
        bound = room.history.bound()
        room.history.use(SHARED)
        with bound:  # of work still
            assert [each.text for each in await room.history.search("secret", 10)] == ["a secret of work"]
            await room.history.append(message(conversation, "more work"))
            assert len(await room.history.messages(conversation)) == 3
        assert [each.text for each in await room.history.search("secret", 10)] == ["a shared secret"]

    in_room(tmp_path, use)


def test_a_conversation_whose_file_was_put_aside_stays_with_its_profile(tmp_path: Path) -> None:
    async def use(room: Room) -> None:
        own = await room.said("for work", OWN)
        room.stored = SqliteHistory(tmp_path / "fresh.sqlite3")
        room.history = ScopedHistory(room.stored, OWN)
        await room.history.append(message(own, "more work"))
        assert await room.listed(SHARED) == []
        assert await room.listed(OWN) == ["more work"]

    in_room(tmp_path, use)


def test_conversations_from_before_there_were_profiles_are_everybodys(tmp_path: Path) -> None:
    file = tmp_path / "data" / "jarvis.sqlite3"
    old = open_database(file, MIGRATIONS[:1]).connection
    old.execute("INSERT INTO conversations (id, title, updated_at) VALUES ('c', 'from before', 1.0)")
    old.close()

    async def use(room: Room) -> None:
        assert await room.listed(SHARED) == ["from before"]
        assert await room.listed(OWN) == []

    in_room(tmp_path, use)

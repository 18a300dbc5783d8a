"""Files of a conversation: read by the parser, searched by their words, kept and erased with it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from jarvis_desktop.config.profiles import MemoryScope
from jarvis_desktop.errors import StorageError
from jarvis_desktop.events import Attachment, Message, Role
from jarvis_desktop.memory.attachments import MOST_CHARACTERS, DocumentReader
from jarvis_desktop.memory.history import SqliteHistory
from jarvis_desktop.memory.reading import Limits
from jarvis_desktop.memory.scoped import ScopedHistory
from tests.unit.memory.documents import pdf

DEPOSIT = "The deposit is 1,850 euros."


def reading(use: Callable[[DocumentReader], Awaitable[None]], limits: Limits = Limits()) -> None:  # noqa: B008
    async def all_of_it() -> None:
        reader = DocumentReader(limits)
        try:
            await use(reader)
        finally:
            await reader.close()

    asyncio.run(all_of_it())


def test_a_pdf_is_read_and_the_passage_that_answers_is_found_in_either_form_of_a_word(tmp_path: Path) -> None:
    file = tmp_path / "lease.pdf"
    file.write_bytes(
        pdf("\n".join(f"Rule {n}: keep quiet." for n in range(80)), f"{DEPOSIT}\nPaid in March.")
    )
    records = tmp_path / "notes.jsonl"
    records.write_text('{"id": "1", "text": "Rooms are large."}\n{"id": "2", "text": "Cats are welcome."}\n')

    async def use(reader: DocumentReader) -> None:
        lease, notes = await reader.read(file), await reader.read(records)
        assert (lease.name, lease.size, lease.location) == ("lease.pdf", file.stat().st_size, str(file))
        found = await reader.find("What deposits were paid?", (lease, notes))
        assert DEPOSIT in found[0].text
        assert found[0].item == lease.id
        assert [each.text for each in await reader.find("any cat?", (lease, notes))] == ["Cats are welcome."]
        assert await reader.find("?", (lease, notes)) == []

    reading(use)


def test_what_cannot_be_read_is_refused_with_the_reason(tmp_path: Path) -> None:
    bad = {
        "photo.png": (b"\x89PNG\r\n", "memory.picture"),
        "empty.txt": (b"", "memory.empty"),
        "broken.pdf": (b"%PDF-1.4\nnothing", "memory.damaged"),
        "large.txt": (b"word " * 3000, "memory.too_big"),
        "tape.bin": (b"\x00\x01\x02\x03" * 40, "memory.kind_unknown"),
    }

    async def use(reader: DocumentReader) -> None:
        for name, (data, code) in bad.items():
            (tmp_path / name).write_bytes(data)
            with pytest.raises(StorageError) as refused:
                await reader.read(tmp_path / name)
            assert refused.value.code == code, name
            assert (tmp_path / name).read_bytes() == data
        with pytest.raises(StorageError, match="characters"):
            await reader.divide("", "word " * (MOST_CHARACTERS // 4))

    reading(use, Limits(file_bytes=10_000))


class Chats:
    """A scoped history on a real file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.stored = SqliteHistory(folder / "chats.sqlite3")
        self.history = ScopedHistory(self.stored, MemoryScope())

    async def begin(self, *, private: bool = False) -> str:
        conversation = (await self.history.new_conversation(private=private)).id
        await self.history.append(Message("m1", conversation, "t1", Role.USER, "How much?", 1.0))
        await self.history.attach(conversation, lease())
        return conversation

    def holding(self, words: str) -> list[str]:
        """Names of the files that hold these words."""
        return [file.name for file in self.folder.iterdir() if words.encode() in file.read_bytes()]


def lease() -> Attachment:
    return Attachment("a1", "lease.txt", 27, DEPOSIT, ((0, len(DEPOSIT), "Costs"),), 1.7e9, "/x/lease.txt")


def chatting(folder: Path, *lives: Callable[[Chats], Awaitable[None]]) -> None:
    """Each use is one life of the program on the same file."""

    async def live(use: Callable[[Chats], Awaitable[None]]) -> None:
        chats = Chats(folder)
        try:
            await use(chats)
        finally:
            await chats.stored.close()

    for use in lives:
        asyncio.run(live(use))


def test_files_and_what_rests_on_them_are_there_after_a_restart(tmp_path: Path) -> None:
    began: list[str] = []

    async def first(chats: Chats) -> None:
        began.append(await chats.begin())
        await chats.history.note_attachment_use("t1", [lease().passage(0)])

    async def second(chats: Chats) -> None:
        assert await chats.history.attachments(began[0]) == (lease(),)
        assert await chats.history.attachment_uses(began[0]) == {"t1": [("a1", 0)]}
        chats.history.use(MemoryScope("Work"))
        with pytest.raises(StorageError):
            await chats.history.attachments(began[0])
        await chats.history.detach("a1")  # it is another profile's
        chats.history.use(MemoryScope())
        assert await chats.history.attachments(began[0]) == (lease(),)

    chatting(tmp_path, first, second)


def test_a_chat_without_a_question_is_called_as_its_file_and_is_none_without_it(tmp_path: Path) -> None:
    async def use(chats: Chats) -> None:
        async def titles() -> list[str]:
            return [each.title for each in await chats.history.conversations()]

        empty = (await chats.history.new_conversation()).id
        assert await titles() == []
        await chats.history.attach(empty, lease())
        assert await titles() == ["lease.txt"]
        await chats.history.detach("a1")
        assert await titles() == []
        await chats.history.attach(empty, lease())
        await chats.history.append(Message("m1", empty, "t1", Role.USER, "How much?", 1.0))
        assert await titles() == ["How much?"]

    chatting(tmp_path, use)


def test_a_file_that_is_taken_away_or_whose_chat_is_erased_leaves_nothing(tmp_path: Path) -> None:
    async def use(chats: Chats) -> None:
        conversation = await chats.begin()
        assert chats.holding(DEPOSIT)
        await chats.history.detach("a1")
        assert await chats.history.attachments(conversation) == ()
        assert chats.holding(DEPOSIT) == []
        await chats.history.attach(conversation, lease())
        await chats.history.note_attachment_use("t1", [lease().passage(0)])
        await chats.history.delete(conversation)
        await chats.history.erase_deleted()
        assert chats.holding(DEPOSIT) == []
        assert chats.holding("lease.txt") == []

    chatting(tmp_path, use)


def test_a_private_chat_keeps_its_files_in_memory_until_it_is_left(tmp_path: Path) -> None:
    async def use(chats: Chats) -> None:
        conversation = await chats.begin(private=True)
        await chats.history.note_attachment_use("t1", [lease().passage(0)])
        assert await chats.history.attachments(conversation) == (lease(),)
        assert await chats.history.attachment_uses(conversation) == {"t1": [("a1", 0)]}
        assert chats.holding(DEPOSIT) == []
        chats.history.leave(conversation)
        assert await chats.history.attachments(conversation) == ()
        await chats.history.attach(conversation, lease())  # it was still being read
        assert await chats.history.attachments(conversation) == ()

    chatting(tmp_path, use)


def test_files_go_out_and_come_back_with_their_chat(tmp_path: Path) -> None:
    exported, page = tmp_path / "chat.json", tmp_path / "chat.md"
    began: list[str] = []

    async def out(chats: Chats) -> None:
        began.append(await chats.begin())
        await chats.history.export(exported, (), {})
        await chats.history.export(page, (), {})
        assert "lease.txt" in page.read_text()
        await chats.history.delete(began[0])
        await chats.history.erase_deleted()

    async def back(chats: Chats) -> None:
        assert await chats.history.import_file(exported) == (1, 0)
        assert await chats.history.attachments(began[0]) == (lease(),)

    async def damaged(chats: Chats) -> None:
        exported.write_text(exported.read_text().replace(began[0], "other").replace(" 27,", ' "27",'))
        with pytest.raises(StorageError, match="damaged"):
            await chats.history.import_file(exported)

    chatting(tmp_path, out, back, damaged)

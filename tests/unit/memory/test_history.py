"""Conversations on disk, as the sidebar and the next start see them."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jarvis_desktop.errors import StorageError
from jarvis_desktop.events import Message, Role
from jarvis_desktop.memory.conversation_store import TITLE_CHARACTERS, title_of
from jarvis_desktop.memory.history import SqliteHistory


def message(number: int, conversation: str, text: str = "hello", role: Role = Role.USER) -> Message:
    return Message(f"m{number}", conversation, f"t{number}", role, text, 1000.0 + number)


def on_disk(file: Path, use: Callable[[SqliteHistory], Awaitable[None]]) -> None:
    """Run `use` on an open history and close it: each call is one life of the program."""

    async def life() -> None:
        history = SqliteHistory(file)
        try:
            await use(history)
        finally:
            await history.close()

    asyncio.run(life())


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "jarvis.sqlite3"


def test_what_was_said_is_there_at_the_next_start(file: Path) -> None:
    said: list[Message] = []

    async def first(history: SqliteHistory) -> None:
        conversation = (await history.new_conversation()).id
        said.append(message(1, conversation, "¿Qué hora es? 🕐\x00"))
        said.append(replace(message(2, conversation, "Noon", Role.ASSISTANT), error_code="engine.died"))
        for one in said:
            await history.append(one)

    async def second(history: SqliteHistory) -> None:
        assert await history.open() is None
        assert await history.messages(said[0].conversation_id) == tuple(said)

    on_disk(file, first)
    on_disk(file, second)


def test_a_reply_that_grows_keeps_its_place(file: Path) -> None:
    async def use(history: SqliteHistory) -> None:
        conversation = (await history.new_conversation()).id
        question, reply = message(1, conversation), message(2, conversation, "It", Role.ASSISTANT)
        later = message(3, conversation, "and then?")
        for one in (question, reply, later):
            await history.append(one)
        cut = replace(reply, text="It is", interrupted=True, created_at=2000.0)
        await history.replace(cut)
        assert await history.messages(conversation) == (question, cut, later)

    on_disk(file, use)


def test_messages_keep_the_order_of_writing_when_the_clock_jumps_back(file: Path) -> None:
    async def use(history: SqliteHistory) -> None:
        conversation = (await history.new_conversation()).id
        first, second = message(9, conversation), message(2, conversation)
        await history.append(first)
        await history.append(second)
        assert await history.messages(conversation) == (first, second)

    on_disk(file, use)


def test_the_conversation_last_talked_in_comes_first(file: Path) -> None:
    async def use(history: SqliteHistory) -> None:
        older, newer = await history.new_conversation(), await history.new_conversation()
        await history.append(message(1, newer.id, "new"))
        await history.append(message(2, older.id, "old"))
        await history.append(message(3, older.id, "an answer", Role.ASSISTANT))
        await history.append(message(4, older.id, "more"))
        listed = await history.conversations()
        assert [(c.id, c.title, c.updated_at) for c in listed] == [
            (older.id, "old", 1004.0),
            (newer.id, "new", 1001.0),
        ]

    on_disk(file, use)


def test_an_unknown_conversation_is_an_error(file: Path) -> None:
    async def use(history: SqliteHistory) -> None:
        with pytest.raises(StorageError) as caught:
            await history.messages("nowhere")
        assert caught.value.code == "storage.unknown_conversation"

    on_disk(file, use)


def test_half_an_emoji_is_stored_as_a_question_mark(file: Path) -> None:
    async def use(history: SqliteHistory) -> None:
        conversation = (await history.new_conversation()).id
        await history.append(message(1, conversation, "so \ud83d"))
        assert [m.text for m in await history.messages(conversation)] == ["so ?"]

    on_disk(file, use)


def test_only_the_user_can_read_the_files(file: Path) -> None:
    async def use(history: SqliteHistory) -> None:
        await history.new_conversation()
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in file.parent.iterdir()}
        assert len(modes) == 3  # the file, its log and its index
        assert set(modes.values()) == {0o600}

    on_disk(file, use)


def test_calls_side_by_side_all_arrive(file: Path) -> None:
    async def use(history: SqliteHistory) -> None:
        conversation = (await history.new_conversation()).id
        await asyncio.gather(*(history.append(message(n, conversation)) for n in range(50)))
        assert {m.id for m in await history.messages(conversation)} == {f"m{n}" for n in range(50)}

    on_disk(file, use)


def test_two_programs_share_one_file(file: Path) -> None:
    async def use(window: SqliteHistory) -> None:
        conversation = (await window.new_conversation()).id
        command = SqliteHistory(file)
        writers = (window, command)
        await asyncio.gather(*(writers[n % 2].append(message(n, conversation)) for n in range(40)))
        await command.close()
        assert len(await window.messages(conversation)) == 40

    on_disk(file, use)


def test_after_closing_nothing_is_stored_and_the_caller_is_told(file: Path) -> None:
    async def use(history: SqliteHistory) -> None:
        await history.close()
        with pytest.raises(StorageError) as caught:
            await history.new_conversation()
        assert caught.value.code == "storage.closed"

    on_disk(file, use)


def test_a_short_question_is_its_own_title() -> None:
    assert title_of("  What\n time is it? ") == "What time is it?"


@given(st.text())
def test_a_title_is_one_line_of_whole_words_that_fits(question: str) -> None:
    title = title_of(question)
    line = " ".join(question.split())
    assert len(title) <= TITLE_CHARACTERS
    assert title == line or (title.endswith("…") and line.startswith(title[:-1]))


def test_a_long_question_is_cut_between_words() -> None:
    question = "Please explain to me in simple words how a heat pump can warm a house in winter"
    words = title_of(question).removesuffix("…").split()
    assert words == question.split()[: len(words)]
    assert len(words) > 5

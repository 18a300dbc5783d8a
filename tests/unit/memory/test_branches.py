"""Versions of questions and answers: none is lost, one path is on show."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path

import pytest

from jarvis_desktop.config.profiles import MemoryScope
from jarvis_desktop.events import FORGOTTEN, Message, Role, Versions
from jarvis_desktop.memory.conversation_store import MIGRATIONS
from jarvis_desktop.memory.database import open_database
from jarvis_desktop.memory.history import SqliteHistory
from jarvis_desktop.memory.scoped import ScopedHistory

SCOPES = pytest.mark.parametrize(
    "scope", [MemoryScope(), MemoryScope(stored=False)], ids=["stored", "private"]
)


def in_history(
    folder: Path, scope: MemoryScope, use: Callable[[ScopedHistory, str], Awaitable[None]]
) -> None:
    async def life() -> None:
        stored = SqliteHistory(folder / "jarvis.sqlite3")
        history = ScopedHistory(stored, scope)
        try:
            await use(history, (await history.new_conversation()).id)
        finally:
            await stored.close()

    asyncio.run(life())


def question(conversation: str, name: str, turn: str = "") -> Message:
    return Message(name, conversation, turn or name, Role.USER, f"{name}?", 1.0)


def answer(conversation: str, name: str, turn: str) -> Message:
    return Message(name, conversation, turn, Role.ASSISTANT, f"{name}.", 2.0)


async def texts(history: ScopedHistory, conversation: str) -> list[str]:
    return [message.text for message in await history.messages(conversation)]


async def two_turns(history: ScopedHistory, conversation: str) -> None:
    """Two questions with their answers, one behind the other."""
    for turn in ("q1", "q2"):
        await history.append(question(conversation, turn))
        await history.append(answer(conversation, turn.replace("q", "a"), turn))


@SCOPES
def test_an_edited_question_begins_a_branch_and_each_keeps_what_follows(
    tmp_path: Path, scope: MemoryScope
) -> None:
    async def use(history: ScopedHistory, conversation: str) -> None:
        await two_turns(history, conversation)
        await history.append(question(conversation, "q1b"), after="")
        await history.append(answer(conversation, "a1b", "q1b"))
        assert await texts(history, conversation) == ["q1b?", "a1b."]
        (versions,) = await history.versions(conversation)
        assert versions == Versions("q1b", Role.USER, ("q1", "q1b"), 1)

        await history.show_version("q1")
        assert await texts(history, conversation) == ["q1?", "a1.", "q2?", "a2."]
        assert (await history.versions(conversation))[0].shown == 0
        await history.append(question(conversation, "q3"))
        await history.show_version("q1b")
        assert await texts(history, conversation) == ["q1b?", "a1b."]

    in_history(tmp_path, scope, use)


@SCOPES
def test_another_answer_is_a_version_of_the_first_and_grows_in_its_place(
    tmp_path: Path, scope: MemoryScope
) -> None:
    async def use(history: ScopedHistory, conversation: str) -> None:
        await two_turns(history, conversation)
        again = answer(conversation, "a1b", "q1")
        await history.append(again, after="q1")
        await history.show_version("a1")  # while it grows
        await history.replace(again)
        assert await texts(history, conversation) == ["q1?", "a1.", "q2?", "a2."]
        assert await history.versions(conversation) == (Versions("q1", Role.ASSISTANT, ("a1", "a1b"), 0),)
        written = [message.id for message in await history.all_messages()]
        assert written == ["q1", "a1", "q2", "a2", "a1b"]

    in_history(tmp_path, scope, use)


@SCOPES
def test_what_is_not_on_show_can_be_blanked(tmp_path: Path, scope: MemoryScope) -> None:
    async def use(history: ScopedHistory, conversation: str) -> None:
        await two_turns(history, conversation)
        await history.append(question(conversation, "q1b"), after="")
        await history.blank(["a1"])
        await history.show_version("q1")
        assert await texts(history, conversation) == ["q1?", FORGOTTEN, "q2?", "a2."]

    in_history(tmp_path, scope, use)


def test_what_a_search_finds_is_shown_with_what_it_follows(tmp_path: Path) -> None:
    async def use(history: ScopedHistory, conversation: str) -> None:
        await two_turns(history, conversation)
        await history.append(answer(conversation, "a1b", "q1"), after="q1")
        await history.append(question(conversation, "q1b"), after="")
        (found,) = await history.find("a2", 1)
        await history.show_version(found.message_id)
        assert await texts(history, conversation) == ["q1?", "a1.", "q2?", "a2."]

    in_history(tmp_path, MemoryScope(), use)


def test_a_version_is_only_shown_to_its_owner(tmp_path: Path) -> None:
    async def use(history: ScopedHistory, conversation: str) -> None:
        await two_turns(history, conversation)
        await history.append(question(conversation, "q1b"), after="")
        history.use(MemoryScope("Work"))
        await history.show_version("q1")
        history.use(MemoryScope())
        assert await texts(history, conversation) == ["q1b?"]

    in_history(tmp_path, MemoryScope(), use)


def test_conversations_from_before_there_were_versions_read_as_they_did(tmp_path: Path) -> None:
    before = next(n for n, step in enumerate(MIGRATIONS) if any("parent" in each for each in step))
    with closing(open_database(tmp_path / "jarvis.sqlite3", MIGRATIONS[:before]).connection) as old:
        for conversation in ("c1", "c2"):
            old.execute("INSERT INTO conversations (id, updated_at) VALUES (?, 1)", (conversation,))
        for number in range(6):  # of two conversations by turns
            old.execute(
                """INSERT INTO messages (id, conversation_id, turn_id, role, text, created_at,
                    interrupted, error_code) VALUES (?, ?, ?, 'user', ?, 1, 0, '')""",
                (f"m{number}", f"c{number % 2 + 1}", f"t{number}", f"text {number}"),
            )

    async def use(history: ScopedHistory, _: str) -> None:
        assert await texts(history, "c1") == ["text 0", "text 2", "text 4"]
        assert await texts(history, "c2") == ["text 1", "text 3", "text 5"]
        assert await history.versions("c1") == ()
        await history.append(question("c1", "another"), after="m0")
        assert await texts(history, "c1") == ["text 0", "another?"]

    in_history(tmp_path, MemoryScope(), use)


def test_what_goes_on_after_its_beginning_was_lost_reads_on(tmp_path: Path) -> None:
    """A damaged file was put aside during a turn: its answer follows a question that is gone."""

    async def use(history: ScopedHistory, conversation: str) -> None:
        await history.append(answer(conversation, "a1", "q1"), after="q1")
        await history.append(question(conversation, "q2"), after="a1")
        assert await texts(history, conversation) == ["a1.", "q2?"]

    in_history(tmp_path, MemoryScope(), use)

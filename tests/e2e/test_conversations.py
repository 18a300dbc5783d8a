"""Stored conversations in the real window, by keys alone: open again, renamed, found, deleted for good."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from pathlib import Path

from jarvis_desktop.events import Message, Role
from jarvis_desktop.memory.history import SqliteHistory
from tests.e2e.screen import Desktop, desktop, wait_for
from tests.e2e.sound import sound_card

__all__ = ["desktop", "sound_card"]  # fixtures


def database(home: Path) -> Path:
    return home / "data" / "jarvis.sqlite3"


async def remember(file: Path, *conversations: tuple[str, str]) -> None:
    """Store conversations of one question and one answer, the oldest first."""
    history, began = SqliteHistory(file), time.time() - 60.0
    for number, said in enumerate(conversations):
        conversation = (await history.new_conversation()).id
        for role, text in zip(Role, said, strict=True):
            message_id = f"{role}{number}"
            await history.append(Message(message_id, conversation, f"t{number}", role, text, began + number))
    await history.close()


def stored(home: Path) -> list[tuple[str, int]]:
    """Title of each conversation and whether it is deleted, the oldest first."""
    with sqlite3.connect(database(home)) as connection:
        return connection.execute("SELECT title, deleted FROM conversations ORDER BY rowid").fetchall()


def keys(desktop: Desktop, *names: str) -> None:
    desktop.xdotool("key", "--window", desktop.window, "--delay", "60", *names)


def test_conversations_are_managed_by_keyboard(desktop: Desktop) -> None:
    asyncio.run(
        remember(
            database(desktop.home),
            ("What is bread?", "Flour and water."),
            ("Where shall we meet?", "At the old lighthouse."),
            ("What is a plan?", "A list."),
        )
    )
    desktop.start()
    wait_for("the models", desktop.loaded)

    keys(desktop, "ctrl+k", "Down", "F2")  # the conversation last talked in is open
    desktop.xdotool("type", "--window", desktop.window, "--delay", "15", "Winter")
    keys(desktop, "Return")
    wait_for("the new title", lambda: stored(desktop.home)[2] == ("Winter", 0))

    keys(desktop, "Delete")
    wait_for("the deletion", lambda: stored(desktop.home)[2] == ("Winter", 1))
    keys(desktop, "ctrl+z")
    wait_for("the undoing", lambda: stored(desktop.home)[2] == ("Winter", 0))

    keys(desktop, "ctrl+k")
    desktop.xdotool("type", "--window", desktop.window, "--delay", "15", "LIGHTHOUSE")
    keys(desktop, "Return")  # when it is found, the keyboard is on it

    def gone() -> bool:
        if ("Where shall we meet?", 0) not in stored(desktop.home):
            return True
        keys(desktop, "Delete")
        return False

    wait_for("the deletion", gone)
    wait_for("the erasing", lambda: len(stored(desktop.home)) == 2)
    files = [file for file in database(desktop.home).parent.rglob("*") if file.is_file()]
    assert files
    assert [file.name for file in files if b"lighthouse" in file.read_bytes()] == []
    assert [title for title, _ in stored(desktop.home)] == ["What is bread?", "Winter"]

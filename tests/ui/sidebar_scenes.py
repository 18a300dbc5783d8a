"""What happens in the pictures of the sidebar: conversations found, renamed, deleted, and a private one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import scenes
from fake_core import FakeCore
from PySide6.QtCore import QCoreApplication

from jarvis_desktop.events import (
    ConversationDeleted,
    ConversationMatch,
    ConversationOpened,
    ConversationsFound,
    ConversationsListed,
    Message,
    Role,
)
from jarvis_desktop.ui.application import Desktop

SEARCHED = "train rome"

PINNED = tuple(
    replace(each, pinned=each.title in ("Weekly plan", "Rome trip: trains and hotels"))
    for each in scenes.CONVERSATIONS
)

_SAID = (
    (1, "The fast train to Rome leaves at 9:05 from platform 4 and takes three hours."),
    (6, "… she has never been to Rome, so a train ticket and two nights there would be a fine gift …"),
)


def found(core: FakeCore) -> None:
    scenes.conversation(core)
    matches = []
    for place, text in _SAID:
        starts = sorted((text.lower().index(word), len(word)) for word in SEARCHED.split())
        marks = tuple((start, start + length) for start, length in starts)
        matches.append(ConversationMatch(scenes.CONVERSATIONS[place], "b", text, marks))
    core.emit(ConversationsFound(SEARCHED, tuple(matches)))


def found_message(core: FakeCore) -> None:
    found(core)
    said = tuple(
        Message(f"m{number}", "1", f"t{number // 2}", role, text, scenes.NOW)
        for number, (role, text) in enumerate(
            [(Role.USER, "And how do I get to Rome?"), (Role.ASSISTANT, _SAID[0][1])] * 12
        )
    )
    core.emit(ConversationOpened("1", said, "m9"))


def not_found(core: FakeCore) -> None:
    scenes.conversation(core)
    core.emit(ConversationsFound(SEARCHED, ()))


def deleted(core: FakeCore) -> None:
    scenes.conversation(core)
    core.emit(ConversationsListed(PINNED[:3] + PINNED[4:]), ConversationDeleted(PINNED[3]))


def pinned(core: FakeCore) -> None:
    scenes.conversation(core)
    core.emit(ConversationsListed(PINNED))


def private(core: FakeCore) -> None:
    scenes.loaded(core)
    core.emit(ConversationsListed(PINNED), ConversationOpened("private-1", (), private=True))


SCENES: dict[str, tuple[Callable[[FakeCore], None], dict[str, object], tuple[int, int]]] = {
    "chats-found": (found, {}, (1120, 760)),
    "chats-found-dark-large": (found, {"look": {"theme": "dark", "font_scale": 1.6}}, (1280, 800)),
    "chats-found-message": (found_message, {}, (1120, 760)),
    "chats-found-message-dark": (found_message, {"look": {"theme": "dark"}}, (1120, 760)),
    "chats-not-found": (not_found, {}, (1120, 760)),
    "chats-deleted": (deleted, {}, (1120, 760)),
    "chats-deleted-dark-large": (deleted, {"look": {"theme": "dark", "font_scale": 1.5}}, (1280, 800)),
    "chats-renamed": (pinned, {}, (1120, 760)),
    "private-chat": (private, {}, (1120, 760)),
    "private-chat-dark": (private, {"look": {"theme": "dark"}}, (860, 580)),
}


def act(name: str, desktop: Desktop) -> None:
    """What the user does in a picture of that name, before the core answers."""
    sidebar = desktop.window.sidebar
    if "found" in name:
        sidebar.search.setText(SEARCHED)
    elif name == "chats-renamed":
        QCoreApplication.processEvents()  # the list is there to be edited
        sidebar.list.setFocus()
        sidebar.list.edit_title()

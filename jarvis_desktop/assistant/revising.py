"""Other versions: a question asked in other words in its place, or answered again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from jarvis_desktop.errors import JarvisError
from jarvis_desktop.events import Event, Message, Role, Versions, VersionsListed
from jarvis_desktop.ports import History


@dataclass(frozen=True, slots=True)
class Revision:
    """The place of a question within a conversation.

    `earlier` stays on show before it, with its `versions`; `asked` is the stored question, asked again.
    """

    earlier: tuple[Message, ...]
    asked: Message | None
    versions: tuple[Versions, ...]


async def revision(history: History, conversation_id: str, turn_id: str, text: str) -> Revision | None:
    """The place of a turn; None where it is not on show. `text` is what is asked there now."""
    try:
        path = await history.messages(conversation_id)
        versions = await history.versions(conversation_id)
    except JarvisError:  # the question is asked like any other, and its turn tells what is wrong
        return None
    for index, message in enumerate(path):
        if (message.turn_id, message.role) == (turn_id, Role.USER):
            earlier, asked = path[:index], message if message.text == text else None
            left = {(each.turn_id, each.role) for each in (*earlier, asked) if each is not None}
            return Revision(earlier, asked, tuple(v for v in versions if (v.turn_id, v.role) in left))
    return None


async def list_versions(history: History, conversation_id: str, emit: Callable[[Event], None]) -> None:
    """Tell which messages on show have other versions by now."""
    try:
        emit(VersionsListed(conversation_id, await history.versions(conversation_id)))
    except JarvisError:  # that nothing can be stored was told by the turn
        return

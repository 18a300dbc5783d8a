"""Other versions: a question asked in other words in its place, or answered again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from jarvis_desktop.errors import JarvisError
from jarvis_desktop.events import ConversationOpened, Event, Message, Role, VersionsListed
from jarvis_desktop.ports import History


@dataclass(frozen=True, slots=True)
class Revision:
    """The place of a question within a conversation: what is `earlier`, and what is `asked` again, if so."""

    earlier: tuple[Message, ...]
    asked: Message | None = None


async def clear_place(
    history: History, conversation_id: str, turn_id: str, text: str, emit: Callable[[Event], None]
) -> Revision | None:
    """The place of a turn, which is no longer on show from there on; None where it is not stored.

    `text` is what is asked there now: the stored question again, or another one.
    """
    try:
        path = await history.messages(conversation_id)
        versions = await history.versions(conversation_id)
    except JarvisError:  # the question is asked like any other, and its turn tells what is wrong
        return None
    for index, message in enumerate(path):
        if (message.turn_id, message.role) == (turn_id, Role.USER):
            place = Revision(path[:index], message if message.text == text else None)
            left = {(each.turn_id, each.role) for each in (*place.earlier, place.asked) if each is not None}
            shown = tuple(each for each in versions if (each.turn_id, each.role) in left)
            emit(ConversationOpened(conversation_id, place.earlier, shown))
            return place
    return None


async def list_versions(history: History, conversation_id: str, emit: Callable[[Event], None]) -> None:
    """Tell which messages on show have other versions by now."""
    try:
        emit(VersionsListed(conversation_id, await history.versions(conversation_id)))
    except JarvisError:  # that nothing can be stored was told by the turn
        return

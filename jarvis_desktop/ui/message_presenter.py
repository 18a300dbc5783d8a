"""Binds what a user does with single messages: other versions, reading aloud."""

from __future__ import annotations

from PySide6.QtCore import QObject

from jarvis_desktop.events import (
    FollowUpsSuggested,
    Interrupt,
    ReadAloud,
    ReadingAloud,
    ShowVersion,
    SubmitText,
    VersionsListed,
)
from jarvis_desktop.ui.bridge import Bridge
from jarvis_desktop.ui.main_window import MainWindow


class MessagePresenter(QObject):
    """Posts the wishes of the conversation's messages, and shows what came of them."""

    def __init__(self, bridge: Bridge, window: MainWindow) -> None:
        super().__init__()
        self._bridge = bridge
        self._window = window
        conversation, post = window.conversation, bridge.post
        conversation.revised.connect(self._revise)
        conversation.version_chosen.connect(lambda message_id: post(ShowVersion(message_id)))
        conversation.read_wanted.connect(lambda turn_id, text: post(ReadAloud(turn_id, text)))
        conversation.read_enough.connect(lambda: post(Interrupt()))
        bridge.on(ReadingAloud, lambda event: conversation.show_reading(event.turn_id))
        bridge.on(FollowUpsSuggested, lambda event: conversation.suggest(event.turn_id, event.questions))
        bridge.on(VersionsListed, lambda event: conversation.show_versions(event.versions))

    def _revise(self, turn_id: str, text: str) -> None:
        self._window.notice.hide()
        self._window.composer.field.setFocus()  # the message that had it goes
        self._bridge.post(SubmitText(text, instead_of=turn_id))

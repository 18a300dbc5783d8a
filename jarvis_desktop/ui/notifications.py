"""Messages beside the clock, about what happened while the user was elsewhere."""

from __future__ import annotations

import html
import os
import re
import sys
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication

from jarvis_desktop.config.paths import APP_NAME
from jarvis_desktop.config.profiles import memory_scope
from jarvis_desktop.events import (
    ConversationOpened,
    Failed,
    OpenConversation,
    TimerEnded,
    ToolAsked,
    TurnFinished,
    TurnStarted,
)
from jarvis_desktop.ui.bridge import Bridge
from jarvis_desktop.ui.i18n import message_of, tr
from jarvis_desktop.ui.main_window import MainWindow
from jarvis_desktop.ui.markdown import plain_text
from jarvis_desktop.ui.session_bus import Service, SessionBus, Variant
from jarvis_desktop.ui.tool_card import question
from jarvis_desktop.ui.tray import Tray
from jarvis_desktop.ui.widgets import bring_to_front

_SERVICE = Service(
    "org.freedesktop.Notifications", "/org/freedesktop/Notifications", "org.freedesktop.Notifications"
)
_LONGEST = 160  # characters
_SENTENCE = re.compile(r".+?[.!?…](?=\s|$)")


class Notifications(QObject):
    """Tells of answers, timers and questions of tools while Jarvis is not looked at; a click leads there."""

    def __init__(self, bridge: Bridge, window: MainWindow, tray: Tray, bus: SessionBus) -> None:
        super().__init__(window)
        self._bridge = bridge
        self._window = window
        self._board = _Board(bus, tray, self)
        self._board.clicked.connect(self._open)
        self._asked_in = self._on_show = ""  # conversations: of the newest turn, and the one in the window
        self._private = False  # nothing of the conversation in the window is kept
        bridge.on(TurnStarted, self._turn_started)
        bridge.on(ConversationOpened, self._conversation_opened)
        bridge.on(TurnFinished, self._turn_finished)
        bridge.on(Failed, self._failed)
        bridge.on(TimerEnded, self._timer_ended)
        bridge.on(ToolAsked, self._tool_asked)

    def _turn_started(self, event: TurnStarted) -> None:
        self._asked_in = self._on_show = event.conversation_id

    def _conversation_opened(self, event: ConversationOpened) -> None:
        self._on_show, self._private = event.conversation_id, event.private

    def _turn_finished(self, event: TurnFinished) -> None:
        if event.reply and not event.interrupted:
            self._tell(tr("Jarvis has answered"), first_sentence(event.reply))

    def _failed(self, event: Failed) -> None:
        if event.turn_id:
            self._tell(tr("Jarvis could not answer"), message_of(event.error))

    def _timer_ended(self, event: TimerEnded) -> None:
        self._tell(tr("Time is up."), event.label)

    def _tool_asked(self, event: ToolAsked) -> None:
        self._tell(tr("Jarvis asks"), question(event.use))

    def tell(self, title: str, text: str) -> None:
        """Tell what is nobody's secret, unless the window is looked at."""
        attended = (
            self._window.isVisible()
            and not self._window.isMinimized()
            and QApplication.activeWindow() is not None
        )
        if not attended and self._bridge.settings.current.desktop.notifications != "off":
            self._board.show(title, text, self._asked_in)

    def _tell(self, title: str, text: str) -> None:
        config = self._bridge.settings.current
        brief = config.desktop.notifications == "brief"
        quiet = brief or self._private or not memory_scope(config).stored
        self.tell(title, "" if quiet else text)

    def _open(self, conversation: str) -> None:
        bring_to_front(self._window)
        if conversation != self._on_show:
            self._bridge.post(OpenConversation(conversation))


class _Board(QObject):
    """Where messages appear: the desktop's service for them, or the tray icon."""

    clicked = Signal(str)  # the topic of the message

    def __init__(self, bus: SessionBus, tray: Tray, parent: QObject) -> None:
        super().__init__(parent)
        self._bus = bus
        self._tray = tray
        self._on_show: dict[int, str] = {}
        self._in_tray = ""
        self._listening = False
        tray.message_clicked.connect(lambda: self.clicked.emit(self._in_tray))

    def show(self, title: str, text: str, topic: str) -> None:
        """Show a message about a topic."""
        if not self._listening:
            self._listening = True
            self._bus.listen(_SERVICE, "ActivationToken", self._token_given)
            self._bus.listen(_SERVICE, "ActionInvoked", self._acted)
            self._bus.listen(_SERVICE, "NotificationClosed", self._closed)
        self._bus.call(_SERVICE, "GetCapabilities", then=partial(self._send, title, text, topic))

    def _send(self, title: str, text: str, topic: str, answer: list[Any] | None) -> None:
        if answer is None or sys.platform != "linux":
            self._in_tray = topic
            self._tray.tell(title, text)
            return
        # What a model wrote must not become markup, with pictures and links in it.
        body = html.escape(text, quote=False) if "body-markup" in answer[0] else text
        hints = {"desktop-entry": Variant("s", APP_NAME)}
        self._bus.call(
            _SERVICE,
            "Notify",
            "susssasa{sv}i",
            ["Jarvis", 0, APP_NAME, title, body, ["default", tr("Open")], hints, -1],
            then=partial(self._shown, topic),
        )

    def _shown(self, topic: str, answer: list[Any] | None) -> None:
        if answer is not None:
            self._on_show[answer[0]] = topic

    def _token_given(self, _path: str, body: list[Any]) -> None:
        if body[0] in self._on_show:
            os.environ["XDG_ACTIVATION_TOKEN"] = body[1]  # Qt uses it up when the window is raised

    def _acted(self, _path: str, body: list[Any]) -> None:
        if body[0] in self._on_show:
            self.clicked.emit(self._on_show[body[0]])

    def _closed(self, _path: str, body: list[Any]) -> None:
        self._on_show.pop(body[0], None)


def first_sentence(markdown: str) -> str:
    """The first sentence of an answer, without marks, in at most 160 characters."""
    line = next(filter(None, map(str.strip, plain_text(markdown).splitlines())), "")
    sentence = match[0] if (match := _SENTENCE.match(line)) else line
    return sentence if len(sentence) <= _LONGEST else f"{sentence[:_LONGEST].rstrip()} …"

"""Dictation: what is said is typed where the keyboard is, in another program or in the field of questions."""

from __future__ import annotations

import ctypes
import os
import time
from collections.abc import Callable, Mapping
from types import MappingProxyType

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from jarvis_desktop.config.schema import Config
from jarvis_desktop.errors import DesktopError, JarvisError
from jarvis_desktop.events import (
    Dictated,
    Discarded,
    Failed,
    Interrupt,
    Part,
    PartChanged,
    PartState,
    Phase,
    PhaseChanged,
)
from jarvis_desktop.ui.bridge import Bridge
from jarvis_desktop.ui.global_keys import GlobalKeys, platform_of
from jarvis_desktop.ui.i18n import hint_of, message_of, tr
from jarvis_desktop.ui.mac_typist import MacTypist
from jarvis_desktop.ui.main_window import MainWindow
from jarvis_desktop.ui.notifications import Notifications
from jarvis_desktop.ui.portal import Portal
from jarvis_desktop.ui.portal_typist import PortalTypist
from jarvis_desktop.ui.talk_key import Talk
from jarvis_desktop.ui.tray import Tray
from jarvis_desktop.ui.typist import Typist
from jarvis_desktop.ui.windows_typist import WindowsTypist
from jarvis_desktop.ui.x11_typist import X11Typist

_SERVICES = "/System/Library/Frameworks/ApplicationServices.framework/ApplicationServices"
_SAME_TEXT_S = 60.0  # what is dictated so soon after, into the same window, goes on in the same text

TYPISTS: Mapping[str, Callable[[Portal, QObject], Typist]] = MappingProxyType(
    {
        "xcb": lambda _, parent: X11Typist(parent),
        "wayland": PortalTypist,
        "windows": lambda _, parent: WindowsTypist(ctypes.CDLL("user32"), parent),
        "cocoa": lambda _, parent: MacTypist(ctypes.CDLL(_SERVICES), parent),
    }
)
"""By the name of Qt's platform; they raise OSError where they cannot be."""


class Dictation(QObject):
    """Begins and ends with its keys, types what came of it, and tells what went wrong."""

    def __init__(
        self,
        bridge: Bridge,
        window: MainWindow,
        tray: Tray,
        notifications: Notifications,
        keys: GlobalKeys,
        portal: Portal,
    ) -> None:
        super().__init__(window)
        self._bridge = bridge
        self._window = window
        self._tray = tray
        self._notifications = notifications
        self._keys = keys
        self._portal = portal
        self._talk = Talk(bridge.post, dictate=True)
        self._typist: Typist | None = None
        self._dictating = False
        self._transcribing = False
        self._begun = False  # by the user; the core has not said so yet
        self._absent: JarvisError | None = None  # there is no speech recognition yet
        self._typed: tuple[object, float, str] = (None, 0.0, "")  # where, when and what, the last time
        keys.dictate.pressed.connect(lambda: self._press(self._talk.press))
        keys.dictate.released.connect(self._talk.release)
        keys.cancelled.connect(lambda: bridge.post(Interrupt()))
        bridge.on(PhaseChanged, self._phase_changed)
        bridge.on(PartChanged, self._part_changed)
        bridge.on(Dictated, self._dictated)
        bridge.on(Discarded, self._discarded)
        bridge.on(Failed, self._failed)
        bridge.config_changed.connect(self._take_settings)
        self._take_settings(bridge.settings.current)

    def toggle(self) -> None:
        """Begin, or end what was begun: for what is pressed and never let go."""
        self._press(self._talk.toggle)

    def close(self) -> None:
        """Type no more. Safe to call twice."""
        if self._typist is not None:
            self._typist.close()

    def _take_settings(self, config: Config) -> None:
        self._talk.use_toggle(config.listening.talk_key == "toggle")

    def _press(self, act: Callable[[], None]) -> None:
        if self._transcribing:
            self._bridge.post(Interrupt())
            return
        if not self._dictating:
            try:
                self._make_ready()
            except JarvisError as error:
                self._tell(error)
                return
            self._begun = True
        act()

    def _make_ready(self) -> None:
        """Tell before anything is said what would keep it from being typed. Raises `JarvisError`."""
        if self._absent is not None:
            raise self._absent
        if typist := self._reach():
            typist.prepare()

    def _reach(self) -> Typist | None:
        """What types where the keyboard is; None: that is a window of Jarvis. Raises `DesktopError`."""
        if _has_keyboard():
            return None
        if self._typist is None:
            self._typist = self._open()
            self._typist.failed.connect(self._typing_failed)
        return self._typist

    def _open(self) -> Typist:
        kind = TYPISTS.get(platform_of(QGuiApplication.platformName(), os.environ))
        try:
            if kind is not None:
                return kind(self._portal, self)
        except OSError as error:
            reason = str(error)
        else:
            reason = QGuiApplication.platformName()
        raise DesktopError(
            "desktop.no_typing",
            "Jarvis cannot type into other programs here ({reason}).",
            "Dictate into Jarvis’ own window and copy the text.",
            reason=reason,
        )

    def _phase_changed(self, event: PhaseChanged) -> None:
        self._talk.take_phase(event.phase)
        before, self._dictating = self._dictating, event.dictating
        self._transcribing = event.dictating and event.phase is Phase.THINKING
        if self._dictating == before:
            return
        self._begun = False
        self._keys.hold_escape(self._dictating)
        if self._dictating and not self._tray.available:
            self._notifications.tell(
                tr("Dictating"), tr("What you say is typed into the program that has the keyboard.")
            )

    def _part_changed(self, event: PartChanged) -> None:
        if event.part is Part.TRANSCRIPTION:
            self._absent = event.error if event.state is PartState.ABSENT else None

    def _dictated(self, event: Dictated) -> None:
        composer = self._window.composer
        composer.show_partial("", "")
        typist = None
        try:
            typist = self._reach()  # at the press the keyboard may have been elsewhere
        except DesktopError as error:
            self._tell(error)
        if typist is None:
            composer.insert(event.text)
        else:
            typist.type(self._spaced(typist.place(), event.text))

    def _spaced(self, place: object, text: str) -> str:
        """With a space before it where it goes on after what was dictated last."""
        where, when, last = self._typed
        now = time.monotonic()
        self._typed = (place, now, text)
        goes_on = where == place and now - when < _SAME_TEXT_S and last and not last.endswith("\n")
        return f" {text}" if goes_on and not text.startswith("\n") else text

    def _discarded(self, _event: Discarded) -> None:
        if self._dictating:
            title = tr("Nothing was heard")
            text = tr("Speak once Jarvis shows that it listens. The audio doctor tells whether it hears you.")
            self._notifications.tell(title, text)
            self._window.remark.present(title, text)

    def _failed(self, event: Failed) -> None:
        if not event.turn_id and (self._dictating or self._begun):
            self._begun = False
            self._notify(event.error)  # the window shows it anyway

    def _typing_failed(self, error: JarvisError) -> None:
        if self._dictating or self._begun:
            self._bridge.post(Interrupt())
        self._tell(error)

    def _tell(self, error: JarvisError) -> None:
        self._notify(error)
        self._window.announce(f"{message_of(error)} {hint_of(error)}")
        self._window.notice.present(message_of(error), hint_of(error))

    def _notify(self, error: JarvisError) -> None:
        self._notifications.tell(tr("Dictation"), f"{message_of(error)} {hint_of(error)}".strip())


def _has_keyboard() -> bool:
    return QApplication.activeWindow() is not None

"""Pressing to talk: from raw key events to a turn that begins and ends."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QAccessible

from jarvis_desktop.events import Intent, Phase, PressTalk, ReleaseTalk

RELEASE_DELAY_MS = 80  # some systems send a held key as pairs of release and press

READ_ALOUD_DELAY_MS = 300
"""While a screen reader listens, each event of the keyboard takes a way of its own, of up to 100 ms, through
the bus of accessibility: the press of a pair may come that much later than its release.
"""


class TalkKey(QObject):
    """Turns raw key events into one press and one release."""

    pressed = Signal()
    released = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._held = False
        self._release = QTimer(self, singleShot=True)
        self._release.timeout.connect(self.let_go)

    def key_down(self) -> None:
        """A press arrived, repeated or not."""
        self._release.stop()
        if not self._held:
            self._held = True
            self.pressed.emit()

    def key_up(self) -> None:
        """A release arrived; it counts unless a press follows at once."""
        if self._held:
            self._release.start(READ_ALOUD_DELAY_MS if QAccessible.isActive() else RELEASE_DELAY_MS)

    def let_go(self) -> None:
        """End the hold now, as when the window loses the keyboard."""
        self._release.stop()
        if self._held:
            self._held = False
            self.released.emit()


class Talk:
    """What key and button mean: talk (or dictate) while held, or press once to begin and once to end."""

    def __init__(self, post: Callable[[Intent], None], *, dictate: bool = False) -> None:
        self._post = post
        self._dictate = dictate
        self._toggle = False
        self._talking = False
        self._phase = Phase.IDLE
        self._begun = False  # the core has been seen listening since the press

    def use_toggle(self, on: bool) -> None:
        """Change the habit; a turn begun under the other one ends."""
        if on != self._toggle and self._talking:
            self._end()
        self._toggle = on

    def press(self) -> None:
        if self._toggle:
            self.toggle()
        else:
            self._begin()

    def toggle(self) -> None:
        """Begin to talk, or end it: for what is pressed and never let go, such as a menu."""
        if self._talking:
            self._end()
        else:
            self._begin()

    def release(self) -> None:
        if not self._toggle:
            self._end()

    def take_phase(self, phase: Phase) -> None:
        """The turn may have ended without a second press: a limit, a stop, a lost microphone."""
        self._phase = phase
        if phase is Phase.LISTENING:
            self._begun = True
        elif self._begun:
            self._talking = False

    def _begin(self) -> None:
        self._talking, self._begun = True, self._phase is Phase.LISTENING
        self._post(PressTalk(self._dictate))

    def _end(self) -> None:
        self._talking = False
        self._post(ReleaseTalk(self._dictate))

"""Dictation in the window: its keys, where the words go, and what is told when there are none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from dbus_fast import Message, Variant
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from jarvis_desktop.errors import AudioError, DesktopError, ModelError
from jarvis_desktop.events import (
    Dictated,
    Discarded,
    EarMode,
    Failed,
    Interrupt,
    Part,
    PartChanged,
    PartState,
    Phase,
    PhaseChanged,
    PressTalk,
    ReleaseTalk,
)
from jarvis_desktop.ui import dictation
from jarvis_desktop.ui.application import Desktop
from jarvis_desktop.ui.global_keys import DICTATE
from jarvis_desktop.ui.key_names import combination
from jarvis_desktop.ui.portal_typist import PortalTypist
from jarvis_desktop.ui.single_instance import Wish
from jarvis_desktop.ui.typist import Typist

from .conftest import Pump
from .desktop_bus import Answer, FakeDesktop, fake_desktop
from .driving import play
from .fake_core import FakeCore, FakeSettings
from .test_notifications import TEXT, TITLE, board
from .test_shortcuts import Keyboard, keyboard

__all__ = ["board", "keyboard"]  # fixtures

BEGUN = PhaseChanged(Phase.LISTENING, ears=EarMode.HELD, dictating=True)
WRITING = PhaseChanged(Phase.THINKING, dictating=True)
ENDED = PhaseChanged(Phase.IDLE)


class Paper(Typist):
    """Another program, which takes what is typed."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self.window = "letter"
        self.refuses = False

    def place(self) -> object:
        return self.window

    def send(self, text: str) -> str:
        if self.refuses:
            raise DesktopError("desktop.typing_refused", "It may not be typed there.", "Type it elsewhere.")
        self.text += text
        return ""


@pytest.fixture
def paper(monkeypatch: pytest.MonkeyPatch, app: QApplication) -> Paper:
    other = Paper()
    monkeypatch.setattr(dictation, "TYPISTS", {app.platformName(): lambda *_: other})
    return other


@pytest.fixture
def away(keyboard: Keyboard, ready: Desktop, settings: FakeSettings, pump: Pump) -> Desktop:
    """Another program has the keyboard, and the keys are had."""
    settings.patch({DICTATE: "Ctrl+Alt+D"})
    pump(lambda: bool(keyboard.lent))
    ready.window.hide()
    pump(lambda: QApplication.activeWindow() is None)
    return ready


def test_what_is_said_while_the_keys_are_held_is_typed_into_the_other_program(
    away: Desktop, keyboard: Keyboard, core: FakeCore, paper: Paper, pump: Pump
) -> None:
    keyboard.press("Ctrl+Alt+D")
    pump(lambda: core.posted == [PressTalk(dictate=True), ReleaseTalk(dictate=True)])
    play(core, BEGUN, WRITING, Dictated("Hola, señora."), ENDED)
    assert paper.text == "Hola, señora."
    assert away.window.composer.field.toPlainText() == ""


def test_dictations_into_one_window_are_set_off_from_each_other(
    away: Desktop, core: FakeCore, keyboard: Keyboard, paper: Paper
) -> None:
    keyboard.press("Ctrl+Alt+D")
    for text in ("One.", "Two.\n", "Three."):
        play(core, BEGUN, Dictated(text), ENDED)
    assert paper.text == "One. Two.\nThree."
    paper.window = "table"
    play(core, BEGUN, Dictated("Four."), ENDED)
    assert paper.text == "One. Two.\nThree.Four."


def test_the_window_says_that_it_is_dictation(away: Desktop, core: FakeCore, paper: Paper) -> None:
    play(core, BEGUN)
    assert away.window.windowTitle() == "Dictating – Jarvis"
    assert "typed" in away.window.composer.mic.accessibleDescription()
    play(core, ENDED)
    assert away.window.windowTitle() == "Jarvis"


def test_escape_is_taken_from_the_other_programs_for_as_long_as_it_drops_the_dictation(
    away: Desktop, core: FakeCore, keyboard: Keyboard, paper: Paper
) -> None:
    escapes = {combination("Esc"), combination("Ctrl+Alt+Esc")}
    assert not escapes & set(keyboard.lent.values())
    play(core, BEGUN)
    assert escapes <= set(keyboard.lent.values())
    keyboard.press("Esc", repeats=1)
    assert core.wishes == [Interrupt()]
    play(core, ENDED)
    assert not escapes & set(keyboard.lent.values())


def test_the_keys_pressed_again_drop_what_is_still_becoming_text(
    away: Desktop, core: FakeCore, settings: FakeSettings, paper: Paper
) -> None:
    settings.patch({"listening.talk_key": "toggle"})
    QTest.qWait(1)
    for _ in range(2):
        away.obey(Wish.DICTATE)
    assert core.posted == [PressTalk(dictate=True), ReleaseTalk(dictate=True)]
    play(core, BEGUN, WRITING)
    away.obey(Wish.DICTATE)
    assert core.posted[-1] == Interrupt()
    play(core, ENDED)
    away.obey(Wish.DICTATE)
    assert core.posted[-1] == PressTalk(dictate=True)


def test_with_the_keyboard_in_jarvis_the_words_go_into_its_field(
    ready: Desktop, core: FakeCore, paper: Paper, pump: Pump
) -> None:
    pump(lambda: QApplication.activeWindow() is not None)
    QTest.keyClicks(ready.window.composer.field, "Well,")
    ready.obey(Wish.DICTATE)
    play(core, BEGUN, WRITING, Dictated("what time is it?"), ENDED)
    assert ready.window.composer.field.toPlainText() == "Well, what time is it?"
    assert paper.text == ""


def dictate_and_leave(ready: Desktop, core: FakeCore, pump: Pump) -> None:
    """Dictation begins in the window, and another program has the keyboard before there are words."""
    pump(lambda: QApplication.activeWindow() is not None)
    ready.obey(Wish.DICTATE)
    play(core, BEGUN, WRITING)
    ready.window.hide()
    pump(lambda: QApplication.activeWindow() is None)


def test_words_go_where_the_keyboard_is_when_they_have_become_text(
    ready: Desktop, core: FakeCore, paper: Paper, pump: Pump
) -> None:
    dictate_and_leave(ready, core, pump)
    play(core, Dictated("There."), ENDED)
    assert paper.text == "There."
    assert ready.window.composer.field.toPlainText() == ""


def test_where_no_program_types_the_words_of_a_dictation_are_kept_in_the_window(
    ready: Desktop, core: FakeCore, pump: Pump
) -> None:
    dictate_and_leave(ready, core, pump)
    play(core, Dictated("Kept."), ENDED)
    assert ready.window.composer.field.toPlainText() == "Kept."
    assert "cannot type into other programs" in ready.window.notice.message


def test_nothing_is_typed_into_a_window_of_jarvis_that_got_the_keyboard_meanwhile(
    away: Desktop, core: FakeCore, paper: Paper, pump: Pump
) -> None:
    away.obey(Wish.DICTATE)
    play(core, BEGUN, WRITING)
    away.open_settings()
    pump(lambda: QApplication.activeWindow() is not None)
    play(core, Dictated("Here."), ENDED)
    assert away.window.composer.field.toPlainText() == "Here."
    assert paper.text == ""


def told(board: FakeDesktop, pump: Pump, title: str) -> str:
    """The text of the message with that title."""

    def texts() -> list[str]:
        return [call[TEXT] for call in board.called("Notify") if call[TITLE] == title]

    pump(lambda: bool(texts()))
    return texts()[0]


def test_that_nothing_was_heard_is_told(
    board: FakeDesktop, away: Desktop, core: FakeCore, paper: Paper, pump: Pump
) -> None:
    play(core, BEGUN, Discarded("no-words", 1.0), ENDED)
    assert "audio doctor" in told(board, pump, "Nothing was heard")
    play(core, PhaseChanged(Phase.LISTENING), Discarded("no-words", 2.0))  # no dictation
    QTest.qWait(20)
    assert [call[TITLE] for call in board.called("Notify")].count("Nothing was heard") == 1


def test_where_there_is_no_tray_a_message_tells_that_dictation_began(
    board: FakeDesktop, away: Desktop, core: FakeCore, paper: Paper, pump: Pump
) -> None:
    play(core, BEGUN)
    assert "typed into the program" in told(board, pump, "Dictating")


def test_a_microphone_that_cannot_be_opened_is_told(
    board: FakeDesktop, away: Desktop, core: FakeCore, paper: Paper, pump: Pump
) -> None:
    away.obey(Wish.DICTATE)
    missing = AudioError("audio.no_input", "No microphone was found.", "Connect one.")
    play(core, Failed(missing), BEGUN, ENDED)
    assert told(board, pump, "Dictation") == "No microphone was found. Connect one."


def test_without_speech_recognition_nothing_is_recorded_in_vain(
    board: FakeDesktop, away: Desktop, core: FakeCore, paper: Paper, pump: Pump
) -> None:
    missing = ModelError("model.missing", "whisper-base was not fetched.", "Fetch it.")
    play(core, PartChanged(Part.TRANSCRIPTION, PartState.ABSENT, "whisper-base", error=missing))
    away.obey(Wish.DICTATE)
    assert told(board, pump, "Dictation") == "whisper-base was not fetched. Fetch it."
    assert core.posted == []
    play(core, PartChanged(Part.TRANSCRIPTION, PartState.READY, "whisper-base"))
    away.obey(Wish.DICTATE)
    assert core.posted == [PressTalk(dictate=True)]


def test_a_program_that_may_not_be_typed_into_is_told(
    board: FakeDesktop, away: Desktop, core: FakeCore, paper: Paper, pump: Pump
) -> None:
    paper.refuses = True
    away.obey(Wish.DICTATE)
    play(core, BEGUN, Dictated("Words."), ENDED)
    assert told(board, pump, "Dictation") == "It may not be typed there. Type it elsewhere."


def test_a_desktop_where_no_program_types_is_told_before_anything_is_said(
    away: Desktop, core: FakeCore, pump: Pump
) -> None:
    away.obey(Wish.DICTATE)
    assert "cannot type into other programs" in away.window.notice.message
    assert core.posted == []


# --- the portal of Linux desktops, as on Wayland ----------------------------------------------------------

PORTAL = "/org/freedesktop/portal/desktop"


class Portal:
    """Lends the keyboard as the portal does: asked step by step, and the user may say no."""

    def __init__(self, desktop: FakeDesktop) -> None:
        self.desktop = desktop
        self.allows = True
        desktop.answers = {
            "Register": lambda _: ("", []),
            "CreateSession": self._create,
            "SelectDevices": lambda message: self._later(message.body[-1], {}),
            "Start": self._start,
            "NotifyKeyboardKeysym": lambda _: ("", []),
            "Close": lambda _: ("", []),
        }

    @property
    def typed(self) -> str:
        """What was typed, by the symbols of the keys that went down."""
        notified = self.desktop.called("NotifyKeyboardKeysym")
        assert all(state == (place + 1) % 2 for place, (*_, state) in enumerate(notified))
        symbols = [symbol for _, _, symbol, down in notified if down]
        return "".join("\n" if symbol == 0xFF0D else chr(symbol & 0xFFFFFF) for symbol in symbols)

    def _create(self, message: Message) -> Answer:
        options = message.body[0]
        session = f"{PORTAL}/session/1/{options['session_handle_token'].value}"
        return self._later(options, {"session_handle": Variant("s", session)})

    def _start(self, message: Message) -> Answer:
        devices = {"devices": Variant("u", 1)} if self.allows else {}
        return self._later(message.body[-1], devices, 0 if self.allows else 1)

    def _later(self, options: dict[str, Variant], results: dict[str, Variant], code: int = 0) -> Answer:
        request = f"{PORTAL}/request/1/{options['handle_token'].value}"
        body = [code, results]
        self.desktop.signal(request, "org.freedesktop.portal.Request", "Response", "ua{sv}", body)
        return "o", [request]


@pytest.fixture
def portal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, app: QApplication) -> Iterator[Portal]:
    monkeypatch.setattr(dictation, "TYPISTS", {app.platformName(): PortalTypist})
    with fake_desktop(tmp_path, monkeypatch, "org.freedesktop.portal.Desktop") as desktop:
        yield Portal(desktop)


def test_the_portal_types_and_asks_for_leave_once(
    portal: Portal, away: Desktop, core: FakeCore, pump: Pump
) -> None:
    text = "¿Cuánto? 5 €\nNiño"
    for expected in (text, f"{text} {text}"):
        away.obey(Wish.DICTATE)
        play(core, BEGUN, Dictated(text), ENDED)
        pump(lambda expected=expected: portal.typed == expected)  # type: ignore[misc]
    assert len(portal.desktop.called("Start")) == 1


def test_without_leave_the_dictation_ends_and_it_is_told(
    portal: Portal, away: Desktop, core: FakeCore, pump: Pump
) -> None:
    portal.allows = False
    away.obey(Wish.DICTATE)
    pump(lambda: "does not let Jarvis type" in away.window.notice.message)
    assert core.posted == [PressTalk(dictate=True), Interrupt()]
    play(core, ENDED)
    portal.allows = True
    away.obey(Wish.DICTATE)
    play(core, BEGUN, Dictated("Now."), ENDED)
    pump(lambda: portal.typed == "Now.")

"""Keys of the whole desktop: chosen by pressing them, lent, and what is said when they are not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from dbus_fast import Message, Variant
from PySide6.QtCore import QKeyCombination, QObject, Qt, Signal
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from jarvis_desktop.events import PressTalk, ReleaseTalk
from jarvis_desktop.ui import global_keys
from jarvis_desktop.ui.application import Desktop
from jarvis_desktop.ui.global_keys import SHOW, TALK, platform_of
from jarvis_desktop.ui.key_names import Trouble, combination, keysym, portal_trigger, takes_from_others
from jarvis_desktop.ui.portal_keys import PortalKeys
from jarvis_desktop.ui.settings_dialog import SettingsDialog

from .conftest import Pump
from .desktop_bus import Answer, FakeDesktop, fake_desktop
from .fake_core import FakeCore, FakeSettings


class Keyboard(QObject):
    """A desktop that lends all keys but F12."""

    pausable = True

    pressed = Signal(str)
    released = Signal(str)
    refused = Signal(object)
    changed = Signal()

    lent: Mapping[str, QKeyCombination] = {}

    def bind(self, wanted: Mapping[str, QKeyCombination]) -> None:
        taken = [name for name, keys in wanted.items() if keys == combination("F12")]
        self.lent = {name: keys for name, keys in wanted.items() if name not in taken}
        self.refused.emit(dict.fromkeys(taken, Trouble.TAKEN))

    def close(self) -> None:
        self.lent = {}

    def press(self, text: str, *, repeats: int = 3) -> None:
        """Hold keys until they repeat."""
        for name, keys in self.lent.items():
            if keys == combination(text):
                for _ in range(repeats):
                    self.pressed.emit(name)
                    self.released.emit(name)


@pytest.fixture
def keyboard(monkeypatch: pytest.MonkeyPatch, app: QApplication) -> Keyboard:
    lender = Keyboard()
    monkeypatch.setattr(global_keys, "KEYBOARDS", {app.platformName(): lambda *_: lender})
    return lender


@pytest.fixture
def dialog(desktop: Desktop) -> SettingsDialog:
    desktop.open_settings("desktop")
    assert desktop._dialog is not None
    return desktop._dialog


def press_into(dialog: SettingsDialog, key: str, pressed: Qt.Key, *held: Qt.KeyboardModifier) -> None:
    """Choose keys by pressing them, and apply."""
    modifiers = Qt.KeyboardModifier.NoModifier
    for modifier in held:
        modifiers |= modifier
    editor = dialog.fields[key].editor.widget
    editor.setFocus()
    QTest.keyClick(editor, pressed, modifiers)
    dialog._apply.click()
    dialog.search.setFocus()


def test_held_keys_talk_from_anywhere_and_count_once(
    keyboard: Keyboard, ready: Desktop, core: FakeCore, settings: FakeSettings, pump: Pump
) -> None:
    settings.patch({TALK: "Ctrl+Alt+Space"})
    pump(lambda: bool(keyboard.lent))
    keyboard.press("Ctrl+Alt+Space")
    assert core.posted == [PressTalk()]
    pump(lambda: core.posted == [PressTalk(), ReleaseTalk()])


def test_the_keys_obey_the_habit_of_the_talk_key(
    keyboard: Keyboard, ready: Desktop, core: FakeCore, settings: FakeSettings, pump: Pump
) -> None:
    settings.patch({TALK: "F9", "listening.talk_key": "toggle"})
    pump(lambda: bool(keyboard.lent))
    for posted in ([PressTalk()], [PressTalk(), ReleaseTalk()]):
        keyboard.press("F9")
        ready.keys.talk.let_go()
        assert core.posted == posted


def test_keys_bring_the_window_and_put_it_away(
    keyboard: Keyboard, ready: Desktop, settings: FakeSettings, pump: Pump
) -> None:
    settings.patch({SHOW: "Meta+J"})
    pump(lambda: bool(keyboard.lent))
    keyboard.press("Meta+J")
    pump(lambda: not ready.window.in_front)
    ready.keys.show.let_go()
    keyboard.press("Meta+J")
    pump(lambda: ready.window.in_front)


def test_keys_are_chosen_by_pressing_and_taken_away_by_backspace(
    keyboard: Keyboard, dialog: SettingsDialog, settings: FakeSettings, pump: Pump
) -> None:
    press_into(dialog, TALK, Qt.Key.Key_Space, Qt.KeyboardModifier.ControlModifier)
    assert settings.current.desktop.talk_shortcut == "Ctrl+Space"
    pump(lambda: keyboard.lent == {TALK: combination("Ctrl+Space")})
    editor = dialog.fields[TALK].editor.widget
    assert editor.accessibleName() == "Talk from anywhere: Ctrl+Space"
    press_into(dialog, TALK, Qt.Key.Key_Backspace)
    assert editor.accessibleName() == "Talk from anywhere"
    assert settings.current.desktop.talk_shortcut == ""
    pump(lambda: keyboard.lent == {})


def test_while_keys_are_chosen_none_does_its_work(
    keyboard: Keyboard, dialog: SettingsDialog, settings: FakeSettings, pump: Pump
) -> None:
    settings.patch({TALK: "F9"})
    pump(lambda: bool(keyboard.lent))
    dialog.fields[TALK].editor.widget.setFocus()
    assert keyboard.lent == {}
    dialog.search.setFocus()
    assert keyboard.lent == {TALK: combination("F9")}


@pytest.mark.parametrize(
    ("chosen", "key", "told"),
    [
        ({TALK: "F12"}, TALK, "Another program"),
        ({TALK: "A"}, TALK, "no longer type"),
        ({TALK: "Space"}, TALK, "no longer type"),
        ({SHOW: "Ctrl+N"}, SHOW, "window uses"),
        ({TALK: "F9", SHOW: "F9"}, SHOW, "same keys"),
        ({TALK: "no such key"}, TALK, "no keys"),
    ],
)
def test_a_conflict_is_told_beside_the_setting_and_goes_with_it(
    keyboard: Keyboard,
    dialog: SettingsDialog,
    settings: FakeSettings,
    pump: Pump,
    chosen: dict[str, str],
    key: str,
    told: str,
) -> None:
    settings.patch(chosen)
    pump(lambda: told in dialog.fields[key].trouble)
    assert key not in keyboard.lent
    settings.patch({TALK: "", SHOW: "F8"})
    pump(lambda: dialog.fields[key].trouble == "")
    assert keyboard.lent == {SHOW: combination("F8")}


def test_what_is_wrong_stays_said_until_other_keys_are_chosen(
    keyboard: Keyboard, dialog: SettingsDialog, settings: FakeSettings, pump: Pump
) -> None:
    field = dialog.fields[TALK]
    settings.patch({TALK: "F12"})
    pump(lambda: bool(field.trouble))
    field.editor.widget.setFocus()
    QTest.keyClick(field.editor.widget, Qt.Key.Key_F8)
    assert field.trouble == ""
    dialog._discard.click()
    assert "Another program" in field.trouble
    settings.patch({"look.font_scale": 1.5})
    pump(lambda: dialog.fields["look.font_scale"].value == 1.5)
    assert "Another program" in field.trouble


@pytest.mark.parametrize(
    ("platform", "environ", "keys_of"),
    [
        ("xcb", {"DISPLAY": ":0"}, "xcb"),
        ("xcb", {"DISPLAY": ":0", "WAYLAND_DISPLAY": "wayland-0"}, "wayland"),
        ("wayland", {"WAYLAND_DISPLAY": "wayland-0"}, "wayland"),
        ("cocoa", {}, "cocoa"),
    ],
)
def test_a_guest_of_wayland_asks_the_portal(platform: str, environ: dict[str, str], keys_of: str) -> None:
    assert platform_of(platform, environ) == keys_of


def test_a_desktop_that_lends_no_keys_leads_to_the_command(
    dialog: SettingsDialog, settings: FakeSettings, pump: Pump
) -> None:
    settings.patch({TALK: "F9"})
    pump(lambda: "jarvis run --talk" in dialog.fields[TALK].trouble)


@pytest.mark.parametrize(
    ("text", "symbol", "trigger"),
    [
        ("Ctrl+Alt+Space", 0x20, "CTRL+ALT+space"),
        ("Meta+J", 0x6A, "LOGO+j"),
        ("Shift+F9", 0xFFC6, "SHIFT+F9"),
        ("Ctrl+.", 0x2E, "CTRL+period"),
        ("Pause", 0xFF13, "Pause"),
        ("Ctrl+Ж", 0x01000436, ""),
    ],
)
def test_keys_are_named_as_the_desktop_names_them(text: str, symbol: int, trigger: str) -> None:
    keys = combination(text)
    assert keys is not None
    assert keysym(keys.key()) == symbol
    assert portal_trigger(keys) == trigger


@pytest.mark.parametrize("text", ["Shift+A", "Return", "Esc", "Tab", "Up", "5"])
def test_keys_that_others_need_are_not_taken(text: str) -> None:
    keys = combination(text)
    assert keys is not None
    assert takes_from_others(keys)


# --- the portal of Linux desktops, as on Wayland ----------------------------------------------------------

PORTAL = "/org/freedesktop/portal/desktop"
SHORTCUTS = "org.freedesktop.portal.GlobalShortcuts"


class Portal:
    """Answers as the portal does: later, by a signal of a request, and only to who said its name before."""

    def __init__(self, desktop: FakeDesktop) -> None:
        self.desktop = desktop
        self.bound: dict[str, str] = {}  # name -> wished keys
        self.refuses: set[str] = set()
        self.cancelled = False
        desktop.answers = {
            "Register": lambda message: ("", []),
            "CreateSession": self._create,
            "BindShortcuts": self._bind,
            "Close": self._close,
        }

    def say(self, member: str, name: str) -> None:
        """A key went down (``Activated``) or up."""
        body = [self._session, name, 0, {}]
        self.desktop.signal(PORTAL, SHORTCUTS, member, "osta{sv}", body)

    def _create(self, message: Message) -> Answer:
        assert self.desktop.called("Register")
        options = message.body[0]
        self._session = f"{PORTAL}/session/1/{options['session_handle_token'].value}"
        return self._later(options, {"session_handle": Variant("s", self._session)})

    def _bind(self, message: Message) -> Answer:
        session, shortcuts, _window, options = message.body
        assert session == self._session
        lent = [[name, about] for name, about in shortcuts if name not in self.refuses]
        if not self.cancelled:
            self.bound = {name: about["preferred_trigger"].value for name, about in lent}
        return self._later(options, {"shortcuts": Variant("a(sa{sv})", lent)})

    def _close(self, message: Message) -> Answer:
        self.bound = {}
        return "", []

    def _later(self, options: dict[str, Variant], results: dict[str, Variant]) -> Answer:
        request = f"{PORTAL}/request/1/{options['handle_token'].value}"
        body = [1 if self.cancelled else 0, results]
        self.desktop.signal(request, "org.freedesktop.portal.Request", "Response", "ua{sv}", body)
        return "o", [request]


@pytest.fixture
def portal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, app: QApplication) -> Iterator[Portal]:
    monkeypatch.setattr(global_keys, "KEYBOARDS", {app.platformName(): PortalKeys})
    with fake_desktop(tmp_path, monkeypatch, "org.freedesktop.portal.Desktop") as desktop:
        yield Portal(desktop)


def test_the_portal_lends_keys_that_talk_while_they_are_held(
    portal: Portal, ready: Desktop, core: FakeCore, settings: FakeSettings, pump: Pump
) -> None:
    settings.patch({TALK: "Ctrl+Alt+Space", SHOW: "Meta+J"})
    pump(lambda: portal.bound == {TALK: "CTRL+ALT+space", SHOW: "LOGO+j"})
    pump(lambda: bool(ready.keys._keyboard and not ready.keys._portal._waiting))  # type: ignore[union-attr]
    portal.say("Activated", TALK)
    pump(lambda: core.posted == [PressTalk()])
    portal.say("Deactivated", TALK)
    pump(lambda: core.posted == [PressTalk(), ReleaseTalk()])


def test_other_keys_are_asked_for_in_a_new_session(
    portal: Portal, ready: Desktop, settings: FakeSettings, pump: Pump
) -> None:
    settings.patch({TALK: "F9"})
    pump(lambda: portal.bound == {TALK: "F9"})
    settings.patch({TALK: "F8"})
    pump(lambda: portal.bound == {TALK: "F8"})
    settings.patch({TALK: ""})
    pump(lambda: portal.bound == {})
    assert len(portal.desktop.called("Close")) == 2


def test_what_the_portal_or_the_user_does_not_lend_is_told(
    portal: Portal, dialog: SettingsDialog, settings: FakeSettings, pump: Pump
) -> None:
    portal.refuses = {SHOW}
    settings.patch({TALK: "F9", SHOW: "F8"})
    pump(lambda: "does not lend" in dialog.fields[SHOW].trouble)
    assert dialog.fields[TALK].trouble == ""
    portal.cancelled = True
    settings.patch({TALK: "F7", SHOW: ""})
    pump(lambda: dialog.fields[TALK].trouble != "")


def test_a_desktop_without_the_portal_leads_to_the_command(
    monkeypatch: pytest.MonkeyPatch,
    app: QApplication,
    dialog: SettingsDialog,
    settings: FakeSettings,
    pump: Pump,
) -> None:
    monkeypatch.setattr(global_keys, "KEYBOARDS", {app.platformName(): PortalKeys})
    settings.patch({TALK: "F9"})
    pump(lambda: "jarvis run --talk" in dialog.fields[TALK].trouble)

"""Less motion and dark colours, at once and everywhere, by the user's setting or by the system's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from dbus_fast import Message, Variant
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QProgressBar, QWidget

from jarvis_desktop.events import Part, PartChanged, PartState, Phase, PhaseChanged
from jarvis_desktop.ui.application import Desktop
from jarvis_desktop.ui.main_window import MainWindow
from jarvis_desktop.ui.theme import DARK, LIGHT

from .conftest import Pump
from .desktop_bus import Answer, FakeDesktop, fake_desktop
from .driving import play
from .fake_core import FakeCore, FakeSettings

GNOME = ("org.gnome.desktop.interface", "enable-animations")
COLOURS = ("org.freedesktop.appearance", "color-scheme")


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeDesktop]:
    """A desktop whose user has switched animations off, and nothing else."""

    def read(message: Message) -> Answer:
        return "v", [Variant("b", False) if tuple(message.body) == GNOME else Variant("s", "no such thing")]

    with fake_desktop(tmp_path, monkeypatch, "org.freedesktop.portal.Desktop") as desktop:
        desktop.answers = {"ReadOne": read}
        yield desktop


def change(system: FakeDesktop, setting: tuple[str, str], value: Variant) -> None:
    """The user changes a setting of the desktop."""
    path, interface = "/org/freedesktop/portal/desktop", "org.freedesktop.portal.Settings"
    system.signal(path, interface, "SettingChanged", "ssv", [*setting, value])


def busy(window: MainWindow, core: FakeCore) -> None:
    """All that moves is to be seen, but for the caret."""
    window.composer.field.clearFocus()
    play(core, PartChanged(Part.ENGINE, PartState.LOADING), PhaseChanged(Phase.THINKING))


def moving(window: QWidget) -> bool:
    """Whether anything looks other after a while."""
    bars = [bar for bar in window.findChildren(QProgressBar) if bar.isVisible()]
    assert bars
    return _changes(window) or any(bar.maximum() == 0 for bar in bars)


def _changes(window: QWidget) -> bool:
    QTest.qWait(50)  # what was changed before is drawn
    before = window.grab().toImage()
    QTest.qWait(80)
    return bool(window.grab().toImage() != before)


def test_the_setting_stops_what_moves_and_lets_it_go_on(
    ready: Desktop, core: FakeCore, settings: FakeSettings, pump: Pump
) -> None:
    busy(ready.window, core)
    assert moving(ready.window)
    settings.patch({"look.reduced_motion": "on"})
    pump(lambda: not ready.theme.animated)
    assert not moving(ready.window)
    settings.patch({"look.reduced_motion": "off"})
    pump(lambda: ready.theme.animated)
    assert moving(ready.window)


def test_the_system_is_followed_while_it_changes(
    system: FakeDesktop, ready: Desktop, core: FakeCore, pump: Pump
) -> None:
    pump(lambda: not ready.theme.animated)
    busy(ready.window, core)
    assert not moving(ready.window)
    change(system, GNOME, Variant("b", True))
    pump(lambda: ready.theme.animated)
    assert moving(ready.window)


def test_the_setting_wins_over_the_system(
    system: FakeDesktop, ready: Desktop, settings: FakeSettings, pump: Pump
) -> None:
    pump(lambda: not ready.theme.animated)
    settings.patch({"look.reduced_motion": "off"})
    pump(lambda: ready.theme.animated)


def test_dark_and_light_follow_the_system_where_qt_does_not_know_it(
    system: FakeDesktop, ready: Desktop, settings: FakeSettings, pump: Pump
) -> None:
    pump(lambda: not ready.theme.animated)  # its answers have come
    settings.patch({"look.theme": "auto"})
    for value, tokens in ((1, DARK), (2, LIGHT), (1, DARK), (0, LIGHT)):
        change(system, COLOURS, Variant("u", value))
        pump(lambda tokens=tokens: ready.theme.tokens is tokens)
    settings.patch({"look.theme": "light"})
    change(system, COLOURS, Variant("u", 1))
    pump(lambda: ready._system.dark)
    assert ready.theme.tokens is LIGHT

"""Events cross from the core's thread to the window: in order, on the GUI thread, losing no reference."""

from __future__ import annotations

import subprocess
import sys
import threading

from PySide6.QtCore import QObject, Signal

from jarvis_desktop.events import PlaybackStarted, ReplyToken
from jarvis_desktop.ui.bridge import Bridge

from .conftest import Pump
from .fake_core import FakeCore, FakeSettings


def test_events_of_another_thread_arrive_in_order_on_the_gui_thread(pump: Pump) -> None:
    core = FakeCore()
    bridge = Bridge(core, FakeSettings())
    heard: list[tuple[str, int]] = []
    bridge.on(ReplyToken, lambda event: heard.append((event.text, threading.get_ident())))
    bridge.connect_core()
    sender = threading.Thread(target=lambda: core.emit(*(ReplyToken("t", str(n)) for n in range(500))))
    sender.start()
    pump(lambda: len(heard) == 500)
    sender.join()
    assert [text for text, _ in heard] == [str(n) for n in range(500)]
    assert {thread for _, thread in heard} == {threading.get_ident()}


def test_nothing_is_delivered_after_disconnecting(pump: Pump) -> None:
    core = FakeCore()
    bridge = Bridge(core, FakeSettings())
    heard: list[ReplyToken] = []
    bridge.on(ReplyToken, heard.append)
    bridge.connect_core()
    core.emit(ReplyToken("t", "a"))
    pump(lambda: len(heard) == 1)
    bridge.disconnect_core()
    core.emit(ReplyToken("t", "b"))
    assert [event.text for event in heard] == ["a"]


def test_a_changed_setting_arrives_from_any_thread(pump: Pump) -> None:
    settings = FakeSettings()
    bridge = Bridge(FakeCore(), settings)
    themes: list[str] = []
    bridge.config_changed.connect(lambda config: themes.append(config.look.theme))
    bridge.connect_core()
    changer = threading.Thread(target=lambda: settings.patch({"look.theme": "dark"}))
    changer.start()
    changer.join()
    pump(lambda: themes == ["dark"])


class _Sender(QObject):
    happened = Signal(object)


def test_signals_and_void_calls_drop_no_references(pump: Pump) -> None:
    """PySide6 6.12.0 on Python 3.11 loses a reference with each; the process dies after some thousands."""
    core, sender = FakeCore(), _Sender()
    bridge = Bridge(core, FakeSettings())
    heard = 0

    def count(_: object) -> None:
        nonlocal heard
        heard += 1

    bridge.on(PlaybackStarted, count)
    sender.happened.connect(count)
    bridge.connect_core()
    event = PlaybackStarted("t")
    before = (sys.getrefcount(None), sys.getrefcount(event))
    for _ in range(5000):
        core.emit(event)
        sender.happened.emit(event)
        sender.blockSignals(False)
        sender.setObjectName("")
    pump(lambda: heard == 10_000)
    after = (sys.getrefcount(None), sys.getrefcount(event))
    assert abs(after[0] - before[0]) < 500
    assert abs(after[1] - before[1]) < 5


def test_the_window_imports_nothing_heavy() -> None:
    code = (
        "import sys, jarvis_desktop.ui.application;"
        "print([m for m in ('numpy', 'httpx', 'sounddevice', 'faster_whisper', 'qtawesome', 'asyncio')"
        " if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

"""A window without a screen: every test fails on what Qt complains about."""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable, Iterator

os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ["DBUS_SESSION_BUS_ADDRESS"] = "unix:path=/nonexistent"  # the tester's own desktop is left alone

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QtMsgType, qInstallMessageHandler
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from jarvis_desktop.config.schema import Config
from jarvis_desktop.events import ConversationOpened
from jarvis_desktop.ui.application import Desktop, application

from .fake_core import FakeCore, FakeSettings

PATIENCE_S = 10.0
# Said by the offscreen platform about itself.
_HARMLESS = ("This plugin does not support",)

Pump = Callable[[Callable[[], bool]], None]


@pytest.fixture(scope="session")
def app() -> QApplication:
    return application()


@pytest.fixture(autouse=True)
def no_qt_complaints(app: QApplication) -> Iterator[None]:
    """A test fails when Qt warns."""
    said: list[str] = []

    def note(kind: QtMsgType, _context: object, text: str) -> None:
        if kind is not QtMsgType.QtDebugMsg and not text.startswith(_HARMLESS):
            said.append(text)

    previous = qInstallMessageHandler(note)
    yield
    app.processEvents()
    qInstallMessageHandler(previous)
    assert not said


@pytest.fixture(autouse=True)
def no_widget_left(app: QApplication) -> Iterator[None]:
    """A test fails when widgets outlive it: each later change of the look would style them anew."""
    yield
    for _ in range(2):  # only a running event loop would delete them; some take others along
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    if app.topLevelWidgets():
        gc.collect()  # windows and what they are connected to refer to each other
    assert app.topLevelWidgets() == []


@pytest.fixture
def pump(app: QApplication) -> Pump:
    """Runs the event loop until a condition holds; fails when it does not come to hold."""

    def until(condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < deadline, "what was waited for did not happen"
            app.processEvents()
            time.sleep(0.001)

    return until


@pytest.fixture
def core() -> FakeCore:
    return FakeCore()


@pytest.fixture
def settings() -> FakeSettings:
    return FakeSettings(Config.model_validate({"look": {"language": "en", "theme": "light"}}))


@pytest.fixture
def desktop(app: QApplication, core: FakeCore, settings: FakeSettings, pump: Pump) -> Iterator[Desktop]:
    """The whole window on a fake core, open and started."""
    opened = Desktop(app, core, settings)
    opened.open()
    pump(lambda: core.running)
    yield opened
    opened.quit()
    opened.close()
    opened.window.deleteLater()
    opened.deleteLater()
    opened.language.use("en")


@pytest.fixture
def ready(desktop: Desktop, core: FakeCore) -> Desktop:
    """The window in an empty conversation."""
    core.emit(ConversationOpened("c1", ()))
    QTest.qWait(1)
    core.posted.clear()
    return desktop

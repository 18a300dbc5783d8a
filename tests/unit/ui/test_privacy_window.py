"""The privacy window: the seal, the list of connections, what is stored, and the deletion of everything."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from jarvis_desktop.errors import ConfigError, StorageError
from jarvis_desktop.events import (
    ClearLedger,
    Connection,
    ConnectionNoted,
    DeleteEverything,
    ErasingBegun,
    Failed,
    PrivacyShown,
    Reason,
    Seal,
    ShowPrivacy,
    Stored,
    StoredKind,
)
from jarvis_desktop.ui.application import Desktop
from jarvis_desktop.ui.privacy_window import PrivacyWindow
from jarvis_desktop.ui.widgets import ElidedLabel

from .conftest import Pump
from .driving import play, texts
from .fake_core import FakeCore, FakeSettings

DOWNLOAD = Connection(
    "1", 1e9, "models.example", 443, "models", Reason.MODEL_DOWNLOAD, True, "tiny.gguf", 2_500_000
)
REFUSED = Connection("2", 2e9, "192.0.2.9", 80, "node", Reason.UNEXPECTED, False)
STORED = tuple(Stored(kind, Path(f"/home/ana/{kind}"), 5_000_000, 7) for kind in StoredKind)


@pytest.fixture
def privacy(ready: Desktop, core: FakeCore) -> PrivacyWindow:
    """Open, with two connections and seven of each kind stored."""
    window = ready.privacy.open()
    play(core, PrivacyShown((REFUSED, DOWNLOAD), STORED, Seal.SYSTEM))
    return window


def rows(window: PrivacyWindow) -> list[str]:
    return [window.list.item(index).text() for index in range(window.list.count())]


def test_keys_open_it_and_it_asks_what_there_is(ready: Desktop, core: FakeCore, pump: Pump) -> None:
    QTest.keyClick(
        ready.window,
        Qt.Key.Key_P,
        Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier,
    )
    pump(lambda: ShowPrivacy() in core.posted)


def test_connections_say_where_to_why_and_how_it_ended_and_are_found(privacy: PrivacyWindow) -> None:
    refused, download = rows(privacy)
    assert "192.0.2.9:80" in refused
    assert "Refused, unexpected" in refused
    assert "node" in refused
    assert "models.example:443 – Allowed" in download
    assert "tiny.gguf" in download
    assert "2.5 MB" in download

    privacy.search.setText("TINY")
    assert rows(privacy) == [download]
    privacy.search.clear()
    privacy.filter.setCurrentIndex(privacy.filter.findData("refused"))
    assert rows(privacy) == [refused]


def test_a_connection_shows_while_the_window_is_open(privacy: PrivacyWindow, core: FakeCore) -> None:
    play(
        core, ConnectionNoted(Connection("3", 3e9, "new.example", 443, "engine", Reason.REMOTE_ENGINE, True))
    )
    assert rows(privacy)[0].startswith("new.example")


def test_the_seal_is_switched_and_says_how_strong_it_is(
    privacy: PrivacyWindow, core: FakeCore, settings: FakeSettings, pump: Pump
) -> None:
    strong = "The system holds"
    assert strong not in texts(privacy)
    QTest.keyClick(privacy.offline, Qt.Key.Key_Space)
    assert settings.current.privacy.offline
    pump(lambda: strong in texts(privacy))
    play(core, PrivacyShown((), STORED, Seal.PROGRAM))
    assert "cannot hold engines and tool servers" in texts(privacy)


def test_a_switch_that_is_refused_goes_back_and_says_why(
    privacy: PrivacyWindow, settings: FakeSettings
) -> None:
    settings.refused = ConfigError("config.unwritable", "The settings cannot be written.")
    QTest.keyClick(privacy.offline, Qt.Key.Key_Space)
    assert not privacy.offline.isChecked()
    assert privacy.notice.message == "The settings cannot be written."


def test_the_list_is_cleared_after_a_question(privacy: PrivacyWindow, core: FakeCore) -> None:
    privacy.clear.click()
    assert ClearLedger() not in core.posted
    privacy.told.button.click()
    assert core.posted[-1] == ClearLedger()


def test_everything_is_deleted_after_one_question_by_keys_and_jarvis_closes(
    privacy: PrivacyWindow, ready: Desktop, core: FakeCore, pump: Pump
) -> None:
    storage = privacy.storage
    paths = [label.full_text() for label in storage.findChildren(ElidedLabel)]
    assert paths == [str(each.path) for each in STORED]
    storage.delete.click()
    assert storage.keep.hasFocus() or not privacy.isActiveWindow()  # the safe answer is at hand
    assert "chats: 7 · 5.0 MB" in texts(storage)
    QTest.keyClick(privacy, Qt.Key.Key_Escape)
    pump(lambda: not storage.asking)
    assert not any(isinstance(intent, DeleteEverything) for intent in core.posted)

    storage.delete.click()
    QTest.keyClick(storage.models, Qt.Key.Key_Space)
    QTest.keyClick(storage.confirm, Qt.Key.Key_Space)
    assert core.posted[-1] == DeleteEverything(models=True)
    play(core, ErasingBegun())
    pump(lambda: not ready.window.isVisible())


def test_a_deletion_that_cannot_begin_is_told_and_can_be_tried_again(
    privacy: PrivacyWindow, core: FakeCore
) -> None:
    privacy.storage.delete.click()
    privacy.storage.confirm.click()
    play(core, Failed(StorageError("storage.not_erased", "The mark could not be written.")))
    assert privacy.notice.message == "The mark could not be written."
    assert privacy.storage.confirm.isEnabled()


def test_the_settings_lead_there(ready: Desktop, core: FakeCore) -> None:
    ready.open_settings("privacy")
    assert ready._dialog is not None
    assert not ready._dialog.privacy.isHidden()
    ready._dialog.privacy.click()
    QApplication.processEvents()
    assert ShowPrivacy() in core.posted

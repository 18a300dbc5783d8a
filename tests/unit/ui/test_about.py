"""About Jarvis: the version, and the one button that asks for a newer one."""

from __future__ import annotations

from unittest.mock import patch

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from jarvis_desktop import __version__
from jarvis_desktop.errors import NetworkError
from jarvis_desktop.events import CheckForUpdates, UpdatesChecked
from jarvis_desktop.ui.about_dialog import AboutDialog
from jarvis_desktop.ui.application import Desktop

from .driving import play, texts
from .fake_core import FakeCore

NEWER = UpdatesChecked(newer="99.0", notes="Hears better.", link="https://example.org/99")


@pytest.fixture
def about(ready: Desktop) -> AboutDialog:
    """As the settings open it."""
    ready.open_settings("updates")
    assert ready._dialog is not None
    assert ready._dialog.about.isVisible()
    ready._dialog.about.click()
    (dialog,) = ready.window.findChildren(AboutDialog)
    return dialog


def test_nobody_is_asked_for_updates_but_by_its_button(core: FakeCore, about: AboutDialog) -> None:
    assert __version__ in texts(about)
    assert CheckForUpdates() not in core.posted
    about.check.click()
    assert core.posted.count(CheckForUpdates()) == 1
    assert not about.check.isEnabled(), "one question at a time"
    play(core, NEWER)
    assert about.check.isEnabled()


def test_a_newer_version_is_shown_with_its_notes_and_page(core: FakeCore, about: AboutDialog) -> None:
    about.check.click()
    play(core, NEWER)
    assert "99.0" in about.answer.text()
    assert about.notes.text() == NEWER.notes
    with patch.object(QDesktopServices, "openUrl") as opened:
        about.link.click()
    opened.assert_called_once_with(QUrl(NEWER.link))


def test_what_went_wrong_is_told_in_place_of_an_answer(core: FakeCore, about: AboutDialog) -> None:
    about.check.click()
    play(core, UpdatesChecked(error=NetworkError("network.no_updates", "It does not answer.", "Look.")))
    assert about.problem.text() == "It does not answer. Look."
    assert not about.answer.isVisible()
    assert not about.link.isVisible()
    about.check.click()
    play(core, UpdatesChecked())
    assert not about.problem.isVisible()
    assert about.answer.isVisible()


def test_a_version_that_was_installed_meanwhile_asks_for_a_restart(
    core: FakeCore, about: AboutDialog
) -> None:
    about.check.click()
    play(core, UpdatesChecked(asked=False, on_disk="99.0"))
    assert "Version 99.0 is installed. Quit Jarvis and start it again." in about.answer.text()

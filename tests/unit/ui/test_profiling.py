"""The button that has the next answer profiled, and what it leads to."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import patch

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from jarvis_desktop.events import AnswerProfiled, ProfileAnswer, ProfilingChanged
from jarvis_desktop.ui.application import Desktop

from .driving import play, texts
from .fake_core import FakeCore


def test_the_next_answer_is_profiled_when_the_button_is_pressed_and_not_when_again(
    ready: Desktop, core: FakeCore
) -> None:
    button = ready.window.panel.turn.profile
    offered = button.text()
    button.click()
    assert core.posted == [ProfileAnswer(True)]
    play(core, ProfilingChanged(True))
    assert button.text() != offered
    assert button.accessibleName() == button.text()
    button.click()
    assert core.posted[-1] == ProfileAnswer(False)
    play(core, ProfilingChanged(False))
    assert button.text() == offered


def test_what_was_written_is_told_and_its_folder_shown(
    ready: Desktop, core: FakeCore, tmp_path: Path
) -> None:
    play(core, AnswerProfiled("t1", tmp_path / "answer.speedscope.json"))
    assert "profile" in texts(ready.window.remark)
    with patch.object(QDesktopServices, "openUrl") as opened:
        ready.window.remark.button.click()
    opened.assert_called_once_with(QUrl.fromLocalFile(str(tmp_path)))

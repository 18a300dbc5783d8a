"""The audio doctor in the real window, on the virtual sound card, as a screen reader reads it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Recording
from tests.e2e.screen import Desktop, desktop, wait_for
from tests.e2e.screen_reader import screen_reader
from tests.e2e.sound import MICROPHONE, SoundCard, sound_card
from tests.e2e.test_window import question_file, words

__all__ = ["desktop", "sound_card"]  # fixtures


@pytest.fixture
def muted(sound_card: SoundCard) -> Iterator[None]:
    """The system mutes the microphone."""
    sound_card.control("set-source-mute", MICROPHONE, "1")
    yield
    sound_card.control("set-source-mute", MICROPHONE, "0")


def test_a_muted_microphone_is_told_and_unmuted_and_speech_is_heard_and_understood(
    desktop: Desktop, sound_card: SoundCard, muted: None, recordings: list[Recording], tmp_path: Path
) -> None:
    """Ctrl+D; the microphone is muted, one button lets it through; three seconds are understood."""
    with screen_reader(desktop.env) as reader:
        desktop.env = dict(reader.env)
        desktop.start()
        wait_for("the models", desktop.loaded)
        assert desktop.process is not None
        pid = desktop.process.pid
        desktop.xdotool("key", "--window", desktop.window, "ctrl+d")
        wait_for("the finding", lambda: "is muted in the system" in reader.read(pid))
        wait_for("the level", lambda: "No sound at all" in reader.read(pid))
        assert reader.press(pid, "Unmute")
        wait_for("the way to be free", lambda: "is muted in the system" not in reader.read(pid))
        assert not sound_card.control("get-source-mute", MICROPHONE).strip().endswith("yes")
        assert reader.press(pid, "Record three seconds")
        wait_for("the recording", lambda: "Recording: speak now" in reader.read(pid))
        assert sound_card.speak(question_file(recordings, tmp_path)).wait(30) == 0
        told = wait_for(
            "what was understood",
            lambda: next((line for line in reader.read(pid).splitlines() if "Understood" in line), ""),
        )
        assert {"what", "time"} <= set(words(told))
        assert not desktop.messages()  # it was no question

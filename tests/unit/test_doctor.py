"""What an examination amounts to."""

from __future__ import annotations

from pathlib import Path

from jarvis_desktop.config.paths import Paths
from jarvis_desktop.config.store import ConfigStore
from jarvis_desktop.doctor import Check, examine, sound_status


def test_only_a_broken_sound_device_gives_the_exit_status_of_audio() -> None:
    fine = Check("microphone", True, "Desk")
    no_screen = Check("display", False, "none")
    assert sound_status([fine, no_screen]) == 0
    assert sound_status([fine, no_screen, Check("microphone level", False, "silence")]) == 6
    assert sound_status([fine, Check("loudspeaker", False, "none")]) == 6


def test_a_memory_that_cannot_be_opened_is_a_finding_with_what_to_do(tmp_path: Path) -> None:
    paths = Paths.choose(tmp_path)
    config = ConfigStore(paths.config_file, {})
    config.load()
    paths.memory.parent.mkdir(parents=True)
    paths.memory.write_text("in the place of its folder")
    (found,) = (each for each in examine(paths, config, audio=False) if each.name == "long-term memory")
    assert (found.ok, bool(found.hint)) == (False, True)
    config.patch({"memory.enabled": False})
    (found,) = (each for each in examine(paths, config, audio=False) if each.name == "long-term memory")
    assert (found.ok, found.detail) == (True, "switched off")

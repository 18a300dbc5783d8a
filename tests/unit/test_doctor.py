"""What an examination amounts to."""

from __future__ import annotations

from jarvis_desktop.doctor import Check, sound_status


def test_only_a_broken_sound_device_gives_the_exit_status_of_audio() -> None:
    fine = Check("microphone", True, "Desk")
    no_screen = Check("display", False, "none")
    assert sound_status([fine, no_screen]) == 0
    assert sound_status([fine, no_screen, Check("microphone level", False, "silence")]) == 6
    assert sound_status([fine, Check("loudspeaker", False, "none")]) == 6

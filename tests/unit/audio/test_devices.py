"""Choosing a device by name."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import pytest

from jarvis_desktop.audio.devices import Device, Devices, pick
from jarvis_desktop.errors import AudioError

DEVICES = (
    Device("Monitor of Speakers", 0, 2, 48_000, is_default=False),
    Device("USB Microphone", 3, 1, 44_100, is_default=True),
    Device("USB Microphone Pro", 4, 2, 48_000, is_default=False),
    Device("Auriculares Señor", 5, 1, 16_000, is_default=False),
)


@pytest.mark.parametrize(
    ("name", "index"),
    [("", 3), ("USB Microphone", 3), ("pro", 4), ("MONITOR", 0), ("SEÑOR", 5)],
)
def test_a_device_is_found_by_its_name_or_a_unique_part_of_it(name: str, index: int) -> None:
    assert pick(DEVICES, "input", name).index == index


def test_without_a_default_the_first_device_is_used() -> None:
    assert pick((DEVICES[0], DEVICES[2]), "input", "").index == 0


@pytest.mark.parametrize("name", ["usb", "Gramophone"])
def test_an_ambiguous_or_unknown_name_lists_what_exists(name: str) -> None:
    with pytest.raises(AudioError) as caught:
        pick(DEVICES, "input", name)
    assert caught.value.code == "audio.device_unknown"
    assert name in caught.value.message
    assert all(device.name in caught.value.hint for device in DEVICES)


@pytest.mark.parametrize(("direction", "code"), [("input", "audio.no_input"), ("output", "audio.no_output")])
def test_no_device_at_all_is_an_error_of_its_own(direction: Any, code: str) -> None:
    with pytest.raises(AudioError) as caught:
        pick((), direction, "USB")
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (OSError("PortAudio library not found"), "audio.backend_missing"),
        (RuntimeError("Error initializing PortAudio"), "audio.backend_failed"),
    ],
)
def test_a_missing_sound_library_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch, failure: Exception, code: str
) -> None:
    class Refusing:
        def find_spec(self, name: str, *_: object) -> None:
            if name == "sounddevice":
                raise failure

    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Refusing(), *sys.meta_path])
    with pytest.raises(AudioError) as caught:
        asyncio.run(Devices().list("input"))
    assert caught.value.code == code
    assert caught.value.hint
    assert isinstance(caught.value.__cause__, type(failure))

"""What the system has, and what the microphone heard of the loudspeaker."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import numpy as np
import pytest

from jarvis_desktop.audio import sound_service
from jarvis_desktop.audio.echo_source import EARLY_S
from jarvis_desktop.audio.sound_check import compare, rush
from jarvis_desktop.errors import AudioError
from jarvis_desktop.ports import SAMPLE_RATE, Samples

SOURCE = {
    "name": "alsa_input.pci",
    "description": "Built-in Audio",
    "sample_specification": "s16le 2ch 48000Hz",
    "mute": False,
    "volume": {"front-left": {"value": 65536}, "front-right": {"value": 65536}},
}
HEADSET = {
    **SOURCE,
    "name": "bluez_input.AA",
    "description": "Headset",
    "sample_specification": "s16le 1ch 8000Hz",
}
MONITOR = {**SOURCE, "name": "alsa_output.pci.monitor"}


def later(samples: Samples, seconds: float, gain: float) -> Samples:
    """As a microphone hears it."""
    count = round(seconds * SAMPLE_RATE)
    return np.concatenate((np.zeros(count, np.float32), samples))[: len(samples)] * np.float32(gain)


def test_the_echo_is_found_with_its_delay_and_what_was_removed_of_it() -> None:
    far = np.pad(rush().samples, SAMPLE_RATE)
    near = later(far, EARLY_S + 0.06, 0.3)
    measured = compare(near, far, near * np.float32(0.1))
    assert measured.heard
    assert measured.delay_ms == pytest.approx(60, abs=1)
    assert measured.removed_db == pytest.approx(20, abs=0.1)


def test_who_wears_headphones_has_no_echo() -> None:
    far = np.pad(rush().samples, SAMPLE_RATE)
    room = np.random.default_rng(3).normal(0.0, 0.01, len(far)).astype(np.float32)
    assert not compare(room, far, room).heard
    assert not compare(room, np.zeros_like(far), room).heard


linux_only = pytest.mark.skipif(sys.platform != "linux", reason="PulseAudio and PipeWire are Linux'")


def service(monkeypatch: pytest.MonkeyPatch, folder: Path, sources: object, *, refuses: bool = False) -> Path:
    """A `pactl` that lists these sources, and notes what it was told to set."""
    told = folder / "told"
    (folder / "sources.json").write_text(json.dumps(sources))
    pactl = folder / "pactl"
    pactl.write_text(
        "#!/bin/sh\n"
        'case "$2" in\n'
        """  info) echo '{"default_source_name": "bluez_input.AA"}';;\n"""
        f"  list) cat {folder}/sources.json;;\n"
        f'  *) echo "$@" >> {told}; exit {int(refuses)};;\n'
        "esac\n"
    )
    pactl.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return told


@linux_only
def test_microphones_are_listed_with_the_one_in_use_and_without_monitors(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    service(monkeypatch, tmp_path, [MONITOR, SOURCE, HEADSET])
    built_in, headset = asyncio.run(sound_service.microphones())
    assert (built_in.name, built_in.sample_rate, built_in.in_use) == ("Built-in Audio", 48_000, False)
    assert (headset.in_use, headset.is_bluetooth, headset.sample_rate) == (True, True, 8_000)
    assert not built_in.muted


@linux_only
@pytest.mark.parametrize("change", [{"mute": True}, {"volume": {"mono": {"value": 0}}}])
def test_a_microphone_at_volume_zero_is_as_good_as_muted(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, change: dict[str, object]
) -> None:
    service(monkeypatch, tmp_path, [SOURCE | change])
    assert [each.muted for each in asyncio.run(sound_service.microphones())] == [True]


@linux_only
def test_where_no_service_tells_nothing_is_listed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert asyncio.run(sound_service.microphones()) == ()
    service(monkeypatch, tmp_path, "no JSON that is known")
    assert asyncio.run(sound_service.microphones()) == ()


@linux_only
def test_the_microphone_in_use_is_unmuted_or_it_is_said_that_it_cannot_be(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    told = service(monkeypatch, tmp_path, [])
    asyncio.run(sound_service.unmute())
    assert "set-source-mute @DEFAULT_SOURCE@ 0" in told.read_text()
    service(monkeypatch, tmp_path, [], refuses=True)
    with pytest.raises(AudioError, match="could not be unmuted"):
        asyncio.run(sound_service.unmute())

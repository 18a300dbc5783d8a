"""Choosing a device by name."""

from __future__ import annotations

import asyncio
import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from jarvis_desktop.audio import device_watch
from jarvis_desktop.audio.device_watch import Source
from jarvis_desktop.audio.devices import Device, Devices, Listened, pick
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


class PortAudioError(Exception):
    """As sounddevice raises it: a text, a code, and what the host said."""


def portaudio(
    *,
    listing: Exception | None = None,
    creating: Exception | None = None,
    starting: Exception | None = None,
    closed: list[str] | None = None,
) -> ModuleType:
    """A sounddevice that has one device and fails where it is told to."""

    def act(failure: Exception | None) -> None:
        if failure is not None:
            raise failure

    class Stream:
        def __init__(self, **_: object) -> None:
            act(creating)

        def start(self) -> None:
            act(starting)

        def abort(self, **_: object) -> None:
            pass

        def close(self, **_: object) -> None:
            if closed is not None:
                closed.append("closed")

    def query_hostapis(_index: int) -> dict[str, Any]:
        act(listing)
        return {"devices": [0], "default_input_device": 0, "default_output_device": -1}

    def query_devices(index: int) -> dict[str, Any]:
        channels = {"max_input_channels": 1, "max_output_channels": 0}
        return {"name": "Desk", "index": index, "default_samplerate": 48_000.0, **channels}

    module = ModuleType("sounddevice")
    vars(module).update(
        PortAudioError=PortAudioError,
        InputStream=Stream,
        OutputStream=Stream,
        query_hostapis=query_hostapis,
        query_devices=query_devices,
        default=SimpleNamespace(hostapi=0),
        _initialize=lambda: None,
        _terminate=lambda: None,
    )
    return module


DENIED = PortAudioError("Error opening InputStream", -9999, (0, -13, "Permission denied"))
DENIED_ON_WINDOWS = PortAudioError("Unanticipated host error", -9999, (3, -2147024891, "Access is denied."))
BUSY = PortAudioError("Error opening InputStream: Device unavailable", -9985)


@pytest.mark.parametrize(
    ("failing", "code"),
    [
        ({"listing": BUSY}, "audio.backend_failed"),
        ({"creating": DENIED}, "audio.no_permission"),
        ({"creating": DENIED_ON_WINDOWS}, "audio.no_permission"),
        ({"creating": BUSY}, "audio.open_failed"),
        ({"creating": ValueError("invalid sample rate")}, "audio.open_failed"),
        ({"starting": BUSY}, "audio.open_failed"),
    ],
)
def test_every_failure_of_portaudio_becomes_an_audio_error(
    monkeypatch: pytest.MonkeyPatch, failing: dict[str, Any], code: str
) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", portaudio(**failing))
    with pytest.raises(AudioError) as caught:
        asyncio.run(Devices().open("input", ""))
    assert caught.value.code == code
    assert caught.value.message
    assert caught.value.hint


def test_a_stream_that_does_not_start_is_closed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[str] = []
    monkeypatch.setitem(sys.modules, "sounddevice", portaudio(starting=BUSY, closed=closed))
    with pytest.raises(AudioError):
        asyncio.run(Devices().open("input", ""))
    assert closed == ["closed", "closed"], "at the first attempt and at the second, with a fresh list"


def test_a_microphone_is_not_offered_as_a_loudspeaker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", portaudio())
    assert [device.name for device in asyncio.run(Devices().list("input"))] == ["Desk"]
    assert asyncio.run(Devices().list("output")) == ()


SHARED = Device("default", 0, 32, 44_100, is_default=True)
HARDWARE = Device("USB Microphone: Audio (hw:1,0)", 1, 1, 44_100, is_default=False)
DESK = Source("alsa_input.usb-Desk", running=True)
SPEAKER = Source("alsa_output.pci.monitor", running=True)
NO_SPEAKER = Source("auto_null.monitor", running=False)
VIRTUAL = Source("meeting.monitor", running=True)
HEADSET = Source("bluez_input.00_11.0", running=True)
IDLE_HEADSET = Source("bluez_input.00_11.0", running=False)


@pytest.mark.parametrize(
    ("device", "history", "heard"),
    [
        pytest.param(SHARED, [(DESK, SPEAKER)], Listened(True, False), id="microphone"),
        pytest.param(SHARED, [(SPEAKER,)], Listened(False, False), id="only the loudspeaker"),
        pytest.param(SHARED, [(NO_SPEAKER,)], Listened(False, False), id="no hardware at all"),
        pytest.param(SHARED, [()], Listened(False, False), id="nothing"),
        pytest.param(SHARED, [(VIRTUAL,)], Listened(True, False), id="virtual device"),
        pytest.param(SHARED, [(DESK, VIRTUAL), (VIRTUAL,)], Listened(False, False), id="unplugged"),
        pytest.param(SHARED, [(SPEAKER,), (DESK, SPEAKER)], Listened(True, False), id="plugged in"),
        pytest.param(SHARED, [(HEADSET, SPEAKER)], Listened(True, True), id="headset"),
        pytest.param(SHARED, [(DESK, IDLE_HEADSET)], Listened(True, False), id="headset not in use"),
        pytest.param(SHARED, [None], Listened(True, False), id="nobody tells"),
        pytest.param(HARDWARE, [(SPEAKER,)], Listened(True, False), id="not through the sound service"),
    ],
)
def test_a_stream_moved_to_the_loudspeaker_s_sound_hears_no_microphone(
    monkeypatch: pytest.MonkeyPatch, device: Device, history: list[Any], heard: Listened
) -> None:
    told = iter(history)

    async def sources() -> Any:
        return next(told)

    async def listen() -> Listened:
        devices = Devices()
        return [await devices.listened(device) for _ in history][-1]

    monkeypatch.setattr(device_watch, "sources", sources)
    assert asyncio.run(listen()) == heard


@pytest.mark.parametrize(
    ("name", "rate", "bluetooth"),
    [
        ("Headset (WH-1000XM4 Hands-Free AG Audio)", 16_000, True),
        ("bluez_input.00_11_22.headset-head-unit", 8_000, True),
        ("Headphones (USB Headset)", 48_000, False),
        ("Desk Microphone", 16_000, False),
    ],
)
def test_a_bluetooth_headset_in_its_hands_free_profile_is_recognised(
    name: str, rate: int, bluetooth: bool
) -> None:
    assert Device(name, 0, 1, rate, is_default=False).is_bluetooth is bluetooth


def test_a_changed_default_is_followed_when_the_next_device_is_opened(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    module = portaudio()
    reads: list[str] = []
    vars(module)["_initialize"] = lambda: reads.append("read")
    monkeypatch.setitem(sys.modules, "sounddevice", module)
    default = ["Desk"]
    monkeypatch.setattr(device_watch, "default_devices", lambda: (default[0], ""))

    async def change() -> None:
        devices = Devices()
        first = await devices.open("input", "")
        assert reads == []
        default[0] = "Headset"
        assert devices.outdated
        second = await devices.open("input", "")
        assert reads == [], "a fresh list would cut the open stream off"
        assert not devices.outdated, "two open streams stand in the way of a fresh list"
        await devices.close(first, at_once=True)
        await devices.close(second, at_once=True)
        await devices.open("input", "")
        assert reads == ["read"]
        assert not devices.outdated

    asyncio.run(change())

"""What happens in the pictures of the audio doctor: made-up devices, levels and findings."""

from __future__ import annotations

from collections.abc import Callable

from fake_core import FakeCore

from jarvis_desktop.errors import AudioError
from jarvis_desktop.events import (
    EchoMeasured,
    Event,
    Finding,
    Loudness,
    Remark,
    Remedy,
    SampleTranscribed,
    SoundChecked,
    SoundDevice,
    SoundDevicesListed,
    SoundHeard,
    SoundStep,
    StepFound,
    SystemMicrophone,
)

DEVICES = SoundDevicesListed(
    (SoundDevice("default", 44_100, is_default=True), SoundDevice("USB headset", 48_000, is_default=False)),
    (SoundDevice("default", 44_100, is_default=True), SoundDevice("USB headset", 48_000, is_default=False)),
    (SystemMicrophone("Built-in Audio Analogue Stereo", 48_000, in_use=True, muted=False),),
)

HEADSET = SoundDevicesListed(
    DEVICES.inputs,
    DEVICES.outputs,
    (SystemMicrophone("WH-1000XM4", 16_000, in_use=True, muted=False, is_bluetooth=True),),
)


def _open(listed: SoundDevicesListed) -> StepFound:
    used = listed.microphones[0].name
    return StepFound(SoundStep.DEVICE, Finding.RIGHT, Remark("{name} is open.", {"name": used}))


RIGHT = (
    _open(DEVICES),
    *(StepFound(step, Finding.RIGHT) for step in list(SoundStep)[1:]),
)

MUTED = (
    _open(HEADSET),
    StepFound(
        SoundStep.ALLOWED,
        Finding.WRONG,
        Remark("{name} is muted in the system, or its volume is zero.", {"name": "WH-1000XM4"}),
        Remark("Unmute it here or in the sound settings of your system."),
        Remedy.UNMUTE,
    ),
    StepFound(SoundStep.LEVEL, Finding.UNKNOWN),
    StepFound(SoundStep.VOICE, Finding.UNKNOWN),
    RIGHT[4],
    StepFound(
        SoundStep.LANGUAGE,
        Finding.UNKNOWN,
        Remark("Record three seconds below, and see what is understood."),
    ),
)

LOST = (
    StepFound(
        SoundStep.DEVICE,
        Finding.WRONG,
        remedy=Remedy.LOOK_AGAIN,
        error=AudioError(
            "audio.no_input",
            "No microphone was found.",
            "Connect one, or check that the sound service runs. You can type in the meantime.",
        ),
    ),
    *(StepFound(step, Finding.UNKNOWN) for step in list(SoundStep)[1:]),
)


def _told(*events: Event) -> Callable[[FakeCore], None]:
    return lambda core: core.emit(*events)


_GOOD = _told(
    DEVICES,
    SoundHeard(-18.0, -6.0, Loudness.GOOD, voice=True),
    SoundChecked(RIGHT),
    SampleTranscribed("What time is it in Madrid?", "en", unclear=False),
    EchoMeasured(True, 84.0, 27.0),
)
_MUTED = _told(HEADSET, SoundHeard(-120.0, -120.0, Loudness.NOTHING, voice=False), SoundChecked(MUTED))

DOCTOR_SCENES: dict[str, tuple[Callable[[FakeCore], None], dict[str, object], tuple[int, int]]] = {
    "doctor": (_GOOD, {}, (720, 900)),
    "doctor-dark": (_GOOD, {"look": {"theme": "dark"}}, (720, 900)),
    "doctor-muted": (_MUTED, {}, (720, 720)),
    "doctor-muted-dark-es": (_MUTED, {"look": {"theme": "dark", "language": "es"}}, (720, 720)),
    "doctor-lost": (_told(DEVICES, SoundChecked(LOST)), {"audio": {"input_device": "Gone"}}, (720, 720)),
    "doctor-large": (_MUTED, {"look": {"font_scale": 2.0}}, (720, 760)),
}

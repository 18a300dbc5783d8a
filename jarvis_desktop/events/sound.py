"""The examination of the sound devices: what is asked, and what was found. No recording is kept."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from jarvis_desktop.errors import JarvisError
from jarvis_desktop.events.base import Event, Intent, Remark


@dataclass(frozen=True, slots=True)
class SoundIntent(Intent):
    """A wish that concerns the examination; `SoundFailed` tells why one was not carried out."""


@dataclass(frozen=True, slots=True)
class ExamineSound(SoundIntent):
    """Begin or end to watch devices and microphone; meanwhile what is said is no question."""

    on: bool


@dataclass(frozen=True, slots=True)
class LookForDevices(SoundIntent):
    """List the devices anew, and open the microphone that is chosen now."""


@dataclass(frozen=True, slots=True)
class UnmuteMicrophone(SoundIntent):
    """Have the system let the microphone through."""


@dataclass(frozen=True, slots=True)
class RecordSample(SoundIntent):
    """Record three seconds, play them, and tell what was understood: `SampleTranscribed`."""


@dataclass(frozen=True, slots=True)
class TryLoudspeaker(SoundIntent):
    """Play a sound."""


@dataclass(frozen=True, slots=True)
class MeasureEcho(SoundIntent):
    """Play a sound and listen: `EchoMeasured` answers."""


@dataclass(frozen=True, slots=True)
class SoundDevice:
    """A microphone or loudspeaker that can be chosen by its name."""

    name: str
    sample_rate: int  # Hz, the device's own
    is_default: bool
    is_bluetooth: bool = False  # a headset in its hands-free profile


@dataclass(frozen=True, slots=True)
class SystemMicrophone:
    """A microphone as the system's sound service has it."""

    name: str  # for people
    sample_rate: int  # Hz
    in_use: bool  # the one that is recorded from unless another is asked for
    muted: bool  # or its volume is zero
    is_bluetooth: bool = False


@dataclass(frozen=True, slots=True)
class SoundDevicesListed(Event):
    """All devices in the system's order; `microphones` are what a sound service has behind the inputs."""

    name: ClassVar[str] = "sound_devices"
    inputs: tuple[SoundDevice, ...]
    outputs: tuple[SoundDevice, ...]
    microphones: tuple[SystemMicrophone, ...] = ()


class Loudness(StrEnum):
    """What the level of the last seconds means."""

    NOTHING = "nothing"  # digital silence
    QUIET = "quiet"
    GOOD = "good"
    CLIPPED = "clipped"


@dataclass(frozen=True, slots=True)
class SoundHeard(Event):
    """The microphone now, some 16 times a second; `voice` is the judgement by which Jarvis listens."""

    name: ClassVar[str] = "sound_heard"
    rms_dbfs: float
    peak_dbfs: float
    loudness: Loudness
    voice: bool


class SoundStep(StrEnum):
    """What has to be right, in this order, for words to be heard."""

    DEVICE = "device"
    ALLOWED = "allowed"  # the system lets the sound through
    LEVEL = "level"
    VOICE = "voice"  # it is told from noise
    TRANSCRIBER = "transcriber"
    LANGUAGE = "language"


class Finding(StrEnum):
    RIGHT = "right"
    WRONG = "wrong"
    UNKNOWN = "unknown"  # not yet


class Remedy(StrEnum):
    """What the window can do about it at once."""

    NONE = "none"
    LOOK_AGAIN = "look-again"
    DEFAULT_DEVICE = "default-device"
    UNMUTE = "unmute"
    LOWER_GATE = "lower-gate"
    LOAD = "load"  # speech recognition
    ANY_LANGUAGE = "any-language"


@dataclass(frozen=True, slots=True)
class StepFound:
    """`detail` says what was found, `hint` what to do where there is something; an `error` says both."""

    step: SoundStep
    finding: Finding
    detail: Remark | None = None
    hint: Remark | None = None
    remedy: Remedy = Remedy.NONE
    error: JarvisError | None = None


@dataclass(frozen=True, slots=True)
class SoundChecked(Event):
    """Why words are heard or not, step by step; told whenever it changes."""

    name: ClassVar[str] = "sound_checked"
    steps: tuple[StepFound, ...]


class SoundTest(StrEnum):
    RECORDING = "recording"
    REPLAYING = "replaying"
    LOUDSPEAKER = "loudspeaker"
    ECHO = "echo"


@dataclass(frozen=True, slots=True)
class SoundTestChanged(Event):
    """The test under way; None when it is over."""

    name: ClassVar[str] = "sound_test"
    test: SoundTest | None


@dataclass(frozen=True, slots=True)
class SampleTranscribed(Event):
    """What was understood of the recording; `unclear`: it is no more than a guess."""

    name: ClassVar[str] = "sample"
    text: str
    language: str  # ISO 639-1
    unclear: bool


@dataclass(frozen=True, slots=True)
class EchoMeasured(Event):
    """What the microphone heard of the loudspeaker. Without an echo there is nothing to remove."""

    name: ClassVar[str] = "echo"
    heard: bool
    delay_ms: float = 0.0  # from the loudspeaker, as the device says, to the microphone
    removed_db: float = 0.0  # by echo cancellation, once it has learned the room


@dataclass(frozen=True, slots=True)
class SoundFailed(Event):
    """A test or a wish could not be carried out."""

    name: ClassVar[str] = "sound_failed"
    error: JarvisError

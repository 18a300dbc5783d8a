"""What the ears notice, up to the words of an utterance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from jarvis_desktop.events.base import Event


@dataclass(frozen=True, slots=True)
class LevelMeasured(Event):
    """Input level of the last audio block: root mean square and peak, dB relative to full scale (<= 0)."""

    name: ClassVar[str] = "level"
    rms_dbfs: float
    peak_dbfs: float


@dataclass(frozen=True, slots=True)
class WakeWordHeard(Event):
    """Jarvis was called by name."""

    name: ClassVar[str] = "wake"
    score: float  # 0..1
    audio_time: float


@dataclass(frozen=True, slots=True)
class SpeechStarted(Event):
    name: ClassVar[str] = "speech_started"
    audio_time: float


@dataclass(frozen=True, slots=True)
class SpeechEnded(Event):
    """Voice stopped; `audio_time` is the end of the last voiced frame."""

    name: ClassVar[str] = "speech_ended"
    audio_time: float


@dataclass(frozen=True, slots=True)
class TurnEnded(Event):
    """The user has finished: by silence, key release, hold limit or the end of the file."""

    name: ClassVar[str] = "turn_ended"
    audio_time: float
    reason: str


@dataclass(frozen=True, slots=True)
class PartialTranscribed(Event):
    """Text heard so far. `stable` no longer changes; `unstable` may."""

    name: ClassVar[str] = "partial"
    stable: str
    unstable: str
    audio_time: float


@dataclass(frozen=True, slots=True)
class Transcribed(Event):
    name: ClassVar[str] = "final"
    text: str
    language: str
    audio_time: float


@dataclass(frozen=True, slots=True)
class RecordingsKept(Event):
    """What was said in these turns can be heard again; the recordings of all others are gone."""

    name: ClassVar[str] = "recordings"
    turn_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlayingRecording(Event):
    """What was said in a turn is played from now on (`turn_id`), or that ended ("")."""

    name: ClassVar[str] = "playing_recording"
    turn_id: str = ""


@dataclass(frozen=True, slots=True)
class Discarded(Event):
    """The utterance held no words (noise, a click, silence), or none of the user's (a murmur, an echo)."""

    name: ClassVar[str] = "discarded"
    reason: str
    audio_time: float


@dataclass(frozen=True, slots=True)
class Dictated(Event):
    """What was dictated, to be typed where the keyboard is; it is stored nowhere."""

    name: ClassVar[str] = "dictated"
    text: str

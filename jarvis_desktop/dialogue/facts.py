"""What running commands report. A fact about a turn carries its number."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Fact:
    """Something a running command reports."""


@dataclass(frozen=True, slots=True)
class Called(Fact):
    """The wake word was heard."""


@dataclass(frozen=True, slots=True)
class FellAsleep(Fact):
    """Nothing was said for a while after the wake word or the last answer."""


@dataclass(frozen=True, slots=True)
class VoiceRaised(Fact):
    """Somebody seems to be speaking; `VoiceDropped`, `WordsNoticed` or the end of the utterance follows."""


@dataclass(frozen=True, slots=True)
class VoiceDropped(Fact):
    """It was no voice, or for a while none of it made words."""


@dataclass(frozen=True, slots=True)
class WordsNoticed(Fact):
    """The utterance under way has words in it."""


@dataclass(frozen=True, slots=True)
class UtteranceClosed(Fact):
    """The user has finished speaking; the final text follows."""


@dataclass(frozen=True, slots=True)
class WordsHeard(Fact):
    """An utterance became text. Times are seconds on the assistant's clock.

    `ended_at` is when its last sound arrived, `closed_at` when it was clear that it had ended.
    `recording` is its sound, which the dialogue only hands on.
    """

    text: str
    language: str
    ended_at: float
    recording: Any = field(default=None, repr=False, compare=False)
    closed_at: float | None = None
    spoken_s: float | None = None  # how long it was


@dataclass(frozen=True, slots=True)
class NothingHeard(Fact):
    """An utterance held no words."""


@dataclass(frozen=True, slots=True)
class EarsClosed(Fact):
    """The input ended, or failed (`lost`); nothing more will be heard from it."""

    lost: bool = False


@dataclass(frozen=True, slots=True)
class EarsBack(Fact):
    """A microphone that was lost can be opened again."""


@dataclass(frozen=True, slots=True)
class MemoryChanged(Fact):
    """What is said from now on is remembered by another profile, or by none."""


@dataclass(frozen=True, slots=True)
class ReplyStarted(Fact):
    turn: int


@dataclass(frozen=True, slots=True)
class SpeechStartedPlaying(Fact):
    turn: int


@dataclass(frozen=True, slots=True)
class TurnDone(Fact):
    """The turn ended: complete, failed or aborted."""

    turn: int

"""Where in the sound somebody speaks: voice, the end of a turn, the wake word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from jarvis_desktop.ports.sound import AudioBlock, Samples


@dataclass(frozen=True, slots=True)
class WakeHeard:
    """The wake word was said; it ended at `end` (seconds on the input's clock)."""

    score: float  # 0..1
    end: float


@dataclass(frozen=True, slots=True)
class VoiceNoticed:
    """Probably speech, after about 100 ms of it: `VoiceStarted` or `VoiceDismissed` follows."""

    start: float


@dataclass(frozen=True, slots=True)
class VoiceDismissed:
    """What was noticed was no speech."""


@dataclass(frozen=True, slots=True)
class VoiceStarted:
    """Speech began; `samples` is the pre-roll and all audio since, `start` its first sample's time."""

    start: float
    samples: Samples


@dataclass(frozen=True, slots=True)
class VoiceContinued:
    """More audio of the utterance (pauses included)."""

    samples: Samples


@dataclass(frozen=True, slots=True)
class VoiceStopped:
    """The voice fell silent; it may go on. `end` is the time of the last voiced sample."""

    end: float


@dataclass(frozen=True, slots=True)
class TurnJudged:
    """Follows a `VoiceStopped` soon: how complete the turn sounds, 0 (goes on) to 1 (over)."""

    completeness: float
    over: bool  # more likely than not: an answer is worth preparing


@dataclass(frozen=True, slots=True)
class UtteranceEnded:
    """The user has finished; `end` is the time of the last voiced sample."""

    end: float
    reason: Literal["silence", "limit", "source-ended"]


VoiceEvent = (
    VoiceNoticed
    | VoiceDismissed
    | VoiceStarted
    | VoiceContinued
    | VoiceStopped
    | TurnJudged
    | UtteranceEnded
    | WakeHeard
)


class VoiceDetector(Protocol):
    """Decides where speech begins and where a turn ends. One instance per listening session."""

    async def feed(self, block: AudioBlock) -> Sequence[VoiceEvent]:
        """What this block changed, in order."""
        ...

    def reads(self, text: str) -> None:
        """The final text of the utterance under way, as of its last `VoiceStopped`: it may tell the end."""
        ...

    async def finish(self) -> Sequence[VoiceEvent]:
        """The source ended: closes an open utterance."""
        ...

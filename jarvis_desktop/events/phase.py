"""What the assistant is doing as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from jarvis_desktop.events.base import Event


class Phase(StrEnum):
    """What the assistant is doing, as the user sees it (microphone button, tray icon, window title)."""

    IDLE = "idle"  # nothing runs; the microphone is closed
    SLEEPING = "sleeping"  # the microphone is open and only the wake word is awaited
    LISTENING = "listening"  # the microphone is open and speech is awaited or heard
    THINKING = "thinking"  # transcribing, recalling, or waiting for the first token
    REPLYING = "replying"  # tokens arrive
    SPEAKING = "speaking"  # the reply is heard


class EarMode(StrEnum):
    """How the ears listen."""

    HELD = "held"  # push-to-talk: everything is one utterance until the key goes up
    HANDS_FREE = "hands-free"  # utterances as the detector finds them
    WAKE = "wake"  # asleep: only the wake word counts
    AWAKE = "awake"  # woken: as hands-free, and asleep again after a silence


@dataclass(frozen=True, slots=True)
class PhaseChanged(Event):
    name: ClassVar[str] = "phase"
    phase: Phase
    hands_free: bool = False
    muted: bool = False
    wake_word: bool = False  # sleeps until it hears its name, when nothing else is under way
    ears: EarMode | None = None  # how the microphone is listened to now; None: not at all
    dictating: bool = False  # what is heard is to be typed, and no question

"""Where time goes inside the program: what the window asks for, and what it is told."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from jarvis_desktop.events.base import Event, Intent


@dataclass(frozen=True, slots=True)
class ProfileAnswer(Intent):
    """Record where the time of the next answer goes; off: do not, and drop what is being recorded."""

    on: bool = True


@dataclass(frozen=True, slots=True)
class ProfilingChanged(Event):
    """The next answer will be recorded, or is (`on`); or none will."""

    name: ClassVar[str] = "profiling"
    on: bool


@dataclass(frozen=True, slots=True)
class AnswerProfiled(Event):
    """Where the time of an answer went was written to this file, and to a page beside it."""

    name: ClassVar[str] = "answer_profiled"
    turn_id: str
    path: Path

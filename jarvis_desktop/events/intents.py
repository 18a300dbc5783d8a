"""What a user interface asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from jarvis_desktop.events.base import Intent
from jarvis_desktop.events.machine import Part


@dataclass(frozen=True, slots=True)
class SubmitText(Intent):
    """A typed question; `speak` reads the reply aloud."""

    text: str
    speak: bool = False


@dataclass(frozen=True, slots=True)
class PressTalk(Intent):
    """The push-to-talk key or button went down."""


@dataclass(frozen=True, slots=True)
class ReleaseTalk(Intent):
    """The push-to-talk key or button went up."""


@dataclass(frozen=True, slots=True)
class SetHandsFree(Intent):
    on: bool


@dataclass(frozen=True, slots=True)
class SetWakeWord(Intent):
    """Sleep until the wake word is heard, whenever nothing else is under way."""

    on: bool


@dataclass(frozen=True, slots=True)
class SetBargeIn(Intent):
    """Whether speaking interrupts an answer while hands-free or awake."""

    on: bool


@dataclass(frozen=True, slots=True)
class SetMuted(Intent):
    on: bool


@dataclass(frozen=True, slots=True)
class Interrupt(Intent):
    """Stop the answer under way."""


@dataclass(frozen=True, slots=True)
class AllowTool(Intent):
    """The answer to `ToolAsked`."""

    call_id: str
    allowed: bool


@dataclass(frozen=True, slots=True)
class NewConversation(Intent):
    pass


@dataclass(frozen=True, slots=True)
class OpenConversation(Intent):
    conversation_id: str


@dataclass(frozen=True, slots=True)
class RetryPart(Intent):
    """Load a failed or absent part again."""

    part: Part = field(default=Part.ENGINE)


@dataclass(frozen=True, slots=True)
class ListDevices(Intent):
    """Which microphones and loudspeakers are there? `DevicesListed` answers."""


@dataclass(frozen=True, slots=True)
class ListModels(Intent):
    """Which models are there to choose from? `ModelsListed` answers."""


@dataclass(frozen=True, slots=True)
class PlanMemory(Intent):
    """What would the settings take, changed like this (values by dotted key)? `MemoryPlanned` answers.

    Only the newest question is sure to be answered.
    """

    number: int
    changes: Mapping[str, object]

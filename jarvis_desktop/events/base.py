"""What every event and every intent is, and what any room may have to tell: a failure, a decision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from jarvis_desktop.errors import JarvisError


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened. `name` is its name on the wire (`jarvis listen --json`)."""

    name: ClassVar[str] = "event"


@dataclass(frozen=True, slots=True)
class Intent:
    """A wish of the user."""


@dataclass(frozen=True, slots=True)
class Remark:
    """One line for the user: an English template, which the window translates, and what fills it."""

    template: str
    params: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.template.format(**self.params)


@dataclass(frozen=True, slots=True)
class Failed(Event):
    """A stage failed. `turn_id` names the turn this ended (no `TurnFinished` follows); empty: none ended.

    `kept_text` is the partial answer kept.
    """

    name: ClassVar[str] = "failed"
    error: JarvisError
    turn_id: str = ""
    kept_text: str = ""


@dataclass(frozen=True, slots=True)
class Decided(Event):
    """The program went on in another way than was asked for (a smaller model, another try)."""

    name: ClassVar[str] = "decided"
    remark: Remark

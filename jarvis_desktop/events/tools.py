"""Tools that a model asks for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from jarvis_desktop.events.base import Event


@dataclass(frozen=True, slots=True)
class ToolUse:
    """One use of a tool that a model asked for; `server` offers it, "" is Jarvis itself."""

    tool: str  # its name, as the settings know it
    title: str
    server: str
    arguments: str  # a JSON object, unless the model wrote something else
    allowed: bool = False
    failed: bool = False


@dataclass(frozen=True, slots=True)
class ToolAsked(Event):
    """A tool is to be used: `AllowTool` answers, in time; `ToolUsed` follows in any case."""

    name: ClassVar[str] = "tool_asked"
    turn_id: str
    call_id: str
    use: ToolUse
    anew: bool = False  # asked whatever was allowed before: others' words may have led the model to it


@dataclass(frozen=True, slots=True)
class ToolUsed(Event):
    """A tool was used, or not allowed; `result` is what the model is told."""

    name: ClassVar[str] = "tool_used"
    turn_id: str
    call_id: str
    use: ToolUse
    result: str


@dataclass(frozen=True, slots=True)
class TimerEnded(Event):
    """A timer that was set by a tool has run out."""

    name: ClassVar[str] = "timer_ended"
    label: str

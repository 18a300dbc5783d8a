"""What a language model may ask to have done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """What a language model is told of a tool, and what the user is.

    `parameters` is the JSON schema of its arguments. `server` offers it; "" is Jarvis itself.
    """

    name: str  # letters, digits, "_" and "-"; one of its kind among all tools on offer
    title: str
    description: str
    parameters: Mapping[str, object]
    server: str = ""
    quotes: bool = True
    """Its results hold the words of others, which may be made to lead a model astray."""

    recalls: bool = False
    """It reads stored conversations; not for questions of which nothing is to be kept."""


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A model's wish to have a tool used; `arguments` is what it wrote, meant to be a JSON object."""

    id: str
    name: str
    arguments: str
    bare: bool = False  # written like any text: the model is not at home with tools


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What came of a use of a tool, for the model to read."""

    text: str
    failed: bool = False


class Tools(Protocol):
    """What a language model may ask to have done. Neither method raises."""

    async def specs(self) -> tuple[ToolSpec, ...]:
        """What is on offer now; nothing where tools are switched off."""
        ...

    async def call(self, name: str, arguments: Mapping[str, object]) -> ToolResult:
        """Use the tool of that name; cancelling gives it up. Whoever calls has asked the user."""
        ...

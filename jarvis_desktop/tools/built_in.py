"""The tools that Jarvis brings along: they read no file, open no connection and start no process."""

from __future__ import annotations

import asyncio
import math
import zoneinfo
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

from jarvis_desktop.errors import JarvisError
from jarvis_desktop.events import Role
from jarvis_desktop.ports import History, ToolResult, ToolSpec
from jarvis_desktop.tools.calculator import NotArithmeticError, calculate
from jarvis_desktop.tools.timers import LONGEST_S, MOST, Timers

FOUND = 5
"""Messages that a search gives."""

_EXCERPT = 300  # characters of each
_LABEL = 100


class BuiltInTools:
    """Clock, calculator, timer, search of past conversations; `timer_ended` is told the label of a timer."""

    def __init__(self, history: History, timer_ended: Callable[[str], None]) -> None:
        self._history = history
        self._timers = Timers(timer_ended)
        self._tools: dict[str, Callable[[Mapping[str, object]], Awaitable[str]]] = {
            "calculator": self._calculate,
            "current_time": self._tell_time,
            "set_timer": self._set_timer,
            "list_timers": self._list_timers,
            "cancel_timer": self._cancel_timer,
            "search_memory": self._search,
        }

    def specs(self) -> tuple[ToolSpec, ...]:
        """All of them."""
        return SPECS

    def knows(self, name: str) -> bool:
        """Whether this is one of them."""
        return name in self._tools

    async def call(self, name: str, arguments: Mapping[str, object]) -> ToolResult:
        """Use a tool that is known here; never raises."""
        try:
            return ToolResult(await self._tools[name](arguments))
        except (_UnusableError, NotArithmeticError) as error:
            return ToolResult(f"Error: {error}.", failed=True)
        except JarvisError as error:
            return ToolResult(f"Error: {error.message}", failed=True)

    def close(self) -> None:
        """Forget the timers."""
        self._timers.close()

    async def _calculate(self, arguments: Mapping[str, object]) -> str:
        expression = _text(arguments, "expression")
        # Bounded in size, yet whole-number powers hold the loop for a moment: a thread keeps the voice going.
        return await asyncio.to_thread(calculate, expression)

    async def _tell_time(self, arguments: Mapping[str, object]) -> str:
        zone = str(arguments.get("timezone") or "").strip()
        if not zone:
            now = datetime.now().astimezone()
            return f"{now:%A, %Y-%m-%d, %H:%M:%S} (UTC{now:%z})"
        try:
            now = datetime.now(zoneinfo.ZoneInfo(zone))
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
            raise _UnusableError(
                f"there is no time zone {zone[:_LABEL]!r}; names are like Europe/Madrid"
            ) from None
        return f"{now:%A, %Y-%m-%d, %H:%M:%S} in {zone} (UTC{now:%z})"

    async def _set_timer(self, arguments: Mapping[str, object]) -> str:
        seconds = _number(arguments, "minutes") * 60 + _number(arguments, "seconds")
        if not 1 <= seconds <= LONGEST_S:
            raise _UnusableError(
                "a timer runs between one second and 24 hours; give minutes, seconds or both"
            )
        label = str(arguments.get("label") or "").strip()[:_LABEL]
        timer = self._timers.set(seconds, label)
        if timer is None:
            raise _UnusableError(f"there are {MOST} timers already; cancel one first")
        return f"Timer {timer.number} is set and ends in {_duration(seconds)}."

    async def _list_timers(self, arguments: Mapping[str, object]) -> str:
        lines = [
            f"Timer {timer.number}{f' ({timer.label})' if timer.label else ''}: {_duration(left)} left"
            for timer, left in self._timers.running()
        ]
        return "\n".join(lines) or "No timer is running."

    async def _cancel_timer(self, arguments: Mapping[str, object]) -> str:
        number = int(_number(arguments, "number"))
        if not self._timers.cancel(number):
            raise _UnusableError(f"there is no timer {number}")
        return f"Timer {number} is cancelled."

    async def _search(self, arguments: Mapping[str, object]) -> str:
        found = await self._history.search(_text(arguments, "query"), FOUND)
        lines = [
            f"{datetime.fromtimestamp(message.created_at):%Y-%m-%d %H:%M}, "
            f"{'the user' if message.role is Role.USER else 'Jarvis'}: {_excerpt(message.text)}"
            for message in found
        ]
        return "\n".join(lines) or "Nothing was found in past conversations."


class _UnusableError(Exception):
    """Why a tool cannot be used like this, for the model to read."""


def _text(arguments: Mapping[str, object], name: str) -> str:
    value = arguments.get(name)
    if not isinstance(value, str | int | float) or not str(value).strip():
        raise _UnusableError(f"the argument {name!r} is missing")
    return str(value)


def _number(arguments: Mapping[str, object], name: str) -> float:
    """A number, also one that a model wrote as text; 0 when it is left out."""
    try:
        value = float(arguments.get(name) or 0)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        raise _UnusableError(f"the argument {name!r} has to be a number") from None
    if not math.isfinite(value):
        raise _UnusableError(f"the argument {name!r} has to be a number")
    return value


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    named = ((hours, "h"), (minutes, "min"), (rest, "s"))
    return " ".join(f"{amount} {unit}" for amount, unit in named if amount) or "0 s"


def _excerpt(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _EXCERPT else line[: _EXCERPT - 1] + "…"


def _schema(required: tuple[str, ...] = (), **arguments: tuple[str, str]) -> dict[str, object]:
    """JSON schema of an object from each argument's type and description."""
    properties = {name: {"type": kind, "description": told} for name, (kind, told) in arguments.items()}
    return {"type": "object", "properties": properties, "required": list(required)}


SPECS = (
    ToolSpec(
        "calculator",
        "Calculator",
        "Works out an arithmetic expression exactly, such as (12 + 7) * 3 or sqrt(2).",
        _schema(("expression",), expression=("string", "the expression")),
        quotes=False,
    ),
    ToolSpec(
        "current_time",
        "Clock",
        "Tells the date and time now, here or in another time zone.",
        _schema(timezone=("string", "IANA name such as Asia/Tokyo; leave it out for the time here")),
        quotes=False,
    ),
    ToolSpec(
        "set_timer",
        "Timer",
        "Sets a timer that tells the user when it has run out.",
        _schema(
            minutes=("number", "minutes"), seconds=("number", "seconds"), label=("string", "what it is for")
        ),
        quotes=False,
    ),
    ToolSpec("list_timers", "List of timers", "Lists the timers that are running.", _schema(), quotes=False),
    ToolSpec(
        "cancel_timer",
        "Cancel a timer",
        "Cancels a timer.",
        _schema(("number",), number=("integer", "its number")),
        quotes=False,
    ),
    ToolSpec(
        "search_memory",
        "Past conversations",
        "Searches what was said in past conversations with the user.",
        _schema(("query",), query=("string", "words that were said")),
        recalls=True,
    ),
)

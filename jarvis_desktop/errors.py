"""Every failure the program can report, in one shape.

Adapters translate foreign exceptions into the subclass of their stage at one seam; the window, the command
line and the server only ever show a `JarvisError`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar


class Category(StrEnum):
    """What the program does about an error."""

    TRANSIENT = "transient"  # retried with back-off
    DEGRADED = "degraded"  # the program falls back and goes on
    PERMANENT = "permanent"  # the user has to do something
    CRITICAL = "critical"  # the program stops, data kept


class JarvisError(Exception):
    """An error a user can act on.

    `code` is stable and machine-readable (``stage.what``). `message` and `hint` are English templates filled
    from `params` with `str.format`; the window translates the templates, so they must be literals.
    """

    exit_status: ClassVar[int] = 1

    def __init__(
        self,
        code: str,
        message: str,
        hint: str = "",
        category: Category = Category.PERMANENT,
        **params: object,
    ) -> None:
        self.code = code
        self.message_template = message
        self.hint_template = hint
        self.category = category
        self.params = params
        super().__init__(code, self.message)

    @property
    def message(self) -> str:
        """What happened, and where, in English."""
        return self.message_template.format(**self.params)

    @property
    def hint(self) -> str:
        """What the user can do about it, in English; may be empty."""
        return self.hint_template.format(**self.params)

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()

    def as_json(self) -> dict[str, str]:
        """The error object of the command line and the HTTP API."""
        return {
            "code": self.code,
            "message": self.message,
            "hint": self.hint,
            "category": self.category.value,
        }


class UsageError(JarvisError):
    """The command was called with arguments that make no sense."""

    exit_status = 2


class ConfigError(JarvisError):
    """The configuration is unreadable, unknown or out of bounds."""

    exit_status = 3


class ModelError(JarvisError):
    """A model is unknown, missing, damaged or could not be stored."""

    exit_status = 4


class EngineError(JarvisError):
    """A chat engine could not start, answer or stop."""

    exit_status = 5


class SpeechError(JarvisError):
    """A speech model (transcription or synthesis) failed."""

    exit_status = 5


class DesktopError(JarvisError):
    """The desktop, or the system, does not let Jarvis do something there."""


class AudioError(JarvisError):
    """A sound device or an audio file could not be used."""

    exit_status = 6


class StorageError(JarvisError):
    """Conversations or memory could not be read or written."""

    exit_status = 7


class NetworkError(JarvisError):
    """Something had to be fetched and could not be."""

    exit_status = 8


def defective(part: str) -> JarvisError:
    """What is told of an exception that nobody foresaw, in a part of the program."""
    return JarvisError(
        "app.defect",
        "Something went wrong inside Jarvis ({part}).",
        "Try again. The log file has the details for a report.",
        Category.DEGRADED,
        part=part,
    )

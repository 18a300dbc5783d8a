"""What the assistant is asked to do."""

from __future__ import annotations

from dataclasses import dataclass

from jarvis_desktop.dialogue.facts import WordsHeard
from jarvis_desktop.events import EarMode


@dataclass(frozen=True, slots=True)
class Command:
    """Something the assistant has to do now."""


@dataclass(frozen=True, slots=True)
class OpenEars(Command):
    """Listen. `HELD`: one utterance until `FinishEars`; else what the mode finds, until `CloseEars`.

    Ears that already listen that way go on undisturbed; only the time to fall asleep begins anew.
    """

    mode: EarMode


@dataclass(frozen=True, slots=True)
class FinishEars(Command):
    """The key was released, or held for too long: transcribe what was heard.

    `keep_microphone`: the device stays open (unheard), because it will be needed again soon.
    """

    keep_microphone: bool


@dataclass(frozen=True, slots=True)
class CloseEars(Command):
    """Stop listening and forget what was not yet transcribed.

    `keep_microphone`: the device stays open (unheard), because listening resumes after the answer.
    """

    keep_microphone: bool = False


@dataclass(frozen=True, slots=True)
class StartTurn(Command):
    """Answer `text`. `speak`: read the answer aloud. `heard`: the utterance it came from, None when typed.

    `instead_of`: the id of a turn in whose place it stands (see `SubmitText`).
    """

    turn: int
    text: str
    speak: bool
    heard: WordsHeard | None = None
    instead_of: str = ""


@dataclass(frozen=True, slots=True)
class AbortTurn(Command):
    """Stop generating and speaking; keep what was heard (or shown, where nothing was spoken)."""

    turn: int


@dataclass(frozen=True, slots=True)
class Hush(Command):
    """Stop speaking; go on writing."""

    turn: int


@dataclass(frozen=True, slots=True)
class PauseSpeech(Command):
    """Fall silent for now; go on writing."""

    turn: int


@dataclass(frozen=True, slots=True)
class ResumeSpeech(Command):
    """Speak on from where it fell silent."""

    turn: int


@dataclass(frozen=True, slots=True)
class Dictate(Command):
    """Hand on what was heard, to be typed."""

    text: str


@dataclass(frozen=True, slots=True)
class Acknowledge(Command):
    """Let the user know that the wake word was heard."""

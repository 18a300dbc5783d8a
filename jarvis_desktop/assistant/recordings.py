"""What was said in spoken questions, to be heard again: in memory only, never written anywhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from jarvis_desktop.dialogue import StartTurn
from jarvis_desktop.events import (
    ConversationDeleted,
    ConversationOpened,
    Event,
    MemoryForgotten,
    RecordingsKept,
)
from jarvis_desktop.ports import SAMPLE_RATE, Memory, Samples, SpeechClip

KEPT_SECONDS = 300.0
"""Sound kept at most (19 MB); the oldest recordings go first."""


@dataclass(frozen=True, slots=True)
class _Recording:
    clip: SpeechClip
    conversation_id: str
    private: bool


class Recordings:
    """One recording a turn, each as long as what it says may be known."""

    def __init__(self, history: Memory, emit: Callable[[Event], None]) -> None:
        self._history = history
        self._emit = emit
        self._kept: dict[str, _Recording] = {}  # by turn, oldest first

    def keep(self, command: StartTurn, turn_id: str, conversation_id: str, before: str) -> None:
        """Keep what a turn begins with, where that was spoken; `before` is the id of the turn before it."""
        if (heard := command.heard) is None:
            return
        samples: Samples = heard.recording
        goes_on = command.text != heard.text.strip()
        if goes_on and (begun := self._kept.get(before)) is not None:
            samples = np.concatenate((begun.clip.samples, samples))
        clip = SpeechClip(samples, SAMPLE_RATE, command.text)
        self._kept[turn_id] = _Recording(clip, conversation_id, self._history.is_private(conversation_id))
        while sum(each.clip.seconds for each in self._kept.values()) > KEPT_SECONDS:
            del self._kept[next(iter(self._kept))]
        self._tell()

    def clip(self, turn_id: str) -> SpeechClip | None:
        """What was said in a turn; None where it is not kept, or not any more."""
        recording = self._kept.get(turn_id)
        return recording.clip if recording is not None else None

    def take(self, event: Event) -> None:
        """Drop what goes with what has happened."""
        match event:
            case MemoryForgotten():  # what is forgotten may be said in any of them
                self.clear()
            case ConversationDeleted(conversation):
                self._drop(lambda each: each.conversation_id == conversation.id)
            case ConversationOpened(shown):
                self._drop(lambda each: each.private and each.conversation_id != shown)

    def clear(self) -> None:
        """Drop all of them."""
        self._drop(lambda _: True)

    def _drop(self, gone: Callable[[_Recording], bool]) -> None:
        kept = {turn_id: each for turn_id, each in self._kept.items() if not gone(each)}
        if len(kept) != len(self._kept):
            self._kept = kept
            self._tell()

    def _tell(self) -> None:
        self._emit(RecordingsKept(tuple(self._kept)))

"""Records where the time of an answer goes, when the user asks for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from jarvis_desktop.assistant.tasks import spawn
from jarvis_desktop.errors import JarvisError
from jarvis_desktop.events import (
    AnswerProfiled,
    Event,
    Failed,
    ProfileAnswer,
    ProfilingChanged,
    TurnFinished,
    TurnStarted,
)
from jarvis_desktop.ports import Recorder


class ProfileDesk:
    """One answer for each wish; `new_recorder` gives what records it. Runs on the core thread."""

    def __init__(self, new_recorder: Callable[[], Recorder], emit: Callable[[Event], None]) -> None:
        self._new_recorder = new_recorder
        self._emit = emit
        self._next: Recorder | None = None  # made before the turn, which it must not slow down
        self._recording: tuple[str, Recorder] | None = None  # and the turn

    def take(self, wish: ProfileAnswer) -> None:
        """Record the next answer, or not; returns at once."""
        self._next = self._new_recorder() if wish.on else None
        if not wish.on:
            self._end()
        self._emit(ProfilingChanged(wish.on))

    def note(self, event: Event) -> None:
        """A listener of the assistant."""
        if isinstance(event, TurnStarted) and self._next is not None:
            self._end()
            self._recording, self._next = (event.turn_id, self._next), None
            self._recording[1].start()
        elif isinstance(event, TurnFinished | Failed) and self._recording is not None:
            turn_id, recorder = self._recording
            if event.turn_id == turn_id:
                self._end()
                spawn(self._save(turn_id, recorder), "profile", self._emit)

    def stop(self) -> None:
        """Drop what is being recorded."""
        self._next = None
        self._end()

    def _end(self) -> None:
        if self._recording is not None:
            self._recording[1].stop()
            self._recording = None

    async def _save(self, turn_id: str, recorder: Recorder) -> None:
        try:
            self._emit(AnswerProfiled(turn_id, await asyncio.to_thread(recorder.save)))
        except JarvisError as error:
            self._emit(Failed(error))
        finally:
            self._emit(ProfilingChanged(False))

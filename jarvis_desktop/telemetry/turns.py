"""When the stages of one turn were reached."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from jarvis_desktop.events import Timings

Stage = Literal[
    "turn_end", "transcript", "recall", "loaded", "first_token", "first_sentence", "first_audio", "total"
]


class TurnClock:
    """Marks of one turn, counted from `started_at`, the end of the input, on the clock `now` (seconds).

    The clock has to be monotonic: a correction of the wall clock must not show as a slow answer.
    `capture` is how many milliseconds of speech came before, None where nobody spoke.
    """

    def __init__(self, started_at: float, now: Callable[[], float], capture: float | None = None) -> None:
        self._started_at = started_at
        self._capture = capture
        self._now = now
        self._marks: dict[Stage, float] = {}

    def mark(self, stage: Stage, at: float | None = None) -> None:
        """The stage is reached now, or was at `at` (s on the clock); the first mark of a stage counts."""
        reached = self._now() if at is None else at
        # A partial transcript may be final before the pause that ends the turn is over.
        self._marks.setdefault(stage, max(0.0, reached - self._started_at) * 1000)

    def timings(self) -> Timings:
        """Milliseconds from the end of the input; None for what was not reached."""
        return Timings(self._capture, **self._marks)

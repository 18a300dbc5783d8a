"""When silence is the end of a turn."""

from __future__ import annotations

import math

from jarvis_desktop.config.schema import Listening
from jarvis_desktop.ports import TurnJudged

_OVER = 0.7
_SURE_S = 0.3
_UNSURE_S = 3.0
_ASK_EVERY_S = 0.2
_LAST_ASK_S = 1.0
_EPSILON = 1e-6


class Pace:
    """How long the user's own pauses within a turn are; lives as long as the program."""

    def __init__(self) -> None:
        self._mean = 0.5

    def went_on(self, pause: float) -> None:
        """The voice came back `pause` seconds after it had fallen silent, in the same turn."""
        self._mean += 0.2 * (pause - self._mean)

    def came_back(self, pause: float) -> None:
        """The voice began anew `pause` seconds after the end of a turn."""
        if pause < 1.0:
            self.went_on(pause)

    @property
    def factor(self) -> float:
        return min(2.0, max(0.8, self._mean / 0.5))


class TurnEnd:
    """Decides for one turn."""

    def __init__(self, settings: Listening, pace: Pace) -> None:
        self._settings, self._pace = settings, pace
        self._shortest = settings.shortest_pause_ms / 1000
        self._longest = max(settings.longest_pause_ms / 1000, self._shortest)
        self._fixed = settings.stop_ms / 1000
        self._reset()

    def resumed(self, pause: float) -> None:
        if self._stopped:
            self._pace.went_on(pause)
        self._reset()

    def _reset(self) -> None:
        self._stopped = False
        self._next_ask = self._shortest
        self._wait = self._longest if self._settings.judge_turn_end else self._fixed

    def stops(self, silence: float) -> bool:
        if self._stopped or silence < self._shortest - _EPSILON:
            return False
        self._stopped = True
        return True

    def asks(self, silence: float) -> bool:
        return self._settings.judge_turn_end and silence >= self._next_ask - _EPSILON

    def judged(self, completeness: float, silence: float) -> TurnJudged:
        over = completeness >= _OVER
        self._wait = max(_SURE_S, self._shortest) if over else self._longest
        self._next_ask = silence + _ASK_EVERY_S if silence + _ASK_EVERY_S <= _LAST_ASK_S else math.inf
        return TurnJudged(completeness, over)

    def over(self, silence: float) -> bool:
        return silence >= self._wait - _EPSILON

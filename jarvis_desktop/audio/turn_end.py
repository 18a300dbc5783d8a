"""When silence is the end of a turn."""

from __future__ import annotations

from jarvis_desktop.config.schema import Listening
from jarvis_desktop.ports import TurnJudged

_OVER = 0.68
"""Completeness from which a turn is over: 6 % of the pauses within a sentence reach it and two thirds of the
ends, of speakers the classifier was not fitted on (tools/train_turn_end.py)."""

_OVER_S = 0.25
"""Silence that ends a turn judged to be over."""

_OPEN_S = 1.8
"""Silence that ends a turn judged to go on: pauses within a sentence are seldom longer than 1.5 s."""

_LEARNING = 0.2
"""Weight of the newest pause in the mean; about the last five count."""

_USUAL_S = 0.6
"""Mean pause within a turn before anything is known of the user."""

_CAME_BACK_S = 1.5
"""A voice that begins anew this soon after a turn had ended had only paused."""

_EPSILON = 1e-6  # s; sums of frame lengths are not exact


class Pace:
    """How long the user's own pauses within a turn are; lives as long as the program."""

    def __init__(self) -> None:
        self._mean = _USUAL_S

    def went_on(self, pause: float) -> None:
        """The voice came back `pause` seconds after it had fallen silent, in the same turn."""
        self._mean += _LEARNING * (pause - self._mean)

    def came_back(self, pause: float) -> None:
        """A turn began `pause` seconds after the last voice of the one before."""
        if pause < _CAME_BACK_S:
            self.went_on(pause)

    @property
    def factor(self) -> float:
        """Waits are this many times the usual: 1 to 2, never shorter."""
        return min(2.0, max(1.0, self._mean / _USUAL_S))


class TurnEnd:
    """Decides for one turn; all times are seconds of silence since the last voice."""

    def __init__(self, settings: Listening, pace: Pace) -> None:
        self._pace = pace
        self._adapts = settings.adapt_pauses
        self._shortest = settings.shortest_pause_ms / 1000
        self._longest = max(settings.longest_pause_ms / 1000, self._shortest)
        self._stopped = False
        unjudged = max(settings.stop_ms / 1000, self._shortest)
        self._wait = self._silence = self._longest if settings.judge_turn_end else unjudged

    def resumed(self, silence: float) -> None:
        """There is voice again."""
        if self._stopped:
            self._pace.went_on(silence)
        self._stopped = False
        self._wait = self._silence

    def stops(self, silence: float) -> bool:
        """Whether the voice has just fallen silent; true once in each pause."""
        stops = not self._stopped and silence >= self._shortest - _EPSILON
        self._stopped = self._stopped or stops
        return stops

    def judged(self, completeness: float) -> TurnJudged:
        """How complete the turn sounded when the voice fell silent."""
        over = completeness >= _OVER
        factor = self._pace.factor if self._adapts else 1.0
        self._wait = min(self._longest, max(self._shortest, _OVER_S if over else _OPEN_S * factor))
        return TurnJudged(completeness, over)

    def over(self, silence: float) -> bool:
        """Whether the turn has ended."""
        return silence >= self._wait - _EPSILON

"""When silence is the end of a turn."""

from __future__ import annotations

import numpy as np

from jarvis_desktop.config.schema import Listening
from jarvis_desktop.ports import TurnJudged

_LIKELY = 0.3
"""Completeness from which an answer is worth preparing: 23 % of the pauses within a sentence reach it and
94 % of the ends, of speakers the classifier was not fitted on (tools/train_turn_end.py)."""

_COMPLETENESS = (0.5, 0.65)
_WAITS_S = (1.6, 0.25)
"""Silence that ends a turn of that completeness, straight in between. Of the same pauses, 0.3 to 1.5 s long,
8 % end the turn, and at its end the mean wait is 0.5 s; without anything in between it was 0.7 s."""

_STOPPED_S = 0.09
"""Silence after which the voice has fallen silent, three frames: time to make the text final in."""

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
        """Waits are this many times the usual: 1 to 1.5, never shorter."""
        return min(1.5, max(1.0, self._mean / _USUAL_S))


class TurnEnd:
    """Decides for one turn; all times are seconds of silence since the last voice."""

    def __init__(self, settings: Listening, pace: Pace) -> None:
        self._pace = pace
        self._adapts = settings.adapt_pauses
        self._shortest = settings.shortest_pause_ms / 1000
        self._longest = max(settings.longest_pause_ms / 1000, self._shortest)
        self._stopped = self._judged = False  # in this pause
        unjudged = max(settings.stop_ms / 1000, self._shortest)
        self._judges = settings.judge_turn_end
        self._wait = self._silence = self._longest if self._judges else unjudged
        self._asked = False

    def resumed(self, silence: float) -> None:
        """There is voice again."""
        if self._judged:
            self._pace.went_on(silence)
        self._stopped = self._judged = self._asked = False
        self._wait = self._silence

    def stops(self, silence: float) -> bool:
        """Whether the voice has just fallen silent; true once in each pause."""
        stops = not self._stopped and silence >= _STOPPED_S
        self._stopped = self._stopped or stops
        return stops

    def wants_judgement(self, silence: float) -> bool:
        """Whether this may be the end, for how it sounds to tell; true once in each pause."""
        wants = not self._judged and silence >= self._shortest - _EPSILON
        self._judged = self._judged or wants
        return wants and self._judges

    def must_know(self, silence: float) -> bool:
        """Whether the turn would be over if it sounded complete."""
        return silence >= max(self._shortest, min(_WAITS_S)) - _EPSILON

    def judged(self, completeness: float) -> TurnJudged:
        """How complete the turn sounded when the voice fell silent."""
        soonest = min(_WAITS_S)
        factor = self._pace.factor if self._adapts else 1.0
        wait = soonest + factor * (float(np.interp(completeness, _COMPLETENESS, _WAITS_S)) - soonest)
        if not self._asked:
            self._wait = min(self._longest, max(self._shortest, wait))
        return TurnJudged(completeness, self._asked or completeness >= _LIKELY)

    def reads(self, text: str) -> TurnJudged | None:
        """What was said until the voice fell silent: a question is over, however it sounded.

        Of 121 pauses within sentences Whisper put a question mark before one; other ends tell nothing.
        """
        if not (self._judges and self._stopped and text.endswith("?")) or self._asked:
            return None
        self._asked = True
        self._wait = max(self._shortest, min(_WAITS_S))
        return TurnJudged(1.0, True)

    def over(self, silence: float) -> bool:
        """Whether the turn has ended."""
        return silence >= self._wait - _EPSILON

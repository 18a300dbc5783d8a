"""Tells a user's voice from an echo, and whether the model of the echo can be trusted."""

from __future__ import annotations

from collections import deque
from enum import Enum

import numpy as np

from jarvis_desktop.audio.echo_filter import REACH, lag_between
from jarvis_desktop.ports import Samples

_LOUDER = 10.0
"""A voice is what exceeds the echo the filter is known to leave by this factor (10 dB)."""

_AGREED = 0.003
"""Share of a voice (-25 dB) that the other canceller leaves at least; of an echo it leaves less."""

_FAINT = 1e-6
"""Power (-60 dBFS) below which nothing counts as a voice."""

_SOUNDS = 1e-7
"""Power (-70 dBFS) of an echo from which something can be learned."""

_LEARNED = 0.06
"""The filter is trusted when it leaves less than this share of the echo's power (-12 dB)."""

_KNOWN = 0.3
"""A model that left less than this share of the echo (-5 dB) is good enough to find the delay with."""

_RISE = 1.02
"""Factor per block by which the share may grow again: 4 dB a second, after somebody moved."""

_NO_ECHO = 1e-4
"""With less than this share (-40 dB) of what is played in the microphone, the user wears headphones."""

_LISTENED = 75
"""Blocks with sound from the loudspeaker (1.5 s) after which that can be told."""

_SURE = 2
"""Blocks in a row (40 ms) that are louder than the echo until it is a voice; the end of a word may be one."""

_HOLD = 6
"""Blocks (120 ms) a voice stays open, so that the ends of its words are kept."""

_SILENT = 25
"""Blocks (0.5 s) of silence after which another reply begins, with another delay."""

_WINDOW = 12
"""Blocks (240 ms) compared to find the delay."""

_ALIKE = 0.5
"""Correlation of microphone and modelled echo from which they are the same sound."""

_UNLIKE = 3
"""Blocks in a row that do not fit until the model is doubted."""

_PATIENCE = 75
"""Blocks with an echo (1.5 s) in which the delay must be found again."""

_PROBATION = 5
"""Blocks (0.1 s) in which a found delay proves itself: voices resemble themselves a pitch later, too."""

_FAR_LOUDER = 8.0
"""In doubt a voice is what exceeds the loudest echo there can be by this factor (9 dB)."""


class Fit(Enum):
    """How well the filter's model fits the room."""

    UNKNOWN = "unknown"  # it is still being learned
    GOOD = "good"
    TRIED = "tried"  # it was moved to another delay, which may be the right one
    DOUBTFUL = "doubtful"  # the delay may have changed


class EchoJudge:
    """Listens to each block before and after the filter. One instance per filter."""

    def __init__(self) -> None:
        self._doubtful = False
        self._near = self._rest = self._echo = self._cancelled = 0.0  # powers, the past counting half
        self._tail = 0.0  # of the echo and its reverberation
        self._share = self._best = 1.0  # of the echo that the filter leaves; the best it has been
        self._likeness = _Likeness()
        self._played = deque([0.0] * _WINDOW, maxlen=_WINDOW)  # powers of the last blocks
        self._echo_sum = self._played_sum = 0.0  # slowly forgotten
        self._blocks: deque[tuple[Samples, Samples]] = deque(maxlen=_WINDOW)  # (microphone, echo)
        self._listened = self._silent = self._unlike = self._doubted = self._probation = 0
        self._louder = self._held = 0

    @property
    def fit(self) -> Fit:
        """What is known of the model."""
        if self._doubtful:
            return Fit.DOUBTFUL
        if self._probation:
            return Fit.TRIED
        return Fit.GOOD if self._share < _LEARNED or self._no_echo else Fit.UNKNOWN

    @property
    def lowered_db(self) -> float:
        """By how much the other canceller lowers the microphone now."""
        return float(10.0 * np.log10((self._near + 1e-10) / (self._cancelled + 1e-10)))

    def hear(self, near: Samples, rest: Samples, echo: Samples, cancelled: Samples, far: Samples) -> bool:
        """Whether somebody talks in this block; always no while the fit is unknown."""
        self._measure(near, rest, echo, cancelled, far)
        if not (self._doubtful or self._no_echo) and self._does_not_fit():
            self._doubtful, self._doubted, self._held = True, 0, 0
            self._blocks.clear()
        self._louder = self._louder + 1 if self._talks() else 0
        self._probation = max(0, self._probation - 1)
        goes_on = self._held > 0 and self._louder > 0
        self._held = _HOLD if goes_on or self._louder >= _SURE else max(0, self._held - 1)
        return self._held > 0

    def lag(self) -> int | None:
        """Samples by which the echo comes later than modelled, None while that cannot be told."""
        sounding = sum(float(np.mean(np.square(echo))) > _SOUNDS for _, echo in self._blocks)
        if sounding < _WINDOW // 2:
            return None
        near, echo = (np.concatenate(side) for side in zip(*self._blocks, strict=True))
        lag, likeness = lag_between(near, echo, REACH)
        return lag if likeness > _ALIKE else None

    def found(self) -> None:
        """The delay is known again."""
        self._doubtful = False
        self._likeness = _Likeness()
        self._rest, self._unlike, self._probation = 0.0, 0, _PROBATION

    @property
    def lost(self) -> bool:
        """Whether the delay has been sought for too long, or with too little to go by."""
        return self._doubted > _PATIENCE or self._best > _KNOWN

    def _measure(self, near: Samples, rest: Samples, echo: Samples, cancelled: Samples, far: Samples) -> None:
        powers = [float(np.mean(np.square(samples))) for samples in (near, rest, echo, far, cancelled)]
        self._near = 0.5 * self._near + 0.5 * powers[0]
        self._rest = 0.5 * self._rest + 0.5 * powers[1]
        self._echo = 0.5 * self._echo + 0.5 * powers[2]
        self._cancelled = 0.5 * self._cancelled + 0.5 * powers[4]
        self._tail = max(0.8 * self._tail, self._echo)
        self._played.append(powers[3])
        self._listened += powers[3] > _FAINT
        self._silent = 0 if powers[2] > _SOUNDS else self._silent + 1
        self._doubted += powers[2] > _SOUNDS
        self._likeness.add(near, rest, echo)
        self._blocks.append((near, echo))
        if not self._doubtful:
            self._echo_sum = 0.998 * self._echo_sum + powers[2]
            self._played_sum = 0.998 * self._played_sum + powers[3]
            if self._echo > _SOUNDS:
                self._share = float(np.clip(self._rest / self._echo, 1e-4, min(1.0, self._share * _RISE)))
                self._best = min(self._best, self._share)

    def _does_not_fit(self) -> bool:
        self._unlike = self._unlike + 1 if self._likeness.missing else 0
        learned = self.fit in (Fit.GOOD, Fit.TRIED) and self._unlike >= _UNLIKE
        return learned or (self._silent == _SILENT and self._listened > 0)

    def _talks(self) -> bool:
        match self.fit:
            case Fit.GOOD:
                return self._more_than_modelled()
            case Fit.TRIED:
                return self._more_than_modelled() and self._more_than_played()
            case Fit.DOUBTFUL:
                return self._more_than_played()
            case _:
                return False

    def _more_than_modelled(self) -> bool:
        agreed = self._cancelled > _AGREED * self._rest
        # An echo that is not where it is modelled adds to the model instead of being taken away.
        taken = self._rest < self._near or self._echo < 0.1 * self._near
        return agreed and taken and self._rest > max(_FAINT, _LOUDER * self._share * self._tail)

    def _more_than_played(self) -> bool:
        return self._near > max(_FAINT, _FAR_LOUDER * self._gain * max(self._played))

    @property
    def _no_echo(self) -> bool:
        return self._listened > _LISTENED and self._gain < _NO_ECHO

    @property
    def _gain(self) -> float:
        return self._echo_sum / (self._played_sum + 1e-9)


class _Likeness:
    """Whether the modelled echo is in the microphone at all: with it taken away, less must be left."""

    def __init__(self) -> None:
        self._both = self._echo = self._rest = 0.0  # over about 130 ms

    def add(self, near: Samples, rest: Samples, echo: Samples) -> None:
        self._both = 0.85 * self._both + 0.15 * float(np.mean(near * echo))
        self._echo = 0.85 * self._echo + 0.15 * float(np.mean(np.square(echo)))
        self._rest = 0.85 * self._rest + 0.15 * float(np.mean(np.square(rest)))

    @property
    def missing(self) -> bool:
        """Told only where the echo is not drowned by a voice."""
        return self._echo > _SOUNDS and self._rest < 8.0 * self._echo and self._both < 0.5 * self._echo

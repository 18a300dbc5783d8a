"""Hears the wake word and nothing else: the detector while Jarvis sleeps."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from typing import Protocol

import numpy as np

from jarvis_desktop.audio.voicing import CheapLook, Piece
from jarvis_desktop.config.schema import Listening, Wake
from jarvis_desktop.ports import SAMPLE_RATE, AudioBlock, Samples, WakeHeard

SCORE_S = 0.08
"""What one score of `hearing.WakeListener.wake` is for."""

_STEP = round(SCORE_S * SAMPLE_RATE)
_PIECE_S = 0.02

_HISTORY_S = 2.5
"""Sound that is heard first when the listener is asked: its window is two seconds long."""

_FOUND, _LOOKED_AT = 3, 5
"""Three of the last five pieces have to stand out before the listener is asked: clicks do not."""

_QUIET_S = 1.5
"""The listener is asked no more when nothing has stood out for so long."""

_STANDS_OUT_DB = 5.0
"""Above the background; steady noise (an engine, a fan) does not keep the listener busy."""

_BACKGROUND_S = 3.0
"""The background is the quietest tenth of a second within so long: speech leaves gaps, noise does not."""

_LATE_S = 0.16
"""How long after the end of the wake word its score comes (median)."""

_DEAF_S = 1.0
"""After the wake word, so that one call wakes once."""

_TAIL_S = 0.5
"""Silence put behind a source that ends with the wake word: its score comes after the word."""


class Listener(Protocol):
    """What the gate asks of `hearing.WakeListener`."""

    async def wake(
        self, samples: Samples, *, name_alone: bool = False, fresh: bool = False
    ) -> Sequence[float]:
        """Score of the wake word for each 80 ms completed by `samples`."""
        ...


class WakeGate:
    """`ports.VoiceDetector` for `EarMode.WAKE`: the only event is `WakeHeard`.

    The listener is asked only while something louder than the background sounds like a voice, and then first
    about the seconds before, so that nothing is missed. Raises what the listener raises.
    """

    def __init__(self, settings: Listening, wake: Wake, listener: Listener) -> None:
        self._look = CheapLook(settings)
        self._background = _Background(settings.energy_gate_dbfs)
        self._wake = wake
        self._listener = listener
        self._recent: deque[bool] = deque(maxlen=_LOOKED_AT)
        self._waiting: Samples = np.zeros(0, np.float32)  # not asked about yet; the last seconds while idle
        self._busy = self._asked = False
        self._found_at = self._deaf_until = -math.inf

    async def feed(self, block: AudioBlock) -> Sequence[WakeHeard]:
        """The wake word, if its end is in this block or a fraction of a second before."""
        events: list[WakeHeard] = []
        for piece in self._look.feed(block):
            if piece.end < self._deaf_until:
                continue
            self._watch(piece)
            if self._busy and len(self._waiting) >= _STEP:
                events.extend(await self._ask(piece.end))
        return events

    def reads(self, text: str) -> None:
        """Nothing is written down here."""

    async def finish(self) -> Sequence[WakeHeard]:
        """The source ended: the wake word, if it was the last thing in it."""
        if not self._busy:
            return []
        end = self._found_at
        self._waiting = np.concatenate((self._waiting, np.zeros(round(_TAIL_S * SAMPLE_RATE), np.float32)))
        return [WakeHeard(heard.score, min(heard.end, end)) for heard in await self._ask(end + _TAIL_S)]

    def _watch(self, piece: Piece) -> None:
        """Keep the piece and decide whether the listener is to be asked."""
        self._waiting = np.concatenate((self._waiting, piece.samples))
        self._recent.append(self._background.stands_out(piece) and piece.found)
        if sum(self._recent) >= _FOUND:
            self._busy, self._found_at = True, piece.end
        elif piece.end - self._found_at >= _QUIET_S:
            self._busy = self._asked = False
        if not self._busy:
            self._waiting = self._waiting[-round(_HISTORY_S * SAMPLE_RATE) :]

    async def _ask(self, now: float) -> list[WakeHeard]:
        """Have all waiting sound scored, which ends at `now`; the first score that is enough wakes."""
        whole = len(self._waiting) - len(self._waiting) % _STEP
        asked, self._waiting = self._waiting[:whole], self._waiting[whole:]
        fresh, self._asked = not self._asked, True
        scores = await self._listener.wake(asked, name_alone=self._wake.name_alone, fresh=fresh)
        start = now - (len(asked) + len(self._waiting)) / SAMPLE_RATE
        for number, score in enumerate(scores, 1):
            if score >= self._wake.threshold:
                self._sleep(now + _DEAF_S)
                return [WakeHeard(score, start + number * SCORE_S - _LATE_S)]
        return []

    def _sleep(self, until: float) -> None:
        """Forget what was heard and hear nothing for a while."""
        self._busy = self._asked = False
        self._waiting = self._waiting[:0]
        self._recent.clear()
        self._deaf_until = until


class _Background:
    """How loud it is when nobody speaks; at first `quiet_dbfs` is taken for it."""

    def __init__(self, quiet_dbfs: float) -> None:
        pieces = round(_BACKGROUND_S / _PIECE_S)
        self._smoothing: deque[float] = deque(maxlen=round(0.1 / _PIECE_S))
        self._levels: deque[float] = deque([quiet_dbfs] * pieces, maxlen=pieces)

    def stands_out(self, piece: Piece) -> bool:
        """Whether the last tenth of a second is louder than the background."""
        self._smoothing.append(float(np.mean(np.square(piece.samples))) + 1e-12)
        level = 10.0 * math.log10(sum(self._smoothing) / len(self._smoothing))
        self._levels.append(level)
        return level > min(self._levels) + _STANDS_OUT_DB

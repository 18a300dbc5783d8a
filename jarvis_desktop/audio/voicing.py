"""What is voice: a cheap look at every 20 ms, and a network's opinion while there is reason to ask."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import webrtcvad

from jarvis_desktop.config.schema import Listening
from jarvis_desktop.ports import SAMPLE_RATE, AudioBlock, Samples

FRAME_S = 0.032
"""Length of one of Silero's frames."""

_FRAME = round(FRAME_S * SAMPLE_RATE)
_PIECE = SAMPLE_RATE // 50  # 20 ms, a length webrtcvad takes

_ENTER, _LEAVE = 0.5, 0.35
"""A voice begins at the first probability and lasts while it stays above the second."""

_HISTORY = SAMPLE_RATE
"""Sound from before the cheap look found something that Silero hears first: its memory starts empty."""

_QUIET_S = 1.0
"""Silero is asked no more when the cheap look has found nothing for so long."""


class Judge(Protocol):
    """What the gates ask of `hearing.Hearing`."""

    async def voice(self, samples: Samples, *, fresh: bool = False) -> Sequence[float]:
        """Probability of a voice for each 32 ms completed by `samples`."""
        ...

    async def turn_end(self, samples: Samples) -> float:
        """How complete a turn sounds that fell silent where `samples` end, 0..1."""
        ...


@dataclass(frozen=True, slots=True)
class Piece:
    """20 ms of sound; `found` says whether it may be speech, `end` is the time just after it."""

    samples: Samples
    end: float
    found: bool


@dataclass(frozen=True, slots=True)
class Frame:
    """32 ms of sound that Silero has judged; `end` is the time just after it."""

    samples: Samples
    end: float
    voiced: bool

    @property
    def start(self) -> float:
        return self.end - FRAME_S


class CheapLook:
    """webrtcvad behind an energy gate: misses next to no speech, and takes much else for it."""

    def __init__(self, settings: Listening) -> None:
        self._vad = webrtcvad.Vad(settings.vad_mode)
        self._gate_dbfs = settings.energy_gate_dbfs
        self._held: Samples = np.zeros(0, dtype=np.float32)

    def feed(self, block: AudioBlock) -> Iterator[Piece]:
        """Each piece completed by `block`."""
        joined = np.concatenate((self._held, block.samples))
        origin = block.end - len(joined) / SAMPLE_RATE
        whole = len(joined) - len(joined) % _PIECE
        self._held = joined[whole:]
        for end in range(_PIECE, whole + 1, _PIECE):
            piece = AudioBlock(joined[end - _PIECE : end], origin + (end - _PIECE) / SAMPLE_RATE)
            yield Piece(piece.samples, piece.end, self._found(piece))

    def rest(self) -> Samples:
        """The samples too few for a piece; nothing is held afterwards."""
        rest, self._held = self._held, self._held[:0]
        return rest

    def _found(self, piece: AudioBlock) -> bool:
        pcm = (np.clip(piece.samples, -1.0, 1.0) * 32767.0).astype("<i2").tobytes()
        # Asked in any case: the detector learns the background from every frame it sees.
        return bool(self._vad.is_speech(pcm, SAMPLE_RATE)) and piece.rms_dbfs > self._gate_dbfs


class CloseLook:
    """Silero on the sound since shortly before the cheap look last found something.

    Asleep it costs nothing and keeps a second of sound; `feed` gives that second out on waking, so that no
    sample is missing. Asked at most once for a piece, with whole frames.
    """

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._waiting: Samples = np.zeros(0, dtype=np.float32)  # not judged yet
        self._awake = self._asked = False
        self._found_at = 0.0
        self._voiced = False

    async def feed(self, piece: Piece, *, keep_awake: bool) -> list[Frame]:
        """The frames completed by `piece`; none while asleep."""
        self._waiting = np.concatenate((self._waiting, piece.samples))
        if piece.found:
            self._awake, self._found_at = True, piece.end
        elif not keep_awake and piece.end - self._found_at >= _QUIET_S:
            self._awake = self._asked = self._voiced = False
        if not self._awake:
            self._waiting = self._waiting[-_HISTORY:]
            return []
        whole = len(self._waiting) - len(self._waiting) % _FRAME
        if not whole:
            return []
        asked, self._waiting = self._waiting[:whole], self._waiting[whole:]
        fresh, self._asked = not self._asked, True
        probabilities = await self._judge.voice(asked, fresh=fresh)
        start = piece.end - (len(asked) + len(self._waiting)) / SAMPLE_RATE
        frames: list[Frame] = []
        for at, probability in zip(range(0, whole, _FRAME), probabilities, strict=True):
            self._voiced = probability >= (_LEAVE if self._voiced else _ENTER)
            after = at + _FRAME
            frames.append(Frame(asked[at:after], start + after / SAMPLE_RATE, self._voiced))
        return frames

    def rest(self) -> Samples:
        """The samples that were not judged; nothing is held afterwards."""
        rest, self._waiting = self._waiting, self._waiting[:0]
        return rest

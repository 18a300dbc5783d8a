"""Where speech begins and where a turn ends."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

import numpy as np
import webrtcvad

from jarvis_desktop.config.schema import Listening
from jarvis_desktop.ports import (
    SAMPLE_RATE,
    AudioBlock,
    Samples,
    UtteranceEnded,
    VoiceContinued,
    VoiceEvent,
    VoiceStarted,
    VoiceStopped,
)

FRAME_MS = 20
_FRAME = SAMPLE_RATE * FRAME_MS // 1000

_PAUSE_S = 0.2
"""Silence after which `VoiceStopped` tells that the voice may have finished."""

_DENSITY = 0.6
"""Share of voiced frames that is speech beginning; keys and clicks are scattered, syllables are not."""

_RESUME_FRAMES, _RESUME_WINDOW = 3, 5
"""Within a turn the voice counts as going on when 3 of the last 5 frames are voiced: lone frames of noise
must not put off the end of the turn for ever."""

Reason = Literal["silence", "limit", "source-ended"]


class VoiceGate:
    """Finds utterances hands-free: webrtcvad behind an energy gate, smoothed over a ring of frames.

    A turn begins when voiced frames worth `start_ms`, and at least `min_utterance_ms`, fall into a window of
    which they make up 60 %. What begins is therefore long enough, and nothing has to be taken back: "yes" is
    250 ms of voice, a click is not. Every sample belongs to one utterance at most.
    """

    def __init__(self, settings: Listening) -> None:
        needed_ms = max(settings.start_ms, settings.min_utterance_ms)
        self._needed = needed_ms // FRAME_MS
        self._preroll = -(-settings.preroll_ms // FRAME_MS)
        self._stop_s = settings.stop_ms / 1000
        self._limit_s = float(settings.max_utterance_s)
        self._framer = _Framer(settings)
        self._window: deque[bool] = deque(maxlen=round(self._needed / _DENSITY))
        self._history: deque[Samples] = deque(maxlen=self._preroll + round(self._needed / _DENSITY))
        self._recent: deque[bool] = deque(maxlen=_RESUME_WINDOW)
        self._utterance: _Utterance | None = None

    async def feed(self, block: AudioBlock) -> Sequence[VoiceEvent]:
        """What this block changed; a frame that is not complete yet waits for the next block."""
        events: list[VoiceEvent] = []
        for frame, end, voiced in self._framer.feed(block):
            if self._utterance is None:
                events.extend(self._await_voice(frame, end, voiced))
            else:
                events.extend(self._follow(self._utterance, frame, end, voiced))
        return _merged(events)

    async def finish(self) -> Sequence[VoiceEvent]:
        """The source ended: closes an open utterance with the rest of its audio."""
        utterance, rest = self._utterance, self._framer.rest()
        if utterance is None:
            return []
        self._utterance = None
        tail: list[VoiceEvent] = [VoiceContinued(rest)] if len(rest) else []
        return [*tail, UtteranceEnded(utterance.voiced_until, "source-ended")]

    def _await_voice(self, frame: Samples, end: float, voiced: bool) -> Iterator[VoiceEvent]:
        self._history.append(frame)
        self._window.append(voiced)
        if not voiced or sum(self._window) < self._needed:
            return
        before = len(self._window) - list(self._window).index(True)  # frames since the first voiced one
        kept = list(self._history)[-(before + self._preroll) :]
        self._history.clear()
        self._window.clear()
        self._recent.extend([True] * _RESUME_WINDOW)
        samples = np.concatenate(kept)
        start = end - len(samples) / SAMPLE_RATE
        self._utterance = _Utterance(start, voiced_until=end)
        yield VoiceStarted(start, samples)

    def _follow(self, turn: _Utterance, frame: Samples, end: float, voiced: bool) -> Iterator[VoiceEvent]:
        yield VoiceContinued(frame)
        self._recent.append(voiced)
        if voiced and sum(self._recent) >= _RESUME_FRAMES:
            turn.voiced_until = end
            turn.paused = False
        silence = end - turn.voiced_until
        if silence >= _PAUSE_S - 1e-6 and not turn.paused:
            turn.paused = True
            yield VoiceStopped(turn.voiced_until)
        reason: Reason | None = None
        if silence >= self._stop_s - 1e-6:
            reason = "silence"
        elif end - turn.start >= self._limit_s:
            reason = "limit"
        if reason:
            self._utterance = None
            yield UtteranceEnded(turn.voiced_until, reason)


class HeldGate:
    """Push-to-talk: everything while the key is held is one utterance, up to `max_utterance_s`.

    The voice detector only dates the end: `end` is the last voiced sample, or the last sample where none is
    voiced. After the limit nothing more is taken.
    """

    def __init__(self, settings: Listening) -> None:
        self._limit_s = float(settings.max_utterance_s)
        self._framer = _Framer(settings)
        self._utterance: _Utterance | None = None
        self._heard_until = 0.0
        self._over = False

    async def feed(self, block: AudioBlock) -> Sequence[VoiceEvent]:
        """The block, and the end when the key is held for too long."""
        if self._over or not len(block.samples):
            return []
        self._heard_until = block.end
        events: list[VoiceEvent] = []
        if self._utterance is None:
            self._utterance = _Utterance(block.start, voiced_until=0.0)
            events.append(VoiceStarted(block.start, block.samples))
        else:
            events.append(VoiceContinued(block.samples))
        for _frame, end, voiced in self._framer.feed(block):
            if voiced:
                self._utterance.voiced_until = end
        if block.end - self._utterance.start >= self._limit_s:
            events.extend(self._end("limit"))
        return events

    async def finish(self) -> Sequence[VoiceEvent]:
        """The key was released, or the source ended."""
        return self._end("source-ended")

    def _end(self, reason: Reason) -> list[VoiceEvent]:
        utterance, self._utterance = self._utterance, None
        if utterance is None:
            return []
        self._over = True
        return [UtteranceEnded(utterance.voiced_until or self._heard_until, reason)]


class _Utterance:
    """The turn under way; times in seconds on the input's clock."""

    def __init__(self, start: float, voiced_until: float) -> None:
        self.start = start
        self.voiced_until = voiced_until
        self.paused = False  # `VoiceStopped` was said since the last voice


class _Framer:
    """Cuts blocks into 20 ms frames and judges each: voiced or not."""

    def __init__(self, settings: Listening) -> None:
        self._vad = webrtcvad.Vad(settings.vad_mode)
        self._gate_dbfs = settings.energy_gate_dbfs
        self._held: Samples = np.zeros(0, dtype=np.float32)

    def feed(self, block: AudioBlock) -> Iterator[tuple[Samples, float, bool]]:
        """Each frame completed by `block`, the time of its end, and whether it is voiced."""
        joined = np.concatenate((self._held, block.samples))
        origin = block.end - len(joined) / SAMPLE_RATE
        whole = len(joined) - len(joined) % _FRAME
        self._held = joined[whole:]
        for end in range(_FRAME, whole + 1, _FRAME):
            frame = joined[end - _FRAME : end]
            piece = AudioBlock(frame, origin + (end - _FRAME) / SAMPLE_RATE)
            yield frame, piece.end, self._voiced(piece)

    def rest(self) -> Samples:
        """The samples too few for a frame; nothing is held afterwards."""
        rest, self._held = self._held, self._held[:0]
        return rest

    def _voiced(self, frame: AudioBlock) -> bool:
        pcm = (np.clip(frame.samples, -1.0, 1.0) * 32767.0).astype("<i2").tobytes()
        # Asked in any case: the detector learns the background from every frame it sees.
        return bool(self._vad.is_speech(pcm, SAMPLE_RATE)) and frame.rms_dbfs > self._gate_dbfs


def _merged(events: Iterable[VoiceEvent]) -> list[VoiceEvent]:
    """Neighbouring pieces of audio in one event."""
    merged: list[VoiceEvent] = []
    for event in events:
        last = merged[-1] if merged else None
        if isinstance(event, VoiceContinued) and isinstance(last, VoiceContinued):
            merged[-1] = VoiceContinued(np.concatenate((last.samples, event.samples)))
        else:
            merged.append(event)
    return merged

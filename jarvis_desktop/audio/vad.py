"""Where speech begins and where a turn ends."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from typing import Literal

import numpy as np

from jarvis_desktop.audio.turn_end import Pace, TurnEnd
from jarvis_desktop.audio.voicing import FRAME_S, CheapLook, CloseLook, Frame, Judge, Piece
from jarvis_desktop.config.schema import Listening
from jarvis_desktop.ports import (
    AudioBlock,
    Samples,
    TurnJudged,
    UtteranceEnded,
    VoiceContinued,
    VoiceDismissed,
    VoiceEvent,
    VoiceNoticed,
    VoiceStarted,
    VoiceStopped,
)

_NOTICED, _NOTICE_WINDOW = 3, 4
"""Probably speech: 3 of the last 4 frames, 96 ms. With the frame's own length this is told some 130 ms after
the first sound, which leaves time to silence Jarvis within 300 ms."""

_DENSITY = 0.6
"""Share of voiced frames that is speech beginning; coughs and clatter are scattered, syllables are not."""

_RESUMED, _RESUME_WINDOW = 2, 3
"""A voice goes on when 2 of 3 frames are voiced: a lone frame of noise must not put off the turn's end."""

_REMEMBERED = round(8 / FRAME_S)
"""Frames kept of a turn for the judgement of its end, which listens 8 s back."""

_SOUND, _SOUND_WINDOW = 5, 7
"""A held key hears something: 5 of the last 7 pieces, 0.1 s. A key that clicks is shorter."""

_EPSILON = 1e-6  # s; sums of frame lengths are not exact

Reason = Literal["silence", "limit", "source-ended"]


class VoiceGate:
    """Finds utterances hands-free: a cheap look at all sound, Silero's opinion where that finds something.

    A turn begins when voiced frames worth `start_ms`, and at least `min_utterance_ms`, fall into a window of
    which they make up 60 %. What begins is therefore long enough, and nothing has to be taken back: "yes" is
    250 ms of voice, a click is none. Every sample belongs to one utterance at most. `pace` is shared by the
    gates of one program run. Raises what `judge` raises.
    """

    def __init__(self, settings: Listening, judge: Judge, pace: Pace) -> None:
        needed = max(settings.start_ms, settings.min_utterance_ms) / 1000
        self._needed = max(
            _NOTICED, int(needed / FRAME_S + _EPSILON) - 1
        )  # Silero misses a word's first frame
        self._preroll_s = settings.preroll_ms / 1000
        self._limit_s = float(settings.max_utterance_s)
        self._settings, self._judge, self._pace = settings, judge, pace
        self._cheap, self._close = CheapLook(settings), CloseLook(judge)
        window = round(self._needed / _DENSITY)
        self._window: deque[Frame] = deque(maxlen=window)
        self._history: deque[Frame] = deque(maxlen=window + round(self._preroll_s / FRAME_S) + 1)
        self._noticed = False
        self._turn: _Turn | None = None
        self._ended_at: float | None = None  # last voiced sample of the turn before

    async def feed(self, block: AudioBlock) -> Sequence[VoiceEvent]:
        """What this block changed; sound that fills no frame yet waits for the next block."""
        events: list[VoiceEvent] = []
        for piece in self._cheap.feed(block):
            for frame in await self._close.feed(piece, keep_awake=self._turn is not None):
                if self._turn is None:
                    events.extend(self._await_voice(frame))
                else:
                    events.extend([event async for event in self._follow(self._turn, frame)])
        return _merged(events)

    async def finish(self) -> Sequence[VoiceEvent]:
        """The source ended: closes an open utterance with the rest of its audio."""
        rest = np.concatenate((self._close.rest(), self._cheap.rest()))
        turn, self._turn = self._turn, None
        if turn is None:
            noticed, self._noticed = self._noticed, False
            return [VoiceDismissed()] if noticed else []
        turn.drop_judgement()
        tail: list[VoiceEvent] = [VoiceContinued(rest)] if len(rest) else []
        return [*tail, UtteranceEnded(turn.voiced_until, "source-ended")]

    def reads(self, text: str) -> None:
        """How the turn under way reads up to where its voice fell silent; the next block tells the effect."""
        if self._turn is not None:
            self._turn.read = self._turn.end.reads(text) or self._turn.read

    def _await_voice(self, frame: Frame) -> Iterator[VoiceEvent]:
        if self._history and frame.start - self._history[-1].end > FRAME_S / 2:
            self._history.clear()  # nothing was listened to in between
            self._window.clear()
        self._history.append(frame)
        self._window.append(frame)
        voiced = sum(seen.voiced for seen in self._window)
        if not self._noticed:
            if sum(seen.voiced for seen in list(self._window)[-_NOTICE_WINDOW:]) >= _NOTICED:
                self._noticed = True
                yield VoiceNoticed(next(seen.start for seen in self._window if seen.voiced))
        elif voiced < _NOTICED:
            self._noticed = False
            yield VoiceDismissed()
        if frame.voiced and voiced >= self._needed:
            yield self._begin(frame)

    def _begin(self, frame: Frame) -> VoiceStarted:
        first = next(seen.start for seen in self._window if seen.voiced)
        kept = [seen for seen in self._history if seen.end > first - self._preroll_s + _EPSILON]
        self._history.clear()
        self._window.clear()
        self._noticed = False
        self._turn = _Turn(kept, TurnEnd(self._settings, self._pace))
        if self._ended_at is not None:
            self._pace.came_back(first - self._ended_at)
        return VoiceStarted(kept[0].start, np.concatenate([seen.samples for seen in kept]))

    async def _follow(self, turn: _Turn, frame: Frame) -> AsyncIterator[VoiceEvent]:
        yield VoiceContinued(frame.samples)
        turn.add(frame)
        silence = frame.end - turn.voiced_until
        if turn.end.stops(silence):
            yield VoiceStopped(turn.voiced_until)
        if turn.end.wants_judgement(silence):  # meanwhile the text is made final
            turn.judging = asyncio.ensure_future(self._judge.turn_end(turn.heard()))
        if turn.judging is not None and (turn.judging.done() or turn.end.must_know(silence)):
            judging, turn.judging = turn.judging, None
            yield turn.end.judged(await judging)
        if turn.read is not None:
            judged, turn.read = turn.read, None
            yield judged
        reason: Reason | None = None
        if turn.end.over(silence):
            reason = "silence"
        elif frame.end - turn.start >= self._limit_s - _EPSILON:
            reason = "limit"
        if reason:
            turn.drop_judgement()
            self._turn, self._ended_at = None, turn.voiced_until if reason == "silence" else None
            yield UtteranceEnded(turn.voiced_until, reason)


class _Turn:
    """The utterance under way; times in seconds on the input's clock."""

    def __init__(self, frames: Sequence[Frame], end: TurnEnd) -> None:
        self.start = frames[0].start
        self.voiced_until = frames[-1].end
        self.end = end
        self.judging: asyncio.Future[float] | None = None  # by its sound, under way
        self.read: TurnJudged | None = None  # what its text tells, not yet passed on
        self._heard: deque[Samples] = deque((frame.samples for frame in frames), maxlen=_REMEMBERED)
        self._recent: deque[bool] = deque([True] * _RESUME_WINDOW, maxlen=_RESUME_WINDOW)

    def add(self, frame: Frame) -> None:
        """One more frame; voice puts the end off."""
        self._heard.append(frame.samples)
        self._recent.append(frame.voiced)
        if frame.voiced and sum(self._recent) >= _RESUMED:
            self.drop_judgement()
            self.end.resumed(frame.start - self.voiced_until)
            self.voiced_until = frame.end

    def drop_judgement(self) -> None:
        """The silence it was about is over."""
        self.read = None
        if self.judging is not None:
            self.judging.cancel()
            self.judging = None

    def heard(self) -> Samples:
        """The last 8 s, or all of it."""
        return np.concatenate(self._heard)


class HeldGate:
    """Push-to-talk: everything from the voice on, while the key is held, is one utterance.

    Whoever presses and then thinks leaves a silence, in which a recogniser hears words. It is left out, up to
    `preroll_ms` before the first sound of 0.1 s that the cheap look finds; where it finds none, nothing is.
    The `end` is the last voiced sample, or the last sample where none is voiced. `max_utterance_s` after the
    press nothing more is taken.
    """

    def __init__(self, settings: Listening) -> None:
        self._limit_s = float(settings.max_utterance_s)
        self._preroll_s = settings.preroll_ms / 1000
        self._cheap = CheapLook(settings)
        self._recent: deque[Piece] = deque(maxlen=_SOUND_WINDOW)
        self._waiting: list[AudioBlock] = []  # for the voice to begin
        self._begun = False
        self._pressed_at: float | None = None
        self._voiced_until = 0.0
        self._heard_until = 0.0
        self._over = False

    async def feed(self, block: AudioBlock) -> Sequence[VoiceEvent]:
        """The block, and the end when the key is held for too long."""
        if self._over or not len(block.samples):
            return []
        if self._pressed_at is None:
            self._pressed_at = block.start
        self._heard_until = block.end
        for piece in self._cheap.feed(block):
            self._recent.append(piece)
            if piece.found:
                self._voiced_until = piece.end
        events: list[VoiceEvent] = []
        if self._begun:
            events.append(VoiceContinued(block.samples))
        else:
            self._waiting.append(block)
            found = [piece for piece in self._recent if piece.found]
            if len(found) >= _SOUND:
                events.append(self._begin(found[0].end - self._preroll_s))
        if block.end - self._pressed_at >= self._limit_s:
            events.extend(self._end("limit"))
        return events

    def reads(self, text: str) -> None:
        """The key tells the end, nothing else."""

    async def finish(self) -> Sequence[VoiceEvent]:
        """The key was released, or the source ended."""
        return self._end("source-ended")

    def _begin(self, since: float) -> VoiceStarted:
        kept = [block for block in self._waiting if block.end > since]
        self._waiting, self._begun = [], True
        return VoiceStarted(kept[0].start, np.concatenate([block.samples for block in kept]))

    def _end(self, reason: Reason) -> list[VoiceEvent]:
        if self._pressed_at is None or self._over:
            return []
        self._over = True
        all_of_it = [] if self._begun else [self._begin(self._pressed_at)]
        return [*all_of_it, UtteranceEnded(self._voiced_until or self._heard_until, reason)]


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

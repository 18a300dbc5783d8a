"""Sound that comes in and goes out."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE = 16_000
"""Hz; what Whisper, the voice activity detectors and the wake word expect."""

Samples = NDArray[np.float32]

_SILENCE_DBFS = -120.0


def _dbfs(amplitude: float) -> float:
    return max(_SILENCE_DBFS, 20.0 * math.log10(amplitude)) if amplitude > 0.0 else _SILENCE_DBFS


@dataclass(frozen=True, slots=True)
class AudioBlock:
    """Input: `samples` (n,) at 16 kHz; `start` is the first one's time in s on the input's clock."""

    samples: Samples
    start: float

    @property
    def end(self) -> float:
        """Time just after the last sample, in seconds."""
        return self.start + len(self.samples) / SAMPLE_RATE

    @property
    def rms_dbfs(self) -> float:
        """Loudness: root mean square in dB relative to full scale, -120 for digital silence."""
        return _dbfs(float(np.sqrt(np.mean(np.square(self.samples)))) if len(self.samples) else 0.0)

    @property
    def peak_dbfs(self) -> float:
        """Largest sample in dB relative to full scale, -120 for digital silence."""
        return _dbfs(float(np.max(np.abs(self.samples))) if len(self.samples) else 0.0)


class AudioIn(Protocol):
    """A microphone or a file."""

    @property
    def name(self) -> str:
        """What the user calls it (device or file name)."""
        ...

    @property
    def live(self) -> bool:
        """True when audio passes whether or not it is read (a microphone, a file played in real time)."""
        ...

    @property
    def endless(self) -> bool:
        """True for a microphone: where `blocks` ends without a `stop`, another device is to be heard now."""
        ...

    async def start(self) -> None:
        """Open the source; raises `AudioError` (no device, no permission, unreadable file)."""
        ...

    def blocks(self) -> AsyncIterator[AudioBlock]:
        """Gapless blocks of about 20 ms until `stop` or the end of the file.

        Raises `AudioError` when the device vanishes or hangs (no callback for 500 ms).
        """
        ...

    async def stop(self) -> None:
        """Close the source; `blocks` ends. Safe to call twice."""
        ...


@dataclass(frozen=True, slots=True)
class WordMark:
    """At `seconds` from the start of a clip everything before `text[end]` has been said."""

    end: int  # index into the clip's text, behind the word
    seconds: float


@dataclass(frozen=True, slots=True)
class SpeechClip:
    """Synthesised speech: `samples` (n,) float32 at `sample_rate` Hz, speaking `text`.

    `marks` tell when each word is over, in order; empty when the voice does not know.
    """

    samples: Samples
    sample_rate: int
    text: str
    marks: tuple[WordMark, ...] = ()

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.sample_rate


class AudioOut(Protocol):
    """A loudspeaker or a file, playing one gapless stream of clips."""

    @property
    def name(self) -> str: ...

    async def start(self) -> None:
        """Open the sink; raises `AudioError`."""
        ...

    async def play(self, clip: SpeechClip) -> None:
        """Queue a clip behind what is already queued; waits only while more than a few seconds are queued."""
        ...

    @property
    def heard_seconds(self) -> float:
        """Seconds of queued speech that have left the loudspeaker since `start`, output latency taken off."""
        ...

    async def wait_audible(self) -> None:
        """Wait until the first queued sample has left the loudspeaker."""
        ...

    async def drain(self) -> None:
        """Wait until everything queued was heard; a pause lasts as long as it lasts."""
        ...

    async def pause(self) -> None:
        """Fall silent at once (within 50 ms) and keep what was not heard yet. Safe to call twice.

        `heard_seconds` stands still from now on.
        """
        ...

    async def resume(self) -> None:
        """Go on where `pause` fell silent; nothing is left out. Does nothing when not paused."""
        ...

    async def stop(self) -> None:
        """Fall silent at once (within 50 ms), drop what is queued and close. Safe to call twice."""
        ...

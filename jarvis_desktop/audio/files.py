"""Sound files as a microphone and as a loudspeaker, so that everything can be tried without either."""

from __future__ import annotations

import asyncio
import contextlib
import os
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, BinaryIO, Literal

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from jarvis_desktop.audio.convert import BlockCutter
from jarvis_desktop.errors import AudioError
from jarvis_desktop.ports import SAMPLE_RATE, AudioBlock, Samples, SpeechClip

Pace = Literal["realtime", "none"]

MAX_HOURS = 4
"""A longer recording is refused before it is read; in memory it would take more than 0.9 GB."""

_RATES = range(4_000, 384_001)
"""Sample rates in Hz of real recordings; a header that says otherwise is damaged."""

_AHEAD_S = 3.0
"""`FileSink.play` waits while more speech than this is queued, as the loudspeaker does."""


class FileSource:
    """A WAV, FLAC, OGG or MP3 file of any rate as `ports.AudioIn`.

    With pace "realtime" a block becomes available when its last sample would have been spoken, counted from
    `start` on the monotonic clock; a slow consumer finds the missed blocks waiting, as with a microphone.
    Raises `audio.file_missing`, `audio.file_unreadable`, `audio.file_empty` or `audio.file_too_long`.
    """

    def __init__(self, path: Path, pace: Pace = "none") -> None:
        self._path = path
        self._pace = pace
        self._file: Any = None
        self._started_at = 0.0
        self._stopped: asyncio.Event | None = None

    @property
    def name(self) -> str:
        """The file's name."""
        return self._path.name

    @property
    def live(self) -> bool:
        """Whether time passes while nobody reads."""
        return self._pace == "realtime"

    @property
    def endless(self) -> bool:
        return False

    async def start(self) -> None:
        """Open the file and check what its header promises."""
        self._file = await asyncio.to_thread(_open, self._path)
        self._stopped = asyncio.Event()
        self._started_at = time.monotonic()

    async def blocks(self) -> AsyncIterator[AudioBlock]:
        """Blocks of 20 ms; only the last may be shorter."""
        stopped = self._stopped
        if stopped is None:
            raise RuntimeError("start the source first")
        heard_any = False
        for block in _decode(self._file, self._path):
            early = self._started_at + block.end - time.monotonic() if self._pace == "realtime" else 0.0
            await _wait(early, stopped)
            if stopped.is_set():
                return
            heard_any = True
            yield block
            if stopped.is_set():
                return
        if not heard_any:
            raise _empty(self._path)

    async def stop(self) -> None:
        """Close the file; `blocks` ends. Safe to call twice."""
        if self._stopped is not None:
            self._stopped.set()
            self._file.close()


class FileSink:
    """A 16-bit WAV file as `ports.AudioOut`, in the rate of the first clip; it appears when `stop` is called.

    With pace "realtime" time passes as at a loudspeaker, and `stop` cuts the file where hearing ended; with
    "none" a clip counts as heard when it is queued, so that there is nothing to pause. A pause is not written
    to the file. Raises `audio.file_unwritable`; a file that could not be
    written to its end never appears.
    """

    def __init__(self, path: Path, pace: Pace = "none") -> None:
        self._path = path
        self._pace = pace
        self._part: Path | None = None
        self._file: Any = None
        self._frames = 0  # written, ever
        self._ends_at = 0.0  # monotonic time at which the last queued sample will have been heard
        self._paused_at: float | None = None  # monotonic time
        self._going = asyncio.Event()  # set unless paused
        self._stopped: asyncio.Event | None = None
        self._audible = asyncio.Event()
        self._heard_at_stop = 0.0
        self._damaged = False

    @property
    def name(self) -> str:
        """The file's name."""
        return self._path.name

    async def start(self) -> None:
        """Make sure the file can be written; an existing one is replaced only by `stop`."""
        try:
            handle, part = tempfile.mkstemp(
                prefix=f".{self._path.name}.", suffix=".part", dir=self._path.parent
            )
        except OSError as error:
            raise _unwritable(self._path, error) from error
        os.close(handle)
        self._part = Path(part)
        self._file = None
        self._frames = 0
        self._ends_at = time.monotonic()
        self._paused_at = None
        self._going.set()
        self._stopped = asyncio.Event()
        self._audible = asyncio.Event()
        self._damaged = False

    async def play(self, clip: SpeechClip) -> None:
        """Write a clip behind what is there; at real-time pace waits while more than 3 s are unheard."""
        part, stopped = self._running()
        await self._wait_until_unheard(_AHEAD_S)
        if stopped.is_set():
            return
        try:
            if self._file is None:
                self._file = _new_wav(part, clip.sample_rate)
            rate = self._file.samplerate
            samples = clip.samples
            if clip.sample_rate != rate:
                samples = soxr.resample(samples, clip.sample_rate, rate, quality="HQ")
            self._file.write(np.clip(samples, -1.0, 1.0))
        except (OSError, soundfile.LibsndfileError) as error:
            self._damaged = True
            raise _unwritable(self._path, error) from error
        self._frames += len(samples)
        if len(samples):
            self._audible.set()
        self._ends_at = max(self._ends_at, self._now) + len(samples) / rate

    @property
    def heard_seconds(self) -> float:
        """Seconds of the queued speech heard since `start`; stays readable after `stop`."""
        if self._stopped is not None and self._stopped.is_set():
            return self._heard_at_stop
        if self._file is None:
            return 0.0
        return float(self._frames / self._file.samplerate - self._unheard_seconds)

    async def wait_audible(self) -> None:
        """Wait for the first sample, or `stop`."""
        await self._audible.wait()

    async def drain(self) -> None:
        """At real-time pace, wait until everything queued was heard."""
        self._running()
        await self._wait_until_unheard(0.0)

    async def pause(self) -> None:
        """Let time stand still."""
        if self._paused_at is None and self._pace == "realtime":
            self._paused_at = time.monotonic()
            self._going.clear()

    async def resume(self) -> None:
        """Let time go on."""
        if self._paused_at is not None:
            self._ends_at += time.monotonic() - self._paused_at
            self._paused_at = None
            self._going.set()

    async def stop(self) -> None:
        """Cut the file where hearing ended and put it in its place in one step. Safe to call twice."""
        if self._part is None or self._stopped is None or self._stopped.is_set():
            return
        self._heard_at_stop = self.heard_seconds
        self._stopped.set()
        self._audible.set()
        self._going.set()
        try:
            file = self._file or _new_wav(self._part, SAMPLE_RATE)
            if self._frames:
                file.truncate(round(self._heard_at_stop * file.samplerate))
            file.close()
            if not self._damaged:
                self._part.replace(self._path)
        except (OSError, soundfile.LibsndfileError) as error:
            raise _unwritable(self._path, error) from error
        finally:
            self._part.unlink(missing_ok=True)

    async def _wait_until_unheard(self, seconds: float) -> None:
        """Wait until no more than `seconds` are unheard, or `stop`."""
        _, stopped = self._running()
        await _wait(0.0, stopped)
        while not stopped.is_set() and (surplus := self._unheard_seconds - seconds) > 0:
            await self._going.wait()
            await _wait(surplus, stopped)

    @property
    def _now(self) -> float:
        return time.monotonic() if self._paused_at is None else self._paused_at

    @property
    def _unheard_seconds(self) -> float:
        return max(0.0, self._ends_at - self._now) if self._pace == "realtime" else 0.0

    def _running(self) -> tuple[Path, asyncio.Event]:
        if self._part is None or self._stopped is None:
            raise RuntimeError("start the sink first")
        return self._part, self._stopped


def read_audio(path: Path, content: BinaryIO | None = None, most_hours: int = MAX_HOURS) -> Samples:
    """A whole file as (n,) samples at 16 kHz. Raises what `FileSource` raises.

    Where there is `content`, that is read, and `path` is only its name.
    """
    with _open(path, content, most_hours) as file:
        blocks = [block.samples for block in _decode(file, path, 1.0, most_hours)]
    if not blocks:
        raise _empty(path)
    return np.concatenate(blocks)


async def _wait(seconds: float, stopped: asyncio.Event) -> None:
    """Wait for the time to pass or for `stopped`; give way to other tasks in any case."""
    if seconds <= 0:
        await asyncio.sleep(0)
        return
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stopped.wait()


class _Straight(soundfile.SoundFile):  # type: ignore[misc]
    """A sound file read from front to back: soundfile else seeks after each read, which garbles MP3."""

    def seekable(self) -> bool:
        return False


def _open(path: Path, content: BinaryIO | None = None, most_hours: int = MAX_HOURS) -> Any:
    """The opened `soundfile.SoundFile`, after its header was checked."""
    if content is None:
        _check_path(path)
    try:
        file = _Straight(content or path)
    except (soundfile.LibsndfileError, TypeError) as error:  # TypeError: a headerless format (.raw)
        raise _unreadable(path, error) from error
    try:
        _check_header(path, file, most_hours)
    except AudioError:
        file.close()
        raise
    return file


def _check_path(path: Path) -> None:
    try:
        if not path.exists():
            raise AudioError(
                "audio.file_missing",
                'There is no file "{file}".',
                "Check the name and the folder.",
                file=str(path),
            )
        if not path.is_file():
            raise _unreadable(path, "not a file")
        if path.stat().st_size == 0:
            raise _empty(path)
        path.open("rb").close()
    except OSError as error:
        raise _unreadable(path, error.strerror or error) from error


def _check_header(path: Path, file: Any, most_hours: int) -> None:
    if file.samplerate not in _RATES:
        raise _unreadable(path, f"a sample rate of {file.samplerate} Hz")
    if file.frames <= 0:
        raise _empty(path)
    _check_length(path, file.frames, file.samplerate, most_hours)


def _check_length(path: Path, frames: int, rate: int, most_hours: int) -> None:
    if frames > most_hours * 3600 * rate:
        raise AudioError(
            "audio.file_too_long",
            '"{file}" is longer than {hours} hours.',
            "Cut it into shorter pieces.",
            file=str(path),
            hours=most_hours,
        )


def _decode(
    file: Any, path: Path, seconds_at_once: float = 0.02, most_hours: int = MAX_HOURS
) -> Iterator[AudioBlock]:
    cutter = BlockCutter(file.samplerate, file.channels)
    step = round(file.samplerate * seconds_at_once)
    at_frame = 0
    while len(frames := _read(file, path, step)):
        yield from cutter.push(frames, at_frame)
        at_frame += len(frames)
        _check_length(path, at_frame, file.samplerate, most_hours)  # the header is only a promise
    yield from cutter.flush()


def _read(file: Any, path: Path, frames: int) -> NDArray[np.float32]:
    try:
        read: NDArray[np.float32] = file.read(frames, dtype="float32", always_2d=True)
    except soundfile.LibsndfileError as error:
        raise _unreadable(path, error) from error
    return read


def _new_wav(path: Path, rate: int) -> Any:
    return soundfile.SoundFile(path, "w", samplerate=rate, channels=1, subtype="PCM_16", format="WAV")


def _unreadable(path: Path, reason: object) -> AudioError:
    return AudioError(
        "audio.file_unreadable",
        '"{file}" could not be read as sound ({reason}).',
        "Give a WAV, FLAC, OGG or MP3 file.",
        file=str(path),
        reason=str(reason),
    )


def _empty(path: Path) -> AudioError:
    return AudioError(
        "audio.file_empty", '"{file}" holds no sound.', "Give a file with a recording in it.", file=str(path)
    )


def _unwritable(path: Path, error: Exception) -> AudioError:
    return AudioError(
        "audio.file_unwritable",
        '"{file}" could not be written ({reason}).',
        "Choose a folder that you may write to and that has space left.",
        file=str(path),
        reason=getattr(error, "strerror", None) or str(error),
    )

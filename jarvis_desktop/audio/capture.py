"""The microphone."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import AsyncIterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jarvis_desktop.audio.convert import BlockCutter
from jarvis_desktop.audio.devices import Devices, OpenStream, no_device
from jarvis_desktop.audio.watchdog import Watchdog
from jarvis_desktop.errors import AudioError, Category
from jarvis_desktop.ports import AudioBlock

logger = logging.getLogger(__name__)

_LATENCY_S = 0.05
"""Buffer asked of the device: wide enough for a callback delayed by busy threads, small beside a pause."""

_LOOK_S = 3.0
"""Between two questions to the system whether this is still the microphone to hear (0.15 % of a core)."""

_HELD_S = 10.0
"""Sound kept for a consumer that does not come; beyond it the oldest is dropped."""


class Microphone:
    """An input device as `ports.AudioIn`; `device` is its name, empty for the system's default.

    A failed one can be started again, as often as it takes: PortAudio's list is read anew each time.
    """

    def __init__(self, devices: Devices, device: str = "") -> None:
        self._devices = devices
        self._wanted = device
        self._take: _Take | None = None
        self._opened: OpenStream | None = None
        self._cutter: BlockCutter | None = None
        self._guard: asyncio.Task[None] | None = None
        self._headset = False

    @property
    def name(self) -> str:
        """The device's name once it was opened, the wanted one before."""
        return self._opened.device.name if self._opened else self._wanted

    @property
    def live(self) -> bool:
        return True

    @property
    def endless(self) -> bool:
        return True

    @property
    def is_bluetooth(self) -> bool:
        """It is a headset in the hands-free profile: while it is open, the headset plays poorly too."""
        return self._headset

    @property
    def dead_channels(self) -> int:
        """How many channels carry no sound although another does."""
        return self._cutter.dead_channels if self._cutter else 0

    async def start(self) -> None:
        """Open the device and wait for its first sound, which has the time 0.

        Raises what `Devices.open` raises; `audio.input_hung` or `audio.input_lost` where no sound comes, and
        `audio.no_input` where the system has no microphone behind the device.
        """
        take = _Take(asyncio.get_running_loop())
        opened = await self._devices.open(
            "input",
            self._wanted,
            latency=_LATENCY_S,
            callback=take.on_frames,
            finished_callback=take.on_finished,
        )
        take.rate = round(opened.stream.samplerate)
        self._take, self._opened = take, opened
        self._cutter = BlockCutter(take.rate, opened.stream.channels)
        try:
            heard, begun = await asyncio.gather(self._devices.listened(opened.device), take.begun())
            self._headset = heard.headset
            if not heard.microphone:
                raise no_device("input")
            if not begun or take.finished:
                raise self._failure(opened.device.name, lost=take.finished)
        except BaseException:
            await self.stop()
            raise
        self._guard = asyncio.create_task(self._keep_right(take, opened), name="microphone guard")

    async def blocks(self) -> AsyncIterator[AudioBlock]:
        """Blocks of 20 ms until `stop`, what was recorded before it included; only the last may be shorter.

        Raises `audio.input_hung` or `audio.input_lost` after delivering all that was recorded until then.
        Ends without an error, too, when the system's default devices have changed: start anew to follow.
        """
        take, opened, cutter = self._take, self._opened, self._cutter
        if take is None or opened is None or cutter is None:
            raise RuntimeError("start the microphone first")
        ended = False
        while not ended:
            ended = await take.wait()
            for at_frame, frames in take.collect():
                for block in cutter.push(frames, at_frame):
                    yield block
        for block in cutter.flush():
            yield block
        if not take.stopped:
            raise self._failure(opened.device.name, lost=take.finished)

    async def stop(self) -> None:
        """Close the device. Safe to call twice."""
        take, opened = self._take, self._opened
        if take is None or opened is None or take.stopped:
            return
        take.stopped = True
        if self._guard is not None and self._guard is not asyncio.current_task():
            self._guard.cancel()
        # At once, because an orderly stop waits for a device that hangs. It costs the sound not called back
        # yet, some 10 ms.
        await self._devices.close(opened, at_once=True)
        take.end()

    async def _keep_right(self, take: _Take, opened: OpenStream) -> None:
        """End the recording when it hears only the loudspeaker, or when the default devices are others."""
        while not take.finished:
            await asyncio.sleep(_LOOK_S)
            if self._devices.outdated:
                await self.stop()
            elif not (await self._devices.listened(opened.device)).microphone:
                take.end()

    @staticmethod
    def _failure(name: str, *, lost: bool) -> AudioError:
        if lost:
            return AudioError(
                "audio.input_lost",
                'The microphone "{name}" is gone.',
                "Connect it again or choose another one. You can type in the meantime.",
                Category.TRANSIENT,
                name=name,
            )
        return AudioError(
            "audio.input_hung",
            'The microphone "{name}" delivers no sound any more.',
            "Unplug and connect it again, or choose another one. You can type in the meantime.",
            Category.TRANSIENT,
            name=name,
        )


class _Take:
    """What passes from the device's thread to the loop during one recording.

    The deque is the whole hand-over: appending and popping are atomic, and every chunk carries the number of
    its first frame, so that a dropped one shows as a jump and never shifts the clock.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.rate = 0  # Hz, known once the device is open
        self.stopped = False  # by `stop`
        self.finished = False  # the stream has ended, for whatever reason
        self._loop = loop
        self._chunks: deque[tuple[int, NDArray[np.float32]]] = deque()
        self._frames = 0
        self._watchdog = Watchdog()
        self._arrived = asyncio.Event()
        self._expected = 0
        self._overruns = 0

    def on_frames(self, frames: NDArray[np.float32], count: int, _time: Any, status: Any) -> None:
        """The device's callback (its own thread): copy and return."""
        self._chunks.append((self._frames, frames.copy()))
        self._frames += count
        self._watchdog.called()
        self._overruns += bool(status.input_overflow)
        with contextlib.suppress(IndexError):  # the consumer may empty the deque at any time
            while self.rate and self._frames - self._chunks[0][0] > _HELD_S * self.rate:
                self._chunks.popleft()
        self._loop.call_soon_threadsafe(self._arrived.set)

    def on_finished(self) -> None:
        """The stream ended (the device's thread): closed, or the device is gone."""
        self.finished = True
        with contextlib.suppress(RuntimeError):  # the loop may have closed before the device
            self._loop.call_soon_threadsafe(self._arrived.set)

    def end(self) -> None:
        """Nothing more will come."""
        self.finished = True
        self._arrived.set()

    async def wait(self) -> bool:
        """Wait for frames; True when these are the last because the stream has ended or hangs."""
        hung = not await self.begun()
        self._arrived.clear()
        return hung or self.finished

    async def begun(self) -> bool:
        """Wait for frames or the end, and leave them; False when the device hangs."""
        while not (self._arrived.is_set() or self.finished):
            if await self._watchdog.hung():
                return False
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(max(self._watchdog.patience, 0.01)):
                    await self._arrived.wait()
        return True

    def collect(self) -> list[tuple[int, NDArray[np.float32]]]:
        """The chunks recorded since the last call, oldest first, each with its first frame's number."""
        chunks = []
        while self._chunks:
            at_frame, frames = self._chunks.popleft()
            if at_frame > self._expected:
                lost_ms = 1000 * (at_frame - self._expected) // max(self.rate, 1)
                logger.warning("%d ms of input were dropped, because nothing read them in time", lost_ms)
            self._expected = at_frame + len(frames)
            chunks.append((at_frame, frames))
        if self._overruns:
            logger.info("the input device dropped sound %d times", self._overruns)
            self._overruns = 0
        return chunks

"""A sound device driven by hand: the test says when it calls back, and with what."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jarvis_desktop.audio.devices import Device, Devices, Direction, Listened, OpenStream
from jarvis_desktop.errors import AudioError

LATENCY = 0.2
"""Seconds between a callback and the ear, as this device reports it."""


class HandDriven(Devices):
    """One device that can do everything; `record` and `play` are its callbacks."""

    def __init__(self, rate: int = 48_000, channels: int = 2) -> None:
        super().__init__()
        self.rate = rate
        self.channels = channels
        self.options: dict[str, Any] = {}
        self.closed = 0
        self.halted = False
        self.gone = False
        self.begins = True  # calls back once it is open
        self.heard = Listened(microphone=True, headset=False)
        self.defaults_changed = False

    async def open(self, direction: Direction, name: str, **stream: Any) -> OpenStream:
        self.options = stream
        opened = SimpleNamespace(samplerate=float(self.rate), channels=self.channels, latency=LATENCY)
        if direction == "input" and self.begins:
            self.record(np.zeros((0, self.channels), dtype=np.float32))
        return OpenStream(Device("desk", 0, self.channels, self.rate, True), opened)

    async def close(self, opened: OpenStream, *, at_once: bool = False) -> None:
        self.closed += 1
        self.options["finished_callback"]()

    async def listened(self, device: Device) -> Listened:
        return self.heard

    @property
    def outdated(self) -> bool:
        return self.defaults_changed

    async def halt(self, opened: OpenStream) -> None:
        self.halted = True
        self.options["finished_callback"]()  # as PortAudio does

    async def go_on(self, opened: OpenStream) -> None:
        if self.gone:
            raise AudioError("audio.open_failed", "gone")
        self.halted = False

    def record(self, frames: NDArray[np.float32], *, overflow: bool = False) -> None:
        """The device delivers (n, channels) frames."""
        status = SimpleNamespace(input_overflow=overflow, output_underflow=False)
        self.options["callback"](frames, len(frames), None, status)

    def play(self, count: int) -> NDArray[np.float32]:
        """The device asks for (count, channels) frames; memory it hands over is full of old sound."""
        out = np.full((count, self.channels), 0.7, dtype=np.float32)
        times = SimpleNamespace(currentTime=100.0, outputBufferDacTime=100.0 + LATENCY)
        self.options["callback"](
            out, count, times, SimpleNamespace(input_overflow=False, output_underflow=False)
        )
        return out

    def vanish(self) -> None:
        """The device ends the stream by itself."""
        self.options["finished_callback"]()

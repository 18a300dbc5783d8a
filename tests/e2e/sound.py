"""A virtual sound card: a private PulseAudio daemon with a loudspeaker and a microphone made of null sinks.

What a test plays into the microphone, the program hears through PortAudio; what the program plays, the test
records from the loudspeaker's monitor. A daemon that already runs with these sinks is used as it is.
"""

from __future__ import annotations

import math
import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import numpy as np
import pytest
from numpy.typing import NDArray

SPEAKER = "vspk"
MICROPHONE = "vmic"
MICROPHONE_SINK = "vmic_sink"
_MODULES = (
    # norewinds=1: the first callback comes after 40 ms instead of 1.8 s.
    f"module-null-sink sink_name={SPEAKER} norewinds=1",
    f"module-null-sink sink_name={MICROPHONE_SINK} norewinds=1 rate=16000 channels=1",
    f"module-remap-source master={MICROPHONE_SINK}.monitor source_name={MICROPHONE}",
)


@dataclass
class Recorder:
    """What went through a device, filled while the recording runs; complete afterwards."""

    rate: int
    data: bytearray = field(default_factory=bytearray)
    began: float = math.inf  # `time.monotonic` of the first sample, as nearly as its arrival tells

    @property
    def samples(self) -> NDArray[np.float32]:
        whole = len(self.data) // 4 * 4
        return np.frombuffer(bytes(self.data[:whole]), dtype="<f4")

    def run(self, stream: IO[bytes]) -> None:
        """Take in everything until the stream ends."""
        while piece := stream.read1(1 << 16):  # type: ignore[attr-defined]
            self.data += piece
            self.began = min(self.began, time.monotonic() - len(self.data) / 4 / self.rate)

    def after(self, moment: float) -> NDArray[np.float32]:
        """The samples from a `time.monotonic` moment on."""
        return self.samples[max(0, round((moment - self.began) * self.rate)) :]


@dataclass
class SoundCard:
    """One virtual sound card; `env` leads clients to it."""

    folder: Path
    env: dict[str, str] = field(default_factory=dict)
    daemon: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the private daemon and wait until it answers."""
        socket = self.folder / "native"
        self.env = {
            "PULSE_SERVER": f"unix:{socket}",
            "PULSE_COOKIE": str(self.folder / "cookie"),
            "PULSE_RUNTIME_PATH": str(self.folder),
        }
        protocol = f"module-native-protocol-unix socket={socket} auth-anonymous=1 auth-cookie-enabled=0"
        loads = [word for module in (protocol, *_MODULES) for word in ("-L", module)]
        self.daemon = subprocess.Popen(
            ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", *loads],
            env={**os.environ, **self.env, "PULSE_STATE_PATH": str(self.folder)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 20
        while not self.has_sinks():
            if self.daemon.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the private PulseAudio daemon did not start")
            time.sleep(0.02)
        self.control("set-default-source", MICROPHONE)
        self.control("set-default-sink", SPEAKER)

    def has_sinks(self) -> bool:
        """Whether a daemon answers that has our loudspeaker and microphone."""
        listed = subprocess.run(
            ["pactl", "list", "short", "sources"],
            env={**os.environ, **self.env},
            capture_output=True,
            text=True,
        )
        return f"\t{MICROPHONE}\t" in listed.stdout and f"\t{SPEAKER}.monitor\t" in listed.stdout

    def control(self, *command: str) -> str:
        """Run a `pactl` command, for example ``suspend-source vmic 1``."""
        done = subprocess.run(
            ["pactl", *command], env={**os.environ, **self.env}, check=True, capture_output=True, text=True
        )
        return done.stdout

    def unplug(self) -> None:
        """Take every device away; the daemon itself stays."""
        for module in ("module-remap-source", "module-null-sink"):
            self.control("unload-module", module)

    def plug(self) -> None:
        """Bring the devices back."""
        for module in _MODULES:
            self.control("load-module", *module.split())
        self.control("set-default-source", MICROPHONE)
        self.control("set-default-sink", SPEAKER)

    def kill(self) -> None:
        """End the private daemon at once, as a crash would."""
        if self.daemon is not None:
            self.daemon.kill()
            self.daemon.wait()
            self.daemon = None

    def speak(self, recording: Path) -> subprocess.Popen[bytes]:
        """Start playing a sound file into the microphone; the process ends when it was played."""
        return subprocess.Popen(
            ["paplay", f"--device={MICROPHONE_SINK}", str(recording)], env={**os.environ, **self.env}
        )

    @contextmanager
    def recording(self, rate: int = 44_100, device: str = f"{SPEAKER}.monitor") -> Iterator[Recorder]:
        """Record what the loudspeaker plays (mono float32) until the block ends; runs when it is entered."""
        recorder = Recorder(rate)
        command = ["parec", f"--device={device}", f"--rate={rate}", "--channels=1", "--format=float32le"]
        with subprocess.Popen(
            [*command, "--latency-msec=10"], env={**os.environ, **self.env}, stdout=subprocess.PIPE
        ) as process:
            assert process.stdout is not None
            reader = threading.Thread(target=recorder.run, args=(process.stdout,), daemon=True)
            reader.start()
            try:
                deadline = time.monotonic() + 10
                while not recorder.data:
                    if time.monotonic() > deadline:
                        raise RuntimeError("parec delivers nothing")
                    time.sleep(0.01)
                yield recorder
            finally:
                process.terminate()
                reader.join()

    @contextmanager
    def leak(self, decibels: float) -> Iterator[None]:
        """Let the microphone hear the loudspeaker, so much quieter (negative), as in a real room."""
        source, sink = f"source={SPEAKER}.monitor", f"sink={MICROPHONE_SINK}"
        options = ("latency_msec=40", "adjust_time=0")
        module = self.control("load-module", "module-loopback", source, sink, *options).strip()
        inputs = self.control("list", "sink-inputs").split("Sink Input #")
        (number,) = (entry.split()[0] for entry in inputs if f"Owner Module: {module}\n" in entry)
        self.control("set-sink-input-volume", number, f"{decibels}dB")
        try:
            yield
        finally:
            self.control("unload-module", module)


@contextmanager
def virtual_sound_card(*, private: bool = False) -> Iterator[SoundCard]:
    """The running card, else a private one; `private` insists on one that a test may break."""
    with tempfile.TemporaryDirectory(prefix="jarvis-sound-") as folder:
        card = SoundCard(Path(folder))
        if private or not card.has_sinks():
            card.start()
        try:
            yield card
        finally:
            card.kill()


def place(sound: NDArray[np.float32], within: NDArray[np.float32]) -> int:
    """First sample of `sound` in `within`, both of one rate."""
    sound, within = np.diff(sound), np.diff(within)  # the pitch of a voice matches itself a period later
    size = 1 << (len(sound) + len(within)).bit_length()
    spectrum = np.fft.rfft(within, size) * np.conj(np.fft.rfft(sound, size))
    return int(np.argmax(np.fft.irfft(spectrum, size)[: len(within)]))


def _card(monkeypatch: pytest.MonkeyPatch, *, private: bool) -> Iterator[SoundCard]:
    missing = [tool for tool in ("pulseaudio", "pactl", "paplay", "parec") if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"needs PulseAudio and its tools; missing: {', '.join(missing)}")
    with virtual_sound_card(private=private) as card:
        for name, value in card.env.items():
            monkeypatch.setenv(name, value)
        yield card


@pytest.fixture
def sound_card(monkeypatch: pytest.MonkeyPatch) -> Iterator[SoundCard]:
    """A virtual sound card that this process and its children reach by environment."""
    yield from _card(monkeypatch, private=False)


@pytest.fixture
def breakable_sound_card(monkeypatch: pytest.MonkeyPatch) -> Iterator[SoundCard]:
    """A virtual sound card of the test's own, to unplug, hang or kill."""
    yield from _card(monkeypatch, private=True)

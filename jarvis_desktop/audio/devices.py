"""The machine's sound devices, and the only place that talks to PortAudio (through sounddevice)."""

from __future__ import annotations

import asyncio
import errno
import importlib
import logging
import queue
import re
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Literal, TypeVar

from jarvis_desktop.audio import device_watch, pulse
from jarvis_desktop.errors import AudioError, Category
from jarvis_desktop.events import DevicesListed

logger = logging.getLogger(__name__)

Direction = Literal["input", "output"]
T = TypeVar("T")

_ANSWER_S = 5.0
"""Opening a Bluetooth headset takes about 2 s; a sound service that needs longer than this is hung."""

_DENIED = ("permission denied", "access denied", "access is denied", "0x80070005", f"error {errno.EACCES}")
"""How ALSA, WASAPI and Core Audio word a refused device in the text PortAudio passes on."""

_HANDS_FREE_NAME = re.compile(r"bluez|bluetooth|hands-?free|headset|\b(hfp|hsp|ag audio)\b", re.IGNORECASE)
_HANDS_FREE_RATES = (8_000, 16_000)
"""Hz; what Bluetooth's hands-free profile carries (CVSD, mSBC)."""


@dataclass(frozen=True, slots=True)
class Device:
    """A microphone or loudspeaker as PortAudio lists it; `index` holds until the next `refresh`."""

    name: str
    index: int
    channels: int
    sample_rate: int  # Hz, the device's own
    is_default: bool

    @property
    def is_bluetooth(self) -> bool:
        """Probably a headset in the hands-free profile, in which music too sounds like a telephone."""
        return self.sample_rate in _HANDS_FREE_RATES and bool(_HANDS_FREE_NAME.search(self.name))

    @property
    def is_shared(self) -> bool:
        """Reached through the Linux sound server, which decides on the hardware behind it."""
        return "(hw:" not in self.name


@dataclass(frozen=True, slots=True)
class OpenStream:
    """A started `sounddevice` stream and the device it runs on."""

    device: Device
    stream: Any


@dataclass(frozen=True, slots=True)
class Listened:
    """What an open input hears."""

    microphone: bool  # False when it hears only what the loudspeaker plays
    headset: bool  # a Bluetooth headset in its hands-free profile


class Devices:
    """Lists, chooses and opens devices. One per process, because PortAudio is one per process.

    Every PortAudio call runs on one daemon thread: COM on Windows ties the library to the thread that
    initialised it, and a call into a hung sound service must block neither the loop nor the exit of the
    program. Raises `AudioError`: `audio.backend_missing`, `audio.backend_hung`, `audio.backend_failed`,
    and what `open` names.
    """

    def __init__(self) -> None:
        self._calls: queue.SimpleQueue[tuple[Future[Any], Callable[[], Any]]] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._open: set[Any] = set()
        self._defaults: tuple[str, str] | None = None  # when PortAudio's list was read
        self._met_microphone = False

    async def list(self, direction: Direction) -> tuple[Device, ...]:
        """All devices that can record ("input") or play ("output"), in the system's order."""
        return await self._answer(self._submit(lambda: _list(_portaudio(), direction)))

    async def names(self) -> DevicesListed:
        """What there is to choose from."""
        inputs, outputs = await self.list("input"), await self.list("output")
        return DevicesListed(
            tuple(device.name for device in inputs), tuple(device.name for device in outputs)
        )

    async def refresh(self) -> bool:
        """Read the device list anew; False when streams are open, because it would cut them off.

        PortAudio freezes its list when it is initialised.
        """
        return await self._answer(self._submit(self._reinitialise))

    @property
    def outdated(self) -> bool:
        """The default devices have changed, and at most one open stream stands in the way of `refresh`."""
        return (
            self._defaults is not None
            and len(self._open) <= 1
            and device_watch.default_devices() != self._defaults
        )

    async def listened(self, device: Device) -> Listened:
        """What `device`, which is open, takes its sound from, as far as the system tells."""
        known = await device_watch.sources() if device.is_shared else None
        if known is None:
            return Listened(True, device.is_bluetooth)
        microphones = [source for source in known if not source.is_monitor]
        self._met_microphone |= bool(microphones)
        virtual = not self._met_microphone and not all(source.is_hardware_monitor for source in known)
        headset = any(source.is_bluetooth and source.running for source in microphones)
        return Listened(bool(microphones) or virtual, headset)

    async def open(self, direction: Direction, name: str, **stream: Any) -> OpenStream:
        """Start a float32 stream at the device's own rate, of one or two channels; see `pick` for `name`.

        `stream` goes to sounddevice's constructor. A device that cannot be found or opened is looked for
        once more in a fresh list, so that one plugged in (or a sound service started) since then works. The
        list is also read anew where the system has other default devices since.
        Raises `audio.no_permission`, `audio.open_failed`, or what `pick` raises.
        """
        if self.outdated:
            await self.refresh()
        try:
            return await self._open_listed(direction, name, stream)
        except AudioError as error:
            if error.code == "audio.backend_hung" or not await self.refresh():
                raise
        return await self._open_listed(direction, name, stream)

    async def _open_listed(self, direction: Direction, name: str, options: dict[str, Any]) -> OpenStream:
        device = pick(await self.list(direction), direction, name)
        future = self._submit(lambda: self._start(device, direction, options))
        try:
            return OpenStream(device, await self._answer(future))
        except BaseException as error:
            # Whoever asked has gone: a microphone that opens late must not stay open.
            future.add_done_callback(self._discard)
            refused = isinstance(error, AudioError) and error.code == "audio.open_failed"
            if refused and direction == "input" and not (await self.listened(device)).microphone:
                raise no_device(direction) from error
            raise

    async def close(self, opened: OpenStream, *, at_once: bool = False) -> None:
        """Stop and close a stream; `at_once` drops what the device has buffered."""
        try:
            await self._answer(self._submit(lambda: self._end(opened.stream, at_once)))
        except AudioError as error:
            logger.warning("a sound stream could not be closed in time: %s", error.code)

    async def halt(self, opened: OpenStream) -> None:
        """Silence a stream at once, dropping what the device has buffered; `go_on` starts it again."""
        await self._answer(self._submit(lambda: opened.stream.abort(ignore_errors=True)))

    async def go_on(self, opened: OpenStream) -> None:
        """Start a stream again after `halt`. Raises `audio.open_failed` when its device is gone."""
        await self._answer(self._submit(lambda: self._begin(opened.device, "output", opened.stream)))

    def _submit(self, call: Callable[[], T]) -> Future[T]:
        if self._thread is None:
            self._defaults = device_watch.default_devices()
            self._thread = threading.Thread(target=self._serve, name="portaudio", daemon=True)
            self._thread.start()
        future: Future[T] = Future()
        self._calls.put((future, call))
        return future

    async def _answer(self, future: Future[T]) -> T:
        # wait() and not wait_for(): a late close must still happen, so nothing is cancelled.
        answer = asyncio.wrap_future(future)
        answer.add_done_callback(lambda done: done.cancelled() or done.exception())  # seen, also if late
        done, _ = await asyncio.wait([answer], timeout=_ANSWER_S)
        if not done:
            raise AudioError(
                "audio.backend_hung",
                "The sound system does not answer.",
                "Restart the sound service of your system, or choose another device.",
                Category.TRANSIENT,
            )
        return answer.result()

    def _serve(self) -> None:
        while True:
            future, call = self._calls.get()
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(call())
            except Exception as error:
                future.set_exception(error)

    def _start(self, device: Device, direction: Direction, options: dict[str, Any]) -> Any:
        sounddevice = _portaudio()
        kind = sounddevice.InputStream if direction == "input" else sounddevice.OutputStream
        try:
            stream = kind(
                device=device.index,
                samplerate=device.sample_rate,
                channels=min(2, device.channels),
                dtype="float32",
                blocksize=0,
                **options,
            )
        except (sounddevice.PortAudioError, ValueError) as error:
            raise _open_error(error, device, direction) from error
        try:
            self._begin(device, direction, stream)
        except AudioError:
            stream.close(ignore_errors=True)
            raise
        self._open.add(stream)
        return stream

    @staticmethod
    def _begin(device: Device, direction: Direction, stream: Any) -> None:
        try:
            stream.start()
        except _portaudio().PortAudioError as error:
            raise _open_error(error, device, direction) from error

    def _end(self, stream: Any, at_once: bool) -> None:
        # Errors are those of a device that is gone already; it is closed all the same.
        if at_once:
            stream.abort(ignore_errors=True)
        else:
            stream.stop(ignore_errors=True)
        stream.close(ignore_errors=True)
        self._open.discard(stream)

    def _discard(self, opened: Future[Any]) -> None:
        if not opened.cancelled() and opened.exception() is None:
            self._submit(lambda: self._end(opened.result(), at_once=True))

    def _reinitialise(self) -> bool:
        sounddevice = _portaudio()
        if self._open:
            return False
        try:
            sounddevice._terminate()
            self._defaults = device_watch.default_devices()
            sounddevice._initialize()
        except sounddevice.PortAudioError as error:
            raise _backend_error(error) from error
        return True


def pick(devices: Sequence[Device], direction: Direction, name: str) -> Device:
    """The device called `name`: the exact name, else the only one that contains it in any case.

    An empty name is the system's default. Raises `audio.no_input`, `audio.no_output` or
    `audio.device_unknown`.
    """
    if not devices:
        raise no_device(direction)
    if not name:
        return next((device for device in devices if device.is_default), devices[0])
    exact = [device for device in devices if device.name == name]
    similar = [device for device in devices if name.casefold() in device.name.casefold()]
    if exact or len(similar) == 1:
        return (exact or similar)[0]
    names = ", ".join(device.name for device in devices)
    if similar:
        raise AudioError(
            "audio.device_unknown",
            'More than one sound device is called like "{name}".',
            "Give the full name. There are: {names}.",
            name=name,
            names=names,
        )
    raise AudioError(
        "audio.device_unknown",
        'There is no sound device called "{name}".',
        "Connect it or choose another one. There are: {names}.",
        name=name,
        names=names,
    )


def _portaudio() -> ModuleType:
    """The sounddevice module; importing it loads and initialises PortAudio, which may be absent."""
    try:
        if "sounddevice" not in sys.modules:
            pulse.spare_shared_memory()
        return importlib.import_module("sounddevice")
    except OSError as error:
        raise AudioError(
            "audio.backend_missing",
            "The PortAudio library, which reaches the microphone and the loudspeaker, is not installed.",
            "On Debian or Ubuntu: sudo apt install libportaudio2. On Fedora: sudo dnf install portaudio.",
        ) from error
    except Exception as error:  # the module initialises PortAudio, whose error class it then cannot offer
        raise _backend_error(error) from error


def _list(sounddevice: ModuleType, direction: Direction) -> tuple[Device, ...]:
    """Devices of PortAudio's default host API: the others name the same hardware again."""
    try:
        api = sounddevice.query_hostapis(sounddevice.default.hostapi)
        entries = [sounddevice.query_devices(index) for index in api["devices"]]
    except sounddevice.PortAudioError as error:
        raise _backend_error(error) from error
    return tuple(
        Device(
            name=entry["name"],
            index=entry["index"],
            channels=entry[f"max_{direction}_channels"],
            sample_rate=round(entry["default_samplerate"]),
            is_default=entry["index"] == api[f"default_{direction}_device"],
        )
        for entry in entries
        if entry[f"max_{direction}_channels"] > 0
    )


def _backend_error(error: Exception) -> AudioError:
    return AudioError(
        "audio.backend_failed",
        "The sound system of this machine failed ({reason}).",
        "Restart the sound service of your system.",
        Category.DEGRADED,
        reason=str(error),
    )


def no_device(direction: Direction) -> AudioError:
    """The error of a machine without a microphone or without a loudspeaker."""
    if direction == "input":
        return AudioError(
            "audio.no_input",
            "No microphone was found.",
            "Connect one, or check that the sound service runs. You can type in the meantime.",
            Category.DEGRADED,
        )
    return AudioError(
        "audio.no_output",
        "No loudspeaker was found.",
        "Connect one, or check that the sound service runs. Answers are shown as text.",
        Category.DEGRADED,
    )


def _open_error(error: Exception, device: Device, direction: Direction) -> AudioError:
    reason = str(error)
    if any(word in reason.casefold() for word in _DENIED):
        return AudioError(
            "audio.no_permission",
            'The system does not let Jarvis use "{name}".',
            "Allow it in the privacy settings of your system, or join the audio group on Linux.",
            name=device.name,
        )
    return AudioError(
        "audio.open_failed",
        '"{name}" could not be opened ({reason}).',
        "Another program may be using it; close that one, or choose another device.",
        Category.TRANSIENT,
        name=device.name,
        reason=reason,
    )

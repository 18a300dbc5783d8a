"""The small models behind the microphone, in a child process: voice, turn end, wake word, echo."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from jarvis_desktop.errors import Category, SpeechError
from jarvis_desktop.ports import Samples
from jarvis_desktop.processes.model_process import Load, ModelProcess

TURN_END_MODEL = "smart-turn-v3.2"
WAKE_MODEL = "hey-jarvis"

_MODULE = "jarvis_desktop.audio.hearing_worker"
_DIED = "hearing.worker_died"


class Hearing:
    """`ports.ManagedModel` of everything that judges sound before it is text.

    The models run in one process, which answers calls in the order they are made; each streaming tool
    (`voice`, `without_echo`) has one stream, begun anew with `fresh`; the wake word has as many as there are
    listeners. A call loads the models when they are not loaded. `folder` is the place of a model by its
    catalogue name.
    Raises `ModelError` (missing, damaged) and `SpeechError`.
    """

    def __init__(self, folder: Callable[[str], Path]) -> None:
        self._folder = folder
        self._process = ModelProcess(_MODULE, name="hearing", wanted=self._wanted, died=_died)
        self._streams = itertools.count(1)

    @property
    def model(self) -> str:
        """Catalogue name of the largest model it holds, or would load."""
        return self._process.model or TURN_END_MODEL

    @property
    def pid(self) -> int | None:
        return self._process.pid

    async def load(self) -> None:
        """Load the models; at once when they are loaded."""
        await self._process.load()

    async def unload(self) -> None:
        """Release the models with their process."""
        await self._process.unload()

    async def voice(self, samples: Samples, *, fresh: bool = False) -> Sequence[float]:
        """Probability of a voice for each 32 ms completed by `samples` (16 kHz, any number)."""
        reply = await self._process.call("voice", samples.data, fresh=fresh)
        return [float(probability) for probability in reply.data["probabilities"]]

    async def turn_end(self, samples: Samples) -> float:
        """How complete a turn sounds, 0..1; `samples` (16 kHz) end where the voice fell silent."""
        reply = await self._process.call("turn_end", samples.data)
        return float(reply.data["completeness"])

    def wake_listener(self) -> WakeListener:
        """Hears one stream of its own for the wake word."""
        return WakeListener(self._process, next(self._streams))

    async def without_echo(self, near: Samples, far: Samples, *, fresh: bool = False) -> Samples:
        """`near` (n,) without what came from the loudspeaker, of which `far` (n,) was played; 16 kHz.

        n is a multiple of 160 (10 ms).
        """
        reply = await self._process.call("without_echo", np.concatenate((near, far)).data, fresh=fresh)
        return np.frombuffer(reply.payload, np.float32)

    def _wanted(self) -> Load:
        folders = {"turn_end": self._folder(TURN_END_MODEL), "wake": self._folder(WAKE_MODEL)}
        return Load(TURN_END_MODEL, {name: str(folder) for name, folder in folders.items()})


class WakeListener:
    """The wake word in one stream of sound, beside those of others. Raises what `Hearing` raises."""

    def __init__(self, process: ModelProcess, stream: int) -> None:
        self._process = process
        self._stream = stream

    async def wake(
        self, samples: Samples, *, name_alone: bool = False, fresh: bool = False
    ) -> Sequence[float]:
        """Score of the wake word for each 80 ms completed by `samples` (16 kHz, any number).

        `name_alone`: "Jarvis" without "Hey" counts as well. `fresh`: the stream begins anew.
        """
        reply = await self._process.call(
            "wake", samples.data, stream=self._stream, name_alone=name_alone, fresh=fresh
        )
        return [float(score) for score in reply.data["scores"]]


def _died() -> SpeechError:
    return SpeechError(
        _DIED,
        "The listening models stopped unexpectedly.",
        "They start again by themselves the next time you speak.",
        Category.TRANSIENT,
    )

"""Child process that holds the small models behind the microphone; `hearing.Hearing` talks to it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from jarvis_desktop.errors import ModelError, SpeechError
from jarvis_desktop.ports import Samples
from jarvis_desktop.processes.pipe import Reply
from jarvis_desktop.processes.serve import Call, serve

if TYPE_CHECKING:
    from jarvis_desktop.audio.echo import EchoCanceller
    from jarvis_desktop.audio.silero import SileroVad
    from jarvis_desktop.audio.smart_turn import SmartTurn
    from jarvis_desktop.audio.wake_word import WakeWord


class HearingWorker:
    """Answers the calls of `Hearing`."""

    def __init__(self) -> None:
        self._tools: _Tools | None = None

    def load(self, call: Call) -> Reply:
        """args: turn_end, wake (folders of the models)."""
        try:
            self._tools = _Tools(Path(call.args["turn_end"]), Path(call.args["wake"]))
        except Exception as error:  # ONNX Runtime's errors share no other base
            raise ModelError(
                "model.damaged",
                "The listening models cannot be read ({reason}).",
                "Get them again with: jarvis models get {name}",
                reason=type(error).__name__,
                name=Path(call.args["turn_end"]).name,
            ) from error
        return Reply({})

    def voice(self, call: Call) -> Reply:
        """args: fresh; payload: samples."""
        vad = self._ready.vad
        if call.args["fresh"]:
            vad.reset()
        return Reply({"probabilities": vad.probabilities(_samples(call))})

    def turn_end(self, call: Call) -> Reply:
        """payload: samples up to the pause."""
        return Reply({"completeness": self._ready.turn.completeness(_samples(call))})

    def wake(self, call: Call) -> Reply:
        """args: stream, name_alone, fresh; payload: samples."""
        wake = self._ready.wake(call.args["stream"])
        if call.args["fresh"]:
            wake.reset()
        return Reply({"scores": wake.scores(_samples(call), name_alone=call.args["name_alone"])})

    def without_echo(self, call: Call) -> Reply:
        """args: fresh; payload: the microphone's samples, then as many of the loudspeaker's."""
        both, echo = _samples(call), self._ready.echo
        if call.args["fresh"]:
            echo.reset()
        middle = len(both) // 2
        return Reply({}, echo.cancel(both[:middle], both[middle:]).data)

    @property
    def _ready(self) -> _Tools:
        if self._tools is None:
            raise SpeechError("speech.not_loaded", "The listening models are not loaded.")
        return self._tools


_MOST_STREAMS = 64
"""Of the wake word, each of some 100 KiB; the one asked least lately is forgotten."""


class _Tools:
    """The loaded models."""

    def __init__(self, turn_end: Path, wake: Path) -> None:
        from jarvis_desktop.audio.echo import EchoCanceller
        from jarvis_desktop.audio.silero import SileroVad
        from jarvis_desktop.audio.smart_turn import SmartTurn
        from jarvis_desktop.audio.wake_word import WakeWord

        self.vad: SileroVad = SileroVad()
        self.turn: SmartTurn = SmartTurn(turn_end)
        self.echo: EchoCanceller = EchoCanceller()
        self._wake: WakeWord = WakeWord(wake)
        self._streams: dict[int, WakeWord] = {}

    def wake(self, stream: int) -> WakeWord:
        """The wake word as it is heard in one of several streams."""
        wake = self._streams.pop(stream, None) or self._wake.another()
        self._streams[stream] = wake
        if len(self._streams) > _MOST_STREAMS:
            del self._streams[next(iter(self._streams))]
        return wake


def _samples(call: Call) -> Samples:
    return np.frombuffer(call.payload, np.float32)


if __name__ == "__main__":
    worker = HearingWorker()
    serve(
        {
            "load": worker.load,
            "voice": worker.voice,
            "turn_end": worker.turn_end,
            "wake": worker.wake,
            "without_echo": worker.without_echo,
        }
    )

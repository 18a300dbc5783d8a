"""Child process with faster-whisper as its documentation shows it: what we are compared with."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from jarvis_desktop.processes.pipe import Reply
from jarvis_desktop.processes.serve import Call, serve

if TYPE_CHECKING:
    from faster_whisper import WhisperModel


class PlainWhisper:
    """Answers the calls of `stt.compare`."""

    def __init__(self) -> None:
        self._model: WhisperModel | None = None

    def load(self, call: Call) -> Reply:
        """args: folder, device, compute_type, threads."""
        from faster_whisper import WhisperModel

        self._model = WhisperModel(
            call.args["folder"],
            device=call.args["device"],
            compute_type=call.args["compute_type"],
            cpu_threads=call.args["threads"],
        )
        return Reply({})

    def transcribe(self, call: Call) -> Reply:
        """args: language, beam_size; payload: the recording."""
        assert self._model is not None
        samples = np.frombuffer(call.payload, np.float32)
        language = None if call.args["language"] == "auto" else call.args["language"]
        begun = time.perf_counter()
        segments, info = self._model.transcribe(samples, language=language, beam_size=call.args["beam_size"])
        text = " ".join(segment.text.strip() for segment in segments)  # decodes here: it is a generator
        seconds = time.perf_counter() - begun
        return Reply({"text": text, "language": info.language, "compute_seconds": seconds})


if __name__ == "__main__":
    plain = PlainWhisper()
    serve({"load": plain.load, "transcribe": plain.transcribe})

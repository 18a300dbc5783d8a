# SPDX-License-Identifier: GPL-3.0-or-later
"""Child process that holds a Piper voice: a separate program under Piper's own licence, the GPL.

No module of the program imports this one; it is started by `synthesis.PiperSynthesizer` and spoken to over a
pipe. See docs/decisions/0003-piper-licence.md.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from jarvis_desktop.errors import ModelError, SpeechError
from jarvis_desktop.processes.pipe import Reply
from jarvis_desktop.processes.serve import Call, serve

if TYPE_CHECKING:
    from piper import PiperVoice


class PiperWorker:
    """Answers the calls of `PiperSynthesizer`."""

    def __init__(self) -> None:
        self._voice: PiperVoice | None = None

    def load(self, call: Call) -> Reply:
        """args: model (path of the .onnx, beside its .onnx.json), threads. Gives sample rate and language."""
        model = Path(call.args["model"])
        try:
            self._voice = _open_voice(model, call.args["threads"])
            self._speak("a", 1.0)  # the first sentence shall not pay for first-time set-up
        except Exception as error:  # ONNX Runtime's errors share no other base
            raise ModelError(
                "model.damaged",
                "The voice {file} cannot be read ({reason}).",
                "Get the voice again in the settings, or with: jarvis models get NAME",
                file=model,
                reason=type(error).__name__,
            ) from error
        config = self._voice.config
        return Reply({"sample_rate": config.sample_rate, "language": config.espeak_voice[:2]})

    def synthesize(self, call: Call) -> Reply:
        """args: text, speed; gives float32 samples."""
        try:
            return Reply({}, self._speak(call.args["text"], call.args["speed"]))
        except Exception as error:  # as above
            raise SpeechError(
                "speech.synthesis_failed",
                "A sentence could not be spoken ({reason}).",
                "Choose another voice if it happens again.",
                reason=type(error).__name__,
            ) from error

    def _speak(self, text: str, speed: float) -> memoryview:
        from piper import SynthesisConfig

        assert self._voice is not None
        # Peak normalisation per sentence would make short sentences jump in loudness.
        pace = self._voice.config.length_scale / speed
        style = SynthesisConfig(length_scale=pace, normalize_audio=False)
        chunks = [chunk.audio_float_array for chunk in self._voice.synthesize(text, style)]
        return np.concatenate([np.zeros(0, np.float32), *chunks]).data


def _open_voice(model: Path, threads: int) -> PiperVoice:
    """As `PiperVoice.load`, with a bound on the threads: transcription and answers need theirs."""
    import json

    import onnxruntime
    from piper import PiperConfig, PiperVoice

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    config = json.loads(model.with_name(model.name + ".json").read_text(encoding="utf-8"))
    session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    return PiperVoice(session=session, config=PiperConfig.from_dict(config))


if __name__ == "__main__":
    worker = PiperWorker()
    serve({"load": worker.load, "synthesize": worker.synthesize})

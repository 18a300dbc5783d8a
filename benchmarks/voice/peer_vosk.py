"""vosk: its streaming recogniser, which finds the ends itself. It detects no language, so it is told.

Its models are its own (no Whisper): VOICE_BENCH_VOSK names a folder with one for each language, `en`, `es`.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
from harness import RATE, Adapter, Clip, main
from peer_common import END_TOLD, feed_quiet_until, pcm16

FOLDER = Path(os.environ.get("VOICE_BENCH_VOSK", ""))


class Vosk(Adapter):
    """A model for each language, a recogniser for each clip."""

    name = "vosk"

    def start(self) -> None:
        from vosk import Model, SetLogLevel

        SetLogLevel(-1)
        folders = (folder for folder in sorted(FOLDER.iterdir()) if folder.is_dir())
        self._models = {folder.name: Model(str(folder)) for folder in folders}

    def begin(self, clip: Clip) -> None:
        from vosk import KaldiRecognizer

        self._recogniser = KaldiRecognizer(self._models[clip.language], RATE)
        self._shown = ""

    def feed(self, samples: np.ndarray, at_seconds: float) -> None:
        if self._recogniser.AcceptWaveform(pcm16(samples)):
            self._final(self._recogniser.Result())
            return
        text = json.loads(self._recogniser.PartialResult())["partial"]
        if text != self._shown:
            self._shown = text
            self.on_partial(text)

    def finish(self) -> None:
        if not END_TOLD:
            feed_quiet_until(self, lambda: not self._shown)
        self._final(self._recogniser.FinalResult())

    def _final(self, result: str) -> None:
        self._shown = ""
        if text := json.loads(result)["text"]:
            self.on_final(text)


if __name__ == "__main__":
    main(Vosk)

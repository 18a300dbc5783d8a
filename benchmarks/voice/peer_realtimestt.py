"""RealtimeSTT: its recorder with live text, fed by `feed_audio`; otherwise its defaults.

Live text and final text come from two instances of the same model files (the library's default keeps two
models, so that the final text need not wait for the live one).
"""

from __future__ import annotations

import logging
import threading

import numpy as np
from harness import Adapter, Clip, main
from peer_common import END_TOLD, MODEL, feed_quiet_until, pcm16


class RealtimeStt(Adapter):
    """`AudioToTextRecorder` as its documentation feeds it from outside."""

    name = "RealtimeSTT"
    early_ms = 0  # of silence after which the final decode begins on trial; 0: only at the end

    def start(self) -> None:
        from RealtimeSTT import AudioToTextRecorder

        self._recorder = AudioToTextRecorder(
            model=MODEL,
            device="cpu",
            compute_type="int8",
            language="",  # detected
            use_microphone=False,
            spinner=False,
            enable_realtime_transcription=True,
            realtime_model_type=MODEL,
            on_realtime_transcription_update=lambda text: self.on_partial(text),
            early_transcription_on_silence=self.early_ms,
            level=logging.ERROR,
            no_log_file=True,
        )
        self._open = True
        self._transcribing = threading.Event()
        if not END_TOLD:
            self._reader = threading.Thread(target=self._read_finals, daemon=True)
            self._reader.start()

    def begin(self, clip: Clip) -> None:
        if END_TOLD:
            self._recorder.start()

    def feed(self, samples: np.ndarray, at_seconds: float) -> None:
        self._recorder.feed_audio(pcm16(samples))

    def finish(self) -> None:
        if END_TOLD:
            self._recorder.flush_audio_input()
            self._recorder.drain_audio_input(timeout=10)
            self._recorder.stop()
            self.on_final(self._recorder.text() or "")
        else:
            self._recorder.drain_audio_input(timeout=10)
            feed_quiet_until(self, self._settled)

    def stop(self) -> None:
        self._open = False
        self._recorder.shutdown()

    def _settled(self) -> bool:
        recorder = self._recorder
        waiting = recorder.is_recording or recorder.has_pending_recordings()
        return not waiting and not self._transcribing.is_set()

    def _read_finals(self) -> None:
        """What `text()` does, with the moment between recording and transcribing visible."""
        while self._open:
            self._recorder.wait_audio()
            self._transcribing.set()
            text = self._recorder.transcribe()
            if text:
                self.on_final(text)
            self._transcribing.clear()


if __name__ == "__main__":
    main(RealtimeStt)

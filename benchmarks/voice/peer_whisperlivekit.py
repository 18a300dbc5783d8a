"""WhisperLiveKit: its `AudioProcessor` over the faster-whisper backend, as its server runs it for one client.

The policy is LocalAgreement: the default one (SimulStreaming) decodes with OpenAI's PyTorch checkpoint, which
is another model file. It transcribes a stream and knows no end of an utterance, only pauses. What it shows
END_SILENCE after it found one is taken for final, as a program on top of it would.
"""

from __future__ import annotations

import asyncio
import logging
import time

import numpy as np
from harness import Adapter, Clip, main
from peer_asyncio import LoopThread
from peer_common import END_TOLD, MODEL, feed_quiet_until, pcm16

END_SILENCE = 0.5  # seconds of the pause; the words of the pause must have been transcribed as well


class WhisperLiveKit(Adapter):
    """One engine, one session a clip."""

    name = "WhisperLiveKit"

    def start(self) -> None:
        from whisperlivekit import TranscriptionEngine

        logging.disable(logging.WARNING)
        self._engine = TranscriptionEngine(
            backend="faster-whisper",
            backend_policy="localagreement",
            model_path=MODEL,
            lan="auto",
            pcm_input=True,
            warmup_file="",
        )
        self._thread = LoopThread()
        self._thread.start()

    def begin(self, clip: Clip) -> None:
        self._thread.call(self._open())

    def feed(self, samples: np.ndarray, at_seconds: float) -> None:
        self._thread.send(self._processor.process_audio(pcm16(samples)))

    def finish(self) -> None:
        if not END_TOLD:
            feed_quiet_until(self, lambda: not self._speaking and not self._unfinished())
        self._thread.call(self._close())

    def stop(self) -> None:
        self._thread.stop()

    async def _open(self) -> None:
        from whisperlivekit import AudioProcessor

        self._shown: list[str] = []
        self._final_words = 0
        self._speaking = False
        self._paused_at = 0.0
        self._pause_known = False
        events: asyncio.Queue = asyncio.Queue()
        self._processor = AudioProcessor(transcription_engine=self._engine, stream_event_queue=events)
        results = await self._processor.create_tasks()
        self._tasks = [
            asyncio.create_task(self._show(results)),
            asyncio.create_task(self._watch(events)),
            asyncio.create_task(self._end_utterances()),
        ]

    async def _close(self) -> None:
        show, *others = self._tasks
        await self._processor.process_audio(b"")
        await asyncio.wait([show], timeout=60)
        for task in others:
            task.cancel()
        if self._unfinished():
            self._finalise()
        await self._processor.cleanup()

    async def _show(self, results) -> None:
        async for state in results:
            lines = [line.text for line in state.lines if line.text]
            shown = " ".join([*lines, state.buffer_transcription or ""]).split()
            if shown != self._shown:
                self._shown = shown
                self.on_partial(" ".join(shown[self._final_words :]))

    async def _watch(self, events: asyncio.Queue) -> None:
        while True:
            event = await events.get()
            if event.kind == "speech_started":
                self._speaking = True
            elif event.kind == "silence_started":
                self._speaking, self._pause_known = False, False
                self._paused_at = time.monotonic()
            elif event.kind == "silence_transcription_ready":
                self._pause_known = True

    async def _end_utterances(self) -> None:
        while True:
            await asyncio.sleep(0.01)
            over = not self._speaking and self._pause_known
            waited = time.monotonic() - self._paused_at >= END_SILENCE
            if not END_TOLD and over and waited and self._unfinished():
                self._finalise()

    def _unfinished(self) -> bool:
        return len(self._shown) > self._final_words

    def _finalise(self) -> None:
        self.on_final(" ".join(self._shown[self._final_words :]))
        self._final_words = len(self._shown)


if __name__ == "__main__":
    main(WhisperLiveKit)

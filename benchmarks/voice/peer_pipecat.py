"""Pipecat's local chain: Silero, its bundled Smart Turn, `WhisperSTTService`, its default turn strategies.

What its context aggregator hands to a language model at the end of the user's turn is the final text; the
transcripts of the pauses before are shown as they come.
"""

from __future__ import annotations

import asyncio
import os

import numpy as np
from harness import RATE, Adapter, Clip, main
from peer_asyncio import LoopThread
from peer_common import END_TOLD, MODEL, feed_quiet_until, pcm16, wait_until

os.environ.setdefault("LOGURU_LEVEL", "ERROR")


class Pipecat(Adapter):
    """One pipeline for all clips."""

    name = "pipecat"

    def start(self) -> None:
        self._thread = LoopThread()
        self._thread.start()
        self._in_turn = self._speaking = False
        self._segments: list[str] = []  # of the turn under way
        self._segments_pending = 0
        self._thread.call(self._open())

    def begin(self, clip: Clip) -> None:
        if END_TOLD:
            from pipecat.frames.frames import VADUserStartedSpeakingFrame

            self._segments = []
            self._thread.call(self._worker.queue_frame(VADUserStartedSpeakingFrame()))

    def feed(self, samples: np.ndarray, at_seconds: float) -> None:
        from pipecat.frames.frames import InputAudioRawFrame

        frame = InputAudioRawFrame(audio=pcm16(samples), sample_rate=RATE, num_channels=1)
        self._thread.send(self._worker.queue_frame(frame))

    def finish(self) -> None:
        if END_TOLD:
            from pipecat.frames.frames import VADUserStoppedSpeakingFrame

            self._segments_pending = 1
            self._thread.call(self._worker.queue_frame(VADUserStoppedSpeakingFrame()))
            wait_until(lambda: not self._segments_pending)
        else:
            feed_quiet_until(self, self._settled)

    def stop(self) -> None:
        self._thread.call(self._close())
        self._thread.stop()

    def _settled(self) -> bool:
        return not (self._in_turn or self._speaking or self._segments_pending)

    async def _open(self) -> None:
        from pipecat.audio.vad.silero import SileroVADAnalyzer
        from pipecat.pipeline.pipeline import Pipeline
        from pipecat.pipeline.worker import PipelineParams, PipelineWorker
        from pipecat.processors.aggregators.llm_context import LLMContext
        from pipecat.processors.aggregators.llm_response_universal import (
            LLMContextAggregatorPair,
            LLMUserAggregatorParams,
        )
        from pipecat.workers.runner import WorkerRunner

        transcriber = _transcriber(self._transcribed)
        detector = None if END_TOLD else SileroVADAnalyzer()
        pair = LLMContextAggregatorPair(
            LLMContext(), user_params=LLMUserAggregatorParams(vad_analyzer=detector)
        )
        user = pair.user()
        user.add_event_handler("on_user_turn_started", self._turn_started)
        user.add_event_handler("on_user_turn_stopped", self._turn_stopped)
        self._worker = PipelineWorker(
            Pipeline([transcriber, _watcher(self._passing), user]),
            params=PipelineParams(audio_in_sample_rate=RATE),
            idle_timeout_secs=None,
        )
        started = asyncio.Event()

        @self._worker.event_handler("on_pipeline_started")
        async def on_started(*_: object) -> None:
            started.set()

        runner = WorkerRunner(handle_sigint=False)
        await runner.add_workers(self._worker)
        self._running = asyncio.create_task(runner.run())
        await asyncio.wait_for(started.wait(), 60)

    async def _turn_started(self, *_: object) -> None:
        self._in_turn = True

    async def _turn_stopped(self, _aggregator: object, _strategy: object, message) -> None:
        self._in_turn = False
        self._segments = []
        if not END_TOLD:
            self.on_final(message.content or "")

    async def _close(self) -> None:
        await self._worker.cancel()
        await self._running

    def _transcribed(self) -> None:
        self._segments_pending -= 1

    def _passing(self, frame: object) -> None:
        match type(frame).__name__:
            case "VADUserStartedSpeakingFrame":
                self._speaking = True
            case "VADUserStoppedSpeakingFrame" if not END_TOLD:
                self._speaking = False
                self._segments_pending += 1
            case "TranscriptionFrame":
                self._segments.append(frame.text.strip())
                (self.on_final if END_TOLD else self.on_partial)(" ".join(self._segments))


def _transcriber(done):
    """The Whisper service, which also tells when a segment is through, with words in it or without."""
    from pipecat.services.whisper.stt import WhisperSTTService

    class Counted(WhisperSTTService):
        async def run_stt(self, audio):
            async for frame in super().run_stt(audio):
                yield frame
            done()

    settings = Counted.Settings(model=MODEL, language=None)  # detected
    return Counted(device="cpu", compute_type="int8", settings=settings)


def _watcher(passing):
    """A processor that tells of every frame on its way."""
    from pipecat.processors.frame_processor import FrameProcessor

    class Watcher(FrameProcessor):
        async def process_frame(self, frame, direction):
            await super().process_frame(frame, direction)
            passing(frame)
            await self.push_frame(frame, direction)

    return Watcher()


if __name__ == "__main__":
    main(Pipecat)

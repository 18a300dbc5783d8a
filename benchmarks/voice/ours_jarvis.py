"""Jarvis itself: the assistant's own ears with all their parts, only the microphone is the clip.

Hands-free (the turn's end is Jarvis' own finding) or, where the end is told, push-to-talk. Default settings
but for the number of threads.
"""

from __future__ import annotations

import asyncio
import dataclasses
import os
import sys
import tempfile
import threading
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import numpy as np
from harness import RATE, Adapter, Clip, main
from peer_asyncio import LoopThread
from peer_common import END_TOLD, MODEL, THREADS, feed_quiet_until

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from jarvis_desktop.app import session
from jarvis_desktop.config.paths import Paths
from jarvis_desktop.config.store import ConfigStore
from jarvis_desktop.events import (
    Discarded,
    Event,
    Failed,
    Part,
    PartialTranscribed,
    PressTalk,
    ReleaseTalk,
    SetHandsFree,
    SpeechStarted,
    Transcribed,
)
from jarvis_desktop.ports import AudioBlock

SETTINGS = "[transcription]\nmodel = {model!r}\nthreads = {threads}\n"


class ClipSource:
    """An `AudioIn` that is handed its blocks."""

    name = "clip"
    live = True

    def __init__(self) -> None:
        self._blocks: asyncio.Queue[AudioBlock | None] = asyncio.Queue()
        self._samples = 0

    async def start(self) -> None:
        """Open at once."""

    def put(self, samples: np.ndarray) -> None:
        """The next 20 ms."""
        self._blocks.put_nowait(AudioBlock(samples, self._samples / RATE))
        self._samples += len(samples)

    async def blocks(self) -> AsyncIterator[AudioBlock]:
        while (block := await self._blocks.get()) is not None:
            yield block

    async def stop(self) -> None:
        self._blocks.put_nowait(None)


class Jarvis(Adapter):
    """One session for all clips; the microphone opens for each."""

    name = "Jarvis"

    def start(self) -> None:
        self._open_utterances = 0
        self._released = False
        self._source = ClipSource()
        self._microphone_open = threading.Event()
        self._stack = AsyncExitStack()
        self._thread = LoopThread()
        self._thread.start()
        self._thread.call(self._open())

    def begin(self, clip: Clip) -> None:
        self._microphone_open.clear()
        self._open_utterances = 0
        self._assistant.post(PressTalk() if END_TOLD else SetHandsFree(True))
        if not self._microphone_open.wait(10):
            raise RuntimeError("the ears did not open")

    def feed(self, samples: np.ndarray, at_seconds: float) -> None:
        self._thread.loop.call_soon_threadsafe(self._source.put, samples)

    def finish(self) -> None:
        if END_TOLD:
            self._open_utterances = 1
            self._assistant.post(ReleaseTalk())
        feed_quiet_until(self, lambda: self._open_utterances <= 0)
        if not END_TOLD:
            self._assistant.post(SetHandsFree(False))

    def stop(self) -> None:
        self._thread.call(self._stack.aclose())
        self._thread.stop()

    async def _open(self) -> None:
        home = Path(self._stack.enter_context(tempfile.TemporaryDirectory()))
        paths = dataclasses.replace(Paths.choose(home), models=Path(MODEL).parent)
        paths.config.mkdir(parents=True)
        settings = SETTINGS.format(model=Path(MODEL).name, threads=THREADS)
        paths.config_file.write_text(settings, encoding="utf-8")
        config = ConfigStore(paths.config_file, os.environ)
        config.load()
        if config.problems:
            raise config.problems[0]
        self._assistant = await self._stack.enter_async_context(
            session(paths, config, audio_in=self._microphone, listener=self._hear, answers=False)
        )
        await self._assistant.prepare(Part.HEARING, Part.TRANSCRIPTION)

    def _microphone(self) -> ClipSource:
        self._source = ClipSource()
        self._microphone_open.set()
        return self._source

    def _hear(self, event: Event) -> None:
        match event:
            case SpeechStarted() if not END_TOLD:
                self._open_utterances += 1
            case PartialTranscribed(stable=stable, unstable=unstable):
                self.on_partial(f"{stable} {unstable}".strip())
            case Transcribed(text=text):
                self.on_final(text)
                self._open_utterances -= 1
            case Discarded():
                self._open_utterances -= 1
            case Failed(error=error):
                print(f"Jarvis: {error.message}", file=sys.stderr)


if __name__ == "__main__":
    main(Jarvis)

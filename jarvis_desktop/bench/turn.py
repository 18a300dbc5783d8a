"""Whole spoken turns, hands-free and in real time: how long after the last spoken sample each stage comes.

All parts run together as they do in use, so that they compete for the processor as they do in use.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from jarvis_desktop import app
from jarvis_desktop.assistant import Assistant
from jarvis_desktop.audio.files import FileSink, FileSource
from jarvis_desktop.bench.recordings import spoken_questions, with_silence
from jarvis_desktop.bench.stt import Clip
from jarvis_desktop.config.environment import variable
from jarvis_desktop.config.paths import Paths
from jarvis_desktop.config.store import ConfigStore
from jarvis_desktop.errors import JarvisError
from jarvis_desktop.events import (
    Event,
    Failed,
    Part,
    PlaybackStarted,
    ReplySentence,
    ReplyToken,
    ResourcesSampled,
    SetHandsFree,
    Transcribed,
    TurnEnded,
    TurnFinished,
)

STAGES: tuple[tuple[type[Event], str], ...] = (
    (TurnEnded, "turn_end"),
    (Transcribed, "transcript"),
    (ReplyToken, "first_token"),
    (ReplySentence, "first_sentence"),
    (PlaybackStarted, "voice_to_voice"),
    (TurnFinished, "total"),
)

PATIENCE_SECONDS = 120.0
"""A turn that takes longer counts as failed."""


@dataclass
class Stopwatch:
    """Notes when the stages of one turn were first reached, on the loop's clock."""

    origin: float = 0.0  # when the last sample was spoken
    reached: dict[str, float] = field(default_factory=dict)
    tokens_per_second: float = 0.0
    resources: ResourcesSampled | None = None
    failure: JarvisError | None = None
    over: asyncio.Event = field(default_factory=asyncio.Event)

    def ms(self, stage: str) -> float | None:
        """Milliseconds from the last spoken sample; None when the stage was not reached."""
        return (self.reached[stage] - self.origin) * 1000 if stage in self.reached else None

    def line(self) -> str:
        """All stages in one line."""
        return (
            ", ".join(f"{stage} {self.ms(stage):.0f}" for _, stage in STAGES if stage in self.reached) + " ms"
        )

    def __call__(self, event: Event) -> None:
        for kind, stage in STAGES:
            if isinstance(event, kind):
                self.reached.setdefault(stage, asyncio.get_running_loop().time())
        match event:
            case TurnFinished():
                self.tokens_per_second = event.usage.tokens_per_second
                self.over.set()
            case Failed(error):
                self.failure = error
                self.over.set()
            case ResourcesSampled():
                self.resources = event


class TimedSource(FileSource):
    """A file heard in real time that tells when its first sample was spoken, on the loop's clock."""

    spoken_from = 0.0

    async def start(self) -> None:
        await super().start()
        self.spoken_from = asyncio.get_running_loop().time()


async def measure(
    paths: Paths,
    config: ConfigStore,
    clips: Sequence[Clip] | None = None,
    progress: Callable[[str], None] = lambda line: None,
) -> dict[str, Any]:
    """One turn per clip (default: questions in Jarvis' own voice) after one warm-up turn that is dropped.

    Gives p50 and p95 in ms per stage, tokens/s, and the memory of each part in MiB. Raises `JarvisError`.
    """
    with tempfile.TemporaryDirectory(prefix="jarvis-bench-") as name:
        folder = Path(name)
        sources: list[TimedSource] = []
        # Shares the models; what is asked here must not show among the user's conversations.
        private = replace(Paths.choose(folder), models=paths.models)
        async with app.session(
            private,
            _answering_anew(config),
            audio_in=lambda: sources[-1],
            audio_out=lambda: FileSink(folder / "reply.wav"),
            preload=True,  # as the window does
        ) as assistant:
            await assistant.prepare(Part.HEARING, Part.TRANSCRIPTION, Part.ENGINE, Part.SPEECH)
            asked = clips if clips is not None else await spoken_questions(assistant, folder)
            watches = []
            for clip in (asked[0], *asked):
                path, last_sample = with_silence(clip, folder)
                sources.append(TimedSource(path, pace="realtime"))
                watch = await take_turn(assistant)
                watch.origin = sources[-1].spoken_from + last_sample
                progress(f"{clip.path.name}: {watch.line()}")
                watches.append(watch)
    return _summary(watches[1:])


def _answering_anew(config: ConfigStore) -> ConfigStore:
    """The same settings, except that no answer is given a second time."""
    anew = ConfigStore(config.file, {**os.environ, variable("conversation.reuse_answers"): "false"})
    anew.load()
    return anew


async def take_turn(assistant: Assistant) -> Stopwatch:
    """Listen hands-free to the end of one turn. Raises the `JarvisError` it failed with."""
    watch = Stopwatch()
    unsubscribe = assistant.subscribe(watch)
    assistant.post(SetHandsFree(True))
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await watch.over.wait()
    finally:
        assistant.post(SetHandsFree(False))
        unsubscribe()
    if watch.failure is not None:
        raise watch.failure
    return watch


def _summary(watches: Sequence[Stopwatch]) -> dict[str, Any]:
    stages = {}
    for _, stage in STAGES:
        values = [late for watch in watches if (late := watch.ms(stage)) is not None]
        if values:
            stages[stage] = {
                "p50": round(float(np.percentile(values, 50))),
                "p95": round(float(np.percentile(values, 95))),
            }
    rates = [watch.tokens_per_second for watch in watches if watch.tokens_per_second]
    resources = next((watch.resources for watch in reversed(watches) if watch.resources), None)
    return {
        "turns": len(watches),
        "stages_ms": stages,
        "tokens_per_second": round(float(np.median(rates)), 1) if rates else None,
        "own_ram_mib": round(resources.own_ram_mib) if resources else None,
        "parts_mib": {part.value: round(mib) for part, mib in resources.parts_mib} if resources else {},
    }


def table(data: dict[str, Any]) -> str:
    """The summary for people; every time counts from the last spoken sample."""
    rows = [f"{'stage':16} {'p50 ms':>8} {'p95 ms':>8}"]
    rows += [f"{stage:16} {v['p50']:8} {v['p95']:8}" for stage, v in data["stages_ms"].items()]
    rows.append(
        f"{data['turns']} turns, {data['tokens_per_second']} tokens/s, {data['own_ram_mib']} MiB in all"
    )
    return "\n".join(rows)

"""The composition root: builds every part from the settings, owns the order of start and stop.

Heavy modules are imported inside functions: the window must be on the screen before numpy, httpx or PortAudio
are loaded, and those are loaded on the core thread.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from jarvis_desktop.config import describe
from jarvis_desktop.config.paths import Paths
from jarvis_desktop.config.schema import Config, Restarts
from jarvis_desktop.config.store import ConfigStore
from jarvis_desktop.errors import Category, JarvisError
from jarvis_desktop.events import Event, Failed, Intent, Part, SetMuted
from jarvis_desktop.resources import resource
from jarvis_desktop.telemetry import logs

if TYPE_CHECKING:
    from jarvis_desktop.assistant import Assistant, Parts
    from jarvis_desktop.ports import AudioIn, ChatModel, ManagedModel, Synthesizer, Transcriber

log = logging.getLogger(__name__)

STOP_SECONDS = 10.0
"""Longest wait for the core at exit; child processes die with the program whatever happens."""


@asynccontextmanager
async def session(
    paths: Paths,
    config: ConfigStore,
    *,
    audio_in: Callable[[], AudioIn] | None = None,
    answers: bool = True,
    preload: bool = False,
    verbose: bool = False,
) -> AsyncIterator[Assistant]:
    """A running assistant, stopped and released at the end.

    `audio_in` replaces the microphone; `preload` loads all models in the background at once.
    """
    from jarvis_desktop.assistant import Assistant

    with logs.started(paths.logs, config, verbose=verbose):
        builder = Builder(paths, config)
        parts = await builder.parts()
        if audio_in is not None:
            parts.audio_in = audio_in
        assistant = Assistant(parts, lambda: config.current, builder.instructions, answers=answers)
        builder.watch_engine(assistant)
        await assistant.start(preload=preload)
        unsubscribe = config.subscribe(_Changes(assistant, builder).apply)
        try:
            yield assistant
        finally:
            unsubscribe()
            await assistant.stop()
            await builder.close()


def run_window(paths: Paths, config: ConfigStore, *, minimised: bool, verbose: bool) -> int:
    """Show the window until the user quits; returns the exit status."""
    started_at = time.perf_counter()
    from jarvis_desktop.ui.application import run_window as show

    core = CoreThread(lambda: session(paths, config, preload=True, verbose=verbose))
    stop_watching = config.watch()
    try:
        return show(core, config, paths, minimised=minimised, started_at=started_at)
    finally:
        stop_watching()
        core.stop()

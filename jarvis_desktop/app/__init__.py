"""The composition root: owns the order of start and stop; `builder` makes the parts.

Heavy modules are imported inside functions: the window must be on the screen before numpy, httpx or PortAudio
are loaded, and those are loaded on the core thread.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    ExitStack,
    asynccontextmanager,
    nullcontext,
)
from pathlib import Path
from typing import TYPE_CHECKING

from jarvis_desktop.app import autostart, erasing
from jarvis_desktop.app.builder import Builder
from jarvis_desktop.app.serving import Serving
from jarvis_desktop.app.wyoming import WyomingServing
from jarvis_desktop.config import describe
from jarvis_desktop.config.paths import Paths
from jarvis_desktop.config.profiles import memory_scope
from jarvis_desktop.config.schema import Config, Restarts
from jarvis_desktop.config.store import ConfigStore
from jarvis_desktop.errors import Category, ConfigError, JarvisError, StorageError, UsageError
from jarvis_desktop.events import (
    Connection,
    ConnectionNoted,
    Event,
    Failed,
    Intent,
    Part,
    SetBargeIn,
    SetMuted,
    SetWakeWord,
)
from jarvis_desktop.telemetry import logs

if TYPE_CHECKING:
    from jarvis_desktop.assistant import Assistant
    from jarvis_desktop.ports import AudioIn, AudioOut
    from jarvis_desktop.ui.application import Desktop

log = logging.getLogger(__name__)

DISPLAY_VARIABLES = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
"""One of these tells Qt on Linux where to open windows."""

SWITCH_SECONDS = 0.001
"""How long a busy thread keeps the interpreter when another wants it; Python's own 5 ms make the window wait
that long at each of its calls into Qt while the core computes."""

STOP_SECONDS = 10.0
"""Longest wait for the core at exit; child processes die with the program whatever happens."""


@asynccontextmanager
async def session(
    paths: Paths,
    config: ConfigStore,
    *,
    audio_in: Callable[[], AudioIn] | None = None,
    audio_out: Callable[[], AudioOut] | None = None,
    listener: Callable[[Event], None] | None = None,
    answers: bool = True,
    preload: bool = False,
    resume: bool = False,
) -> AsyncIterator[Assistant]:
    """A running assistant on this event loop, stopped and released at the end.

    `audio_in` and `audio_out` replace microphone and loudspeaker; `listener` hears every event from the
    start; with `preload` all models begin to load at once in the background; with `resume` the conversation
    last talked in is open.
    """
    from jarvis_desktop.assistant import Assistant
    from jarvis_desktop.memory.history import SqliteHistory
    from jarvis_desktop.network.watch import watched

    network = ExitStack()
    network.enter_context(watched(paths.ledger, lambda: config.current.privacy.offline))
    builder = Builder(paths, config)
    history = SqliteHistory(paths.database)
    made_for = config.current
    try:
        parts = builder.parts(history)
        if audio_in is not None:
            parts.audio_in = audio_in
        if audio_out is not None:
            parts.audio_out = audio_out
        assistant = Assistant(parts, lambda: config.current, answers=answers)
        builder.assistant = assistant
        assistant.subscribe(builder.note)
        network.callback(_tell_connections(assistant))
        if listener is not None:
            assistant.subscribe(listener)
        await assistant.start(preload=preload, resume=resume)
        if history.recovered is not None:
            assistant.emit(Failed(_recovered(history.recovered)))
        follower = SettingsFollower(assistant, builder)
        unfollow = config.follow(follower.follow)
        follower.follow(made_for, config.current)  # what was changed meanwhile
        unguard = config.guard(builder.refuse_unfit)
        watching = [asyncio.create_task(builder.residency.watch(), name="residency")]
        if preload:
            watching.append(asyncio.create_task(builder.memory_keeper.tend(), name="memory"))
        try:
            yield assistant
        finally:
            unguard()
            unfollow()
            for task in watching:
                task.cancel()
            await assistant.stop()
    finally:
        await builder.close()
        await history.close()
        network.close()


@asynccontextmanager
async def _window_session(
    paths: Paths, config: ConfigStore, tell: Callable[[Event], None]
) -> AsyncIterator[Assistant]:
    """A session for the window, and the servers that the settings want beside it."""
    async with (
        session(paths, config, listener=tell, preload=True, resume=True) as assistant,
        Serving(paths, config, assistant, asks=True) as servers,
        WyomingServing(paths, config, assistant, servers.admission),
    ):
        yield assistant


def _tell_connections(assistant: Assistant) -> Callable[[], None]:
    """Have it tell of each connection, until the result is called."""
    from jarvis_desktop.network.gate import GATE

    loop = asyncio.get_running_loop()

    def tell(made: Connection) -> None:
        loop.call_soon_threadsafe(assistant.emit, ConnectionNoted(made))

    return GATE.subscribe(tell)


def run_window(
    paths: Paths,
    config: ConfigStore,
    *,
    minimised: bool,
    wish: str = "show",
    verbose: bool,
    opened: Callable[[Desktop], None] | None = None,
    recorded: Callable[[str], AbstractContextManager[object]] = nullcontext,
) -> int:
    """Show the window until the user quits; returns the exit status. `opened` is for measurements.

    `recorded` gets a name of the core's thread, and surrounds what is done there.
    """
    started_at = time.perf_counter()
    require_display()
    from jarvis_desktop.ui.single_instance import Wish, tell_first

    if tell_first(paths.runtime, Wish(wish)):  # before the rest is imported: a key may wait for it
        return 0
    sys.setswitchinterval(SWITCH_SECONDS)
    from jarvis_desktop.ui.application import run_window as show

    with logs.started(paths.logs, config, verbose=verbose):
        _follow_autostart(paths, config)
        core = CoreThread(lambda tell: _window_session(paths, config, tell), config, recorded)
        status = show(
            core, config, paths, minimised=minimised, wish=wish, started_at=started_at, opened=opened
        )
    erasing.complete(paths)  # where the user asked for it
    return status


def _follow_autostart(paths: Paths, config: ConfigStore) -> None:
    try:
        autostart.follow(config, paths)
    except ConfigError as error:  # no reason not to start now
        log.warning("%s", error)


def require_display() -> None:
    """Raise `UsageError` where no window can open: Qt would end the process without a word that helps."""
    if sys.platform == "linux" and not any(map(os.environ.get, DISPLAY_VARIABLES)):
        raise UsageError(
            "usage.no_display",
            "There is no screen to open a window on.",
            "Start Jarvis in a desktop session; `jarvis ask` and `jarvis listen` work without a window.",
        )


def _recovered(aside: Path) -> StorageError:
    return StorageError(
        "storage.recovered",
        "The conversations could not be read. They were set aside in {file}, and a new file was begun.",
        "Restore a backup, or keep the file for a repair.",
        Category.DEGRADED,
        file=aside,
    )


class CoreThread:
    """The assistant on a thread of its own. Every method may be called from the GUI thread."""

    def __init__(
        self,
        open_session: Callable[[Callable[[Event], None]], AbstractAsyncContextManager[Assistant]],
        config: ConfigStore,
        recorded: Callable[[str], AbstractContextManager[object]] = nullcontext,
    ) -> None:
        self._recorded = recorded
        self._open_session = open_session
        self._config = config
        self._thread = threading.Thread(target=self._run, name="core", daemon=True)
        self._lock = threading.Lock()
        self._listeners: list[Callable[[Event], None]] = []
        self._early: list[Intent] = []
        self._assistant: Assistant | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None

    def start(self) -> None:
        """Begin; returns at once. Intents posted before the assistant exists are kept for it."""
        self._thread.start()

    def stop(self) -> None:
        """Stop the assistant and wait for it, at most `STOP_SECONDS`."""
        with self._lock:
            if self._loop is not None and self._stopping is not None:
                self._loop.call_soon_threadsafe(self._stopping.set)
        if self._thread.is_alive():
            self._thread.join(STOP_SECONDS)

    def post(self, intent: Intent) -> None:
        """Hand in a wish of the user."""
        with self._lock:
            if self._assistant is None:
                self._early.append(intent)
            else:
                self._assistant.post(intent)

    def subscribe(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        """Deliver every event on the core thread; call the result to end it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def _tell(self, event: Event) -> None:
        for listener in tuple(self._listeners):
            listener(event)

    def _run(self) -> None:
        try:
            with self._recorded("core"):
                asyncio.run(self._live())
        except JarvisError as error:
            self._tell(Failed(error))
        except Exception:
            log.exception("the core stopped")
            self._tell(
                Failed(
                    JarvisError(
                        "app.core_stopped",
                        "Jarvis' core has stopped and can no longer answer.",
                        "Start Jarvis again. The log file has the details for a report.",
                        Category.CRITICAL,
                    )
                )
            )

    async def _live(self) -> None:
        # Here and not where it is used: it takes a while, and by then the window has loading to show.
        from jarvis_desktop.processes import suspend

        async def follow_power() -> None:
            """Bring everything back after the computer has slept."""
            async for power in suspend.watch():
                if power is suspend.Power.WOKE:
                    await assistant.wake_up()

        stopping = asyncio.Event()
        with self._lock:
            self._loop, self._stopping = asyncio.get_running_loop(), stopping
        stop_watching = self._config.watch(self._tell_problems)
        try:
            async with self._open_session(self._tell) as assistant:
                self._tell_problems(self._config.problems)
                with self._lock:
                    self._assistant, early = assistant, self._early
                    for intent in early:
                        assistant.post(intent)
                assistant.post(SetWakeWord(self._config.current.wake.enabled))
                power = asyncio.create_task(follow_power(), name="power")
                await stopping.wait()
                power.cancel()
        finally:
            stop_watching()
            with self._lock:
                self._loop = None

    def _tell_problems(self, problems: Sequence[JarvisError]) -> None:
        for problem in problems:
            self._tell(Failed(problem))


def _restarted(old: Config, new: Config) -> set[Restarts]:
    """What has to start anew for changed settings."""
    restarted = {setting.restarts for setting in describe.differences(old, new)}
    if old.placed_engine.places != new.placed_engine.places:
        restarted.add(Restarts.ENGINE)
    return restarted


class SettingsFollower:
    """Brings changed settings into effect: restarts the part they belong to."""

    PARTS = (
        (Restarts.ENGINE, Part.ENGINE),
        (Restarts.TRANSCRIPTION, Part.TRANSCRIPTION),
        (Restarts.SPEECH, Part.SPEECH),
    )

    def __init__(self, assistant: Assistant, builder: Builder) -> None:
        self._assistant = assistant
        self._builder = builder
        self._loop = asyncio.get_running_loop()

    def follow(self, old: Config, new: Config) -> None:
        """A follower of the configuration; called on the thread that changed it."""
        if old != new:
            self._loop.call_soon_threadsafe(self._schedule, old, new)

    def _schedule(self, old: Config, new: Config) -> None:
        from jarvis_desktop.assistant.tasks import spawn
        from jarvis_desktop.orchestrator.routing import beginnings

        if old.speech.muted != new.speech.muted:
            self._assistant.post(SetMuted(new.speech.muted))
        if old.wake.enabled != new.wake.enabled:
            self._assistant.post(SetWakeWord(new.wake.enabled))
        if old.listening.barge_in != new.listening.barge_in:
            self._assistant.post(SetBargeIn(new.listening.barge_in))
        if old.conversation.reuse_answers and not new.conversation.reuse_answers:
            self._loop.run_in_executor(None, self._builder.forget_answers)
        if old.tools.enabled != new.tools.enabled:
            spawn(self._builder.follow_tools(), "tools", self._assistant.emit)
        self._follow_memory(old, new)
        if old.privacy.offline != new.privacy.offline:
            self._follow_seal(new)
        changed = _restarted(old, new)
        for restarts, part in self.PARTS:
            if restarts in changed:
                self._assistant.loader.reload(part, self._builder.chat() if part is Part.ENGINE else None)
        if Restarts.ENGINE not in changed and beginnings(old) != beginnings(new):
            self._assistant.loader.read_beginnings()

    def _follow_seal(self, new: Config) -> None:
        from jarvis_desktop.network.watch import WATCH

        if new.privacy.offline:  # what is connected goes; new connections are refused already
            self._loop.run_in_executor(None, WATCH.cut)
        if new.engine.kind == "remote":
            self._assistant.loader.reload(Part.ENGINE, self._builder.chat())

    def _follow_memory(self, old: Config, new: Config) -> None:
        from jarvis_desktop.assistant.tasks import spawn

        if old.memory.enabled != new.memory.enabled:
            spawn(self._builder.follow_memory(), "memory", self._assistant.emit)
        if memory_scope(old) != memory_scope(new):
            self._assistant.use_memory(memory_scope(new))

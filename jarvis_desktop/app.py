"""The composition root: builds every part from the settings, owns the order of start and stop.

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
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from jarvis_desktop.config import describe
from jarvis_desktop.config.paths import Paths
from jarvis_desktop.config.schema import Config, Engine, Restarts
from jarvis_desktop.config.store import ConfigStore
from jarvis_desktop.errors import Category, JarvisError, StorageError, UsageError
from jarvis_desktop.events import (
    DevicesListed,
    EarMode,
    Event,
    Failed,
    Intent,
    ModelsListed,
    Part,
    SetBargeIn,
    SetMuted,
    SetWakeWord,
)
from jarvis_desktop.resources import resource
from jarvis_desktop.telemetry import logs

if TYPE_CHECKING:
    from jarvis_desktop.assistant import Assistant, Parts
    from jarvis_desktop.audio.devices import Devices
    from jarvis_desktop.models.store import ModelStore
    from jarvis_desktop.orchestrator.planner import Planner
    from jarvis_desktop.ports import (
        AudioIn,
        AudioOut,
        ChatMessage,
        ChatModel,
        History,
        SpeechClip,
        VoiceDetector,
    )
    from jarvis_desktop.ui.application import Desktop

log = logging.getLogger(__name__)

MIB = 1024 * 1024

DISPLAY_VARIABLES = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
"""One of these tells Qt on Linux where to open windows."""

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
) -> AsyncIterator[Assistant]:
    """A running assistant on this event loop, stopped and released at the end.

    `audio_in` and `audio_out` replace microphone and loudspeaker; `listener` hears every event from the
    start; with `preload` all models begin to load at once in the background.
    """
    from jarvis_desktop.assistant import Assistant
    from jarvis_desktop.memory.history import SqliteHistory

    builder = Builder(paths, config)
    history = SqliteHistory(paths.database)
    try:
        parts = builder.parts(history)
        if audio_in is not None:
            parts.audio_in = audio_in
        if audio_out is not None:
            parts.audio_out = audio_out
        assistant = Assistant(parts, lambda: config.current, builder.instructions, answers=answers)
        builder.assistant = assistant
        if listener is not None:
            assistant.subscribe(listener)
        await assistant.start(preload=preload)
        if history.recovered is not None:
            assistant.emit(Failed(_recovered(history.recovered)))
        unsubscribe = config.subscribe(SettingsFollower(assistant, builder).follow)
        try:
            yield assistant
        finally:
            unsubscribe()
            await assistant.stop()
    finally:
        await history.close()


def run_window(
    paths: Paths,
    config: ConfigStore,
    *,
    minimised: bool,
    verbose: bool,
    opened: Callable[[Desktop], None] | None = None,
) -> int:
    """Show the window until the user quits; returns the exit status. `opened` is for measurements."""
    started_at = time.perf_counter()
    require_display()
    from jarvis_desktop.ui.application import run_window as show

    with logs.started(paths.logs, config, verbose=verbose):
        core = CoreThread(lambda tell: session(paths, config, listener=tell, preload=True), config)
        return show(core, config, paths, minimised=minimised, started_at=started_at, opened=opened)


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
    ) -> None:
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
                power = asyncio.create_task(_follow_power(assistant), name="power")
                await stopping.wait()
                power.cancel()
        finally:
            stop_watching()
            with self._lock:
                self._loop = None

    def _tell_problems(self, problems: Sequence[JarvisError]) -> None:
        for problem in problems:
            self._tell(Failed(problem))


async def _follow_power(assistant: Assistant) -> None:
    """Bring everything back after the computer has slept."""
    from jarvis_desktop.processes import suspend

    async for power in suspend.watch():
        if power is suspend.Power.WOKE:
            await assistant.wake_up()


class Builder:
    """Makes parts from the settings in force."""

    def __init__(self, paths: Paths, config: ConfigStore) -> None:
        self._paths = paths
        self._config = config
        self._store: ModelStore | None = None
        self.assistant: Assistant | None = None

    def parts(self, history: History) -> Parts:
        """Everything an assistant is made of; nothing is loaded or opened yet."""
        from jarvis_desktop.assistant import Parts
        from jarvis_desktop.audio.capture import Microphone
        from jarvis_desktop.audio.devices import Devices
        from jarvis_desktop.audio.echo_source import EchoFree, EchoReference
        from jarvis_desktop.audio.hearing import Hearing
        from jarvis_desktop.audio.playback import Loudspeaker
        from jarvis_desktop.audio.turn_end import Pace
        from jarvis_desktop.audio.vad import HeldGate, VoiceGate
        from jarvis_desktop.audio.wake_gate import WakeGate
        from jarvis_desktop.speech.chunking import ReplyChunker
        from jarvis_desktop.speech.synthesis import PiperSynthesizer
        from jarvis_desktop.speech.transcription import WhisperTranscriber

        config, devices = self._config, Devices()
        hearing, played, pace = Hearing(self.model_folder), EchoReference(), Pace()

        def microphone() -> AudioIn:
            source = Microphone(devices, config.current.audio.input_device)
            return EchoFree(source, played, hearing, lambda: config.current.audio.echo_cancellation)

        def detector(mode: EarMode) -> VoiceDetector:
            listening = config.current.listening
            if mode is EarMode.HELD:
                return HeldGate(listening)
            if mode is EarMode.WAKE:
                return WakeGate(listening, config.current.wake, hearing)
            return VoiceGate(listening, hearing, pace)

        return Parts(
            chat=self.chat(),
            transcriber=WhisperTranscriber(lambda: config.current.transcription, self.model_folder),
            synthesizer=PiperSynthesizer(lambda: config.current.speech, self.model_folder),
            history=history,
            chunker=ReplyChunker,
            audio_in=microphone,
            audio_out=lambda: Loudspeaker(devices, config.current.audio.output_device, played),
            detector=detector,
            hearing=hearing,
            wake_sound=self.wake_sound,
            devices=lambda: _device_names(devices),
            models_known=_models_known,
        )

    def wake_sound(self) -> SpeechClip | None:
        """What tells that the wake word was heard; None where it is switched off."""
        from jarvis_desktop.audio.files import read_audio
        from jarvis_desktop.ports import SAMPLE_RATE, SpeechClip

        if not self._config.current.wake.sound:
            return None
        return SpeechClip(read_audio(resource("resources", "sounds", "wake.wav")), SAMPLE_RATE, "")

    def chat(self) -> ChatModel:
        """A language model for the engine settings in force."""
        from jarvis_desktop.engine.choose import REMOTE_KEY_VARIABLE, chat_model

        settings = self._config.current.engine
        return chat_model(
            settings.model_copy(update={"model": Path(settings.model).name}),
            model_path=lambda: self.chat_model_path(settings),
            root=resource(),
            cache=self._paths.cache / "vllm",
            remote_key=os.environ.get(REMOTE_KEY_VARIABLE, ""),
            warm_up=self._warm_up,
            on_died=self._engine_died,
            on_progress=self._engine_progressed,
        )

    def instructions(self) -> str:
        """The system prompt: the shipped one and the user's own words."""
        shipped = resource("resources", "prompts", "assistant.txt").read_text(encoding="utf-8").strip()
        own = self._config.current.conversation.instructions.strip()
        return f"{shipped}\n\n{own}" if own else shipped

    def _warm_up(self) -> Sequence[ChatMessage]:
        from jarvis_desktop.ports import ChatMessage

        return (ChatMessage("system", self.instructions()),)

    def _engine_died(self, error: JarvisError) -> None:
        if self.assistant is not None:
            self.assistant.part_failed(Part.ENGINE, error)

    def _engine_progressed(self, share: float) -> None:
        if self.assistant is not None:
            self.assistant.part_progressed(Part.ENGINE, share)

    def _models(self) -> ModelStore:
        from jarvis_desktop.models.catalogue import Catalogue
        from jarvis_desktop.models.store import ModelStore

        if self._store is None:
            self._store = ModelStore(self._paths.models, self._paths.cache, Catalogue.load())
        return self._store

    def model_folder(self, name: str) -> Path:
        """Folder of a model, checked; raises `ModelError`."""
        return self._models().path(name)

    def chat_model_path(self, settings: Engine) -> Path:
        """What the engine is pointed at, llama.cpp at a file, vLLM at a folder; raises `ModelError`."""
        from jarvis_desktop.models.safety import own_model

        name = settings.model
        if Path(name).is_absolute():
            return own_model(Path(name))
        return self._models().path(name) if settings.kind == "vllm" else self._models().main_file(name)

    def planner(self) -> Planner:
        """Works out how much memory settings will take."""
        from jarvis_desktop.models.store import ModelState
        from jarvis_desktop.orchestrator.learned import Learned
        from jarvis_desktop.orchestrator.planner import ModelSize, Planner

        store = self._models()

        def size_of(name: str) -> ModelSize | None:
            model = store.catalogue.models.get(name)
            return ModelSize(model.kind, model.size / MIB, model.ram_mib) if model else None

        def chat_models() -> list[str]:
            chat = (name for name, model in store.catalogue.models.items() if model.kind == "chat")
            return [name for name in chat if store.state(name) is ModelState.PRESENT]

        return Planner(
            model_path=self.chat_model_path,
            size_of=size_of,
            chat_models=chat_models,
            learned=Learned(self._paths.cache / "memory-use.json"),
        )

    def check_engine(self) -> str:
        """What would be started, when all it needs is there; raises the `JarvisError` of what is not."""
        from jarvis_desktop.engine.choose import check

        settings = self._config.current.engine
        return check(settings, model_path=lambda: self.chat_model_path(settings), root=resource())


async def _device_names(devices: Devices) -> DevicesListed:
    inputs, outputs = await devices.list("input"), await devices.list("output")
    return DevicesListed(tuple(device.name for device in inputs), tuple(device.name for device in outputs))


def _models_known() -> ModelsListed:
    from jarvis_desktop.models.catalogue import Catalogue

    models = Catalogue.load().models.values()

    def names(kind: str, language: str = "") -> tuple[str, ...]:
        return tuple(
            model.name
            for model in models
            if model.kind == kind and (not language or language in model.languages)
        )

    return ModelsListed(names("chat"), names("transcription"), names("speech"), names("speech", "es"))


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
        """A subscriber of the configuration; called on the thread that changed it."""
        self._loop.call_soon_threadsafe(self._schedule, old, new)

    def _schedule(self, old: Config, new: Config) -> None:
        if old.speech.muted != new.speech.muted:
            self._assistant.post(SetMuted(new.speech.muted))
        if old.wake.enabled != new.wake.enabled:
            self._assistant.post(SetWakeWord(new.wake.enabled))
        if old.listening.barge_in != new.listening.barge_in:
            self._assistant.post(SetBargeIn(new.listening.barge_in))
        changed = {
            setting.restarts
            for setting in describe.settings()
            if describe.value_of(old, setting.key) != describe.value_of(new, setting.key)
        }
        for restarts, part in self.PARTS:
            if restarts in changed:
                self._assistant.reload(part, self._builder.chat() if part is Part.ENGINE else None)

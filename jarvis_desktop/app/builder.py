"""Makes every part from the settings in force. Heavy modules are imported inside functions, as in `app`."""

from __future__ import annotations

import logging
import os
import time
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from jarvis_desktop.app.remembering import MemoryKeeper
from jarvis_desktop.config.paths import Paths
from jarvis_desktop.config.profiles import memory_scope
from jarvis_desktop.config.schema import Config, Engine
from jarvis_desktop.config.store import ConfigStore
from jarvis_desktop.errors import JarvisError
from jarvis_desktop.events import (
    Decided,
    EarMode,
    Event,
    Failed,
    MemoryPlanned,
    Part,
    PlanMemory,
    Remark,
    ResourcesSampled,
    TimerEnded,
    UpdatesChecked,
)
from jarvis_desktop.resources import resource

if TYPE_CHECKING:
    from jarvis_desktop.app.model_shelf import Shelf
    from jarvis_desktop.assistant import Assistant, Parts
    from jarvis_desktop.engine.managed import ManagedChatModel
    from jarvis_desktop.memory.history import SqliteHistory
    from jarvis_desktop.memory.process import MemoryProcess
    from jarvis_desktop.models.store import ModelStore
    from jarvis_desktop.orchestrator.answer_cache import AnswerCache
    from jarvis_desktop.orchestrator.plan import Machine
    from jarvis_desktop.orchestrator.planner import Planner
    from jarvis_desktop.orchestrator.residency import Need, Residency
    from jarvis_desktop.ports import (
        Answers,
        AudioIn,
        ChatModel,
        History,
        Memory,
        Recorder,
        SpeechClip,
        VoiceDetector,
    )
    from jarvis_desktop.tools.toolbox import Toolbox

log = logging.getLogger(__name__)

MIB = 1024 * 1024

FRESH_SECONDS = 5.0
"""A sample of the memory so old still tells whether settings fit."""


class Builder:
    """Makes parts from the settings in force."""

    def __init__(self, paths: Paths, config: ConfigStore) -> None:
        self._paths = paths
        self._config = config
        self._store: ModelStore | None = None
        self._parts: Parts | None = None
        self._toolbox: Toolbox | None = None
        self.memory_keeper = MemoryKeeper(
            paths.memory, lambda: config.current.memory, self.model_folder, self._tell, self._warn
        )
        self._sampled: tuple[float, ResourcesSampled] | None = None
        self.assistant: Assistant | None = None

    @cached_property
    def residency(self) -> Residency:
        """In charge of what is in memory."""
        from jarvis_desktop.orchestrator.residency import Residency

        return Residency(self.machine, idle_s=self._idle_seconds, on_release=self._released)

    @cached_property
    def _cache(self) -> AnswerCache:
        from jarvis_desktop.orchestrator.answer_cache import AnswerCache

        return AnswerCache(self._paths.cache / "answers.sqlite3")

    def memory(self) -> MemoryProcess:
        """What is remembered beyond conversations; its process starts with the first call."""
        return self.memory_keeper.process()

    async def follow_memory(self) -> None:
        """Take the memory into use, or end its process, as the settings say."""
        if self._parts is None:
            return
        self._parts.memory = self.memory() if self.memory_keeper.wanted else None
        if not self.memory_keeper.wanted and self.assistant is not None:
            await self.assistant.stop_ingesting()  # whose next call would start it again
        await self.memory_keeper.follow()

    def forget_answers(self) -> None:
        """Wipe the answers that were kept to be given again. Blocks."""
        self._cache.clear()

    def answers(self, history: Memory) -> Answers:
        """The answers that are kept to be given again."""
        from jarvis_desktop.orchestrator.routing import KnownAnswers

        return KnownAnswers(
            self._cache,
            lambda: self._config.current.conversation.reuse_answers and history.scope.stored,
        )

    async def follow_tools(self) -> None:
        """Start or end the tool servers as the settings say."""
        if self._toolbox is not None:
            await self._toolbox.specs()

    def _tools(self, history: History) -> Toolbox:
        from jarvis_desktop.tools.built_in import BuiltInTools
        from jarvis_desktop.tools.toolbox import Toolbox

        self._toolbox = Toolbox(
            BuiltInTools(history, self._timer_ended),
            self._paths.config / "mcp.json",
            lambda: self._config.current.tools.enabled,
            self._tell,
        )
        return self._toolbox

    def _timer_ended(self, label: str) -> None:
        from jarvis_desktop.language import guess_language

        if (assistant := self.assistant) is None:
            return
        assistant.emit(TimerEnded(label))
        if not self._config.current.speech.muted:
            spanish = (guess_language(label) or self._config.current.look.language) == "es"
            words = "Se acabó el tiempo." if spanish else "Time is up."
            assistant.announce(f"{words} {label}".strip())

    async def close(self) -> None:
        """Close what the parts keep open."""
        self._cache.close()
        await self.memory_keeper.close()
        if self._toolbox is not None:
            await self._toolbox.close()

    def parts(self, stored: SqliteHistory) -> Parts:
        """Everything an assistant is made of; nothing is loaded or opened yet."""
        from jarvis_desktop.app.clients import token_store
        from jarvis_desktop.app.machine import described
        from jarvis_desktop.app.privacy import PrivacyKeeper
        from jarvis_desktop.assistant import Parts
        from jarvis_desktop.audio.capture import Microphone
        from jarvis_desktop.audio.devices import Devices
        from jarvis_desktop.audio.echo_source import EchoFree, EchoReference
        from jarvis_desktop.audio.hearing import Hearing
        from jarvis_desktop.audio.playback import Loudspeaker
        from jarvis_desktop.audio.sound_check import MachineSound
        from jarvis_desktop.audio.turn_end import Pace
        from jarvis_desktop.audio.vad import HeldGate, VoiceGate
        from jarvis_desktop.audio.wake_gate import WakeGate
        from jarvis_desktop.memory.attachments import DocumentReader
        from jarvis_desktop.memory.scoped import ScopedHistory
        from jarvis_desktop.orchestrator.resident import ResidentSynthesizer, ResidentTranscriber
        from jarvis_desktop.orchestrator.routing import approach, beginnings
        from jarvis_desktop.speech.chunking import ReplyChunker
        from jarvis_desktop.speech.synthesis import PiperSynthesizer
        from jarvis_desktop.speech.transcription import WhisperTranscriber

        history = ScopedHistory(stored, memory_scope(self._config.current))
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
                return WakeGate(listening, config.current.wake, hearing.wake_listener())
            return VoiceGate(listening, hearing, pace)

        whisper = WhisperTranscriber(lambda: config.current.transcription, self.model_folder)
        piper = PiperSynthesizer(lambda: config.current.speech, self.model_folder)
        self._parts = Parts(
            chat=self.chat(),
            transcriber=ResidentTranscriber(
                self.residency, Part.TRANSCRIPTION, whisper, self._need("transcription")
            ),
            synthesizer=ResidentSynthesizer(self.residency, Part.SPEECH, piper, self._need("speech")),
            history=history,
            chunker=ReplyChunker,
            audio_in=microphone,
            audio_out=lambda: Loudspeaker(devices, config.current.audio.output_device, played),
            detector=detector,
            hearing=hearing,
            wake_sound=self.wake_sound,
            devices=devices.names,
            models_known=lambda: self._models().catalogue.listed(),
            plan=self.plan,
            machine=lambda: described(self._models().catalogue),
            sound=MachineSound(devices, hearing, played, lambda: config.current.audio),
            approach=lambda question: approach(question, config.current),
            tools=self._tools(history),
            embedder=self.memory(),
            memory=self.memory() if self.memory_keeper.wanted else None,
            shelf=self.shelf(),
            privacy=PrivacyKeeper(self._paths, lambda: config.current.memory.encrypted),
            clients=token_store(self._paths),
            reader=DocumentReader(),
            beginnings=lambda: beginnings(config.current),
            answers=self.answers(history),
            updates=self.updates,
            recorder=self._recorder,
        )
        return self._parts

    def _recorder(self) -> Recorder:
        from jarvis_desktop.telemetry.profiling import Recording

        return Recording(self._paths.profiles, "answer", task=True)

    def updates(self) -> UpdatesChecked:
        """Whether there is a newer version of the program."""
        from jarvis_desktop.models.updates import look_for_update

        return look_for_update(self._config.current.updates.address)

    def wake_sound(self) -> SpeechClip | None:
        """What tells that the wake word was heard; None where it is switched off."""
        from jarvis_desktop.audio.files import read_audio
        from jarvis_desktop.ports import SAMPLE_RATE, SpeechClip

        if not self._config.current.wake.sound:
            return None
        return SpeechClip(read_audio(resource("resources", "sounds", "wake.wav")), SAMPLE_RATE, "")

    def chat(self) -> ChatModel:
        """A language model for the engine settings in force, or for what can stand in for them."""
        from jarvis_desktop.orchestrator.fallback import FallbackChat, ladder
        from jarvis_desktop.orchestrator.own_first import OwnFirst
        from jarvis_desktop.orchestrator.tiers import TieredChat

        wanted = self._config.current.placed_engine

        def rungs() -> list[Engine]:
            shape = None if wanted.kind == "remote" else self.planner.shape(wanted)
            return ladder(wanted, shape, list(self.planner.installed(wanted).items()))

        def other(name: str) -> ChatModel:
            return self.one_chat(wanted.model_copy(update={"model": name}), f"{Part.ENGINE} {name}")

        main = FallbackChat(wanted, self.one_chat, rungs, self._tell)
        return OwnFirst(TieredChat(main, other, self._tell))

    def one_chat(self, settings: Engine, name: str = Part.ENGINE, *, tuned: bool = True) -> ChatModel:
        """A language model for exactly these settings; only the engine's own tells the window its state.

        One that is not `tuned` runs as the makers of its engine chose, to compare with.
        """
        from jarvis_desktop.orchestrator.resident import ResidentChat

        return ResidentChat(
            self.residency,
            name,
            self._free_chat(settings, main=name == Part.ENGINE, tuned=tuned),
            lambda machine: self.planner.engine_part(settings, machine),
            lambda pid: self._learn(settings, pid),
        )

    def engine_for(self, model: str) -> Engine:
        """The settings in force for a model on this machine, by name or path: as it is, on any port."""
        engine = self._config.current.engine
        kind = "vllm" if Path(model).is_absolute() and Path(model).is_dir() else "llama.cpp"
        vllm = engine.vllm.model_copy(update={"quantization": "none"})  # what its own files say holds
        return engine.model_copy(update={"model": model, "kind": kind, "port": 0, "vllm": vllm})

    def local_chat(self, settings: Engine) -> ManagedChatModel:
        """A language model on this machine for exactly these settings, which nobody else is in charge of."""
        from jarvis_desktop.engine.managed import ManagedChatModel

        model = self._free_chat(settings)
        assert isinstance(model, ManagedChatModel), "not for servers elsewhere"
        return model

    def _free_chat(self, settings: Engine, *, main: bool = False, tuned: bool = True) -> ChatModel:
        """As `one_chat`, in nobody's charge; the window is told the state of the `main` one."""
        from jarvis_desktop.engine.choose import REMOTE_KEY_VARIABLE, chat_model
        from jarvis_desktop.orchestrator.plan import fitted

        return chat_model(
            settings.model_copy(update={"model": Path(settings.model).name}),
            model_path=lambda: self.chat_model_path(settings),
            root=self._paths.environments,
            cache=self._paths.cache / "vllm",
            remote_key=os.environ.get(REMOTE_KEY_VARIABLE, ""),
            fit=lambda engine: fitted(engine, self.machine()),
            tuned=tuned,
            on_died=self._engine_died if main else None,
            on_progress=self._engine_progressed if main else None,
            on_unsupported=self._option_lacking,
            tell=self._tell,
        )

    def _learn(self, settings: Engine, pid: int) -> None:
        """Note what a model takes in main memory; a graphics card is given to vLLM by shares."""
        from jarvis_desktop.orchestrator.plan import engine_device
        from jarvis_desktop.telemetry import resources

        if engine_device(settings, self.machine()) == "cpu":
            self.planner.learn(settings, resources.resident_mib(pid))

    def _tell(self, remark: Remark) -> None:
        log.info("%s", remark)
        if self.assistant is not None:
            self.assistant.emit(Decided(remark))

    def _warn(self, problem: JarvisError) -> None:
        log.warning("%s", problem.code)
        if self.assistant is not None:
            self.assistant.emit(Failed(problem))

    def _option_lacking(self, option: str) -> None:
        self._tell(
            Remark("This version of the engine does not know {option} and goes without.", {"option": option})
        )

    def _released(self, name: str) -> None:
        if self.assistant is not None and name in {*Part}:
            self.assistant.loader.released(Part(name))

    def _idle_seconds(self) -> float:
        minutes = self._config.current.residency.idle_minutes
        return minutes * 60.0 if minutes else float("inf")

    def _engine_died(self, error: JarvisError) -> None:
        if self.assistant is not None:
            self.assistant.loader.failed(Part.ENGINE, error)

    def _engine_progressed(self, share: float) -> None:
        if self.assistant is not None:
            self.assistant.loader.progressed(Part.ENGINE, share)

    def _models(self) -> ModelStore:
        from jarvis_desktop.models.catalogue import Catalogue
        from jarvis_desktop.models.store import ModelStore

        if self._store is None:
            self._store = ModelStore(self._paths.models, self._paths.cache, Catalogue.load())
        return self._store

    def shelf(self) -> Shelf:
        """The models as the window sees them."""
        from jarvis_desktop.app.model_shelf import Shelf

        return Shelf(
            self._models(),
            self._paths.models,
            self._paths.cache / "fetching.json",
            self._config,
            lambda config: self.planner.plan(config, self._recent_machine()),
        )

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

    @cached_property
    def planner(self) -> Planner:
        """Works out how much memory settings will take."""
        from jarvis_desktop.events import ModelState
        from jarvis_desktop.orchestrator.learned import Learned, Shapes
        from jarvis_desktop.orchestrator.planner import ModelSize, Planner

        store = self._models()

        def size_of(name: str) -> ModelSize | None:
            model = store.catalogue.models.get(name)
            if model is None:
                return None
            return ModelSize(model.kind, model.size / MIB, model.ram_mib, model.repacked_mib)

        def chat_models() -> list[str]:
            chat = (name for name, model in store.catalogue.models.items() if model.kind == "chat")
            return [name for name in chat if store.state(name) is ModelState.PRESENT]

        return Planner(
            model_path=self.chat_model_path,
            size_of=size_of,
            chat_models=chat_models,
            learned=Learned(self._paths.cache / "memory-use.json"),
            shapes=Shapes(self._paths.cache / "model-shapes.json"),
        )

    def machine(self) -> Machine:
        """The memory there is, that of our own models counted as free. Blocks for some milliseconds."""
        from jarvis_desktop.orchestrator.planner import machine_from
        from jarvis_desktop.telemetry import resources

        models = self._parts.models() if self._parts is not None else {}
        pids = {part: pid for part, model in models.items() if (pid := model.pid)}
        others = self.residency.pids() - set(pids.values())  # models for single kinds of question
        return machine_from(resources.sample(pids), sum(map(resources.resident_mib, others)))

    def note(self, event: Event) -> None:
        """Remember how the memory was when it was last sampled; a listener of the assistant."""
        if isinstance(event, ResourcesSampled):
            self._sampled = time.monotonic(), event

    def plan(self, wanted: PlanMemory) -> MemoryPlanned:
        """What the settings would take with these changes. Blocks."""
        from jarvis_desktop.app import memory

        try:
            config = self._config.preview(wanted.changes)
            return memory.told(wanted.number, self.planner.plan(config, self.machine()))
        except JarvisError as error:
            return MemoryPlanned(wanted.number, error=error)

    def refuse_unfit(self, old: Config, new: Config) -> None:
        """Raise `ConfigError` when models would be loaded that cannot fit; a guard of the configuration.

        The window waits for it: the memory is not sampled anew while there is a fresh sample.
        """
        from jarvis_desktop.app import memory

        memory.refuse_unfit(old, new, lambda config: self.planner.plan(config, self._recent_machine()))

    def _recent_machine(self) -> Machine:
        from jarvis_desktop.orchestrator.planner import machine_from

        if self._sampled is None or time.monotonic() - self._sampled[0] > FRESH_SECONDS:
            return self.machine()
        return machine_from(self._sampled[1])

    def _need(self, kind: str) -> Need:
        """Tells what the models of a kind, other than the language model, take together."""
        planner = self.planner  # now: making it takes a while, and later the window has loading to show
        return lambda machine: planner.need(kind, self._config.current, machine)

    def check_engine(self, settings: Engine | None = None) -> str:
        """What would be started, when all it needs is there; raises the `JarvisError` of what is not."""
        from jarvis_desktop.engine.choose import check

        engine = settings or self._config.current.engine
        return check(engine, model_path=lambda: self.chat_model_path(engine), root=self._paths.environments)

"""Plans for the settings in force, or for those somebody is about to choose."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from jarvis_desktop.config.schema import Config, Engine
from jarvis_desktop.errors import ModelError
from jarvis_desktop.events import ResourcesSampled
from jarvis_desktop.orchestrator.headers import ModelShape
from jarvis_desktop.orchestrator.learned import Learned, Shapes
from jarvis_desktop.orchestrator.plan import (
    MIB,
    Device,
    Machine,
    Memory,
    Plan,
    PlanPart,
    engine_part,
    fitted,
    llama_overhead,
    make_plan,
    with_on_demand,
)

_HEARING_PROCESS_MIB = 45  # interpreter, onnxruntime and the small networks the catalogue does not list
_USUAL_VOCABULARY = 150_000
_CATALOGUE_CONTEXT = 4096
"""The catalogue's memory is with so many tokens."""


@dataclass(frozen=True, slots=True)
class ModelSize:
    """What the catalogue knows of a model, MiB: its files, and the memory it takes on a processor.

    `repacked_mib` of that memory are weights that llama.cpp keeps a second time.
    """

    kind: str
    file_mib: float
    ram_mib: float
    repacked_mib: float = 0.0


def machine_from(sampled: ResourcesSampled, others_mib: float = 0.0) -> Machine:
    """The machine as last sampled; what Jarvis' own parts, and other models of its, hold counts as free."""
    own = sum(mib for _, mib in sampled.parts_mib) + others_mib
    ram = Memory(sampled.ram_total_mib - sampled.ram_used_mib + own, sampled.ram_total_mib)
    if sampled.vram_total_mib is None or sampled.vram_used_mib is None:
        return Machine(ram)
    free = sampled.vram_total_mib - sampled.vram_used_mib + (sampled.own_vram_mib or 0.0)
    vram = Memory(free, sampled.vram_total_mib)
    return Machine(ram, vram, sampled.gpu_name or "")


class Planner:
    """Makes plans; blocks while it reads headers.

    `model_path` finds an engine's model on disk (raises `ModelError`), `size_of` what the catalogue says of a
    name (None: not in it), `chat_models` names those that could be chosen and are on this machine.
    """

    def __init__(
        self,
        *,
        model_path: Callable[[Engine], Path],
        size_of: Callable[[str], ModelSize | None],
        chat_models: Callable[[], Sequence[str]],
        learned: Learned,
        shapes: Shapes,
    ) -> None:
        self._model_path = model_path
        self._size_of = size_of
        self._chat_models = chat_models
        self._learned = learned
        self._shapes = shapes

    def plan(self, config: Config, machine: Machine) -> Plan:
        """Whether everything `config` asks for fits together on `machine`, and what to change if not.

        Raises `ModelError` where the language model is unknown or unreadable.
        """
        engine = config.placed_engine
        others = _others(config, machine, self._size_of)
        if engine.kind == "remote":
            return make_plan(engine, None, others, machine)
        plan = make_plan(
            engine,
            self.shape(engine),
            others,
            machine,
            learned_mib=self._learned.get,
            alternatives=self.installed(engine) if engine.kind == "llama.cpp" else {},
        )
        return with_on_demand(plan, self._on_demand(config, machine))

    def _on_demand(self, config: Config, machine: Machine) -> list[PlanPart]:
        """The models of single kinds of question; one that cannot be read is left to whoever loads it."""
        engine, routing = config.placed_engine, config.routing
        parts = []
        for name in dict.fromkeys((routing.technical_model, routing.reasoning_model)):
            if name not in ("", engine.model):
                with suppress(ModelError):
                    parts.append(self.engine_part(engine.model_copy(update={"model": name}), machine))
        return [part for part in parts if part is not None]

    def engine_part(self, engine: Engine, machine: Machine) -> PlanPart | None:
        """What a language model alone takes; None for a server elsewhere. Raises as `plan`."""
        if engine.kind == "remote":
            return None
        engine = fitted(engine, machine)
        return engine_part(engine, self.shape(engine), machine, self._learned.get(engine))

    def need(self, kind: str, config: Config, machine: Machine) -> PlanPart | None:
        """What the other models of a kind take together; None where the catalogue knows none of them."""
        parts = [part for part in _others(config, machine, self._size_of) if part.kind == kind]
        if not parts:
            return None
        weights = sum(part.weights_mib for part in parts)
        overhead = sum(part.overhead_mib for part in parts)
        return PlanPart(kind, kind, parts[0].device, weights, 0.0, overhead)

    def learn(self, engine: Engine, mib: float) -> None:
        """Remember what the model was seen to take in main memory."""
        self._learned.put(engine, mib)

    def shape(self, engine: Engine) -> ModelShape:
        """Of the engine's model, estimated from the catalogue where it is not on this machine yet."""
        try:
            return self._shapes.read(self._model_path(engine))
        except ModelError as error:
            size = self._size_of(engine.model)
            if error.code != "model.missing" or size is None:
                raise
            return _estimated(size)

    def installed(self, engine: Engine) -> dict[str, ModelShape]:
        """Chat models on this machine that llama.cpp could run instead, by name."""
        found: dict[str, ModelShape] = {}
        for name in self._chat_models():
            if name != engine.model:
                with suppress(ModelError):  # one that is damaged is no alternative
                    found[name] = self.shape(engine.model_copy(update={"kind": "llama.cpp", "model": name}))
        return found


def _estimated(size: ModelSize) -> ModelShape:
    """A shape that takes with the catalogue's context what the catalogue says."""
    shape = ModelShape(
        weights_bytes=round(size.file_mib * MIB),
        kv_values=0,
        vocabulary=_USUAL_VOCABULARY,
        embedding=0,
        feed_forward=0,
        layers=0,
        repacked_bytes=round(size.repacked_mib * MIB),
    )
    kv = max(0.0, size.ram_mib - size.file_mib - llama_overhead(shape))
    return replace(shape, kv_values=round(kv * MIB / _CATALOGUE_CONTEXT / 2))


def _others(
    config: Config, machine: Machine, size_of: Callable[[str], ModelSize | None]
) -> tuple[PlanPart, ...]:
    """The models beside the language model; one that the catalogue does not know is left out."""
    on_card = machine.gpu is not None and config.transcription.device != "cpu"
    wanted: list[tuple[str, Device, float]] = [
        (config.transcription.model, "gpu" if on_card else "cpu", 0.0),
        *((voice, "cpu", 0.0) for voice in (config.speech.voice, config.speech.spanish_voice) if voice),
        ("smart-turn-v3.2", "cpu", _HEARING_PROCESS_MIB),
        ("hey-jarvis", "cpu", 0.0),
    ]
    return tuple(
        PlanPart(name, size.kind, device, size.file_mib, 0.0, max(0.0, size.ram_mib - size.file_mib) + more)
        for name, device, more in wanted
        if (size := size_of(name)) is not None
    )

"""The heavy parts, the machine they run on, and what there is to choose from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from jarvis_desktop.errors import JarvisError
from jarvis_desktop.events.base import Event, Remark


class Part(StrEnum):
    """The heavy parts a turn is made of."""

    ENGINE = "engine"
    TRANSCRIPTION = "transcription"
    SPEECH = "speech"
    MICROPHONE = "microphone"
    LOUDSPEAKER = "loudspeaker"
    HEARING = "hearing"  # voice, turn end, wake word and echo: the small models behind the microphone
    MEMORY = "memory"  # what is remembered, its vectors and the model that makes them


class PartState(StrEnum):
    """Life of one heavy part (a model and the process that holds it)."""

    ABSENT = "absent"  # its files are not on this machine
    LOADING = "loading"
    READY = "ready"
    FAILED = "failed"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class PartChanged(Event):
    """A heavy part changed state; `progress` is 0..1 while loading, None when it cannot be known."""

    name: ClassVar[str] = "part"
    part: Part
    state: PartState
    model: str = ""
    progress: float | None = None
    error: JarvisError | None = None


@dataclass(frozen=True, slots=True)
class ResourcesSampled(Event):
    """Memory of the machine in MiB; the graphics values are None where no GPU tells them."""

    name: ClassVar[str] = "resources"
    ram_used_mib: float
    ram_total_mib: float
    own_ram_mib: float  # this program and its child processes
    gpu_name: str | None = None
    vram_used_mib: float | None = None
    vram_total_mib: float | None = None
    parts_mib: tuple[tuple[Part, float], ...] = ()  # resident memory per child process
    own_vram_mib: float | None = None  # of it, what this program's processes hold
    parts_vram_mib: tuple[tuple[Part, float], ...] = ()  # graphics memory of those that hold any
    gpu_use: float | None = None  # share of the last moments (0..1) in which it computed
    gpu_celsius: float | None = None
    gpu_watts: float | None = None


@dataclass(frozen=True, slots=True)
class MachineDescribed(Event):
    """This machine and the models that suit it, by the preset made for its kind; answers `DescribeMachine`.

    `chosen` are those of the `models` that settings have to name, by setting.
    """

    name: ClassVar[str] = "machine"
    processor: str  # empty where the system does not tell
    cores: int
    ram_mib: float
    gpu_name: str | None
    vram_mib: float | None
    models: tuple[str, ...]
    chosen: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class EngineMeasured(Event):
    """What the language engine tells of itself; shares are 0..1, None until there is something to tell."""

    name: ClassVar[str] = "engine_status"
    cache_use: float  # of the memory for keys and values
    prefix_hits: float | None  # share of prompt tokens that had been read before
    running: int  # answers being generated
    waiting: int  # questions in its queue
    first_token_ms: float | None  # mean since it started


@dataclass(frozen=True, slots=True)
class CachesMeasured(Event):
    """How often, since the start, something had been worked out before; of the memory only while it runs."""

    name: ClassVar[str] = "caches"
    answers: int  # questions that got the answer given before
    answerable: int  # questions that could have
    texts: int = 0  # texts whose meaning the memory knew already
    read: int = 0  # texts whose meaning it needed


@dataclass(frozen=True, slots=True)
class DevicesListed(Event):
    """Sound devices of the machine by name, in the system's order; answers `ListDevices`."""

    name: ClassVar[str] = "devices"
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ModelsListed(Event):
    """Names of the catalogue's models, in its order; answers `ListModels`."""

    name: ClassVar[str] = "models"
    chat: tuple[str, ...]
    transcription: tuple[str, ...]
    speech: tuple[str, ...]
    spanish_speech: tuple[str, ...]  # those of `speech` that speak Spanish


@dataclass(frozen=True, slots=True)
class PlannedPart:
    """What one model would take; `kind` is ``chat``, ``transcription``, ..."""

    name: str
    kind: str
    mib: float
    on_gpu: bool


@dataclass(frozen=True, slots=True)
class MemoryPlanned(Event):
    """What settings would take in memory; answers the `PlanMemory` of that number.

    The figures are of one device: where memory is short, else where the language model lies. `free_mib` is
    all that may be used there. With an `error` nothing else is known.
    """

    name: ClassVar[str] = "memory_planned"
    number: int
    device_name: str = ""  # of the graphics card; empty for main memory
    parts: tuple[PlannedPart, ...] = ()  # on every device
    total_mib: float = 0.0
    free_mib: float = 0.0
    fits: bool = True
    advice: tuple[Remark, ...] = ()
    error: JarvisError | None = None

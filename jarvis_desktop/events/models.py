"""The models on this machine and those that can be fetched: what the window asks for, and what it is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import ClassVar

from jarvis_desktop.errors import JarvisError
from jarvis_desktop.events.base import Event, Intent


class ModelState(StrEnum):
    """What the folder of a model looks like, without reading the files."""

    ABSENT = "absent"
    PARTIAL = "partial"  # begun and not finished
    PRESENT = "present"
    DAMAGED = "damaged"  # a file has the wrong size


class ModelStep(StrEnum):
    """What is being done with a model."""

    WAITING = "waiting"  # for the download before it
    RESOLVING = "resolving"  # where its archives lie
    DOWNLOADING = "downloading"
    ASSEMBLING = "assembling"  # its files from the archives
    STOPPING = "stopping"
    VERIFYING = "verifying"
    REMOVING = "removing"


@dataclass(frozen=True, slots=True)
class ModelProgress(Event):
    """How far it is with a model; `done` and `total` in bytes of what has to be downloaded, 0 elsewhere."""

    name: ClassVar[str] = "model_progress"
    model: str
    step: ModelStep
    done: int = 0
    total: int = 0
    bytes_per_second: float = 0.0


@dataclass(frozen=True, slots=True)
class KnownModel:
    """A model of the catalogue, or one of the user's own, which is named by its path.

    `kind` is ``chat``, ``transcription``, ...; `size` its bytes when whole, `arrived` those that are here.
    `roles` are the settings it can be chosen in, `uses` those that choose or need it now; `engine` is what
    runs it as a language model. `need_mib` is the memory it would take beside the other models in use, of
    which `missing_mib` are not free; None where that cannot be told. `checked_at` is when every byte was
    last compared with the catalogue, in seconds since the epoch. `progress` is what is under way with it,
    `problem` how the last attempt ended.
    """

    name: str
    title: str
    kind: str
    state: ModelState
    size: int
    arrived: int
    licence: str = ""
    notice: str = ""
    languages: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    engine: str = ""
    own: bool = False
    removable: bool = True
    need_mib: float | None = None
    missing_mib: float | None = None
    checked_at: float | None = None
    progress: ModelProgress | None = None
    problem: JarvisError | None = None


@dataclass(frozen=True, slots=True)
class ModelsCatalogued(Event):
    """Every model, in the catalogue's order, then the user's own.

    `used` bytes are taken by all of them, `free` are left on the disk of their `folder`.
    """

    name: ClassVar[str] = "models_catalogued"
    models: tuple[KnownModel, ...]
    used: int
    free: int
    folder: Path


@dataclass(frozen=True, slots=True)
class ModelFetched(Event):
    """A model is whole and on the disk."""

    name: ClassVar[str] = "model_fetched"
    model: str


@dataclass(frozen=True, slots=True)
class ModelVerified(Event):
    """Every byte of a model is as the catalogue pins it; one of the user's own is safe to load."""

    name: ClassVar[str] = "model_verified"
    model: str


@dataclass(frozen=True, slots=True)
class ModelRemoved(Event):
    """A model, or what was begun of it, is gone from the disk."""

    name: ClassVar[str] = "model_removed"
    model: str
    freed: int  # bytes


@dataclass(frozen=True, slots=True)
class ModelFailed(Event):
    """What was wished for a model was not carried out."""

    name: ClassVar[str] = "model_failed"
    model: str
    error: JarvisError


@dataclass(frozen=True, slots=True)
class FetchesInterrupted(Event):
    """These downloads (titles by name) were under way when Jarvis was last quit; told once, at the start."""

    name: ClassVar[str] = "fetches_interrupted"
    models: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ModelIntent(Intent):
    """A wish that concerns the models on this machine; `ModelFailed` tells why one was not carried out."""


@dataclass(frozen=True, slots=True)
class CatalogueModels(ModelIntent):
    """Which models are there, and how are they? `ModelsCatalogued` answers now, and whenever that changes."""


@dataclass(frozen=True, slots=True)
class FetchModel(ModelIntent):
    """Download a model after those under way, or go on with it; what is damaged of it is fetched again."""

    model: str


@dataclass(frozen=True, slots=True)
class PauseFetch(ModelIntent):
    """Stop a download; what has arrived is kept."""

    model: str


@dataclass(frozen=True, slots=True)
class CancelFetch(ModelIntent):
    """Stop a download and delete what has arrived."""

    model: str


@dataclass(frozen=True, slots=True)
class VerifyModel(ModelIntent):
    """Read every byte of a model again and compare it with the catalogue."""

    model: str


@dataclass(frozen=True, slots=True)
class RemoveModel(ModelIntent):
    """Delete a model from the disk; one that the settings use is refused."""

    model: str

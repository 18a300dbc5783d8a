"""Makes smaller copies of language models, in steps that are remembered.

The work itself is done by child processes (`gguf_quantiser`): an abort in a model library ends only the
child, and stopping is killing it. What is unfinished lies in ``NAME.part``; beside the result lies
``NAME.json`` with what is done already, so that nothing is done twice.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from filelock import FileLock, Timeout

from jarvis_desktop import atomic
from jarvis_desktop.errors import ModelError, UsageError
from jarvis_desktop.models.download import part_of, writing
from jarvis_desktop.network.watch import WATCH
from jarvis_desktop.processes.guard import GuardedProcess
from jarvis_desktop.processes.worker import foreign_environment
from jarvis_desktop.resources import resource

HERE = Path(__file__).parent
MIB = 1024 * 1024

FOLDER = "quantised"
"""For the copies, in the folder of all models."""

GGUF_TYPES: Mapping[str, int] = {
    "BF16": 32, "F16": 1, "Q8_0": 7, "Q6_K": 18, "Q5_K_M": 17, "Q5_K_S": 16, "Q4_K_M": 15, "Q4_K_S": 14,
    "Q4_0": 2, "IQ4_XS": 30, "Q3_K_L": 13, "Q3_K_M": 12, "Q3_K_S": 11, "Q2_K": 10,
}  # fmt: skip
"""Types for llama.cpp from the largest to the smallest, with llama.h's number (`llama_ftype`).

Those that give sensible results without statistics of what matters in the model (an importance matrix).
"""

FOLDER_TYPES = ("fp8", "int8", "gptq", "awq")
"""Types for vLLM, two of 8 bits and two of 4."""

_TORCH = "torch==2.13.0"

UNQUANTISED_BITS = 15.5
"""A model with fewer bits for a weight on average was quantised before."""

_KILLED = -9

SPARE_MIB = 64
"""Left free on the disk."""

Side = Literal["before", "after"]
Progress = Callable[[int, int], None]
"""Hears of pieces done, and of how many there are."""

_LAYER = re.compile(r"\((\d+)/(\d+)\): ")  # as llm-compressor shows its progress
_NAME = re.compile(r"\w[\w.-]*")


@dataclass(frozen=True, slots=True)
class Maker:
    """A child process that quantises: ``command... SOURCE TARGET TYPE [--dry-run]``, see `gguf_quantiser`.

    `types` are what users can ask for, from the largest to the smallest, and what the child is told for each;
    `missing` is why it cannot be started here.
    """

    command: tuple[str, ...]
    types: Mapping[str, str]
    suffix: str  # of what it makes
    missing: ModelError | None = None


def gguf_maker() -> Maker:
    """For GGUF files."""
    missing = ModelError(
        "model.no_quantiser",
        "GGUF files cannot be quantised here: the package cyllama is missing.",
        "It is installed with Jarvis, except on Linux with an ARM processor, where there is none.",
    )
    return Maker(
        (sys.executable, "-I", str(HERE / "gguf_quantiser.py")),
        {kind: str(number) for kind, number in GGUF_TYPES.items()},
        ".gguf",
        None if importlib.util.find_spec("cyllama") else missing,
    )


def folder_maker(root: Path, calibration: Path) -> Maker:
    """For folders of safetensors, in ``.venv-quantise`` under `root`.

    `calibration` is a text that the model reads while it is quantised.
    """
    environment = root / ".venv-quantise"
    python = environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    pip = f"{python} -m pip install"
    lock = resource("requirements", "quantise.lock")
    # without a graphics card, torch has to come without its companions for CUDA
    torch = f"{pip} {_TORCH}" if shutil.which("nvidia-smi") else f"{pip} --no-deps {_TORCH}"
    missing = ModelError(
        "model.no_compressor",
        "llm-compressor, which quantises for vLLM, is not installed in {place}.",
        "Install it with: {command}",
        place=environment,
        command=f"{sys.executable} -m venv {environment} && "
        f"{pip} --no-deps --require-hashes -r {lock} && {torch}",
    )
    return Maker(
        (str(python), "-I", str(HERE / "folder_quantiser.py"), str(calibration)),
        {kind: kind for kind in FOLDER_TYPES},
        "",
        None if any(environment.glob("[Ll]ib/**/site-packages/llmcompressor")) else missing,
    )


@dataclass(frozen=True, slots=True)
class Sizes:
    """What the weights take and will take, MiB, and bits for a weight of the source on average."""

    before_mib: float
    before_bits: float
    after_mib: float


class Quantising:
    """The way from `source` to a copy under `folder`, made by `maker` as `kind` and called `name`.

    Raises `UsageError` for a type that `maker` does not know, with those that it does, and for a bad name.
    """

    def __init__(self, source: Path, maker: Maker, kind: str, folder: Path, name: str = "") -> None:
        self._maker = maker
        self.source = source
        self.kind = self._known(kind)
        own = source.name if source.is_dir() else source.stem
        self.name = name or f"{own}-{self.kind.lower()}"
        if not _NAME.fullmatch(self.name):
            raise UsageError(
                "usage.name",
                "{name} cannot be the name of a model.",
                "Choose one with --keep-as: letters, digits, dots, dashes and underscores.",
                name=self.name,
            )
        self.target = folder / f"{self.name}{maker.suffix}"
        self._state_file = folder / f"{self.name}.json"

    def _known(self, kind: str) -> str:
        """The type as its makers write it."""
        for known in self._maker.types:
            if known.lower() == kind.lower():
                return known
        raise UsageError(
            "usage.quantisation",
            "{kind} is no type that {source} can be quantised to.",
            "Choose one of: {fitting}",
            kind=kind,
            source=self.source.name,
            fitting=", ".join(self._maker.types),
        )

    # --- what is done already -----------------------------------------------------------------------------

    @property
    def made(self) -> bool:
        """Whether the copy is there, whole and of this source; raises `ModelError` if another model is."""
        if not self.target.exists():
            return False
        if not self._state():
            raise ModelError(
                "model.exists",
                "{path} is there already and was made of something else.",
                "Choose another name with --keep-as, or delete that file first.",
                path=self.target,
            )
        return True

    def figures(self, side: Side) -> Mapping[str, Any] | None:
        """What was measured of the model before or after; None when it was not yet."""
        found = self._state().get(side)
        return found if isinstance(found, dict) else None

    def keep(self, side: Side, figures: Mapping[str, Any]) -> None:
        """Remember what was measured."""
        self._write(self._state() | {side: figures})

    def forget_figures(self) -> None:
        """What was measured is measured again."""
        self._write(self._identity())

    def _identity(self) -> dict[str, Any]:
        """What has to stay the same for what is remembered to hold."""
        changed = max(file.stat().st_mtime_ns for file in _files(self.source))
        return {
            "source": str(self.source),
            "source_mib": size_mib(self.source),
            "source_changed_ns": changed,
            "type": self.kind,
        }

    def _state(self) -> dict[str, Any]:
        """What is remembered; empty when it is about another source or type, or not readable."""
        try:
            state = json.loads(self._state_file.read_bytes())
        except (OSError, ValueError):
            return {}
        identity = self._identity()
        same = isinstance(state, dict) and {name: state.get(name) for name in identity} == identity
        return state if same else {}

    def _write(self, state: Mapping[str, Any]) -> None:
        with writing(self._state_file):
            atomic.write(self._state_file, json.dumps(state))

    # --- doing it -----------------------------------------------------------------------------------------

    @contextmanager
    def alone(self, locks: Path) -> Iterator[None]:
        """Keeps a second process from making the same copy; raises `ModelError` when one does."""
        with writing(locks):
            locks.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(locks / f"quantise-{self.name}.lock", timeout=0):
                yield
        except Timeout as error:
            raise ModelError(
                "model.in_the_making",
                "{name} is being made by another Jarvis.",
                "Wait until it has finished.",
                name=self.name,
            ) from error

    async def sizes(self) -> Sizes:
        """What the copy will take; raises `ModelError` when `source` cannot be read."""
        found: dict[str, list[float]] = {}

        def read(word: str, values: list[str]) -> None:
            if word in ("before", "after"):
                found[word] = [float(value) for value in values]

        await self._run(read, "--dry-run")
        try:
            return Sizes(*found["before"], *found["after"])
        except (KeyError, TypeError) as error:
            raise self._failed("the quantiser does not tell how large it will be") from error

    def check(self, sizes: Sizes) -> None:
        """Raise `UsageError` when nothing would be gained, `ModelError` when the disk is too full."""
        if sizes.after_mib >= sizes.before_mib:
            kinds = list(self._maker.types)
            smaller = kinds[kinds.index(self.kind) + 1 :]
            raise UsageError(
                "usage.not_smaller",
                "As {kind}, {source} would not be smaller: {after} MiB instead of {before} MiB.",
                "Choose a smaller type: {smaller}; or begin with the model as its makers published it, "
                "unquantised.",
                kind=self.kind,
                source=self.source.name,
                before=round(sizes.before_mib),
                after=round(sizes.after_mib),
                smaller=", ".join(smaller) or "there is none",
            )
        needed = max(0.0, size_mib(self.source) - sizes.before_mib) + sizes.after_mib + SPARE_MIB
        folder = self.target.parent
        with writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
            _remove(part_of(self.target))  # of an earlier try; it cannot be gone on with
            free = shutil.disk_usage(folder).free / MIB
        if free < needed:
            raise ModelError(
                "model.no_space",
                "There is not enough room in {folder}: {needed} MiB are needed, {free} MiB are free.",
                "Free some space, or choose a smaller type.",
                folder=folder,
                needed=round(needed),
                free=round(free),
            )

    async def make(self, progress: Progress) -> None:
        """Write the copy; when it ends early, in whatever way, there is none."""
        part = part_of(self.target)

        def read(word: str, values: list[str]) -> None:
            if word == "progress":
                progress(int(values[0]), int(values[1]))

        try:
            await self._run(read)
            if not part.exists():
                raise self._failed("the quantiser wrote nothing")
            self._write(self._identity())  # first: a copy that nothing is known of would be in the way
            with writing(self.target):
                part.replace(self.target)
        finally:
            _remove(part)

    async def _run(self, read: Callable[[str, list[str]], None], *options: str) -> None:
        """One run of the child; `read` gets the first word of each line and what follows it."""
        if self._maker.missing is not None:
            raise self._maker.missing
        troubles: list[str] = []

        def line(text: str) -> None:
            word, _, rest = text.partition(" ")
            if layer := _LAYER.match(text):
                read("progress", [layer[1], layer[2]])
            elif word == "trouble":
                troubles.append(rest)
            else:
                read(word, rest.split())

        told = str(self.source), str(part_of(self.target)), self._maker.types[self.kind]
        command = *self._maker.command, *told, *options
        process = GuardedProcess(WATCH.command(command, "quantiser"), env=foreign_environment(), on_line=line)
        try:
            await process.start()
            status = await process.wait()
        except OSError as error:
            raise self._failed(str(error)) from error
        finally:
            await process.stop()
        if status == _KILLED:  # what the system does where memory runs out
            raise ModelError(
                "model.quantise_killed",
                "{source} could not be quantised: the system ended it, most likely for want of memory.",
                "Close other programs, or take another type or a smaller model; nothing was changed.",
                source=self.source,
            )
        if status != 0:
            raise self._failed(troubles[-1] if troubles else f"the quantiser ended with status {status}")

    def _failed(self, reason: str) -> ModelError:
        return ModelError(
            "model.quantise_failed",
            "{source} could not be quantised: {reason}.",
            "If the file is damaged, fetch it again; nothing was changed.",
            source=self.source,
            reason=reason.rstrip("."),
        )


def size_mib(model: Path) -> float:
    """Of a model's file, or of all files in its folder."""
    return sum(file.stat().st_size for file in _files(model)) / MIB


def _files(model: Path) -> list[Path]:
    return [path for path in (model, *model.rglob("*")) if path.is_file()]


def _remove(unfinished: Path) -> None:
    if unfinished.is_dir():
        shutil.rmtree(unfinished)
    else:
        unfinished.unlink(missing_ok=True)

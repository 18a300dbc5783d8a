"""The models as the window sees them: what the store has, what the settings use, and what fits."""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from jarvis_desktop import atomic
from jarvis_desktop.config import describe, profiles
from jarvis_desktop.config.schema import Config
from jarvis_desktop.config.store import ConfigStore
from jarvis_desktop.errors import JarvisError, ModelError
from jarvis_desktop.events import KnownModel, ModelProgress, ModelsCatalogued, ModelState
from jarvis_desktop.models.catalogue import Kind, Model
from jarvis_desktop.models.download import writing
from jarvis_desktop.models.quantise import FOLDER, MIB, size_mib
from jarvis_desktop.models.safety import own_model
from jarvis_desktop.models.store import ModelStore
from jarvis_desktop.orchestrator.plan import DEVICES, RESERVE_MIB, Plan

log = logging.getLogger(__name__)

_CHOSEN_IN: Mapping[Kind, tuple[str, ...]] = {
    Kind.CHAT: ("engine.model", "routing.technical_model", "routing.reasoning_model"),
    Kind.TRANSCRIPTION: ("transcription.model",),
    Kind.SPEECH: ("speech.voice", "speech.spanish_voice"),
    Kind.EMBEDDING: ("memory.encoder",),
}
_NEEDED_BY = {
    Kind.TURN_END: "listening.judge_turn_end",
    Kind.WAKE_WORD: "wake.enabled",
    Kind.RERANKING: "memory.enabled",
}


@dataclass(frozen=True, slots=True)
class Shelf:
    """The port `ModelShelf` over the store; `folder` holds all models, `noted` what was being fetched."""

    store: ModelStore
    folder: Path
    noted: Path
    config: ConfigStore
    plan: Callable[[Config], Plan]

    def catalogued(self) -> ModelsCatalogued:
        """As `ModelShelf.catalogued`; reads the headers of language models that were not seen before."""
        models = [self._known(model) for model in self.store.catalogue.models.values()]
        models += [self._own(path) for path in self._own_models()]
        existing = next(path for path in (self.folder, *self.folder.parents) if path.exists())
        used, free = sum(model.arrived for model in models), shutil.disk_usage(existing).free
        return ModelsCatalogued(tuple(models), used, free, self.folder)

    def fetch(self, model: str, report: Callable[[ModelProgress], None], stopped: Callable[[], bool]) -> None:
        self.store.get(model, report, stopped)

    def verify(self, model: str) -> None:
        if Path(model).is_absolute():
            own_model(Path(model))
        else:
            self.store.verify(model)

    def remove(self, model: str) -> int:
        if Path(model).is_absolute():
            return self._remove_own(Path(model))
        if self.store.state(model) is ModelState.PRESENT:
            _refuse_in_use(model, self._uses(model, self.store.catalogue.find(model).kind))
        freed = self.store.arrived(model)
        self.store.remove(model)
        return freed

    def note_fetching(self, models: Sequence[str]) -> None:
        try:
            atomic.write(self.noted, json.dumps(list(models)))
        except OSError as error:  # it only costs the offer at the next start
            log.info("what is being fetched could not be noted: %s", error.strerror)

    def interrupted(self) -> Mapping[str, str]:
        try:
            noted = json.loads(self.noted.read_bytes())
        except (OSError, ValueError):
            return {}
        self.note_fetching(())
        known = self.store.catalogue.models
        return {
            name: known[name].title
            for name in noted
            if name in known and self.store.state(name) is not ModelState.PRESENT
        }

    # --- what is told of a model --------------------------------------------------------------------------

    def _known(self, model: Model) -> KnownModel:
        spanish = "es" in model.languages or "multilingual" in model.languages
        roles = _CHOSEN_IN.get(model.kind, ())
        need, missing = self._fit(model.name, roles[0] if roles else "", model.ram_mib)
        return KnownModel(
            model.name,
            model.title,
            model.kind.value,
            self.store.state(model.name),
            model.size,
            self.store.arrived(model.name),
            model.licence,
            model.notice,
            model.languages,
            tuple(role for role in roles if spanish or role != "speech.spanish_voice"),
            self._uses(model.name, model.kind),
            model.engines[0],
            need_mib=need,
            missing_mib=missing,
            checked_at=self.store.checked_at(model.name),
        )

    def _own(self, path: Path) -> KnownModel:
        name, size = str(path), _bytes(path)
        need, missing = self._fit(name, "engine.model")
        return KnownModel(
            name,
            path.name,
            Kind.CHAT.value,
            ModelState.PRESENT,
            size,
            size,
            roles=_CHOSEN_IN[Kind.CHAT],
            uses=self._uses(name, Kind.CHAT),
            engine=_engine(path),
            own=True,
            removable=self._is_ours(path),
            need_mib=need,
            missing_mib=missing,
        )

    def _own_models(self) -> list[Path]:
        """Copies made here, files laid into the folder, and what the settings name by its path."""
        made = self.folder / FOLDER
        named = (Path(value) for _, value in self._chosen(Kind.CHAT) if Path(value).is_absolute())
        folders = (path for path in made.glob("*") if (path / "config.json").exists())
        found = [*self.folder.glob("*.gguf"), *made.glob("*.gguf"), *folders, *named]
        return list(dict.fromkeys(path for path in found if path.exists()))

    def _uses(self, name: str, kind: Kind) -> tuple[str, ...]:
        """The settings that choose this model, or that no model but this one serves."""
        chosen = tuple(key for key, value in self._chosen(kind) if value == name)
        needed = _NEEDED_BY.get(kind)
        return (*chosen, needed) if needed and describe.value_of(self.config.base, needed) else chosen

    def _chosen(self, kind: Kind) -> Iterator[tuple[str, str]]:
        """Which models of a kind are chosen, by setting; those of profiles as well."""
        config = self.config.base
        for key in _CHOSEN_IN.get(kind, ()):
            if not (config.engine.kind == "remote" and key.startswith("engine.")):
                yield key, str(describe.value_of(config, key))
            for field, replaced in profiles.REPLACES.items():
                if replaced == key:
                    for name, profile in config.profiles.items():
                        yield f"{describe.PROFILES}.{name}.{field}", getattr(profile, field)

    def _fit(self, name: str, role: str, ram_mib: float = 0.0) -> tuple[float | None, float | None]:
        """Memory a model takes beside the others, and what is missing of it, MiB; None: not known."""
        changes: dict[str, object] = {role: name} if role else {}
        if role == "engine.model":
            changes["engine.kind"] = _engine(Path(name))
        try:
            plan = self.plan(describe.with_values(self.config.base, changes))
        except (JarvisError, OSError):  # the latter from files that may not be read
            return None, None
        for part in plan.parts:
            if part.name == Path(name).name:
                return part.total_mib, max(plan.missing_mib(device) for device in DEVICES)
        free = plan.memory("cpu").free_mib - RESERVE_MIB["cpu"] - plan.total_mib("cpu")
        return ram_mib, max(0.0, ram_mib - free)

    # --- models of the user's own -------------------------------------------------------------------------

    def _is_ours(self, path: Path) -> bool:
        return path.is_relative_to(self.folder)

    def _remove_own(self, path: Path) -> int:
        if not self._is_ours(path):
            raise ModelError(
                "model.not_ours",
                "{path} lies outside the folder of the models and is left alone.",
                "Delete it yourself if you no longer want it.",
                path=path,
            )
        _refuse_in_use(path.name, self._uses(str(path), Kind.CHAT))
        freed = _bytes(path)
        with writing(path):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
            path.with_name(f"{path.stem if path.suffix == '.gguf' else path.name}.json").unlink(
                missing_ok=True
            )
        return freed


def _refuse_in_use(model: str, uses: Sequence[str]) -> None:
    if uses:
        raise ModelError(
            "model.in_use",
            "{model} is in use: {settings}.",
            "Choose another one there first, or switch it off.",
            model=model,
            settings=", ".join(uses),
        )


def _engine(model: Path) -> str:
    """What runs a language model on this machine."""
    return "vllm" if model.is_absolute() and model.is_dir() else "llama.cpp"


def _bytes(path: Path) -> int:
    return round(size_mib(path) * MIB)

"""What happens in the pictures of the models window: the catalogue, on a made-up computer."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from fake_core import FakeCore
from memory_scenes import play

from jarvis_desktop.errors import ModelError
from jarvis_desktop.events import KnownModel, ModelProgress, ModelsCatalogued, ModelState, ModelStep
from jarvis_desktop.models.catalogue import Catalogue
from jarvis_desktop.ui.application import Desktop
from jarvis_desktop.ui.models_window import ModelsWindow

HERE = {
    "whisper-base": ("transcription.model",),
    "piper-en-joe": ("speech.voice",),
    "smart-turn-v3.2": ("listening.judge_turn_end",),
    "hey-jarvis": (),
    "minilm-l6-v2": (),
    "minilm-words": ("memory.enabled",),
    "qwen2.5-coder-0.5b": ("engine.model",),
    "smollm2-135m": (),
}
ROLES = {
    "chat": ("engine.model", "routing.technical_model", "routing.reasoning_model"),
    "transcription": ("transcription.model",),
    "speech": ("speech.voice", "speech.spanish_voice"),
    "embedding": ("memory.encoder",),
}
FREE_MIB = 5_400
OWN = KnownModel(
    "/home/ana/models/mistral-7b-q4.gguf",
    "mistral-7b-q4.gguf",
    "chat",
    ModelState.PRESENT,
    4_370_000_000,
    4_370_000_000,
    roles=ROLES["chat"],
    uses=("profiles.Work.model",),
    engine="llama.cpp",
    own=True,
    removable=False,
    need_mib=5_200,
    missing_mib=0,
)


def known() -> tuple[KnownModel, ...]:
    models = []
    for model in Catalogue.load().models.values():
        present = model.name in HERE
        models.append(
            KnownModel(
                model.name,
                model.title,
                model.kind.value,
                ModelState.PRESENT if present else ModelState.ABSENT,
                model.size,
                model.size if present else 0,
                model.licence,
                model.notice,
                model.languages,
                ROLES.get(model.kind, ()),
                HERE.get(model.name, ()),
                model.engines[0],
                need_mib=model.ram_mib,
                missing_mib=max(0, model.ram_mib - FREE_MIB),
                checked_at=time.time() if present else None,
            )
        )
    return (*models, OWN)


def listed(core: FakeCore, changed: Mapping[str, KnownModel] | None = None) -> None:
    models = tuple((changed or {}).get(model.name, model) for model in known())
    used = sum(model.arrived for model in models)
    play(core, ModelsCatalogued(models, used, 41_300_000_000, Path("/home/ana/.local/share/jarvis/models")))


def all_models(core: FakeCore, _: ModelsWindow) -> None:
    listed(core)


def at_work(core: FakeCore, _: ModelsWindow) -> None:
    """One comes, one waits, one was paused, one did not find room."""
    by_name = {model.name: model for model in known()}
    listed(
        core,
        {
            "llama-3.2-3b": replace(
                by_name["llama-3.2-3b"],
                state=ModelState.PARTIAL,
                arrived=820_000_000,
                progress=ModelProgress(
                    "llama-3.2-3b", ModelStep.DOWNLOADING, 820_000_000, 2_019_000_000, 8.4e6
                ),
            ),
            "gemma-4-e2b": replace(
                by_name["gemma-4-e2b"], progress=ModelProgress("gemma-4-e2b", ModelStep.WAITING)
            ),
            "qwen3-4b": replace(by_name["qwen3-4b"], state=ModelState.PARTIAL, arrived=1_300_000_000),
            "smollm2-135m": replace(
                by_name["smollm2-135m"],
                problem=ModelError(
                    "model.damaged",
                    "{path} is damaged: it is not the file that was published.",
                    "Fetch it again with: jarvis models get {name}",
                    path="smollm2-135m-q4_k_m.gguf",
                    name="smollm2-135m",
                ),
            ),
        },
    )


def removal(core: FakeCore, window: ModelsWindow) -> None:
    listed(core)
    window.filter.setCurrentIndex(1)
    window.rows["smollm2-135m"].remove.click()
    window.rows["qwen2.5-coder-0.5b"].remove.click()


def lower(core: FakeCore, window: ModelsWindow) -> None:
    listed(core)
    window.seek("minilm-words")


def found(core: FakeCore, window: ModelsWindow) -> None:
    listed(core)
    window.search.setText("personal")


Play = Callable[[FakeCore, ModelsWindow], None]

MODEL_SCENES: Mapping[str, tuple[Play, dict[str, object], tuple[int, int]]] = {
    "models": (all_models, {}, (860, 720)),
    "models-dark": (at_work, {"look": {"theme": "dark"}}, (860, 720)),
    "models-at-work": (at_work, {}, (860, 900)),
    "models-remove": (removal, {}, (860, 720)),
    "models-lower": (lower, {"look": {"theme": "dark"}}, (860, 720)),
    "models-search": (found, {}, (720, 420)),
    "models-spanish": (at_work, {"look": {"language": "es"}}, (720, 720)),
    "models-large-text": (at_work, {"look": {"font_scale": 1.6, "theme": "dark"}}, (1180, 780)),
}


def opened(desktop: Desktop, core: FakeCore, show: Play, size: tuple[int, int]) -> ModelsWindow:
    window = desktop.models.open()
    window.resize(*size)
    show(core, window)
    return window

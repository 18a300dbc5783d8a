"""What the plan says before loading is what real engines then take."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from jarvis_desktop.app.builder import Builder
from jarvis_desktop.config.paths import Paths
from jarvis_desktop.config.schema import Config, Engine, VllmSettings
from jarvis_desktop.config.store import ConfigStore
from jarvis_desktop.orchestrator.headers import read_shape
from jarvis_desktop.orchestrator.plan import Machine, Memory, engine_part
from jarvis_desktop.telemetry.resources import resident_mib
from tests.engine_parts import (
    GOOD,
    GOOD_FILE,
    SMALL,
    SMALL_FILE,
    VLLM_PYTHON,
    engine,
    gguf,
    loaded,
    vllm_folder,
)

NO_CARD = Machine(Memory(20_000, 24_000))
TOLERANCE = 0.1


def measured_mib(path: Path, settings: Engine) -> float:
    """Resident memory of the engine's processes once it has answered for the first time."""

    async def run() -> float:
        async with loaded(engine(path, settings)) as model:
            assert model.pid is not None
            return resident_mib(model.pid)

    return asyncio.run(run())


@pytest.mark.parametrize("context", [2048, 16384])
@pytest.mark.parametrize(("name", "file"), [(SMALL, SMALL_FILE), (GOOD, GOOD_FILE)])
def test_llama_takes_what_was_planned(models_home: Path, name: str, file: str, context: int) -> None:
    path = gguf(models_home, name, file)
    settings = Engine(model=name, threads=1, context_tokens=context)
    planned = engine_part(settings, read_shape(path), NO_CARD)
    assert measured_mib(path, settings) == pytest.approx(planned.total_mib, rel=TOLERANCE)


def test_llama_takes_what_was_planned_for_answers_side_by_side(models_home: Path) -> None:
    path = gguf(models_home)
    settings = Engine(model=SMALL, threads=1, context_tokens=1024, places=9)
    planned = engine_part(settings, read_shape(path), NO_CARD)
    assert measured_mib(path, settings) == pytest.approx(planned.total_mib, rel=TOLERANCE)


@pytest.mark.parametrize(("name", "file"), [(SMALL, SMALL_FILE), (GOOD, GOOD_FILE)])
def test_the_plan_before_fetching_a_model_is_near_the_one_after(
    models_home: Path, tmp_path: Path, name: str, file: str
) -> None:
    gguf(models_home, name, file)
    settings = Config(engine=Engine(model=name))

    def planned(home: Path) -> float:
        paths = Paths.choose(home)
        planner = Builder(paths, ConfigStore(paths.config_file, {})).planner
        return planner.plan(settings, NO_CARD).parts[0].total_mib

    assert planned(tmp_path) == pytest.approx(planned(models_home), rel=0.15)


def test_vllm_takes_what_was_planned_with_a_large_cache(models_home: Path) -> None:
    """With a small one: in test_engines.py, where it runs anyway."""
    path = vllm_folder(models_home)
    settings = Engine(
        kind="vllm",
        model=SMALL,
        threads=1,
        context_tokens=8192,
        vllm=VllmSettings(python=str(VLLM_PYTHON), cpu_kv_cache_gb=0.75),
    )
    planned = engine_part(settings, read_shape(path), NO_CARD)
    assert measured_mib(path, settings) == pytest.approx(planned.total_mib, rel=TOLERANCE)

"""Settings that cannot fit are refused before anything changes, by the real plan of a small model."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from jarvis_desktop import app
from jarvis_desktop.app import memory
from jarvis_desktop.app.builder import Builder
from jarvis_desktop.assistant import Assistant
from jarvis_desktop.config import describe
from jarvis_desktop.config.paths import Paths
from jarvis_desktop.config.schema import Config, Engine
from jarvis_desktop.config.store import ConfigStore
from jarvis_desktop.errors import ConfigError
from jarvis_desktop.events import MemoryPlanned, PlanMemory, ResourcesSampled
from jarvis_desktop.orchestrator.plan import Machine, Memory, Plan, PlanPart
from jarvis_desktop.telemetry import resources
from tests.unit.orchestrator.model_files import LLAMA, write_gguf
from tests.witness import Witness

TOTAL_MIB = 8000
FREE_MIB = 2048
"""Enough for short contexts: 22.5 KiB a token, about 1 GiB for the other models and the reserve."""


@pytest.fixture
def home(tmp_path: Path) -> Paths:
    """Settings with a model of the user's own and a short context."""
    model = write_gguf(tmp_path / "own.gguf", {**LLAMA, "llama.context_length": 131072})
    paths = Paths.choose(tmp_path / "home")
    write(paths, model, 2048)
    return paths


def write(paths: Paths, model: Path, context: int) -> None:
    paths.config.mkdir(parents=True, exist_ok=True)
    text = f"[engine]\nmodel = '{model}'\ncontext_tokens = {context}\n"
    paths.config_file.write_text(text, encoding="utf-8")


def opened(paths: Paths) -> ConfigStore:
    config = ConfigStore(paths.config_file, {})
    config.load()
    return config


@pytest.fixture
def sampled(monkeypatch: pytest.MonkeyPatch) -> list[ResourcesSampled]:
    """A machine with `FREE_MIB`, and how often it was looked at."""
    seen: list[ResourcesSampled] = []

    def sample(_: object) -> ResourcesSampled:
        seen.append(ResourcesSampled(TOTAL_MIB - FREE_MIB, TOTAL_MIB, 300))
        return seen[-1]

    monkeypatch.setattr(resources, "sample", sample)
    return seen


def guarded(paths: Paths) -> ConfigStore:
    """The settings with their guard, and nobody who would load a model."""
    config = opened(paths)
    config.guard(Builder(paths, config).refuse_unfit)
    return config


@asynccontextmanager
async def session(
    paths: Paths, config: ConfigStore, witness: Witness | None = None
) -> AsyncIterator[Assistant]:
    async with app.session(paths, config, listener=witness or Witness()) as assistant:
        yield assistant


def test_a_change_that_cannot_fit_is_refused_and_nothing_changes(
    home: Paths, sampled: list[ResourcesSampled]
) -> None:
    async def scenario() -> None:
        config, heard = opened(home), []
        config.subscribe(lambda old, new: heard.append(new))
        before, text = config.current, home.config_file.read_text(encoding="utf-8")
        async with session(home, config):
            with pytest.raises(ConfigError) as caught:
                config.patch({"speech.speed": 1.5, "engine.context_tokens": 131072})
        error = caught.value
        assert (error.code, error.params["key"]) == ("config.does_not_fit", "engine.context_tokens")
        assert "MiB of main memory are missing" in error.message
        assert error.hint.startswith("Lower engine.context_tokens to ")
        assert (config.current, heard) == (before, [])
        assert home.config_file.read_text(encoding="utf-8") == text

    asyncio.run(scenario())


def test_what_did_not_fit_before_may_be_made_smaller(home: Paths, sampled: list[ResourcesSampled]) -> None:
    write(home, home.config.parent.parent / "own.gguf", 131072)
    config = guarded(home)
    config.patch({"engine.context_tokens": 98304})  # still too much
    with pytest.raises(ConfigError):
        config.patch({"engine.context_tokens": 98305})
    config.patch({"engine.threads": 2, "speech.muted": True})
    config.patch({"engine.context_tokens": 2048})
    assert config.current.engine.context_tokens == 2048


def test_a_model_that_cannot_be_planned_is_left_to_whoever_loads_it(
    home: Paths, sampled: list[ResourcesSampled]
) -> None:
    config, model = guarded(home), str(home.config.parent.parent / "own.gguf")
    config.patch({"engine.model": "no-such-model"})
    with pytest.raises(ConfigError):  # from there nothing is known to compare with
        config.patch({"engine.model": model, "engine.context_tokens": 131072})
    config.patch({"engine.model": model, "engine.context_tokens": 4096})


def test_the_window_does_not_wait_for_a_new_sample(home: Paths, sampled: list[ResourcesSampled]) -> None:
    config = opened(home)
    builder = Builder(home, config)
    wanted = describe.with_values(config.current, {"engine.context_tokens": 131072})
    with pytest.raises(ConfigError):
        builder.refuse_unfit(config.current, wanted)
    looked = len(sampled)
    builder.note(ResourcesSampled(0, 64_000, 300))
    builder.refuse_unfit(config.current, wanted)
    assert len(sampled) == looked


def test_the_plan_of_edited_settings_is_told(home: Paths, sampled: list[ResourcesSampled]) -> None:
    async def scenario() -> None:
        witness = Witness()
        async with session(home, opened(home), witness) as assistant:
            assistant.post(PlanMemory(1, {}))
            now = await witness.next(MemoryPlanned)
            assistant.post(PlanMemory(2, {"engine.context_tokens": 131072}))
            longer = await witness.next(MemoryPlanned)
            assistant.post(PlanMemory(3, {"engine.context_tokens": 1}))
            wrong = await witness.next(MemoryPlanned)
        assert (now.fits, now.free_mib, now.device_name) == (True, FREE_MIB - 512, "")
        assert now.parts[0].name == "own.gguf"
        assert now.total_mib == pytest.approx(sum(part.mib for part in now.parts))
        assert not longer.fits
        assert longer.advice
        assert longer.total_mib - now.total_mib == pytest.approx(22.5 / 1024 * (131072 - 2048))
        assert wrong.error is not None
        assert wrong.error.code == "config.bad_value"

    asyncio.run(scenario())


# --- with a graphics card ---------------------------------------------------------------------------------


def planned(gpu_mib: float, ram_mib: float, *, startable: bool = True) -> Plan:
    """A language model of `gpu_mib` on a card with 8,000 free, a voice of `ram_mib` beside 4,000 free."""
    parts = (
        PlanPart("llm", "chat", "gpu", gpu_mib, 0, 0),
        PlanPart("joe", "speech", "cpu", ram_mib, 0, 0),
    )
    machine = Machine(Memory(4000, 16000), Memory(8000, 16000), "RTX")
    return Plan("gpu", machine, parts, Engine(), (), startable)


def test_the_figures_are_the_cards_unless_only_main_memory_is_short() -> None:
    fits, short = memory.told(1, planned(6000, 100)), memory.told(2, planned(6000, 5000))
    assert (fits.device_name, fits.total_mib, fits.free_mib, fits.fits) == ("RTX", 6000, 7744, True)
    assert (short.device_name, short.total_mib, short.free_mib, short.fits) == ("", 5000, 3488, False)
    both = memory.told(3, planned(9000, 5000))
    assert (both.device_name, both.total_mib) == ("RTX", 9000)


@pytest.mark.parametrize(
    ("old", "new", "refused"),
    [
        (planned(6000, 100), planned(7000, 100), ""),
        (planned(6000, 100), planned(9000, 100), "1256 MiB of graphics memory"),
        (planned(6000, 100), planned(6000, 5000), "1512 MiB of main memory"),
        (planned(9000, 100), planned(8500, 100), ""),
        (planned(9000, 100), planned(8500, 5000), "1512 MiB of main memory|756 MiB of graphics memory"),
        (planned(6000, 100), planned(5000, 100, startable=False), "cannot start"),
    ],
)
def test_only_what_makes_it_worse_is_refused(old: Plan, new: Plan, refused: str) -> None:
    before = Config()
    after = describe.with_values(before, {"speech.voice": "ana", "engine.vllm.max_num_seqs": 8})

    def check() -> None:
        memory.refuse_unfit(before, after, lambda config: new if config is after else old)

    if not refused:
        check()
        return
    with pytest.raises(ConfigError, match=refused) as caught:
        check()
    assert caught.value.params["key"] == "engine.vllm.max_num_seqs"


def test_settings_that_load_nothing_are_not_planned() -> None:
    after = describe.with_values(Config(), {"speech.muted": True, "look.theme": "dark"})
    memory.refuse_unfit(Config(), after, lambda _: pytest.fail("planned"))

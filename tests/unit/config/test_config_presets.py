"""Values for kinds of machine: complete, valid, and leaving nothing of one another."""

from __future__ import annotations

from pathlib import Path

import pytest

from jarvis_desktop.config import describe
from jarvis_desktop.config.presets import PRESETS, preset, suggested
from jarvis_desktop.config.schema import Config
from jarvis_desktop.config.store import ConfigStore
from jarvis_desktop.errors import UsageError
from jarvis_desktop.resources import resource


def test_each_is_one_of_the_shipped_files_and_none_is_left_out() -> None:
    shipped = {path.stem for path in resource("config").glob("*.toml")}
    assert set(PRESETS) == shipped - {"default"}


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_taken_as_a_whole(name: str) -> None:
    config = describe.with_values(Config(), preset(name))
    assert config != Config()
    assert all(describe.value_of(config, key) == value for key, value in preset(name).items())


def test_going_from_one_to_another_leaves_nothing_of_the_first(tmp_path: Path) -> None:
    store = ConfigStore(tmp_path / "config.toml", {})
    store.load()
    straight = describe.with_values(Config(), preset("gpu-16gb"))
    store.patch(preset("cpu"))
    assert store.patch(preset("gpu-16gb")) == straight


def test_more_graphics_memory_never_gets_less() -> None:
    context = [preset(name)["engine.context_tokens"] for name in PRESETS]
    at_once = [preset(name)["engine.vllm.max_num_seqs"] for name in PRESETS if name != "cpu"]
    assert context == sorted(context)
    assert at_once == sorted(at_once)


@pytest.mark.parametrize(
    ("vram_mib", "name"),
    [
        (None, "cpu"),
        (4_096, "cpu"),
        (8_188, "gpu-8gb"),
        (12_282, "gpu-12gb"),
        (15_942, "gpu-16gb"),
        (81_559, "gpu-24gb"),
    ],
)
def test_a_card_gets_the_largest_that_it_can_hold(vram_mib: float | None, name: str) -> None:
    assert suggested(vram_mib) == name


def test_an_unknown_one_is_answered_with_the_nearest() -> None:
    with pytest.raises(UsageError) as caught:
        preset("gpu-16")
    assert "gpu-16gb" in caught.value.hint

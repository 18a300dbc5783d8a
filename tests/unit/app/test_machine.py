"""Which models suit this machine."""

from __future__ import annotations

import pytest

from jarvis_desktop.app.machine import described
from jarvis_desktop.config import presets
from jarvis_desktop.events import ResourcesSampled
from jarvis_desktop.models.catalogue import Catalogue, Kind
from jarvis_desktop.telemetry import resources


@pytest.mark.parametrize(
    ("vram_mib", "preset"), [(None, "cpu"), (8_000.0, "gpu-8gb"), (16_376.0, "gpu-16gb")]
)
def test_the_models_of_the_preset_come_with_all_that_a_start_needs(
    monkeypatch: pytest.MonkeyPatch, vram_mib: float | None, preset: str
) -> None:
    card = "a card" if vram_mib else None
    monkeypatch.setattr(
        resources, "sample", lambda pids: ResourcesSampled(1.0, 16_000.0, 1.0, card, 0.0, vram_mib)
    )
    catalogue = Catalogue.load()
    machine = described(catalogue)
    assert machine.chosen["engine.model"] == presets.preset(preset)["engine.model"]
    assert machine.chosen["transcription.model"] == presets.preset(preset)["transcription.model"]
    kinds = [catalogue.find(name).kind for name in machine.models]
    assert kinds.count(Kind.CHAT) == kinds.count(Kind.TRANSCRIPTION) == 1
    assert set(machine.chosen.values()) <= set(machine.models)
    assert {Kind.SPEECH, Kind.TURN_END, Kind.WAKE_WORD} <= set(kinds)
    assert Kind.EMBEDDING not in kinds  # that of the start comes with the program
    assert machine.cores >= 1

"""Energy as the machine's counters tell it: read from files as Linux has them, and from a driver."""

from __future__ import annotations

from pathlib import Path

import pytest

from jarvis_desktop.events import Energy
from jarvis_desktop.telemetry.energy import EnergyMeter
from tests.nvidia_driver import METERED_CARD, run_with_driver


def zone(rapl: Path, name: str, kind: str, microjoules: int, highest: int = 1_000_000_000) -> Path:
    folder = rapl / name
    folder.mkdir(parents=True)
    (folder / "name").write_text(f"{kind}\n")
    (folder / "max_energy_range_uj").write_text(f"{highest}\n")
    (folder / "energy_uj").write_text(f"{microjoules}\n")
    return folder / "energy_uj"


def test_the_processors_are_added_up_and_their_parts_are_not(tmp_path: Path) -> None:
    first = zone(tmp_path, "intel-rapl:0", "package-0", 5_000_000)
    second = zone(tmp_path, "intel-rapl:1", "package-1", 900_000_000)
    core = zone(tmp_path, "intel-rapl:0:0", "core", 0)
    whole = zone(tmp_path, "intel-rapl:2", "psys", 0)
    meter = EnergyMeter(gpu=lambda: None, rapl=tmp_path)
    meter.begin()
    first.write_text("17000000\n")
    second.write_text("3000000\n")  # it has begun again
    core.write_text("9000000\n")
    whole.write_text("9000000\n")
    assert meter.taken() == Energy(None, 12 + 103)


def test_what_cannot_be_read_is_not_guessed(tmp_path: Path) -> None:
    assert EnergyMeter(gpu=lambda: None, rapl=tmp_path / "missing").taken() == Energy(None, None)
    counter = zone(tmp_path, "intel-rapl:0", "package-0", 5_000_000)
    meter = EnergyMeter(gpu=lambda: None, rapl=tmp_path)
    meter.begin()
    counter.unlink()
    assert meter.taken() == Energy(None, None)


MEASURE = """
from pathlib import Path
from jarvis_desktop.telemetry.energy import EnergyMeter
times = iter((10.0, 12.0, 13.0))
meter = EnergyMeter(rapl=Path("/nonexistent"), now=lambda: next(times))
meter.begin()
print(meter.look())
print(meter.taken().gpu_joules)
"""


@pytest.mark.parametrize(
    ("counter", "told"),
    [(1, ["False", "2.5"]), (0, ["True", f"{2 * 100.0 + 1 * 200.0}"])],
    ids=["counted", "power over time"],
)
def test_a_card_is_read_by_its_counter_else_by_its_power(
    tmp_path: Path, counter: int, told: list[str]
) -> None:
    assert run_with_driver(tmp_path, METERED_CARD, MEASURE, COUNTER=counter) == told

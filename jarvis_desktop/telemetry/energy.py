"""Energy that the machine takes, as its own counters tell it; what they do not tell is not guessed.

The graphics card's is counted by NVIDIA's driver, the processor's by Intel's and AMD's RAPL, which Linux
shows to administrators only, unless told otherwise. Both count whole devices, other programs' work too.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from jarvis_desktop.events import Energy
from jarvis_desktop.telemetry.gpu import Gpu, first_gpu

LOOK_SECONDS = 0.25
"""How often power is read where the card has no counter of energy."""

RAPL = Path("/sys/class/powercap")


@dataclass
class EnergyMeter:
    """Measures from `begin` on. All methods block for about a millisecond, the first time for tens of them.

    `gpu`, `rapl` (a folder as Linux has it) and `now` (s, monotonic) are what it reads.
    """

    gpu: Callable[[], Gpu | None] = first_gpu
    rapl: Path = RAPL
    now: Callable[[], float] = time.monotonic
    _joules: float | None = None  # of the card when it began
    _power: list[tuple[float, float]] = field(default_factory=list)  # (s, W), for cards without a counter
    _packages: dict[Path, int] = field(default_factory=dict)  # microjoules when it began

    def begin(self) -> None:
        """Count from now on."""
        card = self.gpu()
        self._joules = card.joules() if card is not None else None
        self._power = []
        self._packages = {
            path: energy for path in _packages(self.rapl) if (energy := _number(path)) is not None
        }
        self.look()

    def look(self) -> bool:
        """Read the power, if that is needed; whether it has to be read again every `LOOK_SECONDS`."""
        card = self.gpu()
        if card is None or self._joules is not None or (watts := card.watts()) is None:
            return False
        self._power.append((self.now(), watts))
        return True

    def taken(self) -> Energy:
        """Since it began; None for what cannot be measured on this machine."""
        return Energy(self._of_card(), self._of_processor())

    def _of_card(self) -> float | None:
        card = self.gpu()
        if card is not None and self._joules is not None:
            joules = card.joules()
            return None if joules is None else joules - self._joules
        if not self.look():
            return None
        steps = zip(self._power, self._power[1:], strict=False)
        return sum((later - at) * (watts + then) / 2 for (at, watts), (later, then) in steps)

    def _of_processor(self) -> float | None:
        taken = [_counted(path, before) for path, before in self._packages.items()]
        known = [microjoules for microjoules in taken if microjoules is not None]
        return sum(known) / 1e6 if known and len(known) == len(taken) else None


def _packages(rapl: Path) -> list[Path]:
    """Counters of whole processors, without those of their parts and of the whole machine."""
    found = []
    for zone in sorted(rapl.glob("intel-rapl:*")):
        with contextlib.suppress(OSError):
            if (zone / "name").read_text().startswith("package-"):
                found.append(zone / "energy_uj")
    return found


def _counted(path: Path, before: int) -> int | None:
    """Microjoules since `before`; the counter begins again at its highest value."""
    now, highest = _number(path), _number(path.with_name("max_energy_range_uj"))
    if now is None or (now < before and highest is None):
        return None
    return now - before if now >= before else now - before + (highest or 0)


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return None

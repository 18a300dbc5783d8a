"""Whether settings fit: told to the window, and held against changes before they take effect."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from jarvis_desktop.config import describe
from jarvis_desktop.config.schema import Config, Restarts
from jarvis_desktop.errors import ConfigError, JarvisError
from jarvis_desktop.events import MemoryPlanned, PlannedPart, Remark
from jarvis_desktop.orchestrator.plan import DEVICES, RESERVE_MIB, Device, Plan

_LOADED = (Restarts.ENGINE, Restarts.TRANSCRIPTION, Restarts.SPEECH)


def told(number: int, plan: Plan) -> MemoryPlanned:
    """A plan as the window hears of it."""
    device = _about(plan)
    return MemoryPlanned(
        number,
        (plan.machine.gpu_name or "GPU") if device == "gpu" else "",
        tuple(PlannedPart(part.name, part.kind, part.total_mib, part.device == "gpu") for part in plan.parts),
        plan.total_mib(device),
        max(0.0, plan.memory(device).free_mib - RESERVE_MIB[device]),
        plan.fits,
        plan.advice,
    )


def refuse_unfit(old: Config, new: Config, plan: Callable[[Config], Plan]) -> None:
    """Raise ``config.does_not_fit`` when `new` does not fit, unless `old` does not either and takes no less.

    Models that cannot be planned are not refused: whoever loads them says what is wrong with them.
    """
    changed = [each.key for each in describe.differences(old, new) if each.restarts in _LOADED]
    if not changed:
        return
    wanted = _or_none(plan, new)
    if wanted is None or wanted.fits or _is_relief(_or_none(plan, old), wanted):
        return
    # The language model is by far the largest part: what was changed of it comes first.
    key = next((key for key in changed if key.startswith("engine.")), changed[0])
    raise _does_not_fit(wanted, key)


def _is_relief(old: Plan | None, new: Plan) -> bool:
    """Both do not fit, and the new one takes no more of what is short."""
    if old is None or old.fits:
        return False
    short = [device for device in DEVICES if new.missing_mib(device)]
    return all(new.total_mib(device) <= old.total_mib(device) for device in short)


def _or_none(plan: Callable[[Config], Plan], config: Config) -> Plan | None:
    try:
        return plan(config)
    except (JarvisError, OSError):  # the latter from files that may not be read
        return None


def _about(plan: Plan) -> Device:
    """The device whose figures matter: one that is short, else the language model's."""
    short = [device for device in DEVICES if plan.missing_mib(device)]
    return plan.device if plan.device in short or not short else short[0]


def _does_not_fit(plan: Plan, key: str) -> ConfigError:
    device = _about(plan)
    advice = plan.advice[0] if plan.advice else Remark("")
    missing = math.ceil(plan.missing_mib(device))
    params: dict[str, Any] = {**advice.params, "key": key, "missing": missing}
    return ConfigError("config.does_not_fit", _message(device, missing), advice.template, **params)


def _message(device: Device, missing: int) -> str:
    if not missing:
        return "The language model cannot start with these settings. Nothing was changed."
    if device == "gpu":
        return "{missing} MiB of graphics memory are missing for these settings. Nothing was changed."
    return "{missing} MiB of main memory are missing for these settings. Nothing was changed."

"""Values that suit a kind of machine, as they ship in ``config/NAME.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from jarvis_desktop.config.describe import Value, find
from jarvis_desktop.config.nearest import nearest_name
from jarvis_desktop.errors import UsageError
from jarvis_desktop.resources import resource

PRESETS: Mapping[str, int] = MappingProxyType(
    {"cpu": 0, "gpu-8gb": 8, "gpu-12gb": 12, "gpu-16gb": 16, "gpu-24gb": 24}
)
"""Names, smallest machine first, with the GiB of graphics memory each is made for."""

_SHORT_GIB = 0.5
"""Cards have a little less than their name says."""


def preset(name: str) -> dict[str, Value]:
    """The values of a preset by setting; raises `UsageError` for an unknown name.

    What only other presets set gets its default, so that nothing of an earlier one stays.
    """
    if name not in PRESETS:
        nearest = nearest_name(name, PRESETS)
        raise UsageError(
            "usage.unknown_preset",
            "There is no preset {name}.",
            "Did you mean {nearest}?" if nearest else "There are: {nearest}.",
            name=name,
            nearest=nearest or ", ".join(PRESETS),
        )
    every = {each: _shipped(each) for each in PRESETS}
    return {key: every[name].get(key, find(key).default) for values in every.values() for key in values}


def suggested(vram_mib: float | None) -> str:
    """The preset for a machine with so much graphics memory (None: no card)."""
    gib = (vram_mib or 0.0) / 1024 + _SHORT_GIB
    return [name for name, needed in PRESETS.items() if needed <= gib][-1]


def _shipped(name: str) -> dict[str, Value]:
    data = tomllib.loads(resource("config", f"{name}.toml").read_text(encoding="utf-8"))
    del data["schema_version"]
    return dict(_flat(data))


def _flat(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Value]]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value

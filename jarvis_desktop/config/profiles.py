"""What the profile in use makes of the settings."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import dataclass

from jarvis_desktop.config import describe
from jarvis_desktop.config.describe import Value
from jarvis_desktop.config.nearest import nearest_name
from jarvis_desktop.config.schema import Config, Profile
from jarvis_desktop.errors import ConfigError

KEY = "conversation.profile"
"""The setting that names the profile in use."""

REPLACES: Mapping[str, str] = types.MappingProxyType(
    {
        "persona": "conversation.instructions",
        "voice": "speech.voice",
        "spanish_voice": "speech.spanish_voice",
        "model": "engine.model",
    }
)
"""The setting that each field of a profile stands in for, unless it is empty."""

_SPEED = "speech.speed"


@dataclass(frozen=True, slots=True)
class MemoryScope:
    """Whose conversations are listed, continued and searched, and whether new ones are stored.

    `owner` is the profile that keeps its conversations to itself; "" stands for those that all share. What is
    not `stored` is nobody's: nothing is listed or searched either.
    """

    owner: str = ""
    stored: bool = True


def effective(config: Config) -> Config:
    """The settings with the profile in use laid over them; as they are where there is none of that name."""
    profile = _in_use(config)
    if profile is None:
        return config
    values: dict[str, Value] = {
        key: value for name, key in REPLACES.items() if (value := getattr(profile, name))
    }
    if profile.speed != 1.0:
        bounds = describe.find(_SPEED)
        speed = config.speech.speed * profile.speed
        values[_SPEED] = min(max(speed, bounds.minimum or 0.0), bounds.maximum or speed)
    return describe.with_values(config, values)


def memory_scope(config: Config) -> MemoryScope:
    """What may be remembered while these settings are in force.

    Nothing where they ask for a profile that is not there: it may have been a private one.
    """
    if missing(config):
        return MemoryScope(stored=False)
    profile = _in_use(config)
    memory = profile.memory if profile is not None else "shared"
    return MemoryScope(config.conversation.profile if memory == "own" else "", stored=memory != "none")


def missing(config: Config) -> bool:
    """Whether the settings ask for a profile that is not there."""
    return bool(config.conversation.profile) and _in_use(config) is None


def nearest(name: str, config: Config) -> str:
    """The profile whose name is most like `name`; empty when none is."""
    by_folded = {each.casefold(): each for each in config.profiles}
    return by_folded.get(nearest_name(name.casefold(), by_folded, likeness=0.5), "")


def hint(name: str, config: Config) -> str:
    """Template of the hint for an unknown profile; filled from the parameter `nearest`."""
    if nearest(name, config):
        return "Did you mean {nearest}?"
    return "Profiles are made in the settings, on the page Profiles."


def unknown(config: Config, *, refused: bool) -> ConfigError:
    """The error of settings that ask for a profile which is not there; `refused`: they are not in force."""
    name = config.conversation.profile
    return ConfigError(
        "config.unknown_profile",
        "There is no profile {profile}. Nothing was changed."
        if refused
        else "There is no profile {profile}: Jarvis goes on without one.",
        hint(name, config),
        key=KEY,
        profile=name,
        nearest=nearest(name, config),
    )


def _in_use(config: Config) -> Profile | None:
    return config.profiles.get(config.conversation.profile)

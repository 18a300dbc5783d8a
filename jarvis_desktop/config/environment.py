"""Settings given as environment variables: ``JARVIS_ENGINE__THREADS=2`` sets ``engine.threads``."""

from __future__ import annotations

from collections.abc import Mapping

from jarvis_desktop.config import describe
from jarvis_desktop.config.describe import Value
from jarvis_desktop.errors import ConfigError

_PREFIX = "JARVIS_"
_DOT = "__"  # every setting lies in a table, so a name without it (JARVIS_HOME) is not a setting


def variable(key: str) -> str:
    """Name of the variable that sets `key`."""
    return _PREFIX + key.upper().replace(".", _DOT)


def overrides(environ: Mapping[str, str]) -> tuple[dict[str, Value], tuple[ConfigError, ...]]:
    """Values by key, and what is wrong with the other variables; a wrong one is left out on its own."""
    values: dict[str, Value] = {}
    problems: list[ConfigError] = []
    for name, text in environ.items():
        if not name.startswith(_PREFIX) or _DOT not in name:
            continue
        key = name.removeprefix(_PREFIX).lower().replace(_DOT, ".")
        try:
            values[key] = describe.parse_value(describe.find(key), text)
        except ConfigError as error:
            problems.append(_problem(name, error))
    return values, tuple(problems)


def _problem(name: str, error: ConfigError) -> ConfigError:
    nearest = str(error.params.get("nearest", ""))
    if error.code == "config.unknown_key":
        return ConfigError(
            error.code,
            "The environment variable {variable} names no setting and is ignored.",
            error.hint_template,
            variable=name,
            key=error.params["key"],
            nearest=variable(nearest) if nearest else "",
        )
    return ConfigError(
        error.code,
        "The environment variable {variable} holds a value its setting cannot take, and is ignored.",
        "It takes {allowed}.",
        variable=name,
        key=error.params["key"],
        allowed=error.params["allowed"],
    )

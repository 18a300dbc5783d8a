"""The schema as a flat list: what the settings dialog, the command line and the user guide are made from."""

from __future__ import annotations

import re
import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, Literal, cast, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from jarvis_desktop.config.nearest import nearest_name
from jarvis_desktop.config.schema import PROFILE_NAME, Config, Profile, Restarts
from jarvis_desktop.errors import ConfigError

Value = bool | int | float | str

PROFILES = "profiles"
"""The table of the file that holds one table for each profile, by its name."""

ANY = "NAME"
"""Stands for the name of a profile where none in particular is meant."""


class Kind(StrEnum):
    """Which widget, parser and wording a setting needs."""

    SWITCH = "switch"  # bool
    WHOLE = "whole number"
    NUMBER = "number"
    TEXT = "text"
    CHOICE = "choice"  # one of `choices`


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting. `minimum`, `maximum` are inclusive, in `unit`; `pattern` and `max_length` bound texts."""

    key: str  # dotted, as in `jarvis config set`
    title: str
    help: str
    kind: Kind
    default: Value
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    max_length: int | None = None
    pattern: str | None = None
    unit: str = ""
    restarts: Restarts = Restarts.NOTHING
    advanced: bool = False

    @property
    def page(self) -> str:
        """Table of the file that holds it, e.g. ``engine`` or ``engine.vllm``."""
        return self.key.rpartition(".")[0]

    @property
    def in_profile(self) -> bool:
        """Whether it is a setting of a profile."""
        return self.page.startswith(f"{PROFILES}.")

    @property
    def name(self) -> str:
        """Last part of the key."""
        return self.key.rpartition(".")[2]

    @property
    def allowed(self) -> str:
        """What values it takes, in English words: ``a whole number from 0 to 64``."""
        if self.kind is Kind.SWITCH:
            return "true or false"
        if self.kind is Kind.CHOICE:
            return "one of " + ", ".join(self.choices)
        if self.kind is Kind.TEXT:
            limits = [f"of at most {self.max_length} characters"] if self.max_length is not None else []
            limits += [f"that matches {self.pattern}"] if self.pattern else []
            return " ".join(["a text", *limits])
        return f"a {self.kind.value}{_span(self.minimum, self.maximum)}"

    def as_json(self) -> dict[str, object]:
        """One entry of ``jarvis config schema --json``; what does not apply is left out."""
        entry: dict[str, object] = {
            "key": self.key,
            "title": self.title,
            "help": self.help,
            "type": self.kind.value,
            "default": self.default,
            "allowed": self.allowed,
            "restarts": self.restarts.value,
            "advanced": self.advanced,
        }
        optional = {
            "choices": list(self.choices) or None,
            "minimum": self.minimum,
            "maximum": self.maximum,
            "max_length": self.max_length,
            "pattern": self.pattern,
            "unit": self.unit or None,
        }
        return entry | {name: value for name, value in optional.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Page:
    """One table of the file, one page or group of the dialog."""

    key: str  # e.g. ``engine.vllm``
    help: str


@cache
def settings() -> tuple[Setting, ...]:
    """Every setting, in the order of the schema; `schema_version` belongs to the file and is not one."""
    return tuple(_setting(key, field) for key, field in _fields() if key in _adapters())


@cache
def pages() -> tuple[Page, ...]:
    """Every table of the file, in the order of the schema."""
    return tuple(Page(key, _docstring(field)) for key, field in _fields() if key not in _adapters())


def profile_settings(name: str) -> tuple[Setting, ...]:
    """What can be set in a profile of that name, in the order of the schema."""
    return tuple(replace(each, key=f"{PROFILES}.{name}.{each.name}") for each in _profile_settings())


def profiles_page() -> Page:
    """The page of the dialog that shows the profiles."""
    return Page(PROFILES, (Profile.__doc__ or "").strip())


def find(key: str) -> Setting:
    """The setting of that key; raises `ConfigError` ``config.unknown_key`` with the nearest valid one."""
    for candidate in (*settings(), *_of_its_profile(key)):
        if candidate.key == key:
            return candidate
    raise ConfigError(
        "config.unknown_key", "There is no setting {key}.", nearest_hint(key), key=key, nearest=nearest(key)
    )


def value_of(config: Config, key: str) -> Value:
    """The value of a setting in `config`."""
    value: Any = config
    setting = find(key)
    for part in key.split("."):
        value = value.get(part) if isinstance(value, Mapping) else getattr(value, part, setting.default)
    return cast(Value, value)


def with_values(config: Config, values: Mapping[str, object]) -> Config:
    """`config` with settings changed by dotted key; raises `ConfigError` for one that cannot be."""
    data: dict[str, Any] = config.model_dump()
    for key, value in values.items():
        *tables, name = key.split(".")
        checked = check(find(key), value)
        table = data
        for part in tables:
            table = table.setdefault(part, {})  # a profile may be new
        table[name] = checked
    return Config.model_validate(data, strict=True)


def differences(old: Config, new: Config) -> tuple[Setting, ...]:
    """The settings that have another value in `new`, in the order of the schema."""
    return tuple(each for each in settings() if value_of(old, each.key) != value_of(new, each.key))


def check(setting: Setting, value: object) -> Value:
    """`value` itself when the setting takes it; raises `ConfigError` ``config.bad_value``."""
    try:
        adapter = _profile_adapters()[setting.name] if setting.in_profile else _adapters()[setting.key]
        return cast(Value, adapter.validate_python(value, strict=True))
    except ValidationError as error:
        raise _bad_value(setting) from error


def parse_value(setting: Setting, text: str) -> Value:
    """The value written as `text` (command line, environment); raises `ConfigError` ``config.bad_value``."""
    try:
        return check(setting, _from_text(setting.kind, text))
    except ValueError as error:
        raise _bad_value(setting) from error


def nearest(key: str) -> str:
    """The valid key most like `key`, also when only its last part is right; empty when none is."""
    keys = [setting.key for setting in (*settings(), *_of_its_profile(key))]
    keys += [page.key for page in pages()]
    if match := nearest_name(key, keys):
        return match
    by_name = {setting.name: setting.key for setting in reversed(settings())}
    return by_name.get(nearest_name(key.rpartition(".")[2], by_name, likeness=0.75), "")


def nearest_hint(key: str) -> str:
    """Template of the hint for an unknown key; filled from the parameter `nearest`."""
    if nearest(key):
        return "Did you mean {nearest}?"
    return "All settings are listed by: jarvis config schema"


def _bad_value(setting: Setting) -> ConfigError:
    # The value itself stays out: an instruction of the user must not travel into a log with the error.
    return ConfigError(
        "config.bad_value",
        "{key} cannot take this value.",
        "It takes {allowed}.",
        key=setting.key,
        allowed=setting.allowed,
    )


_WORDS: Mapping[str, bool] = types.MappingProxyType(
    {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}
)


def _from_text(kind: Kind, text: str) -> Value:
    """Raises ValueError when the text is no such value."""
    if kind is Kind.SWITCH:
        if (word := text.strip().lower()) not in _WORDS:
            raise ValueError(word)
        return _WORDS[word]
    if kind is Kind.WHOLE:
        return int(text)
    return float(text) if kind is Kind.NUMBER else text


def _fields(model: type[BaseModel] = Config, prefix: str = "") -> Iterator[tuple[str, FieldInfo]]:
    """Dotted key and field of every table and setting, a table before what it holds."""
    for name, field in model.model_fields.items():
        key = f"{prefix}{name}"
        if (table := _table(field)) is not None:
            yield key, field
            yield from _fields(table, f"{key}.")
        elif prefix:
            yield key, field


def _of_its_profile(key: str) -> tuple[Setting, ...]:
    """The settings of the profile that `key` is about; none where it is about something else."""
    table, _, rest = key.partition(".")
    name = rest.partition(".")[0]
    return profile_settings(name) if table == PROFILES and re.match(PROFILE_NAME, name) else ()


@cache
def _profile_settings() -> tuple[Setting, ...]:
    return tuple(_setting(name, field) for name, field in Profile.model_fields.items())


@cache
def _profile_adapters() -> Mapping[str, TypeAdapter[Any]]:
    """Validator of each setting of a profile by name."""
    return {name: _adapter(field) for name, field in Profile.model_fields.items()}


@cache
def _adapters() -> Mapping[str, TypeAdapter[Any]]:
    """Validator of each single setting by key."""
    return {key: _adapter(field) for key, field in _fields() if _table(field) is None}


def _adapter(field: FieldInfo) -> TypeAdapter[Any]:
    return TypeAdapter(cast(Any, Annotated[field.annotation, field]))


def _table(field: FieldInfo) -> type[BaseModel] | None:
    annotation = field.annotation
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None


def _docstring(field: FieldInfo) -> str:
    table = _table(field)
    return (table.__doc__ or "").strip() if table else ""


def _setting(key: str, field: FieldInfo) -> Setting:
    extra = cast(dict[str, Any], field.json_schema_extra)
    bounds = _adapter(field).json_schema()
    choice = get_origin(field.annotation) is Literal
    kinds = {bool: Kind.SWITCH, int: Kind.WHOLE, float: Kind.NUMBER, str: Kind.TEXT}
    return Setting(
        key=key,
        title=field.title or "",
        help=field.description or "",
        kind=Kind.CHOICE if choice else kinds[cast(type, field.annotation)],
        default=cast(Value, field.default),
        choices=get_args(field.annotation) if choice else (),
        minimum=bounds.get("minimum"),
        maximum=bounds.get("maximum"),
        max_length=bounds.get("maxLength"),
        pattern=bounds.get("pattern"),
        unit=extra["unit"],
        restarts=Restarts(extra["restarts"]),
        advanced=extra["advanced"],
    )


def _span(minimum: float | None, maximum: float | None) -> str:
    if minimum is not None and maximum is not None:
        return f" from {minimum:.10g} to {maximum:.10g}"
    if minimum is not None:
        return f" of {minimum:.10g} or more"
    return f" of {maximum:.10g} or less" if maximum is not None else ""

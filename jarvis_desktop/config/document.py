"""The text of a configuration file: checked against the schema, edited with its comments kept, generated."""

from __future__ import annotations

import re
import textwrap
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomlkit
from pydantic import ValidationError
from pydantic_core import ErrorDetails
from tomlkit import TOMLDocument
from tomlkit.items import InlineTable

from jarvis_desktop.config import describe
from jarvis_desktop.config.describe import Setting, Value
from jarvis_desktop.config.schema import Config, Restarts
from jarvis_desktop.errors import ConfigError

SCHEMA_VERSION: int = Config.model_fields["schema_version"].default

NEW_FILE = f"""\
# What differs from the defaults of Jarvis Desktop. All settings are listed by: jarvis config schema
schema_version = {SCHEMA_VERSION}
"""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file says: a whole valid configuration, or None and everything that is wrong with it.

    A profile that is wrong is left out of the configuration, and its problems are told.
    """

    config: Config | None
    problems: tuple[ConfigError, ...] = ()


def read(text: str, file: Path) -> Reading:
    """Check the text of `file`; one wrong value makes the whole file wrong, so that no half of it applies.

    In a profile it makes that profile wrong: everything goes on without it.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return Reading(None, (_syntax_error(str(error), text, file),))
    version = data.get("schema_version", SCHEMA_VERSION)
    if type(version) is int and version > SCHEMA_VERSION:
        return Reading(None, (_newer(version, file),))
    try:
        return Reading(Config.model_validate(data, strict=True))
    except ValidationError as error:
        details = error.errors()
    problems = tuple(_problem(detail, text, file) for detail in details)
    wrong = {detail["loc"][:2] for detail in details}
    if all(len(place) == 2 and place[0] == describe.PROFILES for place in wrong):
        for _, name in wrong:
            del data[describe.PROFILES][name]
        return Reading(Config.model_validate(data, strict=True), problems)
    return Reading(None, problems)


def edit(text: str, changes: Mapping[str, Value | None]) -> str:
    """`text` with the settings changed; comments, order and unknown spacing stay. Needs valid TOML.

    None takes out what the key names, a whole table if it is one.
    """
    # Settings go in before the tables below them, as the file needs it; and the text is parsed anew for
    # each, since a second change through one document is lost where its tables lie apart.
    for key in sorted(changes, key=lambda key: key.count(".")):
        text = _edited(tomlkit.parse(text), key.split("."), changes[key])
    return text


def _edited(document: TOMLDocument, path: Sequence[str], value: Value | None) -> str:
    table: Any = document
    for part in path[:-1]:
        if part not in table:
            if value is None:
                return tomlkit.dumps(document)
            inline = isinstance(table, InlineTable)
            table[part] = tomlkit.inline_table() if inline else tomlkit.table()
        table = table[part]
    if value is None:
        table.pop(path[-1], None)
    else:
        table[path[-1]] = value
    return tomlkit.dumps(document)


def locate(text: str, key: str) -> int | None:
    """Line (from 1) where `key`, or else the nearest table around it, is written; None when nowhere."""
    lines: dict[str, int] = {}
    for written, number in _keys(text):
        lines.setdefault(written, number)
    while key:
        if key in lines:
            return lines[key]
        key = key.rpartition(".")[0]
    return None


def default_toml() -> str:
    """The text of `config/default.toml`: every setting, explained, at its default."""
    blocks = [_HEADER, f"schema_version = {SCHEMA_VERSION}\n"]
    for page in describe.pages():
        blocks.append(f"# {page.help}\n[{page.key}]\n")
        blocks += [_explained(setting) for setting in describe.settings() if setting.page == page.key]
    profile = "".join(map(_explained, describe.profile_settings(describe.ANY)))
    assignments = re.sub(r"^(?!#)", "# ", profile, flags=re.M).removesuffix("# ")
    blocks.append(f"{_PROFILES_HEADER}{assignments}")
    return "\n".join(blocks)


_HEADER = """\
# Every setting of Jarvis Desktop with its default.
#
# This file is generated from the schema and is not read by the program: put only what you want to change
# into your own file (`jarvis config path` names it), or use `jarvis config set KEY VALUE`.
# A changed file is taken up while Jarvis runs. An environment variable wins over the file, for example
# JARVIS_ENGINE__THREADS=2 over `threads` in `[engine]`.
"""

_PROFILES_HEADER = f"""\
# Profiles, a table each: what is set in one holds instead of the settings while `profile` in
# `[conversation]` names it.
# [{describe.PROFILES}.{describe.ANY}]
"""

_RESTARTS: Mapping[Restarts, str] = {
    Restarts.NOTHING: "",
    Restarts.TRANSCRIPTION: " Restarts the transcription.",
    Restarts.SPEECH: " Restarts the voice.",
    Restarts.ENGINE: " Restarts the engine.",
    Restarts.APP: " Needs a new start of Jarvis.",
}


def _explained(setting: Setting) -> str:
    allowed = f" Takes {setting.allowed} {setting.unit}".rstrip() + "."
    comment = f"{setting.title}: {setting.help}{allowed}{_RESTARTS[setting.restarts]}"
    wrapped = textwrap.fill(comment, 108, initial_indent="# ", subsequent_indent="# ", break_on_hyphens=False)
    return f"{wrapped}\n{setting.name} = {tomlkit.item(setting.default).as_string()}\n"


_TOKEN = re.compile(r'"""(?:\\.|[^\\])*?"""|\'\'\'.*?\'\'\'|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|#[^\n]*', re.S)
_TABLE = re.compile(r"\s*\[\[?\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
_ENTRY = re.compile(r"\s*([^=\[\]{}]+?)\s*=")


def _keys(text: str) -> Iterator[tuple[str, int]]:
    """Dotted key and line of every table and entry; no parser of the standard library keeps them.

    Texts over several lines are blanked out first, so that nothing inside them looks like a key.
    """
    blanked = _TOKEN.sub(lambda match: "\n" * match[0].count("\n") if "\n" in match[0] else match[0], text)
    table = ""
    for number, line in enumerate(blanked.split("\n"), start=1):
        if match := _TABLE.match(line):
            table = _plain(match[1])
            yield table, number
        elif (match := _ENTRY.match(line)) and not line.lstrip().startswith("#"):
            yield f"{table}.{_plain(match[1])}".lstrip("."), number


def _plain(key: str) -> str:
    return ".".join(part.strip().strip("\"'") for part in key.split("."))


def _syntax_error(reason: str, text: str, file: Path) -> ConfigError:
    # tomllib names the place only in its text: "... (at line 3, column 5)" or "... (at end of document)".
    reason, _, place = reason.partition(" (at ")
    numbers = [int(number) for number in re.findall(r"\d+", place)]
    line, column = numbers if len(numbers) == 2 else (text.count("\n") + 1, 1)
    return ConfigError(
        "config.syntax",
        "{file}, line {line}, column {column}: this is not valid TOML ({reason}).",
        "Correct the line; until then the last good settings stay in force.",
        file=file,
        line=line,
        column=column,
        reason=reason,
    )


def _newer(version: int, file: Path) -> ConfigError:
    return ConfigError(
        "config.newer",
        "{file} was written by a newer Jarvis (its schema_version is {version}; this one knows {known}).",
        "Update Jarvis, or move the file away to start with the defaults. It was left as it is.",
        file=file,
        version=version,
        known=SCHEMA_VERSION,
    )


def _problem(detail: ErrorDetails, text: str, file: Path) -> ConfigError:
    key = ".".join(str(part) for part in detail["loc"])
    line = locate(text, key) or 1
    if detail["type"] == "extra_forbidden":
        return ConfigError(
            "config.unknown_key",
            "{file}, line {line}: there is no setting {key}.",
            describe.nearest_hint(key),
            file=file,
            line=line,
            key=key,
            nearest=describe.nearest(key),
        )
    if detail["loc"][-1] == "[key]":
        return ConfigError(
            "config.bad_profile_name",
            "{file}, line {line}: {profile} cannot be the name of a profile.",
            "A name has up to 40 letters and digits, between them spaces, hyphens or underscores.",
            file=file,
            line=line,
            key=key,
            profile=detail["loc"][-2],
        )
    return ConfigError(
        "config.bad_value",
        "{file}, line {line}: {key} cannot take this value.",
        "It takes {allowed}.",
        file=file,
        line=line,
        key=key,
        allowed=_allowed(key),
    )


def _allowed(key: str) -> str:
    if key == "schema_version":
        return str(SCHEMA_VERSION)
    try:
        return describe.find(key).allowed
    except ConfigError:
        return "a table of settings"

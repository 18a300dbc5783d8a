"""`jarvis config`: read, check and change settings."""

from __future__ import annotations

import json
from argparse import ArgumentParser

from jarvis_desktop.cli.commands import subcommands
from jarvis_desktop.cli.context import Context
from jarvis_desktop.config import describe, presets


def add_arguments(parser: ArgumentParser) -> None:
    """Sub-commands of `jarvis config`."""
    action = subcommands(parser)
    action("show", show, "all settings as they are set")
    action("get", get, "one setting").add_argument("key")
    setter = action("set", set_value, "change one setting")
    setter.add_argument("key")
    setter.add_argument("value")
    action("preset", preset, "take the values for a kind of machine, or list them").add_argument(
        "name", nargs="?", metavar="NAME", help="default: list them and say which suits this machine"
    )
    action("path", path, "where the file is")
    action("schema", schema, "every setting with type, bounds, default and meaning")
    action("check", check, "say what is wrong with the file")


def show(context: Context) -> int:
    """Print all settings, each as it is set, whatever profile is in use."""
    config = context.config.base
    shown = [*describe.settings(), *(s for name in config.profiles for s in describe.profile_settings(name))]
    lines = [f"{s.key} = {json.dumps(describe.value_of(config, s.key))}" for s in shown]
    context.result(config.model_dump(), "\n".join(lines))
    return 0


def get(context: Context) -> int:
    """Print one setting."""
    key = context.args.key
    value = describe.value_of(context.config.base, key)
    context.result({"key": key, "value": value}, str(value))
    return 0


def set_value(context: Context) -> int:
    """Change one setting in the file."""
    setting = describe.find(context.args.key)
    value = describe.parse_value(setting, context.args.value)
    context.config.patch({setting.key: value})
    context.result({"key": setting.key, "value": value}, f"{setting.key} = {json.dumps(value)}")
    return 0


def preset(context: Context) -> int:
    """Change all settings of a preset in the file; without a name, say which there are."""
    if (name := context.args.name) is None:
        from jarvis_desktop.telemetry import resources

        suits = presets.suggested(resources.sample({}).vram_total_mib)
        lines = [f"{each}{'  suits this machine' if each == suits else ''}" for each in presets.PRESETS]
        context.result({"presets": list(presets.PRESETS), "suggested": suits}, "\n".join(lines))
        return 0
    before = context.config.base
    context.config.patch(presets.preset(name))
    now = context.config.base
    values = {s.key: describe.value_of(now, s.key) for s in describe.differences(before, now)}
    lines = [f"{key} = {json.dumps(value)}" for key, value in values.items()]
    context.result({"preset": name, "changed": values}, "\n".join(lines) or "Nothing to change.")
    return 0


def path(context: Context) -> int:
    """Print where the configuration file is (it need not exist)."""
    context.result({"path": str(context.paths.config_file)}, str(context.paths.config_file))
    return 0


def schema(context: Context) -> int:
    """Print every setting."""
    settings = (*describe.settings(), *describe.profile_settings(describe.ANY))
    lines = [f"{s.key}: {s.allowed}, default {json.dumps(s.default)}\n    {s.help}" for s in settings]
    context.result({"settings": [s.as_json() for s in settings]}, "\n".join(lines))
    return 0


def check(context: Context) -> int:
    """Exit 3 with the first problem of the file; every problem is named on stderr."""
    problems = context.config.problems
    if problems:
        raise problems[0]
    context.result({"ok": True, "path": str(context.paths.config_file)}, "The configuration is fine.")
    return 0

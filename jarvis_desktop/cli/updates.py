"""`jarvis update`: whether there is a newer version."""

from __future__ import annotations

from argparse import ArgumentParser
from dataclasses import asdict
from typing import TYPE_CHECKING

from jarvis_desktop import __version__
from jarvis_desktop.cli.commands import subcommands
from jarvis_desktop.cli.context import Context

if TYPE_CHECKING:
    from jarvis_desktop.events import UpdatesChecked


def add_arguments(parser: ArgumentParser) -> None:
    """Sub-commands of `jarvis update`."""
    subcommands(parser)("check", check, "ask the address of updates.address which version is the newest")


def check(context: Context) -> int:
    """Print what is known of newer versions; nothing is installed."""
    from jarvis_desktop.models.updates import look_for_update

    found = look_for_update(context.config.current.updates.address)
    told = {key: value for key, value in asdict(found).items() if key != "error"}
    context.result({"version": __version__} | told, "\n".join(_lines(found)))
    return 0


def _lines(found: UpdatesChecked) -> list[str]:
    lines = []
    if found.on_disk:
        lines.append(f"{found.on_disk} is installed; quit Jarvis and start it again to use it.")
    if not found.asked:
        lines += [
            f"This is Jarvis {__version__}. Nobody was asked: updates.address names no place to ask.",
            "Where you got Jarvis from tells of newer versions.",
        ]
    elif found.newer:
        lines += [f"Jarvis {found.newer} is there, this is {__version__}.", found.notes, found.link]
    else:
        lines.append(f"This is Jarvis {__version__}, the newest version.")
    return [line for line in lines if line]

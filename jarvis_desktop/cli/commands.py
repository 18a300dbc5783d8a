"""How commands and their actions are declared, each with the options that all of them take."""

from __future__ import annotations

import argparse
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from jarvis_desktop.cli.context import Context
from jarvis_desktop.errors import UsageError

Command = Callable[[Context], int]


class Parser(ArgumentParser):
    """Raises instead of exiting, so that `--json` also covers wrong arguments."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(
            "usage.wrong", "{reason}.", "See: {program} --help", reason=message, program=self.prog
        )


def shared() -> Parser:
    """The options every command takes, before or after its name.

    A fresh parent each time: argparse shares a parent's options by reference, and setting a default in one
    parser would set it in all.
    """
    parser = Parser(add_help=False)
    parser.add_argument(
        "--json", action="store_true", default=argparse.SUPPRESS, help="print JSON (a line each)"
    )
    parser.add_argument(
        "--home", type=Path, metavar="DIR", default=argparse.SUPPRESS, help="keep all state under this folder"
    )
    parser.add_argument(
        "-v", "--verbose", action="store_true", default=argparse.SUPPRESS, help="log to the terminal too"
    )
    return parser


def subcommands(
    parser: ArgumentParser, kind: str = "action"
) -> Callable[[str, Command, str], ArgumentParser]:
    """What adds to a parser a command of its own, or an action: its name, what it runs, a line about it."""
    commands = parser.add_subparsers(title=f"{kind}s", metavar=kind.upper())

    def add(name: str, command: Command, summary: str) -> ArgumentParser:
        sub: ArgumentParser = commands.add_parser(name, help=summary, description=summary, parents=[shared()])
        sub.set_defaults(command=command)
        return sub

    return add

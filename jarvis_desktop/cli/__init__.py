"""The command line: parse, run one command, leave with the documented status."""

from jarvis_desktop.cli.parser import run

__all__ = ["run"]

"""`jarvis` and `jarvis run`: the window."""

from __future__ import annotations

from argparse import ArgumentParser

from jarvis_desktop.cli.context import Context


def add_arguments(parser: ArgumentParser) -> None:
    """Options of `jarvis run`."""
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--minimised", action="store_true", help="start in the tray")
    how.add_argument(
        "--show",
        dest="wish",
        action="store_const",
        const="show-or-hide",
        default="show",
        help="show the window of the Jarvis that runs, or hide it when it is in front",
    )
    how.add_argument(
        "--talk",
        dest="wish",
        action="store_const",
        const="talk",
        default="show",
        help="begin to talk, or end it, in the Jarvis that runs; for a shortcut of the desktop",
    )
    how.add_argument(
        "--dictate",
        dest="wish",
        action="store_const",
        const="dictate",
        default="show",
        help="begin to dictate into the program that has the keyboard, or end it; likewise",
    )


def run(context: Context) -> int:
    """Open the window; a second start raises the first."""
    from jarvis_desktop import app

    return app.run_window(
        context.paths,
        context.config,
        minimised=context.args.minimised,
        wish=context.args.wish,
        verbose=context.args.verbose,
        recorded=context.recorded,
    )

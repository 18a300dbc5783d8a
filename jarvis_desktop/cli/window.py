"""`jarvis` and `jarvis run`: the window."""

from __future__ import annotations

from argparse import ArgumentParser

from jarvis_desktop.cli.context import Context


def add_arguments(parser: ArgumentParser) -> None:
    """Options of `jarvis run`."""
    parser.add_argument("--minimised", action="store_true", help="start in the tray")


def run(context: Context) -> int:
    """Open the window; a second start raises the first."""
    from jarvis_desktop import app

    return app.run_window(
        context.paths, context.config, minimised=context.args.minimised, verbose=context.args.verbose
    )

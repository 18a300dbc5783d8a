"""`jarvis worker`: the models of this machine for a `jarvis serve --queue celery` on any machine."""

from __future__ import annotations

import asyncio
import signal
from argparse import ArgumentParser

from jarvis_desktop.cli.context import Context
from jarvis_desktop.telemetry import logs


def add_arguments(parser: ArgumentParser) -> None:
    """Options of `jarvis worker`."""
    parser.add_argument("--redis-url", metavar="URL", help="where the work waits (redis://127.0.0.1:6379/0)")
    parser.add_argument("--concurrent", metavar="N", help="answers at once")
    parser.set_defaults(serves=True)  # its engine has a place for each


def work(context: Context) -> int:
    """Take work until interrupted."""
    return asyncio.run(_work(context))


async def _work(context: Context) -> int:
    from jarvis_desktop.app.queueing import working

    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, lambda *_: loop.call_soon_threadsafe(stop.set))
    with logs.started(context.paths.logs, context.config, verbose=context.args.verbose):
        async with working(context.paths, context.config) as name:
            context.result({"worker": name}, f"{name} takes work. Ctrl-C ends it.")
            await stop.wait()
    return 0

"""`jarvis serve`: the models of this machine for other programs, without a window."""

from __future__ import annotations

import asyncio
import signal
from argparse import ArgumentParser

from jarvis_desktop.cli.context import Context
from jarvis_desktop.telemetry import logs


def add_arguments(parser: ArgumentParser) -> None:
    """Options of `jarvis serve`."""
    parser.add_argument("--host", help="address to listen on, one of this computer's own (127.0.0.1)")
    parser.add_argument("--port", help="port to listen on (8765); the next free one where it is taken")
    parser.add_argument(
        "--wyoming", action="store_true", help="answer Home Assistant, too (Wyoming protocol)"
    )
    parser.set_defaults(serves=True)


def serve(context: Context) -> int:
    """Answer other programs until interrupted."""
    return asyncio.run(_serve(context))


async def _serve(context: Context) -> int:
    from jarvis_desktop import app
    from jarvis_desktop.app.serving import serving
    from jarvis_desktop.app.wyoming import wyoming_serving

    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, lambda *_: loop.call_soon_threadsafe(stop.set))
    with logs.started(context.paths.logs, context.config, verbose=context.args.verbose):
        async with (
            app.session(context.paths, context.config, preload=True) as assistant,
            serving(context.paths, context.config, assistant) as servers,
            wyoming_serving(context.paths, context.config, assistant) as wyoming,
        ):
            if (error := servers.error or wyoming.error) is not None:
                raise error
            token = context.paths.data / "server.token"
            if wyoming.address:
                context.note(f"Home Assistant finds Jarvis at {wyoming.address}, without a password.")
            context.result(
                {"address": servers.address, "token_file": str(token), "wyoming": wyoming.address},
                f"Jarvis answers at {servers.address}/v1. The token is in {token}. Ctrl-C ends it.",
            )
            await stop.wait()
    return 0

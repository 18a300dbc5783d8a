"""`jarvis serve`: the models of this machine for other programs, without a window."""

from __future__ import annotations

import asyncio
import signal
from argparse import ArgumentParser
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from jarvis_desktop.cli import tokens
from jarvis_desktop.cli.commands import subcommands
from jarvis_desktop.cli.context import Context
from jarvis_desktop.errors import UsageError
from jarvis_desktop.events import WatchMachine
from jarvis_desktop.telemetry import logs

if TYPE_CHECKING:
    from jarvis_desktop.app.queueing import Front
    from jarvis_desktop.assistant import Assistant
    from jarvis_desktop.server.admission import Admission


def add_arguments(parser: ArgumentParser) -> None:
    """Options of `jarvis serve`."""
    parser.add_argument("--host", help="address to listen on, one of this computer's own (127.0.0.1)")
    parser.add_argument("--port", help="port to listen on (8765); the next free one where it is taken")
    parser.add_argument(
        "--wyoming", action="store_true", help="answer Home Assistant, too (Wyoming protocol)"
    )
    parser.add_argument(
        "--queue", choices=("local", "celery"), help="who answers: this process, or each `jarvis worker`"
    )
    parser.add_argument("--redis-url", metavar="URL", help="where work for workers waits")
    parser.set_defaults(serves=True)
    token = subcommands(parser)("token", tokens.list_clients, "which programs may ask: list, add, revoke")
    token.set_defaults(serves=False)
    tokens.add_arguments(token)


def serve(context: Context) -> int:
    """Answer other programs until interrupted."""
    return asyncio.run(_serve(context))


async def _serve(context: Context) -> int:
    from jarvis_desktop import app
    from jarvis_desktop.app.queueing import front
    from jarvis_desktop.app.serving import Serving, open_to_network
    from jarvis_desktop.server.gate import check_address

    check_address(context.config.current.server)  # before models are loaded
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, lambda *_: loop.call_soon_threadsafe(stop.set))
    with logs.started(context.paths.logs, context.config, verbose=context.args.verbose):
        queued = context.config.current.server.queue == "celery"
        async with (
            front(context.config)
            if queued
            else app.session(context.paths, context.config, preload=True) as assistant,
            Serving(context.paths, context.config, assistant) as servers,
            _home_assistant(context, assistant, servers.admission) as wyoming,
        ):
            if servers.error is not None:
                raise servers.error
            assistant.post(WatchMachine(False))  # there is no window to show it
            if servers.open_to_network:
                context.note(str(open_to_network(servers.address)))
            if wyoming:
                context.note(f"Home Assistant finds Jarvis at {wyoming}, without a password.")
            token = context.paths.server_token
            context.result(
                {"address": servers.address, "token_file": str(token), "wyoming": wyoming},
                f"Jarvis answers at {servers.address}/v1. The token is in {token}. Ctrl-C ends it.",
            )
            await stop.wait()
    return 0


@asynccontextmanager
async def _home_assistant(
    context: Context, assistant: Assistant | Front, admission: Admission
) -> AsyncIterator[str]:
    """Where Home Assistant finds Jarvis, for the block; "" where the settings do not let it."""
    from jarvis_desktop.app.queueing import Front
    from jarvis_desktop.app.wyoming import WyomingServing

    if isinstance(assistant, Front):
        if context.config.current.server.wyoming:
            raise UsageError(
                "usage.wyoming_queued",
                "Home Assistant cannot be answered by workers.",
                "Start `jarvis serve --wyoming` without --queue on the machine that shall listen and speak.",
            )
        yield ""
        return
    async with WyomingServing(context.paths, context.config, assistant, admission) as wyoming:
        if wyoming.error is not None:
            raise wyoming.error
        yield wyoming.address

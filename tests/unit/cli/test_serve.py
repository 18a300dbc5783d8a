"""`jarvis serve` where the work is left to other machines."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from jarvis_desktop.app.queueing import Front
from jarvis_desktop.cli.serve import _home_assistant
from jarvis_desktop.config.schema import Config, Server
from jarvis_desktop.errors import UsageError


def test_home_assistant_needs_the_models_here() -> None:
    nobody: Any = None
    settings = Config(server=Server(wyoming=True))
    context: Any = SimpleNamespace(config=SimpleNamespace(current=settings))

    async def serve() -> None:
        async with _home_assistant(context, Front(nobody), nobody):
            pass

    with pytest.raises(UsageError, match="without --queue"):
        asyncio.run(serve())

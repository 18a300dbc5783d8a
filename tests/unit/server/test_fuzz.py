"""What the API promises in /openapi.json, held against odd requests: it answers each as it says."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import pytest
import schemathesis
from hypothesis import settings
from schemathesis.specs.openapi.checks import allow_header_conformance, unsupported_method

from jarvis_desktop.assistant import Assistant
from jarvis_desktop.config.schema import Config, Server
from jarvis_desktop.server.app import make_app
from jarvis_desktop.server.context import ServerContext, Unlimited, unguarded
from jarvis_desktop.server.core_link import CoreLink
from tests.fakes import fake_parts
from tests.unit.server.serving import Guarded, guarded

SETTINGS = Server(requests_per_minute=100_000)


@contextmanager
def running() -> Iterator[ServerContext]:
    """An assistant of fake parts on a loop of its own, and what a server for it works with."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="core")
    thread.start()
    assistant = Assistant(fake_parts(), Config)
    try:
        asyncio.run_coroutine_threadsafe(assistant.start(preload=False), loop).result()
        yield ServerContext(assistant.service, CoreLink(loop), lambda: SETTINGS, Unlimited(), unguarded)
        asyncio.run_coroutine_threadsafe(assistant.stop(), loop).result()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    with running() as context:
        with guarded(tmp_path_factory.mktemp("server"), SETTINGS, app=make_app(context)) as server:
            yield server


OF_METHODS = [unsupported_method, allow_header_conformance]
"""Left out: the guard refuses methods that no route has before it looks at the route."""

schema = schemathesis.openapi.from_dict(make_app(cast(ServerContext, None)).openapi())


@schema.parametrize()
@settings(max_examples=30, derandomize=True, database=None, deadline=None)
def test_every_route_answers_whatever_it_is_asked_as_it_promises(
    case: schemathesis.Case, served: Guarded
) -> None:
    headers = {"Authorization": f"Bearer {served.token}"}
    case.call_and_validate(served.http.address, headers=headers, excluded_checks=OF_METHODS)

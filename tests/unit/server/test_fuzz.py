"""What /openapi.json promises, held against odd requests to the server that is lent to other programs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pytest
import schemathesis
from anyio.from_thread import start_blocking_portal
from hypothesis import settings
from schemathesis.checks import CheckFunction
from schemathesis.specs.openapi import checks

from jarvis_desktop.app.serving import Serving
from jarvis_desktop.config.paths import Paths
from jarvis_desktop.config.store import ConfigStore
from jarvis_desktop.events import Part
from jarvis_desktop.server.app import make_app
from jarvis_desktop.server.context import ServerContext
from tests.fakes import fake_parts
from tests.unit.assistant.harness import running

SETTINGS = {
    "JARVIS_SERVER__ENABLED": "true",
    "JARVIS_SERVER__PORT": "20500",
    "JARVIS_SERVER__REQUESTS_PER_MINUTE": "100000",
}


@dataclass(frozen=True)
class Served:
    """Where the server listens, and the token that lets in."""

    address: str
    token: str


@asynccontextmanager
async def lent(folder: Path) -> AsyncIterator[Served]:
    paths = Paths.choose(folder)
    config = ConfigStore(paths.config_file, SETTINGS)
    config.load()
    async with running(fake_parts()) as (assistant, _), Serving(paths, config, assistant) as servers:
        await assistant.prepare(Part.ENGINE)
        yield Served(servers.address, (paths.data / "server.token").read_text().strip())


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("home")
    with start_blocking_portal() as core, core.wrap_async_context_manager(lent(folder)) as server:
        yield server


schema = schemathesis.openapi.from_dict(make_app(cast(ServerContext, None)).openapi())

UNPROMISED: list[CheckFunction] = [
    # Who comes without a token is told to wait after some hundred times; see below.
    checks.ignored_auth,
    checks.missing_required_header,
    # The guard refuses methods that no route has before it looks at the route.
    checks.unsupported_method,
    checks.allow_header_conformance,
    # Some rules hold between fields: a tool's message answers a call before it.
    checks.positive_data_acceptance,
]


@schema.parametrize()
@settings(max_examples=25, derandomize=True, database=None, deadline=None)
def test_every_route_answers_whatever_it_is_asked_as_it_promises(
    case: schemathesis.Case, served: Served
) -> None:
    headers = {"Authorization": f"Bearer {served.token}"}
    case.call_and_validate(served.address, headers=headers, excluded_checks=UNPROMISED)


@schema.parametrize()
@settings(max_examples=5, derandomize=True, database=None, deadline=None)
def test_without_a_token_only_health_answers_odd_requests(case: schemathesis.Case, served: Served) -> None:
    told = case.call(served.address, headers={"Authorization": ""})
    if (case.method, case.path) == ("GET", "/health"):
        assert told.json() == {"status": "ok"}
    else:
        assert told.status_code in (401, 405, 429)
        assert told.json().keys() == {"error"}

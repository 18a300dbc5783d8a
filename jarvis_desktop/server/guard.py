"""Stands around the whole application: who may ask for what, and how often.

Pure ASGI: nothing of a stream is held back. A page in a browser gets nothing, not even a CORS header.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from jarvis_desktop.config.schema import Server
from jarvis_desktop.events import Client, Standing
from jarvis_desktop.server import rules
from jarvis_desktop.server.audit import Request
from jarvis_desktop.server.consent import Consent, on_this_loop
from jarvis_desktop.server.context import CLIENT, GRANTED, HOLD, NAME, Asgi
from jarvis_desktop.server.core_link import stopping
from jarvis_desktop.server.errors import RequestError, no_scope
from jarvis_desktop.server.exchange import Budget, Exchange, Message, Receive, Send
from jarvis_desktop.server.rate import Rate
from jarvis_desktop.server.tokens import TokenStore

JSON_BYTES = 4 << 20
"""The longest JSON body, which is read as a whole; recordings may be longer."""
BODIES_BYTES = 256 << 20
"""What the bodies of all requests under way may take in memory, if not two of the longest."""
FAILURES_PER_MINUTE = 120
"""Requests without a valid token that are told so; more are only told to wait."""

_LOOK_SECONDS = 1.0  # how often another process may have taken a token back, while requests are under way
_INLINE_BYTES = 1 << 16  # of a body that is looked at without a thread
_JSON_WEIGHT = 8  # between that of texts, which take their length, and of empty lists, which take twenty


class Guard:
    """`told` gets each request when it is over. Without `consent` nobody is asked about new clients."""

    def __init__(
        self,
        app: Asgi,
        tokens: TokenStore,
        settings: Callable[[], Server],
        told: Callable[[Request], None],
        consent: Consent | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app = app
        self._tokens = tokens
        self._settings = settings
        self._told = told
        self._consent = consent
        self._failures = Rate(lambda: FAILURES_PER_MINUTE, clock)
        self._bodies = Budget(lambda: max(BODIES_BYTES, 2 * settings().longest_body_mib << 20))
        self._rates: dict[str, Rate] = defaultdict(
            lambda: Rate(lambda: settings().requests_per_minute, clock)
        )
        self._running: dict[asyncio.Task[Any], Client] = {}
        self._watching: asyncio.Task[None] | None = None

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        began = time.perf_counter()
        exchange = Exchange(scope, receive, send, self._bodies)
        route, client = rules.route_of(scope["path"]), None
        try:
            client = await self._admitted(scope, exchange, route)
            await self._answered(scope, exchange, client)
        except RequestError as error:
            await exchange.refuse(error)
        except asyncio.CancelledError:  # the server stops
            await exchange.end(stopping())
        finally:
            exchange.close()
            name = client.name if client else ""
            seconds = time.perf_counter() - began
            counts = exchange.received, exchange.sent
            self._told(Request(name, scope["method"], route, exchange.status, seconds, *counts))

    async def _admitted(self, scope: Message, exchange: Exchange, route: str) -> Client | None:
        """Whose request this is, when nothing speaks against it; None where nobody has to be known.

        Raises `RequestError`.
        """
        headers = rules.headers_of(scope)
        rules.check_place(scope, headers, self._settings().allowed_names)
        client = None
        if scope["path"] != rules.OPEN or scope["method"] != "GET":
            client = await self._known(scope, route, rules.bearer(headers))
        exchange.most = self._settings().longest_body_mib << 20 if client else 0
        kind = rules.check_body(route, headers, exchange.most)
        if kind == "json":
            exchange.most, exchange.weight = min(exchange.most, JSON_BYTES), _JSON_WEIGHT
            await _check_json(await exchange.read())
        return client

    async def _known(self, scope: Message, route: str, token: str) -> Client:
        self._tokens.refresh()
        if (client := self._tokens.find(token)) is None:
            raise self._not_known()
        if self._tokens.note_use(client.id):
            asyncio.get_running_loop().run_in_executor(None, self._tokens.keep_use)
        if route not in rules.UNCOUNTED and (seconds := self._rates[client.id].wait()):
            raise _too_many(seconds)
        needed = rules.SCOPES.get(route)
        if needed is None:
            raise RequestError("server.no_route", "There is no such address.", _SEE_ROUTES, status=404)
        if needed in client.scopes and self._consent is not None:
            decided = await self._consent.settled(client, needed, scope["client"])
            if decided is None:
                raise _refused("client.not_answered", "Nobody has allowed {client} yet.", _ALLOW, client)
            client = decided
        if client.standing is Standing.REFUSED:
            raise _refused("client.refused", "The user does not allow {client}.", _ALLOW, client)
        if needed not in client.scopes:
            raise no_scope(needed)
        return client

    async def _answered(self, scope: Message, exchange: Exchange, client: Client | None) -> None:
        """Have the application answer, as long as the client's token is valid."""
        if client is None:
            await self._app(scope, exchange.receive, exchange.send)
            return
        task = asyncio.current_task()
        assert task is not None
        scope[CLIENT], scope[NAME], scope[GRANTED] = client.id, client.name, client.scopes
        scope[HOLD] = lambda other: self._hold(other, client)
        self._hold(task, client)
        try:
            await self._app(scope, exchange.receive, exchange.send)
        except asyncio.CancelledError:
            if task in self._running:
                raise
            task.uncancel()  # the token was taken back
            await exchange.end(self._not_known())
        finally:
            self._running.pop(task, None)

    def _hold(self, task: asyncio.Task[Any], client: Client) -> None:
        """Have a task end when the client's token is taken back."""
        self._running[task] = client
        task.add_done_callback(lambda _: self._running.pop(task, None))
        if self._watching is None or self._watching.done():
            self._watching = asyncio.create_task(self._end_revoked(), name="revoked clients")

    async def _end_revoked(self) -> None:
        """End the answers of clients whose token is taken back, while there are answers under way."""
        changed = asyncio.Event()
        unsubscribe = self._tokens.subscribe(on_this_loop(changed.set))
        try:
            while self._running:
                for task, client in tuple(self._running.items()):
                    if not self._tokens.holds(client):
                        del self._running[task]
                        task.cancel()
                changed.clear()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_LOOK_SECONDS):
                        await changed.wait()
                self._tokens.refresh()
        finally:
            unsubscribe()

    def _not_known(self) -> RequestError:
        if seconds := self._failures.wait():
            return _too_many(seconds)
        return RequestError(
            "server.no_token",
            "A valid token is needed.",
            "Send it as a header: Authorization: Bearer TOKEN",
            status=401,
        )


_SEE_ROUTES = "See /openapi.json for what there is."
_ALLOW = "Jarvis' window tells which programs may ask: Settings, Other programs."


async def _check_json(body: bytes) -> None:
    if len(body) > _INLINE_BYTES:
        await asyncio.to_thread(rules.check_json, body)
    else:
        rules.check_json(body)


def _too_many(seconds: int) -> RequestError:
    return RequestError(
        "server.too_often",
        "Too many requests.",
        "Ask again in {retry_after} s.",
        status=429,
        retry_after=seconds,
    )


def _refused(code: str, message: str, hint: str, client: Client) -> RequestError:
    return RequestError(code, message, hint, status=403, client=client.name)

"""Counts and times what the API answers, for Prometheus."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Any

from jarvis_desktop.errors import JarvisError
from jarvis_desktop.events import Timings, Usage
from jarvis_desktop.ports import ChatDelta, ChatRequest, Grounds, Service
from jarvis_desktop.server import rules
from jarvis_desktop.server.context import NAME, Asgi
from jarvis_desktop.telemetry.metrics import OTHER, Metrics

LEFT = 499
"""Told as the status of a request whose client left before the reply began, as nginx does."""


class MeasuredRequests:
    """An ASGI application around another one; what never reached a route is told as ``other``."""

    def __init__(self, app: Asgi, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status, first_chunk = time.perf_counter(), LEFT, None

        async def note(message: Any) -> None:
            nonlocal status, first_chunk
            if message["type"] == "http.response.start":
                status = message["status"]
            elif first_chunk is None and message.get("body"):
                first_chunk = time.perf_counter() - began
            await send(message)

        try:
            await self._app(scope, receive, note)
        finally:
            found = getattr(scope.get("route"), "path", "")
            route = found or rules.route_of(scope["path"]) or OTHER  # refused, or nowhere
            seconds = time.perf_counter() - began
            client = str(scope.get(NAME, ""))
            self._metrics.request(route, scope["method"], status, client, seconds, first_chunk)


class MeasuredService:
    """A service whose answers are counted and timed as those of turns are.

    `answered_by` tells the model and the kind of engine that answer where an answer does not say.
    """

    def __init__(
        self,
        service: Service,
        metrics: Metrics,
        answered_by: Callable[[], tuple[str, str]],
        now: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._service = service
        self._metrics = metrics
        self._answered_by = answered_by
        self._now = now
        self.models = service.models
        self.embed = service.embed
        self.transcribe = service.transcribe
        self.speak = service.speak
        self.readiness = service.readiness

    async def chat(self, request: ChatRequest) -> AsyncGenerator[ChatDelta | Grounds, None]:
        began, first, last = self._now(), None, ChatDelta("", Usage())
        outcome = "interrupted"
        try:
            async with aclosing(self._service.chat(request)) as pieces:  # type: ignore[type-var]
                async for piece in pieces:
                    if isinstance(piece, ChatDelta):
                        first = first if first is not None or not piece.text else self._now()
                        last = piece if piece.usage is not None else last
                    yield piece
            outcome = "answered"
        except JarvisError as error:
            outcome = "failed"
            self._metrics.error(error)
            raise
        finally:
            timings = Timings(
                first_token=None if first is None else 1000 * (first - began),
                total=1000 * (self._now() - began) if outcome == "answered" else None,
            )
            model, engine = self._answered_by()
            self._metrics.answer(
                last.model or model, last.engine or engine, None, outcome, timings, last.usage or Usage()
            )

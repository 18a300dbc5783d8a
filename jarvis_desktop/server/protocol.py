"""uvicorn's protocol, with an end to what arrives too slowly."""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol

from jarvis_desktop.server.exchange import ABORT

HEAD_SECONDS = 10.0
"""A request's head has to be there so long after the connection, or after the answer before it."""
HEAD_BYTES = 16 * 1024
"""The longest head of a request."""
CONNECTIONS = 512
"""Open at once; whoever connects beyond that is turned away."""


class BoundedProtocol(H11Protocol):
    """Closes connections that have no request under way for too long, whatever trickles in meanwhile."""

    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > CONNECTIONS:
            transport.abort()
        else:
            self._wait_for_head()

    def handle_events(self) -> None:
        before = self.cycle
        super().handle_events()
        if self.cycle is not before:
            self.scope["extensions"] = {ABORT: {"call": self.transport.abort}}  # its task has not run yet
            self._stop_waiting()

    def on_response_complete(self) -> None:
        under_way = self.cycle
        super().on_response_complete()
        if self.cycle is under_way:
            self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def _wait_for_head(self) -> None:
        self._stop_waiting()
        self._timer = self.loop.call_later(HEAD_SECONDS, self.transport.abort)

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

"""Carries out what the user decides about programs that use the local API."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from jarvis_desktop.assistant.tasks import spawn
from jarvis_desktop.errors import JarvisError
from jarvis_desktop.events import (
    AddClient,
    AllowClient,
    ClientAdded,
    ClientIntent,
    ClientsListed,
    Event,
    Failed,
    RevokeClient,
)
from jarvis_desktop.ports import Clients


class ClientDesk:
    """One wish after the other, each in a thread beside the core's; a list of the clients follows each."""

    def __init__(self, clients: Clients, emit: Callable[[Event], None]) -> None:
        self._clients = clients
        self._emit = emit
        self._line = asyncio.Lock()

    def take(self, wish: ClientIntent) -> None:
        """Begin to carry out a wish; returns at once."""
        spawn(self._carry_out(wish), "clients", self._emit)

    async def _carry_out(self, wish: ClientIntent) -> None:
        async with self._line:
            try:
                for event in await asyncio.to_thread(self._done, wish):
                    self._emit(event)
            except JarvisError as error:
                self._emit(Failed(error))

    def _done(self, wish: ClientIntent) -> list[Event]:
        told: list[Event] = []
        match wish:
            case AddClient(name, scopes):
                told.append(ClientAdded(*self._clients.add(name, scopes)))
            case RevokeClient(client_id):
                self._clients.revoke(client_id)
            case AllowClient(client_id, scopes):
                self._clients.decide(client_id, scopes)
        return [*told, ClientsListed(self._clients.listed())]

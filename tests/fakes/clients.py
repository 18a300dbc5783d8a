"""Programs that may use the local API."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from jarvis_desktop.events import Client, Scope, Standing


class FakeClients:
    """Keeps them in memory; their tokens are `token-NAME`."""

    def __init__(self) -> None:
        self.clients: dict[str, Client] = {}

    def listed(self) -> tuple[Client, ...]:
        return tuple(self.clients.values())

    def add(self, name: str, scopes: Collection[Scope]) -> tuple[Client, str]:
        client = Client(name, name, frozenset(scopes), Standing.ALLOWED, 1.0)
        self.clients[client.id] = client
        return client, f"token-{name}"

    def revoke(self, client_id: str) -> None:
        self.clients.pop(client_id, None)

    def decide(self, client_id: str, scopes: Collection[Scope]) -> None:
        standing = Standing.ALLOWED if scopes else Standing.REFUSED
        self.clients[client_id] = replace(self.clients[client_id], standing=standing)

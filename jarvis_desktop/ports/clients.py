"""The programs that may use the local API."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from jarvis_desktop.events import Client, Scope


class Clients(Protocol):
    """Every method blocks, and raises `StorageError` where the clients cannot be read or written."""

    def listed(self) -> tuple[Client, ...]:
        """All of them, the oldest first."""
        ...

    def add(self, name: str, scopes: Collection[Scope]) -> tuple[Client, str]:
        """Make one, with its token; raises `ConfigError` for a name or scopes that cannot be."""
        ...

    def revoke(self, client_id: str) -> None:
        """Take its token back; an unknown one is gone already."""
        ...

    def decide(self, client_id: str, scopes: Collection[Scope]) -> None:
        """Note what the user allows a client; nothing refuses it."""
        ...

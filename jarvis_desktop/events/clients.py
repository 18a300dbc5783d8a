"""Other programs that use the local API: what the window asks for, and what it is told."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar

from jarvis_desktop.events.base import Event, Intent


class Scope(StrEnum):
    """What a program may ask the API for."""

    CHAT = "chat"
    EMBEDDINGS = "embeddings"
    TRANSCRIPTION = "transcription"
    SPEECH = "speech"
    MEMORY = "memory"
    TASKS = "tasks"
    MODELS = "models"  # which there are, and whether they are ready
    METRICS = "metrics"


class Standing(StrEnum):
    """What the user has said of a client."""

    NEW = "new"  # nothing yet: they are asked when it is first used
    ALLOWED = "allowed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Client:
    """A token that was given out, without the token. Times are seconds since the epoch; 0: never used."""

    id: str
    name: str
    scopes: frozenset[Scope]
    standing: Standing
    created: float
    last_used: float = 0.0


@dataclass(frozen=True, slots=True)
class ClientsListed(Event):
    """The clients there are, the oldest first."""

    name: ClassVar[str] = "clients_listed"
    clients: tuple[Client, ...]


@dataclass(frozen=True, slots=True)
class ClientAdded(Event):
    """A client was made. Its token is nowhere else, and never shown again."""

    name: ClassVar[str] = "client_added"
    client: Client
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ClientAsked(Event):
    """A client is used for the first time: `AllowClient` answers, in time; `ClientSettled` follows.

    `program` with `process` (its id) is who holds the connection; "" and 0 where the system does not tell.
    `wanted` is what it has asked for until now.
    """

    name: ClassVar[str] = "client_asked"
    client: Client
    program: str
    process: int
    wanted: frozenset[Scope]


@dataclass(frozen=True, slots=True)
class ClientSettled(Event):
    """The question about a client is over, answered or not."""

    name: ClassVar[str] = "client_settled"
    client_id: str


@dataclass(frozen=True, slots=True)
class ClientIntent(Intent):
    """A wish that concerns the programs that may use the API."""


@dataclass(frozen=True, slots=True)
class ListClients(ClientIntent):
    """Which clients are there? `ClientsListed` answers."""


@dataclass(frozen=True, slots=True)
class AddClient(ClientIntent):
    """Make a client; `ClientAdded` brings its token, `ClientsListed` follows."""

    client_name: str
    scopes: frozenset[Scope]


@dataclass(frozen=True, slots=True)
class RevokeClient(ClientIntent):
    """Take a token back, at once; `ClientsListed` follows."""

    client_id: str


@dataclass(frozen=True, slots=True)
class AllowClient(ClientIntent):
    """The answer to `ClientAsked`: what the client may ask for from now on; nothing refuses it."""

    client_id: str
    scopes: frozenset[Scope]

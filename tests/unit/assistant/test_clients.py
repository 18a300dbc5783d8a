"""What the user decides about programs that use the local API is carried out and told."""

from __future__ import annotations

import asyncio

from jarvis_desktop.events import (
    AddClient,
    AllowClient,
    ClientAdded,
    ClientsListed,
    ListClients,
    RevokeClient,
    Scope,
    Standing,
)
from tests.fakes import fake_parts
from tests.unit.assistant.harness import running


def test_clients_are_made_allowed_and_revoked() -> None:
    async def run() -> None:
        async with running(fake_parts()) as (assistant, witness):
            assistant.post(AddClient("Notebook", frozenset({Scope.CHAT})))
            added = await witness.next(ClientAdded)
            assert added.token == "token-Notebook"
            assert (await witness.next(ClientsListed)).clients == (added.client,)
            assistant.post(AllowClient(added.client.id, frozenset()))
            (refused,) = (await witness.next(ClientsListed)).clients
            assert refused.standing is Standing.REFUSED
            assistant.post(RevokeClient(added.client.id))
            assert (await witness.next(ClientsListed)).clients == ()
            assistant.post(ListClients())
            assert (await witness.next(ClientsListed)).clients == ()

    asyncio.run(run())

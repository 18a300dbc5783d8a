"""Newer versions are asked about when the user says so, and never else."""

from __future__ import annotations

import asyncio

from jarvis_desktop.errors import NetworkError
from jarvis_desktop.events import CheckForUpdates, SubmitText, TurnFinished, UpdatesChecked
from tests.fakes import fake_parts
from tests.unit.assistant.harness import running


def test_nobody_is_asked_before_the_user_says_so() -> None:
    async def scenario() -> None:
        asked: list[None] = []

        def updates() -> UpdatesChecked:
            asked.append(None)
            return UpdatesChecked(newer="99.0")

        parts = fake_parts()
        parts.updates = updates
        async with running(parts, preload=True) as (assistant, witness):
            assistant.post(SubmitText("Is there a newer version of you?"))
            await witness.next(TurnFinished)
            assert not asked
            assistant.post(CheckForUpdates())
            assert (await witness.next(UpdatesChecked)).newer == "99.0"
            assert len(asked) == 1

    asyncio.run(scenario())


def test_what_went_wrong_is_told() -> None:
    async def scenario() -> None:
        def updates() -> UpdatesChecked:
            raise NetworkError("network.no_updates", "Nobody answers.")

        parts = fake_parts()
        parts.updates = updates
        async with running(parts) as (assistant, witness):
            assistant.post(CheckForUpdates())
            error = (await witness.next(UpdatesChecked)).error
            assert error is not None
            assert error.code == "network.no_updates"

    asyncio.run(scenario())

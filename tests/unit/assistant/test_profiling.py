"""A profile of the next answer: of what the core did for it, and without a word of it."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path

from jarvis_desktop.events import (
    AnswerProfiled,
    Interrupt,
    ProfileAnswer,
    ProfilingChanged,
    ReplyToken,
    SubmitText,
    TurnFinished,
)
from jarvis_desktop.ports import ChatDelta, ChatMessage, ChatOptions
from jarvis_desktop.telemetry.profiling import DATA, PAGE, Recording
from tests.fakes import FakeChat, fake_parts
from tests.speedscope import functions
from tests.unit.assistant.harness import running

CANARY = "walrus-at-midnight"
BUSY_S = 0.02


class BusyChat(FakeChat):
    """Computes for each word."""

    async def stream(self, messages: Sequence[ChatMessage], options: ChatOptions) -> AsyncIterator[ChatDelta]:
        async for delta in super().stream(messages, options):
            until = time.monotonic() + BUSY_S
            while time.monotonic() < until:
                sum(range(100))
            await asyncio.sleep(0)
            yield delta


def test_the_next_answer_is_profiled_and_no_other(tmp_path: Path) -> None:
    async def scenario() -> None:
        parts = fake_parts(chat=BusyChat(f"All {CANARY} is well."))
        parts = replace(parts, recorder=lambda: Recording(tmp_path, "answer", task=True))
        async with running(parts) as (assistant, witness):
            assistant.post(ProfileAnswer())
            assert (await witness.next(ProfilingChanged)).on
            assistant.post(SubmitText(f"What of {CANARY}?"))
            done = await witness.next(TurnFinished)
            assert sys.getprofile() is None, "it ends with the answer"
            profiled = await witness.next(AnswerProfiled)
            assert not (await witness.next(ProfilingChanged)).on
            assert profiled.turn_id == done.turn_id
            assistant.post(SubmitText("And now?"))
            await witness.next(TurnFinished)
        names = functions(profiled.path)
        assert any(name.startswith("jarvis_desktop/assistant/turn.py:") for name in names)

    asyncio.run(scenario())
    files = sorted(tmp_path.iterdir())
    page, data = files
    assert data.name.removesuffix(DATA) == page.name.removesuffix(PAGE)
    assert not any(CANARY in file.read_text(encoding="utf-8") for file in files)


def test_an_interrupted_answer_is_profiled_too(tmp_path: Path) -> None:
    async def scenario() -> None:
        parts = fake_parts(chat=BusyChat("word " * 500))
        parts = replace(parts, recorder=lambda: Recording(tmp_path, "answer", task=True))
        async with running(parts) as (assistant, witness):
            assistant.post(ProfileAnswer())
            assistant.post(SubmitText("Tell me much."))
            await witness.next(ReplyToken)
            assistant.post(Interrupt())
            assert (await witness.next(AnswerProfiled)).path.exists()

    asyncio.run(scenario())


def test_who_changes_their_mind_gets_no_profile(tmp_path: Path) -> None:
    async def scenario() -> None:
        parts = fake_parts(chat=BusyChat("word " * 500))
        parts = replace(parts, recorder=lambda: Recording(tmp_path, "answer", task=True))
        async with running(parts) as (assistant, witness):
            assistant.post(ProfileAnswer())
            assistant.post(SubmitText("Tell me much."))
            await witness.next(ReplyToken)
            assert sys.getprofile() is not None
            assistant.post(ProfileAnswer(False))
            while (await witness.next(ProfilingChanged)).on:
                pass
            assert sys.getprofile() is None
            assistant.post(Interrupt())
            await witness.next(TurnFinished)
        assert not witness.of(AnswerProfiled)

    asyncio.run(scenario())
    assert not list(tmp_path.iterdir())

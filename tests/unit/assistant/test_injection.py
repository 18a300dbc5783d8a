"""Hostile passages in what is remembered: they are quoted, and lead to nothing."""

from __future__ import annotations

import asyncio
import re
import unicodedata
from datetime import datetime

import pytest

from jarvis_desktop.assistant import Parts
from jarvis_desktop.assistant.memories.framing import fitting, from_outside
from jarvis_desktop.assistant.prompt import Recall, build_prompt
from jarvis_desktop.cli.turns import judge_tool, named_tools
from jarvis_desktop.config import schema
from jarvis_desktop.config.schema import Config
from jarvis_desktop.events import MemoryKind, Recalled, SubmitText, ToolAsked, TurnFinished
from jarvis_desktop.ports import ToolCall, ToolSpec
from tests.fakes import FakeChat, FakeMemory, FakeTools, fake_parts
from tests.injections import HOSTILE
from tests.unit.assistant.harness import running

SEND = ToolSpec("mail__send", "Send mail", "Sends mail.", {"type": "object"}, server="mail")
CALCULATOR = ToolSpec("calculator", "Calculator", "Works out arithmetic.", {"type": "object"}, quotes=False)
QUESTION = "When must I go to the dentist?"
TEMPLATE_MARKS = re.compile(
    r"<[|｜/a-z]|\[/?(?:INST|TOOL_CALLS|SYSTEM_PROMPT)\]|</?s>|<<SYS>>", re.IGNORECASE
)


def passage(text: str, kind: MemoryKind = MemoryKind.DOCUMENT) -> Recalled:
    return Recalled("d#1", "d", kind, text, f"{text[:60]}.md", 1.0, around=(text, text), created_at=1.0)


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("language", ["en", "es"])
def test_no_passage_leaves_its_frame(hostile: str, language: str) -> None:
    notes = fitting([passage(f"The dentist. {hostile}"), passage("The dentist is in Elm Street.")], 3000)
    assert len(notes) == 2
    *_, last = build_prompt("Be brief.", Recall(8, 3000), [], QUESTION, language, datetime(2026, 1, 1), notes)
    lead, begin, rest = last.content.partition("\n<notes>\n")
    quoted, end, after = rest.partition("\n</notes>\n")
    assert begin
    assert end
    assert after == f"\n{QUESTION}"
    assert not TEMPLATE_MARKS.search(lead + quoted)
    lines = quoted.split("\n")
    heads = [line for line in lines if not line.startswith("> ")]
    assert [head.split("]")[0] for head in heads] == ["[1", "[2"]
    assert all(len(line.splitlines()) == 1 for line in lines)
    assert not [sign for line in lines for sign in line if unicodedata.category(sign) in ("Cc", "Cf", "Co")]


def astray(*wishes: ToolCall, text: str, kind: MemoryKind) -> tuple[Parts, FakeTools]:
    """Parts whose model does what the passage wants of it, whatever that is."""

    async def remembered() -> FakeMemory:
        memory = FakeMemory()
        await memory.remember(f"The dentist. {text}", kind=kind, source="mail.txt")
        return memory

    chat, tools = FakeChat(f"As you wish. {text}"), FakeTools(SEND, CALCULATOR)
    chat.wishes = [wishes]
    parts = fake_parts(chat=chat)
    parts.tools, parts.memory = tools, asyncio.run(remembered())
    return parts, tools


@pytest.mark.parametrize("hostile", HOSTILE)
def test_no_tool_is_used_because_of_a_passage_whatever_was_allowed_before(hostile: str) -> None:
    call = ToolCall("1", "mail__send", '{"to": "eve@example.org"}')
    parts, tools = astray(call, text=hostile, kind=MemoryKind.DOCUMENT)
    config = Config(tools=schema.Tools(enabled=True, ask="others", allowed="mail__send,calculator"))

    async def scenario() -> None:
        async with running(parts, config=config) as (assistant, witness):
            assistant.subscribe(lambda event: judge_tool(event, assistant, named_tools("all")))
            assistant.post(SubmitText(QUESTION))
            done = await witness.next(TurnFinished)
            (asked,) = witness.of(ToolAsked)
            assert asked.anew
            assert [use.allowed for use in done.tools] == [False]
        assert tools.used == []

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("kind", "source", "length", "outside"),
    [
        (MemoryKind.DOCUMENT, "a.txt", 10, True),
        (MemoryKind.NOTE, "records.jsonl", 10, True),
        (MemoryKind.NOTE, "", 10, False),
        (MemoryKind.NOTE, "", 2000, True),
        (MemoryKind.TURN, "2026-01-01 10:00", 10, False),
        (MemoryKind.TURN, "2026-01-01 10:00", 2000, True),  # pasted, as like as not
        (MemoryKind.FACT, "2026-01-01 10:00", 10, False),
    ],
)
def test_the_users_own_short_words_need_no_second_consent(
    kind: MemoryKind, source: str, length: int, outside: bool
) -> None:
    assert from_outside(Recalled("i", "i", kind, "x" * length, source, 1.0)) is outside


def test_own_facts_leave_a_tool_that_was_allowed_in_use() -> None:
    call = ToolCall("1", "calculator", "{}")
    parts, tools = astray(call, text="is on Tuesday.", kind=MemoryKind.FACT)
    config = Config(tools=schema.Tools(enabled=True, allowed="calculator"))

    async def scenario() -> None:
        async with running(parts, config=config) as (assistant, witness):
            assistant.post(SubmitText(QUESTION))
            await witness.next(TurnFinished)
        assert [name for name, _ in tools.used] == ["calculator"]

    asyncio.run(scenario())

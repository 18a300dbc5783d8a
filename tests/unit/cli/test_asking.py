"""Questions on the command line: tools, for which nobody can be asked, and the sources of an answer."""

from __future__ import annotations

import asyncio

import pytest

from jarvis_desktop.cli.turns import judge_tool, named_tools, sources
from jarvis_desktop.events import Citation, MemoryKind, SubmitText, TurnFinished
from jarvis_desktop.ports import ToolCall, ToolSpec
from tests.fakes import FakeChat, FakeTools, fake_parts
from tests.unit.assistant.harness import running

MAIL = ToolSpec("mail__read", "Read mail", "Reads mail.", {"type": "object"}, server="mail")
SEND = ToolSpec("mail__send", "Send mail", "Sends mail.", {"type": "object"}, server="mail")
PAST = ToolSpec("search_memory", "Past", "Searches.", {"type": "object"}, recalls=True)


@pytest.mark.parametrize(
    ("allowed", "used"), [("all", True), ("calculator, mail__read", True), ("calculator", False), ("", False)]
)
def test_only_what_was_allowed_beforehand_is_used(
    allowed: str, used: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    async def run() -> None:
        parts, chat, tools = fake_parts(), FakeChat(), FakeTools(MAIL)
        chat.wishes = [(ToolCall("1", "mail__read", "{}"),)]
        parts.chat, parts.tools = chat, tools
        async with running(parts) as (assistant, witness):
            assistant.subscribe(lambda event: judge_tool(event, assistant, named_tools(allowed)))
            assistant.post(SubmitText("Read my mail."))
            (use,) = (await witness.next(TurnFinished)).tools
            assert use.allowed is used
            assert bool(tools.used) is used

    asyncio.run(run())
    assert ("mail__read was not allowed" in capsys.readouterr().err) is not used


def test_what_others_wrote_gets_no_tool_used_that_was_named_beforehand(
    capsys: pytest.CaptureFixture[str],
) -> None:
    async def run() -> None:
        parts, chat, tools = fake_parts(), FakeChat(), FakeTools(MAIL, SEND)
        chat.wishes = [(ToolCall("1", "mail__read", "{}"),), (ToolCall("2", "mail__send", "{}"),)]
        parts.chat, parts.tools = chat, tools
        async with running(parts) as (assistant, witness):
            assistant.subscribe(lambda event: judge_tool(event, assistant, named_tools("mail__send,all")))
            assistant.post(SubmitText("Read my mail."))
            await witness.next(TurnFinished)
        assert [name for name, _ in tools.used] == ["mail__read"]

    asyncio.run(run())
    assert "mail__send was not allowed: the answer builds on text from outside" in capsys.readouterr().err


def test_the_sources_of_an_answer_are_listed_below_it() -> None:
    told = Citation("i1", "2026-03-04 10:00", "La hermana del usuario se llama Lucía.", MemoryKind.FACT)
    long = Citation(
        "d#2", "dentist.md", "The dentist\nis " + "far " * 100, MemoryKind.DOCUMENT, created_at=1.0
    )
    assert sources(()) == ""
    *_, heading, first, second = sources((told, long)).splitlines()
    assert heading == "Sources:"
    assert first == "- 2026-03-04 10:00, “La hermana del usuario se llama Lucía.”"
    assert "1970-01-0" in second
    assert "dentist.md, “The dentist is far" in second
    assert second.endswith("…”")


def test_a_question_that_leaves_no_trace_recalls_nothing() -> None:
    async def run() -> None:
        parts, chat = fake_parts(), FakeChat()
        parts.chat, parts.tools = chat, FakeTools(MAIL, PAST)
        async with running(parts) as (assistant, _):
            for remember in (True, False):
                await assistant.ask("What did I say?", asked_at=0.0, remember=remember)
        assert chat.offered == [(PAST, MAIL), (MAIL,)]

    asyncio.run(run())

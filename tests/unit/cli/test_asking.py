"""Tools on the command line, where nobody can be asked."""

from __future__ import annotations

import asyncio

import pytest

from jarvis_desktop.cli.turns import judge_tool
from jarvis_desktop.events import SubmitText, TurnFinished
from jarvis_desktop.ports import ToolCall, ToolSpec
from tests.fakes import FakeChat, FakeTools, fake_parts
from tests.unit.assistant.harness import running

MAIL = ToolSpec("mail__read", "Read mail", "Reads mail.", {"type": "object"}, server="mail")


@pytest.mark.parametrize(
    ("allowed", "used"), [("all", True), ("calculator,mail__read", True), ("calculator", False), ("", False)]
)
def test_only_what_was_allowed_beforehand_is_used(
    allowed: str, used: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    async def run() -> None:
        parts, chat, tools = fake_parts(), FakeChat(), FakeTools(MAIL)
        chat.wishes = [(ToolCall("1", "mail__read", "{}"),)]
        parts.chat, parts.tools = chat, tools
        async with running(parts) as (assistant, witness):
            assistant.subscribe(lambda event: judge_tool(event, assistant, allowed.split(",")))
            assistant.post(SubmitText("Read my mail."))
            (use,) = (await witness.next(TurnFinished)).tools
            assert use.allowed is used
            assert bool(tools.used) is used

    asyncio.run(run())
    assert ("mail__read was not allowed" in capsys.readouterr().err) is not used

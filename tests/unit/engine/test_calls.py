"""Wishes for tools: as engines stream them, and as small models write them."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema_rs import is_valid

from jarvis_desktop.engine.calls import WrittenCalls
from jarvis_desktop.ports import ChatOptions, ToolCall, ToolSpec
from tests.unit.engine.scripted_server import DONE, Exchange, event, token, usage
from tests.unit.engine.test_client import answer, refusal, replies, text_of

TOOLS = (ToolSpec("calculator", "Calculator", "Works out arithmetic.", {"type": "object"}),)
OFFER = ChatOptions(tools=TOOLS)
WISH = '{"name": "calculator", "arguments": {"expression": "12*7"}}'


def piece(*pieces: object) -> bytes:
    return event({"choices": [{"delta": {"tool_calls": list(pieces)}, "finish_reason": None}]})


def function(index: int, **function: str) -> dict[str, object]:
    return {"index": index, "function": function}


FINISH = event({"choices": [{"delta": {}, "finish_reason": "tool_calls"}]})


def test_a_tool_that_has_to_be_asked_for_is_required_of_the_engine() -> None:
    reply = replies(piece(function(0, name="calculator")), FINISH, usage(1, 1), DONE)
    _, must = answer(reply, options=replace(OFFER, must_call=True))
    _, may = answer(reply, options=OFFER)
    assert must.requests[0].body["tool_choice"] == "required"
    assert "tool_choice" not in may.requests[0].body


def test_an_engine_that_does_not_heed_that_is_held_to_write_a_call() -> None:
    parameters = {
        "type": "object",
        "properties": {"x": {"$ref": "#/$defs/N"}},
        "$defs": {"N": {"type": "string"}},
    }
    tools = (*TOOLS, ToolSpec("other", "Other", "Another one.", parameters))
    options = replace(OFFER, tools=tools, must_call=True)
    deltas, server = answer(replies(token(WISH), usage(1, 1), DONE), options=options, heeds_tool_choice=False)
    assert [call.name for call in deltas[-1].calls] == ["calculator"]
    body = server.requests[0].body
    assert "tool_choice" not in body
    schema = body["response_format"]["json_schema"]["schema"]
    calls = {
        WISH: True,
        '{"name": "other", "arguments": {"x": "y"}}': True,
        '{"name": "other", "arguments": {"x": 5}}': False,
        '{"name": "other"}': False,
        '{"name": "third", "arguments": {}}': False,
    }
    assert {call: is_valid(schema, json.loads(call)) for call in calls} == calls


def test_tools_are_offered_as_the_protocol_has_it_and_calls_are_put_together() -> None:
    first = {**function(0, name="calculator", arguments=""), "id": "a", "type": "function"}
    deltas, server = answer(
        replies(
            token("Let me see."),
            piece(first),
            piece(function(0, arguments='{"expression":')),
            piece(function(1, name="calculator", arguments="{}"), function(0, arguments=' "12*7"}')),
            FINISH,
            usage(10, 9),
            DONE,
        ),
        options=OFFER,
    )
    assert text_of(deltas) == "Let me see."
    assert deltas[-1].calls == (
        ToolCall("a", "calculator", '{"expression": "12*7"}'),
        ToolCall("call-1", "calculator", "{}"),
    )
    assert deltas[-1].usage is not None
    assert server.requests[0].body["tools"] == [
        {
            "type": "function",
            "function": {
                "name": "calculator",
                "description": "Works out arithmetic.",
                "parameters": {"type": "object"},
            },
        }
    ]


@pytest.mark.parametrize(
    "pieces",
    [
        ["x"],
        [{"index": "x"}],
        [{"function": "x"}],
        [{"function": {"name": 3}}],
        [{"function": {"arguments": {"a": 1}}}],
    ],
)
def test_garbled_calls_are_an_error_and_no_crash(pieces: list[object]) -> None:
    assert refusal(replies(piece(*pieces), FINISH, DONE), options=OFFER).code == "engine.bad_answer"


@pytest.mark.parametrize(
    "text",
    [WISH, f"```json\n{WISH}\n```", f"<tool_call>\n{WISH}\n</tool_call>", f"\n {WISH}\n", f"```\n{WISH}```"],
)
def test_a_call_written_as_text_is_a_call_and_is_not_shown(text: str) -> None:
    deltas, _ = answer(replies(*map(token, text), token("", "stop"), DONE), options=OFFER)
    assert text_of(deltas) == ""
    assert [(call.name, json.loads(call.arguments)) for call in deltas[-1].calls] == [
        ("calculator", {"expression": "12*7"})
    ]


def test_without_an_offer_such_text_is_an_answer() -> None:
    deltas, server = answer(replies(*map(token, WISH), token("", "stop"), DONE))
    assert text_of(deltas) == WISH
    assert deltas[-1].calls == ()
    assert "tools" not in server.requests[0].body


def written(text: str, size: int = 1) -> tuple[str, list[str], int]:
    """What is shown, the names called, and how much was shown before the end."""
    calls = WrittenCalls(["calculator"])
    shown = "".join(calls.push(text[start : start + size]) for start in range(0, len(text), size))
    rest, found = calls.finish()
    return shown + rest, [call.name for call in found], len(shown)


@pytest.mark.parametrize(
    "text",
    [
        "Hello.",
        '{"name": "Ana", "age": 3}',
        '{"name": "rm", "arguments": {}}',
        '{"name": "calculator"}',
        '{"name": "calculator", "arguments": "12*7"}',
        '{"name": "calculator", "arguments": {"expression": "12',
        "```python\nprint(1)\n```",
        "```",
        "<b>",
        "   ",
        "",
    ],
)
def test_what_is_no_call_is_shown_to_the_letter(text: str) -> None:
    assert written(text)[:2] == (text, [])


def test_an_answer_is_held_back_no_longer_than_it_may_be_a_call() -> None:
    text = '{"answer": 42, "more": "' + "x" * 50 + '"}'
    assert written(text)[2] == len(text)
    assert written("Four.")[2] == len("Four.")


def test_a_model_that_goes_on_after_its_call_is_stopped() -> None:
    async def script(exchange: Exchange) -> None:
        await exchange.chunked_head()
        for letter in WISH:
            await exchange.chunk(token(letter))
        for _ in range(3):
            await exchange.chunk(token(WISH))
        await exchange.left()

    deltas, _ = answer(script, options=OFFER)
    assert text_of(deltas) == ""
    assert [call.name for call in deltas[-1].calls] == ["calculator"]
    assert deltas[-1].usage is not None


@given(st.text(alphabet='{}[]":,`<>ab \n', max_size=40), st.integers(1, 5))
def test_nothing_is_lost_whatever_is_written(text: str, size: int) -> None:
    shown, names, _ = written(text, size)
    assert shown == text
    assert names == []

"""Chat completions over a real socket: shapes, streams, tools, memory, and clients that leave."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from jarvis_desktop.assistant import Parts
from jarvis_desktop.config.schema import Config, Tools
from jarvis_desktop.errors import Category, EngineError, JarvisError
from jarvis_desktop.ports import ChatDelta, ToolCall, ToolResult, ToolSpec
from jarvis_desktop.server import sse
from jarvis_desktop.server.context import Unlimited
from tests.fakes import FakeChat, FakeMemory, FakeTools, fake_parts
from tests.unit.assistant.harness import until
from tests.unit.server.harness import QUESTION, events, served

WEATHER = {
    "type": "function",
    "function": {"name": "weather", "description": "Of a city", "parameters": {"type": "object"}},
}
ASKED_WEATHER = ToolCall("written", "weather", '{"city": "Lima"}')
CLOCK = ToolSpec("clock", "Clock", "Tells the time.", {"type": "object"}, quotes=False)


def asked(
    tmp_path: Path, chat: FakeChat, headers: dict[str, str] | None = None, **body: Any
) -> httpx.Response:
    async def scenario() -> httpx.Response:
        async with served(fake_parts(chat=chat), tmp_path) as api:
            return await api.client.post(
                "/v1/chat/completions", json={"messages": QUESTION, **body}, headers=headers
            )

    return asyncio.run(scenario())


def test_a_whole_answer_tells_its_tokens_and_why_it_ended(tmp_path: Path) -> None:
    answer = asked(tmp_path, FakeChat("I am well.")).json()
    choice = answer["choices"][0]
    assert choice["message"] == {"role": "assistant", "content": "I am well."}
    assert choice["finish_reason"] == "stop"
    usage = answer["usage"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]
    assert usage["completion_tokens"] == 3


def test_a_stream_is_the_answer_in_pieces_and_ends_with_done(tmp_path: Path) -> None:
    response = asked(tmp_path, FakeChat("I am well."), stream=True, stream_options={"include_usage": True})
    assert response.headers["content-type"].startswith("text/event-stream")
    assert response.headers["x-accel-buffering"] == "no"
    *chunks, ended, usage, done = events(response.text)
    assert chunks[0]["choices"][0]["delta"]["role"] == "assistant"
    assert "".join(chunk["choices"][0]["delta"]["content"] for chunk in chunks) == "I am well."
    assert ended["choices"][0]["finish_reason"] == "stop"
    assert usage["choices"] == []
    assert usage["usage"]["completion_tokens"] == 3
    assert done == "[DONE]"


@pytest.mark.parametrize("name", ["jarvis", "fake-chat"])
def test_every_piece_of_an_answer_names_the_model_that_gives_it(tmp_path: Path, name: str) -> None:
    told = events(asked(tmp_path, FakeChat("I am well."), model=name, stream=True).text)
    assert {chunk["model"] for chunk in told[:-1]} == {"fake-chat"}
    assert asked(tmp_path, FakeChat("I am well."), model=name).json()["model"] == "fake-chat"


def test_behind_a_proxy_that_breaks_streams_the_events_come_as_one_plain_body(tmp_path: Path) -> None:
    headers = {"X-Jarvis-No-Stream": "1"}
    response = asked(tmp_path, FakeChat("I am well."), headers, stream=True)
    assert int(response.headers["content-length"]) == len(response.content)
    texts = [event["choices"][0]["delta"].get("content", "") for event in events(response.text)[:-1]]
    assert "".join(texts) == "I am well."


def test_an_answer_that_came_to_its_limit_says_so(tmp_path: Path) -> None:
    class Limited(FakeChat):
        async def stream(self, messages: Any, options: Any) -> Any:
            self.limit = options.max_tokens
            async for delta in super().stream(messages, options):
                yield replace(delta, cut=delta.usage is not None)

    chat = Limited()
    answer = asked(tmp_path, chat, max_completion_tokens=7).json()
    assert answer["choices"][0]["finish_reason"] == "length"
    assert chat.limit == 7


def test_what_a_client_chooses_reaches_the_engine(tmp_path: Path) -> None:
    options = []

    class Chosen(FakeChat):
        async def stream(self, messages: Any, given: Any) -> Any:
            options.append(given)
            yield ChatDelta("{}")

    form = {"type": "json_object"}
    asked(tmp_path, Chosen(), temperature=0.1, top_p=0.5, seed=3, stop="END", response_format=form)
    given = options[0]
    assert (given.temperature, given.top_p, given.seed, given.stop) == (0.1, 0.5, 3, ("END",))
    assert given.response_format == form
    assert given.max_tokens == Config().engine.max_tokens  # as nobody asked for another length


def test_a_tool_of_the_client_is_asked_for_and_its_result_is_read(tmp_path: Path) -> None:
    chat = FakeChat("It is warm in Lima.")
    chat.wishes = [(ASKED_WEATHER,)]

    async def scenario() -> None:
        async with served(fake_parts(chat=chat), tmp_path) as api:
            first = (await api.chat(tools=[WEATHER])).json()["choices"][0]
            assert first["finish_reason"] == "tool_calls"
            (call,) = first["message"]["tool_calls"]
            assert call["function"] == {"name": "weather", "arguments": ASKED_WEATHER.arguments}
            told = {"role": "tool", "tool_call_id": call["id"], "content": "31 degrees"}
            second = await api.chat(tools=[WEATHER], messages=[*QUESTION, first["message"], told])
            assert second.json()["choices"][0]["message"]["content"] == "It is warm in Lima."

    asyncio.run(scenario())
    _, wish, result = chat.prompts[-1]
    assert wish.calls[0].arguments == ASKED_WEATHER.arguments
    assert (result.role, result.content, result.call_id) == ("tool", "31 degrees", wish.calls[0].id)


def test_a_streamed_call_has_an_index(tmp_path: Path) -> None:
    chat = FakeChat()
    chat.wishes = [(ASKED_WEATHER,)]
    told = events(asked(tmp_path, chat, tools=[WEATHER], stream=True).text)
    calls = [each for event in told[:-1] for each in event["choices"][0]["delta"].get("tool_calls", ())]
    assert [call["index"] for call in calls] == [0]
    assert told[-2]["choices"][0]["finish_reason"] == "tool_calls"


def test_with_tool_choice_none_no_tool_is_on_offer(tmp_path: Path) -> None:
    chat = FakeChat()
    chat.wishes = [(ASKED_WEATHER,)]
    answer = asked(tmp_path, chat, tools=[WEATHER], tool_choice="none").json()
    assert answer["choices"][0]["message"]["content"] == chat.reply


@pytest.mark.parametrize(
    ("choice", "offered", "must"),
    [
        ("auto", ["news", "weather"], False),
        ("required", ["news", "weather"], True),
        ({"type": "function", "function": {"name": "weather"}}, ["weather"], True),
    ],
)
def test_a_tool_that_has_to_be_used_is_asked_of_the_engine(
    tmp_path: Path, choice: Any, offered: list[str], must: bool
) -> None:
    options = []

    class Chosen(FakeChat):
        async def stream(self, messages: Any, given: Any) -> Any:
            options.append(given)
            yield ChatDelta("", calls=(ASKED_WEATHER,))

    news = {"type": "function", "function": {"name": "news"}}
    answer = asked(tmp_path, Chosen(), tools=[news, WEATHER], tool_choice=choice).json()
    assert answer["choices"][0]["finish_reason"] == "tool_calls"
    assert ([tool.name for tool in options[0].tools], options[0].must_call) == (offered, must)


@pytest.mark.parametrize(
    ("field", "body"),
    [
        ("n", {"n": 2}),
        ("logprobs", {"logprobs": True}),
        ("logit_bias", {"logit_bias": {"5": 1}}),
        ("temperature", {"temperature": 9}),
        ("max_tokens", {"max_tokens": 2**40}),
        ("stop", {"stop": ["a"] * 100}),
        ("tool_choice", {"tool_choice": "required"}),  # and no tools
        ("tool_choice", {"tool_choice": "weather", "tools": [WEATHER]}),
        (
            "tool_choice",
            {"tool_choice": {"type": "function", "function": {"name": "clock"}}, "tools": [WEATHER]},
        ),
        ("messages", {"messages": []}),
        (
            "messages.0.content.1.type",
            {
                "messages": [
                    {"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "image_url"}]}
                ]
            },
        ),
        ("messages.0.tool_call_id", {"messages": [{"role": "tool", "tool_call_id": "x", "content": "a"}]}),
        ("model", {"model": "gpt-9"}),
        ("jarvis.tools", {"jarvis": {"tools": True}, "tools": [WEATHER]}),
    ],
)
def test_what_cannot_be_followed_is_refused_by_the_name_of_its_field(
    tmp_path: Path, field: str, body: dict[str, Any]
) -> None:
    chat = FakeChat()
    response = asked(tmp_path, chat, **body)
    error = response.json()["error"]
    assert response.status_code in (400, 404)
    assert error["type"] in ("invalid_request_error", "not_found_error")
    assert error["param"].startswith(field)
    assert field.rpartition(".")[2] in error["message"] or field == "model"
    assert not chat.prompts


def test_an_error_before_the_first_word_is_the_status_and_one_after_it_an_event(tmp_path: Path) -> None:
    early, late = FakeChat(""), FakeChat("I am")
    full = EngineError("engine.context_full", "Too long.", "Shorten it.")
    early.error = full
    late.error = EngineError("engine.died", "It stopped.", "Ask again.", Category.TRANSIENT)
    for stream in (False, True):
        response = asked(tmp_path, early, stream=stream)
        assert response.status_code == 400
        assert response.json()["error"] | {"type": "", "param": None} == full.as_json() | {
            "type": "",
            "param": None,
        }
    assert asked(tmp_path, late).status_code == 503
    told = events(asked(tmp_path, late, stream=True).text)
    assert told[-1]["error"]["code"] == "engine.died"


@pytest.mark.parametrize("stream", [True, False])
def test_a_client_that_leaves_ends_the_generation(tmp_path: Path, stream: bool) -> None:
    chat = FakeChat("This answer is never heard to its end.")
    chat.hold = asyncio.Semaphore(2)

    async def scenario() -> None:
        async with served(fake_parts(chat=chat), tmp_path) as api:
            leaving = asyncio.create_task(api.chat(stream=stream))
            await until(lambda: chat.hold is not None and chat.hold.locked())
            assert not chat.aborted
            leaving.cancel()
            await until(lambda: chat.aborted == 1)

    asyncio.run(scenario())


def test_a_stream_without_words_shows_that_it_lives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sse, "PATIENCE_SECONDS", 0.01)
    monkeypatch.setattr(sse, "HEARTBEAT_SECONDS", 0.01)
    chat = FakeChat("I am well.")
    chat.hold = asyncio.Semaphore(0)

    async def scenario() -> list[str]:
        async with served(fake_parts(chat=chat), tmp_path) as api:
            body = {"messages": QUESTION, "stream": True}
            async with api.client.stream("POST", "/v1/chat/completions", json=body) as response:
                lines = response.aiter_lines()
                first = await anext(lines)
                assert chat.hold is not None
                for _ in range(3):
                    chat.hold.release()
                return [first, *[line async for line in lines]]

    first, *others = asyncio.run(scenario())
    assert first.startswith(":")  # a comment, which clients of event streams pass over
    assert others[-2] == "data: [DONE]"


def test_a_stream_that_fails_late_tells_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sse, "PATIENCE_SECONDS", 0.01)
    monkeypatch.setattr(sse, "HEARTBEAT_SECONDS", 0.01)
    seen = asyncio.Event()

    class Full(Unlimited):
        @asynccontextmanager
        async def place(self, client: str) -> AsyncIterator[None]:
            await seen.wait()
            raise JarvisError("server.busy", "Busy.", "Ask again.", Category.TRANSIENT)
            yield

    async def scenario() -> list[str]:
        async with served(fake_parts(), tmp_path, admission=Full()) as api:
            body = {"messages": QUESTION, "stream": True}
            async with api.client.stream("POST", "/v1/chat/completions", json=body) as response:
                lines = response.aiter_lines()
                first = await anext(lines)
                seen.set()
                return [first, *[line async for line in lines]]

    first, *others = asyncio.run(scenario())
    assert first.startswith(":")
    (told,) = events("\n".join(others))
    assert told["error"]["code"] == "server.busy"


def remembering(reply: str) -> tuple[Parts, FakeChat, FakeMemory]:
    parts = fake_parts(chat=FakeChat(reply))
    parts.memory = FakeMemory()
    assert isinstance(parts.chat, FakeChat)
    return parts, parts.chat, parts.memory


def test_what_is_remembered_is_quoted_and_named_where_it_was_asked_for(tmp_path: Path) -> None:
    parts, chat, memory = remembering("On Tuesday at nine.")

    async def scenario() -> tuple[Any, Any, list[Any]]:
        await memory.remember("The dentist is on Tuesday at nine.", source="diary.txt")
        question = [{"role": "user", "content": "When is the dentist?"}]
        async with served(parts, tmp_path) as api:
            without = (await api.chat(messages=question)).json()
            whole = (await api.chat(messages=question, jarvis={"memory": True})).json()
            stream = await api.chat(messages=question, jarvis={"memory": True}, stream=True)
            return without, whole, events(stream.text)

    without, whole, streamed = asyncio.run(scenario())
    plain, recalled, _ = chat.prompts
    assert plain[0].content == "When is the dentist?"
    assert "> The dentist is on Tuesday at nine." in recalled[0].content  # quoted, as what others wrote
    assert recalled[0].content.endswith("When is the dentist?")
    assert "jarvis" not in without
    for told in (whole["jarvis"], streamed[-2]["jarvis"]):
        assert [cited["source"] for cited in told["citations"]] == ["diary.txt"]
    assert len(memory.items) == 1  # nothing of it was kept


@pytest.mark.parametrize("allowed", ["clock", ""])
def test_tools_of_jarvis_are_used_where_they_are_allowed_already(tmp_path: Path, allowed: str) -> None:
    chat, tools = FakeChat("It is noon."), FakeTools(CLOCK, results={"clock": ToolResult("12:00")})
    chat.wishes = [(ToolCall("1", "clock", "{}"),)]
    parts = fake_parts(chat=chat)
    parts.tools = tools

    async def scenario() -> Any:
        config = Config(tools=Tools(enabled=True, allowed=allowed))
        async with served(parts, tmp_path, config=config) as api:
            return (await api.chat(jarvis={"tools": True})).json()

    answer = asyncio.run(scenario())
    assert answer["choices"][0]["message"]["content"] == "It is noon."
    assert answer["choices"][0]["finish_reason"] == "stop"
    assert [(use["tool"], use["allowed"]) for use in answer["jarvis"]["tools"]] == [("clock", bool(allowed))]
    assert bool(tools.used) is bool(allowed)
    result = chat.prompts[-1][-1].content
    assert ("12:00" in result) is bool(allowed)

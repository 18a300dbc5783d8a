"""The chat client against every way a server can misbehave, on real sockets."""

from __future__ import annotations

import asyncio
import itertools
import json
import logging
from contextlib import aclosing

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jarvis_desktop.engine.client import ChatClient, Endpoint, SseParser
from jarvis_desktop.errors import Category, EngineError
from jarvis_desktop.events import Usage
from jarvis_desktop.ports import ChatDelta, ChatMessage, ChatOptions
from tests.quick_engine import quick_engine
from tests.unit.engine.scripted_server import DONE, Exchange, Script, Server, event, serving, token, usage

QUESTION = (ChatMessage("system", "Be brief."), ChatMessage("user", "What does the canary sing today?"))


async def ask(
    url: str,
    *,
    key: str = "",
    options: ChatOptions | None = None,
    first_token_s: float = 20,
    stall_s: float = 20,
    heeds_tool_choice: bool = True,
) -> list[ChatDelta]:
    endpoint = Endpoint(url, "some-model", key, heeds_tool_choice=heeds_tool_choice)
    client = ChatClient(endpoint, first_token_s=first_token_s, stall_s=stall_s)
    try:
        async with aclosing(client.stream(QUESTION, options or ChatOptions())) as deltas:
            return [delta async for delta in deltas]
    finally:
        await client.aclose()


def answer(script: Script, **arguments: object) -> tuple[list[ChatDelta], Server]:
    """The deltas of one request to a server that follows `script`."""

    async def run() -> tuple[list[ChatDelta], Server]:
        async with serving(script) as server:
            return await ask(server.url, **arguments), server  # type: ignore[arg-type]

    return asyncio.run(asyncio.wait_for(run(), 30))


def refusal(script: Script, **arguments: object) -> EngineError:
    """The error of one request to a server that follows `script`."""
    with pytest.raises(EngineError) as caught:
        answer(script, **arguments)
    return caught.value


def replies(*pieces: bytes) -> Script:
    async def script(exchange: Exchange) -> None:
        await exchange.head()
        for piece in pieces:
            await exchange.send(piece)

    return script


def status(line: str, body: bytes, kind: str = "application/json") -> Script:
    async def script(exchange: Exchange) -> None:
        await exchange.head(line, kind)
        await exchange.send(body)

    return script


def text_of(deltas: list[ChatDelta]) -> str:
    return "".join(delta.text for delta in deltas)


# --- good answers -----------------------------------------------------------------------------------------


def test_streams_text_and_ends_with_usage() -> None:
    role = event({"choices": [{"delta": {"role": "assistant", "content": None}, "finish_reason": None}]})
    deltas, server = answer(
        replies(role, token("¡Hola"), token(", mundo!"), token("", "stop"), usage(12, 5), DONE),
        key="s3cret",
        options=ChatOptions(max_tokens=33, temperature=0.25, stop=("###",)),
    )
    assert text_of(deltas) == "¡Hola, mundo!"
    assert [delta.usage for delta in deltas[:-1]] == [None, None]
    assert deltas[-1].usage is not None
    assert (deltas[-1].usage.prompt_tokens, deltas[-1].usage.completion_tokens) == (12, 5)
    assert deltas[-1].usage.tokens_per_second > 0
    request = server.requests[0]
    assert request.path == "/v1/chat/completions"
    assert request.headers["authorization"] == "Bearer s3cret"
    assert request.body == {
        "model": "some-model",
        "messages": [{"role": m.role, "content": m.content} for m in QUESTION],
        "max_tokens": 33,
        "temperature": 0.25,
        "stop": ["###"],
        "stream": True,
        "stream_options": {"include_usage": True},
    }


def test_tokens_arrive_while_the_server_is_still_writing() -> None:
    async def run() -> str:
        seen = asyncio.Event()

        async def script(exchange: Exchange) -> None:
            await exchange.head()
            await exchange.send(token("first"))
            await seen.wait()  # would never end if the client waited for the rest
            await exchange.send(token(" second", "stop") + DONE)

        async with serving(script) as server:
            client = ChatClient(Endpoint(server.url, "m"))
            text = ""
            async with aclosing(client.stream(QUESTION, ChatOptions())) as deltas:
                async for delta in deltas:
                    text += delta.text
                    seen.set()
            await client.aclose()
            return text

    assert asyncio.run(asyncio.wait_for(run(), 30)) == "first second"


def test_what_is_chosen_is_asked_for_and_a_reply_that_was_cut_says_so() -> None:
    chosen = ChatOptions(top_p=0.5, seed=7, presence_penalty=1.0, response_format={"type": "json_object"})
    cut, server = answer(replies(token("one", "length"), usage(2, 1), DONE), options=chosen)
    whole, _ = answer(replies(token("one", "stop"), usage(2, 1), DONE))
    assert (cut[-1].cut, whole[-1].cut) == (True, False)
    asked = server.requests[0].body
    assert (asked["top_p"], asked["seed"], asked["presence_penalty"]) == (0.5, 7, 1.0)
    assert asked["response_format"] == {"type": "json_object"}
    assert "frequency_penalty" not in asked


def test_a_server_that_counts_nothing_and_says_no_goodbye_still_answers() -> None:
    deltas, _ = answer(replies(token("one"), token(" two", "stop")))
    assert text_of(deltas) == "one two"
    assert deltas[-1].usage is not None
    assert deltas[-1].usage.completion_tokens == 2


def test_what_the_engine_had_read_before_is_told_where_it_tells() -> None:
    counted = {"prompt_tokens": 86, "completion_tokens": 1, "prompt_tokens_details": {"cached_tokens": 74}}
    deltas, _ = answer(replies(token("x", "stop"), event({"choices": [], "usage": counted}), DONE))
    assert deltas[-1].usage == Usage(86, 1, 0.0, 74)


def test_hidden_reasoning_is_not_part_of_the_answer() -> None:
    thought = event({"choices": [{"delta": {"reasoning_content": "hmm"}, "finish_reason": None}]})
    deltas, _ = answer(replies(thought, token("42", "stop"), DONE))
    assert text_of(deltas) == "42"


def test_an_empty_answer_is_an_answer() -> None:
    deltas, _ = answer(replies(token("", "stop"), usage(3, 0), DONE))
    assert deltas == [ChatDelta("", Usage(3, 0, 0.0))]


def test_no_key_sends_no_header() -> None:
    _, server = answer(replies(token("x", "stop"), DONE))
    assert "authorization" not in server.requests[0].headers


# --- faults -----------------------------------------------------------------------------------------------


def test_nobody_listens() -> None:
    async def nobody() -> str:
        async with serving(replies()) as server:
            return server.url  # closed again before the client comes

    with pytest.raises(EngineError) as caught:
        asyncio.run(ask(asyncio.run(nobody())))
    assert caught.value.code == "engine.unreachable"
    assert caught.value.category is Category.TRANSIENT


def test_a_connection_cut_in_mid_answer() -> None:
    error = refusal(replies(token("half an ans")))
    assert error.code == "engine.died"
    assert error.category is Category.TRANSIENT


def test_a_connection_cut_in_mid_chunk() -> None:
    async def script(exchange: Exchange) -> None:
        await exchange.chunked_head()
        await exchange.chunk(token("half"))
        await exchange.send(b"40\r\ndata: {")

    assert refusal(script).code == "engine.died"


def test_a_connection_reset_before_any_answer() -> None:
    async def script(exchange: Exchange) -> None:
        exchange.writer.transport.abort()

    assert refusal(script).code == "engine.died"


def test_what_came_before_the_cut_was_delivered() -> None:
    async def run() -> list[str]:
        async with serving(replies(token("kept "), token("text"))) as server:
            client = ChatClient(Endpoint(server.url, "m"))
            got: list[str] = []

            async def read() -> None:
                async with aclosing(client.stream(QUESTION, ChatOptions())) as deltas:
                    async for delta in deltas:
                        got.append(delta.text)

            with pytest.raises(EngineError):
                await read()
            await client.aclose()
            return got

    assert asyncio.run(run()) == ["kept ", "text"]


def test_an_error_in_mid_stream() -> None:
    broken = event({"error": {"message": "out of slots", "code": 500, "type": "server_error"}})
    error = refusal(replies(token("well"), broken))
    assert error.code == "engine.failed"
    assert "out of slots" in error.message


@pytest.mark.parametrize(
    ("line", "body", "code"),
    [
        ("401 Unauthorized", b'{"error":{"message":"Invalid API Key"}}', "engine.unauthorised"),
        ("403 Forbidden", b"", "engine.unauthorised"),
        ("404 Not Found", b'{"error":{"message":"no such model"}}', "engine.refused"),
        ("429 Too Many Requests", b'{"error":"slow down"}', "engine.busy"),
        ("503 Service Unavailable", b'{"error":{"message":"Loading model"}}', "engine.busy"),
        ("500 Internal Server Error", b"<html>oops</html>", "engine.failed"),
        ("302 Found", b"", "engine.refused"),
        (
            "400 Bad Request",
            b'{"error":{"code":400,"type":"exceed_context_size_error","message":"9 tokens exceed"}}',
            "engine.context_full",
        ),
        (
            "400 Bad Request",
            b'{"error":{"message":"This model\'s maximum context length is 2048 tokens."}}',
            "engine.context_full",
        ),
    ],
)
def test_refusals_by_status(line: str, body: bytes, code: str) -> None:
    assert refusal(status(line, body)).code == code


@pytest.mark.parametrize(
    "pieces",
    [
        (b"this is not what you came for",),
        (b"<html><body>Log in</body></html>\n\n",),
        (event(b"{broken"),),
        (event([1, 2, 3]),),
        (event({"choices": "none"}),),
        (event({"choices": [{"delta": {"content": {"a": 1}}}]}),),
        (event({"choices": [{"delta": "text"}]}),),
        (event(None),),
        (DONE,),
        (b"\xff\xfe\x00garbage\n\n",),
    ],
)
def test_garbage_is_called_garbage(pieces: tuple[bytes, ...]) -> None:
    assert refusal(replies(*pieces)).code == "engine.bad_answer"


def test_something_that_does_not_speak_http() -> None:
    async def script(exchange: Exchange) -> None:
        await exchange.send(b"220 mail.example ESMTP\r\n")

    assert refusal(script).code in {"engine.died", "engine.bad_answer"}


def test_an_address_that_is_none() -> None:
    with pytest.raises(EngineError) as caught:
        asyncio.run(ask("http://[broken/v1"))
    assert caught.value.code in {"engine.bad_answer", "engine.unreachable"}


def test_a_silent_server_times_out() -> None:
    async def script(exchange: Exchange) -> None:
        await exchange.left()

    assert refusal(script, first_token_s=0.05).code == "engine.timeout"


def test_keep_alive_comments_are_no_answer() -> None:
    async def script(exchange: Exchange) -> None:
        await exchange.head()
        while not exchange.reader.at_eof():
            await exchange.send(b": ping\n\n")
            await asyncio.sleep(0.02)

    assert refusal(script, first_token_s=0.05).code == "engine.timeout"


def test_a_stall_in_mid_answer_times_out() -> None:
    async def script(exchange: Exchange) -> None:
        await exchange.head()
        await exchange.send(token("and then"))
        await exchange.left()

    assert refusal(script, stall_s=0.1).code == "engine.timeout"


def test_a_refusal_that_never_ends_times_out() -> None:
    async def script(exchange: Exchange) -> None:
        await exchange.head("500 Internal Server Error", "text/plain")
        await exchange.left()

    assert refusal(script, first_token_s=0.05).code == "engine.timeout"


# --- leaving ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("leave", ["close", "cancel"])
def test_leaving_closes_the_connection(leave: str) -> None:
    """The engine sees the closed socket and aborts; it would otherwise go on generating for nobody."""

    async def run() -> None:
        left = asyncio.Event()
        begun = asyncio.Event()

        async def script(exchange: Exchange) -> None:
            await exchange.head()
            await exchange.send(token("endless"))
            await exchange.left()
            left.set()

        async def read(client: ChatClient) -> None:
            async with aclosing(client.stream(QUESTION, ChatOptions())) as deltas:
                async for _ in deltas:
                    begun.set()
                    if leave == "close":
                        return

        async with serving(script) as server:
            client = ChatClient(Endpoint(server.url, "m"))
            reading = asyncio.create_task(read(client))
            await begun.wait()
            if leave == "cancel":
                reading.cancel()
            await asyncio.wait({reading})
            await left.wait()
            await client.aclose()

    asyncio.run(asyncio.wait_for(run(), 30))


def test_at_whatever_moment_a_client_leaves_its_connection_is_closed() -> None:
    async def read(client: ChatClient) -> None:
        async with aclosing(client.stream(QUESTION, ChatOptions())) as deltas:
            async for _ in deltas:
                pass

    async def run() -> None:
        async with quick_engine(token_s=0.0) as url:
            client = ChatClient(Endpoint(url, "m"))
            for moment in range(500):
                reading = asyncio.create_task(read(client))
                for _ in range(moment % 50):
                    await asyncio.sleep(0)
                reading.cancel()
                await asyncio.wait({reading})
            port = int(url.split(":")[2].removesuffix("/v1"))
            connections = psutil.Process().net_connections("tcp")
            assert [each for each in connections if each.raddr and each.raddr.port == port] == []
            await client.aclose()

    asyncio.run(asyncio.wait_for(run(), 30))


# --- secrets ----------------------------------------------------------------------------------------------


def test_keys_and_words_are_neither_logged_nor_shown(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    echo = json.dumps({"error": {"message": f"cannot parse {QUESTION[1].content}"}}).encode()
    error = refusal(status("400 Bad Request", echo), key="s3cret-key")
    shown = f"{error} {error.params} {Endpoint('http://x/v1', 'm', 's3cret-key')!r} {caplog.text}"
    assert "canary" not in shown
    assert "s3cret-key" not in shown


def test_a_local_engine_is_never_asked_through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # nobody listens there
    deltas, _ = answer(replies(token("direct", "stop"), DONE))
    assert text_of(deltas) == "direct"


# --- server-sent events -----------------------------------------------------------------------------------

LINE_ENDS = st.sampled_from(["\n", "\r\n", "\r"])
TEXT = st.text(st.characters(blacklist_characters="\r\n", blacklist_categories=["Cs"]))


@st.composite
def event_streams(draw: st.DrawFn) -> tuple[bytes, list[str]]:
    """A well-formed stream with its events' data, built from the grammar."""
    stream, expected = "\ufeff" if draw(st.booleans()) else "", []

    def line_end() -> str:
        end = draw(LINE_ENDS)
        return "\r\n" if end == "\n" and stream.endswith("\r") else end  # CR and LF would be one end

    for lines in draw(st.lists(st.lists(TEXT, min_size=1, max_size=3), max_size=5)):
        for line in lines:
            noise = draw(
                st.sampled_from(["", ": a comment", "event: message", "id: 7", "retry", "nonsense: x"])
            )
            stream += (noise + line_end()) if noise else ""
            # the one space after the colon is optional, and taken off
            space = " " if line.startswith(" ") else draw(st.sampled_from([" ", ""]))
            stream += f"data:{space}{line}"
            stream += line_end()
        stream += line_end()
        expected.append("\n".join(lines))
    return stream.encode(), expected


@given(event_streams(), st.lists(st.integers(min_value=0, max_value=400)))
def test_events_are_the_same_in_any_chunking(stream: tuple[bytes, list[str]], cuts: list[int]) -> None:
    data, expected = stream
    bounds = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    parser = SseParser()
    pieces = [data[a:b] for a, b in itertools.pairwise(bounds)]
    assert [found for piece in pieces for found in parser.feed(piece)] == expected


@given(st.lists(st.binary()))
def test_no_bytes_break_the_parser(chunks: list[bytes]) -> None:
    parser, whole = SseParser(), SseParser()
    split = [found for chunk in chunks for found in parser.feed(chunk)]
    assert split == whole.feed(b"".join(chunks))

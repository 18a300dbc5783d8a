"""The one client of every engine: OpenAI's chat protocol as a stream of tokens, over HTTP.

This is the seam where foreign exceptions (httpx, JSON, timeouts) become `EngineError`. The words of a
conversation are neither logged nor put into an error, even when a server echoes them.
"""

from __future__ import annotations

import asyncio
import codecs
import json
import time
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from jarvis_desktop.engine.calls import CallParts, WrittenCalls, call_format
from jarvis_desktop.engine.metrics import vllm_status
from jarvis_desktop.errors import Category, EngineError
from jarvis_desktop.events import EngineMeasured, Reason, Usage
from jarvis_desktop.network.gate import GATE
from jarvis_desktop.ports import ChatDelta, ChatMessage, ChatOptions, ToolCall, ToolSpec

CONNECT_S = 5.0
FIRST_TOKEN_S = 30.0
"""Seconds allowed until the first token, on top of the time the prompt itself may take."""

STALL_S = 20.0
"""Seconds allowed between two tokens."""

_SLOWEST_PROMPT_CHARS_PER_S = 80.0  # 20 tokens/s of 4 characters: half of what one busy core was seen to do
_BODY_LIMIT = 65_536
_DETAIL_LIMIT = 300
_ECHO_LENGTH = 24


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where an engine listens: `base_url` ends in ``/v1``. A `local` one is never asked through a proxy.

    Without `heeds_tool_choice` a call that has to be made is demanded by the form of the reply.
    """

    base_url: str
    model: str
    api_key: str = field(default="", repr=False)
    local: bool = True
    heeds_tool_choice: bool = True


class SseParser:
    """Server-sent events from bytes in any chunking; gives the data of each completed event.

    Follows the HTML standard's "event stream" grammar: LF, CR or CRLF, comments, several data lines, a BOM.
    """

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")(errors="replace")
        self._line = ""
        self._data: list[str] = []
        self._after_cr = False

    def feed(self, chunk: bytes) -> list[str]:
        """Data of the events that `chunk` completes, in order."""
        text = self._decoder.decode(chunk)
        if self._after_cr and text:
            text = text.removeprefix("\n")
            self._after_cr = False
        if text.endswith("\r"):
            self._after_cr = True
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        *lines, self._line = (self._line + text).split("\n")
        return [data for line in lines if (data := self._take(line)) is not None]

    def _take(self, line: str) -> str | None:
        if not line:
            data, self._data = self._data, []
            return "\n".join(data) if data else None
        name, _, value = line.partition(":")
        if name == "data":
            self._data.append(value.removeprefix(" "))
        return None


class ChatClient:
    """Streams replies from one `Endpoint`. Close it with `aclose`."""

    def __init__(
        self, endpoint: Endpoint, *, first_token_s: float = FIRST_TOKEN_S, stall_s: float = STALL_S
    ) -> None:
        self._endpoint = endpoint
        self._first_token_s = first_token_s
        self._stall_s = stall_s
        # Reading certificates takes time.
        self._ssl = httpx.create_ssl_context(verify=endpoint.base_url.startswith("https:"))
        self._http = self._connections()
        self._streaming: set[httpx.AsyncClient] = set()

    async def aclose(self) -> None:
        """Close all connections; streams under way break off."""
        for http in (self._http, *self._streaming):
            await http.aclose()

    def _connections(self) -> httpx.AsyncClient:
        key = self._endpoint.api_key
        return httpx.AsyncClient(
            headers={"Authorization": f"Bearer {key}"} if key else {},
            timeout=httpx.Timeout(None, connect=CONNECT_S),
            trust_env=not self._endpoint.local,
            verify=self._ssl,
            event_hooks={"request": [_announce]},
        )

    @asynccontextmanager
    async def _own_connection(self) -> AsyncIterator[httpx.AsyncClient]:
        """Of one stream. Now and then httpx forgets the connection of a request that is cancelled while it is
        sent: it stays open, and when a hundred are forgotten, all further requests wait for ever.
        """
        http = self._connections()
        self._streaming.add(http)
        try:
            yield http
        finally:
            self._streaming.discard(http)
            await http.aclose()

    async def healthy(self) -> bool:
        """Whether a local engine takes itself for sound (``/health`` of llama.cpp and vLLM)."""
        url = self._endpoint.base_url.removesuffix("/v1") + "/health"
        try:
            return (await self._http.get(url, timeout=CONNECT_S)).status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False

    async def status(self) -> EngineMeasured | None:
        """What the engine tells at ``/metrics``, as vLLM does; None where there is nothing to read."""
        url = self._endpoint.base_url.removesuffix("/v1") + "/metrics"
        try:
            response = await self._http.get(url, timeout=CONNECT_S)
        except httpx.HTTPError:
            return None
        return vllm_status(response.text) if response.status_code == httpx.codes.OK else None

    async def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """One request beside the chat, e.g. to ``/tokenize``, and its answer; the server's own path.

        Raises `EngineError`: `engine.unreachable`, `.timeout`, `.failed`, `.bad_answer`.
        """
        url = self._endpoint.base_url.removesuffix("/v1") + path
        limit_s = self._first_token_s + len(str(body)) / _SLOWEST_PROMPT_CHARS_PER_S
        try:
            request = {"model": self._endpoint.model, **body}
            response = await self._http.post(url, json=request, timeout=limit_s)
            if response.status_code != httpx.codes.OK:
                raise self._refusal(response.status_code, response.text, ())
            answer = response.json()
        except httpx.TimeoutException as error:
            raise _timeout() from error
        except httpx.HTTPError as error:
            raise self._unreachable() from error
        except ValueError as error:
            raise self._bad_answer() from error
        if not isinstance(answer, dict):
            raise self._bad_answer()
        return answer

    async def stream(
        self, messages: Sequence[ChatMessage], options: ChatOptions
    ) -> AsyncGenerator[ChatDelta, None]:
        """Tokens as they come; the last delta carries the usage.

        Closing the iterator closes the connection, which makes the engine abort. Raises `EngineError`:
        `engine.unreachable`, `.died`, `.timeout`, `.unauthorised`, `.context_full`, `.busy`, `.refused`,
        `.failed`, `.bad_answer`.
        """
        try:
            async with aclosing(self._stream(messages, options)) as deltas:
                async for delta in deltas:
                    yield delta
        except TimeoutError as error:
            raise _timeout() from error
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise self._unreachable() from error
        except (httpx.NetworkError, httpx.ProtocolError) as error:
            raise _died() from error
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            raise self._bad_answer() from error

    async def _stream(
        self, messages: Sequence[ChatMessage], options: ChatOptions
    ) -> AsyncGenerator[ChatDelta, None]:
        clock = asyncio.get_running_loop().time
        length = sum(len(message.content) for message in messages) + len(str(_wire_tools(options.tools)))
        prompt_s = length / _SLOWEST_PROMPT_CHARS_PER_S
        deadline = clock() + self._first_token_s + prompt_s
        async with self._own_connection() as http:
            async with asyncio.timeout_at(deadline):
                response = await http.send(self._request(http, messages, options), stream=True)
            try:
                if response.status_code != httpx.codes.OK:
                    async with asyncio.timeout_at(deadline):
                        raise self._refusal(response.status_code, await _body(response), messages)
                reply, parser, chunks = _Reply(options.tools), SseParser(), response.aiter_bytes()
                while not reply.done:
                    async with asyncio.timeout_at(deadline):
                        chunk = await anext(chunks, None)
                    if chunk is None:
                        break
                    for data in parser.feed(chunk):
                        progress, text = self._take(reply, data, messages)
                        if progress:
                            deadline = clock() + self._stall_s
                        if text:
                            yield ChatDelta(text)
            finally:
                await response.aclose()
        if not reply.complete:
            raise _died() if reply.begun else self._bad_answer()
        text, calls = reply.finish()
        yield ChatDelta(text, reply.usage(), calls=calls, cut=reply.cut)

    def _request(
        self, http: httpx.AsyncClient, messages: Sequence[ChatMessage], options: ChatOptions
    ) -> httpx.Request:
        body: dict[str, Any] = {
            "model": self._endpoint.model,
            "messages": [_wire_message(message) for message in messages],
            "max_tokens": options.max_tokens,
            "temperature": options.temperature,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        if options.stop:
            body["stop"] = list(options.stop)
        for name in ("top_p", "seed", "frequency_penalty", "presence_penalty", "response_format"):
            if (value := getattr(options, name)) is not None:
                body[name] = value
        if options.tools:
            body["tools"] = _wire_tools(options.tools)
        if options.must_call:
            if self._endpoint.heeds_tool_choice:
                body["tool_choice"] = "required"
            else:
                body["response_format"] = call_format(options.tools)
        url = self._endpoint.base_url.rstrip("/") + "/chat/completions"
        return http.build_request("POST", url, json=body)

    def _take(self, reply: _Reply, data: str, messages: Sequence[ChatMessage]) -> tuple[bool, str]:
        """Add one event to `reply`; whether the engine made progress, and the new text."""
        if data.strip() == "[DONE]":
            reply.done = True
            return True, ""
        try:
            payload = json.loads(data)
            if "error" in payload:
                status = payload["error"].get("code") if isinstance(payload["error"], dict) else None
                raise self._refusal(status if isinstance(status, int) else 500, data, messages)
            return reply.add(payload)
        except (ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
            raise self._bad_answer() from error

    def _refusal(self, status: int, body: str, messages: Sequence[ChatMessage]) -> EngineError:
        """The error for an answer that is none."""
        if status in (401, 403):
            return EngineError(
                "engine.unauthorised",
                "The language engine at {address} refused the key.",
                "Set the environment variable JARVIS_REMOTE_API_KEY to a key that is valid there.",
                address=self._endpoint.base_url,
            )
        if _is_context_full(body):
            return EngineError(
                "engine.context_full",
                "The conversation is longer than the model can read.",
                "Start a new conversation, or raise engine.context_tokens in the settings.",
            )
        detail = _detail(body, messages)
        if status in (429, 503):
            return EngineError(
                "engine.busy",
                "The language engine is busy: {detail}",
                "Try again in a moment.",
                Category.TRANSIENT,
                detail=detail,
            )
        if status >= 500:
            return EngineError(
                "engine.failed",
                "The language engine failed: {detail}",
                "Ask again; if it keeps failing, look at the log.",
                Category.TRANSIENT,
                detail=detail,
            )
        return EngineError(
            "engine.refused",
            "The language engine refused the request ({status}): {detail}",
            "Check the engine's address and model in the settings.",
            status=status,
            detail=detail,
        )

    def _unreachable(self) -> EngineError:
        return EngineError(
            "engine.unreachable",
            "No language engine answers at {address}.",
            "Check that the server runs and that its address is right.",
            Category.TRANSIENT,
            address=self._endpoint.base_url,
        )

    def _bad_answer(self) -> EngineError:
        return EngineError(
            "engine.bad_answer",
            "What answers at {address} is not a language engine, or its answer is garbled.",
            "The server has to speak OpenAI's protocol; its address usually ends in /v1.",
            address=self._endpoint.base_url,
        )


class _Reply:
    """What has arrived of one reply to a question that offered `tools`."""

    def __init__(self, tools: Sequence[ToolSpec]) -> None:
        self._calls = CallParts()
        self._written = WrittenCalls([tool.name for tool in tools])
        self.done = False
        self.begun = False
        self.cut = False
        self._finished = False
        self._usage: dict[str, Any] = {}
        self._pieces = 0
        self._first_at = self._last_at = 0.0

    @property
    def complete(self) -> bool:
        """The engine said that it had finished (some servers leave out the closing [DONE])."""
        return self.begun and (self.done or self._finished)

    def add(self, payload: dict[str, Any]) -> tuple[bool, str]:
        """Take one chunk; whether it shows progress (what is not shown does too), and its visible text."""
        self._usage = payload.get("usage") or self._usage
        choices = payload.get("choices")
        if not choices:
            return bool(self._usage), ""
        self.begun = True
        self._finished = self._finished or bool(choices[0].get("finish_reason"))
        self.cut = self.cut or choices[0].get("finish_reason") == "length"
        delta = choices[0].get("delta") or {}
        text = delta.get("content") or ""
        if not isinstance(text, str):
            raise TypeError("content is not text")
        hidden = delta.get("reasoning_content") or delta.get("reasoning") or delta.get("tool_calls")
        self._calls.add(delta.get("tool_calls") or ())
        if text or hidden:
            self._last_at = time.perf_counter()
            self._first_at = self._first_at or self._last_at
            self._pieces += 1
        shown = self._written.push(text)
        self.done = self.done or self._written.complete
        return bool(text or hidden), shown

    def finish(self) -> tuple[str, tuple[ToolCall, ...]]:
        """The rest of the text, and the tools asked for."""
        text, written = self._written.finish()
        return text, (*self._calls.finish(), *written)

    def usage(self) -> Usage:
        """Tokens as the engine counted them (else pieces), and the rate between the first and the last."""
        tokens = int(self._usage.get("completion_tokens") or self._pieces)
        seconds = self._last_at - self._first_at
        details = self._usage.get("prompt_tokens_details") or {}
        return Usage(
            prompt_tokens=int(self._usage.get("prompt_tokens") or 0),
            completion_tokens=tokens,
            tokens_per_second=round((tokens - 1) / seconds, 2) if tokens > 1 and seconds > 0 else 0.0,
            cached_tokens=details.get("cached_tokens"),
        )


def _wire_message(message: ChatMessage) -> dict[str, Any]:
    wired: dict[str, Any] = {"role": message.role, "content": message.content}
    if message.calls:
        wired["tool_calls"] = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
            for call in message.calls
        ]
    if message.call_id:
        wired["tool_call_id"] = message.call_id
    return wired


def _wire_tools(tools: Sequence[ToolSpec]) -> list[dict[str, Any]]:
    return [
        {
            "type": "function",
            "function": {
                "name": tool.name,
                "description": tool.description,
                "parameters": tool.parameters,
            },
        }
        for tool in tools
    ]


async def _announce(request: httpx.Request) -> None:
    GATE.announce_url(Reason.REMOTE_ENGINE, str(request.url), who="engine")


async def _body(response: httpx.Response) -> str:
    """The beginning of an error's body."""
    body = b""
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) >= _BODY_LIMIT:
            break
    return body[:_BODY_LIMIT].decode(errors="replace")


def _is_context_full(body: str) -> bool:
    """llama.cpp, OpenAI and vLLM (which has no code for it) in turn."""
    marks = ("exceed_context_size", "context_length_exceeded", "maximum context length", "max_model_len")
    return any(mark in body for mark in marks)


def _detail(body: str, messages: Sequence[ChatMessage]) -> str:
    """The server's own explanation, unless it repeats what was said."""
    try:
        error = json.loads(body)
        error = error.get("error", error)
        text = error if isinstance(error, str) else str(error["message"])
    except (ValueError, KeyError, AttributeError, TypeError):
        return "no explanation"
    said = (message.content.strip()[:_ECHO_LENGTH] for message in messages)
    if any(words and words in text for words in said):
        return "no explanation"
    return " ".join(text.split())[:_DETAIL_LIMIT] or "no explanation"


def _timeout() -> EngineError:
    return EngineError(
        "engine.timeout",
        "The language engine has stopped answering.",
        "Ask again; a smaller model or a shorter context answers sooner.",
        Category.TRANSIENT,
    )


def _died() -> EngineError:
    return EngineError(
        "engine.died",
        "The language engine stopped in the middle of the answer.",
        "Ask again: it is started anew.",
        Category.TRANSIENT,
    )

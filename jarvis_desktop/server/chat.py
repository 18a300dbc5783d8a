"""Chat completions: an answer at once, or as it is generated."""

from __future__ import annotations

import time
import uuid
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import asdict
from typing import Any, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel

from jarvis_desktop.events import Scope, Usage
from jarvis_desktop.ports import ChatDelta, ChatRequest, Grounds, ToolCall
from jarvis_desktop.server.chat_request import Call, ChatBody, Function, chat_request, new_id
from jarvis_desktop.server.context import Client, Ctx, ServerContext, require
from jarvis_desktop.server.models import check_model
from jarvis_desktop.server.sse import Events, event_response, while_connected

router = APIRouter(tags=["chat"])

Ending = Literal["stop", "length", "tool_calls"]


class Answer(BaseModel):
    """What the model says, or asks for."""

    role: Literal["assistant"] = "assistant"
    content: str | None
    tool_calls: list[Call] | None = None


class Choice(BaseModel):
    """There is one."""

    index: int = 0
    message: Answer
    finish_reason: Ending


class ReadTokens(BaseModel):
    cached_tokens: int


class Tokens(BaseModel):
    """What was read and written."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    prompt_tokens_details: ReadTokens | None = None


class JarvisAnswer(BaseModel):
    """What the answer rests on: notes of the memory, and uses of Jarvis' own tools."""

    citations: list[dict[str, Any]]
    tools: list[dict[str, Any]]


class ChatCompletion(BaseModel):
    """OpenAI's answer; `jarvis` is there when memory or tools were asked for."""

    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str
    choices: list[Choice]
    usage: Tokens
    jarvis: JarvisAnswer | None = None


@router.post(
    "/v1/chat/completions",
    summary="Go on with a conversation",
    response_model=ChatCompletion,
    response_model_exclude_none=True,
    responses={
        200: {
            "description": "The answer, or with `stream` its pieces as server-sent events. With the header "
            "X-Jarvis-No-Stream those come as one body, for proxies that break streams.",
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
        }
    },
)
async def complete_chat(body: ChatBody, request: Request, context: Ctx, client: Client) -> Any:
    """Nothing of it is kept. A client that leaves ends the generation."""
    check_scopes(request, body)
    if not body.stream:
        return await while_connected(request, completed(context, client, body))
    return await event_response(request, _chunks(context, client, body))


def check_scopes(request: Request, body: ChatBody) -> None:
    """Raise `RequestError` when the body asks for more than the route needs, and the client may not."""
    if body.jarvis.memory:
        require(request, Scope.MEMORY)


async def completed(
    context: ServerContext, client: str, body: ChatBody, tell: Callable[[int], None] = lambda tokens: None
) -> ChatCompletion:
    """The whole answer; `tell` hears how many tokens are there. Raises `JarvisError`."""
    text, tokens, reply = "", 0, _Reply(body, check_model(context, body.model, "chat"))
    async with aclosing(_answer(context, client, chat_request(body), lambda: tell(0))) as deltas:
        async for delta in deltas:
            if isinstance(delta, ChatDelta):
                text += delta.text
                tokens += bool(delta.text)
                tell(tokens)
            reply.take(delta)
    answer = Answer(content=text or None if reply.calls else text, tool_calls=reply.calls or None)
    return ChatCompletion(
        id=reply.id,
        created=reply.created,
        model=reply.model,
        choices=[Choice(message=answer, finish_reason=reply.ending)],
        usage=_tokens(reply.usage),
        jarvis=reply.jarvis,
    )


async def _chunks(context: ServerContext, client: str, body: ChatBody) -> Events:
    reply, begun = _Reply(body, check_model(context, body.model, "chat")), False
    async with aclosing(_answer(context, client, chat_request(body))) as deltas:
        async for delta in deltas:
            reply.take(delta)
            if not begun:
                begun = True
                yield reply.chunk({"role": "assistant", "content": ""})
            if isinstance(delta, ChatDelta) and delta.text:
                yield reply.chunk({"content": delta.text})
    if reply.calls:
        calls = [{"index": number, **call.model_dump()} for number, call in enumerate(reply.calls)]
        yield reply.chunk({"tool_calls": calls})
    yield reply.chunk({}, reply.ending)
    if body.wants_usage:
        yield {**reply.chunk({}), "choices": [], "usage": _tokens(reply.usage).model_dump(exclude_none=True)}
    yield "[DONE]"


async def _answer(
    context: ServerContext, client: str, asked: ChatRequest, admitted: Callable[[], None] = lambda: None
) -> AsyncGenerator[ChatDelta | Grounds, None]:
    """The answer as the core gives it, once it is the client's turn, which `admitted` hears."""
    async with context.admission.place(client):
        admitted()
        async with aclosing(context.link.stream(lambda: context.service.chat(asked))) as deltas:
            async for delta in deltas:
                yield delta


class _Reply:
    """What is known of an answer beside its text; all its chunks name the same `model`."""

    def __init__(self, body: ChatBody, model: str) -> None:
        self.id = new_id("chatcmpl")
        self.created = int(time.time())
        self.model = model
        self.calls: list[Call] = []
        self.usage = Usage()
        self.jarvis: JarvisAnswer | None = None
        self._cut = False
        self._told = False
        self._body = body

    def take(self, delta: ChatDelta | Grounds) -> None:
        """Note what a piece tells."""
        if isinstance(delta, Grounds):
            if self._body.jarvis.memory or self._body.jarvis.tools:
                told = asdict(delta)
                self.jarvis = JarvisAnswer(citations=told["citations"], tools=told["tools"])
            return
        self.calls += _calls(delta.calls)
        self.usage = delta.usage or self.usage
        if not self._told:
            self.model = delta.model or self.model
        self._cut = self._cut or delta.cut

    @property
    def ending(self) -> Ending:
        if self.calls:
            return "tool_calls"
        return "length" if self._cut else "stop"

    def chunk(self, delta: Mapping[str, Any], ending: Ending | None = None) -> dict[str, Any]:
        """One event of a stream."""
        self._told = True
        data: dict[str, Any] = {
            "id": self.id,
            "object": "chat.completion.chunk",
            "created": self.created,
            "model": self.model,
            "choices": [{"index": 0, "delta": delta, "finish_reason": ending}],
        }
        if self._body.wants_usage:
            data["usage"] = None
        if ending is not None and self.jarvis is not None:
            data["jarvis"] = self.jarvis.model_dump()
        return data


def _calls(calls: Sequence[ToolCall]) -> list[Call]:
    """Ids of our own: engines give the same ones again, and templates are particular."""
    return [
        Call(id=uuid.uuid4().hex[:9], function=Function(name=call.name, arguments=call.arguments))
        for call in calls
    ]


def _tokens(usage: Usage) -> Tokens:
    return Tokens(
        prompt_tokens=usage.prompt_tokens,
        completion_tokens=usage.completion_tokens,
        total_tokens=usage.prompt_tokens + usage.completion_tokens,
        prompt_tokens_details=None
        if usage.cached_tokens is None
        else ReadTokens(cached_tokens=usage.cached_tokens),
    )

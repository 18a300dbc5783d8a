"""What a client may ask of the chat: OpenAI's request, as far as an engine on this machine can follow it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, model_validator

from jarvis_desktop.ports import ChatMessage, ChatOptions, ChatRequest, ToolCall, ToolSpec
from jarvis_desktop.server.errors import RequestError

DEFAULT_MODEL = "jarvis"
"""Name by which every client finds the model that the settings choose."""

MOST_MESSAGES = 2_000
MOST_TOOLS = 128
MOST_STOPS = 16
"""The engine looks for each of them behind each token."""

_SEEDS = 2**31


T = TypeVar("T")
Listed = Annotated[list[T], Field(fail_fast=True)]
"""A list of which the first wrong item is told: to tell of a million takes a minute."""


class Part(BaseModel):
    """A part of a request: a text is no number, and a number no switch."""

    model_config = ConfigDict(strict=True, allow_inf_nan=False)


class Body(Part):
    """A request that holds nothing unknown: what is not heeded would be missed."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _few(cls, data: Any) -> Any:
        """Of very many fields an unknown one is among the first, and it is enough to tell of that."""
        return dict(islice(data.items(), len(cls.model_fields) + 1)) if isinstance(data, dict) else data


class Function(Part):
    """A function that the model has asked for; `arguments` is JSON as the model wrote it."""

    name: str
    arguments: str = "{}"


class Call(Part):
    """A use of a client's tool that the model has asked for."""

    id: str
    type: Literal["function"] = "function"
    function: Function


class ContentPart(Part):
    """A part of a message. Only texts are read here."""

    type: str
    text: str | None = None


class Message(Part):
    """One message of the conversation."""

    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: str | Listed[ContentPart] | None = None
    tool_calls: Listed[Call] | None = None
    tool_call_id: str | None = None


class FunctionOffer(Part):
    """A function of the client's; `parameters` is a JSON schema."""

    name: str = Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")
    description: str = ""
    parameters: dict[str, Any] = Field(default_factory=lambda: {"type": "object", "properties": {}})


class ToolOffer(Part):
    """A tool that the client will use when the model asks for it."""

    type: Literal["function"]
    function: FunctionOffer


class ChosenFunction(Part):
    name: str


class ToolChoice(Part):
    """The one tool that the model has to ask for."""

    type: Literal["function"]
    function: ChosenFunction


class StreamOptions(Part):
    include_usage: bool = False


class ResponseFormat(Part):
    """``json_object`` and ``json_schema`` hold the answer to JSON."""

    model_config = ConfigDict(extra="allow")

    type: Literal["text", "json_object", "json_schema"]


class JarvisOptions(Body):
    """With `memory`, what Jarvis remembers may help; with `tools`, its own that are always allowed."""

    memory: bool = False
    tools: bool = False


class ChatBody(Body):
    """OpenAI's request for a chat completion, and `jarvis` beside it."""

    model: str = DEFAULT_MODEL
    messages: Listed[Message] = Field(min_length=1, max_length=MOST_MESSAGES)
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    max_tokens: int | None = Field(None, ge=1, lt=2**31)
    max_completion_tokens: int | None = Field(None, ge=1, lt=2**31)
    temperature: float | None = Field(None, ge=0, le=2)
    top_p: float | None = Field(None, gt=0, le=1)
    seed: int | None = Field(None, ge=-(2**63), lt=2**63)
    frequency_penalty: float | None = Field(None, ge=-2, le=2)
    presence_penalty: float | None = Field(None, ge=-2, le=2)
    stop: str | Annotated[Listed[str], Field(max_length=MOST_STOPS)] | None = None
    tools: Listed[ToolOffer] | None = Field(None, max_length=MOST_TOOLS)
    tool_choice: Literal["none", "auto", "required"] | ToolChoice | None = None
    response_format: ResponseFormat | None = None
    n: int | None = Field(1, ge=1, le=1)
    logprobs: bool | None = False
    jarvis: JarvisOptions = JarvisOptions()

    # Of no effect here, and no harm.
    user: str | None = None
    store: bool | None = None
    metadata: dict[str, Any] | None = None
    service_tier: str | None = None
    parallel_tool_calls: bool | None = None
    reasoning_effort: str | None = None
    verbosity: str | None = None
    safety_identifier: str | None = None
    prompt_cache_key: str | None = None

    @property
    def wants_usage(self) -> bool:
        """Whether the last chunk of a stream is to tell the tokens."""
        return self.stream_options is not None and self.stream_options.include_usage


def chat_request(body: ChatBody) -> ChatRequest:
    """What is asked for, in the program's own words. Raises `RequestError`."""
    if body.logprobs:
        raise _unsupported("logprobs", "No engine here tells them.")
    messages = _messages(body.messages)
    tools = _tools(body)
    if tools and body.jarvis.tools:
        raise _unsupported("jarvis.tools", "Jarvis' tools and the client's own cannot be mixed.")
    if body.jarvis.tools and messages[-1].role != "user":
        raise _unsupported("jarvis.tools", "The last message has to be the user's.")
    options = ChatOptions(
        max_tokens=body.max_completion_tokens or body.max_tokens or 0,
        stop=(body.stop,) if isinstance(body.stop, str) else tuple(body.stop or ()),
        tools=tools,
        must_call=_must_call(body),
        top_p=body.top_p,
        seed=None if body.seed is None else body.seed % _SEEDS,
        frequency_penalty=body.frequency_penalty or None,
        presence_penalty=body.presence_penalty or None,
        response_format=_format(body.response_format),
        whole=True,
    )
    if body.temperature is not None:
        options = replace(options, temperature=body.temperature)
    return ChatRequest(messages, options, body.jarvis.memory, body.jarvis.tools)


def _messages(messages: Sequence[Message]) -> tuple[ChatMessage, ...]:
    asked: set[str] = set()
    made = []
    for number, message in enumerate(messages):
        field = f"messages.{number}"
        calls = tuple(map(_call, message.tool_calls or ()))
        if calls and message.role != "assistant":
            raise _unsupported(f"{field}.tool_calls", "Only an assistant's message asks for tools.")
        if (message.role == "tool") != (message.tool_call_id is not None) or (
            message.tool_call_id is not None and message.tool_call_id not in asked
        ):
            raise _unsupported(f"{field}.tool_call_id", "A tool's message answers a call before it.")
        asked |= {call.id for call in calls}
        role = "system" if message.role == "developer" else message.role
        text = _text(message.content, f"{field}.content")
        made.append(ChatMessage(role, text, calls, message.tool_call_id or ""))
    return tuple(made)


def _text(content: str | list[ContentPart] | None, field: str) -> str:
    if not isinstance(content, list):
        return content or ""
    for number, part in enumerate(content):
        if part.type != "text" or part.text is None:
            raise _unsupported(f"{field}.{number}.type", "Only texts can be read.")
    return "\n".join(part.text or "" for part in content)


def _call(call: Call) -> ToolCall:
    """Arguments that are no JSON object stop the templates of some models."""
    try:
        sound = isinstance(json.loads(call.function.arguments), dict)
    except ValueError:
        sound = False
    return ToolCall(call.id, call.function.name, call.function.arguments if sound else "{}")


def _tools(body: ChatBody) -> tuple[ToolSpec, ...]:
    """What the model may ask for. One that it has to is offered alone: llama.cpp does not heed its name."""
    tools, choice = tuple(map(_tool, body.tools or ())), body.tool_choice
    if choice == "none":
        return ()
    if isinstance(choice, ToolChoice):
        tools = tuple(tool for tool in tools if tool.name == choice.function.name)
    if not tools and _must_call(body):
        raise _unsupported("tool_choice", "There is no such tool among the tools.")
    return tools


def _must_call(body: ChatBody) -> bool:
    return body.tool_choice == "required" or isinstance(body.tool_choice, ToolChoice)


def _tool(offer: ToolOffer) -> ToolSpec:
    function = offer.function
    return ToolSpec(function.name, function.name, function.description, function.parameters)


def _format(wanted: ResponseFormat | None) -> Mapping[str, object] | None:
    return None if wanted is None or wanted.type == "text" else wanted.model_dump()


def _unsupported(field: str, reason: str) -> RequestError:
    return RequestError(
        "server.unsupported", "The field {field} cannot be followed: {reason}", param=field, field=field,
        reason=reason,
    )  # fmt: skip


def new_id(kind: str) -> str:
    """An id like OpenAI's: ``chatcmpl-...``."""
    return f"{kind}-{uuid.uuid4().hex}"

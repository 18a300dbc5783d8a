"""Which models answer here."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel

from jarvis_desktop.ports import ServedModel
from jarvis_desktop.server.context import Ctx, ServerContext
from jarvis_desktop.server.errors import RequestError

router = APIRouter(tags=["models"])

Kind = Literal["chat", "embedding", "transcription", "speech"]

ALIASES: Mapping[Kind, frozenset[str]] = MappingProxyType(
    {
        "chat": frozenset({"jarvis"}),
        "embedding": frozenset({"jarvis"}),
        "transcription": frozenset({"jarvis", "whisper-1", "gpt-4o-transcribe", "gpt-4o-mini-transcribe"}),
        "speech": frozenset({"jarvis", "tts-1", "tts-1-hd", "gpt-4o-mini-tts"}),
    }
)
"""Other names of whatever the settings choose; some programs have theirs built in."""


class Model(BaseModel):
    """One model; `kind` tells the routes it answers at."""

    id: str
    object: Literal["model"] = "model"
    created: int = 0
    owned_by: str = "jarvis"
    kind: Kind
    context_tokens: int | None = None


class Models(BaseModel):
    """The models there are."""

    object: Literal["list"] = "list"
    data: list[Model]


@router.get("/v1/models", summary="The models there are", response_model_exclude_none=True)
async def list_models(context: Ctx) -> Models:
    """Those that the settings choose. The name `jarvis` stands for each of them."""
    return Models(data=[_model(each) for each in context.service.models()])


@router.get("/v1/models/{model_id:path}", summary="One model", response_model_exclude_none=True)
async def show_model(model_id: str, context: Ctx) -> Model:
    """What is known of it."""
    for served in context.service.models():
        if model_id in (served.id, *ALIASES[served.kind]):
            return _model(served)
    raise _unknown(context, model_id)


def check_model(context: ServerContext, name: str, kind: Kind) -> str:
    """The id of the model that answers to a name. Raises `RequestError` where none of the kind does."""
    served = context.service.models()
    if name in ALIASES[kind]:
        return next((each.id for each in served if each.kind == kind), name)
    if name not in (each.id for each in served):
        raise _unknown(context, name)
    return name


def _model(served: ServedModel) -> Model:
    return Model(id=served.id, kind=served.kind, context_tokens=served.context_tokens)


def _unknown(context: ServerContext, name: str) -> RequestError:
    return RequestError(
        "model.unknown",
        "There is no model {name} here.",
        "There are: {names}. The name jarvis always fits.",
        param="model",
        status=404,
        name=name,
        names=", ".join(each.id for each in context.service.models()),
    )

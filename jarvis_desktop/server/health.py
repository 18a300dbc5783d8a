"""Whether the server lives, and whether it can answer questions now."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel

from jarvis_desktop.server.context import Ctx

router = APIRouter(tags=["health"])
open_router = APIRouter(tags=["health"])

_UNAVAILABLE = 503


class Health(BaseModel):
    """The server answers."""

    status: Literal["ok"] = "ok"


class Reason(BaseModel):
    """What is wrong with a part."""

    part: str
    code: str
    message: str
    hint: str


class Ready(BaseModel):
    """How the parts are; `reasons` tell what is wrong, also with parts that an answer does not need."""

    ready: bool
    parts: dict[str, str]
    reasons: list[Reason]


@open_router.get("/health", summary="Whether the server lives")
async def health() -> Health:
    """Needs no token and tells nothing else."""
    return Health()


@router.get(
    "/ready",
    summary="Whether questions are answered now",
    responses={_UNAVAILABLE: {"model": Ready, "description": "Not now, and why"}},
)
async def ready(context: Ctx, response: Response) -> Ready:
    """Ready is an engine that has generated a token and of which nothing worse was heard since."""
    now = context.service.readiness()
    if not now.ready:
        response.status_code = _UNAVAILABLE
    return Ready(
        ready=now.ready,
        parts={part.value: state.value for part, state in now.parts.items()},
        reasons=[
            Reason(part=part, code=error.code, message=error.message, hint=error.hint)
            for part, error in now.reasons
        ],
    )

"""Tasks: long requests whose answers are fetched later, also by a client whose connection broke."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from jarvis_desktop.errors import JarvisError
from jarvis_desktop.server.chat import check_scopes, completed
from jarvis_desktop.server.chat_request import Body, ChatBody, new_id
from jarvis_desktop.server.context import Client, Ctx, ServerContext, hold, require
from jarvis_desktop.server.embeddings import EmbeddingsBody, embedded
from jarvis_desktop.server.errors import ErrorBody
from jarvis_desktop.server.rules import SCOPES
from jarvis_desktop.server.sse import Events, event_response
from jarvis_desktop.server.task_store import State, Task, Work, followed

router = APIRouter(tags=["tasks"])

_NO_PLACE = frozenset({"server.busy", "server.too_many"})


class ChatTask(Body):
    """A chat completion; `stream` is of no effect."""

    url: Literal["/v1/chat/completions"]
    body: ChatBody


class EmbeddingsTask(Body):
    """Vectors of texts."""

    url: Literal["/v1/embeddings"]
    body: EmbeddingsBody


Wanted = Annotated[ChatTask | EmbeddingsTask, Field(discriminator="url")]


class TaskShown(BaseModel):
    """How a task is: `result` is what its route would have answered. Times are seconds since the epoch."""

    id: str
    object: Literal["task"] = "task"
    url: str
    status: State
    created_at: float
    ended_at: float | None = None
    progress: str = ""
    result: dict[str, Any] | None = None
    error: ErrorBody | None = None


@router.post("/v1/tasks", status_code=202, summary="Begin a task", response_model=TaskShown)
async def begin_task(body: Wanted, request: Request, context: Ctx, client: Client) -> Any:
    """It goes on when the connection ends; its result can be had for an hour, as long as Jarvis runs."""
    require(request, SCOPES[body.url])
    if isinstance(body, ChatTask):
        check_scopes(request, body.body)
    size = len(await request.body())  # it was read before, and is there at once
    task = context.tasks.begin(new_id("task"), client, body.url, _work(context, client, body), size)
    if task.running is not None:
        hold(request, task.running)
    return _answer(task, 202)


@router.get("/v1/tasks/{task_id}", summary="How a task is", response_model=TaskShown)
async def show_task(task_id: str, context: Ctx, client: Client) -> Any:
    """With its result, once there is one. A client finds its own tasks only."""
    return _answer(context.tasks.find(task_id, client))


@router.get(
    "/v1/tasks/{task_id}/events",
    summary="Follow a task",
    response_class=Response,
    responses={
        200: {
            "description": "The task, each time it has changed, as server-sent events until it is over",
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
        }
    },
)
async def follow_task(task_id: str, request: Request, context: Ctx, client: Client) -> Response:
    """Leaving does not end the task."""
    return await event_response(request, _events(context.tasks.find(task_id, client)))


@router.delete("/v1/tasks/{task_id}", summary="End or forget a task", response_model=TaskShown)
async def cancel_task(task_id: str, context: Ctx, client: Client) -> Any:
    """Ends one that is under way; one that is over is forgotten with its result."""
    task = context.tasks.find(task_id, client)
    await context.tasks.cancel(task)
    return _answer(task)


def _work(context: ServerContext, client: str, body: ChatTask | EmbeddingsTask) -> Work:
    async def work(task: Task) -> str:
        made: BaseModel
        tell = partial(_tell, task)
        while True:
            try:
                if isinstance(body, ChatTask):
                    made = await completed(context, client, body.body, tell)
                else:
                    made = await embedded(context, client, body.body, tell)
                return made.model_dump_json(exclude_none=True)
            except JarvisError as error:
                if error.code not in _NO_PLACE:
                    raise
                await asyncio.sleep(float(str(error.params["retry_after"])))  # nobody waits at a connection

    return work


def _tell(task: Task, tokens: int = 0) -> None:
    task.tell(State.RUNNING, f"{tokens} tokens" if tokens else "")


async def _events(task: Task) -> Events:
    async with aclosing(followed(task)) as states:
        async for state in states:
            yield shown(state)
    yield "[DONE]"


def _answer(task: Task, status: int = 200) -> Response:
    return Response(shown(task), status, media_type="application/json")


def shown(task: Task) -> str:
    """The `TaskShown` of a task, as JSON. Its result goes in as it is: reading a long one takes a while."""
    told = TaskShown(
        id=task.id,
        url=task.url,
        status=task.state,
        created_at=task.created,
        ended_at=task.ended,
        progress=task.progress,
        error=None if task.error is None else ErrorBody(**task.error),
    ).model_dump_json(exclude_none=True)
    return told if task.result is None else f'{told[:-1]},"result":{task.result}}}'

"""What Prometheus reads."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from fastapi import APIRouter, Request, Response

from jarvis_desktop.errors import JarvisError
from jarvis_desktop.server.context import Ctx, ServerContext

router = APIRouter(tags=["metrics"])

FRESH_SECONDS = 5.0
"""The machine is measured again for a reader when it was longer ago."""

PATIENCE_SECONDS = 1.0
"""What was measured last is told when the core takes longer to measure, which goes on for the next reader."""


@router.get(
    "/metrics",
    summary="How answers, the engine and the machine do, for Prometheus",
    response_class=Response,
    responses={200: {"content": {"text/plain": {}, "application/openmetrics-text": {}}}},
)
async def metrics(context: Ctx, request: Request) -> Response:
    """In Prometheus' text format, or OpenMetrics' where the reader prefers that."""
    if context.metrics.stale(FRESH_SECONDS):
        state = request.app.state
        measuring = getattr(state, "measuring", None)
        if measuring is None or measuring.done():
            measuring = state.measuring = asyncio.create_task(_measure(context), name="measure")
        if measuring in (await asyncio.wait({measuring}, timeout=PATIENCE_SECONDS))[0]:
            measuring.result()
    now = context.service.readiness()
    context.metrics.ready(now.ready, now.parts, [(part.value, error.code) for part, error in now.reasons])
    text, content_type = await asyncio.to_thread(context.metrics.text, request.headers.get("accept", ""))
    return Response(text, media_type=content_type)


async def _measure(context: ServerContext) -> None:
    with suppress(JarvisError):  # a core that is gone
        await context.link.call(context.measure)

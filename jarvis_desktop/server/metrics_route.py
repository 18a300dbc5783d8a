"""What Prometheus reads."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from fastapi import APIRouter, Request, Response

from jarvis_desktop.errors import JarvisError
from jarvis_desktop.server.context import Ctx

router = APIRouter(tags=["metrics"])

FRESH_SECONDS = 5.0
"""The machine is measured again for a reader when it was longer ago."""

PATIENCE_SECONDS = 1.0
"""What was measured last is told when the core does not measure in this time."""


@router.get(
    "/metrics",
    summary="How answers, the engine and the machine do, for Prometheus",
    response_class=Response,
    responses={200: {"content": {"text/plain": {}, "application/openmetrics-text": {}}}},
)
async def metrics(context: Ctx, request: Request) -> Response:
    """In Prometheus' text format, or OpenMetrics' where the reader prefers that."""
    if context.metrics.stale(FRESH_SECONDS):
        with suppress(TimeoutError, JarvisError):  # a core that is busy or gone
            await asyncio.wait_for(context.link.call(context.measure), PATIENCE_SECONDS)
    now = context.service.readiness()
    context.metrics.ready(now.ready, now.parts, [(part.value, error.code) for part, error in now.reasons])
    text, content_type = await asyncio.to_thread(context.metrics.text, request.headers.get("accept", ""))
    return Response(text, media_type=content_type)

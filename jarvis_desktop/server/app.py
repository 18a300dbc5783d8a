"""The application: every route, behind the guard."""

from __future__ import annotations

from fastapi import FastAPI

from jarvis_desktop import __version__
from jarvis_desktop.server import errors, health, metrics_route
from jarvis_desktop.server.context import Asgi, ServerContext
from jarvis_desktop.server.measuring import MeasuredRequests


def make_app(context: ServerContext) -> FastAPI:
    """All routes, without a guard."""
    app = FastAPI(
        title="Jarvis Desktop",
        version=__version__,
        description="The models of this machine for other programs, by OpenAI's protocol.",
        docs_url=None,  # its page would load scripts from elsewhere
        redoc_url=None,
    )
    app.state.context = context
    errors.add_handlers(app)
    for router in (health.router, metrics_route.router):
        app.include_router(router)
    return app


def guarded_app(context: ServerContext) -> Asgi:
    """What is served."""
    return MeasuredRequests(context.guard(make_app(context)), context.metrics)

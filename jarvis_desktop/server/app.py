"""The application: every route, behind the guard."""

from __future__ import annotations

from fastapi import Depends, FastAPI
from fastapi.security import HTTPBearer

from jarvis_desktop import __version__
from jarvis_desktop.server import audio, chat, embeddings, errors, health, metrics_route, models, tasks
from jarvis_desktop.server.context import Asgi, ServerContext
from jarvis_desktop.server.measuring import MeasuredRequests

_TOKEN = HTTPBearer(auto_error=False, description="A client's token; the guard looks at it.")


def make_app(context: ServerContext) -> FastAPI:
    """All routes, without a guard."""
    app = FastAPI(
        title="Jarvis Desktop",
        version=__version__,
        description="The models of this machine for other programs, by OpenAI's protocol.",
        docs_url=None,  # its page would load scripts from elsewhere
        redoc_url=None,
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
        responses=errors.RESPONSES,
    )
    app.state.context = context
    errors.add_handlers(app)
    app.include_router(health.open_router)
    for router in (
        *(health.router, models.router, chat.router, embeddings.router, audio.router),
        *(tasks.router, metrics_route.router),
    ):
        app.include_router(router, dependencies=[Depends(_TOKEN)])
    return app


def guarded_app(context: ServerContext) -> Asgi:
    """What is served."""
    return MeasuredRequests(context.guard(make_app(context)), context.metrics)

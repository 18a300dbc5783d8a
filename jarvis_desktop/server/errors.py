"""Every error in the shape of OpenAI's, with what Jarvis knows of it beside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from jarvis_desktop.errors import AudioError, Category, JarvisError, defective
from jarvis_desktop.events import Scope

_STATUSES: Mapping[str, int] = MappingProxyType(
    {
        "server.too_many": 429,
        "model.unknown": 404,
        "model.missing": 503,
        "engine.context_full": 400,
        "engine.refused": 400,
    }
)
_TYPES: Mapping[int, str] = MappingProxyType(
    {401: "authentication_error", 403: "permission_error", 404: "not_found_error", 429: "rate_limit_error"}
)

_SEE_ROUTES = "See /openapi.json for what each address takes."
_SERVER_ERROR = 500
_UNAVAILABLE = 503


class RequestError(JarvisError):
    """What a client sent makes no sense; `param` names the field, `status` is HTTP's."""

    def __init__(
        self, code: str, message: str, hint: str = "", *, param: str = "", status: int = 400, **params: object
    ) -> None:
        super().__init__(code, message, hint, Category.PERMANENT, **params)
        self.param = param
        self.status = status


def no_scope(scope: Scope) -> RequestError:
    """The refusal of what a client's token is not for."""
    return RequestError(
        "client.scope",
        "This token is not for {scope}.",
        "Make one that is: jarvis serve token add NAME --scope {scope}",
        status=403,
        scope=scope.value,
    )


class ErrorBody(BaseModel):
    """What went wrong: `code` is stable, `hint` says what to do."""

    message: str
    type: str
    param: str | None = None
    code: str
    hint: str = ""
    category: str = "permanent"


class ErrorAnswer(BaseModel):
    """The answer where something went wrong."""

    error: ErrorBody


RESPONSES: dict[int | str, dict[str, Any]] = {
    "4XX": {"model": ErrorAnswer, "description": "The request cannot be followed"},
    "5XX": {"model": ErrorAnswer, "description": "It could be followed, but not now"},
}
"""Of every route, beside its own."""


def status_of(error: JarvisError) -> int:
    """HTTP's status for an error."""
    if isinstance(error, RequestError):
        return error.status
    if isinstance(error, AudioError):
        return 400
    if error.code in _STATUSES:
        return _STATUSES[error.code]
    return _UNAVAILABLE if error.category is Category.TRANSIENT else _SERVER_ERROR


def error_data(error: JarvisError) -> dict[str, Any]:
    """The body of the answer, or the last event of a stream."""
    status = status_of(error)
    kind = _TYPES.get(status, "invalid_request_error" if status < _SERVER_ERROR else "server_error")
    body = ErrorBody(type=kind, param=getattr(error, "param", "") or None, **error.as_json())
    return {"error": body.model_dump()}


def error_response(error: JarvisError) -> JSONResponse:
    """The whole answer; ``retry_after`` (seconds) among its params becomes a header."""
    seconds = error.params.get("retry_after")
    headers = {} if seconds is None else {"Retry-After": str(seconds)}
    return JSONResponse(error_data(error), status_of(error), headers)


def add_handlers(app: FastAPI) -> None:
    """Have every failure answered in this shape."""
    app.add_exception_handler(JarvisError, _on_known)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(Exception, _on_defect)


async def _on_known(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, JarvisError)
    return error_response(error)


async def _on_invalid(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]  # never its input: that is what somebody said
    return error_response(_invalid(first["loc"], first["msg"]))


def _invalid(location: Sequence[str | int], reason: str) -> RequestError:
    field = ".".join(str(part) for part in location if part != "body")
    return RequestError(
        "server.invalid",
        "The field {field} is wrong: {reason}.",
        _SEE_ROUTES,
        param=field,
        field=field,
        reason=reason,
    )


async def _on_http(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    codes = {404: "server.no_route", 405: "server.no_method"}
    code = codes.get(error.status_code, "server.refused")
    hint = "See /openapi.json for what there is."
    known = RequestError(code, "{reason}.", hint, status=error.status_code, reason=error.detail)
    return JSONResponse(error_data(known), error.status_code, error.headers)


async def _on_defect(_: Request, __: Exception) -> JSONResponse:
    return error_response(defective("server"))

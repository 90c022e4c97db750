"""From a request to an answer: the guard first, then what was sent is checked, and every error becomes JSON.

The one place where errors of asyncsynth get their HTTP status.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from pydantic import BaseModel, ValidationError

from asyncsynth.config.options import WANTED, wrong_value
from asyncsynth.errors import AsyncsynthError, ConfigError, RecipeChanged, StoreError, UsageError
from asyncsynth.outputs.page import SERVED_POLICY
from asyncsynth.service.events import TooMany
from asyncsynth.service.guard import Guard
from asyncsynth.service.replies import Failed
from asyncsynth.service.routes import Route
from asyncsynth.service.service import NotOurs, NotThere, Service
from asyncsynth.text import printable

HEADERS = {
    "Content-Security-Policy": SERVED_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Server": "asyncsynth",
}
# The first that fits; whatever is left of asyncsynth's own errors is about what was asked for.
_STATUSES: tuple[tuple[type[AsyncsynthError], int], ...] = (
    (NotThere, 404),
    (NotOurs, 409),
    (RecipeChanged, 409),
    (ConfigError, 422),
    (StoreError, 409),
    (UsageError, 400),
)


def guarded(guard: Guard) -> Middleware:
    """What every request passes, whether there is such a path or not."""

    @web.middleware
    async def answer(request: web.Request, handler: Handler) -> web.StreamResponse:
        refused = guard.refusal(request.method, request.path, request.headers)
        if refused is not None:
            return failed(*refused)
        try:
            return await handler(request)
        except AsyncsynthError as error:
            status = next((status for kind, status in _STATUSES if isinstance(error, kind)), 409)
            return failed(status, error.message, error.hint)
        except TooMany:
            return failed(429, "too many streams of events are open", "close some pages")
        except web.HTTPException as error:
            return failed(error.status, error.reason, "GET /api/openapi.json tells what there is", error.headers)

    return answer


async def secured(request: web.Request, response: web.StreamResponse) -> None:
    """Puts the headers on an answer that keep browsers from making more of it."""
    del request
    response.headers.update(HEADERS)


def handler_of(route: Route, service: Service) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        given: list[object] = [request.match_info["id"]] if route.of_a_run else []
        try:
            given += [] if route.query is None else [queried(route.query, request.query)]
            given += [] if route.body is None else [route.body.model_validate_json(await request.read())]
        except ValidationError as error:
            return failed(400, _mistakes(error), "GET /api/openapi.json describes what is wanted")
        return replied(await route.answer(service, *given), route.status)

    return handle


def queried(form: type[BaseModel], query: Mapping[str, str]) -> BaseModel:
    """The form of a query; what may be there several times is a list."""
    given: dict[str, object] = {}
    for name, value in query.items():
        if name == "where":
            given[name] = [*given.get(name, ()), value]  # type: ignore[misc]
        elif name in given:
            given[name] = [given[name], value]  # which no form takes
        else:
            given[name] = value
    return form.model_validate(given)


def replied(reply: BaseModel, status: int = 200) -> web.Response:
    return web.Response(body=reply.model_dump_json().encode(), status=status, content_type="application/json")


def failed(status: int, error: str, hint: str, headers: Mapping[str, str] | None = None) -> web.Response:
    response = replied(Failed(error=printable(error), hint=printable(hint)), status)
    if headers is not None and "Allow" in headers:
        response.headers["Allow"] = headers["Allow"]
    return response


def _mistakes(error: ValidationError) -> str:
    details = cast("list[dict[str, Any]]", error.errors(include_url=False))
    return "; ".join(f"{'.'.join(map(str, each['loc'])) or 'the body'}: {_mistake(each)}" for each in details[:20])


def _mistake(detail: dict[str, Any]) -> str:
    """In the words of a config's mistakes, where it is one that a config can have."""
    return wrong_value(detail) if detail["type"] in (*WANTED, "value_error") else str(detail["msg"])

"""The description of the API, made of the table of routes and the schemas of its models."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from asyncsynth.service.replies import Failed
from asyncsynth.service.routes import ID, ROUTES, Route
from asyncsynth.version import VERSION

_TEMPLATE = "#/components/schemas/{model}"
_RUN = {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "pattern": "^[0-9a-f]{16}$"}}
_JSON = "application/json"


def description() -> bytes:
    """OpenAPI 3.1 as JSON."""
    paths: dict[str, Any] = {}
    for route in ROUTES:
        paths.setdefault(route.path.replace(ID, "{id}"), {})[route.method.lower()] = _operation(route)
    for path, operation in _others():
        paths[path] = {"get": operation}
    models = {model for route in ROUTES for model in (route.reply, route.body) if model is not None} | {Failed}
    _, schemas = models_json_schema(
        [(model, "validation") for model in sorted(models, key=lambda model: model.__name__)], ref_template=_TEMPLATE
    )
    return orjson.dumps(
        {
            "openapi": "3.1.0",
            "info": {"title": "asyncsynth", "version": VERSION, "description": "Runs that make fine-tuning sets."},
            "paths": paths,
            "components": {
                "schemas": schemas["$defs"],
                "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            },
            "security": [{"token": []}],
        }
    )


def _operation(route: Route) -> dict[str, Any]:
    told: dict[str, Any] = {
        "summary": route.summary,
        "operationId": f"{route.method.lower()}{route.path.replace(ID, 'run').replace('/', '_')}",
        "parameters": [*([_RUN] if route.of_a_run else []), *_parameters(route.query)],
        "responses": {str(route.status): _content("What was asked for.", route.reply), **_failures()},
    }
    if route.body is not None:
        told["requestBody"] = {"required": True, "content": {_JSON: {"schema": _reference(route.body)}}}
    return told


def _others() -> Iterator[tuple[str, dict[str, Any]]]:
    """What is answered with something else than JSON of a model."""
    for path, kind, words, open_to_all in (
        ("/api/runs/{id}/events", "text/event-stream", "How far a run is, as server-sent events.", False),
        ("/metrics", "text/plain", "For Prometheus.", False),
        ("/healthz", _JSON, "Whether the service answers.", True),
    ):
        of_a_run = "{id}" in path
        told: dict[str, Any] = {
            "summary": words,
            "responses": {"200": {"description": words, "content": {kind: {"schema": {}}}}, **_failures()},
        }
        if of_a_run:
            last = {"name": "Last-Event-ID", "in": "header", "schema": {"type": "string"}}
            told["parameters"] = [_RUN, last]
        if open_to_all:
            told["security"] = []
        yield path, told


def _failures() -> dict[str, Any]:
    words = {
        400: "What was sent is not what is wanted.", 401: "The token is missing or wrong.",
        403: "The host or the origin is another one.", 404: "There is no such run.",
        409: "It can't be done as things stand.", 413: "The body is too large.",
        415: "The body is not JSON.", 422: "The config has mistakes.", 429: "Too many streams are open.",
    }  # fmt: skip
    return {str(status): _content(why, Failed) for status, why in words.items()}


def _content(words: str, model: type[BaseModel]) -> dict[str, Any]:
    return {"description": words, "content": {_JSON: {"schema": _reference(model)}}}


def _reference(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": _TEMPLATE.format(model=model.__name__)}


def _parameters(query: type[BaseModel] | None) -> Iterator[dict[str, Any]]:
    if query is not None:
        for name, schema in query.model_json_schema()["properties"].items():
            yield {"name": name, "in": "query", "required": False, "schema": schema}

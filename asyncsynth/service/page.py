"""The page that the service shows: what it is made of stands in outputs/reader."""

from __future__ import annotations

from aiohttp import web
from aiohttp.typedefs import Handler

from asyncsynth.outputs.page import Part, served_parts


def page_routes() -> list[web.RouteDef]:
    return [web.get(f"/{name}", _sends(part)) for name, part in served_parts().items()]


def _sends(part: Part) -> Handler:
    async def answer(request: web.Request) -> web.Response:
        del request
        return web.Response(body=part.content, headers={"Content-Type": part.content_type})

    return answer

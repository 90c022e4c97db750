"""The page that the service shows."""

from __future__ import annotations

from aiohttp import web
from aiohttp.typedefs import Handler

_HTML = b"""<!doctype html><html lang=en><meta charset=utf-8><title>asyncsynth</title>
<link rel=stylesheet href=reader.css>
<h1>asyncsynth</h1><p id=status>Loading...</p><ul id=runs></ul><script src=reader.js></script></html>
"""
_CSS = b"body{font:16px system-ui;margin:2rem}"
_JS = b"""\
"use strict";
const fragment = new URLSearchParams(location.hash.slice(1));
if (fragment.has("token")) {
  sessionStorage.token = fragment.get("token");
  history.replaceState(null, "", location.pathname);
}
async function show() {
  const status = document.getElementById("status");
  try {
    const reply = await fetch("api/runs", { headers: { Authorization: "Bearer " + sessionStorage.token } });
    const told = await reply.json();
    if (!reply.ok) { status.textContent = told.error + ": " + told.hint; return; }
    status.textContent = told.runs.length + " runs";
    document.getElementById("runs").replaceChildren(...told.runs.map((run) => {
      const item = document.createElement("li");
      item.textContent = run.directory + ": " + run.state + ", " + run.records + " records";
      return item;
    }));
  } catch { status.textContent = "The service does not answer; trying again."; }
}
show();
setInterval(show, 1000);
"""


def page_routes() -> list[web.RouteDef]:
    return [
        web.get("/", _page(_HTML, "text/html")),
        web.get("/reader.css", _page(_CSS, "text/css")),
        web.get("/reader.js", _page(_JS, "text/javascript")),
    ]


def _page(body: bytes, kind: str) -> Handler:
    async def answer(request: web.Request) -> web.Response:
        del request
        return web.Response(body=body, content_type=kind, charset="utf-8")

    return answer

"""In a real browser: a hostile page gets nothing and starts nothing, and our own page outlives a restart.

Wants Debian's chromium beside the package playwright, which brings no browser of its own.
"""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiohttp import web

from tests.conftest import SimulatorFactory
from tests.patience import LONGEST_S
from tests.service.conftest import Client, Serving, to_provider

playwright = pytest.importorskip("playwright.async_api", reason="needs the package playwright")
CHROMIUM = shutil.which("chromium")
pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's package chromium")]

# What a page can try, with a token that it can't really have; each try says what it could read, or null.
HOSTILE = """
async (service) => {
  const body = JSON.stringify({ file: "config.toml" });
  const bearer = { Authorization: "Bearer " + service.token };
  const json = { ...bearer, "Content-Type": "application/json" };
  const read = async (path, options) => {
    try {
      const reply = await fetch(service.url + path, options);
      const text = await reply.text();
      return reply.ok && text ? text : null;
    } catch { return null; }
  };
  const loads = (kind, attributes) => new Promise((done) => {
    const element = Object.assign(document.createElement(kind), attributes);
    element.onload = () => done(kind + " loaded");
    element.onerror = () => done(null);
    document.body.append(element);
    setTimeout(() => done(null), 3000);
  });
  const tried = {};
  tried.read = await read("api/runs", {});
  tried.read_with_token = await read("api/runs", { headers: bearer });
  tried.page = await read("", {});
  tried.opaque = await read("api/runs", { mode: "no-cors", credentials: "include" });
  tried.post = await read("api/runs", { method: "POST", body, headers: json });
  tried.plain_post = await read("api/runs", { method: "POST", body, mode: "no-cors" });
  tried.posted_token = await read("api/runs?token=" + service.token, { method: "POST", body, mode: "no-cors" });
  tried.plan = await read("api/plan", { method: "POST", body, headers: json });
  tried.script = await loads("script", { src: service.url + "reader.js" });
  tried.image = await loads("img", { src: service.url + "healthz" });
  tried.events = await new Promise((done) => {
    const source = new EventSource(service.url + "api/runs/" + service.run + "/events");
    source.onmessage = source.onopen = () => done("events");
    source.onerror = () => { source.close(); done(null); };
  });
  const frame = Object.assign(document.createElement("iframe"), { src: service.url });
  document.body.append(frame);
  await new Promise((done) => { frame.onload = done; setTimeout(done, 3000); });
  try {
    tried.frame = frame.contentDocument?.querySelector("#samples") ? "framed" : null;
  } catch { tried.frame = null; }
  const form = Object.assign(document.createElement("form"), {
    method: "post", action: service.url + "api/runs", enctype: "text/plain", target: "sent",
  });
  const name = body.slice(0, -1) + ', "output": "';
  form.append(Object.assign(document.createElement("input"), { name, value: 'form"}' }));
  document.body.append(Object.assign(document.createElement("iframe"), { name: "sent" }), form);
  form.submit();
  await new Promise((done) => setTimeout(done, 1000));
  return tried;
}
"""


@pytest.fixture
async def browser() -> AsyncIterator[Any]:
    """Chromium, for which evil.test is this machine, as after a rebinding."""
    async with playwright.async_playwright() as started:
        browser = await started.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--host-resolver-rules=MAP evil.test 127.0.0.1"],
        )
        yield browser
        await browser.close()


async def elsewhere() -> tuple[web.AppRunner, int]:
    """A server of somebody else on this machine, with an empty page."""

    async def page(request: web.Request) -> web.Response:
        return web.Response(text="<!doctype html><body></body>", content_type="text/html")

    app = web.Application()
    app.router.add_get("/", page)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner, runner.addresses[0][1]


def nothing_was_started(root: Path) -> bool:
    return (
        not (root / "runs").exists()
        and not list(root.glob(".asyncsynth-serve/*.json"))
        and not (root / "form").exists()
    )


async def tried_by(page: Any, client: Client, url: str) -> dict[str, Any]:
    service = {"url": url, "token": client.token, "run": "0" * 16}
    tried: dict[str, Any] = await page.evaluate(HOSTILE, service)
    assert len(tried) == 12
    return {name: got for name, got in tried.items() if got is not None}


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "evil.test"])
async def test_a_page_of_another_origin_gets_nothing_and_starts_nothing(
    serving: Serving, root: Path, browser: Any, host: str
) -> None:
    runner, port = await elsewhere()
    async with serving() as client:
        page = await browser.new_page()
        await page.goto(f"http://{host}:{port}/")
        assert await tried_by(page, client, client.url) == {}
        assert nothing_was_started(root)
    await runner.cleanup()


async def test_a_page_whose_host_name_was_rebound_gets_nothing_and_starts_nothing(
    serving: Serving, root: Path, browser: Any
) -> None:
    async with serving() as client:
        rebound = f"http://evil.test:{urlsplit(client.url).port}/"
        page = await browser.new_page()
        document = "<!doctype html><body></body>"

        async def before_the_name_was_rebound(route: Any) -> None:
            await route.fulfill(body=document, content_type="text/html")

        await page.route(rebound + "first", before_the_name_was_rebound)
        await page.goto(rebound + "first")
        assert await tried_by(page, client, rebound) == {}
        assert nothing_was_started(root)


async def test_our_own_origin_would_get_all_of_it(serving: Serving, root: Path, browser: Any) -> None:
    async with serving() as client:
        page = await browser.new_page()
        await page.goto(client.url)
        tried = await tried_by(page, client, client.url)
        assert {"read_with_token", "post", "plan", "page", "script"} <= tried.keys()
        assert not nothing_was_started(root)


async def shown(page: Any, wanted: Callable[[int, int], bool]) -> None:
    """Wait until the page shows such numbers of samples that are there, and that there will be."""
    async with asyncio.timeout(LONGEST_S):
        while True:
            text = await page.evaluate("document.querySelector('.live')?.textContent ?? ''")
            if (found := re.match(r"(\d+) of (\d+)", text)) and wanted(int(found[1]), int(found[2])):
                return
            await asyncio.sleep(0.1)


async def test_the_page_outlives_a_restart_of_the_service_and_calls_nobody_else(
    serving: Serving, root: Path, browser: Any, simulator: SimulatorFactory
) -> None:
    config = root / "config.toml"
    asked: set[str | None] = set()
    wrong: list[str] = []
    async with simulator(latency_s=1.0) as simulated:
        to_provider(config, simulated.base_url)
        config.write_text(config.read_text() + "\n[combinations]\nrepeats = 4\n[limits]\nconcurrency = 2\n")
        page = await browser.new_page()
        page.on("request", lambda request: asked.add(urlsplit(request.url).netloc))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        async with serving() as client:
            _, started = await client.post("api/runs", {"file": "config.toml"})
            await page.goto(f"{client.url}#token={client.token}")
            await shown(page, lambda done, total: total == 64)
            assert client.token not in page.url
            at = urlsplit(client.url)
        await asyncio.sleep(0.5)
        async with serving(at.port) as again:  # it goes on with its run, and the page with it
            await again.until(started["id"], "working")
            before = (await again.get(f"api/runs/{started['id']}"))[1]["records"]
            await shown(page, lambda done, total: done > before)
    assert asked == {at.netloc}
    assert wrong == []

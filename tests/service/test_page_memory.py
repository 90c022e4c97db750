"""A page that is open for hours: what it holds does not grow with what it was told, nor with what people do to it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from tests.conftest import SimulatorFactory
from tests.outputs.reader.browser import needs_browser
from tests.service.conftest import Serving
from tests.service.test_page import opened, started

if TYPE_CHECKING:
    from playwright.async_api import CDPSession, Page, Route

pytestmark = [pytest.mark.slow, needs_browser]

AN_HOUR = 14_400  # events, at four a second
AT_ONCE = 1200


class Held(NamedTuple):
    """What the page holds, once whatever can be let go is."""

    heap: int  # bytes
    nodes: int
    listeners: int


async def held(page: Page, cdp: CDPSession) -> Held:
    """The least of some moments: at any of them the page may just be drawing itself anew."""
    seen = list[Held]()
    for _ in range(6):
        await page.wait_for_timeout(150)
        await cdp.send("HeapProfiler.collectGarbage")
        told = {each["name"]: each["value"] for each in (await cdp.send("Performance.getMetrics"))["metrics"]}
        seen.append(Held(told["JSHeapUsedSize"], told["Nodes"], told["JSEventListeners"]))
    return Held(*map(min, zip(*seen, strict=True)))


class Events:
    """In place of the service's: a run that goes on and on; each request gets so many at once, then the stream ends."""

    def __init__(self, run: dict[str, Any]) -> None:
        self._run, self.sent = run, 0

    async def __call__(self, route: Route) -> None:
        body = "".join(self._event(number) for number in range(self.sent, self.sent + AT_ONCE))
        self.sent += AT_ONCE
        await route.fulfill(status=200, content_type="text/event-stream", body=body)

    def _event(self, number: int) -> str:
        progress = {
            **dict.fromkeys(("cap_usd", "requests_used", "tokens_used", "concurrency", "truncated", "near_duplicates")),
            "done": number,
            "total": 2 * AN_HOUR,
            "samples_per_s": 1 + number % 7 / 10,
            "left_s": AN_HOUR - number / 2,
            "cost_usd": number / 1000,
            "in_flight": number % 8,
            "retries": number // 9,
            "failed": number // 11,
            "waiting_for": f"rate limit number {number // 50}" if number % 100 < 50 else "",
        }
        state = {"working": True, "state": "working", "records": number, "failures": 0, "progress": progress}
        return f"id: {number}\ndata: {json.dumps({**self._run, **state})}\n\n"


async def used(page: Page) -> None:
    """As by somebody who looks at it now and then."""
    await page.get_by_role("searchbox").fill("the")
    await page.locator("mark").first.wait_for()
    await page.get_by_role("searchbox").fill("")
    await page.keyboard.press("Escape")
    for key in "jjjkp":
        await page.keyboard.press(key)
    for cell in await page.locator(".heat .cell").all():
        await cell.click()
    await page.locator(".chips .chip.on").first.click()
    await page.locator(".card details > summary").first.click()
    async with page.expect_response("**/survey*"):
        await page.get_by_role("button", name="Look again").click()


async def test_an_hour_of_events_and_looks_grows_nothing(
    serving: Serving, root: Path, simulator: SimulatorFactory
) -> None:
    async with simulator() as simulated, serving() as client:
        run = await started(client, root / "config.toml", simulated.base_url, "")
        told = await client.until(run, "ended")
        events, seen = Events(told), list[Held]()
        async with opened(client, run) as page:
            cdp = await page.context.new_cdp_session(page)
            await cdp.send("Performance.enable")
            await page.route("**/events", events)
            await page.reload()
            while events.sent < AN_HOUR:
                due = events.sent
                await page.locator(".now").get_by_text(f"{due + AT_ONCE - 1:,} of").wait_for()
                await used(page)
                seen.append(await held(page, cdp))
    first, last = seen[1], seen[-1]
    assert last.heap < first.heap + 300_000, seen
    assert last.nodes < first.nodes + 200, seen
    assert last.listeners < first.listeners + 20, seen

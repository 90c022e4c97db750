"""The live page in a real browser: what it shows of a run at work, and what people do to it.

Wants Debian's chromium beside the package playwright, which brings no browser of its own.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from asyncsynth.outputs.marks import Mark, read_marks
from asyncsynth.values import Action, Answer, Billing, Fault, Reply, Request, Usage
from tests.app.jobs import job
from tests.app.test_steps import VERDICT, Model
from tests.app.test_steps import made as made_by
from tests.conftest import SimulatorFactory
from tests.outputs.reader.browser import CHROMIUM, QUIET, needs_browser
from tests.patience import LONGEST_S
from tests.service.conftest import Client, Serving, to_provider

if TYPE_CHECKING:
    from playwright.async_api import Page

pytestmark = [pytest.mark.slow, needs_browser]


@asynccontextmanager
async def opened(client: Client, run: str, ready: str = ".figures", **context: Any) -> AsyncIterator[Page]:
    """The page of a run, once it has drawn itself; nothing goes wrong in it, and no other host is asked."""
    from playwright.async_api import async_playwright  # noqa: PLC0415 - not there on every machine

    troubles: list[str] = []
    asked: set[str] = set()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = await (await browser.new_context(**context)).new_page()
        page.set_default_timeout(LONGEST_S * 1000)
        page.on("console", lambda message: troubles.append(message.text))
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("request", lambda request: asked.add(urlsplit(request.url).netloc))
        await page.goto(f"{client.url}#token={client.token}&run={run}")
        await page.wait_for_selector(ready)
        yield page
        await browser.close()
    assert [
        told for told in troubles if "status of 400" not in told
    ] == []  # the browser's own line of what was refused
    assert {host for host in asked if host} == {urlsplit(client.url).netloc}


def configured(config: Path, base_url: str, more: str) -> None:
    to_provider(config, base_url)
    config.write_text(config.read_text() + more)


async def started(client: Client, config: Path, base_url: str, more: str) -> str:
    configured(config, base_url, more)
    _, run = await client.post("api/runs", {"file": "config.toml"})
    assert run["working"]
    return str(run["id"])


async def test_a_limit_that_is_changed_on_the_page_holds_for_the_run_at_work(
    serving: Serving, root: Path, simulator: SimulatorFactory
) -> None:
    more = "\n[combinations]\nrepeats = 40\n[limits]\nconcurrency = 2\n"
    async with simulator(latency_s=0.5) as simulated, serving() as client:
        run = await started(client, root / "config.toml", simulated.base_url, more)
        async with opened(client, run) as page:
            now, said = page.locator(".now"), page.locator(".live [role=status]")
            await page.get_by_text("Limits", exact=True).click()
            await page.get_by_label("calls at once").fill("16")
            await page.get_by_role("button", name="Change limits").click()
            await said.get_by_text("goes on with 16 calls at once").wait_for()
            await now.get_by_text("of 16 calls under way").wait_for()
            assert simulated.provider.stats.peak_in_flight > 2
            await page.get_by_role("button", name="Finish the calls under way and stop").click()
            await page.get_by_role("button", name="Go on").wait_for()
        ended = await client.until(run, "ended")
        assert ended["ended"] == "interrupted"
        assert ended["records"] == simulated.provider.stats.answered, "nothing was cut off or bought twice"


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("calls at once", "20000", "concurrency: must be a whole number from 1 to 10,000, or auto; not 20000"),
        ("tokens a minute", "2000000000000", "tokens_per_minute: must be at most 1,000,000,000,000, not 2000000000000"),
        ("requests a minute", "0", None),  # what the browser itself tells, and does not send
        ("calls at once", "1.5", None),
    ],
)
async def test_a_limit_that_can_not_be_is_told_and_changes_nothing(
    serving: Serving, root: Path, simulator: SimulatorFactory, field: str, value: str, said: str | None
) -> None:
    more = "\n[combinations]\nrepeats = 40\n[limits]\nconcurrency = 2\n"
    async with simulator(latency_s=0.5) as simulated, serving() as client:
        run = await started(client, root / "config.toml", simulated.base_url, more)
        async with opened(client, run) as page:
            await page.get_by_text("Limits", exact=True).click()
            await page.get_by_label(field).fill(value)
            await page.get_by_role("button", name="Change limits").click()
            if said is None:
                assert await page.locator("input:invalid").count() == 1
            else:
                await page.get_by_role("alert").get_by_text(said, exact=True).wait_for()
                assert await page.get_by_label(field).input_value() == value, "it can be corrected"
        kept = json.loads((root / ".asyncsynth-serve" / f"{run}.json").read_bytes())
        assert not any(kept["limits"].values())


async def test_what_is_marked_on_the_page_is_in_marks_jsonl_and_comes_back(
    serving: Serving, root: Path, simulator: SimulatorFactory
) -> None:
    async with simulator() as simulated, serving() as client:
        run = await started(client, root / "config.toml", simulated.base_url, "")
        await client.until(run, "ended")
        async with opened(client, run) as page:
            assert await page.locator(".figures dd").first.inner_text() == "16 of 16"
            assert await page.locator(".card").count() == 16
            await page.keyboard.press("j")
            await page.keyboard.press("f")
            await page.keyboard.press("j")
            await page.keyboard.press("p")
            await page.get_by_text("1 pass, 1 fail").wait_for()
            await page.reload()
            await page.get_by_text("1 pass, 1 fail").wait_for()
        marks = read_marks(root / "runs" / "a" / "marks.jsonl")
        assert sorted(marks.values()) == [Mark("fail", ""), Mark("pass", "")]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
async def test_nobody_is_kept_out_of_a_run_at_work(
    serving: Serving, root: Path, simulator: SimulatorFactory, scheme: str, width: int
) -> None:
    from axe_playwright_python.async_playwright import Axe  # noqa: PLC0415 - not there on every machine

    more = "\n[combinations]\nrepeats = 40\n[limits]\nconcurrency = 2\n"
    size = {"width": width, "height": 900}
    async with simulator(latency_s=0.2) as simulated, serving() as client:
        run = await started(client, root / "config.toml", simulated.base_url, more)
        async with opened(client, run, viewport=size, color_scheme=scheme) as page:
            await page.locator(".now").get_by_text("calls under way").wait_for()
            await page.get_by_role("button", name="Look again").click()
            await page.locator(".card").first.wait_for()
            await page.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))")
            found = (await Axe().run(page)).response["violations"]
            assert [f"{fault['id']}: {fault['nodes'][0]['html']}" for fault in found] == []
            assert await page.evaluate("document.documentElement.scrollWidth") <= width


MARKUP = "<img src=x onerror=taken=1><!-- <b>"
HOSTILE = f"</script><script>taken=1</script>{MARKUP}\u2028\u202e\0 &lt; {{{{ 7 * 7 }}}}"


class Hostile(Model):
    """All that it says is markup: its answers, its grades, and why it refuses."""

    async def send(self, request: Request) -> Reply:
        if "refused" in request.text:
            return Reply(Fault("refusal", Action.DEAD, Billing.YES, HOSTILE, 200, usage=Usage(9, 9)), b"{}", 0.1)
        said = json.dumps({"reason": HOSTILE, "detail": 4}) if request.step == "verdict" else HOSTILE
        if "short" in request.text:
            said = f"short {HOSTILE}"
        return Reply(Answer(said, "stop", Usage(9, 9), "m", b""), b"{}", 0.1)


async def hostile_run(root: Path) -> None:
    """A run in a directory, of values, of files, with answers, reasons and messages that are all markup."""
    pages = root / "pages"
    pages.mkdir()
    (pages / f"{MARKUP}.txt").write_text(HOSTILE.replace("\0", ""))
    axes = {"genre": [HOSTILE, f"refused {HOSTILE}", "short", "c"], "page": {"rows": str(pages)}}
    steps = {
        "outline": {"request": "{{ uuid }} {{ genre }} {{ page.text }}"},
        "story": {"request": "Expand: {{ outline }}", "keep": "not story.startswith('short')"},
        "verdict": VERDICT,
    }
    record = {"prompt": "{{ genre }} {{ page.name }}"}
    directory = root / "runs" / MARKUP
    await made_by(job(directory, axes=axes, prompt=None, steps=steps, record=record), Hostile())
    (directory / "marks.jsonl").write_text(json.dumps({"key": "0" * 32, "mark": "fail", "note": HOSTILE}) + "\n")


async def test_whatever_is_in_a_run_is_shown_as_text(serving: Serving, root: Path) -> None:
    await hostile_run(root)
    async with serving() as client:
        (run,) = (await client.get("api/runs"))[1]["runs"]
        async with opened(client, run["id"]) as page:
            await page.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))")

            async def texts(selector: str) -> str:
                return "\n".join(await page.locator(selector).all_text_contents())

            assert MARKUP in await texts("#head h1")
            assert await page.title() == f"runs/{MARKUP}: asyncsynth"
            for selector, what in {
                ".card.record .answer .text": "a completion",
                ".card.failure .answer .text": "a rejected answer",
                ".card.failure .message": "a message",
                ".card.record > .field:not(.answer) .text": "a training prompt",
                ".card.record .trace .field .text": "a request, an answer and a judge's reason",
                ".card .chips": "a value",
                "#panel-coverage": "a value",
                "#panel-dead-letters": "a message",
                "#panel-first-words": "an opening",
            }.items():
                assert HOSTILE[:9] in await texts(selector), what
            assert HOSTILE in await texts(".card.record .answer .text"), "to the last character"
            assert f"{MARKUP}.txt" in await texts(".card .chips"), "the name of a file"
            note = page.locator(".card.record .note").first
            await note.fill(HOSTILE.replace("\0", ""))
            await note.press("Enter")
            await page.get_by_text("0 pass, 1 fail, 2 notes").wait_for()
            await page.reload()
            await page.get_by_text("0 pass, 1 fail, 2 notes").wait_for()
            assert await page.locator(".card.record .note").first.input_value() == HOSTILE.replace("\0", "")
            await page.get_by_role("searchbox").fill("<img src=x")
            await page.locator("mark").first.wait_for()
            assert await page.evaluate("typeof taken") == "undefined"
            assert await page.locator("main img, main script, main b, #head img, #panels img").count() == 0


async def test_a_page_that_is_there_before_the_first_run_shows_it_and_the_next_ones(
    serving: Serving, root: Path, simulator: SimulatorFactory
) -> None:
    nothing = "text=There is no run below this folder yet."
    async with simulator() as simulated, serving() as client, opened(client, "", ready=nothing) as page:
        first = await started(client, root / "config.toml", simulated.base_url, "")
        await page.locator(".figures").wait_for()
        await client.until(first, "ended")
        await client.post("api/runs", {"file": "config.toml", "output": "runs/b"})
        choice = page.get_by_label("Run to show")
        while not await choice.count():
            await page.get_by_role("button", name="Look again").click()
            await page.wait_for_timeout(200)
        assert sorted(await choice.locator("option").all_text_contents()) == ["runs/a", "runs/b"]

"""A real browser, and what a page does in it; tests that need one are skipped where there is none."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = shutil.which("chromium")
# No service of the browser's own maker is asked for anything.
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def why_no_browser() -> str | None:
    """Why there is none; None where there is."""
    if CHROMIUM is None:
        return "there is no chromium (apt-get install chromium)"
    missing = [name for name in ("playwright", "axe_playwright_python") if importlib.util.find_spec(name) is None]
    return f"not installed: {', '.join(missing)}" if missing else None


needs_browser = pytest.mark.skipif(why_no_browser() is not None, reason=why_no_browser() or "")


@contextmanager
def browser() -> Iterator[Browser]:
    """Debian's Chromium without a window."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - not there on every machine

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        try:
            yield opened
        finally:
            opened.close()


class Watched:
    """A page; `troubles` are its errors and what the console says, `asked` the addresses that it asked for."""

    def __init__(self, opened: Browser, **context: Any) -> None:
        self.page: Page = opened.new_context(**context).new_page()
        self.troubles: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda message: self.troubles.append(message.text))
        self.page.on("pageerror", lambda error: self.troubles.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))

    def open(self, address: str) -> Page:
        """Goes there, and waits until the page has drawn itself."""
        self.page.goto(address)
        self.page.wait_for_selector("#head h1")
        return self.page

    def faults_of_access(self) -> list[str]:
        """What axe finds that keeps people out."""
        from axe_playwright_python.sync_playwright import Axe  # noqa: PLC0415 - not there on every machine

        found = Axe().run(self.page).response["violations"]
        return [f"{fault['impact']}: {fault['id']}: {fault['nodes'][0]['html']}" for fault in found]

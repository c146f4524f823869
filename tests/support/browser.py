"""What every test in a real browser needs: Chromium, accessibility rules, the width of a phone, pictures kept."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from playwright.async_api import Browser, BrowserContext, Page, ViewportSize, async_playwright, expect

ROOT = Path(__file__).parents[2]
AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
ARTEFACTS = ROOT / "test-artefacts"
PHONE: ViewportSize = {"width": 360, "height": 740}
DESK: ViewportSize = {"width": 1280, "height": 860}
# A busy machine is slow, and a test is about what comes, not about when.
PATIENCE_MS = 60_000
LEAVING_SECONDS = 20
# Pages that are no part of the console are whole when they show.
_ANSWERS = "!document.querySelector('script[src*=_next]') || 'ready' in document.documentElement.dataset"

expect.set_options(timeout=PATIENCE_MS)


def chromium() -> str:
    """The path of the system's Chromium; `CHROMIUM` names another."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    assert found, "no Chromium here: install Debian's package or set CHROMIUM"
    return found


@asynccontextmanager
async def launched() -> AsyncIterator[Browser]:
    """The system's Chromium, headless."""
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        yield started
        await leave(started)


async def leave(window: Browser | BrowserContext) -> None:
    """Close a visitor's windows, or the browser. What it does not close in time ends with the driver's process."""
    with suppress(TimeoutError):
        async with asyncio.timeout(LEAVING_SECONDS):
            await window.close()


async def watched_page(context: BrowserContext) -> tuple[Page, list[str]]:
    """A page, and the list in which every error its console shows is kept."""
    page = await context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return page, complaints


async def visit(page: Page, address: str) -> None:
    """Go to an address and wait until the page answers to typing and clicks, which is later than when it shows."""
    await page.goto(address)
    await page.wait_for_function(_ANSWERS)


async def fits(page: Page) -> bool:
    """Whether nothing has to be scrolled sideways."""
    return bool(await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


async def axe_faults(page: Page, *only: str) -> list[str]:
    """Rules of axe that the page breaks, each with the first element that does; `only` names the rules to try.

    The context must bypass the CSP.
    """
    # What passes is not read, and neither are the selectors that would be worked out for every element.
    options = {"resultTypes": ["violations"], "selectors": False, "preload": False}
    options |= {"runOnly": list(only)} if only else {}
    # Playwright bounds every wait but what a page's own script takes.
    async with asyncio.timeout(PATIENCE_MS / 1000):
        if not await page.evaluate("'axe' in window"):
            await page.evaluate(AXE.read_text())
        found = await page.evaluate("options => axe.run(options)", options)
    return [f"{fault['id']}: {fault['nodes'][0]['html']}" for fault in found["violations"]]


async def picture(page: Page, name: str) -> None:
    """Keep what the page shows as `test-artefacts/<name>.png`."""
    ARTEFACTS.mkdir(exist_ok=True)
    await page.screenshot(path=ARTEFACTS / f"{name}.png", full_page=True)


async def visitor_at(browser: Browser, url: str) -> BrowserContext:
    """A fresh visitor at a desk in Jakarta, who has no cookies yet; axe may run in the pages."""
    context = await browser.new_context(
        base_url=url,
        viewport=DESK,
        locale="en-US",
        timezone_id="Asia/Jakarta",
        reduced_motion="reduce",
        bypass_csp=True,
    )
    context.set_default_timeout(PATIENCE_MS)
    return context

"""What every test in a real browser needs: Chromium, accessibility rules, the width of a phone, pictures kept."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import cache
from pathlib import Path

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, ViewportSize, async_playwright, expect
from playwright.async_api import Error as PlaywrightError

ROOT = Path(__file__).parents[2]
AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
ARTEFACTS = ROOT / "test-artefacts"
PHONE: ViewportSize = {"width": 360, "height": 740}
DESK: ViewportSize = {"width": 1280, "height": 860}
# A busy machine is slow, and a test is about what comes, not about when.
PATIENCE_MS = 60_000
LEAVING_SECONDS = 20
_LOOK_AGAIN_MS = 50
# Pages of one visitor share a process, in which the console's code is compiled once.
CHROMIUM_OPTIONS = ["--no-sandbox", "--process-per-site"]
# Pages that are no part of the console are whole when they show.
_ANSWERS = "!document.querySelector('script[src*=_next]') || 'ready' in document.documentElement.dataset"

# Of rows that differ in nothing but their words one is tried: no style of the console counts rows.
_TRIED_BY_AXE = """options => {
  const make = (row) => row.outerHTML
    .replace(/>[^<]*[^<\\s][^<]*/g, ">words")
    .replace(/ (id|href|title|name|for|value|src|datetime|aria-(label|labelledby|describedby))="[^"]+"/g, " $1");
  const exclude = [];
  for (const list of document.querySelectorAll("tbody, ul, ol")) {
    const seen = new Set();
    for (const row of list.children) {
      const made = make(row);
      if (seen.has(made)) exclude.push(row);
      seen.add(made);
    }
  }
  return axe.run({ include: [document], exclude }, options).then((told) => told.violations);
}"""

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
        started = await playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_OPTIONS)
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
    page.on("console", lambda message: complaints.append(_told(message)) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return page, complaints


def _told(message: ConsoleMessage) -> str:
    """What the browser says, and about which address."""
    return f"{message.text} {message.location['url']}".strip()


async def visit(page: Page, address: str) -> None:
    """Go to an address and wait until the page answers to typing and clicks, which is later than when it shows."""
    await page.goto(address)
    # Asked from time to time and not with each frame: a window that nothing is painted in has no frames.
    await page.wait_for_function(_ANSWERS, polling=_LOOK_AGAIN_MS)


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
            await page.evaluate(_axe())
        found = await page.evaluate(_TRIED_BY_AXE, options)
    return [f"{fault['id']}: {fault['nodes'][0]['html']}" for fault in found]


@cache
def _axe() -> str:
    return AXE.read_text()


async def picture(page: Page, name: str) -> None:
    """Keep what the page shows as `test-artefacts/<name>.jpg`."""
    ARTEFACTS.mkdir(exist_ok=True)
    await page.screenshot(path=ARTEFACTS / f"{name}.jpg", quality=80, full_page=True, caret="initial")


class Visitors:
    """Fresh visitors, each at a browser window of their own, which somebody who has left may have sat at before.

    The first page in a new window costs four times as much as any other, because all code is compiled for it.
    """

    def __init__(self, browser: Browser, url: str) -> None:
        self._browser = browser
        self._url = url
        self._present: list[BrowserContext] = []
        self._free: list[BrowserContext] = []

    async def come(self) -> BrowserContext:
        """Somebody who has no cookies, no permissions and nothing stored yet."""
        context = self._free.pop() if self._free else await self._with_a_new_window()
        self._present.append(context)
        return context

    async def leave(self) -> None:
        """Everybody leaves, and nothing of them stays: no page goes on asking the platform."""
        while self._present:
            context = self._present.pop()
            try:
                async with asyncio.timeout(LEAVING_SECONDS):
                    await self._forget(context)
            except (TimeoutError, PlaywrightError):
                await leave(context)
            else:
                self._free.append(context)

    async def _with_a_new_window(self) -> BrowserContext:
        context = await visitor_at(self._browser, self._url)
        # A page that does nothing keeps the process, and what was compiled in it, alive.
        await (await context.new_page()).goto("/health/live")
        return context

    async def _forget(self, context: BrowserContext) -> None:
        resting, *others = context.pages
        for page in others:
            await page.close()
        await resting.evaluate("localStorage.clear()")
        await context.clear_cookies()
        await context.clear_permissions()


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

"""Steps in the web console that several journeys share: logging in, and a hard look at a page."""

import asyncio
import re
from functools import cache

from playwright.async_api import BrowserContext, Locator, Page, expect

from tests.support.browser import (
    DESK,
    PATIENCE_MS,
    PHONE,
    ROOT,
    axe_faults,
    fits,
    picture,
    visit,
    watched_page,
)
from tests.support.installation import SESSION_COOKIE, Installation

# Colours fade into each other for a moment when the scheme changes.
_COLOURS_ARE_THERE = """async () => {
  await new Promise(requestAnimationFrame);
  const faded = Promise.allSettled(document.getAnimations().map((animation) => animation.finished));
  await Promise.race([faded, new Promise((done) => setTimeout(done, 500))]);
}"""


async def log_in(context: BrowserContext, installation: Installation, login: str) -> tuple[Page, list[str]]:
    """The console as one of the demo's people sees it after logging in, and what its browser complains about."""
    page, complaints = await watched_page(context)
    await visit(page, f"{installation.url}/login/")
    await page.get_by_label("E-mail").fill(f"{login}@warung-kopi.example")
    await page.get_by_label("Password").fill(installation.password(login))
    await page.get_by_role("button", name="Log in").click()
    await page.wait_for_url("**/home/")
    return page, complaints


async def let_in(context: BrowserContext, installation: Installation, login: str) -> None:
    """Make the visitor one of the demo's people, who logged in at another time."""
    await context.add_cookies([{"url": installation.url, "name": SESSION_COOKIE, "value": installation.session(login)}])


async def signed_in(
    context: BrowserContext, installation: Installation, login: str, address: str = "/home/"
) -> tuple[Page, list[str]]:
    """A page of the console as one of the demo's people has it open, and what its browser complains about."""
    await let_in(context, installation, login)
    page, complaints = await watched_page(context)
    await visit(page, address)
    return page, complaints


async def opens(
    context: BrowserContext, installation: Installation, login: str, place: str, title: str
) -> tuple[Page, list[str]]:
    """`signed_in` at a place of the side navigation, which shows it as the current one; its page has this title."""
    page, complaints = await signed_in(context, installation, login, _addresses()[place])
    link = page.get_by_role("navigation").get_by_role("link", name=place, exact=True)
    await expect(link).to_have_attribute("aria-current", "page")
    await expect(page.get_by_role("heading", level=1)).to_contain_text(title)
    return page, complaints


@cache
def _addresses() -> dict[str, str]:
    """Where the places of the side navigation are, by name."""
    source = (ROOT / "web" / "src" / "features" / "shell" / "navigation.ts").read_text()
    return {name: address for address, name in re.findall(r'href: "([^"]+)", name: "([^"]+)"', source)}


async def go(page: Page, place: str, title: str) -> None:
    """Follow the side navigation to a place, whose page has this title."""
    await page.get_by_role("navigation").get_by_role("link", name=place, exact=True).click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text(title)


async def choose(where: Page | Locator, label: str, name: str) -> None:
    """Look for somebody by the beginning of a name in a field that offers who fits, and take who is called so."""
    field = where.get_by_role("combobox", name=label, exact=True)
    await field.click()
    await field.fill(name)
    # Whoever may add somebody is offered that as well, before those who fit have come.
    options = where.get_by_role("listbox", name=label).get_by_role("option")
    await options.filter(has_text=name, has_not_text="Add “").first.click()
    await expect(field).to_have_value(name)


# Following a link shows the old page for a moment, then perhaps what stands in for a page that is being fetched.
_STANDS_STILL = """async () => {
  const shown = () => [location.href, document.title, document.querySelector("h1")?.textContent].join();
  for (;;) {
    const before = shown();
    await new Promise((done) => setTimeout(done, 200));
    const isWhole = document.title && document.querySelector("h1") && !document.querySelector(".skeleton");
    if (isWhole && before === shown()) return;
  }
}"""

# What a list has in its last columns, often its buttons, is seen without scrolling sideways.
_CUT_LISTS = """() => [...document.querySelectorAll("table.ledger-table")]
  .filter((table) => table.parentElement.scrollWidth > table.parentElement.clientWidth + 1)
  .map((table) => table.caption.textContent)"""

# A heading stands over what it names: at the start of its column, or at the end where amounts are.
_CENTRED_HEADINGS = """() => [...document.querySelectorAll("th")]
  .filter((heading) => getComputedStyle(heading).textAlign.endsWith("center"))
  .map((heading) => heading.textContent)"""


async def look(page: Page, name: str) -> None:
    """Hold the page to what every page owes: accessibility by day and night, room on a phone, whole lists at a desk."""
    await page.wait_for_load_state("networkidle")
    async with asyncio.timeout(PATIENCE_MS / 1000):
        await page.evaluate(_STANDS_STILL)
    faults = await axe_faults(page)
    await page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    await page.evaluate(_COLOURS_ARE_THERE)
    # By night nothing but the colours is different.
    faults += await axe_faults(page, "color-contrast")
    assert faults == [], f"{name}: {faults}"
    await page.emulate_media(color_scheme="light", reduced_motion="reduce")
    await page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    assert await fits(page), f"{name} is wider than a phone"
    await picture(page, f"{name}-phone")
    await page.set_viewport_size(DESK)  # type: ignore[arg-type]
    assert await page.evaluate(_CUT_LISTS) == [], f"{name}: lists are wider than their sheets"
    assert await page.evaluate(_CENTRED_HEADINGS) == [], f"{name}: headings do not stand over their columns"
    await picture(page, name)

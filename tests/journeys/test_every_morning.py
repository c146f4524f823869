"""What is looked at every morning: the day in figures, and the notices of the night."""

import re

from playwright.async_api import BrowserContext, Page, expect

from tests.journeys.test_admin import paid
from tests.support.console import look, signed_in
from tests.support.installation import Installation


async def test_the_home_page_counts_a_payment_by_itself_and_its_figures_open_what_they_are_made_of(
    desk: BrowserContext, installation: Installation
) -> None:
    page, complaints = await signed_in(desk, installation, "merchant")
    await expect(page.get_by_role("heading", name="Success by provider and hour, today")).to_be_visible()
    await look(page, "morning-merchant")
    before = await payments_today(page)

    await paid(installation, "before-breakfast")

    collected = page.locator("section").filter(has=page.get_by_role("heading", name="Collected today"))
    # Nothing is pressed: the page reads anew by itself.
    await expect(collected).to_contain_text(re.compile(rf"By {before + 1} payment"), timeout=30_000)
    await collected.get_by_role("link").first.click()
    await page.wait_for_url("**/payments/**")
    await expect(page.get_by_role("row").filter(has_text="before-breakfast")).to_be_visible()
    assert complaints == []


async def payments_today(page: Page) -> int:
    """By how many payments the home page says that money was collected today."""
    text = await page.locator("section").filter(has=page.get_by_role("heading", name="Collected today")).inner_text()
    found = re.search(r"By (\d+) payment", text)
    assert found, text
    return int(found[1])


async def test_the_bell_leads_to_what_happened_and_what_is_read_is_counted_no_more(
    desk: BrowserContext, installation: Installation
) -> None:
    page, complaints = await signed_in(desk, installation, "finance")
    bell = page.get_by_role("banner").get_by_role("link", name="Notices")
    await expect(bell).to_have_accessible_name(re.compile(r"Notices, \d+ unread"), timeout=40_000)
    await bell.click()
    await expect(page.get_by_role("heading", name="Notices", level=1)).to_be_visible()
    await look(page, "morning-notices")
    waiting = page.get_by_role("listitem").filter(has_text="Something waits for your yes")
    await waiting.get_by_role("button", name="Mark as read").first.click()
    await expect(waiting.first).not_to_contain_text("Unread")

    await page.get_by_role("button", name="Mark all as read").click()
    await expect(bell).to_have_accessible_name("Notices")
    await page.get_by_role("button", name="Unread").click()
    await expect(page.get_by_text("Nothing is unread")).to_be_visible()

    await page.get_by_role("link", name="Choose what you hear of").click()
    mailed = page.get_by_role("group", name="Payments", exact=True).get_by_label("E-mail")
    await expect(mailed).not_to_be_checked()
    await mailed.check()
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("status")).to_contain_text("Saved")
    await look(page, "morning-choices")
    await page.reload()
    await expect(mailed).to_be_checked()
    assert complaints == []

"""Cashback in the console: a new offer with its working, the page of an offer, the board, and a customer's own side."""

from playwright.async_api import BrowserContext, expect

from tests.journeys.test_customer import sit_down
from tests.support.browser import Visitors
from tests.support.console import go, look, opens
from tests.support.installation import Installation


async def test_a_merchant_drafts_an_offer_sees_its_working_pays_in_and_starts_it(
    desk: BrowserContext, installation: Installation
) -> None:
    page, complaints = await opens(desk, installation, "merchant", "Offers", "Offers")
    await expect(page.get_by_role("link", name="Every cup counts")).to_be_visible()
    await look(page, "offers")

    await page.get_by_role("link", name="New offer").click()
    await page.get_by_label("Name", exact=True).fill("Rainy days")
    await page.get_by_label("Percent", exact=True).fill("7.5")
    await page.get_by_label("Per purchase").fill("10000")
    await page.get_by_label("A customer pays").fill("200000")
    await expect(page.get_by_text("At most for one purchase")).to_be_visible()
    await look(page, "offer-new")
    await page.get_by_role("button", name="Save as draft").click()

    await expect(page.get_by_role("heading", level=1)).to_contain_text("Rainy days")
    await page.get_by_role("button", name="Pay in").click()
    await page.get_by_label("Amount").fill("5000")
    await page.get_by_role("dialog").get_by_role("button", name="Pay in").click()
    await page.get_by_role("button", name="Activate").click()
    await expect(page.get_by_role("status").get_by_text("Active")).to_be_visible()
    await look(page, "offer-started")

    await go(page, "Offers", "Offers")
    await page.get_by_role("link", name="Every cup counts").click()
    await page.get_by_role("button", name="Why Every cup counts").first.click()
    await expect(page.get_by_role("dialog").get_by_text("rounded down")).to_be_visible()
    await page.keyboard.press("Escape")
    await look(page, "offer")
    assert complaints == []


async def test_a_customer_sees_what_there_is_and_why_it_is_this_much(
    visitors: Visitors, installation: Installation
) -> None:
    budi = await sit_down(visitors)
    await budi.signs_in(installation, "budi")
    page = budi.page
    await budi.open("/cashback/")
    await expect(page.get_by_text("runs out on")).to_be_visible()
    await look(page, "cashback")
    await page.get_by_role("button", name="Why Every cup counts").first.click()
    await expect(page.get_by_role("dialog").get_by_text("Kedai Senja")).to_be_visible()
    await look(page, "cashback-why")
    assert budi.complaints == []


async def test_staff_suspend_a_merchant_with_a_reason_and_activate_it_again(
    desk: BrowserContext, installation: Installation
) -> None:
    page, complaints = await opens(desk, installation, "admin", "Offers", "Offers")
    await page.get_by_role("link", name="Merchants").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Cashback merchants")
    await look(page, "cashback-merchants")
    for step in ("Suspend", "Activate"):
        await page.get_by_role("button", name=step, exact=True).click()
        await page.get_by_label("Reason").fill("Looked at again")
        await page.get_by_role("dialog").get_by_role("button", name=step, exact=True).click()
        await expect(page.get_by_role("dialog")).to_have_count(0)
    await expect(page.get_by_role("cell", name="Active", exact=True)).to_be_visible()
    assert complaints == []

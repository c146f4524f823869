"""Installments in the console: a merchant's board and plans, and a customer who agrees, pays a part and pays it all."""

import re

import pytest
from playwright.async_api import BrowserContext, expect

from tests.journeys.test_customer import sit_down
from tests.support.browser import Visitors, visit
from tests.support.console import look, opens
from tests.support.installation import Installation

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_merchant_sees_who_owes_what_and_writes_a_plan_with_its_schedule_beside_it(
    desk: BrowserContext, installation: Installation
) -> None:
    page, complaints = await opens(desk, installation, "merchant", "Installments", "Installments")
    await expect(page.get_by_role("row", name=re.compile("Home roaster"))).to_contain_text("Late")
    await expect(page.get_by_role("row", name=re.compile("Hand grinder"))).to_contain_text("Paid")
    await expect(page.get_by_role("row", name=re.compile("1–29 days late"))).to_contain_text("1 part")
    await look(page, "installments-board")

    await page.get_by_role("button", name="Late", exact=True).click()
    await page.get_by_role("row", name=re.compile("Home roaster")).get_by_role("link").first.click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Home roaster")
    await expect(page.locator("#postings")).to_contain_text("installments.late_fee@1")
    await look(page, "installments-order")

    await visit(page, f"{installation.url}/installments/plans/new/")
    await page.get_by_label("Name").fill("Ten weeks")
    await page.get_by_label("Parts").fill("10")
    await page.get_by_label("Every").select_option("weekly")
    await page.get_by_label("Interest").select_option("flat")
    await page.get_by_label("A year, %").fill("26")
    # Half a per cent a week on a million for ten weeks.
    await expect(page.get_by_text("IDR 1,050,000.00").first).to_be_attached()
    await look(page, "installments-new-plan")
    await page.get_by_role("button", name="Offer this plan").click()
    await expect(page.get_by_text("10 parts, weekly, 26 % a year on the whole amount")).to_be_visible()
    await look(page, "installments-plans")
    assert complaints == []


async def test_a_customer_agrees_to_the_cost_pays_a_part_and_pays_everything(
    visitors: Visitors, installation: Installation
) -> None:
    budi = await sit_down(visitors)
    await budi.signs_in(installation, "budi")
    await budi.open("/installments/")
    await budi.press("Save a card")
    await budi.page.get_by_role("checkbox", name=re.compile("may be charged")).check()
    await budi.page.get_by_role("dialog").get_by_role("button", name="Save", exact=True).click()
    await expect(budi.page.get_by_text(re.compile("Visa ••••"))).to_be_visible(timeout=20_000)
    await look(budi.page, "installments-mine")

    await budi.page.get_by_role("link", name="Gift boxes, 20 pieces").click()
    await look(budi.page, "installments-offer")
    await budi.page.get_by_role("checkbox", name=re.compile("I agree to pay")).check()
    await budi.press("Buy in installments")
    await expect(budi.page.get_by_role("status").filter(has_text="Running")).to_be_visible()

    await budi.press("Pay the next part")
    await budi.press("Pay from the wallet")
    await expect(budi.page.get_by_role("row").nth(1)).to_contain_text("Paid")
    await budi.press("Pay everything")
    await budi.sees("The price holds until the end of")
    await budi.press("Pay from the wallet")
    await expect(budi.page.get_by_role("status").filter(has_text="Paid")).to_be_visible()
    await look(budi.page, "installments-paid")
    assert budi.complaints == []


async def test_staff_raises_a_credit_line_and_says_why(desk: BrowserContext, installation: Installation) -> None:
    page, complaints = await opens(desk, installation, "admin", "Installments", "Installments")
    await page.get_by_role("row", name=re.compile("Home roaster")).get_by_role("link").first.click()
    await page.locator('a[href*="/installments/line/"]').click()
    await expect(page.get_by_text("What takes it up")).to_be_visible()
    await page.get_by_role("button", name="Change the limit").click()
    await page.get_by_label("Limit").fill("9000000")
    await page.get_by_label("Why").fill("Two years without a late part")
    await page.get_by_role("button", name="Save", exact=True).click()
    await expect(page.get_by_text("Two years without a late part")).to_be_visible()
    await expect(page.get_by_text(re.compile("Raised to")).first).to_be_visible()
    await look(page, "installments-credit-line")
    assert complaints == []

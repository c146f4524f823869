"""A purchase paid by several tenders: a customer chooses and pays, the shop gives back, a statement agrees."""

import re

import pytest
from playwright.async_api import BrowserContext, expect

from tests.journeys.test_customer import sit_down
from tests.support.browser import Visitors, visit
from tests.support.console import look, opens
from tests.support.installation import Installation

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_the_shop_sees_every_leg_and_what_a_refund_does_before_it_happens(
    desk: BrowserContext, installation: Installation
) -> None:
    page, complaints = await opens(desk, installation, "merchant", "Purchases", "Purchases")
    await look(page, "purchases")
    await page.get_by_role("row", name=re.compile("Espresso corner")).get_by_role("link").first.click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Espresso corner")
    for tender in ("Cashback", "Wallet", "Installments"):
        await expect(page.get_by_role("row", name=re.compile(tender))).to_be_visible()
    await expect(page.locator("#postings")).to_contain_text("purchases.give_back@1")
    await look(page, "purchase")

    await page.get_by_role("button", name="Give back").click()
    await look(page, "purchase-goods-back")
    await page.get_by_role("dialog").get_by_role("button", name="An amount").click()
    await page.get_by_label("Amount").fill("90000")
    await page.get_by_role("button", name="Look before it happens").click()
    await expect(page.get_by_role("dialog")).to_contain_text("60,000.00")
    await look(page, "purchase-refund-preview")
    await page.get_by_role("button", name="Give back now").click()
    await expect(page.get_by_text("630,000.00").first).to_be_visible()
    assert complaints == []


async def test_a_customer_pays_with_three_tenders_and_reads_a_statement(
    visitors: Visitors, installation: Installation
) -> None:
    budi = await sit_down(visitors)
    await budi.signs_in(installation, "budi")
    await budi.open("/purchases/")
    await budi.page.get_by_role("link", name=re.compile("420,000")).click()
    await budi.page.get_by_role("checkbox", name=re.compile("Cashback")).check()
    await budi.page.get_by_role("checkbox", name=re.compile("Installments")).check()
    await budi.page.get_by_label("In parts").fill("300000")
    await budi.press("Look before you pay")
    await look(budi.page, "purchase-choice")
    await budi.press("Agree and pay")
    await expect(budi.page.get_by_role("status").filter(has_text="Completed")).to_be_visible()

    await budi.open("/statements/")
    await look(budi.page, "statements")
    await visit(budi.page, f"{installation.url}/statements/")
    await budi.page.get_by_role("link", name=re.compile("IDR")).first.click()
    await expect(budi.page.get_by_role("heading", level=1)).to_contain_text("Statement")
    await look(budi.page, "statement")
    async with budi.page.expect_download() as coming:
        await budi.page.get_by_role("link", name="PDF").click()
    assert re.fullmatch(r"statement-\d+\.pdf", (await coming.value).suggested_filename)

"""The business sells goods of its catalogue: a payment makes the invoice and moves the stock, a refund undoes it."""

import re

import pytest
from playwright.async_api import BrowserContext, Page, expect

from tests.support.browser import visit
from tests.support.console import choose, look, opens
from tests.support.installation import Installation

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_goods_are_sold_invoiced_delivered_and_taken_back_in_one_step_each(
    desk: BrowserContext, installation: Installation
) -> None:
    page, complaints = await opens(desk, installation, "finance", "Purchases", "Purchases")
    await page.get_by_role("link", name="Sell goods").click()
    await choose(page, "Customer", "Budi Santoso")
    await page.get_by_label("For", exact=True).fill("Papers for the office")
    await page.get_by_label("Reference").fill("shop-0001")
    await page.get_by_label("From", exact=True).select_option(label="Jakarta")
    await page.get_by_label("Description of line 1").fill("Filter papers")
    # What it comes to with the product's tax, as the server works it out while one types.
    await expect(page.get_by_text("49,950.00").first).to_be_attached()
    await look(page, "goods-sell")
    await page.get_by_role("button", name="Ask", exact=True).click()

    await expect(page.get_by_role("heading", level=1)).to_contain_text("Papers for the office")
    await page.get_by_role("checkbox", name=re.compile("Wallet")).check()
    await page.get_by_role("checkbox", name=re.compile("Cashback")).check()
    await page.get_by_role("button", name="Look before you pay").click()
    await page.get_by_role("button", name="Pay", exact=True).click()
    await expect(page.get_by_role("status").filter(has_text="Completed")).to_be_visible()
    await expect(page.get_by_text("The goods have left")).to_be_visible()
    await expect(page.locator("#postings")).to_contain_text("stock.deliver@1")
    await look(page, "goods-sold")

    await takes_back(page)
    await page.get_by_role("link", name=re.compile("INV-")).click()
    await expect(page.get_by_role("status").filter(has_text="Paid")).to_be_visible()
    await expect(page.locator("#postings")).to_contain_text("billing.credit_note@1")
    assert complaints == []


async def takes_back(page: Page) -> None:
    """The one piece comes back: its credit note, the stock and each tender are shown before it happens."""
    await page.get_by_role("button", name="Give back").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_role("button", name="An amount")).to_have_count(0)
    await dialog.get_by_label("Filter papers").fill("1")
    await dialog.get_by_label("Reason").fill("wrong size")
    await page.get_by_role("button", name="Look before it happens").click()
    await expect(page.get_by_role("dialog")).to_contain_text("Credit note")
    await expect(page.get_by_role("dialog")).to_contain_text("Back in stock, at cost: 1 × Filter papers")
    await look(page, "goods-back-preview")
    await page.get_by_role("button", name="Give back now").click()
    await expect(page.get_by_text("1 came back")).to_be_visible()


async def test_a_plan_says_what_money_pays_first(desk: BrowserContext, installation: Installation) -> None:
    page, complaints = await opens(desk, installation, "finance", "Installments", "Installments")
    await visit(page, f"{installation.url}/installments/plans/new/")
    await page.get_by_label("Money pays first").select_option(label="The price, interest, fee, then late fees")
    await expect(page.get_by_text("Also usual for the merchant")).to_be_visible()
    await look(page, "plan-new-order")
    assert complaints == []

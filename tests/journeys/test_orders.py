"""A quote is accepted on its page, becomes an order, leaves the stock in parts, is charged and goes out by mail."""

import re

import pytest
from playwright.async_api import BrowserContext, expect

from tests.support.browser import visit
from tests.support.console import choose, go, look, opens
from tests.support.installation import Installation

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_quote_becomes_an_order_that_is_delivered_invoiced_and_mailed_without_retyping(
    desk: BrowserContext, installation: Installation
) -> None:
    page, complaints = await opens(desk, installation, "owner", "Quotes", "Quotes")
    await expect(page.get_by_role("row", name=re.compile("Toko Roti Kenanga"))).to_contain_text("Sent")
    await look(page, "quotes")
    await page.get_by_role("link", name="New quote").click()
    await choose(page, "Customer", "Hotel Merdeka")
    await page.get_by_label("Valid until").fill("2099-12-31")
    await page.get_by_label("Off the whole, %").fill("10")
    await page.get_by_label("Description of line 1").fill("Kopi Gayo 1 kg")
    await page.get_by_label("Quantity of line 1").fill("4")
    # Four times 185,000 less ten per cent, as the server works it out while one types.
    await expect(page.get_by_text("666,000.00").first).to_be_attached()
    await look(page, "quote-editor")
    await page.get_by_role("button", name="Send quote").click()
    await expect(page.get_by_role("status").filter(has_text="Sent")).to_be_visible()
    await look(page, "quote")
    address = await page.get_by_role("link", name="Open", exact=True).get_attribute("href")

    theirs = await desk.new_page()
    await visit(theirs, f"{installation.url}{address}")
    await look(theirs, "quote-public")
    await theirs.get_by_label("Your name").fill("Ratna Dewi")
    await theirs.get_by_role("button", name=re.compile("^Accept for")).click()
    await expect(theirs.get_by_text("Accepted by Ratna Dewi")).to_be_visible()

    await page.get_by_role("button", name="Make order").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("SO-000")
    await page.get_by_role("button", name="Deliver", exact=True).click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Kopi Gayo 1 kg").fill("1")
    await dialog.get_by_role("button", name="Deliver", exact=True).click()
    await expect(page.get_by_text("1 bag Kopi Gayo 1 kg")).to_be_visible()
    await page.get_by_role("button", name="Invoice", exact=True).click()
    await dialog.get_by_role("button", name="Issue invoice").click()
    await expect(page.get_by_role("link", name=re.compile("^INV-000"))).to_be_visible()
    await look(page, "order")

    await page.get_by_role("link", name=re.compile("^INV-000")).click()
    await page.get_by_role("button", name="Send by mail").click()
    await expect(page.get_by_text("Sent", exact=True)).to_be_visible(timeout=30_000)
    await look(page, "invoice-mailed")
    await go(page, "Orders", "Orders")
    await expect(page.get_by_role("row", name=re.compile("SO-00001"))).to_contain_text("1 of 2 lines")
    await look(page, "orders")

    await page.get_by_role("link", name="New order").click()
    await choose(page, "Customer", "Hotel Merdeka")
    await page.get_by_label("Description of line 1").fill("Kopi Gayo 1 kg")
    await page.get_by_label("Quantity of line 1").fill("400")
    await page.get_by_role("button", name="Make order").click()
    await expect(page.get_by_role("status").filter(has_text="Waits for")).to_contain_text("bag Kopi Gayo 1 kg")
    await look(page, "order-waiting")
    # Others want the goods too.
    await page.get_by_role("button", name="Cancel open").click()
    await dialog.get_by_label("Reason").fill("The hotel has closed")
    await dialog.get_by_role("button", name="Cancel what is open").click()
    await expect(page.get_by_role("status").filter(has_text="Waits for")).to_have_count(0)
    assert complaints == []

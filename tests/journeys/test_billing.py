"""A business sends an invoice to a customer it knows and is paid through the checkout; the ages know at once."""

import re

import pytest
from playwright.async_api import BrowserContext, expect

from tests.journeys.test_merchant import pays
from tests.support.browser import visit
from tests.support.console import choose, look, opens
from tests.support.installation import Installation

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_an_invoice_is_sent_in_six_actions_paid_by_its_customer_and_found_in_the_ages(
    desk: BrowserContext, installation: Installation
) -> None:
    page, complaints = await opens(desk, installation, "finance", "Invoices", "Invoices")
    await expect(page.get_by_role("row", name=re.compile("INV-00004"))).to_contain_text("days late")
    await look(page, "invoices")

    await page.get_by_role("link", name="New invoice").click()
    await choose(page, "Customer", "Hotel Merdeka")
    await page.get_by_label("Description of line 1").fill("Toraja beans, dark roast")
    await page.get_by_label("Quantity of line 1").fill("2,5")
    # Two and a half times 210,000 and eleven per cent of it, as the server works it out while one types.
    await expect(page.get_by_text("582,750.00").first).to_be_attached()
    await look(page, "invoice-editor")
    await page.get_by_role("button", name="Send invoice").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("INV-000")
    await expect(page.locator("#postings")).to_contain_text("billing.issue@1")
    await look(page, "invoice")
    number = (await page.get_by_role("heading", level=1).inner_text()).split()[0]
    address = await page.get_by_role("link", name="Open", exact=True).get_attribute("href")

    theirs = await desk.new_page()
    await visit(theirs, f"{installation.url}{address}")
    await expect(theirs.get_by_role("heading", level=1)).to_have_text(f"Invoice {number}")
    await look(theirs, "invoice-public")
    await theirs.get_by_role("button", name="Pay IDR 582,750").click()
    await theirs.wait_for_url("**/checkout/**")
    await pays(theirs, "Approve")

    await expect(page.get_by_role("status").filter(has_text="Paid")).to_be_visible()
    await expect(page.locator("#postings")).to_contain_text("billing.allocate@1")
    await visit(page, f"{installation.url}/invoices/ageing/")
    await expect(page.get_by_text("The receivable accounts held")).to_contain_text("the same")
    await expect(page.get_by_role("link", name=number)).to_have_count(0)
    await look(page, "invoices-ageing")
    assert complaints == []

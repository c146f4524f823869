"""A business writes a supplier's address down, records its bill and pays it by a payout, which the bill follows."""

import re

import pytest
from playwright.async_api import BrowserContext, expect

from tests.support.console import choose, look, opens
from tests.support.installation import Installation

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_bill_is_recorded_and_paid_by_a_payout_to_the_suppliers_account(
    desk: BrowserContext, installation: Installation
) -> None:
    page, complaints = await opens(desk, installation, "operator", "Bills", "Bills")
    await page.get_by_role("link", name="Record bill").click()
    await choose(page, "Supplier", "Jalur Cepat Logistik")
    await page.get_by_label("Their number").fill("F-5001")
    for label in ("Billed on", "Due on"):
        await page.get_by_label(label).fill("2026-11-20")
    await page.get_by_label("Description of line 1").fill("Freight to Bogor")
    await page.get_by_label("Price of line 1").fill("350,000")
    await page.get_by_label("Price of line 1").press("Enter")
    await expect(page.get_by_label("Description of line 2")).to_be_focused()
    await look(page, "bill-editor")
    await page.get_by_role("button", name="Record bill").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("BILL-000")

    await page.get_by_role("link", name="Pay", exact=True).click()
    sheet = page.locator("section", has=page.get_by_role("heading", name="Jalur Cepat Logistik"))
    await expect(sheet.get_by_role("checkbox", checked=True)).to_have_count(1)
    await look(page, "pay-bills")
    await sheet.get_by_role("button", name=re.compile("^Pay")).click()
    dialog = page.get_by_role("dialog", name="Pay Jalur Cepat Logistik")
    await expect(dialog).to_contain_text("F-5001")
    await dialog.get_by_role("button", name="Pay now").click()
    await expect(page.get_by_role("status").filter(has_text="is on its way")).to_be_visible()

    await page.get_by_role("link", name="All bills").click()
    await page.get_by_role("row", name=re.compile("F-5001")).get_by_role("link").first.click()
    await expect(page.get_by_role("status").filter(has_text="Paid")).to_be_visible()
    await expect(page.locator("#postings")).to_contain_text("payables.pay_out@1")
    await page.get_by_role("link", name="Supplier").click()
    await page.get_by_role("button", name="Change address").click()
    form = page.get_by_role("dialog", name="Address and tax number")
    await form.get_by_role("textbox", name="Address").fill("Jl. Raya Bogor 5\nJakarta 13710")
    await form.get_by_role("textbox", name="Country").fill("id")
    await form.get_by_role("button", name="Save").click()
    # What was typed is in the window too, until it closes.
    await expect(form).to_be_hidden()
    await expect(page.get_by_text("Jakarta 13710")).to_be_visible()
    await expect(page.get_by_text("Indonesia", exact=True)).to_be_visible()
    await look(page, "supplier")
    assert complaints == []

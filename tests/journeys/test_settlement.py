"""Finance agrees settlement terms, follows a settlement to its postings, settles by hand; the merchant reads."""

import re

import httpx2
from playwright.async_api import BrowserContext, expect

from tests.support.browser import axe_faults, visit
from tests.support.console import go, look, opens, signed_in
from tests.support.installation import Installation


def of_sales(installation: Installation) -> str:
    """The newest settlement that is not of released reserve alone."""
    told = {"Authorization": f"Bearer {installation.api_key('sandbox')}"}
    with httpx2.Client(base_url=f"{installation.url}/api/v1", headers=told) as client:
        ids = [each["id"] for each in client.get("/settlements").json()["data"]]
        lines = {each: client.get(f"/settlements/{each}").json()["lines"] for each in ids}
    return next(each for each in ids if lines[each][0]["cause"] == "sales")


async def test_a_settlement_leads_from_its_payout_to_the_postings_behind_each_line(
    desk: BrowserContext, installation: Installation
) -> None:
    page, complaints = await opens(desk, installation, "finance", "Settlements", "Settlements")
    await expect(page.get_by_role("row").nth(1)).to_contain_text("Kedai Senja")
    await look(page, "finance-settlements")

    await visit(page, f"/settlements/view/?id={of_sales(installation)}")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("JPY")
    lines = page.locator("#lines")
    await expect(lines).to_contain_text("Sales")
    await expect(lines).to_contain_text("Kept in reserve")
    await expect(page.get_by_text("What was owed")).to_be_visible()
    await expect(page.locator("#postings tbody").get_by_role("row").first).to_contain_text("Sales")
    await look(page, "finance-settlement")

    await page.locator("#postings tbody").get_by_role("link").last.click()
    await expect(page).to_have_url(re.compile("/ledger/entry/"))
    assert complaints == []


async def test_terms_are_changed_and_what_would_be_settled_today_is_shown_first(
    desk: BrowserContext, installation: Installation
) -> None:
    page, complaints = await signed_in(desk, installation, "finance", "/settlements/terms/")
    await expect(page.get_by_role("row").nth(1)).to_contain_text("T+1")
    await look(page, "finance-settlement-terms")
    await page.get_by_role("button", name="Change the terms of Kedai Senja").click()
    form = page.get_by_role("dialog", name="Change settlement terms")
    await expect(form.get_by_label("Minimum")).to_have_value("1,000")
    await expect(form.get_by_label("Reserve, %")).to_have_value("5")
    assert await axe_faults(page) == []
    await form.get_by_label("Delay").fill("2")
    await form.get_by_label("Reserve, %").fill("150")
    await form.get_by_role("button", name="Settle by these terms").click()
    await expect(form).to_contain_text("A number from 0 to 100")
    await form.get_by_label("Reserve, %").fill("7.5")
    await form.get_by_role("button", name="Settle by these terms").click()
    await expect(page.get_by_role("row").nth(1)).to_contain_text("T+2 · ID · cut-off 17:00 · 7.5 % kept 14 days")

    await go(page, "Settlements", "Settlements")
    await page.get_by_role("button", name="Settle now").click()
    window = page.get_by_role("dialog", name="Settle a merchant for today")
    await expect(window).to_contain_text("In reserve")
    assert await axe_faults(page) == []
    await look(page, "finance-settle-now")
    assert complaints == []


async def test_a_merchant_reads_its_own_settlements_and_changes_nothing(
    desk: BrowserContext, installation: Installation
) -> None:
    page, complaints = await opens(desk, installation, "merchant", "Settlements", "Settlements")
    await expect(page.get_by_role("button", name="Settle now")).to_have_count(0)
    await visit(page, f"/settlements/view/?id={of_sales(installation)}")
    await expect(page.locator("#lines")).to_contain_text("Payout")
    await page.locator("#postings tbody").get_by_role("link").last.click()
    await expect(page).to_have_url(re.compile("/payments/view/"))
    await visit(page, "/settlements/terms/")
    await expect(page.get_by_role("row").nth(1)).to_contain_text("JPY")
    await expect(page.get_by_role("button", name="Add terms")).to_have_count(0)
    await look(page, "merchant-settlement-terms")
    assert complaints == []

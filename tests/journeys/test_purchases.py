"""A purchase paid by several tenders: a customer chooses and pays, the shop gives back, a statement agrees."""

import re

import pytest
from playwright.async_api import BrowserContext, Page, expect

from tests.journeys.test_customer import sit_down
from tests.support.browser import PHONE, Visitors, axe_faults, fits, picture, visit
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
    await expect(page.locator("#postings")).to_contain_text("purchases.give_back@2")
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


async def test_at_the_till_a_customer_scans_signs_in_and_pays_with_what_it_has(
    desk: BrowserContext, visitors: Visitors, installation: Installation
) -> None:
    till, complaints = await opens(desk, installation, "merchant", "Purchases", "Purchases")
    address = await asks_whoever_stands_there(till)

    budi = await sit_down(visitors)
    await budi.page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    await visit(budi.page, address)
    await stands_up_to_a_look(budi.page, "order-sign-in")
    await expect(budi.page.get_by_text("Budi")).to_have_count(0)
    await budi.fill(email="budi@warung-kopi.example", password=installation.password("budi"))
    await budi.press("Sign in")

    await budi.page.get_by_label("Wallet (IDR)").fill("20000.50")
    await expect(budi.page.get_by_label("Cashback (IDR)")).to_have_count(0)
    await budi.page.get_by_label("Three easy parts").check()
    await stands_up_to_a_look(budi.page, "order-choice")
    await budi.page.get_by_label("Amount to pay in parts (IDR)").press("Enter")
    summary = budi.page.get_by_role("region", name="What pays")
    for amount in ("IDR 20,000.50", "IDR 69,999.50", "IDR 90,000"):
        await expect(summary.get_by_text(amount, exact=True)).to_be_visible()
    await stands_up_to_a_look(budi.page, "order-summary")
    await budi.press("Agree and pay")
    await expect(budi.page.get_by_role("region", name="Receipt")).to_contain_text("IDR 69,999.50")
    await stands_up_to_a_look(budi.page, "order-paid")

    await expect(till.get_by_role("status").filter(has_text="Completed")).to_be_visible()
    await expect(till.get_by_text("Budi Santoso")).to_be_visible()
    assert [*complaints, *budi.complaints] == []


async def asks_whoever_stands_there(till: Page) -> str:
    """The merchant asks for a total without knowing its customer; the address that the code on the screen leads to."""
    await till.get_by_role("button", name="Ask for a purchase").click()
    dialog = till.get_by_role("dialog")
    await dialog.get_by_label("For", exact=True).fill("Two bags of beans")
    await dialog.get_by_label("Reference").fill("till-0001")
    await dialog.get_by_label("Amount").fill("90000")
    for tender in ("Cashback", "Card, bank or e-wallet"):
        await dialog.get_by_label(tender).uncheck()
    await look(till, "purchase-ask")
    await dialog.get_by_role("button", name="Ask", exact=True).click()
    await expect(till.get_by_role("img", name="A code that opens")).to_be_visible()
    await look(till, "purchase-at-the-till")
    return str(await till.get_by_role("link", name="Open the page").get_attribute("href"))


async def stands_up_to_a_look(page: Page, name: str) -> None:
    """The page fits a phone, and breaks no rule of accessibility by day or night."""
    faults = await axe_faults(page)
    await page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    faults += await axe_faults(page, "color-contrast")
    await page.emulate_media(color_scheme="light", reduced_motion="reduce")
    assert faults == [], f"{name}: {faults}"
    assert await fits(page), f"{name} is wider than a phone"
    await picture(page, name)

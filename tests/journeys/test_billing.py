"""A business sends an invoice to a customer it knows, its goods leave, it is paid, and every report says the same."""

import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest
from playwright.async_api import BrowserContext, Locator, Page, expect

from tests.journeys.test_merchant import pays
from tests.support.browser import DESK, PHONE, visit
from tests.support.console import look, opens
from tests.support.installation import Installation

pytestmark = pytest.mark.asyncio(loop_scope="session")
# One kilo at 210,000 with eleven per cent; it cost 131,000.
NET, TAX, COST = 210_000_00, 23_100_00, 131_000_00


@dataclass
class Hands:
    """What somebody does at the screen, counted: each click and each text."""

    done: list[str] = field(default_factory=list)

    async def click(self, what: Locator) -> None:
        await what.click()
        self.done.append("click")

    async def write(self, where: Locator, text: str) -> None:
        await where.fill(text)
        self.done.append(text)


@dataclass
class Books:
    """Figures of the books as the console's own reports have them, in minor units of rupiah."""

    page: Page
    day: str = ""

    async def asked(self, path: str, **query: str) -> Any:
        answer = await self.page.request.get(f"/api/v1{path}", params=query)
        assert answer.ok, await answer.text()
        return await answer.json()

    async def figures(self) -> dict[str, int]:
        """What is owed, earned, spent on goods, in stock, owed as tax, and how far the books are out of balance."""
        ages = await self.asked("/billing/ageing", currency="IDR")
        self.day = ages["day"]
        profit = await self.asked("/reports/profit-and-loss", since=self.day, until=self.day, depth="2")
        sheet = await self.asked("/reports/balance-sheet", as_of=self.day, depth="2")
        trial = await self.asked("/ledger/trial-balance")
        lines = [
            line for part in profit["currencies"] for name in ("income", "expense") for line in part[name]["lines"]
        ]
        lines += [
            line for part in sheet["currencies"] for name in ("assets", "liabilities") for line in part[name]["lines"]
        ]
        known = {line["code"]: line["amount"]["amount"] for line in lines if line["amount"]["currency"] == "IDR"}
        codes = ("income:billing", "expense:cost-of-goods", "asset:stock", "asset:billing", "liability:billing")
        return {"owed": ages["total"], "out": 0 if trial["balanced"] else 1} | {
            code: known.get(code, 0) for code in codes
        }


def on_paper(minor: int) -> str:
    """An amount as the console writes it."""
    return f"{minor / 100:,.2f}"


async def test_an_invoice_is_sent_in_six_actions_its_goods_leave_it_is_paid_and_every_report_agrees(
    desk: BrowserContext, installation: Installation
) -> None:
    page, complaints = await opens(desk, installation, "finance", "Invoices", "Invoices")
    await expect(page.get_by_role("row", name=re.compile("Kafe Lentera")).first).to_contain_text("days late")
    await look(page, "invoices")
    books = Books(page)
    before = await books.figures()
    number = await _sends_an_invoice(page)
    address = await page.get_by_role("link", name="Open", exact=True).get_attribute("href")
    sent = await books.figures()
    assert {name: sent[name] - before[name] for name in before} == {
        "owed": NET + TAX,
        "asset:billing": NET + TAX,
        "liability:billing": TAX,
        "income:billing": NET,
        "expense:cost-of-goods": COST,
        "asset:stock": -COST,
        "out": 0,
    }

    theirs = await desk.new_page()
    await visit(theirs, f"{installation.url}/invoices/ageing/")
    await expect(theirs.get_by_role("link", name=number)).to_be_visible()
    await expect(theirs.get_by_text(on_paper(sent["owed"])).first).to_be_attached()
    await visit(theirs, f"{installation.url}{address}")
    await expect(theirs.get_by_role("heading", level=1)).to_have_text(f"Invoice {number}")
    await look(theirs, "invoice-public")
    await theirs.set_viewport_size(PHONE)
    assert await theirs.get_by_role("region", name="Lines").evaluate("it => it.scrollWidth <= it.clientWidth")
    await theirs.set_viewport_size(DESK)
    await theirs.get_by_role("button", name="Pay IDR 233,100").click()
    await theirs.wait_for_url("**/checkout/**")
    await pays(theirs, "Approve")

    await expect(page.get_by_role("status").filter(has_text="Paid")).to_be_visible()
    await visit(page, f"{installation.url}/invoices/ageing/")
    await expect(page.get_by_text("The receivable accounts held")).to_contain_text("the same")
    await expect(page.get_by_role("link", name=number)).to_have_count(0)
    await look(page, "invoices-ageing")
    paid = await books.figures()
    assert paid["owed"] == before["owed"]
    await _finds_the_same_in_the_reports(page, books.day, paid, number)
    assert complaints == []


async def _sends_an_invoice(page: Page) -> str:
    """One kilo of what is in stock to a customer who is known: six actions, and its number."""
    hands = Hands()
    await hands.click(page.get_by_role("link", name="New invoice"))
    await hands.write(page.get_by_role("combobox", name="Customer", exact=True), "Hotel")
    await hands.click(page.get_by_role("option").filter(has_text="Hotel Merdeka").first)
    await hands.write(page.get_by_label("Description of line 1"), "Toraja beans, dark roast")
    # The product's price and tax came by themselves, and the goods leave from where the business says.
    await expect(page.get_by_text("233,100.00").first).to_be_attached()
    await expect(page.get_by_label("Goods leave when it is sent")).to_have_value(re.compile("^whs_"))
    await look(page, "invoice-editor")
    await hands.click(page.get_by_role("button", name="Send invoice"))
    await expect(page.get_by_role("heading", level=1)).to_contain_text("INV-000")
    await hands.click(page.get_by_role("button", name="Send by mail"))
    mail = page.locator("section").filter(has=page.get_by_role("heading", name="Mail", exact=True))
    await expect(mail.get_by_role("listitem")).to_have_count(1)
    assert len(hands.done) == 6
    await expect(page.locator("#postings")).to_contain_text("billing.issue@1")
    await expect(page.locator("#postings")).to_contain_text("stock.deliver@1")
    await look(page, "invoice")
    return (await page.get_by_role("heading", level=1).inner_text()).split()[0]


async def _finds_the_same_in_the_reports(page: Page, day: str, paid: dict[str, int], number: str) -> None:
    for report, names in (
        ("profit", ("income:billing", "expense:cost-of-goods")),
        ("balance", ("asset:stock", "asset:billing", "liability:billing")),
    ):
        await visit(page, f"/reports/?show={report}&since={day}&until={day}")
        for name in names:
            await expect(page.get_by_text(on_paper(paid[name])).first).to_be_attached()
        await look(page, f"reports-{report}")
    await visit(page, f"/reports/?show=sales-by-product&since={day}&until={day}")
    await page.get_by_role("row", name=re.compile("Toraja beans")).get_by_role("link").first.click()
    await expect(page.get_by_role("link", name=number)).to_be_visible()
    await look(page, "reports-sources")
    in_half_a_year = date.fromisoformat(day) + timedelta(days=180)
    await visit(page, f"/reports/?show=cash-forecast&since={day}&until={in_half_a_year}")
    await expect(page.get_by_role("cell", name=re.compile("^Recurring")).first).to_be_visible()
    await look(page, "reports-cash-forecast")
    await visit(page, "/ledger/trial-balance/")
    await expect(page.get_by_text("Balanced").first).to_be_visible()
    await visit(page, "/home/")
    await expect(page.get_by_role("region", name="Your business")).to_contain_text(on_paper(paid["owed"]))
    await look(page, "home-business")


async def test_a_customer_pays_everything_on_a_page_of_its_own_which_can_be_withdrawn(
    desk: BrowserContext, installation: Installation
) -> None:
    page, complaints = await opens(desk, installation, "finance", "Invoices", "Invoices")
    numbers = []
    for _ in range(2):
        await visit(page, f"{installation.url}/invoices/")
        numbers.append(await _sends_an_invoice(page))
    await page.get_by_role("link", name="Hotel Merdeka").first.click()
    its_page = page.locator("section").filter(has=page.get_by_role("heading", name="Their own page"))
    await its_page.get_by_role("button", name="Send by mail").click()
    await expect(its_page.get_by_role("listitem").filter(has_text="Sent")).to_have_count(1)
    await look(page, "customer-portal")
    address = await its_page.get_by_role("link", name="See it as they do").get_attribute("href")

    theirs = await desk.new_page()
    await visit(theirs, f"{installation.url}{address}")
    opened = theirs.get_by_role("region", name="Open invoices in IDR")
    for number in numbers:
        await expect(opened.get_by_role("link", name=number)).to_be_visible()
    await look(theirs, "portal")
    await theirs.get_by_role("region", name="To pay in IDR").get_by_role("button").click()
    await theirs.wait_for_url("**/checkout/**")
    await pays(theirs, "Approve")
    await expect(theirs.locator("[data-stage=paid]")).to_be_visible()
    await visit(theirs, f"{installation.url}{address}")
    await expect(theirs.get_by_text("Nothing is left to pay.")).to_be_visible()
    settled = theirs.get_by_role("region", name="Settled invoices")
    for number in numbers:
        await expect(settled.get_by_role("link", name=number)).to_be_visible()
    await look(theirs, "portal-settled")

    await its_page.get_by_role("button", name="Withdraw").click()
    await page.get_by_role("dialog").get_by_role("button", name="Withdraw it").click()
    await expect(its_page.get_by_role("button", name="Open it")).to_be_visible()
    await visit(theirs, f"{installation.url}{address}")
    await expect(theirs.get_by_role("heading", level=1)).to_have_text("No such page")
    assert complaints == []


async def test_one_payment_pays_several_invoices_the_rest_is_paid_back_and_the_customer_is_forgotten(
    desk: BrowserContext, installation: Installation
) -> None:
    page, complaints = await opens(desk, installation, "owner", "Customers", "Customers")
    await page.get_by_role("link", name="Kafe Lentera").first.click()
    await expect(page.get_by_role("listitem").filter(has_text="INV-000").first).to_be_visible()
    await look(page, "customer-money-and-timeline")
    await page.get_by_role("button", name="Erase").click()
    await expect(page.get_by_role("dialog")).to_contain_text("an invoice is still open")
    await look(page, "erase-refused")
    await page.keyboard.press("Escape")

    await page.get_by_role("link", name="Invoices and payments").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Money of Kafe Lentera")
    owed = page.locator("section").filter(has=page.get_by_role("heading", name="Owed in IDR"))
    assert await owed.get_by_role("listitem").count() > 1
    await page.get_by_role("button", name="Receive money").click()
    dialog = page.get_by_role("dialog", name="Receive money")
    await dialog.get_by_label("Amount").fill("99,000,000")
    await look(page, "receive-money")
    await dialog.get_by_role("button", name="Record").click()
    await expect(owed).to_contain_text("Nothing is owed.")
    await look(page, "customer-money")
    await page.get_by_role("button", name=re.compile("^Pay back")).first.click()
    dialog = page.get_by_role("dialog", name=re.compile("^Pay back"))
    await dialog.get_by_label("Reason").fill("Paid too much")
    await dialog.get_by_role("button", name="Pay back").click()
    await expect(page.get_by_text("Left over in IDR")).to_have_count(0)

    await page.get_by_role("link", name="The customer").click()
    await page.get_by_role("button", name="Erase").click()
    dialog = page.get_by_role("dialog", name="Erase Kafe Lentera?")
    await expect(dialog).to_contain_text("Stays, without a name")
    await look(page, "erase")
    await dialog.get_by_label("Reason").fill("Asked for it in writing")
    await dialog.get_by_role("button", name="Erase for good").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("erased")
    # The framework repeats the page's last title to screen readers until one goes elsewhere; this is the page's own.
    await expect(page.get_by_role("main")).not_to_contain_text("Kafe Lentera")
    assert complaints == []

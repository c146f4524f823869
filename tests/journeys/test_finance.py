"""Finance closes a month, gives money back, finds a payment again, and hands out a proof that stands by itself."""

import re
import subprocess
import sys
from pathlib import Path

import httpx2
from playwright.async_api import BrowserContext, Page, expect

from tests.journeys.test_admin import as_merchant, paid, specie
from tests.support.browser import ROOT, axe_faults, visit
from tests.support.console import go, let_in, look, opens, signed_in
from tests.support.installation import SESSION_COOKIE, Installation


async def test_a_closed_day_takes_no_manual_entry_until_it_is_reopened(
    desk: BrowserContext, installation: Installation
) -> None:
    page, _ = await opens(desk, installation, "finance", "Periods", "Periods")
    await look(page, "finance-periods-open")
    await page.get_by_role("button", name="Another day").click()
    closable = str(await page.locator("[name=through]").get_attribute("max"))
    await page.locator("[name=through]").fill(closable)
    await page.locator("[name=reason]").fill("Books handed to the auditor")
    await page.get_by_role("button", name="Close", exact=True).click()
    await expect(page.get_by_text(f"Closed up to {closable}", exact=True)).to_be_visible()
    await expect(page.get_by_text("Fitri Handayani").first).to_be_visible()
    await look(page, "finance-periods-closed")

    await asks_for_an_entry(page, closable)
    refusal = page.get_by_role("alert").filter(has_text="The books of that day are closed")
    await expect(refusal).to_contain_text(f"The books are closed up to {closable}")
    await look(page, "finance-period-refused")

    await go(page, "Periods", "Periods")
    await page.get_by_role("button", name="Reopen").click()
    dialog = page.get_by_role("dialog", name="Reopen the books")
    assert await axe_faults(page) == []
    await dialog.locator("[name=reason]").fill("A forgotten invoice")
    await dialog.get_by_role("button", name="Reopen").click()
    await expect(page.get_by_text("Open altogether")).to_be_visible()
    await asks_for_an_entry(page, closable)
    dialog = page.get_by_role("dialog", name="Post this entry")
    await expect(dialog).to_contain_text(closable)
    await dialog.get_by_role("button", name="Post", exact=True).click()
    await expect(page.get_by_text("Business date")).to_be_visible()
    await expect(page.locator("dl")).to_contain_text(closable)


async def asks_for_an_entry(page: Page, day: str) -> None:
    """A manual entry between two accounts without a floor, for a day."""
    await visit(page, "/ledger/new-entry/")
    debit = page.get_by_label("Debit")
    await expect(debit.locator("option").nth(9)).to_be_attached()
    options = await debit.locator("option").evaluate_all("found => found.map((each) => [each.value, each.text])")
    # By their values: the texts get names in the place of ids once those are known.
    choices = [(value, text) for value, text in options if re.match(r"(income|expense):", text)]
    currency = choices[0][1].split(" · ")[-1]
    first, second = [value for value, text in choices if text.endswith(currency)][:2]
    await debit.select_option(value=first)
    await page.get_by_label("Credit").select_option(value=second)
    await page.get_by_label("Amount").fill("1")
    await page.get_by_label("What for").fill("Correction of a forgotten invoice")
    await page.get_by_label("Day").fill(day)
    await page.get_by_role("button", name="Check and continue").click()


OLD_COLUMNS = "kind,account,type,name,party,purse,product,warehouse,quantity,unit_cost,currency,amount"
OLD_BOOKS = f"""{OLD_COLUMNS},number,issued_on,due_on,total
account,asset:old:bank,asset,Bank of the old books,,,,,,,IDR,5000.00,,,,
wallet,,,,{{customer}},old-points,,,,,IDR,20.00,,,,
stock,,,,,,{{product}},BDG,4,100.00,,,,,,
invoice,,,,{{customer}},,,,,,IDR,750.00,OLD/318,2025-11-03,2025-12-03,1000.00
"""


async def test_an_opening_position_is_looked_at_corrected_and_brought_in_whole(
    desk: BrowserContext, installation: Installation
) -> None:
    page, complaints = await opens(desk, installation, "finance", "Books", "Books")
    await page.get_by_role("link", name="Opening balances").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Opening balances")
    await expect(page.get_by_text("Nothing yet")).to_be_visible()
    await look(page, "finance-opening-empty")
    async with page.expect_download() as saving:
        await page.get_by_role("link", name="Template").click()
    assert (await (await saving.value).path()).read_text().startswith("kind,account,type,")

    await page.get_by_label("Cut-over date").fill("2026-01-01")
    await chooses(page, OLD_BOOKS.format(customer="dewi@warung-kopi.example", product="NONE"))
    await expect(page.get_by_text("1 of 4 lines cannot be brought in")).to_be_visible()
    await expect(page.get_by_text("no product has the SKU NONE")).to_be_visible()
    await expect(page.get_by_role("button", name="Post")).to_have_count(0)
    await look(page, "finance-opening-refused")

    await chooses(page, OLD_BOOKS.format(customer="dewi@warung-kopi.example", product="BREW-12"))
    await expect(page.get_by_text("All 4 lines fit")).to_be_visible()
    await expect(page.get_by_text(re.compile("^Dewi.*, old-points$"))).to_be_visible()
    totals = page.get_by_role("row").filter(has_text="6,150.00")
    await expect(totals).to_contain_text("6,130.00")
    await look(page, "finance-opening-preview")
    await page.get_by_role("button", name="Post 4 lines").click()

    await expect(page.get_by_role("heading", level=1)).to_contain_text("old-books.csv")
    await expect(page.get_by_text("4 × BREW-12 in BDG")).to_be_visible()
    await look(page, "finance-opening-posted")
    await page.get_by_role("row").filter(has_text="asset:old:bank").get_by_role("link").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Opening balance")
    await expect(page.locator("dl")).to_contain_text("2026-01-01")
    await page.go_back()
    await page.get_by_role("link", name="Invoice OLD/318").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("OLD/318")
    await expect(page.get_by_text("Brought in from the system used before")).to_be_visible()
    await expect(page.get_by_role("link", name="E-invoice")).to_have_count(0)
    await look(page, "finance-invoice-brought-in")
    assert complaints == []


async def chooses(page: Page, content: str) -> None:
    """A file of the old system is chosen and looked at."""
    file = {"name": "old-books.csv", "mimeType": "text/csv", "buffer": content.encode()}
    await page.get_by_label("File").set_input_files(file)  # type: ignore[arg-type]
    await page.get_by_role("button", name="Look at it first").click()


async def test_typed_lines_above_the_line_of_journals_wait_for_somebody_elses_yes(
    desk: BrowserContext, installation: Installation
) -> None:
    needs_two_people(installation, "KWD", above=1)
    page, complaints = await signed_in(desk, installation, "finance", "/ledger/opening/")
    await page.get_by_label("Cut-over date").fill("2026-01-01")
    await page.get_by_role("button", name="Type them").click()
    await page.get_by_label("Account of line 1").fill("asset:old:cash")
    await page.get_by_label("Currency of line 1").fill("KWD")
    await page.get_by_label("Amount of line 1").fill("1,250.505")
    await page.get_by_label("Amount of line 1").press("Enter")
    await page.get_by_label("Account of line 2").fill("liability:old:loan")
    await page.get_by_label("Amount of line 2").fill("250.505")
    await page.get_by_role("button", name="Add line").click()
    await page.get_by_label("Kind of line 3").select_option("bill")
    await page.get_by_label("Supplier of line 3").fill("dewi@warung-kopi.example")
    await page.get_by_label("Number of line 3").fill("F-118")
    await page.get_by_label("Open amount of line 3").fill("100")
    await page.get_by_label("Issued of line 3").fill("2025-12-10")
    await page.get_by_label("Due of line 3").fill("2026-01-09")
    await look(page, "finance-opening-typed")
    await page.get_by_role("button", name="Look at it first").click()
    await expect(page.get_by_text("All 3 lines fit")).to_be_visible()
    await page.get_by_role("button", name="Ask for approval").click()
    await expect(page.get_by_text("nothing is posted until somebody else says yes")).to_be_visible()

    await let_in(desk, installation, "owner")
    await visit(page, "/approvals/")
    asked = page.locator("section").filter(has=page.get_by_role("heading", name="Opening import"))
    await expect(asked.locator("dl")).to_contain_text(re.compile(r"Opening equity.*900\.000"))
    await look(page, "owner-opening-asked")
    await asked.get_by_role("button", name="Approve").click()
    dialog = page.get_by_role("dialog", name="Approve this?")
    await dialog.get_by_label("Reason").fill("These are the old books")
    await dialog.get_by_role("button", name="Approve").click()
    await expect(asked).to_have_count(0)
    await visit(page, "/ledger/opening/")
    await page.get_by_role("link", name="typed-lines.csv").click()
    await expect(page.get_by_role("row").filter(has_text="liability:old:loan").get_by_role("link")).to_be_visible()
    assert complaints == []


def needs_two_people(installation: Installation, currency: str, *, above: int) -> None:
    """From now on a journal of more than so many minor units waits for a second person."""
    cookies = {SESSION_COOKIE: installation.session("owner")}
    with httpx2.Client(base_url=f"{installation.url}/api/v1", cookies=cookies) as owner:
        token = owner.get("/me").json()["csrf_token"]
        proof = {"Sec-Fetch-Site": "same-origin", "X-CSRF-Token": token}
        owner.put(f"/approval-lines/journal/{currency}", json={"above": above}, headers=proof).raise_for_status()


async def test_a_payment_is_found_by_the_customers_address_and_by_its_amount(
    desk: BrowserContext, installation: Installation
) -> None:
    body = {
        "reference": "to-be-found",
        "amount": {"amount": 1_234_567, "currency": "IDR"},
        "description": "One odd thing",
        "customer": {"name": "Wulan Sari", "email": "wulan@odd.example"},
    }
    as_merchant(installation).post("/payments", json=body, headers={"Idempotency-Key": "to-be-found"})
    page, complaints = await opens(desk, installation, "finance", "Payments", "Payments")
    for label, wanted, other in (
        ("Customer's e-mail", "wulan@odd.example", "nobody@odd.example"),
        ("Amount", "12345.67", "12345.68"),
    ):
        await visit(page, "/payments/")
        field = page.get_by_label(label, exact=True)
        await field.fill(wanted)
        await field.press("Enter")
        await expect(page.get_by_role("row")).to_have_count(2)
        await expect(page.get_by_role("row").last).to_contain_text("One odd thing")
        await field.fill(other)
        await field.press("Enter")
        await expect(page.get_by_text("No payment fits these filters.")).to_be_visible()
    await look(page, "finance-nothing-found")
    assert complaints == []


async def test_a_refund_shows_who_pays_for_it_and_happens_as_shown(
    desk: BrowserContext, installation: Installation
) -> None:
    payment = await paid(installation, "to-be-refunded")
    page, complaints = await signed_in(desk, installation, "finance", f"/payments/view/?id={payment['id']}")
    await expect(page.locator("#postings").get_by_text("Kedai Senja").first).to_be_visible()
    await expect(page.locator("#postings").get_by_text("Simulator").first).to_be_visible()
    await page.get_by_role("button", name="Refund").click()
    form = page.get_by_role("dialog", name="Refund this payment")
    await form.get_by_label("Amount").fill("25000")
    await form.get_by_label("Reason").fill("One bag was missing")
    await form.get_by_role("button", name="Look before it happens").click()

    shown = page.get_by_role("dialog", name="Refund this payment")
    await expect(shown).to_contain_text(re.compile("From liability:wallets:Kedai Senja"))
    assert await axe_faults(page) == []
    row = shown.get_by_role("row").filter(has_text="May still be refunded")
    await expect(row).to_contain_text("75,000.00")
    await expect(row).to_contain_text("50,000.00")
    assert refunded(installation, payment["id"]) == 0
    await shown.get_by_role("button", name="Refund now").click()

    await expect(page.get_by_text("Refunded", exact=True).first).to_be_visible()
    await look(page, "finance-refunded")
    assert refunded(installation, payment["id"]) == 25_000_00
    assert complaints == []


def refunded(installation: Installation, payment_id: str) -> int:
    """What has gone back of a payment, in minor units."""
    answer = as_merchant(installation).get(f"/payments/{payment_id}").json()
    return int(answer["refunded"]["amount"])


async def test_the_health_page_says_of_each_kind_of_work_how_long_it_waits(
    desk: BrowserContext, installation: Installation
) -> None:
    page, complaints = await opens(desk, installation, "admin", "Health", "Health")
    work = page.locator("section").filter(has=page.get_by_role("heading", name="Background work"))
    lags = httpx2.get(f"{installation.url}/health").json()["lags"]

    await expect(work.locator("dt")).to_have_count(len(lags))
    for words in (
        "Events, not numbered",
        "Webhooks, due and not sent",
        "Ledger, not sealed",
        "Audit trail, not sealed",
    ):
        line = work.locator("dl > div").filter(has_text=words)
        await expect(line).to_contain_text(re.compile(r"Nothing waits|Oldest waits \d"))
    assert complaints == []


async def test_a_proof_handed_out_by_the_console_is_checked_by_a_file_alone(
    desk: BrowserContext, installation: Installation, tmp_path: Path
) -> None:
    payment = await paid(installation, "to-be-proved")
    entry = payment["entries"][0]["entry_id"]
    page, complaints = await signed_in(desk, installation, "finance", f"/ledger/entry/?id={entry}")
    await expect(page.get_by_text("Kedai Senja").first).to_be_visible()
    assert specie(installation, "checkpoint").returncode == 0
    await page.get_by_role("button", name="Proof").click()
    dialog = page.get_by_role("dialog", name="Proof of this entry")
    await expect(dialog.get_by_text("Checkpoint", exact=True)).to_be_visible()
    assert await axe_faults(page) == []
    async with page.expect_download() as saving:
        await dialog.get_by_role("button", name="Download the receipt").click()
    receipt = tmp_path / "receipt.json"
    await (await saving.value).save_as(receipt)

    assert checked(installation, receipt) == 0
    receipt.write_text(receipt.read_text().replace("payments.capture", "payments.capturf", 1))
    assert checked(installation, receipt) == 1
    assert complaints == []


def checked(installation: Installation, receipt: Path) -> int:
    """What the single file for checking receipts leaves with."""
    answer = httpx2.get(f"{installation.url}/api/v1/ledger/checkpoints/key")
    key = answer.json()["public_key"]
    command = [sys.executable, str(ROOT / "tools" / "verify_receipt.py"), str(receipt), "--key", key]
    return subprocess.run(command, capture_output=True, check=False, timeout=60).returncode


async def test_what_providers_still_owe_is_one_step_from_the_reconciliation(
    desk: BrowserContext, installation: Installation
) -> None:
    page, complaints = await opens(desk, installation, "finance", "Reconciliation", "Reconciliation")
    await page.get_by_role("link", name="Money expected").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Money expected from providers")
    rupiah = page.locator("section").filter(has=page.get_by_role("heading", name="Simulator, IDR"))
    await expect(rupiah.get_by_role("listitem").first).to_contain_text("Say when it pays over")
    await expect(rupiah).to_contain_text("Owed by the books")
    await look(page, "finance-money-expected")
    assert complaints == []

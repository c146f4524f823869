"""An admin looks behind a payment, proves the books, and finds in the developer's pages why something went wrong."""

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import httpx2
import pytest
from playwright.async_api import BrowserContext, Page, expect

from tests.support.browser import axe_faults, visit
from tests.support.console import go, log_in, look, opens, signed_in
from tests.support.installation import Installation
from tests.support.oidc_provider import CLIENT, SECRET

BIN = Path(sys.executable).parent
AMOUNT = {"amount": 7_500_000, "currency": "IDR"}


@pytest.fixture
def issuer() -> Iterator[str]:
    """An OpenID provider, which is a process of its own."""
    command = [sys.executable, "-m", "tests.support.oidc_provider"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.terminate()


async def test_a_payment_opens_into_its_story_postings_callback_bytes_and_deliveries(
    desk: BrowserContext, installation: Installation
) -> None:
    payment = await paid(installation, "behind-a-payment")
    page, complaints = await signed_in(desk, installation, "admin")
    await look(page, "admin-home")
    await go(page, "Payments", "Payments")
    await page.get_by_label("Id or reference").fill("behind-a-payment")
    row = page.get_by_role("row").filter(has_text="behind-a-payment")
    await expect(row).to_contain_text("Rini Puspita")
    await expect(row).to_contain_text("Kedai Senja")
    await row.get_by_role("link", name="Filter papers").click()

    await sees_the_story(page)
    await reads_the_callbacks_bytes(page, payment)
    await follows_a_delivery(page)
    await goes_from_the_amount_to_its_entry(page)
    assert complaints == []


async def test_the_books_balance_in_every_currency_and_every_number_opens(
    desk: BrowserContext, installation: Installation
) -> None:
    page, complaints = await opens(desk, installation, "admin", "Books", "Books")
    await expect(page.get_by_text("Debits equal credits")).to_be_visible()
    await look(page, "admin-books")
    await page.get_by_label("As of").fill("2020-01-01")
    await expect(page.get_by_text("Nothing posted by then")).to_be_visible()
    await page.get_by_label("As of").fill("2099-01-01")
    await page.get_by_role("button", name="Recorded").click()
    await expect(page.get_by_text("What was on record at the end of 2099-01-01")).to_be_visible()
    await expect(page.get_by_role("button", name="Simulator").first).to_be_visible()
    await look(page, "admin-books-as-of")
    await visit(page, "/payments/settings/")
    await look(page, "admin-payment-settings")
    await page.get_by_label("Time to pay, minutes").fill("61")
    async with page.expect_response("**/api/v1/payment-settings") as changed:
        await page.get_by_role("button", name="Set for everybody").click()
    assert (await (await changed.value).json())["expiry_seconds"] == 61 * 60
    await visit(page, "/ledger/")
    await page.get_by_role("link", name="Copies").click()
    async with page.expect_download() as coming:
        await page.get_by_role("link", name="Download hledger").click()
    assert (await coming.value).suggested_filename.endswith(".journal.gz")
    await look(page, "admin-books-copies")
    await go(page, "Trial balance", "Trial balance")
    for currency in ("IDR", "JPY", "KWD"):
        sheet = page.locator("section").filter(has=page.get_by_role("heading", name=currency, exact=True))
        await expect(sheet.get_by_text("Balanced", exact=True)).to_be_visible()
    await look(page, "admin-trial-balance")
    async with page.expect_download() as saved:
        await page.get_by_role("link", name="CSV").click()
    assert "\nTotal,,KWD," in (await (await saved.value).path()).read_text()
    await page.get_by_role("button", name="Accounts", exact=True).click()
    await page.get_by_role("link", name="income:fees:payments").first.click()
    await expect(page.get_by_role("heading", name="Statement")).to_be_visible()
    await page.get_by_role("button", name="Watch").click()
    window = page.get_by_role("dialog", name="Watch this balance")
    await window.get_by_label("The line").fill("1000")
    await window.get_by_label("Reason").fill("Fees fall")
    assert await axe_faults(page) == []
    await window.get_by_role("button", name="Watch").click()
    await expect(page.get_by_role("listitem").filter(has_text="Below")).to_contain_text("1,000.00")
    await look(page, "admin-account")
    await page.get_by_role("button", name="Stop watching").click()
    await expect(page.get_by_text("Nobody is told")).to_be_visible()
    assert complaints == []


async def test_every_act_and_the_state_of_the_installation_can_be_seen(
    desk: BrowserContext, installation: Installation
) -> None:
    link = {"currency": "IDR", "description": "Beans by the bag", "reusable": True}
    as_merchant(installation).post("/payment-links", json=link, headers={"Idempotency-Key": "audited"})
    page, complaints = await log_in(desk, installation, "admin")
    await go(page, "Audit log", "Audit log")
    await page.get_by_role("button", name="session.start").first.click()
    await expect(page.get_by_role("dialog")).to_contain_text("Number in the chain")
    assert await axe_faults(page) == []
    await page.keyboard.press("Escape")
    await look(page, "admin-audit")
    async with page.expect_download() as saving:
        await page.keyboard.press("e")
    assert "session.start" in (await (await saving.value).path()).read_text()

    await page.get_by_role("button", name="payment_link.create").first.click()
    await page.get_by_role("dialog").get_by_role("link", name="Open the request").click()
    request = page.get_by_role("dialog", name="Request")
    await expect(request.get_by_text("POST /api/v1/payment-links").first).to_be_visible()
    await page.keyboard.press("Escape")
    await go(page, "Health", "Health")
    await expect(page.get_by_text("Simulator (simulator)")).to_be_visible()
    await look(page, "admin-health")
    await page.get_by_role("link", name="1").first.click()
    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert complaints == []


async def test_single_sign_on_is_set_up_tested_and_switched_off(
    desk: BrowserContext, installation: Installation, issuer: str
) -> None:
    page, complaints = await log_in(desk, installation, "owner")
    await go(page, "Single sign-on", "Single sign-on")
    await expect(page.get_by_text(f"{installation.url}/api/v1/auth/sso/callback")).to_be_visible()
    await page.get_by_label("Words on the button").fill("Sign in with Kopi")
    await page.get_by_label("Issuer").fill(f"{issuer}/nobody")
    await page.get_by_label("Client id").fill(CLIENT)
    await page.get_by_label("Client secret").fill(SECRET)
    await page.get_by_label("Who comes for the first time becomes").select_option("Viewer")
    await page.get_by_label("With an address of these domains").fill("kopi.example")
    await page.get_by_role("button", name="Set single sign-on up").click()
    await expect(page.get_by_label("Issuer")).to_have_attribute("aria-invalid", "true")
    await page.get_by_label("Issuer").fill(issuer)
    await page.get_by_role("button", name="Set single sign-on up").click()
    await page.get_by_role("button", name="Test it").click()
    await expect(page.get_by_text("it signs with 1 key")).to_be_visible()
    await expect(page.get_by_label("Client secret")).to_have_value("")
    await look(page, "single-sign-on")
    await page.get_by_role("button", name="Switch off").click()
    await expect(page.get_by_role("button", name="Switch on")).to_be_visible()
    await page.get_by_role("button", name="Take it away").click()
    await expect(page.get_by_role("button", name="Set single sign-on up")).to_be_visible()
    assert [one for one in complaints if "404" not in one and "422" not in one] == []


async def test_those_in_charge_see_who_works_here_and_who_has_a_second_factor(
    desk: BrowserContext, installation: Installation
) -> None:
    page, complaints = await opens(desk, installation, "owner", "Members", "Members")
    row = page.get_by_role("row").filter(has_text="finance")
    await expect(row.first).to_contain_text("None")
    await expect(page.get_by_role("button", name=re.compile("Remove second factor"))).to_have_count(0)
    await look(page, "members")
    assert complaints == []


async def test_a_key_is_shown_once_works_and_is_revoked(desk: BrowserContext, installation: Installation) -> None:
    page, complaints = await opens(desk, installation, "admin", "API keys", "API keys")
    await look(page, "admin-keys")
    await page.get_by_role("button", name="New key").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Name").fill("Nightly report")
    await dialog.get_by_label("payments:read", exact=True).check()
    assert await axe_faults(page) == []
    await dialog.get_by_role("button", name="Make the key").click()
    key = await page.get_by_role("dialog", name="Copy the key now").locator("pre").inner_text()
    await page.keyboard.press("Escape")

    assert asks_with(installation, key, "/payments") == 200
    assert asks_with(installation, key, "/audit") == 403
    row = page.get_by_role("row").filter(has_text="Nightly report")
    await row.get_by_role("button", name="Revoke").click()
    await page.get_by_role("dialog").get_by_role("button", name=re.compile("Revoke")).click()
    await expect(row).to_contain_text("Revoked")
    assert asks_with(installation, key, "/payments") == 401
    assert complaints == []


async def test_a_refused_request_is_found_in_the_log_and_copied_as_a_command(
    desk: BrowserContext, installation: Installation
) -> None:
    await desk.grant_permissions(["clipboard-read", "clipboard-write"])
    body = {"reference": "refused", "amount": {"amount": -1, "currency": "IDR"}}
    refused = as_merchant(installation).post("/payments", json=body, headers={"Idempotency-Key": "refused-1"})
    assert refused.status_code == 422
    page, complaints = await opens(desk, installation, "admin", "Requests", "Requests")
    await page.get_by_role("button", name="4xx").click()
    await look(page, "admin-requests")
    await page.get_by_role("button", name="POST /api/v1/payments").first.click()
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("No money was moved")
    assert await axe_faults(page) == []

    await dialog.get_by_role("button", name="Copy as curl").click()
    command = await page.evaluate("navigator.clipboard.readText()")
    assert runs_again(installation, command) == "422"
    assert complaints == []


async def test_the_feed_opens_into_an_event_and_its_delivery(desk: BrowserContext, installation: Installation) -> None:
    page, complaints = await opens(desk, installation, "admin", "Events", "Events")
    await page.get_by_label("Kind of event").select_option("payment.paid")
    await look(page, "admin-events")
    await page.get_by_role("button", name="payment.paid").first.click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_role("heading", name="Deliveries")).to_be_visible()
    assert await axe_faults(page) == []
    await page.keyboard.press("Escape")

    await page.get_by_role("button", name="Trigger").click()
    dialog = page.get_by_role("dialog", name="Trigger an event")
    await dialog.get_by_label("Event").select_option("payment.failed")
    await dialog.get_by_label("Other values").fill("amount=777700")
    assert await axe_faults(page) == []
    await dialog.get_by_role("button", name="Make it happen").click()
    await expect(dialog.get_by_role("status")).to_contain_text("is failed")
    await dialog.get_by_label("Event").select_option("settlement.made")
    await expect(dialog.get_by_role("button", name="Send the example")).to_be_visible()
    await look(page, "admin-trigger")
    await page.keyboard.press("Escape")

    await go(page, "Callbacks", "Callbacks")
    await look(page, "admin-callbacks")
    await go(page, "Exceptions", "Payment exceptions")
    await look(page, "admin-exceptions")
    assert complaints == []


async def test_a_sandbox_moved_forward_takes_the_simulator_along_and_lets_payments_expire(
    desk: BrowserContext, installation: Installation
) -> None:
    body = {"reference": "soon-over", "amount": AMOUNT, "description": "Filter papers", "expires_in": 600}
    payment = as_merchant(installation).post("/payments", json=body, headers={"Idempotency-Key": "soon-over"}).json()
    page, complaints = await opens(desk, installation, "admin", "Sandbox clock", "Sandbox clock")
    before = simulators_time(installation)
    await page.get_by_role("button", name="15 minutes").click()
    await expect(page.get_by_role("status").filter(has_text="fell due")).to_be_visible()
    await look(page, "admin-clock")

    assert 900 <= simulators_time(installation) - before < 960
    assert as_merchant(installation).get(f"/payments/{payment['id']}").json()["status"] == "expired"
    assert complaints == []


async def sees_the_story(page: Page) -> None:
    """Timeline, amounts and postings of the payment."""
    await expect(page.get_by_role("heading", level=1)).to_contain_text("75,000.00")
    timeline = page.locator("section").filter(has=page.get_by_role("heading", name="What happened")).locator("li")
    await expect(timeline.first).to_contain_text("Created")
    await expect(timeline.filter(has_text="Callback: paid").first).to_contain_text("Paid")
    await expect(timeline.last).to_contain_text("Written in the books")
    for code in ("asset:providers:", "income:fees:payments", "expense:fees:providers:", ":main:available"):
        await expect(page.locator("#postings")).to_contain_text(code)
    await look(page, "admin-payment")


async def reads_the_callbacks_bytes(page: Page, payment: dict[str, Any]) -> None:
    """The callback as it arrived, byte by byte."""
    callbacks = page.locator("section").filter(has=page.get_by_role("heading", name="Callbacks from the provider"))
    await callbacks.get_by_role("button").first.click()
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text(payment["attempts"][0]["provider_ref"])
    assert await axe_faults(page) == []
    await page.keyboard.press("Escape")


async def follows_a_delivery(page: Page) -> None:
    """From the payment to what was sent about it, and back."""
    deliveries = page.locator("section").filter(has=page.get_by_role("heading", name="Webhook deliveries"))
    await deliveries.get_by_role("link", name="payment.paid").first.click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("payment.paid")
    await look(page, "admin-delivery")
    await page.go_back()


async def goes_from_the_amount_to_its_entry(page: Page) -> None:
    """One click on a posting opens the entry with who, when and why."""
    await page.locator("#postings").get_by_role("link", name="payments.capture@2").click()
    await expect(page.get_by_text("Business date")).to_be_visible()
    await look(page, "admin-entry")


async def paid(installation: Installation, reference: str) -> dict[str, Any]:
    """A payment made with the merchant's key, paid at the simulator, whose callback has been worked on."""
    client = as_merchant(installation)
    body = {
        "reference": reference,
        "amount": AMOUNT,
        "description": "Filter papers",
        "customer": {"name": "Rini Puspita", "email": "rini@example.com"},
    }
    made = client.post("/payments", json=body, headers={"Idempotency-Key": reference}).json()
    httpx2.post(f"{made['checkout_url']}/pay", data={"method": "qr"}, headers={"Origin": installation.url})
    page = await where_to_pay(client, made["id"])
    httpx2.post(f"{page}/success")
    for _ in range(600):
        shown: dict[str, Any] = client.get(f"/payments/{made['id']}").json()
        if shown["status"] == "paid" and any(each["event_type"] == "payment.paid" for each in shown["deliveries"]):
            return shown
        await asyncio.sleep(0.1)
    pytest.fail(f"not paid and told: {shown}")


async def where_to_pay(client: httpx2.Client, payment_id: str) -> str:
    """The simulator's page of a payment, once the simulator has answered."""
    for _ in range(300):
        attempts = client.get(f"/payments/{payment_id}").json()["attempts"]
        if attempts and attempts[0]["action"]:
            address: str = attempts[0]["action"]["url"]
            return address
        await asyncio.sleep(0.1)
    pytest.fail("the simulator has not answered")


@cache
def as_merchant(installation: Installation) -> httpx2.Client:
    """The API with the merchant's key; one client for all, since each new one reads the machine's certificates."""
    key = {"Authorization": f"Bearer {installation.api_key('merchant')}"}
    return httpx2.Client(base_url=f"{installation.url}/api/v1", headers=key)


def asks_with(installation: Installation, key: str, path: str) -> int:
    """The status of a request with this key."""
    answer = httpx2.get(f"{installation.url}/api/v1{path}", headers={"Authorization": f"Bearer {key}"})
    return answer.status_code


def runs_again(installation: Installation, command: str) -> str:
    """The status of the copied command, run by a shell with the merchant's key."""
    environment = os.environ | {"SPECIE_API_KEY": installation.api_key("merchant")}
    quiet = f"{command} -s -o /dev/null -w '%{{http_code}}'"
    done = subprocess.run(["sh", "-c", quiet], env=environment, capture_output=True, text=True, check=True, timeout=30)
    return done.stdout


def simulators_time(installation: Installation) -> int:
    """The simulator's own clock, in seconds."""
    endpoints = as_merchant(installation).get("/webhook-endpoints").json()["data"]
    shop = next(row["url"] for row in endpoints if row["url"].endswith("/shop/webhooks"))
    return int(httpx2.get(shop.replace("/shop/webhooks", "/admin/book")).json()["now"])


def specie(installation: Installation, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command line beside the running installation."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SPECIE_")}
    environment |= {"SPECIE_STATE": str(installation.state)}
    command = [str(BIN / "specie"), *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)

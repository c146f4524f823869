"""A merchant collects: by the README's own command, with every behaviour of the provider, with a link to send."""

import asyncio
import os
import re
import subprocess
from collections.abc import Callable
from typing import Any

import httpx2
import orjson
import pytest
from playwright.async_api import BrowserContext, Page, expect
from standardwebhooks.webhooks import Webhook

from tests.journeys.test_admin import as_merchant
from tests.support.browser import PATIENCE_MS, PHONE, ROOT, axe_faults, fits, picture, visit, watched_page
from tests.support.console import go, look, opens, signed_in
from tests.support.installation import Installation
from tests.support.receiver import Receiver, receiving

README_AMOUNT = 15_000_000


async def test_the_readmes_payment_is_paid_shown_live_and_told_to_the_merchants_server(
    desk: BrowserContext, installation: Installation
) -> None:
    page, complaints = await opens(desk, installation, "merchant", "Webhooks", "Webhooks")
    with receiving() as receiver:
        secret = await adds_an_endpoint(page, receiver)
        payment = asks_as_the_readme_says(installation)
        await finds_it_in_the_list(page, payment)

        checkout = await opens_the_checkout(desk, payment)
        await pays(checkout, "Approve")

        await sees_without_reloading(page, "Paid")
        await expect(checkout.get_by_role("status")).to_have_text("Paid")
        await sees_everything_about_it(page)
        await sees_the_money_in_the_wallet(page, payment)
        await the_server_received_it(receiver, secret, payment)
        await sees_the_delivery(page, receiver)
    assert complaints == []


async def test_the_same_command_sent_again_makes_no_second_payment(installation: Installation) -> None:
    first, second = asks_as_the_readme_says(installation), asks_as_the_readme_says(installation)

    assert first["id"] == second["id"]


@pytest.mark.parametrize(
    ("button", "shown", "stands", "paid"),
    [
        ("Approve", "Paid", "Paid", True),
        ("Decline", "The payment did not go through", "Failed", False),
        ("Let it time out", "The time to pay is over", "Expired", False),
        ("Approve late", "Paid", "Paid", True),
        ("Approve, callback doubled", "Paid", "Paid", True),
        ("Approve, callbacks reordered", "Paid", "Paid", True),
        ("Approve, callback lost", "Paid", "Paid", True),
    ],
)
async def test_whatever_the_provider_does_the_merchant_is_credited_once_or_not_at_all(
    desk: BrowserContext, installation: Installation, button: str, shown: str, stands: str, paid: bool
) -> None:
    payment = asks(installation, reference=re.sub(r"\W+", "-", button))
    before = available(installation)
    page, complaints = await signed_in(desk, installation, "merchant", f"/payments/view/?id={payment['id']}")

    checkout = await opens_the_checkout(desk, payment)
    await pays(checkout, button)
    if "lost" in button:
        await checkout.get_by_role("button", name="Check again").click()

    await expect(checkout.get_by_text(shown, exact=True).first).to_be_visible()
    await sees_without_reloading(page, stands)
    credited = shown_payment(installation, payment["id"])["net"]
    assert available(installation) - before == (credited["amount"] if paid else 0)
    assert complaints == []


async def test_a_link_made_in_the_console_takes_money_from_whoever_opens_it(
    desk: BrowserContext, installation: Installation
) -> None:
    page, complaints = await opens(desk, installation, "merchant", "Payment links", "Payment links")
    await page.get_by_role("button", name="New link").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("For").fill("Roasting class")
    await dialog.get_by_label("Fixed amount").fill("250000")
    await dialog.get_by_role("button", name=re.compile("link", re.IGNORECASE)).last.click()
    row = page.get_by_role("row").filter(has_text="Roasting class")
    await expect(row).to_be_visible()
    await look(page, "merchant-payment-links")

    await row.get_by_role("button", name="Code").click()
    code = page.get_by_role("dialog").get_by_role("img")
    assert await code.evaluate("async picture => (await picture.decode(), picture.naturalWidth)") > 0
    assert await axe_faults(page) == []
    address = await page.get_by_role("dialog").locator("p.font-mono").inner_text()

    customer, _ = await watched_page(desk)
    await visit(customer, address)
    await customer.get_by_role("button").first.click()
    await pays(customer, "Approve")
    await expect(customer.get_by_role("status")).to_have_text("Paid")
    assert complaints == []


async def test_what_a_list_shows_is_saved_with_the_same_filter_by_one_key(
    desk: BrowserContext, installation: Installation
) -> None:
    page, complaints = await opens(desk, installation, "merchant", "Payments", "Payments")
    await look(page, "merchant-payments")
    await page.get_by_role("button", name="Cancelled").click()
    await expect(page.get_by_role("row")).to_have_count(2)

    async with page.expect_download() as saving:
        await page.keyboard.press("e")
    text = (await (await saving.value).path()).read_text()

    header, *rows = text.splitlines()
    assert header == "Created,For,Reference,Customer,State,Amount,Amount currency"
    [row] = rows
    assert row.endswith("Ordered by mistake,order-999,,cancelled,1250000.00,IDR")
    assert complaints == []


async def test_the_simulated_shop_shows_what_the_demos_endpoint_delivered(
    desk: BrowserContext, installation: Installation
) -> None:
    page, complaints = await signed_in(desk, installation, "merchant")
    await look(page, "merchant-home")
    payment = asks(installation, reference="simulated-shop")
    await go(page, "Webhooks", "Webhooks")
    address = page.get_by_role("table", name="Webhook endpoints").get_by_role("link").last
    await address.click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("/shop/webhooks")
    await look(page, "merchant-endpoint")

    shop, _ = await watched_page(desk)
    await until(lambda: payment["id"] in httpx2.get(shop_of(installation)).text)
    await visit(shop, shop_of(installation))
    await expect(shop.locator("li").first).to_contain_text("Signature right")
    await shop.set_viewport_size(PHONE)  # type: ignore[arg-type]
    assert await fits(shop)
    assert await axe_faults(shop) == []
    await picture(shop, "simulated-shop")
    assert complaints == []


async def adds_an_endpoint(page: Page, receiver: Receiver) -> str:
    """Make, where webhooks are, an endpoint for the merchant's server; returns its secret, which is shown this once."""
    await look(page, "merchant-webhooks")
    await page.get_by_role("button", name="New endpoint").click()
    await page.get_by_label("Address").fill(receiver.url)
    await page.get_by_role("button", name="Make the endpoint").click()
    shown_once = page.get_by_role("dialog", name="Copy the signing secret now")
    secret = await shown_once.locator("pre").inner_text()
    await page.keyboard.press("Escape")
    return secret


def asks_as_the_readme_says(installation: Installation) -> dict[str, Any]:
    """The payment that the command printed in README.md makes, run by a shell as it stands there."""
    readme = (ROOT / "README.md").read_text()
    found = re.search(r"^curl -s http.*?/payments \\\n(?:.*\\\n)*.*$", readme, re.MULTILINE)
    assert found is not None
    command = found[0].replace("http://127.0.0.1:8000", installation.url)
    environment = os.environ | {"SPECIE_API_KEY": installation.api_key("merchant")}
    answer = subprocess.run(["sh", "-c", command], env=environment, capture_output=True, check=True, timeout=30)
    payment: dict[str, Any] = orjson.loads(answer.stdout)
    assert payment["amount"] == {"amount": README_AMOUNT, "currency": "IDR"}, payment
    return payment


def asks(installation: Installation, *, reference: str) -> dict[str, Any]:
    """A payment of the merchant, made with its key."""
    body = {"reference": reference, "amount": {"amount": 5_000_000, "currency": "IDR"}, "description": "A grinder"}
    answer = as_merchant(installation).post("/payments", json=body, headers={"Idempotency-Key": reference})
    assert answer.status_code == 201, answer.text
    payment: dict[str, Any] = answer.json()
    return payment


async def finds_it_in_the_list(page: Page, payment: dict[str, Any]) -> None:
    """Search for the reference, and open the one row that has it."""
    await go(page, "Payments", "Payments")
    await page.get_by_label("Id or reference").fill(payment["reference"])
    await page.get_by_role("link", name="Two bags of beans").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("150,000.00")
    await expect(page.get_by_role("heading", level=1).get_by_role("status")).to_have_text("Created")


async def opens_the_checkout(context: BrowserContext, payment: dict[str, Any]) -> Page:
    """The customer's own page, on a phone."""
    checkout, _ = await watched_page(context)
    await checkout.set_viewport_size(PHONE)  # type: ignore[arg-type]
    await visit(checkout, payment["checkout_url"])
    return checkout


async def pays(checkout: Page, button: str) -> None:
    """Choose the code to scan, follow it to the simulator, and decide there how it ends."""
    await checkout.get_by_role("button", name=re.compile("QR code")).click()
    async with checkout.expect_popup() as opening:
        await checkout.locator("a.simulate").click()
    simulator = await opening.value
    # A button's name goes on with what it means, after the words it is called by.
    await simulator.get_by_role("button", name=re.compile(rf"^{button}\s*[A-Z]")).click()


async def sees_without_reloading(page: Page, state: str) -> None:
    """The open payment page follows by itself."""
    await expect(page.get_by_role("heading", level=1).get_by_role("status")).to_have_text(state)


async def sees_everything_about_it(page: Page) -> None:
    """The payment's page tells its story, its postings by account, its callbacks, events and deliveries."""
    for part in ("What happened", "Postings", "Attempts", "Callbacks from the provider", "Webhook deliveries"):
        await expect(page.get_by_role("heading", name=part, exact=True)).to_be_visible()
    await expect(page.locator("#postings")).to_contain_text("income:fees:payments")
    await look(page, "merchant-payment")


async def sees_the_money_in_the_wallet(page: Page, payment: dict[str, Any]) -> None:
    """The wallet's history holds the payment."""
    await go(page, "Wallets", "Wallet")
    await expect(page.get_by_text(f"Payment {payment['reference']}").first).to_be_visible()


async def the_server_received_it(receiver: Receiver, secret: str, payment: dict[str, Any]) -> None:
    """Every state arrived, and the standard's own library accepts the signature over the raw bytes."""
    wanted = {"payment.created", "payment.pending", "payment.paid"}
    await until(lambda: receiver.about(payment["id"]).keys() >= wanted)
    for headers, body in receiver.about(payment["id"]).values():
        Webhook(secret).verify(body, headers)


async def sees_the_delivery(page: Page, receiver: Receiver) -> None:
    """The endpoint's page shows the delivery with its answer, and the attempt behind it."""
    await go(page, "Webhooks", "Webhooks")
    await page.get_by_role("link", name=receiver.url).click()
    await page.get_by_role("link", name="payment.paid").first.click()
    await expect(page.get_by_role("heading", name="Attempt 1")).to_be_visible()
    await expect(page.get_by_role("heading", level=1).get_by_role("status")).to_have_text("Delivered")
    await look(page, "merchant-delivery")


def shown_payment(installation: Installation, payment_id: str) -> dict[str, Any]:
    """The payment as the API tells it."""
    payment: dict[str, Any] = as_merchant(installation).get(f"/payments/{payment_id}").json()
    return payment


def available(installation: Installation) -> int:
    """What the merchant can spend in rupiah, in minor units."""
    rows = as_merchant(installation).get("/wallets").json()["data"]
    return next(int(row["available"]["amount"]) for row in rows if row["available"]["currency"] == "IDR")


def shop_of(installation: Installation) -> str:
    """Where the demo's simulated shop takes webhooks."""
    endpoints = as_merchant(installation).get("/webhook-endpoints").json()["data"]
    return next(str(row["url"]) for row in endpoints if row["url"].endswith("/shop/webhooks"))


async def until(happened: Callable[[], bool]) -> None:
    """Wait until it has happened."""
    for _ in range(PATIENCE_MS // 100):
        if happened():
            return
        await asyncio.sleep(0.1)
    raise AssertionError("it has not happened in time")

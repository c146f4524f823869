"""The hosted page in a real browser: it follows the payment by itself, on a phone, without an error in the console."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from specie.kernel.ids import PaymentId
from tests.support.browser import PHONE, axe_faults, fits, launched, leave, watched_page
from tests.support.shop import Shop


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """The system's Chromium."""
    async with launched() as started:
        yield started


@pytest_asyncio.fixture(loop_scope="session")
async def phone(browser: Browser) -> AsyncIterator[Page]:
    """A narrow page on which any complaint of the console fails the test."""
    context = await browser.new_context(viewport=PHONE, locale="en-US")
    page, complaints = await watched_page(context)
    yield page
    await leave(context)
    assert complaints == []


async def address(shop: Shop, payment_id: PaymentId) -> str:
    url: str = (await shop.get(f"/payments/{payment_id}")).json()["checkout_url"]
    return url


async def test_the_page_becomes_a_receipt_by_itself(shop: Shop, phone: Page) -> None:
    payment_id = await shop.payment(description="Two coffees")
    await phone.goto(await address(shop, payment_id))
    assert await fits(phone)
    await phone.click("button[value=qr]")
    await phone.wait_for_selector(".qr")
    assert await fits(phone)
    assert await phone.inner_text("#countdown") != ""

    link = await phone.get_attribute("a.simulate", "href")
    await shop.client.post(f"{link}/success")
    await shop.settled(payment_id, "paid")

    await phone.wait_for_selector("text=Receipt")
    assert await phone.inner_text("[role=status]") == "Paid"
    assert await fits(phone)


async def test_the_code_is_hidden_when_time_is_over(shop: Shop, phone: Page) -> None:
    payment_id = await shop.payment(expires_in=60)
    await phone.clock.install()
    await phone.goto(await address(shop, payment_id))
    await phone.click("button[value=qr]")
    await phone.wait_for_selector(".qr")

    await phone.clock.fast_forward(61_000)

    await phone.wait_for_selector(".qr", state="hidden")


@pytest.mark.parametrize("method", ["qr", "virtual_account", "ewallet", "card"])
async def test_every_way_to_pay_fits_a_phone_and_takes_two_actions(shop: Shop, phone: Page, method: str) -> None:
    await phone.goto(await address(shop, await shop.payment()))

    await phone.click(f"button[value={method}]")
    await phone.wait_for_selector("text=Waiting for your payment")

    assert await fits(phone)


async def faults_by_day_and_night(page: Page) -> list[str]:
    """Rules of accessibility the page breaks; by night nothing but the colours is different."""
    faults = await axe_faults(page)
    await page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    faults += await axe_faults(page, "color-contrast")
    await page.emulate_media(color_scheme="light", reduced_motion="reduce")
    return faults


async def test_no_stage_of_the_page_breaks_a_rule_of_accessibility(shop: Shop, browser: Browser) -> None:
    colours = {"display_name": "Kopi Senja", "accent_colour": "#0f766e"}
    await shop.client.patch(f"{shop.url}/api/v1/payment-settings", json=colours, headers=shop.headers)
    context = await browser.new_context(viewport=PHONE, reduced_motion="reduce", bypass_csp=True)
    page = await context.new_page()
    for scenario, method in [("", "qr"), ("", "virtual_account"), ("refuse", "card"), ("no_answer", "ewallet")]:
        await page.goto(await address(shop, await shop.payment(scenario, description="Two coffees")))
        assert await faults_by_day_and_night(page) == []
        await page.click(f"button[value={method}]")
        await page.wait_for_selector(".badge")
        assert await faults_by_day_and_night(page) == [], (scenario, method)
    paid = await shop.payment("lost")
    await shop.pay(paid)
    await shop.post(f"/payments/{paid}/check")
    await page.goto(await address(shop, paid))
    assert await faults_by_day_and_night(page) == []
    await leave(context)

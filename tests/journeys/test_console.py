"""What every reader of the console leans on: names instead of ids, views kept, the API explained, a way to begin."""

import os
import subprocess
import sys
from pathlib import Path

from playwright.async_api import BrowserContext, Locator, Page, expect

from tests.journeys.test_admin import runs_again
from tests.journeys.test_merchant import opens_the_checkout, pays
from tests.support.browser import axe_faults, visit, watched_page
from tests.support.console import go, log_in, look, opens, signed_in
from tests.support.installation import Installation

SPECIE = Path(sys.executable).parent / "specie"
PASSWORD = "kopi tubruk pagi hari"


async def test_people_and_owners_are_shown_by_name(desk: BrowserContext, installation: Installation) -> None:
    page, complaints = await log_in(desk, installation, "admin")

    await go(page, "Audit log", "Audit log")
    await expect(page.get_by_role("row").filter(has_text="session.start").first).to_contain_text("Agus Wijaya")
    await go(page, "Books", "Books")
    await expect(page.get_by_role("button", name="Simulator").first).to_be_visible()
    await go(page, "Wallets", "Wallets")
    await expect(page.get_by_role("heading", name="Budi Santoso · IDR", exact=True)).to_be_visible()
    await look(page, "admin-wallets")
    assert complaints == []


async def test_filters_are_kept_under_a_name_for_the_one_who_kept_them(
    desk: BrowserContext, installation: Installation
) -> None:
    page, complaints = await opens(desk, installation, "merchant", "Payments", "Payments")
    await expect(page.get_by_role("button", name="Save this view")).to_have_count(0)
    await page.get_by_role("button", name="Cancelled").click()
    await page.get_by_role("button", name="Save this view").click()
    await page.get_by_label("Name").fill("Mistakes")
    assert await axe_faults(page) == []
    await page.get_by_role("button", name="Save the view").click()

    await visit(page, "/payments/")
    await expect(page.get_by_role("row").nth(5)).to_be_visible()
    await page.get_by_role("link", name="Mistakes").click()
    await expect(page.get_by_role("row")).to_have_count(2)
    await look(page, "merchant-saved-view")

    somebody_else, _ = await signed_in(desk, installation, "finance", "/payments/")
    await expect(somebody_else.get_by_role("row").nth(5)).to_be_visible()
    await expect(somebody_else.get_by_role("link", name="Mistakes")).to_have_count(0)
    assert complaints == []


async def test_a_view_forgotten_stays_forgotten(desk: BrowserContext, installation: Installation) -> None:
    page, _ = await signed_in(desk, installation, "merchant", "/payments/?status=expired")
    await page.get_by_role("button", name="Save this view").click()
    await page.get_by_label("Name").fill("Too late")
    await page.keyboard.press("Enter")

    await page.get_by_role("button", name="Forget the view Too late").click()

    await page.reload()
    await expect(page.get_by_role("button", name="Save this view")).to_be_visible()
    await expect(page.get_by_role("link", name="Too late")).to_have_count(0)


async def test_the_reference_gives_a_command_that_works(desk: BrowserContext, installation: Installation) -> None:
    await desk.grant_permissions(["clipboard-read", "clipboard-write"])
    page, complaints = await opens(desk, installation, "admin", "API reference", "API reference")
    await page.get_by_label("Path or word").fill("post /payments hosted page")
    await page.get_by_role("button", name="POST /api/v1/payments Create Payment").click()
    await expect(page.get_by_role("link", name="reference_taken")).to_be_visible()
    await look(page, "admin-reference")

    await page.get_by_role("button", name="Copy", exact=True).click()

    command = await page.evaluate("navigator.clipboard.readText()")
    ours = command.replace("order-1001", "from-the-reference").replace("choose-your-own-1", "from-the-reference")
    assert runs_again(installation, ours) == "201"
    assert complaints == []


async def test_a_new_organisation_is_led_to_its_first_paid_payment(
    desk: BrowserContext, installation: Installation
) -> None:
    founds(installation, "wati@toko.example")
    page, complaints = await enters(desk, "wati@toko.example")
    await expect(page.get_by_role("heading", name="Your first payment")).to_be_visible()
    await look(page, "owner-first-steps")

    await page.get_by_label("Name of the shop").fill("Toko Wati")
    await page.get_by_role("button", name="Add the merchant").click()
    await expect(step(page, "Name who collects the money")).to_contain_text("(done)")
    await step(page, "Create a payment").get_by_role("button", name="New payment").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Amount").fill("25000")
    await dialog.get_by_label("For").fill("First coffee")
    await dialog.get_by_label("Reference").fill("first-1")
    await dialog.get_by_role("button", name="Ask for the payment").click()
    await page.wait_for_url("**/payments/view/**")

    await visit(page, "/home/")
    await step(page, "Open its checkout").get_by_role("link", name="Open the payment").click()
    address = await page.get_by_role("link", name="Open the page").get_attribute("href")
    checkout = await opens_the_checkout(desk, {"checkout_url": address})
    await pays(checkout, "Approve")
    status = page.get_by_role("heading", level=1).get_by_role("status")
    await expect(status).to_have_text("Paid")

    await visit(page, "/home/")
    await expect(page.get_by_role("link", name="First coffee")).to_be_visible()
    await expect(page.get_by_role("heading", name="Your first payment")).to_have_count(0)
    assert complaints == []


def founds(installation: Installation, email: str) -> None:
    """An organisation with nothing in it but its owner, made as the handbook says."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SPECIE_")}
    environment |= {"SPECIE_STATE": str(installation.state)}
    command = [SPECIE, "user", "create", email, "--tenant", "toko-wati", "--found", "Toko Wati", "--password-stdin"]
    subprocess.run(command, input=f"{PASSWORD}\n", env=environment, text=True, check=True, timeout=120)


async def enters(context: BrowserContext, email: str) -> tuple[Page, list[str]]:
    """The console of somebody who is not of the demo, in the sandbox of their organisation."""
    page, complaints = await watched_page(context)
    await visit(page, "/login/")
    await page.get_by_label("E-mail").fill(email)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Log in").click()
    await page.get_by_role("button").filter(has_text="Sandbox").click()
    await page.wait_for_url("**/home/")
    return page, complaints


def step(page: Page, title: str) -> Locator:
    """One of the first steps."""
    return page.get_by_role("listitem").filter(has=page.get_by_role("heading", name=title))
